//! The nouns of the domain that every part of Sluis shares.
//!
//! What may live here: identifiers, closed code lists with their wire numbers, and time and chance as values
//! that are passed in. What may not: anything that knows of gRPC, SQL, keys or a service. This crate imports
//! nothing else of Sluis, does no I/O but reading the clock and the operating system's randomness, and never
//! prints a value that identifies a person ([`Handle`] redacts itself).

mod clock;
mod code;
mod directory;
mod disclosure;
mod epoch;
mod housing;
mod id;
mod introduction;
mod legal_basis;
mod organisation;
mod random;
mod signal;
mod signal_route;
mod vocabulary;

pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use code::{Code, CodeSet, UnknownCode};
pub use directory::{
    Accessibility, CapacityStatus, Entrance, Law, OfferKind, ProofCriterion, Provision, Quadrant,
};
pub use disclosure::{COUNT_MIN, disclosed, is_small_count};
pub use epoch::{EPOCH_DAYS, Epoch};
pub use housing::{HomeAccess, HousingMove, HousingState, LeaseKind, SizeBand, SupportBand};
pub use id::{
    AgendaItemId, BlobId, BoxId, CardId, GrantId, Handle, HousingId, IntroductionId, KeyId, MatchId,
    MeetingId, MessageId, OfferId, ParseIdError, PlaceId, QuestionId, RequestId, SignalId, ThreadId,
};
pub use introduction::{CardRole, DistanceBand, Gender, IntroductionState};
pub use legal_basis::{BasisCheck, DeferralReason, LegalArticle, LegalBasis, ReviewOutcome};
pub use organisation::{OIN_BYTES, Oin, ParseOinError};
pub use random::{OsRandomness, Randomness, SeededRandomness};
pub use signal::{
    CIRCLE_DAYS_MAX, CIRCLE_EPOCHS_MAX, CIRCLE_MEMBERS_MAX, CIRCLE_MEMBERS_MIN, MatchClass, SignalType,
    circle_epochs,
};
pub use signal_route::SignalBasis;
pub use vocabulary::{
    DataKind, LifeDomain, MessageKind, OrganisationKind, Priority, ProfessionalRole, Purpose, Service,
};
