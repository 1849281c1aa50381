//! Fingerprints that were compared out of band, and the newest statement of each organisation that follows from one.
//! [`trust`](crate::trust) says what follows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sluis_envelope::VerifiedKeyStatement;
use sluis_types::{KeyId, Oin};

use super::{read_json_or_default, write_json};
use crate::{Error, private_file};

type Pins = BTreeMap<String, String>;

fn pins_path(directory: &Path) -> PathBuf {
    directory.join("pins.json")
}

fn known_path(directory: &Path, organisation: Oin) -> PathBuf {
    directory.join("known").join(organisation.as_str())
}

pub(crate) fn pin(directory: &Path, organisation: Oin, fingerprint: KeyId) -> Result<(), Error> {
    let _guard = private_file::lock(directory)?;
    let path = pins_path(directory);
    let mut pins: Pins = read_json_or_default(&path)?;
    let before = pins.insert(organisation.to_string(), fingerprint.to_string());
    if before.is_some_and(|before| before != fingerprint.to_string()) {
        private_file::remove(&known_path(directory, organisation))?;
    }
    write_json(&path, &pins)
}

pub(crate) fn pinned(directory: &Path, organisation: Oin) -> Result<Option<KeyId>, Error> {
    let pins: Pins = read_json_or_default(&pins_path(directory))?;
    pins.get(organisation.as_str())
        .map(|text| text.parse().map_err(|error| Error::malformed("pins.json", error)))
        .transpose()
}

pub(crate) fn known(directory: &Path, organisation: Oin) -> Result<Option<Vec<u8>>, Error> {
    Ok(private_file::read_optional(&known_path(directory, organisation))?.map(|bytes| bytes.to_vec()))
}

pub(crate) fn remember(directory: &Path, statement: &VerifiedKeyStatement) -> Result<(), Error> {
    private_file::create_directory(&directory.join("known"))?;
    private_file::write(
        &known_path(directory, statement.organisation()),
        &statement.encode(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_come_back_and_another_pin_forgets_what_was_known() {
        let directory = tempfile::tempdir().expect("a directory");
        let oin: Oin = "00000099000000002000".parse().expect("an OIN");
        let [one, other] = [KeyId::from_bytes([1; 32]), KeyId::from_bytes([2; 32])];
        assert_eq!(pinned(directory.path(), oin).expect("read"), None);
        pin(directory.path(), oin, one).expect("pinned");
        private_file::create_directory(&directory.path().join("known")).expect("made");
        private_file::write(&known_path(directory.path(), oin), b"a statement").expect("written");
        pin(directory.path(), oin, one).expect("pinned again");
        assert_eq!(
            known(directory.path(), oin).expect("read").as_deref(),
            Some(&b"a statement"[..])
        );
        pin(directory.path(), oin, other).expect("pinned anew");
        assert_eq!(known(directory.path(), oin).expect("read"), None);
        assert_eq!(pinned(directory.path(), oin).expect("read"), Some(other));
    }
}
