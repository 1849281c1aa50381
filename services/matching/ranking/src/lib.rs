//! The service directory (sociale kaart): what an [`Offer`] is, whether it fits a [`Question`], in which order, and why.
//!
//! The question is "what fits me, near me, now?", and it is answered where it is asked: the SDK and the service
//! rank with this crate, so no need of a person ever has to leave the resident's side. Ranking has two steps: hard
//! filters ([`Misfit`]), then the overlap with what the resident ticked ([`Standing`]), with every [`Reason`].
//!
//! Invariants: pure (no I/O, no clock, no chance); the order is total, explained by its own parts and independent of
//! the order of the input; there is no number that rates a person or an offer. What comes from outside is parsed
//! into types that cannot hold a confidential address, an unknown code or an endless text. Reasons are typed, and
//! shown in words by whoever shows them.

mod area;
mod capacity;
mod card;
mod document;
mod facts;
mod offer;
mod question;
mod rank;
mod text;

pub use area::{Area, AreaLevel};
pub use capacity::{Availability, Capacity, STALE_AFTER_DAYS, WAIT_WEEKS_MAX, Weeks};
pub use card::{CARD_TAGS, CardTag};
pub use document::{
    AddressDocument, CapacityDocument, ContactDocument, DOCUMENT_BYTES_MAX, OfferDocument, OpeningDocument,
    ProofDocument,
};
pub use facts::{Facts, Rankable};
pub use offer::{
    AREAS_MAX, Address, Ages, Contact, LANGUAGES_MAX, OPENINGS_MAX, Offer, Opening, Place, ProofBasis,
    TAGS_MAX, VulnerabilityProof,
};
pub use question::{PlanTag, Question};
pub use rank::{Misfit, Nearness, Ranked, Ranking, Reason, Standing, rank};
pub use text::{InvalidOffer, Language, LongText, ShortText, Tag};
