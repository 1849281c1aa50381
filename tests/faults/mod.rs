//! Faulty parts, and what the demonstration's checker says of a mesh with one of them.
//!
//! Each goes in through a trait that is there anyway. None of them can be reached from a shipped binary.

mod bucket_keys;
mod codec;
mod epoch_keys;
mod index;
mod journal;
mod liveness;
mod randomness;
mod verdicts;
mod weeks;
