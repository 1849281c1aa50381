//! What is kept, and how: SQL as constants ([`sql`]), one file per aggregate, and everything sealed on the way.

pub(crate) mod blob;
pub(crate) mod ciphertext;
pub(crate) mod message;
pub(crate) mod page;
pub(crate) mod sql;
pub(crate) mod thread;
pub(crate) mod vault;
pub(crate) mod watch;

use sluis_store::{MigrationSet, Schema};

/// The tables of this service.
pub static MIGRATIONS: MigrationSet = sluis_store::migrations!("referral": "0001_mailbox");

/// The whole schema of this service's database: its own tables and its log's.
pub fn schema() -> Schema {
    Schema::of(&[&sluis_ledger::MIGRATIONS, &MIGRATIONS])
}
