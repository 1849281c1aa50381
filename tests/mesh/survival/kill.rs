//! kill -9 of `sluisd` under load, twenty times on each database.

use std::sync::Arc;
use std::time::Duration;

use super::dice::Dice;
use super::load::Load;
use super::town::Town;
use crate::fixture::Backend;

const ROUNDS: usize = 20;
/// The moment of the kill: after so many questions and answers …
const EVENTS_MIN: usize = 40;
const EVENTS_SPREAD: usize = 60;
/// … and up to so much later, so that it falls within any step of an act.
const MICROSECONDS_SPREAD: usize = 20_000;
/// How long looking may take, after which something hangs.
const PATIENCE: Duration = Duration::from_mins(1);

async fn p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9(backend: Backend, seed: u64) {
    let mut town = Town::build(backend).await;
    let load = Arc::new(Box::pin(Load::prepare(&town)).await);
    let mailbox = tokio::spawn(Arc::clone(&load).follow_mailbox());
    for round in 0..ROUNDS {
        let dice = Dice::new(seed + round as u64);
        let (letters, withdrawals) = (load.promises.letters().len(), load.promises.withdrawals().len());
        let tasks = load.begin(seed + round as u64);
        let enough = load.promises.further(EVENTS_MIN + dice.below(EVENTS_SPREAD));
        let went_on = tokio::time::timeout(PATIENCE, enough).await;
        assert!(went_on.is_ok(), "the work stands still; the log:\n{}", town.log());
        let moment = Duration::from_micros(dice.below(MICROSECONDS_SPREAD) as u64);
        tokio::time::sleep(moment).await;

        load.is_open.send_replace(false);
        load.is_up.send_replace(false);
        town.kill();
        town.start().await;
        load.is_up.send_replace(true);
        for task in tasks {
            let ended = tokio::time::timeout(PATIENCE, task).await.expect("it ends");
            ended.expect("all answers were right");
        }
        let verified = load.verify_round(letters, withdrawals);
        let verified = tokio::time::timeout(PATIENCE, verified).await;
        verified.expect("the watch tells of everything");
        assert!(!mailbox.is_finished(), "the watch goes on");
    }
    // After the last kill, all of it once more.
    let letters = load.promises.letters();
    assert!(letters.len() >= 5 * ROUNDS, "there was a load: {}", letters.len());
    assert!(
        load.promises.withdrawals().len() >= ROUNDS / 2,
        "and residents changed their mind"
    );
    load.verify_letters(&letters).await;
    load.verify_logs().await;
    mailbox.abort();
    town.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9_on_sqlite() {
    Box::pin(p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9(
        Backend::Sqlite,
        1_000,
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9_on_postgres() {
    Box::pin(p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9(
        Backend::Postgres,
        2_000,
    ))
    .await;
}
