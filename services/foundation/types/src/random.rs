//! Chance as a value: whoever needs randomness is given a [`Randomness`].

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// A source of bytes that nobody can predict. [`OsRandomness`] in a running mesh.
pub trait Randomness: fmt::Debug + Send + Sync + 'static {
    /// Fills `destination` with fresh bytes.
    fn fill(&self, destination: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system"
    )]
    fn fill(&self, destination: &mut [u8]) {
        // Without randomness nothing here is safe to do: going on would make keys that can be guessed.
        getrandom::fill(destination).expect("the operating system gives randomness");
    }
}

/// Reproducible bytes (ChaCha20 from a seed), for test vectors and tests.
pub struct SeededRandomness(Mutex<ChaCha20Rng>);

impl SeededRandomness {
    /// The stream of bytes that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl fmt::Debug for SeededRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededRandomness(…)")
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, destination: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(destination);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_again_and_the_system_does_not() {
        let (mut first, mut again) = ([0; 32], [0; 32]);
        SeededRandomness::new(7).fill(&mut first);
        SeededRandomness::new(7).fill(&mut again);
        assert_eq!(first, again);
        OsRandomness.fill(&mut again);
        assert_ne!(first, again);
    }
}
