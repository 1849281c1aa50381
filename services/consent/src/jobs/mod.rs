//! What consent does without being asked.

pub(crate) mod expiry;
mod lapse;
pub(crate) mod notices;

use std::sync::Arc;
use std::time::Duration;

use sluis_ledger::Sequencer;
use sluis_serve::{Stop, Timer};

use crate::config::{DUE_EVERY, EVENTS_KEPT, HOLD_EVERY, PURGE_EVERY};
use crate::desk::Desk;
use crate::gate::HolderMark;

/// Runs every timer until stopped.
pub(crate) async fn run(desk: Arc<Desk>, held: Option<HolderMark>, sequencer: Sequencer) {
    let stop = desk.pace.stop.clone();
    let ended = tokio_util::sync::CancellationToken::new();
    let until_stopped = {
        let ended = ended.clone();
        async move {
            stop.requested().await;
            ended.cancel();
        }
    };
    tokio::join!(
        until_stopped,
        sequencer.run(ended),
        every(&desk, DUE_EVERY, || async { do_what_is_due(&desk).await }),
        every(&desk, PURGE_EVERY, || async { purge(&desk).await }),
        // Apart from what is due, so that a relay that hangs keeps no key of an expired grant alive.
        notices::run(&desk),
        async {
            if let Some(mark) = held {
                every(&desk, HOLD_EVERY, || async { hold(&desk, mark).await }).await;
            }
        },
    );
}

async fn every<F: Future<Output = ()>>(desk: &Desk, pause: Duration, mut work: impl FnMut() -> F) {
    let (timer, stop): (&Arc<dyn Timer>, &Stop) = (&desk.pace.timer, &desk.pace.stop);
    loop {
        if stop.is_requested() {
            return;
        }
        work().await;
        tokio::select! {
            () = timer.sleep_until(timer.now() + pause) => {}
            () = stop.requested() => return,
        }
    }
}

/// One pass over what is due. What fails stays on the list for the next pass.
async fn do_what_is_due(desk: &Desk) {
    match expiry::pass(desk).await {
        Ok(expiry::Expired { grants: 0, others: 0 }) => {}
        Ok(done) => tracing::info!(grants = done.grants, others = done.others, "what was due is done"),
        Err(error) => tracing::error!(%error, "what is due could not be done; it is tried again"),
    }
}

/// Forgets what is old enough, and keys that an ending left behind.
async fn purge(desk: &Desk) {
    let now = desk.now();
    if let Err(error) = desk.gate.settle_all().await {
        tracing::error!(%error, "old bucket keys could not be destroyed; it is tried again");
    }
    if let Err(error) = desk.store.purge_requests().await {
        tracing::warn!(%error, "old requests could not be forgotten");
    }
    if let Err(error) = desk.store.outbox().trim(now.minus(EVENTS_KEPT)).await {
        tracing::warn!(%error, "old events could not be forgotten");
    }
}

/// Says that this process still holds the bucket keys; stops when another took its place.
async fn hold(desk: &Desk, mark: HolderMark) {
    match desk.gate.claim(mark, desk.now()).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::error!("another consent replica took over with bucket keys of its own: stopping");
            desk.pace.stop.request();
        }
        Err(error) => tracing::warn!(%error, "the place of the bucket keys' holder could not be kept"),
    }
}
