//! Tests of the whole, in one binary: linking is what takes long.

mod house;
