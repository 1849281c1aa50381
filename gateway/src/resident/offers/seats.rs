//! Who may search now: each search looks at every offer, so a session has one at a time, and few of all run.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use sluis_serve::Hash;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Searches that run at one time. More of them wait.
const SEARCHES_MAX: usize = 2;
/// Sessions whose search runs or waits, at most. Whoever comes then is told to come back.
const SEATS_MAX: usize = 32;

/// Seats for searches. Cheap to clone.
#[derive(Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashSet<Hash>>>,
    turns: Arc<Semaphore>,
}

impl Default for Seats {
    fn default() -> Self {
        Self {
            taken: Arc::default(),
            turns: Arc::new(Semaphore::new(SEARCHES_MAX)),
        }
    }
}

/// The seat of one session's search, until it is dropped.
pub(super) struct Seat {
    session: Hash,
    seats: Seats,
}

impl Seats {
    /// A seat, unless this session has one or all are taken.
    pub(super) fn take(&self, session: &Hash) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = taken.len() < SEATS_MAX && taken.insert(*session);
        is_free.then(|| Seat {
            session: *session,
            seats: self.clone(),
        })
    }
}

impl Seat {
    /// Waits until it is this seat's turn, in the order in which they asked.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats.turns).acquire_owned().await.ok()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.session);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn session(number: usize) -> Hash {
        let mut session = [0; 32];
        session[..8].copy_from_slice(&number.to_be_bytes());
        session
    }

    #[test]
    fn nobody_holds_up_the_searches_of_all() {
        let seats = Seats::default();
        let first = seats.take(&session(0)).expect("a seat");
        assert!(
            seats.take(&session(0)).is_none(),
            "one search of a session at a time"
        );
        let others: Vec<_> = (1..SEATS_MAX).map(|it| seats.take(&session(it))).collect();
        assert!(others.iter().all(Option::is_some));
        assert!(
            seats.take(&session(SEATS_MAX)).is_none(),
            "nobody waits without end"
        );
        drop(first);
        assert!(seats.take(&session(SEATS_MAX)).is_some());
        drop(others);
        assert!(seats.taken.lock().expect("seats").is_empty());
    }

    #[test]
    fn few_run_and_the_others_wait_their_turn() {
        let seats = Seats::default();
        let all: Vec<_> = (0..=SEARCHES_MAX)
            .map(|it| seats.take(&session(it)).expect("a seat"))
            .collect();
        let mut turns: Vec<_> = all[..SEARCHES_MAX]
            .iter()
            .map(|seat| seat.turn().now_or_never().expect("at once"))
            .collect();
        let mut waiting = Box::pin(all[SEARCHES_MAX].turn());
        assert!((&mut waiting).now_or_never().is_none());
        turns.pop();
        assert!((&mut waiting).now_or_never().is_some());
    }
}
