//! kill -9 of `sluisd` under load, twenty times on each database.

use std::sync::Arc;
use std::time::Duration;

use super::dice::Dice;
use super::load::Load;
use super::town::Town;
use crate::fixture::Backend;

const ROUNDS: u64 = 20;
/// The moment of the kill: after so many questions and answers …
const EVENTS_MIN: usize = 40;
const EVENTS_SPREAD: usize = 60;
/// … and up to so much later, so that it falls within any step of an act.
const MICROSECONDS_SPREAD: usize = 20_000;
/// How long looking may take, after which something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

async fn p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9(backend: Backend, seed: u64) {
    let mut town = Town::build(backend).await;
    let load = Arc::new(Load::prepare(&town).await);
    let mailbox = tokio::spawn(Arc::clone(&load).follow_mailbox());
    for round in 0..ROUNDS {
        let dice = Dice::new(seed + round);
        let (letters, withdrawals) = (load.promises.letters().len(), load.promises.withdrawals().len());
        let tasks = load.begin(seed + round);
        let enough = load.promises.further(EVENTS_MIN + dice.below(EVENTS_SPREAD));
        tokio::time::timeout(PATIENCE, enough)
            .await
            .expect("the work goes on");
        let moment = Duration::from_micros(dice.below(MICROSECONDS_SPREAD) as u64);
        tokio::time::sleep(moment).await;

        load.is_open.send_replace(false);
        load.is_up.send_replace(false);
        let unfinished = tasks.iter().filter(|t| !t.is_finished()).count();
        let phases: Vec<_> = (0..4).map(|r| load.promises.phase(r)).collect();
        town.kill();
        if let Ok(which) = std::env::var("SABOTAGE") {
            for end in ["sqlite", "sqlite-wal", "sqlite-shm"] {
                let name = format!("{which}.{end}");
                let (live, aside) = (town.config.data_dir.join(&name), town.aside(&name));
                if round == 0 { let _ = std::fs::copy(&live, &aside); }
                if round == 1 { let _ = std::fs::remove_file(&live); let _ = std::fs::copy(&aside, &live); }
            }
        }
        let t0 = std::time::Instant::now();
        town.start().await;
        eprintln!("ROUND {round} start took {:?} unfinished {unfinished} {phases:?}", t0.elapsed());
        load.is_up.send_replace(true);
        for task in tasks {
            tokio::time::timeout(PATIENCE, task)
                .await
                .expect("it ends")
                .expect("all answers were right");
        }
        let verified = load.verify_round(letters, withdrawals);
        tokio::time::timeout(PATIENCE, verified)
            .await
            .expect("everything is told of");
        assert!(!mailbox.is_finished(), "the watch goes on");
    }
    // STATS
    let all = load.promises.letters();
    let count = |f: &dyn Fn(&super::promises::Letter) -> bool| all.iter().filter(|l| f(l)).count();
    use super::promises::Asked;
    eprintln!("STATS letters {} opened {} opened-unreported {} open-unanswered {} refused {} delivered {} delivery-unanswered {} accepted {} accept-unanswered {} accept-refused {} not-kept {} withdrawals {} uncertain {}",
        all.len(), count(&|l| l.opening == Asked::Done(true)), count(&|l| l.opening == Asked::Done(false)), count(&|l| l.opening == Asked::Unanswered),
        count(&|l| l.opening == Asked::Refused), count(&|l| l.delivery == Asked::Done(())), count(&|l| l.delivery == Asked::Unanswered),
        count(&|l| matches!(l.accepted, Asked::Done(_))), count(&|l| l.accepted == Asked::Unanswered), count(&|l| l.accepted == Asked::Refused),
        count(&|l| l.kept.is_none()), load.promises.withdrawals().len(), load.promises.uncertain_threads().len());
    // After the last kill, all of it once more.
    let letters = load.promises.letters();
    assert!(
        letters.len() >= 5 * ROUNDS as usize,
        "there was a load: {}",
        letters.len()
    );
    assert!(
        load.promises.withdrawals().len() >= ROUNDS as usize / 2,
        "and residents changed their mind"
    );
    load.verify_letters(&letters).await;
    load.verify_logs().await;
    mailbox.abort();
    town.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9_on_sqlite() {
    p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9(Backend::Sqlite, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9_on_postgres() {
    p5_nothing_acknowledged_is_lost_or_doubled_by_kill_9(Backend::Postgres, 2_000).await;
}
