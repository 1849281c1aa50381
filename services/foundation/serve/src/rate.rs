//! Token buckets: how often one caller may call one method.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sluis_types::Timestamp;

use crate::{Hash, Rate};

const MICROS_PER_MINUTE: u64 = 60_000_000;

/// Counts calls per method and caller, in bounded memory.
///
/// Buckets live in two generations. A bucket that is used moves to the younger one; when that is full, the older one
/// is forgotten whole. So a bucket is forgotten only after as many other (method, caller) pairs as half of
/// `entries_max` called since it was last used, and forgetting one errs to the caller's side.
#[derive(Debug)]
pub struct RateLimiter {
    entries_per_generation: usize,
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    younger: HashMap<Hash, Bucket>,
    older: HashMap<Hash, Bucket>,
}

/// A level in units of 1/60 000 000 token: an elapsed microsecond adds `per_minute` of them, exactly.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: u64,
    at: Timestamp,
}

impl RateLimiter {
    /// A limiter that remembers at most about `entries_max` buckets (about 100 bytes each).
    pub fn new(entries_max: usize) -> Self {
        Self {
            entries_per_generation: (entries_max / 2).max(1),
            generations: Mutex::default(),
        }
    }

    /// Takes one token of `caller` for `method`.
    ///
    /// # Errors
    /// How long it takes until there is one again.
    pub fn take(&self, method: &str, caller: &Hash, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let key = sluis_envelope::hash("sluis/v1/rate", &[method.as_bytes(), caller]);
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match generations.younger.get(&key) {
            Some(bucket) => Some(*bucket),
            None => generations.older.remove(&key),
        };
        let mut bucket = known.unwrap_or(Bucket {
            level: u64::MAX,
            at: now,
        });
        bucket.refill(rate, now);
        let taken = bucket.take(rate);
        if generations.younger.len() >= self.entries_per_generation && !generations.younger.contains_key(&key)
        {
            generations.older = std::mem::take(&mut generations.younger);
        }
        generations.younger.insert(key, bucket);
        taken
    }

    /// How many buckets are remembered.
    pub fn len(&self) -> usize {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.younger.len() + generations.older.len()
    }

    /// Whether nobody called yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Bucket {
    fn refill(&mut self, rate: Rate, now: Timestamp) {
        let capacity = u64::from(rate.burst) * MICROS_PER_MINUTE;
        let elapsed_micros = u64::try_from(now.since(self.at).as_micros()).unwrap_or(u64::MAX);
        let added = elapsed_micros.saturating_mul(u64::from(rate.per_minute));
        self.level = self.level.saturating_add(added).min(capacity);
        // A clock that was set back neither adds nor, later, adds twice.
        self.at = self.at.max(now);
    }

    fn take(&mut self, rate: Rate) -> Result<(), Duration> {
        if let Some(left) = self.level.checked_sub(MICROS_PER_MINUTE) {
            self.level = left;
            return Ok(());
        }
        let lacking = MICROS_PER_MINUTE - self.level;
        Err(Duration::from_micros(
            lacking.div_ceil(u64::from(rate.per_minute.max(1))),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_minute: 60,
        burst: 3,
    };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000 + millis * 1000)
    }

    #[test]
    fn a_burst_then_the_rate_then_when_to_come_back() {
        let limiter = RateLimiter::new(100);
        let take = |millis| limiter.take("/a", &[1; 32], RATE, at(millis));
        assert!((0..3).all(|_| take(0).is_ok()));
        assert_eq!(take(0), Err(Duration::from_secs(1)));
        assert_eq!(take(400), Err(Duration::from_millis(600)));
        assert_eq!(take(1000), Ok(()));
        assert!(take(1000).is_err());
        assert!(
            (0..3).all(|_| take(60_000).is_ok()),
            "it never holds more than the burst"
        );
        assert!(take(60_000).is_err());
    }

    #[test]
    fn methods_and_callers_are_counted_apart() {
        let limiter = RateLimiter::new(100);
        let one = Rate {
            per_minute: 1,
            burst: 1,
        };
        assert!(limiter.take("/a", &[1; 32], one, at(0)).is_ok());
        assert!(limiter.take("/a", &[1; 32], one, at(0)).is_err());
        assert!(limiter.take("/b", &[1; 32], one, at(0)).is_ok());
        assert!(limiter.take("/a", &[2; 32], one, at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_who_keeps_calling_is_not_forgotten() {
        let limiter = RateLimiter::new(64);
        let one = Rate {
            per_minute: 1,
            burst: 1,
        };
        assert!(limiter.take("/a", &[0xff; 32], one, at(0)).is_ok());
        for caller in 0..10_000_u32 {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&caller.to_be_bytes());
            assert!(limiter.take("/a", &key, one, at(0)).is_ok());
            assert!(
                limiter.take("/a", &[0xff; 32], one, at(0)).is_err(),
                "after {caller}"
            );
            assert!(limiter.len() <= 64);
        }
    }

    #[test]
    fn a_clock_set_back_adds_nothing() {
        let limiter = RateLimiter::new(4);
        let one = Rate {
            per_minute: 60,
            burst: 1,
        };
        assert!(limiter.take("/a", &[1; 32], one, at(10_000)).is_ok());
        assert!(limiter.take("/a", &[1; 32], one, at(0)).is_err());
        assert!(limiter.take("/a", &[1; 32], one, at(10_500)).is_err());
        assert!(limiter.take("/a", &[1; 32], one, at(11_000)).is_ok());
    }
}
