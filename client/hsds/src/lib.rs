//! Open Referral HSDS 3.0: reading and writing service directories, and making offers of them.
//!
//! Real directories are messy, so reading never fails: [`read`] takes whatever it is given and says, row by row, what
//! it took, mended and refused ([`Report`]), in a form that goes back to the source. What it does not understand it
//! carries along, so that [`Directory::to_json`] and [`Directory::to_csv`] give it back.
//!
//! Invariants: pure (no I/O, no clock); total on any bytes; a confidential address is taken out while reading, so that
//! nothing later can show it; a person's name or own telephone number never becomes part of an offer.
//! Deliberately absent: the JSON Schemas of HSDS. The shape in `schema` is the part of them that nesting needs.

mod confidential;
mod directory;
mod encoding;
mod flatten;
mod mend;
mod nest;
mod offer;
mod profile;
mod read_csv;
mod read_json;
mod report;
mod schema;
mod words;

pub use directory::{Directory, SourceFile, read};
pub use offer::{Publisher, offers};
pub use profile::export;
pub use report::{Finding, Report, Severity};
