//! What is kept, and how: SQL as constants ([`sql`]), one file per aggregate, and everything sealed on the way.

pub(crate) mod blob;
pub(crate) mod ciphertext;
pub(crate) mod message;
pub(crate) mod page;
pub(crate) mod sql;
pub(crate) mod thread;
pub(crate) mod vault;
pub(crate) mod watch;

use std::num::NonZeroUsize;

use sluis_store::{MigrationSet, Schema};

/// Lengths of the rows that somebody may ask for that are not there.
const STEPS: [NonZeroUsize; 4] = [
    message::FACTS_STEP,
    message::LIFE_STEP,
    page::PAGE_BYTES,
    blob::FACTS_STEP,
];

/// The tables of this service.
pub static MIGRATIONS: MigrationSet = sluis_store::migrations!("referral": "0001_mailbox");

/// The whole schema of this service's database: its own tables and its log's.
pub fn schema() -> Schema {
    Schema::of(&[&sluis_ledger::MIGRATIONS, &MIGRATIONS])
}
