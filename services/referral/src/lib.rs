//! Sealed mailboxes and the closed loop of a referral.
//!
//! A partner submits a sealed message; its recipient is told, fetches it, opens it through consent's gate and
//! answers with status commands and sealed feedback. This service sees the header and nothing more. It learns from
//! consent's watch that a grant ended, was replaced or paused, and takes away what may no longer be opened.
//!
//! # What stands in the database in clear, and why
//!
//! | table | column | why |
//! |---|---|---|
//! | `message` | `message_id` | given by the sender, random but for its time; recipients ask by it |
//! | | `sender`, `recipient` | a caller is part of every query, and inboxes and lists are read by them |
//! | | `inbox_position` | orders an inbox: the time of receipt in microseconds; NULL once it arrived or ended |
//! | | `due` | a timer finds what is due by it: full hours, NULL when nothing is left to wait for. It hangs on messages only, also where it is about their referral, so that no thread row carries a time |
//! | `ciphertext` | `sealed_r`, `sealed_c`, `content` | sealed by the sender; their lengths are padded |
//! | `blob` | `due` | the hour after which an unclaimed attachment goes |
//! | `blob_piece` | `bytes` | sealed by the sender |
//!
//! Everything else is sealed: manifests, receipts, states, and the pages of grants and threads, which all have one
//! length. Rows but messages are found by HMACs under the index key, each row by one of its own: no two rows share a
//! value, and nothing names a message, a grant or a thread but the row it is. The store's and the log's own tables
//! are described there; this service puts at most one row into the outbox per act, without a recipient.
//!
//! # Invariants
//!
//! - A submission is one transaction: message, ciphertext, thread, grant, claims of attachments, event and leaf.
//! - Ciphertext is gone when the transaction that ends, supersedes or replaces its message is.
//! - Locks are taken in one order: grant, threads by id, messages.
//! - What consent's watch told is applied in the transaction that moves the watch on; applying it again changes
//!   nothing.
//! - A message's id is the idempotency key of its submission, for ever.
//!
//! Deliberately absent: any key that opens content, any reason in words, who a resident is.

mod api;
mod config;
mod context;
mod domain;
mod ending;
mod error;
mod event;
mod feed;
mod jobs;
mod log;
mod service;
mod store;

pub use config::Config;
pub use service::{ConsentKeys, Parts, PublicKeys, Referral, StartError, ledger, mesh_signer, public_keys};
pub use store::{MIGRATIONS, schema};

/// Every statement of this service, for the test that has both databases prepare them.
pub fn statements() -> &'static [sluis_store::Statement] {
    store::sql::ALL
}
