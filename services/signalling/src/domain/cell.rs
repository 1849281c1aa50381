//! A cell: where the posts of one circle and match class meet in one epoch.

use sluis_types::{CIRCLE_MEMBERS_MAX, GrantId, MatchId, Oin, SignalId};

/// How many organisations must have posted.
const ORGANISATIONS_MIN: usize = 2;

/// One organisation's post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Who posted.
    pub(crate) organisation: Oin,
    /// Which signal.
    pub(crate) signal: SignalId,
    /// Whether it can make a match.
    pub(crate) is_strong: bool,
    /// The circle, as the contact boxes name it.
    pub(crate) grant: GrantId,
}

/// The posts that meet, at most one per organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    entries: Vec<Entry>,
    /// The match that they made.
    pub(crate) matched: Option<MatchId>,
}

/// More organisations than a circle has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Cell {
    /// A cell as it was kept.
    pub(crate) const fn of(entries: Vec<Entry>, matched: Option<MatchId>) -> Self {
        Self { entries, matched }
    }

    /// The posts, in the order of their organisations.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds a post. A further one of the same organisation takes the place of the one before, and stays strong where
    /// that was: an organisation meets others, never itself, and takes nothing back within the epoch.
    ///
    /// # Errors
    /// [`Full`]; nothing was added.
    pub(crate) fn post(&mut self, entry: Entry) -> Result<(), Full> {
        match self
            .entries
            .binary_search_by_key(&entry.organisation, |known| known.organisation)
        {
            Ok(place) => {
                let before = self.entries[place];
                self.entries[place] = Entry {
                    is_strong: entry.is_strong || before.is_strong,
                    ..entry
                };
            }
            Err(_) if self.entries.len() >= CIRCLE_MEMBERS_MAX => return Err(Full),
            Err(place) => self.entries.insert(place, entry),
        }
        Ok(())
    }

    /// The posts that meet now, of those that still count: two organisations at least, one of them strong. None below.
    pub(crate) fn meeting(&self, counts: impl Fn(SignalId) -> bool) -> Option<Vec<Entry>> {
        let live: Vec<Entry> = self
            .entries
            .iter()
            .copied()
            .filter(|entry| counts(entry.signal))
            .collect();
        let is_met = live.len() >= ORGANISATIONS_MIN && live.iter().any(|entry| entry.is_strong);
        is_met.then_some(live)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn entry(organisation: u8, signal: u8, is_strong: bool) -> Entry {
        Entry {
            organisation: format!("000000990000000{organisation:02}000").parse().unwrap(),
            signal: SignalId::from_bytes([signal; 16]),
            is_strong,
            grant: GrantId::from_bytes([9; 16]),
        }
    }

    #[test]
    fn the_same_organisation_twice_meets_nobody_and_two_weak_ones_do_not_either() {
        let mut cell = Cell::default();
        cell.post(entry(1, 1, true)).unwrap();
        cell.post(entry(1, 2, true)).unwrap();
        assert_eq!(cell.meeting(|_| true), None);
        let mut weak = Cell::default();
        weak.post(entry(1, 1, false)).unwrap();
        weak.post(entry(2, 2, false)).unwrap();
        assert_eq!(weak.meeting(|_| true), None);
        weak.post(entry(2, 3, true)).unwrap();
        assert_eq!(weak.meeting(|_| true).unwrap().len(), 2);
        // Strong stays strong within the epoch.
        weak.post(entry(2, 3, false)).unwrap();
        assert!(weak.meeting(|_| true).is_some());
        let dead = SignalId::from_bytes([1; 16]);
        assert_eq!(
            weak.meeting(|signal| signal != dead),
            None,
            "what is over meets nobody"
        );
    }

    #[test]
    fn a_cell_holds_a_circle_and_no_more() {
        let mut cell = Cell::default();
        for number in 0..8 {
            cell.post(entry(number, number, false)).unwrap();
        }
        assert_eq!(cell.post(entry(8, 8, false)), Err(Full));
        assert_eq!(
            cell.post(entry(3, 30, true)),
            Ok(()),
            "who is in it may post again"
        );
    }

    proptest! {
        #[test]
        fn a_meeting_is_of_two_organisations_with_one_strong_or_it_is_none(
            posts in proptest::collection::vec((0_u8..6, any::<u8>(), any::<bool>()), 0..30),
            over in proptest::collection::btree_set(any::<u8>(), 0..60),
        ) {
            let mut cell = Cell::default();
            for (organisation, signal, strong) in &posts {
                cell.post(entry(*organisation, *signal, *strong)).unwrap();
            }
            let counts = |signal: SignalId| !over.contains(&signal.as_bytes()[0]);
            let live: Vec<_> = cell.entries().iter().filter(|entry| counts(entry.signal)).collect();
            let organisations: BTreeSet<_> = live.iter().map(|entry| entry.organisation).collect();
            prop_assert_eq!(organisations.len(), live.len());
            let expected = organisations.len() >= 2 && live.iter().any(|entry| entry.is_strong);
            prop_assert_eq!(cell.meeting(counts).is_some(), expected);
            prop_assert!(cell.entries().is_sorted_by_key(|entry| entry.organisation));
        }
    }
}
