//! What was published of each source, kept in the profile (`offers-published/`): by it, what left a source's directory
//! is told from what never was in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluis_types::OfferId;

use super::shelf::{SourceName, write_all};
use crate::failure::Failure;

/// Below the profile's directory. Not in `offers/`, which each import replaces.
const FOLDER: &str = "offers-published";

/// The offers that were published of one source: how each is called.
pub(super) struct Record {
    folder: PathBuf,
    file: String,
    offers: BTreeMap<OfferId, String>,
}

/// One offer in the file.
#[derive(Deserialize, Serialize)]
struct Entry {
    offer_id: String,
    name: String,
}

impl Record {
    /// What is known of a source; nothing where nothing of it was published yet.
    pub(super) fn load(profile: &Path, source: &SourceName) -> Result<Self, Failure> {
        let folder = profile.join(FOLDER);
        let file = format!("{}.json", source.as_str());
        let path = folder.join(&file);
        let unreadable = || {
            let said = format!("{} cannot be read", path.display());
            Failure::local(
                said,
                "Remove it: nothing is retired then, until it is published again.",
            )
        };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => b"[]".to_vec(),
            Err(error) => return Err(Failure::file(&path, error)),
        };
        let entries: Vec<Entry> = serde_json::from_slice(&text).map_err(|_| unreadable())?;
        let mut offers = BTreeMap::new();
        for Entry { offer_id, name } in entries {
            offers.insert(offer_id.parse().map_err(|_| unreadable())?, name);
        }
        Ok(Self { folder, file, offers })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.offers.len()
    }

    /// Those that a newer directory of the source does not have.
    pub(super) fn gone(&self, newer: &BTreeMap<OfferId, String>) -> BTreeMap<OfferId, String> {
        let gone = self.offers.iter().filter(|(id, _)| !newer.contains_key(id));
        gone.map(|(id, name)| (*id, name.clone())).collect()
    }

    /// Notes offers that are about to be published, beside those that are: whatever happens next, none is forgotten.
    pub(super) fn begin(&mut self, newer: &BTreeMap<OfferId, String>) -> Result<(), Failure> {
        let newer = newer.iter().map(|(id, name)| (*id, name.clone()));
        self.offers.extend(newer);
        self.write()
    }

    /// Forgets an offer that was retired.
    pub(super) fn forget(&mut self, offer: OfferId) -> Result<(), Failure> {
        self.offers.remove(&offer);
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        let entries = self.offers.iter().map(|(id, name)| Entry {
            offer_id: id.to_string(),
            name: name.clone(),
        });
        let text = serde_json::to_vec_pretty(&entries.collect::<Vec<_>>());
        let text = text.map_err(|error| Failure::file(&self.folder, error.into()))?;
        let (anew, path) = (format!("{}.new", self.file), self.folder.join(&self.file));
        match fs::remove_file(self.folder.join(&anew)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file(&path, error));
            }
            _ => {}
        }
        write_all(&self.folder, [(anew.as_str(), text.as_slice())])?;
        fs::rename(self.folder.join(&anew), &path).map_err(|error| Failure::file(&path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(ids: &[u8]) -> BTreeMap<OfferId, String> {
        let named = |id: &u8| (OfferId::from_bytes([*id; 16]), format!("offer {id}"));
        ids.iter().map(named).collect()
    }

    #[test]
    fn what_was_published_of_a_source_is_known_until_it_is_retired() {
        let profile = tempfile::tempdir().expect("a directory");
        let load = |name| Record::load(profile.path(), &SourceName::parse(name).expect("a name"));
        let mut record = load("oss").expect("nothing yet");
        assert_eq!((record.len(), record.gone(&offers(&[]))), (0, offers(&[])));
        record.begin(&offers(&[1, 2])).expect("kept");
        record.begin(&offers(&[2, 3])).expect("kept");
        let mut record = load("oss").expect("read");
        assert_eq!(record.gone(&offers(&[2, 3])), offers(&[1]), "none is forgotten");
        record.forget(OfferId::from_bytes([1; 16])).expect("kept");
        assert_eq!(load("oss").expect("read").gone(&offers(&[])), offers(&[2, 3]));
        assert_eq!(load("boekel").expect("another source").len(), 0);
    }

    #[test]
    fn a_record_that_cannot_be_read_is_told_and_nothing_is_guessed() {
        let profile = tempfile::tempdir().expect("a directory");
        let folder = profile.path().join(FOLDER);
        for text in ["", "{}", r#"[{"offer_id":"x","name":""}]"#] {
            let _ = fs::remove_dir_all(&folder);
            write_all(&folder, [("main.json", text.as_bytes())]).expect("written");
            assert!(
                Record::load(profile.path(), &SourceName::default()).is_err(),
                "{text}"
            );
        }
    }
}
