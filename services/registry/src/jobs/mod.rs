//! What the registry does without being asked: it orders its log and forgets what has ended.

use std::sync::Arc;
use std::time::Duration;

use sluis_ledger::Sequencer;
use sluis_store::{StoreError, Upkeep, WriteError};
use sluis_types::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::Inner;
use crate::store::{PurgeCertificates, PurgeInvitations};

/// How often what has ended is forgotten, and how soon after the start.
const PURGE_EVERY: Duration = Duration::from_hours(1);
const PURGE_FIRST: Duration = Duration::from_mins(1);
/// Changes are kept this long for followers that come back.
const EVENTS_KEPT: Duration = Duration::from_hours(7 * 24);
/// A certificate is listed this long after its end.
const CERTIFICATE_KEPT: Duration = Duration::from_hours(30 * 24);

/// Runs until the stop.
pub(crate) async fn run(registry: Arc<Inner>) {
    let sequencer = Sequencer::new(&registry.ledger, registry.store.clone());
    let ended = CancellationToken::new();
    let watch_stop = async {
        registry.stop.requested().await;
        ended.cancel();
    };
    tokio::join!(
        sequencer.run(ended.clone()),
        watch_stop,
        purge_until_stop(&registry)
    );
}

async fn purge_until_stop(registry: &Inner) {
    let mut wait = PURGE_FIRST;
    loop {
        tokio::select! {
            () = registry.stop.requested() => return,
            () = registry.timer.sleep_until(registry.timer.now() + wait) => {}
        }
        wait = PURGE_EVERY;
        if let Err(error) = purge(registry).await {
            tracing::warn!(error = %error, "what has ended could not be forgotten; tried again later");
        }
    }
}

/// Forgets what has ended: requests, events, invitations and certificates.
pub(crate) async fn purge(registry: &Inner) -> Result<(), StoreError> {
    let now = registry.clock.now();
    registry.store.purge_requests().await?;
    registry.store.outbox().trim(now.minus(EVENTS_KEPT)).await?;
    purge_all(
        registry,
        "invitations.purge",
        PurgeInvitations { ended_before: now },
    )
    .await?;
    let ended_before: Timestamp = now.minus(CERTIFICATE_KEPT);
    purge_all(registry, "certificates.purge", PurgeCertificates { ended_before }).await
}

async fn purge_all<U>(registry: &Inner, name: &'static str, work: U) -> Result<(), StoreError>
where
    U: Upkeep<Output = u64, Error = StoreError> + Copy,
{
    loop {
        match registry.store.upkeep(name, work).await {
            // Only requests have ids, so housekeeping is never told that it reused one.
            Ok(0) | Err(WriteError::RequestIdReused) => return Ok(()),
            Ok(_) => {}
            Err(WriteError::Command(error) | WriteError::Store(error)) => return Err(error),
        }
    }
}
