//! What may happen, and what becomes of it: pure, without a clock, a database or a network.

pub(crate) mod attached_place;
pub(crate) mod card;
pub(crate) mod housing;
pub(crate) mod introduction;
pub(crate) mod places;
pub(crate) mod question;
pub(crate) mod tally;
pub(crate) mod words;

/// What the state of something does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Illegal {
    /// Where it is.
    pub(crate) state: &'static str,
    /// What this caller may do instead.
    pub(crate) allowed: Vec<&'static str>,
}
