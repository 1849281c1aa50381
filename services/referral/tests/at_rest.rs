//! P3: what stands in the files of a database, without its keys.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use sluis_keyring::BlindIndex;
use sluis_proto::consent::v1::GrantChange;
use sluis_proto::referral::v1::upload_blob_request::Part;
use sluis_proto::referral::v1::{BlobStart, UploadBlobRequest};
use sluis_store_testing::ClearCodec;
use sluis_types::MessageKind;

use crate::letters::{DAY, attachment, submission};
use crate::world::World;

/// Every byte of a database: the file with its free pages, and the WAL.
fn dump(home: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for suffix in ["", "-wal"] {
        bytes.extend(std::fs::read(home.join(format!("referral.db{suffix}"))).unwrap_or_default());
    }
    bytes
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Whatever of this life may not be found at rest: as bytes and as text.
struct Planted(Vec<(&'static str, Vec<u8>)>);

impl Planted {
    fn found_in(&self, bytes: &[u8]) -> Vec<&'static str> {
        self.0
            .iter()
            .filter(|(_, needle)| contains(bytes, needle))
            .map(|(name, _)| *name)
            .collect()
    }
}

/// A referral with an attachment, feedback, a status, a withdrawal and a refusal.
async fn live(world: &World) -> Planted {
    let running = tokio::spawn(world.referral.jobs());
    let (grant, back) = (world.grant(), world.grant_back());
    let thread = world.thread_id();
    let letter = world.letter(MessageKind::Referral, thread);
    let id = letter.id();
    let (blob, chunks) = attachment(id, &[9; 5000], world.randomness.as_ref());
    let whole = chunks.concat();
    let start = BlobStart {
        request_id: world.request_id(),
        message_id: id.to_string(),
        blob_id: blob.entry().id.to_string(),
        ciphertext_bytes: whole.len() as u64,
        sha256: Sha256::digest(&whole).to_vec().into(),
        grant_token: grant.token(world.now()).encode().into(),
    };
    let blob_id = blob.entry().id;
    let parts = [Part::Start(start), Part::Chunk(whole.into())];
    let parts = parts.map(|part| UploadBlobRequest { part: Some(part) });
    world
        .as_welfare()
        .upload_blob(tokio_stream::iter(parts))
        .await
        .unwrap();
    let envelope = world.seal(letter.with_blob(blob), &grant);
    let request = submission(&envelope, &grant.token(world.now()));
    let reply = world
        .as_welfare()
        .submit_message(request)
        .await
        .unwrap()
        .into_inner();
    world.acknowledge(&[id]).await;
    world.open(id).await;
    world
        .send(world.letter(MessageKind::Feedback, thread), &back)
        .await
        .unwrap();
    let note = world.letter(MessageKind::Note, thread);
    let note_id = note.id();
    world.send(note, &grant).await.unwrap();
    let request = sluis_proto::referral::v1::WatchMailboxRequest::default();
    let mut watch = world
        .as_welfare()
        .watch_mailbox(request)
        .await
        .unwrap()
        .into_inner();
    world.consent.say(grant.id, 1, GrantChange::Ended);
    loop {
        use sluis_proto::referral::v1::watch_mailbox_response::Event;
        if let Event::Message(change) = watch.message().await.unwrap().unwrap().event.unwrap()
            && change.message_id == note_id.to_string()
        {
            break;
        }
    }
    world.clock.advance(DAY);
    world.referral.run_timers().await.unwrap();
    running.abort();
    let manifest = envelope.manifest.encode();
    Planted(vec![
        ("thread id", thread.as_bytes().to_vec()),
        ("thread id as text", thread.to_string().into_bytes()),
        ("grant id", grant.id.as_bytes().to_vec()),
        ("grant id as text", grant.id.to_string().into_bytes()),
        ("grant id of the way back", back.id.as_bytes().to_vec()),
        ("blob id", blob_id.as_bytes().to_vec()),
        ("manifest", manifest[2..34].to_vec()),
        ("signing key id", world.welfare.signing.id().as_bytes().to_vec()),
        ("manifest hash", envelope.manifest.hash().to_vec()),
        ("receipt", reply.receipt[2..34].to_vec()),
        ("state", b"IN_REVIEW".to_vec()),
    ])
}

#[tokio::test]
async fn p3_no_thread_grant_or_manifest_stands_in_the_files() {
    let world = World::start().await;
    let planted = live(&world).await;
    let open = dump(world.home.path());
    assert_eq!(planted.found_in(&open), Vec::<&str>::new());
    let home = world.end().await;
    let closed = dump(home.path());
    assert!(closed.len() > 50_000, "there is something to look through");
    assert_eq!(planted.found_in(&closed), Vec::<&str>::new());
}

/// An index that leaves grants and threads in clear.
#[derive(Debug)]
struct ClearIndex(Arc<dyn BlindIndex>);

impl BlindIndex for ClearIndex {
    fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        if !matches!(label, "grant" | "thread") {
            return self.0.index(label, parts);
        }
        let mut key = [0; 32];
        let bytes = parts.concat();
        key[..bytes.len()].copy_from_slice(&bytes);
        key
    }
}

#[tokio::test]
async fn p3_the_search_finds_what_a_faulty_index_or_codec_leaves_in_clear() {
    let world = World::start_changed(Box::new(|parts| {
        parts.index = Arc::new(ClearIndex(Arc::clone(&parts.index)));
    }))
    .await;
    let planted = live(&world).await;
    let found = planted.found_in(&dump(world.home.path()));
    assert!(
        found.contains(&"thread id") && found.contains(&"grant id"),
        "{found:?}"
    );
    world.end().await;

    let world = World::start_changed(Box::new(|parts| parts.codec = Arc::new(ClearCodec))).await;
    let planted = live(&world).await;
    let found = planted.found_in(&dump(world.home.path()));
    assert!(
        found.contains(&"manifest") && found.contains(&"receipt"),
        "{found:?}"
    );
    world.end().await;
}

#[tokio::test]
async fn p3_rows_share_no_value_and_have_no_telling_length() {
    let world = World::start().await;
    // Two residents' grants between the same two organisations, worked through in turns.
    let grants = [world.grant(), world.grant()];
    let mut threads = Vec::new();
    for grant in &grants {
        threads.push(world.refer(grant).await.0);
    }
    for _ in 0..20 {
        for (grant, thread) in grants.iter().zip(&threads) {
            world
                .send(world.letter(MessageKind::Note, *thread), grant)
                .await
                .unwrap();
        }
    }
    let url = format!("sqlite:{}", world.home.path().join("referral.db").display());
    let parts = sluis_store::Parts {
        journal: Arc::new(world.ledger.clone()),
        column_keys: world.keys.columns().clone(),
        index: world.keys.blind_index(),
        clock: world.clock.clone(),
        randomness: world.randomness.clone(),
    };
    let home = world.end().await;
    let config = sluis_store::StoreConfig::parse(&url).unwrap();
    let store = sluis_store::Store::open(&config, &sluis_referral::schema(), parts)
        .await
        .unwrap();
    let mut read = store.read("test").await.unwrap();
    let mut tx = read.tx();
    let pages = tx.fetch_all("SELECT tag, content FROM page", &[]).await.unwrap();
    // Per grant and per thread 21 messages: two pages each, of one length.
    assert_eq!(pages.len(), 8);
    let lengths: Vec<_> = pages
        .iter()
        .map(|row| row.get::<Vec<u8>>(1).unwrap().len())
        .collect();
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    let rows = tx
        .fetch_all("SELECT message_id, facts, life FROM message", &[])
        .await
        .unwrap();
    let mut keys: Vec<Vec<u8>> = pages.iter().map(|row| row.get(0).unwrap()).collect();
    keys.extend(rows.iter().map(|row| row.get::<Vec<u8>>(0).unwrap()));
    let tags = tx.fetch_all("SELECT tag FROM ciphertext", &[]).await.unwrap();
    keys.extend(tags.iter().map(|row| row.get::<Vec<u8>>(0).unwrap()));
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "no key stands in two rows");
    for column in [1, 2] {
        let lengths: Vec<_> = rows
            .iter()
            .map(|row| row.get::<Vec<u8>>(column).unwrap().len())
            .collect();
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    }
    drop(read);
    store.close().await;
    drop(home);
}
