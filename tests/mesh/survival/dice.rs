//! Chance that is the same in every run.

use sluis_client::types::{Randomness, SeededRandomness};

/// A seeded source of small numbers.
#[derive(Debug)]
pub(super) struct Dice(SeededRandomness);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    /// A number below `bound`, which is small: the slight preference for low ones does not matter.
    pub(super) fn below(&self, bound: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_be_bytes(bytes) as usize % bound
    }
}
