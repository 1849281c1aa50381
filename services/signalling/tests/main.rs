//! The signalling service through its gRPC interface, behind its real chassis, on real databases.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod at_rest;
mod circles;
mod consent;
mod epochs;
mod gate_keys;
mod matches;
mod oracle;
mod posting;
mod reading;
mod residents;
mod sequences;
mod signals;
mod store;
mod timers;
mod watching;
mod world;
