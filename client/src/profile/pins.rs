//! Fingerprints that were compared out of band, and the newest statement of each organisation that follows from one.

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

pub(super) fn pin(directory: &Path, organisation: Oin, fingerprint: KeyId) -> Result<(), Error> {
    let path = pins_path(directory);
    let mut pins: Pins = read_json_or_default(&path)?;
    let before = pins.insert(organisation.to_string(), fingerprint.to_string());
    if before.is_some_and(|before| before != fingerprint.to_string()) {
        private_file::remove(&known_path(directory, organisation))?;
    }
    write_json(&path, &pins)
}

pub(super) fn pinned(directory: &Path, organisation: Oin) -> Result<Option<KeyId>, Error> {
    let pins: Pins = read_json_or_default(&pins_path(directory))?;
    pins.get(organisation.as_str())
        .map(|text| text.parse().map_err(|error| Error::malformed("pins.json", error)))
        .transpose()
}

pub(super) fn known(directory: &Path, organisation: Oin) -> Result<Option<Vec<u8>>, Error> {
    Ok(private_file::read_optional(&known_path(directory, organisation))?.map(|bytes| bytes.to_vec()))
}

pub(super) fn remember(directory: &Path, statement: &VerifiedKeyStatement) -> Result<(), Error> {
    private_file::create_directory(&directory.join("known"))?;
    private_file::write(&known_path(directory, statement.organisation()), &statement.encode())
}
