//! Matching's side: a directory that numbers its changes and signs its heads.

use std::collections::BTreeMap;

use sluis_envelope::{
    DirectoryHead, DirectoryTree, KeyKind, Signed, SigningKey, VerifyingKey, directory_entry_hash,
};
use sluis_kaart::Change;
use sluis_ranking::Offer;
use sluis_types::OfferId;

use crate::made::NOW;

/// A directory as matching has it.
pub(crate) struct Directory {
    key: SigningKey,
    entries: BTreeMap<OfferId, Vec<u8>>,
    version: u64,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            key: SigningKey::from_seed(KeyKind::Directory, &[7; 32]),
            entries: BTreeMap::new(),
            version: 0,
        }
    }

    pub(crate) fn key(&self) -> VerifyingKey {
        self.key.verifying_key().clone()
    }

    pub(crate) fn put(&mut self, offer: &Offer) -> Change {
        self.put_as(offer.id, offer)
    }

    /// An entry whose document may speak for another offer.
    pub(crate) fn put_as(&mut self, offer_id: OfferId, offer: &Offer) -> Change {
        let document = offer.encode().expect("a whole offer");
        self.version += 1;
        self.entries.insert(offer_id, document.clone());
        Change::Put { offer_id, document }
    }

    pub(crate) fn remove(&mut self, offer_id: OfferId) -> Change {
        self.version += 1;
        self.entries.remove(&offer_id);
        Change::Remove { offer_id }
    }

    /// What there is, as a first download.
    pub(crate) fn all(&self) -> Vec<Change> {
        let entries = self.entries.iter();
        entries
            .map(|(offer_id, document)| Change::Put {
                offer_id: *offer_id,
                document: document.clone(),
            })
            .collect()
    }

    pub(crate) fn body(&self) -> DirectoryHead {
        let mut tree = DirectoryTree::new();
        for (offer_id, document) in &self.entries {
            tree.put(*offer_id, directory_entry_hash(offer_id, document));
        }
        DirectoryHead {
            version: self.version,
            made_at: NOW,
            entries: tree.len(),
            root: tree.root(),
        }
    }

    pub(crate) fn sign(&self, body: DirectoryHead) -> Signed<DirectoryHead> {
        Signed::sign(body, &self.key)
    }

    pub(crate) fn head(&self) -> Signed<DirectoryHead> {
        self.sign(self.body())
    }
}
