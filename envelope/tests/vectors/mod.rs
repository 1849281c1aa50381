//! Test vectors: their form, how they are made, and how they are checked. `docs/envelope.md` explains each field.

pub(crate) mod by_hand;
pub(crate) mod case;
pub(crate) mod circle;
pub(crate) mod corpus;
pub(crate) mod directory;
pub(crate) mod edit;
pub(crate) mod make;
pub(crate) mod negative;
pub(crate) mod negative_gate;
pub(crate) mod run;
pub(crate) mod statement;

use std::fmt::Write as _;
use std::sync::Mutex;

use sluis_types::{Randomness, SeededRandomness};

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "whole bytes");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

pub(crate) fn unhex_array<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().unwrap()
}

/// The name of an error's variant: `Format` for all of format.
pub(crate) fn error_name(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    let end = text
        .find(|character: char| !character.is_alphanumeric())
        .unwrap_or(text.len());
    text[..end].to_owned()
}

/// Seeded randomness that remembers what it gave, draw by draw.
#[derive(Debug)]
pub(crate) struct Recorder {
    inner: SeededRandomness,
    given: Mutex<Vec<Vec<u8>>>,
}

impl Recorder {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            inner: SeededRandomness::new(seed),
            given: Mutex::default(),
        }
    }

    pub(crate) fn given(&self, draw: usize) -> Vec<u8> {
        self.given.lock().unwrap()[draw].clone()
    }
}

impl Randomness for Recorder {
    fn fill(&self, destination: &mut [u8]) {
        self.inner.fill(destination);
        self.given.lock().unwrap().push(destination.to_vec());
    }
}

/// Gives the same bytes at every draw: makes a request key again from its secret.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) [u8; 32]);

impl Randomness for Fixed {
    fn fill(&self, destination: &mut [u8]) {
        destination.copy_from_slice(&self.0);
    }
}
