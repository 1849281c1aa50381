//! The contract of the store, on SQLite and on PostgreSQL.

mod acts;
mod conflicts;
mod counter;
mod groups;
mod opening;
mod outbox;
mod reading;
mod unstored;
