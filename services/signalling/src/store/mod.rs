//! What is kept, and how: SQL as constants ([`sql`]), one file per aggregate, and everything sealed on the way.

pub(crate) mod agenda;
pub(crate) mod boxes;
pub(crate) mod cell;
pub(crate) mod encounter;
pub(crate) mod ended_grant;
pub(crate) mod ended_key;
pub(crate) mod meeting;
mod meeting_layout;
pub(crate) mod place;
pub(crate) mod quota;
pub(crate) mod signal;
pub(crate) mod sql;
pub(crate) mod under_tag;
pub(crate) mod vault;
pub(crate) mod watch;

use std::num::NonZeroUsize;

use sluis_store::{MigrationSet, Schema};

/// Lengths of the rows that somebody may ask for that are not there.
const STEPS: [NonZeroUsize; 5] = [
    signal::STEP,
    encounter::STEP,
    boxes::STEP,
    meeting::STEP,
    agenda::MESSAGE_STEP,
];

/// The tables of this service.
pub static MIGRATIONS: MigrationSet = sluis_store::migrations!("signalling": "0001_signals", "0002_meetings");

/// The whole schema of this service's database: its own tables and its log's.
pub fn schema() -> Schema {
    Schema::of(&[&sluis_ledger::MIGRATIONS, &MIGRATIONS])
}
