//! What one dump of the database says without keys (promise P3).

use std::collections::BTreeMap;
use std::sync::Arc;

use sluis_proto::consent::v1 as proto;
use sluis_store::{FromColumn as _, Parts, Statement, Store};
use sluis_types::GrantId;

use crate::acts::provision;
use crate::world::{ISSUER, World, contains, every_file};

/// What would name or group somebody, in every form in which it could stand in a file.
fn planted(world: &World, handles: &[sluis_types::Handle], grants: &[GrantId]) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for name in [
        "anna-planted",
        "bert-planted",
        "carla-planted",
        ISSUER,
        "share-consent",
        "anna-planted@post.planted.example",
        "post.planted.example",
    ] {
        all.push((name.into(), name.as_bytes().to_vec()));
    }
    for oin in [world.welfare.oin, world.ggz.oin] {
        all.push((format!("OIN {oin}"), oin.as_bytes().to_vec()));
    }
    for handle in handles {
        all.push(("a handle".into(), handle.as_bytes().to_vec()));
        all.push(("a handle as text".into(), handle.expose().into_bytes()));
    }
    for grant in grants {
        all.push(("a grant id".into(), grant.as_bytes().to_vec()));
        all.push(("a grant id as text".into(), grant.to_string().into_bytes()));
    }
    all
}

/// A world with a past: links, questions, answers, messages sent and opened, a withdrawal, an expiry.
async fn lived_in() -> (World, Vec<(String, Vec<u8>)>) {
    let world = World::start().await;
    let (mut handles, mut grants, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for name in ["anna-planted", "bert-planted"] {
        let granted = world.granted(name).await;
        let sent = world.send(&granted.handle).await;
        let opened = world.open(&sent).await.unwrap();
        let question = world.question(vec![provision()]);
        world
            .as_welfare()
            .propose_consent(world.proposing(&granted.handle, vec![question]))
            .await
            .unwrap();
        let code = world.code(&granted.resident, world.ggz.oin).await;
        codes.extend([code.code.replace('-', ""), code.qr_code]);
        handles.extend([granted.handle, *opened.handle()]);
        grants.push(granted.id());
        codes.push(String::new());
        world
            .appointed("carla-planted", name, &granted.handle, proto::MandateKind::Mentor)
            .await;
        let helped = world.helped_with_grant().await;
        world.recorded(&helped.handle).await;
        handles.push(helped.handle);
        codes.extend([helped.letter.replace('-', ""), helped.picture]);
        let encircled = world.encircled(name).await;
        grants.push(encircled.grant().grant_id.parse().unwrap());
        world
            .subscribed(&granted.resident, &format!("{name}@post.planted.example"))
            .await;
        world.ask_unseen(&granted.handle).await;
        if name == "anna-planted" {
            world.withdraw(&granted).await;
        }
    }
    let _wrong = world
        .as_ggz()
        .redeem_link_code(world.redeeming("00000-00000"))
        .await;
    let mut planted = planted(&world, &handles, &grants);
    planted.extend(
        codes
            .into_iter()
            .filter(|code| !code.is_empty())
            .map(|code| (code.clone(), code.into_bytes())),
    );
    (world, planted)
}

#[tokio::test]
async fn p3_no_file_of_the_database_names_anybody_or_anything_of_theirs() {
    let (world, planted) = Box::pin(lived_in()).await;
    let session = world.log_in("anna-planted").await;
    let mut planted = planted;
    planted.push(("a session token".into(), session.token.clone()));
    // While it runs, with its WAL, and after it has stopped.
    let look = |files: Vec<(std::path::PathBuf, Vec<u8>)>| {
        let mut looked_at = 0;
        for (path, bytes) in files {
            if !path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("consent.db")
            {
                continue;
            }
            looked_at += bytes.len();
            for (what, needle) in &planted {
                assert!(!contains(&bytes, needle), "{what} stands in {}", path.display());
            }
        }
        assert!(looked_at > 100_000, "there was something to look at");
    };
    look(every_file(world.home.path()));
    let remains = world.end().await;
    look(every_file(remains.home.path()));
}

#[tokio::test]
async fn p3_the_search_finds_what_a_faulty_index_leaves() {
    #[derive(Debug)]
    struct ClearIndex;
    impl sluis_keyring::BlindIndex for ClearIndex {
        fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
            let mut key = sluis_envelope::hash(label, parts);
            if let ("access.grant", [id]) = (label, parts) {
                key[..16].copy_from_slice(id);
            }
            key
        }
    }
    let world = World::start_changed(Box::new(|parts| parts.index = Arc::new(ClearIndex))).await;
    let granted = world.granted("anna").await;
    let found = every_file(world.home.path())
        .iter()
        .filter(|(path, _)| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("consent.db")
        })
        .any(|(_, bytes)| contains(bytes, granted.id().as_bytes()));
    assert!(found, "a table that keeps grant ids clear is noticed");
}

/// Each table's bytes that could join rows.
const COLUMNS: &[(&str, Statement)] = &[
    (
        "access.key",
        Statement::same("SELECT key FROM access LIMIT 10000"),
    ),
    (
        "access.sealed",
        Statement::same("SELECT sealed FROM access LIMIT 10000"),
    ),
    ("head.key", Statement::same("SELECT key FROM head LIMIT 10000")),
    (
        "head.sealed",
        Statement::same("SELECT sealed FROM head LIMIT 10000"),
    ),
    ("link.tag", Statement::same("SELECT tag FROM link LIMIT 10000")),
    (
        "link.sealed",
        Statement::same("SELECT sealed FROM link LIMIT 10000"),
    ),
    (
        "proposal.tag",
        Statement::same("SELECT tag FROM proposal LIMIT 10000"),
    ),
    (
        "proposal.sealed",
        Statement::same("SELECT sealed FROM proposal LIMIT 10000"),
    ),
    (
        "grant_row.tag",
        Statement::same("SELECT tag FROM grant_row LIMIT 10000"),
    ),
    (
        "grant_row.sealed",
        Statement::same("SELECT sealed FROM grant_row LIMIT 10000"),
    ),
    (
        "mandate.tag",
        Statement::same("SELECT tag FROM mandate LIMIT 10000"),
    ),
    (
        "mandate.sealed",
        Statement::same("SELECT sealed FROM mandate LIMIT 10000"),
    ),
    (
        "receipt.tag",
        Statement::same("SELECT tag FROM receipt LIMIT 10000"),
    ),
    (
        "receipt.sealed",
        Statement::same("SELECT sealed FROM receipt LIMIT 10000"),
    ),
    (
        "session.key",
        Statement::same("SELECT key FROM session LIMIT 10000"),
    ),
    (
        "session.sealed",
        Statement::same("SELECT sealed FROM session LIMIT 10000"),
    ),
    (
        "bundle.tag",
        Statement::same("SELECT tag FROM bundle LIMIT 10000"),
    ),
    (
        "bundle.sealed",
        Statement::same("SELECT sealed FROM bundle LIMIT 10000"),
    ),
    ("tries.key", Statement::same("SELECT key FROM tries LIMIT 10000")),
    (
        "tries.sealed",
        Statement::same("SELECT sealed FROM tries LIMIT 10000"),
    ),
    (
        "notice_address.key",
        Statement::same("SELECT key FROM notice_address LIMIT 10000"),
    ),
    (
        "notice_address.sealed",
        Statement::same("SELECT sealed FROM notice_address LIMIT 10000"),
    ),
    (
        "notice_due.id",
        Statement::same("SELECT id FROM notice_due LIMIT 10000"),
    ),
    (
        "notice_due.sealed",
        Statement::same("SELECT sealed FROM notice_due LIMIT 10000"),
    ),
    ("due.id", Statement::same("SELECT id FROM due LIMIT 10000")),
    (
        "due.sealed",
        Statement::same("SELECT sealed FROM due LIMIT 10000"),
    ),
    ("bucket.id", Statement::same("SELECT id FROM bucket LIMIT 10000")),
    (
        "bucket.sealed",
        Statement::same("SELECT sealed FROM bucket LIMIT 10000"),
    ),
    (
        "idempotency.request_key",
        Statement::same("SELECT request_key FROM idempotency LIMIT 10000"),
    ),
    (
        "idempotency.body_tag",
        Statement::same("SELECT body_tag FROM idempotency LIMIT 10000"),
    ),
    ("outbox.id", Statement::same("SELECT id FROM outbox LIMIT 10000")),
    (
        "outbox.payload",
        Statement::same("SELECT payload FROM outbox LIMIT 10000"),
    ),
];

#[tokio::test]
async fn p3_no_two_rows_share_a_value_and_no_length_says_anything() {
    let (world, _) = Box::pin(lived_in()).await;
    let parts = Parts {
        journal: Arc::new(world.ledger.clone()),
        column_keys: world.keys.columns().clone(),
        index: world.keys.blind_index(),
        clock: world.clock.clone(),
        randomness: world.randomness.clone(),
    };
    let store = Store::open(&world.store, &sluis_consent::schema(), parts)
        .await
        .unwrap();
    let mut read = store.read("test").await.unwrap();
    let mut tx = read.tx();
    let mut seen: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
    for (column, select) in COLUMNS {
        let rows = tx.fetch_all(*select, &[]).await.unwrap();
        assert!(!rows.is_empty(), "{column} has rows to look at");
        let values: Vec<Vec<u8>> = rows.iter().map(|row| Vec::from_column(row, 0).unwrap()).collect();
        // Events are read by other services in clear, and are all but one length by themselves.
        let one_length = values.iter().all(|value| value.len() == values[0].len());
        assert!(
            one_length || *column == "outbox.payload",
            "{column} has one length"
        );
        for value in values {
            if let Some(other) = seen.insert(value, column) {
                panic!("{column} shares a value with {other}");
            }
        }
    }
    // The due times of one resident's rows are whole hours or days.
    for due in [
        Statement::same("SELECT due FROM due LIMIT 10000"),
        Statement::same("SELECT due FROM notice_due LIMIT 10000"),
    ] {
        for row in tx.fetch_all(due, &[]).await.unwrap() {
            assert_eq!(row.get::<i64>(0).unwrap() % 3_600_000_000, 0);
        }
    }
}

/// What two organisations know of one resident cannot be put together.
#[tokio::test]
async fn handles_differ_per_organisation_and_per_resident() {
    let world = World::start().await;
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    let mut handles = Vec::new();
    for resident in [&anna, &bert] {
        for organisation in [&world.welfare, &world.ggz, &world.stranger] {
            handles.push(world.link(resident, organisation).await.expose());
        }
    }
    let links = anna
        .client
        .clone()
        .list_links(proto::ListLinksRequest {})
        .await
        .unwrap()
        .into_inner()
        .links;
    assert_eq!(links.len(), 3);
    handles.sort();
    handles.dedup();
    assert_eq!(handles.len(), 6);
}
