//! A thief who looks for posts: which circle, and so whose, is what lies in signalling?
//!
//! It holds one dump of all databases as raw files, all key files, and the peppers of the weeks. A post is found by
//! `HMAC-SHA256(pepper, "cell" ‖ 0 ‖ tag)`; the pepper it has, so all that is missing is the tag. It tries every 32 bytes
//! of consent's and signalling's databases and of all keys. With the bundle of a *member* it has the tags: then it finds that member's circles, in
//! weeks whose pepper is still there. That is known and said (`docs/signalling.md`), and shows here that the search sees.

use std::collections::HashSet;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::loot::{decoded, files_below};
use crate::DemoError;
use crate::dossier::{Dump, RawFile};

const TAG_BYTES: usize = 32;
const TABLE: &[u8] = b"cell\0";

/// What the thief holds.
pub struct WeekLoot {
    /// HMACs that have taken the table's name already, one per pepper.
    peppers: Vec<Hmac<Sha256>>,
    databases: Vec<RawFile>,
    keys: Vec<RawFile>,
}

impl std::fmt::Debug for WeekLoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WeekLoot({} peppers)", self.peppers.len())
    }
}

/// What trying every 32 bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How many were tried.
    pub tries: u64,
    /// How many were the tag of a post.
    pub found: usize,
}

impl WeekLoot {
    /// Takes a dump, the key files below these directories, and the peppers below another.
    ///
    /// # Errors
    /// [`DemoError::Io`] when a file cannot be read.
    pub fn take(dump: &Dump, keys: &[&Path], peppers: &Path) -> Result<Self, DemoError> {
        let mut key_files = Vec::new();
        for directory in keys {
            key_files.extend(files_below(directory)?);
        }
        let from_hex: Vec<RawFile> = key_files.iter().filter_map(decoded).collect();
        key_files.extend(from_hex);
        let pepper_files: Vec<RawFile> = files_below(peppers)?.iter().filter_map(decoded).collect();
        let windows = pepper_files.iter().flat_map(|file| file.bytes.chunks_exact(32));
        Ok(Self {
            peppers: windows.map(keyed).collect(),
            databases: dump
                .files()
                .iter()
                .map(|file| RawFile {
                    name: file.name.clone(),
                    bytes: file.bytes.clone(),
                })
                .collect(),
            keys: key_files,
        })
    }

    /// How many of these tags lead to a row, in free pages and write-ahead logs too.
    pub fn found_with<'a>(&self, tags: impl Iterator<Item = &'a [u8; TAG_BYTES]>) -> usize {
        let places = self.places();
        tags.filter(|tag| self.leads(tag.as_slice(), &places)).count()
    }

    /// Tries every 32 bytes of consent's and signalling's databases and of the keys as a tag.
    pub fn try_everything(&self) -> Tried {
        let places = self.places();
        let (mut tries, mut found) = (0, 0);
        let databases = self.databases.iter().filter(|file| {
            let stores = ["consent", "signalling"];
            stores.iter().any(|store| file.name.starts_with(store))
        });
        for file in databases.chain(&self.keys) {
            for window in file.bytes.windows(TAG_BYTES) {
                // Most of a database is empty pages; a tag is no text and no counter.
                if window[..8] == [0; 8] || window[TAG_BYTES - 8..] == [0; 8] {
                    continue;
                }
                tries += 1;
                found += usize::from(self.leads(window, &places));
            }
        }
        Tried { tries, found }
    }

    /// Where rows of signalling could be: every 32 bytes of its files, so that a row that was deleted counts too.
    fn places(&self) -> HashSet<&[u8]> {
        let of_signalling = self
            .databases
            .iter()
            .filter(|file| file.name.starts_with("signalling"));
        of_signalling
            .flat_map(|file| file.bytes.windows(TAG_BYTES))
            .collect()
    }

    fn leads(&self, tag: &[u8], places: &HashSet<&[u8]>) -> bool {
        self.peppers.iter().any(|pepper| {
            let mut place = pepper.clone();
            place.update(tag);
            places.contains(place.finalize().into_bytes().as_slice())
        })
    }
}

fn keyed(pepper: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(pepper).expect("HMAC takes a key of any length");
    mac.update(TABLE);
    mac
}
