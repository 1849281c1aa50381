//! The signalling service through its gRPC interface, behind its real chassis, on real databases.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod agenda;
mod agenda_endings;
mod agenda_limits;
mod agenda_residents;
mod at_rest;
mod circles;
mod consent;
mod counting;
mod decisions;
mod epochs;
mod gate_keys;
mod leaving;
mod matches;
mod meeting_acts;
mod meeting_world;
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
