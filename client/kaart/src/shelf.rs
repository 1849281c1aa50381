//! The directory in one file: changes as they came, each run of them closed by the head that was signed for it.
//!
//! Record: kind (1) ‖ length (4, big-endian) ‖ bytes. Kinds: 1 an entry (offer id, document), 2 an entry that went
//! (offer id), 3 a head. What stands behind the last head was never finished and is cut off; what does not match the
//! last head is forgotten, and fetched again.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sluis_envelope::{
    Digest, DirectoryHead, DirectoryTree, Signed, StatementError, Verified, VerifyingKey,
    directory_entry_hash,
};
use sluis_ranking::DOCUMENT_BYTES_MAX;
use sluis_types::{OfferId, Timestamp};

use crate::change::Change;
use crate::error::{Error, file as failed};

const PUT: u8 = 1;
const REMOVE: u8 = 2;
const HEAD: u8 = 3;
/// Bytes of a record before its content: kind and length.
const FRAME_BYTES: usize = 5;
/// Bytes of an offer id.
const ID_BYTES: usize = 16;
/// A file with more dead bytes than this, and more than live ones, is written anew.
const DEAD_BYTES_MAX: u64 = 1024 * 1024;

/// Where a document stands in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    length: u32,
}

/// The kept directory.
#[derive(Debug)]
pub(crate) struct Shelf {
    path: PathBuf,
    file: File,
    /// Held, so that no other process changes the file.
    _lock: File,
    key: VerifyingKey,
    head: Option<Verified<DirectoryHead>>,
    tree: DirectoryTree,
    places: HashMap<OfferId, Place>,
    length: u64,
    live: u64,
}

impl Shelf {
    /// Opens what is kept in a folder, or an empty one. Other processes wait until it is dropped.
    pub(crate) fn open(folder: &Path, key: VerifyingKey, now: Timestamp) -> Result<Self, Error> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed(folder))?;
        let lock_path = folder.join("lock");
        let lock = open_file(&lock_path)?;
        lock.lock().map_err(failed(&lock_path))?;
        let path = folder.join("directory");
        let file = open_file(&path)?;
        let mut shelf = Self {
            path,
            file,
            _lock: lock,
            key,
            head: None,
            tree: DirectoryTree::new(),
            places: HashMap::new(),
            length: 0,
            live: 0,
        };
        if !shelf.replay(now)? {
            shelf.forget()?;
        }
        Ok(shelf)
    }

    /// What was last signed for.
    pub(crate) fn head(&self) -> Option<&DirectoryHead> {
        self.head.as_deref()
    }

    /// Every offer that there is.
    pub(crate) fn ids(&self) -> impl Iterator<Item = OfferId> + use<'_> {
        self.places.keys().copied()
    }

    /// An offer's document.
    pub(crate) fn document(&self, offer_id: OfferId) -> Result<Option<Vec<u8>>, Error> {
        let Some(place) = self.places.get(&offer_id) else {
            return Ok(None);
        };
        let mut document = vec![0; place.length as usize];
        self.file
            .read_exact_at(&mut document, place.at)
            .map_err(failed(&self.path))?;
        Ok(Some(document))
    }

    /// Takes an increment, if it leads to what its head says; else nothing changes.
    pub(crate) fn apply(
        &mut self,
        changes: &[Change],
        head: Signed<DirectoryHead>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let head = head.verify(&self.key, now)?;
        self.follows(&head)?;
        self.change_tree(changes, &head)?;
        let records = records(changes, &head);
        if let Err(error) = self.append(&records) {
            // The file is what counts: start from it again.
            if !self.replay(now)? {
                self.forget()?;
            }
            return Err(error);
        }
        let mut at = self.length;
        for change in changes {
            self.place(change, at);
            at += FRAME_BYTES as u64 + length_of(change);
        }
        self.length += records.len() as u64;
        self.head = Some(head);
        if self.length - self.live > DEAD_BYTES_MAX.max(self.live) {
            self.compact(now)?;
        }
        Ok(())
    }

    /// A head may not go back, nor say two things of one version.
    fn follows(&self, head: &DirectoryHead) -> Result<(), StatementError> {
        let Some(known) = self.head() else { return Ok(()) };
        let same = (known.entries, known.root) == (head.entries, head.root);
        if head.version < known.version || (head.version == known.version && !same) {
            return Err(StatementError::Mismatch { field: "version" });
        }
        Ok(())
    }

    fn change_tree(&mut self, changes: &[Change], head: &DirectoryHead) -> Result<(), Error> {
        let before: Vec<(OfferId, Option<Digest>)> = changes
            .iter()
            .map(|change| (change.offer_id(), self.tree.get(&change.offer_id())))
            .collect();
        for change in changes {
            set(&mut self.tree, change.offer_id(), entry_of(change));
        }
        if self.tree.matches(head) {
            return Ok(());
        }
        for (offer_id, entry) in before {
            set(&mut self.tree, offer_id, entry);
        }
        Err(StatementError::Mismatch { field: "root" }.into())
    }

    /// Forgets everything: it will be fetched again.
    pub(crate) fn forget(&mut self) -> Result<(), Error> {
        self.file.set_len(0).map_err(failed(&self.path))?;
        (self.tree, self.head) = (DirectoryTree::new(), None);
        (self.length, self.live) = (0, 0);
        self.places.clear();
        Ok(())
    }

    fn append(&mut self, records: &[u8]) -> Result<(), Error> {
        self.file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.write_all(records))
            .and_then(|()| self.file.sync_data())
            .map_err(failed(&self.path))
    }

    /// Notes where the document of a change stands whose record begins at `at`.
    fn place(&mut self, change: &Change, at: u64) {
        let gone = match change {
            Change::Put { offer_id, document } => {
                let place = Place {
                    at: at + FRAME_BYTES as u64 + ID_BYTES as u64,
                    length: u32::try_from(document.len()).unwrap_or(u32::MAX),
                };
                self.live += u64::from(place.length);
                self.places.insert(*offer_id, place)
            }
            Change::Remove { offer_id } => self.places.remove(offer_id),
        };
        self.live -= gone.map_or(0, |place| u64::from(place.length));
    }

    /// Reads the file from its beginning. Says whether what it holds matches its last head.
    fn replay(&mut self, now: Timestamp) -> Result<bool, Error> {
        (self.tree, self.head) = (DirectoryTree::new(), None);
        (self.length, self.live) = (0, 0);
        self.places.clear();
        self.file.seek(SeekFrom::Start(0)).map_err(failed(&self.path))?;
        let handle = self.file.try_clone().map_err(failed(&self.path))?;
        let mut reader = BufReader::with_capacity(1 << 20, handle);
        let (mut at, mut open, mut last) = (0, Vec::new(), None);
        while let Some((record, length)) = read_record(&mut reader) {
            match record {
                Record::Change(change) => open.push((change, at)),
                Record::Head(head) => {
                    for (change, at) in open.drain(..) {
                        set(&mut self.tree, change.offer_id(), entry_of(&change));
                        self.place(&change, at);
                    }
                    (self.length, last) = (at + length, Some(head));
                }
            }
            at += length;
        }
        self.file.set_len(self.length).map_err(failed(&self.path))?;
        let Some(head) = last else {
            return Ok(self.length == 0);
        };
        self.head = head
            .verify(&self.key, now)
            .ok()
            .filter(|head| self.tree.matches(head));
        Ok(self.head.is_some())
    }

    /// Writes the file anew, with what is there and nothing else.
    fn compact(&mut self, now: Timestamp) -> Result<(), Error> {
        let Some(head) = &self.head else { return Ok(()) };
        let path = self.path.with_extension("new");
        let mut anew = open_file(&path)?;
        anew.set_len(0).map_err(failed(&path))?;
        for offer_id in self.ids() {
            let document = self.document(offer_id)?.unwrap_or_default();
            let mut record = Vec::new();
            write_change(&mut record, &Change::Put { offer_id, document });
            anew.write_all(&record).map_err(failed(&path))?;
        }
        let mut record = Vec::new();
        write_record(&mut record, HEAD, &[&head.encode()]);
        anew.write_all(&record)
            .and_then(|()| anew.sync_all())
            .map_err(failed(&path))?;
        fs::rename(&path, &self.path).map_err(failed(&self.path))?;
        self.file = anew;
        self.replay(now).map(drop)
    }
}

fn entry_of(change: &Change) -> Option<Digest> {
    match change {
        Change::Put { offer_id, document } => Some(directory_entry_hash(offer_id, document)),
        Change::Remove { .. } => None,
    }
}

fn set(tree: &mut DirectoryTree, offer_id: OfferId, entry: Option<Digest>) {
    match entry {
        Some(entry) => tree.put(offer_id, entry),
        None => tree.remove(&offer_id),
    }
}

fn open_file(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(failed(path))
}

enum Record {
    Change(Change),
    Head(Signed<DirectoryHead>),
}

/// The next record and its length with its frame; nothing at the end, or where the file is not what it should be.
fn read_record(reader: &mut impl std::io::Read) -> Option<(Record, u64)> {
    let mut frame = [0; FRAME_BYTES];
    reader.read_exact(&mut frame).ok()?;
    let length = u32::from_be_bytes([frame[1], frame[2], frame[3], frame[4]]);
    if length as usize > ID_BYTES + DOCUMENT_BYTES_MAX {
        return None;
    }
    let mut content = vec![0; length as usize];
    reader.read_exact(&mut content).ok()?;
    let record = match frame[0] {
        HEAD => Record::Head(Signed::parse(&content).ok()?),
        PUT => {
            let (id, document) = content.split_first_chunk::<ID_BYTES>()?;
            Record::Change(Change::Put {
                offer_id: OfferId::from_bytes(*id),
                document: document.to_vec(),
            })
        }
        REMOVE => Record::Change(Change::Remove {
            offer_id: OfferId::from_slice(&content).ok()?,
        }),
        _ => return None,
    };
    Some((record, FRAME_BYTES as u64 + u64::from(length)))
}

fn records(changes: &[Change], head: &Verified<DirectoryHead>) -> Vec<u8> {
    let mut records = Vec::new();
    for change in changes {
        write_change(&mut records, change);
    }
    write_record(&mut records, HEAD, &[&head.encode()]);
    records
}

fn write_change(out: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Put { offer_id, document } => write_record(out, PUT, &[offer_id.as_bytes(), document]),
        Change::Remove { offer_id } => write_record(out, REMOVE, &[offer_id.as_bytes()]),
    }
}

fn write_record(out: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(kind);
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
}

fn length_of(change: &Change) -> u64 {
    match change {
        Change::Put { document, .. } => (ID_BYTES + document.len()) as u64,
        Change::Remove { .. } => ID_BYTES as u64,
    }
}
