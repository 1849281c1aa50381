//! What the directory holds, as a tree of hashes that is kept up to date with the database.

use sluis_envelope::{DirectoryHead, DirectoryTree, directory_entry_hash};
use sluis_store::Tx;
use sluis_types::Timestamp;
use tokio::sync::{Mutex, MutexGuard};

use crate::store::offer::{changed_after, directory_version};
use crate::store::vault::Fault;

/// Offers that are read at once while the tree catches up.
const STRETCH: u32 = 500;

/// The tree. Each replica has its own, made from the database: the first look after a start reads all offers, later ones
/// what changed.
#[derive(Default)]
pub(crate) struct Listing(Mutex<Caught>);

/// The tree, and up to which version of the directory it is.
#[derive(Default)]
pub(crate) struct Caught {
    tree: DirectoryTree,
    version: u64,
}

impl Listing {
    /// The tree, for who looks at the database from now on: views that begin later are never older than the tree.
    pub(crate) async fn lock(&self) -> MutexGuard<'_, Caught> {
        self.0.lock().await
    }
}

impl Caught {
    /// What the directory holds in this view of the database.
    pub(crate) async fn head(&mut self, tx: &mut Tx<'_>, now: Timestamp) -> Result<DirectoryHead, Fault> {
        let version = directory_version(tx).await?;
        loop {
            let changed = changed_after(tx, self.version, STRETCH).await?;
            for offer in &changed {
                if offer.retired {
                    self.tree.remove(&offer.id);
                } else {
                    self.tree
                        .put(offer.id, directory_entry_hash(&offer.id, &offer.document));
                }
                self.version = offer.changed;
            }
            if changed.len() < STRETCH as usize {
                break;
            }
        }
        self.version = version;
        Ok(DirectoryHead {
            version,
            made_at: now,
            entries: self.tree.len(),
            root: self.tree.root(),
        })
    }
}
