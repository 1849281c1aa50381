//! The life of a signal and, from its match on, of the match.

mod event;
mod stage;
mod table;

pub(crate) use event::{Actor, Event};
pub(crate) use stage::{Open, Outcome, Stage};
pub(crate) use table::Illegal;
