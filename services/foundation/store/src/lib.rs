//! The database of a service, on SQLite or PostgreSQL, and the one way to write to it.
//!
//! # The one way to write
//! [`Store::write`] takes a [`Command`]: a value that can be run again. In one transaction it claims the request id,
//! runs the command, writes the log leaf through the [`Journal`], puts the events in the outbox and remembers the
//! answer. No handler can forget one of these, and an [`Outcome`] cannot be made without a log event: *no leaf, no
//! act*. When the future resolves, the act is durable. [`Store::upkeep`] is the only way to write without a leaf; it
//! is for work that is no act (giving out positions, forgetting what expired).
//!
//! * SQLite: one writer runs all acts that are waiting in one commit, each in a savepoint of its own, and answers
//!   when the commit is on disk. Reads have a pool of their own.
//! * PostgreSQL: each act is a transaction (READ COMMITTED), run again as a whole when the database reports a
//!   conflict (40001, 40P01). A single statement is never repeated.
//!
//! # One SQL text
//! A [`Statement`] is one text with `$1` binds that both databases take; where they truly differ it has two, made by
//! a named function. Values travel as [`Arg`] and come back through [`Row::get`]. An enum over the two drivers does
//! this with less code than a macro body stamped twice, and stays readable in an editor. A statement that fails
//! poisons its [`Tx`]: nothing of it is committed, whatever the command returns, because PostgreSQL would not go on
//! either.
//!
//! # What is absent on purpose
//! No SQL built at run time. No types but text, integer, bytes and bool. No cache. No keys: what is sealed here is
//! sealed by `sluis-keyring`. No value of a row, argument or key in any error or log.

mod act;
mod config;
mod error;
mod idempotency;
mod journal;
mod migration;
mod outbox;
mod perform;
mod postgres;
mod row;
mod sqlite;
mod statement;
mod store;
mod tx;

pub use act::{Command, Outcome, Remembered, Request, Stored, Upkeep, Written};
pub use config::{Dialect, StoreConfig};
pub use error::{ConfigError, OpenError, StoreError, WriteError};
pub use idempotency::REQUEST_MEMORY;
pub use journal::{Journal, LeafReference, LogEvent, LoggedId, Subject};
pub use migration::{MigrationFile, MigrationSet, STORE_MIGRATIONS, Schema, migrate};
pub use outbox::{Batch, Outbox, OutboxError, OutboxEvent, OutboxRecord, Position, READ_EVENTS_MAX};
pub use row::{FromColumn, Row};
pub use statement::{Arg, ArgType, Statement};
pub use store::{Durability, Parts, ReadTx, Store};
pub use tx::Tx;

/// Every statement of this crate, for the test that prepares them on both databases.
pub const STATEMENTS: &[&[Statement]] = &[idempotency::ALL, outbox::ALL, migration::ALL, store::ALL];
