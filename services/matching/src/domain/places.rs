//! Places of one offer: free, held, claimed, waited for.
//!
//! What time does is worked out whenever the places are looked at ([`Places::settle`]), so that no timer has to run for
//! a hold to end or for the next in line to get its turn, and no moment exists at which they disagree with the clock.

use std::time::Duration;

use sluis_types::{Oin, PlaceId, Timestamp};

/// How long a place is held.
pub(crate) const HOLD_LIFE: Duration = Duration::from_hours(72);
/// Places that an offer can have open at once.
pub(crate) const PLACES_MAX: usize = 40;
/// How many may wait for one offer.
pub(crate) const WAITING_MAX: usize = 40;
/// How many places and numbers one organisation may have at one offer: nobody takes them all.
pub(crate) const PER_ORGANISATION_MAX: usize = 8;

/// A place that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: PlaceId,
    pub(crate) holder: Oin,
    pub(crate) until: Timestamp,
}

/// A number on the waiting list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) id: PlaceId,
    pub(crate) holder: Oin,
}

/// The places of one offer. Never are more held than are open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// How many may be held and claimed from now on.
    pub(crate) open: u16,
    /// In the order in which they were given.
    pub(crate) held: Vec<Hold>,
    /// First come, first.
    pub(crate) waiting: Vec<Waiting>,
}

/// How a place stands with who holds it or waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Held until then.
    Held(Timestamp),
    /// So many come before it, itself counted.
    Waiting(u32),
    /// The offering organisation took it.
    Claimed,
}

/// Nothing free, the list full, or too many of one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken;

impl Places {
    /// Lets time pass: holds that ended are gone, and each place that so came free went to the first in line at that
    /// very moment, for whom it may have ended since.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while let Some(ended) = self.first_to_end().filter(|index| self.held[*index].until <= now) {
            let at = self.held.remove(ended).until;
            self.give_to_waiting(at);
        }
    }

    fn first_to_end(&self) -> Option<usize> {
        (0..self.held.len()).min_by_key(|index| self.held[*index].until)
    }

    fn free(&self) -> usize {
        usize::from(self.open).saturating_sub(self.held.len())
    }

    fn give_to_waiting(&mut self, at: Timestamp) {
        while self.free() > 0 && !self.waiting.is_empty() {
            let Waiting { id, holder } = self.waiting.remove(0);
            self.held.push(Hold {
                id,
                holder,
                until: at.plus(HOLD_LIFE),
            });
        }
    }

    /// Holds a place or, where none is free and `wait`, takes a number.
    ///
    /// # Errors
    /// [`Taken`]; nothing changed then but what time did.
    pub(crate) fn hold(
        &mut self,
        id: PlaceId,
        holder: Oin,
        wait: bool,
        now: Timestamp,
    ) -> Result<Standing, Taken> {
        self.settle(now);
        let of_holder = self.held.iter().filter(|hold| hold.holder == holder).count()
            + self
                .waiting
                .iter()
                .filter(|waiting| waiting.holder == holder)
                .count();
        if of_holder >= PER_ORGANISATION_MAX {
            return Err(Taken);
        }
        if self.free() > 0 {
            let until = now.plus(HOLD_LIFE);
            self.held.push(Hold { id, holder, until });
            return Ok(Standing::Held(until));
        }
        if !wait || self.waiting.len() >= WAITING_MAX {
            return Err(Taken);
        }
        self.waiting.push(Waiting { id, holder });
        Ok(Standing::Waiting(position(self.waiting.len() - 1)))
    }

    /// How a place of `holder` stands; none when it is another's, ended or never was.
    pub(crate) fn standing(&self, id: PlaceId, holder: Oin) -> Option<Standing> {
        let held = self
            .held
            .iter()
            .find(|hold| hold.id == id && hold.holder == holder);
        if let Some(hold) = held {
            return Some(Standing::Held(hold.until));
        }
        self.waiting
            .iter()
            .position(|waiting| waiting.id == id && waiting.holder == holder)
            .map(|index| Standing::Waiting(position(index)))
    }

    /// Gives a place or a number back. False when `holder` has no such.
    pub(crate) fn release(&mut self, id: PlaceId, holder: Oin, now: Timestamp) -> bool {
        self.settle(now);
        if self.standing(id, holder).is_none() {
            return false;
        }
        self.held.retain(|hold| hold.id != id);
        self.waiting.retain(|waiting| waiting.id != id);
        self.give_to_waiting(now);
        true
    }

    /// The offering organisation takes a held place for good. False when it is not held.
    pub(crate) fn claim(&mut self, id: PlaceId, now: Timestamp) -> bool {
        self.settle(now);
        let Some(index) = self.held.iter().position(|hold| hold.id == id) else {
            return false;
        };
        self.held.remove(index);
        self.open = self.open.saturating_sub(1);
        true
    }

    /// So many are open from now on.
    ///
    /// # Errors
    /// [`Taken`] when more are held than that: what was promised is kept.
    pub(crate) fn open(&mut self, places: u16, now: Timestamp) -> Result<(), Taken> {
        self.settle(now);
        if usize::from(places) < self.held.len() {
            return Err(Taken);
        }
        self.open = places;
        self.give_to_waiting(now);
        Ok(())
    }
}

fn position(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
