//! The kept directory: what it takes, what it refuses, what survives, and what it finds.

mod finding;
mod keeping;
#[path = "../../../services/matching/ranking/tests/made.rs"]
mod made;
mod signed;
