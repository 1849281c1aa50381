//! Signals and circles: worries that meet without a register of worries.
//!
//! What an organisation does: it proposes a circle and keeps the bundles that come of one ([`Partner::fetch_circles`]);
//! it writes worries down, weighs and renews them ([`Partner::draft_signal`]); its system posts each live one by itself,
//! early in every week and at a moment of its own ([`Partner::tend_signals`]); it hears of matches
//! ([`Partner::watch_matches`]) and opens whom to call ([`Partner::open_contacts`]).
//!
//! A signal's type, its words and whom it is about are in the profile and nowhere else.
//!
//! [`Partner::fetch_circles`]: crate::Partner::fetch_circles
//! [`Partner::draft_signal`]: crate::Partner::draft_signal
//! [`Partner::tend_signals`]: crate::Partner::tend_signals
//! [`Partner::watch_matches`]: crate::Partner::watch_matches
//! [`Partner::open_contacts`]: crate::Partner::open_contacts

mod card;
mod checklist;
mod circles;
mod contacts;
mod handed_on;
mod handing_on;
mod kept_circle;
mod kept_match;
mod kept_signal;
mod matches;
mod posting;
mod quarter;
mod schedule;
mod signals;
mod statistics;
mod tending;
mod watch;

pub use card::{CONTACT_CARD_JSON, ContactCard};
pub use checklist::{CALL_INSTEAD, Checklist, DeferralReason, ResidentTold, Severity};
pub use circles::{CircleQuestion, KeptCircle};
pub use contacts::Contact;
pub use handed_on::{Counted, CountedType, HandedOn};
pub use handing_on::SignalQuarter;
pub use matches::{Match, MatchCommand, MatchOutcome, Party};
pub use posting::{NotPosted, Posted};
pub use quarter::{Month, Quarter};
pub use signals::{Signal, SignalTexts, Worry};
pub use statistics::Ended;
pub use tending::SignalsTended;
pub use watch::MatchEvent;
