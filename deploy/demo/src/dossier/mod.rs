//! What one dump of all databases tells without keys: a search for what must not be there, and an attempt to tell
//! whose row is whose.

mod dump;
mod grouping;
mod postgres;
mod rand_index;
mod rows;
mod search;
mod truth;

pub use dump::{Dump, RawFile};
pub(crate) use grouping::below;
pub use grouping::{Attempt, Outcome, attempt_to_group};
pub use rand_index::{Items, adjusted_rand_index};
pub use rows::{Database, Row, RowId, Value};
pub use search::{Finding, Needle, search};
pub use truth::{ActId, Observer, Truth};

/// The databases of a mesh, by the name of their file.
pub const STORES: [&str; 5] = ["registry", "consent", "referral", "signalling", "matching"];
