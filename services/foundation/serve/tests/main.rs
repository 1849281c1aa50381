//! The chassis, driven by the real gRPC interface of the registry with a small implementation behind it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod admission;
mod bench;
mod certificates;
mod chassis;
mod drain;
mod logs;
mod streams;
mod tls;
