//! The service directory (sociale kaart) on the reader's own disk.
//!
//! [`Kaart`] keeps the directory as matching signed it, takes increments, and answers questions from it: full text by
//! tantivy, with Dutch stems and stop words, and then the ranking that everybody uses. It has no network, so a
//! question cannot leave.
//!
//! Invariants: what is shown was signed as a whole (an increment that does not match its head changes nothing);
//! versions never go back; files are for their owner only (0600 in a folder of 0700); the full-text index holds nothing
//! that the kept directory does not, and is made again whenever the two differ. Nothing of a question is ever written.

mod change;
mod error;
mod facts;
mod index;
mod kaart;
mod shelf;

pub use change::Change;
pub use error::Error;
pub use kaart::{Found, Kaart};
