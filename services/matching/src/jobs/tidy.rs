//! Forgetting requests that expired.

use std::sync::Arc;
use std::time::Duration;

use sluis_serve::Stop;

use crate::context::Context;
use crate::error::of_store;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(30);

/// Looks every 30 seconds until the stop.
pub(crate) async fn run(context: Arc<Context>, stop: Stop) {
    while !stop.is_requested() {
        if let Err(error) = context.store.purge_requests().await {
            let refusal = of_store(&error);
            tracing::warn!(
                reason = refusal.reason().as_str_name(),
                "tidying up did not finish"
            );
        }
        tokio::select! {
            () = stop.requested() => return,
            () = context.timer.sleep_until(context.timer.now() + EVERY) => {}
        }
    }
}
