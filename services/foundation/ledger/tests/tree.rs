//! Leaves get their places in a tree that anyone can check.

use std::time::Duration;

use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};
use sluis_envelope::Checkpoint;
use sluis_ledger::Sequencer;
use sluis_store::Subject;
use sluis_store_testing::TestDatabases;
use tokio_util::sync::CancellationToken;

use crate::{Log, ORIGIN, grant, open};

type Hash = [u8; 32];

/// RFC 6962 §2.1, word for word, over the leaves as the acts returned them.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest(b"").into(),
        [leaf] => Sha256::new()
            .chain_update([0])
            .chain_update(leaf)
            .finalize()
            .into(),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            Sha256::new()
                .chain_update([1])
                .chain_update(root(left))
                .chain_update(root(right))
                .finalize()
                .into()
        }
    }
}

/// The newest checkpoint, verified.
async fn checkpoint(log: &Log) -> Checkpoint {
    let mut read = log.store.read("test").await.expect("the store is open");
    let note = log
        .ledger
        .checkpoint(&mut read.tx())
        .await
        .expect("the tree has a row")
        .expect("a leaf has its place");
    Checkpoint::verify(&note, ORIGIN, log.ledger.verifying_key()).expect("the log signed it")
}

async fn place_of(log: &Log, leaf: &Hash) -> Option<u64> {
    let mut read = log.store.read("test").await.expect("the store is open");
    let place = log.ledger.place_of(&mut read.tx(), leaf).await;
    place.expect("the log is whole")
}

/// All leaves in the order of their places.
async fn by_place(log: &Log, leaves: &[Hash]) -> Vec<Hash> {
    let mut placed = vec![None; leaves.len()];
    for leaf in leaves {
        let place = place_of(log, leaf).await.expect("the leaf has its place");
        let seat = &mut placed[usize::try_from(place).expect("a small tree")];
        assert_eq!(seat.replace(*leaf), None, "one leaf at one place");
    }
    placed
        .into_iter()
        .map(|leaf| leaf.expect("no place is empty"))
        .collect()
}

#[tokio::test]
async fn leaves_stand_in_the_order_of_their_acts_and_the_root_is_that_of_the_specification() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let sequencer = Sequencer::new(&log.ledger, log.store.clone());
        let mut read = log.store.read("test").await.unwrap();
        assert_eq!(log.ledger.checkpoint(&mut read.tx()).await.unwrap(), None);
        drop(read);
        let mut leaves = Vec::new();
        for batch in [1, 1, 5, 2, 7] {
            for number in 0..batch {
                leaves.push(log.act(Subject::Grant(grant(number))).await.hash);
            }
            let newest = *leaves.last().unwrap();
            assert_eq!(place_of(&log, &newest).await, None, "it waits");
            assert_eq!(sequencer.sequence().await.unwrap().placed, u64::from(batch));
            let signed = checkpoint(&log).await;
            assert_eq!(signed.size, leaves.len() as u64);
            assert_eq!(signed.root, root(&leaves));
        }
        assert_eq!(by_place(&log, &leaves).await, leaves);
        assert_eq!(log.count("SELECT count(*) FROM log_waiting").await, 0);
        assert_eq!(sequencer.sequence().await.unwrap().placed, 0);
    }
}

#[tokio::test]
async fn acts_at_once_across_a_tile_all_get_a_place_and_retention_leaves_the_tree() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let sequencer = Sequencer::new(&log.ledger, log.store.clone());
        let mut leaves = Vec::new();
        for count in [200, 100] {
            let acts = (0..count).map(|_| log.act(Subject::None));
            leaves.extend(join_all(acts).await.into_iter().map(|leaf| leaf.hash));
            sequencer.sequence().await.unwrap();
        }
        let ordered = by_place(&log, &leaves).await;
        let signed = checkpoint(&log).await;
        assert_eq!((signed.size, signed.root), (300, root(&ordered)));

        log.clock.advance(Duration::from_hours(24 * 365));
        let now = sluis_types::Clock::now(&*log.clock);
        assert_eq!(log.ledger.purge(&log.store, now).await.unwrap(), 300);
        let last = log.act(Subject::None).await.hash;
        sequencer.sequence().await.unwrap();
        let signed = checkpoint(&log).await;
        assert_eq!(signed.root, root(&[ordered, vec![last]].concat()));
    }
}

#[tokio::test]
async fn two_sequencers_take_turns_and_place_each_leaf_once() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let one = Sequencer::new(&log.ledger, log.store.clone());
        let other = Sequencer::new(&log.ledger, log.store.clone());
        let mut leaves = vec![log.act(Subject::None).await.hash];
        assert_eq!(one.sequence().await.unwrap().placed, 1);
        leaves.push(log.act(Subject::None).await.hash);
        let kept_out = other.sequence().await.unwrap();
        assert!(kept_out.elsewhere && kept_out.placed == 0);
        assert_eq!(one.sequence().await.unwrap().placed, 1);

        // Both run at once, and at every turn both may think that the lease is free.
        for _ in 0..6 {
            let acts = (0..8).map(|number| log.act(Subject::Grant(grant(number))));
            let acting = join_all(acts);
            log.clock.advance(Duration::from_secs(6));
            let (acted, one_run, other_run) = tokio::join!(acting, one.sequence(), other.sequence());
            leaves.extend(acted.into_iter().map(|leaf| leaf.hash));
            one_run.unwrap();
            other_run.unwrap();
        }
        log.clock.advance(Duration::from_secs(6));
        one.sequence().await.unwrap();
        let ordered = by_place(&log, &leaves).await;
        let signed = checkpoint(&log).await;
        assert_eq!((signed.size, signed.root), (50, root(&ordered)));
    }
}

#[tokio::test]
async fn a_running_sequencer_places_what_waits_when_it_is_stopped() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let sequencer = Sequencer::new(&log.ledger, log.store.clone());
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { sequencer.run(stop).await }
        });
        let leaf = log.act(Subject::None).await.hash;
        stop.cancel();
        running.await.unwrap();
        assert_eq!(place_of(&log, &leaf).await, Some(0));
    }
}
