//! The sociale kaart, places, introductions and homes.
//!
//! The question is "what fits me, near me, now?", asked without telling anybody who asks. Organisations publish offers;
//! whoever looks for one ranks them at home. Nothing here is about a person until somebody consented: a place is held
//! under a random id, an introduction is of two cards that each stand on a grant of their own, and a way to a home
//! carries what a landlord must know and nothing of care.
//!
//! # What stands in the database in clear, and why
//!
//! | table | column | why |
//! |---|---|---|
//! | `offer`, `offer_area`, `offer_words`, `directory` | all | the directory is public within the mesh, and about no resident |
//! | `page` | none | a page is found by an HMAC and sealed; all have one length |
//!
//! Pages hold the places of an offer, questions, cards, introductions, homes, and which of them belong to an
//! organisation or a grant. Neither what a page is about nor how much stands on it can be seen.
//!
//! # Invariants
//!
//! - Never are more places held than are open, and nobody passes one who waits.
//! - What time does (a hold ends, the next gets its turn, an introduction was not answered) is worked out whenever it is
//!   looked at, never by a timer: no two looks at one moment disagree.
//! - What one side of an introduction is shown is worked out from its own answer, the time, and whether both said yes;
//!   from nothing else.
//! - Locks are taken in one order: offer, directory; one page of the thing itself, then pages of shelves by owner.
//!
//! Deliberately absent: any name, any contact, any text about a person, any score.

mod api;
mod context;
mod domain;
mod error;
mod jobs;
mod listing;
mod log;
mod service;
mod store;

pub use service::{ConsentKeys, Matching, Parts, PublicKeys, StartError, ledger, mesh_signer, public_keys};
pub use store::{MIGRATIONS, schema};

/// Every statement of this service, for the test that has both databases prepare them.
pub fn statements() -> &'static [sluis_store::Statement] {
    store::sql::ALL
}
