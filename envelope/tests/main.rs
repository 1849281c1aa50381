//! Tests of the formats as a whole: messages, statements, vectors, parsers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod circle;
#[path = "../fuzz/parsers.rs"]
mod fuzz_parsers;
mod mesh;
mod message;
mod parsers;
mod statements;
mod vectors;
mod vectors_hold;
