//! Who is in the mesh, kept in memory: the registry's list, followed and checked.
//!
//! A [`Directory`] believes no key that its organisation did not state: it verifies every chain of key statements
//! itself and never lets one be replaced by another while the process lives. It fails closed: when nothing was heard
//! from the registry for [`DIRECTORY_SILENCE_MAX`], nobody is in the mesh and nobody is out of it; one asks again.

mod entry;
mod feed;
mod follower;
mod shelf;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sluis_proto::options::v1::ErrorReason;
use sluis_types::{Clock, Oin};
use tokio::sync::watch;

use crate::{MeshClient, Refusal, Stop, Timer};
pub use entry::{CertificateEntry, EntryError, OrganisationEntry};
pub use feed::DirectoryFeed;
use shelf::{Lookup, Shelf};

/// How long the registry may be silent before what is known of it counts as stale.
pub const DIRECTORY_SILENCE_MAX: Duration = Duration::from_secs(5);
/// When a caller may come back after the directory was closed.
const CLOSED_RETRY: Duration = Duration::from_secs(1);

/// The organisations of the mesh. Cloning is cheap; clones are one directory.
#[derive(Clone)]
pub struct Directory(Arc<Shared>);

struct Shared {
    shelf: RwLock<Shelf>,
    generation: watch::Sender<u64>,
    complete: watch::Sender<bool>,
    freshness: Freshness,
}

enum Freshness {
    /// By what was heard of the registry.
    Followed {
        timer: Arc<dyn Timer>,
        /// Microseconds of `timer`, or [`NEVER`].
        heard: AtomicU64,
    },
    /// By whoever feeds it.
    Fed { speaking: AtomicBool },
}

const NEVER: u64 = u64::MAX;

impl Directory {
    /// Follows the registry's WatchOrganisations on a task of its own, which ends when `stop` is requested. The
    /// directory is closed until the first snapshot is complete.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn follow(registry: MeshClient, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>, stop: Stop) -> Self {
        let heard = AtomicU64::new(NEVER);
        let directory = Self::new(Freshness::Followed {
            timer: Arc::clone(&timer),
            heard,
        });
        let source = follower::RegistrySource::new(registry);
        tokio::spawn(follower::Follower::new(source, directory.clone(), clock, timer, stop).run());
        directory
    }

    /// A directory that has these entries and never learns of others. It is always fresh.
    ///
    /// Where two entries are of one organisation, both must belong to one chain, or the organisation is doubted.
    pub fn fixed(entries: impl IntoIterator<Item = OrganisationEntry>) -> Self {
        Self::fed(entries).0
    }

    /// A directory that is fed by hand, with the same rules for what follows what.
    pub fn fed(entries: impl IntoIterator<Item = OrganisationEntry>) -> (Self, DirectoryFeed) {
        let directory = Self::new(Freshness::Fed {
            speaking: AtomicBool::new(true),
        });
        directory.0.complete.send_replace(true);
        let feed = DirectoryFeed::new(directory.clone());
        for entry in entries {
            // A contradiction leaves the organisation doubted, which every lookup then says.
            let _doubted = feed.put(entry);
        }
        (directory, feed)
    }

    fn new(freshness: Freshness) -> Self {
        Self(Arc::new(Shared {
            shelf: RwLock::default(),
            generation: watch::Sender::new(0),
            complete: watch::Sender::new(false),
            freshness,
        }))
    }

    /// The organisation with this OIN, or none when it is not in the mesh.
    ///
    /// # Errors
    /// TEMPORARILY_CLOSED when what is known is stale, or when the registry showed keys of this organisation that
    /// do not follow from those it showed before.
    pub fn organisation(&self, oin: &Oin) -> Result<Option<Arc<OrganisationEntry>>, Refusal> {
        self.check_fresh()?;
        match self.read(|shelf| shelf.get(oin)) {
            Lookup::Member(entry) => Ok(Some(entry)),
            Lookup::Absent => Ok(None),
            Lookup::Doubted => Err(closed()),
        }
    }

    /// Every organisation that is in the mesh, by OIN.
    ///
    /// # Errors
    /// TEMPORARILY_CLOSED when what is known is stale.
    pub fn organisations(&self) -> Result<Vec<Arc<OrganisationEntry>>, Refusal> {
        self.check_fresh()?;
        Ok(self.read(Shelf::members))
    }

    /// Whether what is known may be relied on: for whoever answers from a cache that this directory filled.
    ///
    /// # Errors
    /// TEMPORARILY_CLOSED when nothing was heard for [`DIRECTORY_SILENCE_MAX`], or nothing whole ever.
    pub fn check_fresh(&self) -> Result<(), Refusal> {
        let fresh = match &self.0.freshness {
            Freshness::Followed { timer, heard } => match heard.load(Ordering::Acquire) {
                NEVER => false,
                micros => timer.now().saturating_sub(Duration::from_micros(micros)) <= DIRECTORY_SILENCE_MAX,
            },
            Freshness::Fed { speaking } => speaking.load(Ordering::Acquire),
        };
        if fresh { Ok(()) } else { Err(closed()) }
    }

    /// A number that grows with every change: what was cached under another number is to be dropped.
    pub fn generation(&self) -> u64 {
        *self.0.generation.borrow()
    }

    /// Tells of every change at once; the value is [`Directory::generation`].
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.generation.subscribe()
    }

    /// Waits until the list was complete for the first time.
    pub async fn ready(&self) {
        // The sender lives in self, so that the wait ends with a complete list only.
        let mut complete = self.0.complete.subscribe();
        let _complete = complete.wait_for(|complete| *complete).await;
    }

    fn read<T>(&self, look: impl FnOnce(&Shelf) -> T) -> T {
        look(&self.0.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the shelf; when `changed` says that it did, everyone is told after the change can be seen.
    fn change<T>(&self, change: impl FnOnce(&mut Shelf) -> T, changed: impl FnOnce(&T) -> bool) -> T {
        let result = change(&mut self.0.shelf.write().unwrap_or_else(PoisonError::into_inner));
        if changed(&result) {
            self.0.generation.send_modify(|generation| *generation += 1);
        }
        result
    }

    fn put(&self, entry: OrganisationEntry) -> Result<bool, EntryError> {
        // An entry that was refused may have left its organisation doubted, which is a change too.
        self.change(|shelf| shelf.put(entry), |result| !matches!(result, Ok(false)))
    }

    /// Something was heard of the registry that shows that everything is known which it knows.
    fn heard(&self) {
        if let Freshness::Followed { timer, heard } = &self.0.freshness {
            let micros = u64::try_from(timer.now().as_micros()).unwrap_or(NEVER - 1);
            heard.store(micros, Ordering::Release);
        }
    }

    fn complete(&self) {
        self.0.complete.send_replace(true);
    }
}

fn closed() -> Refusal {
    Refusal::new(ErrorReason::TemporarilyClosed).retry_after(CLOSED_RETRY)
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directory(generation {})", self.generation())
    }
}
