//! The gate and other legal bases: a key of its own that opens nothing else (P2), at rest like any grant (P3), and one
//! answer for every no (P6).

use std::collections::BTreeSet;

use sluis_proto::consent::v1::{self as proto, GrantChange, watch_grants_response::Event};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::MeshRole;
use sluis_store::{FromColumn as _, Parts, Statement, Store};
use sluis_store_testing::{TestDatabases, Watcher, assert_all_alike};
use sluis_types::{DataKind, Handle, MessageKind};

use crate::basis_acts::{contact, signal_scope};
use crate::changing::NO_GRANT;
use crate::letters::{DAY, assert_reads, scope};
use crate::no_oracle::watched;
use crate::representatives::{ONE, OTHER};
use crate::world::{World, contains, every_file, refusal};

/// The two have keys of their own, between the same organisations and about the same resident: neither opens what the
/// other sealed, and neither ends with the other.
#[tokio::test]
async fn p2_a_basis_opens_nothing_that_consent_sealed_and_the_other_way_round() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let by_consent = world.send(&granted.handle).await;
    let record = world
        .record_basis(&world.welfare, world.danger(&granted.handle))
        .await;
    let id = &record.legal_basis_id;
    let on_basis = world.signal_on(id, &granted.handle).await.unwrap();
    let header = |sent: &crate::acts::Sent| sent.envelope.manifest.header().clone();
    assert_ne!(header(&by_consent).grant_id(), header(&on_basis).grant_id());
    assert_ne!(header(&by_consent).gate_key_id(), header(&on_basis).gate_key_id());
    // Consent ends: what it sealed is closed for good, and the basis stays.
    world.withdraw(&granted).await;
    assert_eq!(
        refusal(world.open(&by_consent).await.map(drop)),
        ErrorReason::NotAvailable,
        "the basis opens nothing of it"
    );
    assert_reads(&world.open(&on_basis).await.unwrap(), &on_basis.envelope);

    // The other way round.
    let granted = world.granted("bert").await;
    let by_consent = world.send(&granted.handle).await;
    let record = world
        .record_basis(&world.welfare, world.danger(&granted.handle))
        .await;
    let id = &record.legal_basis_id;
    let on_basis = world.signal_on(id, &granted.handle).await.unwrap();
    world.end_basis(&world.welfare, id).await;
    assert_eq!(
        refusal(world.open(&on_basis).await.map(drop)),
        ErrorReason::NotAvailable,
        "consent opens nothing of it"
    );
    world.open(&by_consent).await.unwrap();
    // Neither is authorised by the other: a scope of the one is no scope of the other, nor is its id its name.
    let mut welfare = world.as_welfare();
    let of_consent = world.asking_on(id, &granted.handle, &world.ggz, &scope(&[DataKind::Plan]));
    assert_eq!(
        refusal(welfare.authorize(of_consent).await),
        ErrorReason::NotAvailable
    );
    let by_id = world.asking_on(
        &granted.grant.grant_id,
        &granted.handle,
        &world.ggz,
        &scope(&[DataKind::Plan]),
    );
    assert_eq!(
        refusal(welfare.authorize(by_id).await),
        ErrorReason::NotAvailable,
        "a consent's id is no basis"
    );
    // Nor does one record answer for another between the same two.
    let other = world
        .record_basis(&world.welfare, world.danger(&granted.handle))
        .await;
    let ended = world.asking_on(id, &granted.handle, &world.ggz, &contact());
    assert_eq!(refusal(welfare.authorize(ended).await), ErrorReason::NotAvailable);
    let absent = world.asking_on(NO_GRANT, &granted.handle, &world.ggz, &contact());
    assert_eq!(
        refusal(welfare.authorize(absent).await),
        ErrorReason::NotAvailable
    );
    world
        .signal_on(&other.legal_basis_id, &granted.handle)
        .await
        .unwrap();
    let without = world.asking_on("", &granted.handle, &world.ggz, &contact());
    assert_eq!(
        refusal(welfare.authorize(without).await),
        ErrorReason::NotAvailable,
        "a basis is found by its id only"
    );
}

/// A record that is the resident's first grant row of all answers to its own id only.
#[tokio::test]
async fn p2_no_row_stands_in_for_a_basis_that_is_not_there() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let live = world.record_basis(&world.welfare, world.danger(&handle)).await;
    let mut welfare = world.as_welfare();
    for id in ["", NO_GRANT] {
        let request = world.asking_on(id, &handle, &world.ggz, &contact());
        assert_eq!(
            refusal(welfare.authorize(request).await),
            ErrorReason::NotAvailable
        );
        let newest = world.log(&resident).await.remove(0);
        assert_eq!(newest.legal_basis(), proto::LegalBasis::Unspecified);
    }
    world.signal_on(&live.legal_basis_id, &handle).await.unwrap();
}

#[tokio::test]
async fn p2_ending_a_basis_destroys_its_key_before_the_answer_and_so_does_its_time() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let staying = world.granted("bert").await;
    let kept = world.send(&staying.handle).await;
    for by_time in [false, true] {
        let record = world.record_basis(&world.welfare, world.emergency(&handle)).await;
        let sent = world.signal_on(&record.legal_basis_id, &handle).await.unwrap();
        let before = every_file(&world.bucket_dir());
        if by_time {
            world.clock.advance(DAY);
            assert_eq!(world.consent.expire().await.unwrap().grants, 1);
        } else {
            world.end_basis(&world.welfare, &record.legal_basis_id).await;
        }
        let after = every_file(&world.bucket_dir());
        for (path, bytes) in before
            .iter()
            .filter(|(path, _)| path.extension().is_some_and(|it| it == "key"))
        {
            let is_gone = after.iter().all(|(_, other)| other != bytes);
            assert!(is_gone, "{} is still there", path.display());
        }
        assert_eq!(
            refusal(world.open(&sent).await.map(drop)),
            ErrorReason::NotAvailable
        );
    }
    world.open(&kept).await.unwrap();
}

/// Referral hears of its end as of any grant's, and of nothing that says it was none.
#[tokio::test]
async fn the_end_of_a_basis_is_told_like_the_end_of_a_grant() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let record = world.record_basis(&world.welfare, world.danger(&handle)).await;
    world.end_basis(&world.welfare, &record.legal_basis_id).await;
    let request = proto::WatchGrantsRequest::default();
    let stream = world.events(MeshRole::Referral).watch_grants(request).await;
    let mut stream = stream.unwrap().into_inner();
    loop {
        let message = stream.message().await.unwrap().unwrap();
        if let Some(Event::Grant(event)) = message.event {
            let id: sluis_types::GrantId = record.legal_basis_id.parse().unwrap();
            assert_eq!(event.grant_id.as_ref(), id.as_bytes());
            assert_eq!((event.version, event.change()), (1, GrantChange::Ended));
            break;
        }
    }
}

#[tokio::test]
async fn p3_at_rest_a_basis_is_a_grant_like_any_other() {
    let world = World::start().await;
    let granted = world.granted("anna-planted").await;
    let handle = &granted.handle;
    let mut ids = vec![granted.grant.grant_id.clone()];
    for request in [world.danger(handle), world.emergency(handle)] {
        let deferred = proto::RecordLegalBasisRequest {
            deferral: Some(world.deferred(9)),
            ..request
        };
        let record = world.record_basis(&world.welfare, deferred).await;
        let sent = world.signal_on(&record.legal_basis_id, handle).await.unwrap();
        world.open(&sent).await.unwrap();
        ids.push(record.legal_basis_id);
    }
    let (_, _, record) = world.in_arrears("bert-planted").await;
    ids.push(record.legal_basis_id);
    let mut planted: Vec<Vec<u8>> = Vec::new();
    for id in &ids {
        let id: sluis_types::GrantId = id.parse().unwrap();
        planted.extend([id.as_bytes().to_vec(), id.to_string().into_bytes()]);
    }
    for oin in [world.municipality.oin, world.stranger.oin, world.welfare.oin] {
        planted.push(oin.as_bytes().to_vec());
    }
    planted.push(vec![6; 32]);
    for (path, bytes) in every_file(world.home.path()) {
        let is_database = path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("consent.db");
        for needle in planted.iter().filter(|_| is_database) {
            assert!(
                !contains(&bytes, needle),
                "{needle:?} stands in {}",
                path.display()
            );
        }
    }
    // One table, one length: no row says which of them is no consent.
    let lengths = column_lengths(&world, Statement::same("SELECT sealed FROM grant_row LIMIT 100")).await;
    assert_eq!((lengths.len(), lengths.iter().sum::<usize>() > 0), (1, true));
}

async fn column_lengths(world: &World, statement: Statement) -> BTreeSet<usize> {
    let parts = Parts {
        journal: std::sync::Arc::new(world.ledger.clone()),
        column_keys: world.keys.columns().clone(),
        index: world.keys.blind_index(),
        clock: world.clock.clone(),
        randomness: world.randomness.clone(),
    };
    let store = Store::open(&world.store, &sluis_consent::schema(), parts)
        .await
        .unwrap();
    let lengths = {
        let mut read = store.read("lengths").await.unwrap();
        let rows = read
            .tx()
            .fetch_all(statement, sluis_store::args![])
            .await
            .unwrap();
        rows.iter()
            .map(|row| Vec::<u8>::from_column(row, 0).unwrap().len())
            .collect()
    };
    store.close().await;
    lengths
}

#[tokio::test]
async fn p6_every_no_on_a_basis_is_the_same() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    let own = world.link(&anna, &world.welfare).await;
    let other = world.link(&bert, &world.welfare).await;
    let housing = world.link(&anna, &world.stranger).await;
    let live = world.record_basis(&world.welfare, world.danger(&own)).await;
    let ended = world.record_basis(&world.welfare, world.danger(&own)).await;
    world.end_basis(&world.welfare, &ended.legal_basis_id).await;
    let foreign = world.record_basis(&world.stranger, world.arrears(&housing)).await;
    let beyond = signal_scope(&[DataKind::Financial]);
    let nobody = Handle::from_bytes([7; 16]);
    let mut all = Vec::new();
    for (what, id, handle, scope) in [
        ("absent", NO_GRANT, &own, contact()),
        ("ended", &ended.legal_basis_id, &own, contact()),
        ("another organisation's", &foreign.legal_basis_id, &own, contact()),
        ("about another resident", &live.legal_basis_id, &other, contact()),
        ("about nobody", &live.legal_basis_id, &nobody, contact()),
        ("beyond the basis", &live.legal_basis_id, &own, beyond),
    ] {
        let request = world.asking_on(id, handle, &world.ggz, &scope);
        let mut welfare = world.as_welfare();
        all.push((what, watcher.refused(welfare.authorize(request)).await));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_another_organisations_basis_is_answered_like_none() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let anna = world.log_in("anna").await;
    let handle = world.link(&anna, &world.welfare).await;
    let record = world.record_basis(&world.welfare, world.danger(&handle)).await;
    let both = [("absent", NO_GRANT), ("foreign", record.legal_basis_id.as_str())];
    let mut confirmed = Vec::new();
    for (what, id) in both {
        let mut ggz = world.basing(&world.ggz, OTHER);
        let call = ggz.confirm_legal_basis(world.confirming_basis(id));
        confirmed.push((what, watcher.refused(call).await));
    }
    assert_all_alike(&confirmed);
    let mut ended = Vec::new();
    for (what, id) in both {
        let mut ggz = world.basing(&world.ggz, ONE);
        let call = ggz.end_legal_basis(world.ending_basis(id));
        ended.push((what, watcher.refused(call).await));
    }
    assert_all_alike(&ended);
    let mut reviewed = Vec::new();
    for (what, id) in both {
        let mut officer = world.officer(&world.ggz);
        let call = officer.review_legal_basis(world.reviewing(id, proto::ReviewOutcome::Upheld));
        reviewed.push((what, watcher.refused(call).await));
    }
    assert_all_alike(&reviewed);
}

#[tokio::test]
async fn p6_recording_a_basis_about_nobody_looks_like_recording_one_about_somebody() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    let known = world.link(&anna, &world.welfare).await;
    let foreign = world.link(&bert, &world.stranger).await;
    // The first makes a bucket, whoever it is about.
    world.record_basis(&world.welfare, world.danger(&known)).await;
    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("there", &known),
        ("foreign", &foreign),
    ] {
        let ((), mut work) = watcher
            .work_of(async {
                let record = world.record_basis(&world.welfare, world.danger(handle)).await;
                world.confirm_basis(&world.welfare, &record.legal_basis_id).await;
                world.end_basis(&world.welfare, &record.legal_basis_id).await;
            })
            .await;
        // A place for a key is looked for from a random id on, and once more from the start where none is behind it.
        let looks_for_room = |sql: &String| sql.starts_with("SELECT id FROM bucket WHERE used");
        work.statements.retain(|sql| !looks_for_room(sql));
        all.push((what, work));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn the_way_of_a_basis_is_the_same_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        let (anna, handle, record) = world.in_arrears("anna").await;
        let id = &record.legal_basis_id;
        let way = [&world.stranger, &world.municipality];
        let sent = world
            .send_on(id, &handle, way, MessageKind::Signal, contact())
            .await;
        let sent = sent.unwrap_or_else(|error| panic!("{name}: {error}"));
        let opened = world.open_by(&sent, &world.municipality).await;
        opened.unwrap_or_else(|error| panic!("{name}: {error}"));
        world
            .bases_of(&anna)
            .object_to_legal_basis(world.objecting(id))
            .await
            .unwrap();
        assert_eq!(world.queue(&world.stranger).await.len(), 1, "{name}");
        world.clock.advance(DAY / 48);
        let review = world.reviewing(id, proto::ReviewOutcome::Unfounded);
        world
            .officer(&world.stranger)
            .review_legal_basis(review)
            .await
            .unwrap();
        let closed = world.open_by(&sent, &world.municipality).await;
        assert_eq!(refusal(closed.map(drop)), ErrorReason::NotAvailable, "{name}");
        // Many at once each get their place in the book.
        let mut many = Vec::new();
        for _ in 0..6 {
            let (mut one, request) = (world.basing(&world.stranger, ONE), world.arrears(&handle));
            many.push(async move { one.record_legal_basis(request).await.map(drop) });
        }
        for recorded in futures_util::future::join_all(many).await {
            recorded.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        assert_eq!(world.seen_bases(&anna).await.len(), 7, "{name}");
        let mut one = world.basing(&world.stranger, ONE);
        let listed = one
            .list_own_legal_bases(proto::ListOwnLegalBasesRequest::default())
            .await
            .unwrap();
        assert_eq!(listed.into_inner().records.len(), 7, "{name}");
    }
}
