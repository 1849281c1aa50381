//! Tests of the whole, in one binary: linking is what takes long.

mod dumps;
#[path = "../faults/mod.rs"]
mod faults;
mod fixture;
mod house;
mod login;
mod matching;
mod story;
mod survival;
