//! Whether a partner whose stream is open would still be let in.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sluis_serve::{Directory, Refusal, Sleep, Timer};
use sluis_types::Clock;

use super::connection::PartnerConnection;

/// How often an open stream's certificate is looked at again. With the directory's own delay a revocation ends every
/// stream well within the 5 seconds that are promised.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// A partner's standing, to be looked at while its stream is open. A token is looked at when a stream begins only: it
/// says who began it, and nothing on the stream is done in the name of another.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(super) connection: Arc<PartnerConnection>,
    pub(super) directory: Directory,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timer: Arc<dyn Timer>,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Standing({:?})", self.connection)
    }
}

impl Standing {
    /// Begins to look, again and again.
    pub(crate) fn watch(&self) -> StandingWatch {
        StandingWatch {
            standing: self.clone(),
            next: None,
        }
    }
}

/// See [`Standing::watch`].
pub(crate) struct StandingWatch {
    standing: Standing,
    next: Option<Sleep>,
}

impl StandingWatch {
    /// Ready when the partner would no longer be let in, with the refusal that it would hear.
    pub(crate) fn poll_lost(&mut self, cx: &mut Context<'_>) -> Poll<Refusal> {
        let Standing {
            connection,
            directory,
            clock,
            timer,
        } = &self.standing;
        loop {
            let next = self
                .next
                .get_or_insert_with(|| timer.sleep_until(timer.now() + LOOK_AGAIN_EVERY));
            if next.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.next = None;
            if let Err(refusal) = connection.standing(directory, clock.now()) {
                return Poll::Ready(refusal);
            }
        }
    }
}
