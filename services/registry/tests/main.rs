//! The registry through its gRPC interface, behind its real chassis, on real databases.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod certificates;
mod directory;
mod enrolment;
mod keys;
mod newcomer;
mod reading;
mod store;
mod tls;
mod watching;
mod world;
