//! The referral service through its gRPC interface, behind its real chassis, on real databases.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod at_rest;
mod blobs;
mod commands;
mod consent;
mod grants;
mod inbox;
mod letters;
mod oracle;
mod referrals;
mod replacing;
mod residents;
mod store;
mod streaming;
mod submitting;
mod timers;
mod watching;
mod world;
