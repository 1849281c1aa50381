//! The service directory as a tree of hashes, so that a change of one entry is checked by hashing a part of it.

use std::collections::BTreeMap;

use sluis_types::OfferId;

use crate::hash::{Digest, Hasher, hash};
use crate::statement::DirectoryHead;

/// Entries with the same first byte of their offer id share a bucket.
const BUCKETS: usize = 256;

/// The hash of one entry: `H("sluis/v1/directory-entry", offer id, document)`.
pub fn directory_entry_hash(offer_id: &OfferId, document: &[u8]) -> Digest {
    hash("sluis/v1/directory-entry", &[offer_id.as_bytes(), document])
}

/// The hashes of all entries, of their buckets, and of the buckets together.
#[derive(Clone, Debug)]
pub struct DirectoryTree {
    buckets: Vec<Bucket>,
    entries: u32,
}

#[derive(Clone, Debug, Default)]
struct Bucket {
    entries: BTreeMap<OfferId, Digest>,
    /// Known until an entry changes.
    hash: Option<Digest>,
}

impl Default for DirectoryTree {
    fn default() -> Self {
        Self::new()
    }
}

impl DirectoryTree {
    /// The tree without entries.
    pub fn new() -> Self {
        Self {
            buckets: vec![Bucket::default(); BUCKETS],
            entries: 0,
        }
    }

    /// Puts an entry's hash in, in place of the one that was there.
    pub fn put(&mut self, offer_id: OfferId, entry: Digest) {
        let bucket = self.bucket(&offer_id);
        bucket.hash = None;
        if bucket.entries.insert(offer_id, entry).is_none() {
            self.entries += 1;
        }
    }

    /// Takes an entry out; one that is not there is fine.
    pub fn remove(&mut self, offer_id: &OfferId) {
        let bucket = self.bucket(offer_id);
        if bucket.entries.remove(offer_id).is_some() {
            bucket.hash = None;
            self.entries -= 1;
        }
    }

    /// The hash of an entry that is there.
    pub fn get(&self, offer_id: &OfferId) -> Option<Digest> {
        let bucket = &self.buckets[usize::from(offer_id.as_bytes()[0])];
        bucket.entries.get(offer_id).copied()
    }

    /// How many entries there are.
    pub const fn len(&self) -> u32 {
        self.entries
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// The root: `H("sluis/v1/directory", list of bucket hashes)`. Hashes again what changed since the last time.
    pub fn root(&mut self) -> Digest {
        let hashes: Vec<Digest> = self.buckets.iter_mut().map(Bucket::hash).collect();
        Hasher::new("sluis/v1/directory").list(&hashes).finish()
    }

    /// Whether a head speaks of these very entries.
    pub fn matches(&mut self, head: &DirectoryHead) -> bool {
        head.entries == self.entries && head.root == self.root()
    }

    fn bucket(&mut self, offer_id: &OfferId) -> &mut Bucket {
        &mut self.buckets[usize::from(offer_id.as_bytes()[0])]
    }
}

impl Bucket {
    /// `H("sluis/v1/directory-bucket", list of offer id ‖ entry hash, rising)`.
    fn hash(&mut self) -> Digest {
        let entries = &self.entries;
        *self.hash.get_or_insert_with(|| {
            let lines: Vec<[u8; 48]> = entries.iter().map(|(id, entry)| line(id, entry)).collect();
            Hasher::new("sluis/v1/directory-bucket").list(&lines).finish()
        })
    }
}

fn line(offer_id: &OfferId, entry: &Digest) -> [u8; 48] {
    let mut line = [0; 48];
    line[..16].copy_from_slice(offer_id.as_bytes());
    line[16..].copy_from_slice(entry);
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same root, from nothing.
    fn afresh(entries: &BTreeMap<OfferId, Digest>) -> Digest {
        let mut tree = DirectoryTree::new();
        for (id, entry) in entries.iter().rev() {
            tree.put(*id, *entry);
        }
        tree.root()
    }

    fn few_ids() -> impl Strategy<Value = OfferId> {
        // Few ids, in few buckets, so that changes meet.
        (0_u8..3, 0_u8..4).prop_map(|(bucket, last)| {
            let mut bytes = [0; 16];
            (bytes[0], bytes[15]) = (bucket, last);
            OfferId::from_bytes(bytes)
        })
    }

    proptest! {
        #[test]
        fn the_root_says_what_is_there_however_it_came_about(
            changes in proptest::collection::vec((few_ids(), proptest::option::of(any::<[u8; 32]>())), 0..40),
        ) {
            let (mut tree, mut model) = (DirectoryTree::new(), BTreeMap::new());
            for (id, entry) in changes {
                let before = (tree.root(), model.clone());
                if let Some(entry) = entry {
                    tree.put(id, entry);
                    model.insert(id, entry);
                } else {
                    tree.remove(&id);
                    model.remove(&id);
                }
                prop_assert_eq!((tree.len() as usize, tree.get(&id)), (model.len(), model.get(&id).copied()));
                prop_assert_eq!(tree.root(), afresh(&model));
                prop_assert_eq!(tree.root() == before.0, model == before.1);
            }
        }
    }
}
