//! What was used once and must not be used again, while it could still be used.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sluis_types::Timestamp;

/// Things that are remembered at a time, about 150 bytes each. The oldest goes first.
const REMEMBERED_MAX: usize = 100_000;

/// Hashes of what was used, for as long as it could be brought again. It lies in memory: with several gateways each
/// remembers its own, and a thing can be used once at each.
pub(in crate::resident) struct Spent {
    life: Duration,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    used: HashMap<[u8; 32], Timestamp>,
    order: VecDeque<([u8; 32], Timestamp)>,
}

impl fmt::Debug for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spent(for {:?})", self.life)
    }
}

impl Spent {
    /// `life` is how long a thing could be used at most.
    pub(in crate::resident) fn new(life: Duration) -> Self {
        Self {
            life,
            kept: Mutex::default(),
        }
    }

    /// Uses a thing. False when it was used before.
    pub(in crate::resident) fn spend(&self, thing: [u8; 32], now: Timestamp) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((oldest, at)) = kept.order.front().copied() {
            if kept.order.len() < REMEMBERED_MAX && now < at.plus(self.life) {
                break;
            }
            kept.order.pop_front();
            // It may have been given back and used again meanwhile: then a later entry is about it.
            if kept.used.get(&oldest) == Some(&at) {
                kept.used.remove(&oldest);
            }
        }
        if kept.used.contains_key(&thing) {
            return false;
        }
        kept.used.insert(thing, now);
        kept.order.push_back((thing, now));
        true
    }

    /// Gives a thing back, because nothing came of its use.
    pub(in crate::resident) fn give_back(&self, thing: &[u8; 32]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.used.remove(thing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_used_once_while_it_lives() {
        let spent = Spent::new(Duration::from_secs(10));
        let at = |seconds: i64| Timestamp::from_seconds(1000 + seconds);
        assert!(spent.spend([1; 32], at(0)) && !spent.spend([1; 32], at(9)));
        assert!(spent.spend([2; 32], at(9)));
        spent.give_back(&[2; 32]);
        assert!(spent.spend([2; 32], at(9)) && !spent.spend([2; 32], at(9)));
        assert!(spent.spend([1; 32], at(10)), "it could not be brought any more");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let spent = Spent::new(Duration::from_secs(10));
        let now = Timestamp::from_seconds(1000);
        let thing = |number: usize| {
            let mut thing = [0; 32];
            thing[..8].copy_from_slice(&number.to_be_bytes());
            thing
        };
        for number in 0..REMEMBERED_MAX + 5 {
            assert!(spent.spend(thing(number), now));
        }
        let kept = spent.kept.lock().expect("nobody panicked");
        assert!(kept.used.len() <= REMEMBERED_MAX && kept.order.len() <= REMEMBERED_MAX);
    }
}
