//! A directory that is fed by hand.

use std::sync::atomic::Ordering;

use sluis_types::Oin;

use super::shelf::Shelf;
use super::{Directory, EntryError, Freshness, OrganisationEntry};

/// The other end of [`Directory::fed`].
#[derive(Clone, Debug)]
pub struct DirectoryFeed(Directory);

impl DirectoryFeed {
    pub(super) fn new(directory: Directory) -> Self {
        Self(directory)
    }

    /// Takes an entry in, or a newer one of the same organisation.
    ///
    /// # Errors
    /// [`EntryError::Forked`] when its chain does not go on where the known one stands; the organisation is doubted
    /// from then on.
    pub fn put(&self, entry: OrganisationEntry) -> Result<(), EntryError> {
        self.0.put(entry).map(|_changed| ())
    }

    /// Takes an organisation out.
    pub fn remove(&self, oin: &Oin) {
        self.0
            .change(|shelf: &mut Shelf| shelf.remove(oin), |removed| *removed);
    }

    /// Lets the directory be stale, as after a long silence of the registry.
    pub fn fall_silent(&self) {
        self.set_speaking(false);
    }

    /// Lets the directory be fresh again.
    pub fn speak(&self) {
        self.set_speaking(true);
    }

    fn set_speaking(&self, value: bool) {
        if let Freshness::Fed { speaking } = &self.0.0.freshness {
            speaking.store(value, Ordering::Release);
        }
    }
}
