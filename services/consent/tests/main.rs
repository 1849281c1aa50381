//! Consent through its gRPC interface, behind its real chassis, on real databases and real key files.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod acts;
mod answering;
mod asking;
mod at_rest;
mod changing;
mod damage;
mod ending;
mod events;
mod faulty;
mod gate;
mod letters;
mod linking;
mod no_oracle;
mod reading;
mod refusing;
mod restoring;
mod sessions;
mod store;
mod tickets;
mod timers;
mod withdrawing;
mod world;
