//! Databases for tests, the rules that every schema and statement keeps, and a [`Watcher`] of what an answer costs.
//! A dev-dependency only.
//!
//! Every store test runs on both databases. [`TestDatabases::start`] uses the PostgreSQL that `SLUIS_TEST_POSTGRES`
//! names (a `postgres://` address of a superuser), or else starts a throw-away cluster of its own, which stops and
//! vanishes with the process, however that ends. Where PostgreSQL's programs are missing it panics: a test that
//! skips half of its work would pass for nothing.
//!
//! All of this may block and may panic; none of it belongs in a shipped binary.

mod cluster;
mod codec;
mod database;
mod parts;
mod rules;
mod watcher;

pub use cluster::ClusterOptions;
pub use codec::ClearCodec;
pub use database::{TestDatabase, TestDatabases};
pub use parts::{RefusingJournal, TestParts, test_parts};
pub use rules::{assert_migrations_agree, assert_schemas_agree, assert_statements_prepare};
pub use watcher::{Seen, Watcher, Work, assert_all_alike};
