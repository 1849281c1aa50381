//! Who may see what of a meeting.

use sluis_types::{AgendaItemId, Oin, ProfessionalRole};

use super::code::ItemState;
use super::item::Item;
use super::life::Actor;
use super::person::{Person, Seat};
use super::session::Meeting;

impl Meeting {
    /// The seat of an organisation.
    pub(crate) fn seat(&self, organisation: Oin) -> Option<&Seat> {
        self.participants
            .iter()
            .find(|seat| seat.organisation == organisation)
    }

    fn coordinates(&self, person: &Person) -> bool {
        person.organisation == self.coordinator && person.role == ProfessionalRole::Coordinator
    }

    /// Whether this person opened it.
    pub(crate) fn is_chair(&self, person: &Person) -> bool {
        person.organisation == self.chair && self.chair_person == Some(person.professional)
    }

    /// Whether this person knows of the meeting.
    pub(crate) fn knows(&self, person: &Person) -> bool {
        let has_seat = |seat: &Seat| seat.roles.contains(person.role);
        self.coordinates(person) || self.seat(person.organisation).is_some_and(has_seat)
    }

    /// Whether this person is at the meeting, or may be.
    pub(crate) fn is_in(&self, person: &Person) -> bool {
        self.knows(person) && self.seat(person.organisation).is_some_and(Seat::may_come)
    }

    /// Whether this person may see an item. What the resident objected to is hidden from everyone but who put it on.
    pub(crate) fn shows(&self, item: &Item, person: &Person) -> bool {
        if !self.is_in(person) {
            return false;
        }
        if item.presenter == person.organisation {
            return true;
        }
        item.state != ItemState::Objected
            && (self.coordinates(person) || person.organisation == self.chair || item.invites(person))
    }

    /// An item that this person may see.
    pub(crate) fn item_for(&self, id: AgendaItemId, person: &Person) -> Option<&Item> {
        self.items
            .iter()
            .find(|item| item.id == id && self.shows(item, person))
    }

    /// An item, whoever asks.
    pub(crate) fn item(&self, id: AgendaItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// What this person is to the meeting.
    pub(super) fn actors(&self, person: &Person) -> Vec<Actor> {
        let mut held = Vec::new();
        let mut hold = |is: bool, actor| {
            if is {
                held.push(actor);
            }
        };
        hold(self.knows(person), Actor::Invitee);
        let is_guest = ![self.coordinator, self.chair].contains(&person.organisation);
        hold(self.knows(person) && is_guest, Actor::Guest);
        hold(self.is_in(person), Actor::Participant);
        hold(self.coordinates(person), Actor::Coordinator);
        hold(self.is_chair(person), Actor::Chair);
        let may_open = self.is_in(person) && person.organisation == self.chair && self.chair_person.is_none();
        hold(may_open, Actor::ChairToBe);
        held
    }
}
