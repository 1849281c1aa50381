//! Chance that is none: a sender whose keys can be guessed.

use sluis_types::{OsRandomness, Randomness};

/// Every secret of 32 bytes is the same; ids stay apart, so that everything else goes on.
#[derive(Debug)]
pub(super) struct Guessable;

impl Randomness for Guessable {
    fn fill(&self, destination: &mut [u8]) {
        if destination.len() == 32 {
            destination.fill(7);
        } else {
            OsRandomness.fill(destination);
        }
    }
}
