//! What an act in a meeting does beside the meeting itself.

use sluis_types::{AgendaItemId, Oin};

use super::item::Item;
use crate::domain::life::Outcome;

/// What becomes of the signals and matches of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// They return to where they were.
    Back,
    /// Somebody does something about them.
    FollowUp,
    /// They are closed at the meeting.
    Close(Outcome),
    /// The signals are closed, because the last action is done; a match is closed by its lead.
    CloseSignals(Outcome),
}

/// What an act does beside the meeting itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Steps of the signals and matches of items.
    pub(crate) steps: Vec<(AgendaItemId, Step)>,
    /// Items whose messages are erased.
    pub(crate) erased: Vec<AgendaItemId>,
    /// The items that it was about: whose grants' log it stands in.
    pub(crate) about: Vec<AgendaItemId>,
    /// The organisation that left.
    pub(crate) left: Option<Oin>,
}

impl Effects {
    pub(super) fn add(&mut self, more: Self) {
        self.steps.extend(more.steps);
        self.erased.extend(more.erased);
        self.about.extend(more.about);
    }
}

/// The item, where it came to an end: then its messages have no purpose left.
pub(super) fn erased(item: &Item) -> Vec<AgendaItemId> {
    if item.goes_on() { Vec::new() } else { vec![item.id] }
}

/// What goes with an item that is treated no more: its messages, and its signals go back.
pub(super) fn gone(item: &Item) -> Effects {
    Effects {
        steps: vec![(item.id, Step::Back)],
        erased: erased(item),
        about: vec![item.id],
        left: None,
    }
}
