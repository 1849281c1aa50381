//! What is kept, and how: SQL as constants ([`sql`]), one file per aggregate, and everything about places and people
//! sealed on the way.

pub(crate) mod attached_place;
pub(crate) mod card;
pub(crate) mod housing;
pub(crate) mod introduction;
pub(crate) mod offer;
pub(crate) mod page;
pub(crate) mod places;
pub(crate) mod question;
pub(crate) mod shelf;
pub(crate) mod sql;
pub(crate) mod vault;

use std::num::NonZeroUsize;

use sluis_store::{MigrationSet, Schema};

/// Lengths of the rows that somebody may ask for that are not there.
const STEPS: [NonZeroUsize; 1] = [page::PAGE_BYTES];

/// The tables of this service.
pub static MIGRATIONS: MigrationSet = sluis_store::migrations!("matching": "0001_directory", "0002_page");

/// The whole schema of this service's database: its own tables and its log's.
pub fn schema() -> Schema {
    Schema::of(&[&sluis_ledger::MIGRATIONS, &MIGRATIONS])
}
