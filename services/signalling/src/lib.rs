//! Circles, signals and the matches between them.
//!
//! An organisation writes a worry down, somebody weighs it, and in every epoch (a week) that it lives in it is posted
//! where the posts of its circle meet: at a tag that consent signed and that nobody keeps. Where signals of two
//! organisations meet, one of them strong, each is told, and each gets the other's contact box, which the circle's gate
//! opens on a match statement of this service. Below that nobody learns anything. What a signal is about, and whom,
//! stays with its sender.
//!
//! # What stands in the database in clear, and why
//!
//! | table | column | why |
//! |---|---|---|
//! | `signal` | `signal_id` | given by the sender, random; a caller asks by it |
//! | | `organisation` | a caller is part of every query |
//! | | `due` | a timer finds what is over by it: whole days |
//! | `cell`, `contact_box`, `quota` | `epoch` | an epoch's rows go together when it is over |
//! | `quota` | `used` | a count under an HMAC that goes with the epoch |
//! | `ended_key` | `epoch` | a row goes when no post can name the key any more |
//! | `signal_match` | `due` | a timer finds what is due by it: full hours |
//! | `match_party` | `organisation` | a caller is part of every query |
//! | `meeting` | `due` | a timer finds what is due by it: full hours |
//! | `meeting_seat` | `organisation` | a caller is part of every query |
//! | `ended_grant` | `epoch` | a row goes when no token can name the version any more |
//!
//! Cells and contact boxes are found by HMAC under the epoch's pepper, which lies outside the database and is destroyed
//! with the epoch, and sealed under a key that comes from the tag, which is kept nowhere. All else is sealed under the
//! column keys, each kind to one length, and found by HMACs under the index key, each row by one of its own.
//!
//! # Invariants
//!
//! - Neither a gate key id nor a grant id stands beside a post; a post's leaf names its organisation and nothing else.
//! - The answer to a post does not depend on what it meets, and below a match neither do the statements.
//! - Locks are taken in one order: cell or ended grants, meeting, signals by id, matches by id, lists of items. Who
//!   changes a match takes its signals after it; where the two orders meet, the database gives one up and it runs again.
//! - What consent's watch told is applied in the transaction that moves the watch on; applying it again changes nothing.
//!
//! - A meeting shows an item to who put it on, who is invited to it, and to coordinator and chair without its message;
//!   nothing that a meeting shows to others depends on it.
//!
//! Deliberately absent: minutes of a meeting, free text about anybody, what a signal is about, who a resident is, any count or score of signals, and any way to ask
//! whether there are signals without one's own.

mod api;
mod config;
mod context;
mod domain;
mod ending;
mod error;
mod event;
mod jobs;
mod log;
mod meet;
mod service;
mod settling;
mod store;

pub use config::Config;
pub use service::{ConsentKeys, Parts, PublicKeys, Signalling, StartError, ledger, mesh_signer, public_keys};
pub use store::{MIGRATIONS, schema};

/// Every statement of this service, for the test that has both databases prepare them.
pub fn statements() -> &'static [sluis_store::Statement] {
    store::sql::ALL
}
