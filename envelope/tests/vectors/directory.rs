//! Vectors of the service directory's tree: changes, and what is there after each.

use serde::{Deserialize, Serialize};
use sluis_envelope::{DirectoryTree, directory_entry_hash};
use sluis_types::OfferId;

use super::{hex, unhex, unhex_array};

/// A change, and the tree after it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DirectoryChange {
    pub(crate) name: String,
    pub(crate) offer_id: String,
    /// The entry's document, hexadecimal; none where the offer goes.
    pub(crate) document: Option<String>,
    /// The entry's hash, where there is a document.
    pub(crate) entry_hash: Option<String>,
    pub(crate) entries: u32,
    pub(crate) root: String,
}

impl DirectoryChange {
    /// Makes the change with the public interface.
    pub(crate) fn put_into(&self, tree: &mut DirectoryTree) {
        let id = OfferId::from_bytes(unhex_array(&self.offer_id));
        match &self.document {
            Some(document) => tree.put(id, directory_entry_hash(&id, &unhex(document))),
            None => tree.remove(&id),
        }
    }
}

/// Changes one after the other, beginning with an empty directory.
pub(crate) fn directory() -> Vec<DirectoryChange> {
    let id = |bucket: u8, last: u8| {
        let mut bytes = [0x5a; 16];
        (bytes[0], bytes[15]) = (bucket, last);
        bytes
    };
    let put = |document: &'static str| Some(document.as_bytes());
    let changes = [
        ("the first entry", id(0, 0), put("{\"name\":\"Inloop\"}")),
        ("another bucket", id(255, 0), put("{\"name\":\"Maatjes\"}")),
        (
            "the same bucket, after it",
            id(0, 9),
            put("{\"name\":\"Kookclub\"}"),
        ),
        (
            "the same bucket, between",
            id(0, 5),
            put("{\"name\":\"Wandelen\"}"),
        ),
        ("an entry changes", id(0, 5), put("{\"name\":\"Samen wandelen\"}")),
        ("an entry goes", id(0, 0), None),
        ("an entry that was not there goes", id(7, 7), None),
        ("an empty document", id(16, 1), put("")),
    ];
    let mut tree = DirectoryTree::new();
    changes
        .into_iter()
        .map(|(name, bytes, document)| {
            let entry_hash =
                document.map(|document| hex(&directory_entry_hash(&OfferId::from_bytes(bytes), document)));
            let mut change = DirectoryChange {
                name: name.into(),
                offer_id: hex(&bytes),
                document: document.map(hex),
                entry_hash,
                entries: 0,
                root: String::new(),
            };
            change.put_into(&mut tree);
            (change.entries, change.root) = (tree.len(), hex(&tree.root()));
            change
        })
        .collect()
}
