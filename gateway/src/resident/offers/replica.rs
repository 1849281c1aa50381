//! A replica of the directory that grows change by change, and is believed when it is what the signed head says.

use std::collections::BTreeMap;
use std::sync::Arc;

use sluis_envelope::{
    DirectoryHead, DirectoryTree, FormatError, Signed, StatementError, VerifyingKey, directory_entry_hash,
};
use sluis_proto::matching::v1::DirectoryChange;
use sluis_ranking::{DOCUMENT_BYTES_MAX, Offer};
use sluis_types::{OfferId, Timestamp};

use super::Shelf;
use super::search::Shelved;

/// Offers at most: what a gateway keeps in memory, about 6 KiB each.
const OFFERS_MAX: u32 = 200_000;

/// Why a replica is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsound {
    /// A change that cannot be: an unknown id, a version that does not rise, a document that is too long.
    #[error("a change that cannot be")]
    Change,
    /// More than is kept.
    #[error("more than {OFFERS_MAX} offers")]
    TooMany,
    /// More is to come, and nothing comes.
    #[error("more is announced than comes")]
    Endless,
    /// The head is not one.
    #[error("the head cannot be read")]
    Head(#[from] FormatError),
    /// The head is not matching's, goes back, or speaks of something else than what came.
    #[error("the head does not speak of what came")]
    Statement(#[from] StatementError),
}

/// The replica.
#[derive(Default)]
pub(super) struct Replica {
    /// The last change that was taken in.
    version: u64,
    tree: DirectoryTree,
    offers: Shelf,
    head: Option<DirectoryHead>,
}

impl Replica {
    /// The version after which to ask.
    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    /// Every offer that can be read.
    pub(super) fn offers(&self) -> Shelf {
        Arc::clone(&self.offers)
    }

    /// Forgets what was taken in, and not how far it was believed: what comes from the beginning does not go back.
    pub(super) fn begin_again(&mut self) {
        *self = Self {
            head: self.head.take(),
            ..Self::default()
        };
    }

    /// Takes changes in. After an error it is to begin again.
    pub(super) fn take(&mut self, changes: &[DirectoryChange]) -> Result<(), Unsound> {
        if changes.is_empty() {
            return Ok(());
        }
        let offers = Arc::make_mut(&mut self.offers);
        for change in changes {
            let id: OfferId = change.offer_id.parse().map_err(|_| Unsound::Change)?;
            if change.version <= self.version || change.document.len() > DOCUMENT_BYTES_MAX {
                return Err(Unsound::Change);
            }
            self.version = change.version;
            if change.document.is_empty() {
                self.tree.remove(&id);
                offers.remove(&id);
                continue;
            }
            self.tree.put(id, directory_entry_hash(&id, &change.document));
            put(offers, id, &change.document);
            if self.tree.len() > OFFERS_MAX {
                return Err(Unsound::TooMany);
            }
        }
        Ok(())
    }

    /// Says that nothing more follows: the head must speak of all that was taken in.
    pub(super) fn close(&mut self, head: &[u8], key: &VerifyingKey, now: Timestamp) -> Result<(), Unsound> {
        let head = Signed::<DirectoryHead>::parse(head)?.verify(key, now)?;
        let goes_back = self.head.as_ref().is_some_and(|known| {
            let same = (known.entries, known.root) == (head.entries, head.root);
            head.version < known.version || (head.version == known.version && !same)
        });
        if goes_back {
            return Err(StatementError::Mismatch { field: "version" }.into());
        }
        if !self.tree.matches(&head) {
            return Err(StatementError::Mismatch { field: "root" }.into());
        }
        self.head = Some((*head).clone());
        Ok(())
    }
}

/// A document of a later version that cannot be read here is passed over, and one that speaks for another id is none.
fn put(offers: &mut BTreeMap<OfferId, Arc<Shelved>>, id: OfferId, document: &[u8]) {
    match Offer::decode(document) {
        Ok(offer) if offer.id == id => {
            offers.insert(id, Arc::new(Shelved::new(offer)));
        }
        Ok(_) | Err(_) => {
            offers.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluis_envelope::{KeyKind, SigningKey};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn id(number: u8) -> OfferId {
        OfferId::from_bytes([number; 16])
    }

    fn document(number: u8, name: &str) -> Vec<u8> {
        let text = format!(
            "{{\"id\":\"{}\",\"publisher\":\"00000099000000001000\",\"organisation\":\"Welzijn\",\"name\":\"{name}\",\
             \"kind\":\"ACTIVITY\",\"provision\":\"GENERAL\",\"law\":\"GENERAL\",\"life_domains\":[\"MEANINGFUL_DAY\"],\
             \"entrance\":\"DROP_IN\",\"updated_at_seconds\":1799000000}}",
            id(number)
        );
        text.into_bytes()
    }

    fn change(version: u64, number: u8, document: Vec<u8>) -> DirectoryChange {
        DirectoryChange {
            version,
            offer_id: id(number).to_string(),
            document: document.into(),
        }
    }

    fn signer(seed: u8) -> SigningKey {
        SigningKey::from_seed(KeyKind::Directory, &[seed; 32])
    }

    /// A head over these documents.
    fn head(version: u64, entries: &[(u8, Vec<u8>)], signer: &SigningKey) -> Vec<u8> {
        let mut tree = DirectoryTree::new();
        for (number, document) in entries {
            tree.put(id(*number), directory_entry_hash(&id(*number), document));
        }
        let head = DirectoryHead {
            version,
            made_at: NOW,
            entries: tree.len(),
            root: tree.root(),
        };
        Signed::sign(head, signer).encode()
    }

    fn names(replica: &Replica) -> Vec<String> {
        replica
            .offers()
            .values()
            .map(|shelved| shelved.offer.name.to_string())
            .collect()
    }

    #[test]
    fn changes_are_taken_when_the_head_speaks_of_them() {
        let (signer, mut replica) = (signer(1), Replica::default());
        let (one, two) = (document(1, "Samen eten"), document(2, "Wandelen"));
        replica.take(&[change(1, 1, one.clone())]).expect("a change");
        replica.take(&[change(2, 2, two.clone())]).expect("a change");
        let all = [(1, one), (2, two.clone())];
        replica
            .close(&head(2, &all, &signer), signer.verifying_key(), NOW)
            .expect("it is what the head says");
        assert_eq!(
            (replica.version(), names(&replica)),
            (2, vec!["Samen eten".into(), "Wandelen".into()])
        );
        // One goes, and what was handed out before stays as it was.
        let before = replica.offers();
        replica.take(&[change(3, 1, vec![])]).expect("a change");
        replica
            .close(&head(3, &[(2, two)], &signer), signer.verifying_key(), NOW)
            .expect("it is what the head says");
        assert_eq!((names(&replica), before.len()), (vec!["Wandelen".to_owned()], 2));
    }

    #[test]
    fn a_document_that_cannot_be_read_is_passed_over_and_still_counts() {
        let (signer, mut replica) = (signer(1), Replica::default());
        let (later, foreign) = (b"{\"id\":3}".to_vec(), document(9, "Van een ander"));
        replica
            .take(&[change(1, 1, later.clone()), change(2, 2, foreign.clone())])
            .expect("changes");
        replica
            .close(
                &head(2, &[(1, later), (2, foreign)], &signer),
                signer.verifying_key(),
                NOW,
            )
            .expect("it is what the head says");
        assert!(names(&replica).is_empty());
    }

    #[test]
    fn what_was_not_signed_for_is_not_believed() {
        let (right, wrong) = (signer(1), signer(2));
        let one = [(1, document(1, "Samen eten"))];
        let other = [(1, document(1, "Iets anders"))];
        let outcome = |head: Vec<u8>| {
            let mut replica = Replica::default();
            replica.take(&[change(5, 1, one[0].1.clone())]).expect("a change");
            replica.close(&head, right.verifying_key(), NOW).is_ok()
        };
        assert!(outcome(head(5, &one, &right)));
        assert!(!outcome(head(5, &one, &wrong)), "another key");
        assert!(!outcome(head(5, &other, &right)), "another document");
        assert!(!outcome(head(5, &[], &right)), "one is missing");
        assert!(!outcome(vec![]) && !outcome(vec![0; 40]), "no head");
    }

    #[test]
    fn it_never_goes_back() {
        let (signer, mut replica) = (signer(1), Replica::default());
        let one = [(1, document(1, "Samen eten"))];
        replica.take(&[change(5, 1, one[0].1.clone())]).expect("a change");
        replica
            .close(&head(5, &one, &signer), signer.verifying_key(), NOW)
            .expect("it is what the head says");
        assert!(
            replica
                .close(&head(4, &one, &signer), signer.verifying_key(), NOW)
                .is_err()
        );
        assert!(replica.take(&[change(5, 1, vec![])]).is_err(), "a version rises");
        let long = vec![b' '; DOCUMENT_BYTES_MAX + 1];
        assert!(Replica::default().take(&[change(1, 1, long)]).is_err());
        let mut nameless = change(1, 1, vec![]);
        nameless.offer_id = "no id".to_owned();
        assert!(Replica::default().take(&[nameless]).is_err());
    }
}
