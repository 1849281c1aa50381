//! The SDK for partner organisations.
//!
//! One obvious way: [`Partner::connect`], then [`Partner::send`] and [`Partner::open`]. The SDK keeps the
//! organisation's keys ([`Profile`]), checks every key of others against a pinned fingerprint, asks for consent before
//! it seals, retries with the same id, verifies every receipt, and seals again what a changed grant made unreadable.
//!
//! What it never does: send a private key, trust a key that does not follow from a pin, seal more than a grant allows,
//! or print content, a handle or a key.
//!
//! A program that uses it calls [`install_crypto_provider`] first.

mod assisted;
mod connection;
mod consent;
mod doctor;
mod enrol;
mod environment;
mod error;
mod form;
mod guard;
mod inbox;
mod invitation;
mod legal_basis;
mod matching;
mod meeting;
mod open;
mod outgoing;
mod own_keys;
mod partner;
mod private_file;
mod profile;
mod referrals;
mod reseal;
mod sealed_signal;
mod send;
mod signal_form;
mod signalling;
mod token;
mod trust;
mod upload;

pub use assisted::{Assisted, Evidence, Notice, Recorded, RecordedMandate, sha256};
pub use consent::{Allowed, Ask, Provision, to_proto_timestamp};
pub use doctor::{Finding, Verdict, examine};
pub use enrol::enrol;
pub use environment::Environment;
pub use error::{Error, Refused};
pub use form::{
    ANSWER_JSON, Answer, FHIR_JSON, HeldPlace, LifeDomainNote, Plan, REFERRAL_FORM_JSON, ReferralForm,
    Referrer, ResidentContact, ResidentInformed, TEXT,
};
pub use inbox::{InboxItem, MailboxEvent, MessageNotice};
pub use invitation::{Invitation, MeshKeys};
pub use legal_basis::{LegalBasisRecord, NewLegalBasis, OwnLegalBasis};
pub use matching::{
    CapacityAnswer, CapacityQuestion, Card, Directory, DirectoryChange, EnrolledCard, HomeNeed, Housing,
    HousingCounts, HousingStep, Increment, Introduction, IntroductionAnswer, ListedOffer, Place, PlaceState,
    Room, WeekParts,
};
pub use meeting::{AgendaEntry, Finished, ItemTold, MeetingPlan, OpenedItem, PlannedAction, Seat};
pub use open::Opened;
pub use outgoing::{Outgoing, OutgoingAttachment, Progress, Sent, attachment_media_type};
pub use partner::{Partner, Professional};
pub use profile::{Conversation, Profile};
pub use referrals::{Command, Referral};
pub use reseal::Tended;
pub use sealed_signal::OutgoingSignal;
pub use signal_form::{
    AMOUNT_BANDS, ARREARS_MONTHS_MAX, Arrears, CONTACT_LINE_CHARS_MAX, Observation, SEVERITY_MAX,
    SIGNAL_FORM_JSON, SIGNAL_TEXT_CHARS_MAX, SignalContact, SignalForm,
};
pub use signalling::{
    CALL_INSTEAD, CONTACT_CARD_JSON, Checklist, CircleQuestion, Contact, ContactCard, Counted, CountedType,
    DeferralReason, Ended, HandedOn, KeptCircle, Match, MatchCommand, MatchEvent, MatchOutcome, Month,
    NotPosted, Party, Posted, Quarter, ResidentTold, Severity, Signal, SignalQuarter, SignalTexts,
    SignalsTended, Worry,
};

pub use sluis_envelope as envelope;
pub use sluis_proto as proto;
pub use sluis_ranking as ranking;
pub use sluis_types as types;

/// Makes aws-lc-rs the process's cryptography for TLS, so that the post-quantum key exchange is there. Call it first
/// in `main`; calling it again does nothing.
pub fn install_crypto_provider() {
    // An error means that one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
