//! The log of a service: who did what, when, to whose record, in a form that nobody can quietly change.
//!
//! # The life of a leaf
//! 1. [`Ledger`] is the store's journal. In the act's own transaction it draws a salt, computes
//!    *leaf* = `H("sluis/v1/leaf", salt, canonical event)`, stores salt and event sealed where only the service can
//!    find them, and puts the leaf among those that wait. If that fails, the act fails: no leaf, no act.
//! 2. The reply carries the signed [leaf promise](Ledger::promise).
//! 3. The [`Sequencer`] gives committed leaves their places in a Merkle tree (RFC 6962 §2.1) and signs a checkpoint
//!    (C2SP tlog-checkpoint) of it, in one transaction, so that no tree is ever without its checkpoint.
//! 4. Retention deletes event and salt. The leaf stays; without the salt it says nothing; the tree still verifies.
//!
//! # Invariants
//! * An event is found by the tag that consent gives it, or by `HMAC(index key, grant, number)` with gap-free numbers:
//!   no two rows of one person can be joined without the key, and no row names its leaf.
//! * The statements of one leaf are the same for every grant, known or not.
//! * The tree only grows. Before a tree is signed, the part that was there is checked against the root that was
//!   signed before, so a damaged table stops the sequencer instead of making it sign another history.
//! * Two sequencers cannot both place leaves: the lock of one row orders them, and a fence refuses the one whose lease
//!   another took over. Clocks only decide who works, never what is right.
//!
//! # Absent on purpose
//! Proofs for clients, co-signatures, and rotation of the log's key.

mod canonical;
mod error;
mod ledger;
mod reading;
mod retention;
mod sequencer;
mod sql;
mod tree;

pub use canonical::{DETAILS_BYTES_MAX, IDS_MAX, LoggedEvent, METHOD_BYTES_MAX, USER_BYTES_MAX};
pub use error::LedgerError;
pub use ledger::{Ledger, LedgerParts, PROMISE_DUE};
pub use reading::{EVENTS_PAGE_MAX, EventPage, Recorded};
pub use retention::ACCESS_LOG_KEPT;
pub use sequencer::{Sequenced, Sequencer};
pub use sql::STATEMENTS;

/// The log's tables.
pub static MIGRATIONS: sluis_store::MigrationSet = sluis_store::migrations!("ledger": "0001_log");
