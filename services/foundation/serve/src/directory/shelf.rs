//! What a directory knows: pure bookkeeping, no streams and no time but what is passed in.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use sluis_envelope::VerifiedKeyStatement;
use sluis_types::Oin;

use super::entry::{EntryError, OrganisationEntry};

/// Entries by OIN. Keys that were once believed are remembered even of an organisation that went away, so that it
/// cannot come back with others.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    known: BTreeMap<Oin, Known>,
}

#[derive(Debug)]
struct Known {
    keys: VerifiedKeyStatement,
    standing: Standing,
}

#[derive(Debug)]
enum Standing {
    Member(Arc<OrganisationEntry>),
    /// The registry no longer lists it.
    Gone(Arc<OrganisationEntry>),
    /// The registry showed something that does not follow from what it showed before.
    Doubted(Arc<OrganisationEntry>),
}

impl Standing {
    fn last(&self) -> &Arc<OrganisationEntry> {
        match self {
            Self::Member(entry) | Self::Gone(entry) | Self::Doubted(entry) => entry,
        }
    }
}

/// What is known of one OIN.
#[derive(Debug)]
pub(super) enum Lookup {
    Member(Arc<OrganisationEntry>),
    Absent,
    Doubted,
}

impl Shelf {
    pub(super) fn get(&self, oin: &Oin) -> Lookup {
        match self.known.get(oin).map(|known| &known.standing) {
            Some(Standing::Member(entry)) => Lookup::Member(Arc::clone(entry)),
            Some(Standing::Doubted(_)) => Lookup::Doubted,
            Some(Standing::Gone(_)) | None => Lookup::Absent,
        }
    }

    pub(super) fn members(&self) -> Vec<Arc<OrganisationEntry>> {
        self.known
            .values()
            .filter_map(|known| match &known.standing {
                Standing::Member(entry) => Some(Arc::clone(entry)),
                Standing::Gone(_) | Standing::Doubted(_) => None,
            })
            .collect()
    }

    /// Takes an entry in. Tells whether it changed anything.
    pub(super) fn put(&mut self, mut entry: OrganisationEntry) -> Result<bool, EntryError> {
        if let Some(known) = self.known.get(&entry.oin) {
            if !entry.continues(&known.keys) {
                self.doubt(&entry.oin);
                return Err(EntryError::Forked);
            }
            entry.remember_revocations(&known.standing.last().certificates);
            if matches!(&known.standing, Standing::Member(last) if **last == entry) {
                return Ok(false);
            }
        }
        let known = Known {
            keys: entry.keys.clone(),
            standing: Standing::Member(Arc::new(entry)),
        };
        self.known.insert(known.keys.organisation(), known);
        Ok(true)
    }

    /// Stops believing an organisation until a chain comes that goes on where the known one stands. Tells whether
    /// that is news.
    pub(super) fn doubt(&mut self, oin: &Oin) -> bool {
        self.demote(oin, Standing::Doubted)
    }

    /// The registry does not list the organisation. Tells whether that is news.
    pub(super) fn remove(&mut self, oin: &Oin) -> bool {
        self.demote(oin, Standing::Gone)
    }

    /// Removes every member that is not in `listed`. Tells whether there was one.
    pub(super) fn keep_only(&mut self, listed: &HashSet<Oin>) -> bool {
        let missing: Vec<Oin> = self
            .members()
            .iter()
            .map(|entry| entry.oin)
            .filter(|oin| !listed.contains(oin))
            .collect();
        for oin in &missing {
            self.remove(oin);
        }
        !missing.is_empty()
    }

    fn demote(&mut self, oin: &Oin, to: fn(Arc<OrganisationEntry>) -> Standing) -> bool {
        match self.known.get_mut(oin) {
            Some(known) if matches!(known.standing, Standing::Member(_)) => {
                known.standing = to(Arc::clone(known.standing.last()));
                true
            }
            Some(_) | None => false,
        }
    }
}
