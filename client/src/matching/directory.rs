//! The directory in memory: for programs that rank and need no full text.

use std::collections::BTreeMap;

use sluis_envelope::{Digest, DirectoryHead, DirectoryTree, directory_entry_hash};
use sluis_ranking::Offer;
use sluis_types::OfferId;

use super::increment::{DirectoryChange, Increment};
use crate::Error;

/// The whole directory in memory, as the mesh's pinned key signed it. Rank it with the crate `sluis-ranking`; the
/// question stays in this process. It holds what `sluis-kaart` holds on disk.
#[derive(Debug, Default)]
pub struct Directory {
    head: Option<DirectoryHead>,
    tree: DirectoryTree,
    offers: BTreeMap<OfferId, Offer>,
}

impl Directory {
    /// An empty directory, to be fetched from version 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The version after which to ask for changes; 0 where it was never fetched.
    pub fn version(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.version)
    }

    /// What was last signed for.
    pub const fn head(&self) -> Option<&DirectoryHead> {
        self.head.as_ref()
    }

    /// Every offer that this version of the SDK can read, in order of its id.
    pub fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.values()
    }

    /// Takes an increment that was fetched after [`Directory::version`].
    ///
    /// # Errors
    /// [`Error::Invalid`] for an increment after another version; [`Error::BadAnswer`] when it does not lead to what its
    /// head says, or its head says something else of a version that is known. Nothing has changed then.
    pub fn apply(&mut self, increment: &Increment) -> Result<(), Error> {
        if increment.since_version != self.version() {
            return Err(Error::invalid("increment", "follows on another version"));
        }
        let head = increment.head.unverified();
        let bad = || Error::bad_answer("the directory", "it is not what its head says");
        if let Some(known) = &self.head {
            let same = (known.entries, known.root) == (head.entries, head.root);
            if head.version < known.version || (head.version == known.version && !same) {
                return Err(bad());
            }
        }
        let before: Vec<(OfferId, Option<Digest>)> = increment
            .changes
            .iter()
            .map(|change| (change.offer_id, self.tree.get(&change.offer_id)))
            .collect();
        for change in &increment.changes {
            self.set(change.offer_id, entry(change));
        }
        if !self.tree.matches(head) {
            for (offer_id, entry) in before {
                self.set(offer_id, entry);
            }
            return Err(bad());
        }
        self.head = Some(head.clone());
        for change in &increment.changes {
            let document = change.document.as_deref();
            match document.and_then(|document| Offer::decode(document).ok()) {
                Some(offer) if offer.id == change.offer_id => {
                    self.offers.insert(offer.id, offer);
                }
                _ => {
                    self.offers.remove(&change.offer_id);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, offer_id: OfferId, entry: Option<Digest>) {
        match entry {
            Some(entry) => self.tree.put(offer_id, entry),
            None => self.tree.remove(&offer_id),
        }
    }
}

fn entry(change: &DirectoryChange) -> Option<Digest> {
    let document = change.document.as_deref()?;
    Some(directory_entry_hash(&change.offer_id, document))
}

#[cfg(test)]
mod tests {
    use sluis_envelope::{KeyKind, Signed, SigningKey};
    use sluis_types::Timestamp;

    use super::*;

    fn put(id: u8, name: &str) -> DirectoryChange {
        let offer_id = OfferId::from_bytes([id; 16]);
        let document = format!(
            r#"{{"id":"{offer_id}","publisher":"00000099000000001000","organisation":"De Brug","name":"{name}",
                "kind":"ACTIVITY","provision":"GENERAL","law":"GENERAL","life_domains":["SURROUNDINGS"],
                "entrance":"DROP_IN","updated_at_seconds":1}}"#
        );
        DirectoryChange {
            offer_id,
            document: Some(document.into_bytes()),
        }
    }

    fn gone(id: u8) -> DirectoryChange {
        DirectoryChange {
            offer_id: OfferId::from_bytes([id; 16]),
            document: None,
        }
    }

    /// An increment whose head says what the directory is when `all` is in it.
    fn increment(
        since: u64,
        version: u64,
        changes: Vec<DirectoryChange>,
        all: &[DirectoryChange],
    ) -> Increment {
        let mut tree = DirectoryTree::new();
        for change in all {
            tree.put(change.offer_id, entry(change).expect("a document"));
        }
        let head = DirectoryHead {
            version,
            made_at: Timestamp::from_seconds(1),
            entries: tree.len(),
            root: tree.root(),
        };
        let key = SigningKey::from_seed(KeyKind::Directory, &[1; 32]);
        Increment::made(since, changes, Signed::sign(head, &key))
    }

    fn names(directory: &Directory) -> Vec<&str> {
        directory.offers().map(|offer| offer.name.as_str()).collect()
    }

    #[test]
    fn an_increment_leads_to_what_its_head_says_or_changes_nothing() {
        let mut directory = Directory::new();
        let both = [put(1, "Inloop"), put(2, "Koken")];
        directory
            .apply(&increment(0, 2, both.to_vec(), &both))
            .expect("taken");
        assert_eq!(
            (directory.version(), names(&directory)),
            (2, vec!["Inloop", "Koken"])
        );
        let after = [put(2, "Koken"), put(3, "Lopen")];
        let changes = vec![gone(1), put(3, "Lopen")];
        for (what, bad) in [
            ("a change is missing", increment(2, 4, vec![gone(1)], &after)),
            (
                "another document",
                increment(2, 4, vec![gone(1), put(3, "Anders")], &after),
            ),
            ("it goes back", increment(2, 1, changes.clone(), &after)),
            (
                "the same version says other",
                increment(2, 2, changes.clone(), &after),
            ),
            (
                "it follows on another version",
                increment(1, 4, changes.clone(), &after),
            ),
        ] {
            assert!(directory.apply(&bad).is_err(), "{what}");
            assert_eq!((directory.version(), names(&directory).len()), (2, 2), "{what}");
        }
        directory
            .apply(&increment(2, 4, changes, &after))
            .expect("the good one is still taken");
        assert_eq!(
            (directory.version(), names(&directory)),
            (4, vec!["Koken", "Lopen"])
        );
    }

    #[test]
    fn what_cannot_be_read_counts_for_the_head_and_is_not_shown() {
        let mut directory = Directory::new();
        let strange = DirectoryChange {
            offer_id: OfferId::from_bytes([9; 16]),
            document: Some(br#"{"kind":"TELEPORT"}"#.to_vec()),
        };
        // And one that speaks for another id.
        let other = DirectoryChange {
            offer_id: OfferId::from_bytes([8; 16]),
            ..put(1, "Inloop")
        };
        let all = [put(1, "Inloop"), other, strange];
        directory
            .apply(&increment(0, 3, all.to_vec(), &all))
            .expect("taken");
        assert_eq!(names(&directory), ["Inloop"]);
        assert_eq!(directory.head().expect("a head").entries, 3);
    }
}
