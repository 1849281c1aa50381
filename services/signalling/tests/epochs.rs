//! When an epoch is over: its pepper, its posts and its boxes go.

use sluis_proto::signalling::v1::Severity;
use sluis_types::Epoch;

use crate::circles::DAY;
use crate::world::World;

fn pepper(world: &World, epoch: Epoch) -> Option<Vec<u8>> {
    let name = format!("epochs/{:010}.key", epoch.number());
    std::fs::read(world.home.path().join(name)).ok()
}

async fn rows(world: &World, table: &'static str) -> i64 {
    let store = world.store_of_its_own().await;
    let mut read = store.read("test").await.unwrap();
    let row = read.tx().fetch_one(table, &[]).await.unwrap();
    let count = row.get(0).unwrap();
    drop(read);
    store.close().await;
    count
}

#[tokio::test]
async fn an_epoch_leaves_nothing_behind() {
    let world = World::start().await;
    let circle = world.circle();
    world.met(&circle).await;
    let epoch = Epoch::of(world.now());
    assert!(pepper(&world, epoch).is_some());
    assert_eq!(rows(&world, "SELECT count(*) FROM cell").await, 1);
    assert_eq!(rows(&world, "SELECT count(*) FROM contact_box").await, 4);
    world.signalling.run_timers().await.unwrap();
    assert_eq!(
        rows(&world, "SELECT count(*) FROM cell").await,
        1,
        "it is not over"
    );
    world.clock.advance(7 * DAY);
    assert!(world.signalling.run_timers().await.unwrap() >= 5);
    assert_eq!(pepper(&world, epoch), None);
    for table in [
        "SELECT count(*) FROM cell",
        "SELECT count(*) FROM contact_box",
        "SELECT count(*) FROM quota",
    ] {
        assert_eq!(rows(&world, table).await, 0, "{table}");
    }
    assert_eq!(world.matches(0).await.len(), 1, "what people do goes on");
    world.end().await;
}

#[tokio::test]
async fn two_signals_alive_together_meet_in_the_next_epoch_at_the_latest() {
    let world = World::start().await;
    let circle = world.circle();
    let early = world.signal(0, Severity::Worry).await;
    world.post(&circle, 0, &early).await.unwrap();
    // The other comes in the last hours of the epoch and is posted in the next one only.
    let ends = Epoch::of(world.now()).ends();
    world.clock.set(ends.minus(std::time::Duration::from_hours(1)));
    let late = world.signal(1, Severity::Attention).await;
    world.clock.set(ends);
    world.signalling.run_timers().await.unwrap();
    world.post(&circle, 1, &late).await.unwrap();
    assert!(world.matches(1).await.is_empty());
    world.post(&circle, 0, &early).await.unwrap();
    assert_eq!(world.matches(1).await.len(), 1);
    world.end().await;
}
