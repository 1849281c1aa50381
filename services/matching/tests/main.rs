//! The matching service through its gRPC interface, behind its real chassis, on real databases.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod at_rest;
mod attached_places;
mod cards;
mod consent;
mod directory;
mod homes;
mod introductions;
mod offers;
mod oracle;
mod places;
mod questions;
mod residents;
mod secrecy;
mod store;
mod world;
mod write_tests;
