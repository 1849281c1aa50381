//! P3: what stands in the files of a database.

use std::path::Path;
use std::sync::Arc;

use sluis_proto::signalling::v1::Severity;
use sluis_store_testing::ClearCodec;
use sluis_types::MatchClass;

use crate::circles::{Circle, DAY};
use crate::world::World;

/// Every byte of a database: the file with its free pages, and the WAL.
fn dump(home: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for suffix in ["", "-wal"] {
        bytes.extend(std::fs::read(home.join(format!("signalling.db{suffix}"))).unwrap_or_default());
    }
    bytes
}

/// Every byte of the keys, the peppers apart.
fn keys(home: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(home.join("keys")).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Whatever of a circle may not be found at rest.
fn planted(world: &World, circle: &Circle) -> Vec<(&'static str, Vec<u8>)> {
    let box_bytes = circle.contact_box(
        &world.members[0],
        &world.members[1],
        world.now(),
        world.randomness.as_ref(),
    );
    vec![
        ("grant id", circle.grant.as_bytes().to_vec()),
        ("gate key id", circle.gate_key().as_bytes().to_vec()),
        ("tag", circle.tag(world.now(), MatchClass::OutOfSight)),
        (
            "signing key id",
            world.members[0].signing.id().as_bytes().to_vec(),
        ),
        ("start of a box", box_bytes[..40].to_vec()),
        ("state", b"REGISTERED".to_vec()),
    ]
}

fn found_in(planted: &[(&'static str, Vec<u8>)], bytes: &[u8]) -> Vec<&'static str> {
    planted
        .iter()
        .filter(|(_, needle)| contains(bytes, needle))
        .map(|(name, _)| *name)
        .collect()
}

#[tokio::test]
async fn p3_no_circle_tag_or_box_stands_in_the_files() {
    let world = World::start().await;
    let (met, unmet) = (world.circle(), world.circle());
    world.met(&met).await;
    let signal = world.signal(0, Severity::Worry).await;
    world.post(&unmet, 0, &signal).await.unwrap();
    let mut all = planted(&world, &met);
    all.extend(planted(&world, &unmet));
    assert_eq!(found_in(&all, &dump(world.home.path())), Vec::<&str>::new());
    world.clock.advance(7 * DAY);
    world.signalling.run_timers().await.unwrap();
    let home = world.end().await;
    let closed = dump(home.path());
    assert!(closed.len() > 50_000, "there is something to look through");
    assert_eq!(found_in(&all, &closed), Vec::<&str>::new());
}

/// With every column key a circle that met shows, and one that did not stays hidden: its posts are under the tag.
#[tokio::test]
async fn p3_column_keys_open_no_post_that_did_not_meet() {
    let world = World::start_changed(Box::new(|parts| parts.codec = Arc::new(ClearCodec))).await;
    let (met, unmet) = (world.circle(), world.circle());
    world.met(&met).await;
    let signal = world.signal(0, Severity::Worry).await;
    world.post(&unmet, 0, &signal).await.unwrap();
    let bytes = dump(world.home.path());
    assert!(
        found_in(&planted(&world, &met), &bytes).contains(&"grant id"),
        "the search works"
    );
    let hidden = planted(&world, &unmet);
    let hidden: Vec<_> = hidden
        .into_iter()
        .filter(|(name, _)| ["grant id", "gate key id", "tag"].contains(name))
        .collect();
    assert_eq!(found_in(&hidden, &bytes), Vec::<&str>::new());
    world.end().await;
}

#[tokio::test]
async fn p3_the_tag_and_the_pepper_are_in_no_key_file_and_no_dump_outlives_them() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Worry).await;
    world.post(&circle, 0, &signal).await.unwrap();
    let tag = circle.tag(world.now(), MatchClass::OutOfSight);
    let epochs = std::fs::read_dir(world.home.path().join("epochs")).unwrap();
    let peppers: Vec<Vec<u8>> = epochs
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "key"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(peppers.len(), 1);
    for file in keys(world.home.path()) {
        assert!(!contains(&file, &tag) && !contains(&file, peppers[0].trim_ascii_end()));
    }
    world.end().await;
}

#[tokio::test]
async fn p3_rows_share_no_value_and_have_no_telling_length() {
    let world = World::start().await;
    // One circle with one post, one with two, one that met: nobody may tell which rows are whose.
    let circles = [world.circle(), world.circle(), world.circle()];
    let weak = world.signal(0, Severity::Attention).await;
    for circle in &circles[..2] {
        world.post(circle, 0, &weak).await.unwrap();
    }
    let other = world.signal(1, Severity::Attention).await;
    world.post(&circles[1], 1, &other).await.unwrap();
    world.met(&circles[2]).await;
    let store = world.store_of_its_own().await;
    let mut read = store.read("test").await.unwrap();
    let mut tx = read.tx();
    let mut keys = Vec::new();
    for (statement, rows) in [
        ("SELECT tag, content FROM cell", 3),
        ("SELECT tag, content FROM contact_box", 10),
        ("SELECT tag, content FROM match_box", 2),
        ("SELECT tag, content FROM match_place", 2),
        ("SELECT tag, content FROM match_party", 2),
        ("SELECT signal_id, content FROM signal", 4),
    ] {
        let found = tx.fetch_all(statement, &[]).await.unwrap();
        assert_eq!(found.len(), rows, "{statement}");
        let lengths: Vec<_> = found
            .iter()
            .map(|row| row.get::<Vec<u8>>(1).unwrap().len())
            .collect();
        assert!(
            lengths.iter().all(|length| *length == lengths[0]),
            "{statement} {lengths:?}"
        );
        for row in &found {
            keys.push(row.get::<Vec<u8>>(0).unwrap());
            // Neither do values share their beginnings.
            keys.push(row.get::<Vec<u8>>(1).unwrap()[5..21].to_vec());
        }
    }
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "no value stands in two rows");
    drop(read);
    store.close().await;
    world.end().await;
}
