//! What an organisation keeps on its own disk: keys, certificate, pins, names of residents, kept copies.
//!
//! Everything is readable by its owner only. Nothing of it ever leaves but what the protocol says: public keys,
//! signatures and sealed bytes.

#[cfg(test)]
pub(crate) mod fixture;
mod kept;
mod keys;
mod pins;
#[cfg(test)]
mod tests;
mod threads;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluis_types::{Handle, Oin};

pub(crate) use kept::Kept;
pub(crate) use keys::{Keys, Rotation, jwt_key_id, open_statement, tls_entry};
#[cfg(test)]
pub(crate) use pins::pin;
pub(crate) use pins::{known, pinned, remember};
pub use threads::Conversation;

use crate::invitation::{MeshKeys, PinnedMesh};
use crate::{Error, private_file};

/// Longest label of a resident, in characters.
const LABEL_CHARACTERS_MAX: usize = 80;

/// The facts of an enrolment, as they stand in `profile.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    pub(crate) version: u32,
    pub(crate) mesh_id: String,
    pub(crate) gateway: String,
    pub(crate) gateway_name: String,
    pub(crate) oin: String,
    pub(crate) display_name: String,
    pub(crate) kind: String,
    pub(crate) mesh_keys: MeshKeys,
}

/// An enrolled organisation's directory.
#[derive(Debug)]
pub struct Profile {
    directory: PathBuf,
    pub(crate) facts: Facts,
    pub(crate) oin: Oin,
    pub(crate) mesh: PinnedMesh,
    pub(crate) keys: Keys,
}

impl Profile {
    /// Opens the profile of an enrolled organisation.
    ///
    /// # Errors
    /// [`Error::File`] where a file cannot be read, [`Error::Malformed`] where one is not what it should be.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        let facts: Facts = read_json(&directory.join("profile.json"))?;
        if facts.version != 1 {
            return Err(Error::malformed("profile.json", "unknown version"));
        }
        Ok(Self {
            oin: facts
                .oin
                .parse()
                .map_err(|error| Error::malformed("profile.json", error))?,
            mesh: PinnedMesh::new(&facts.mesh_keys)?,
            keys: Keys::load(directory)?,
            directory: directory.to_owned(),
            facts,
        })
    }

    /// Writes the facts of a fresh enrolment. The keys are there already.
    pub(crate) fn store_facts(directory: &Path, facts: &Facts) -> Result<(), Error> {
        write_json(&directory.join("profile.json"), facts)
    }

    /// The organisation.
    pub fn oin(&self) -> Oin {
        self.oin
    }

    /// Its name as people know it.
    pub fn display_name(&self) -> &str {
        &self.facts.display_name
    }

    /// The name of the mesh.
    pub fn mesh_id(&self) -> &str {
        &self.facts.mesh_id
    }

    /// What it is to the mesh, such as `WELFARE`.
    pub fn kind(&self) -> &str {
        &self.facts.kind
    }

    /// Where the profile is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The gateway's address, `host:port`.
    pub fn gateway(&self) -> &str {
        &self.facts.gateway
    }

    /// The fingerprint that partners pin: the id of the identity key.
    pub fn fingerprint(&self) -> sluis_types::KeyId {
        self.keys.statement.fingerprint()
    }

    /// When the certificate in use ends.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it cannot be read.
    pub fn certificate_ends(&self) -> Result<sluis_types::Timestamp, Error> {
        crate::own_keys::end_of(&self.keys.certificate_chain)
    }

    /// Stores a small file of a program's own in the profile, whole or not at all, for its owner only.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be written.
    pub fn store_file(&self, name: &'static str, contents: &[u8]) -> Result<(), Error> {
        private_file::write(&self.directory.join(name), contents)
    }

    /// Pins an organisation's fingerprint that was learned out of band: by telephone, on paper, in the co-operation
    /// agreement. Pinning another one forgets what was known of its keys. [`Partner::pin`](crate::Partner::pin) also
    /// looks whether the registry's keys follow from it.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be written.
    pub fn pin(&self, organisation: Oin, fingerprint: sluis_types::KeyId) -> Result<(), Error> {
        pins::pin(&self.directory, organisation, fingerprint)
    }

    /// The pinned fingerprint of an organisation.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Malformed`] when the pins cannot be read.
    pub fn pinned(&self, organisation: Oin) -> Result<Option<sluis_types::KeyId>, Error> {
        pins::pinned(&self.directory, organisation)
    }

    /// Names a resident's handle, so that people need not copy it: at most 80 characters, for this organisation only.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or too long label or one that names another resident, [`Error::File`] when it
    /// cannot be written.
    pub fn name_resident(&self, label: &str, handle: Handle) -> Result<(), Error> {
        check_label(label)?;
        let _guard = private_file::lock(&self.directory)?;
        let mut residents = self.labels()?;
        match residents.insert(label.to_owned(), handle.expose()) {
            Some(before) if before != handle.expose() => Err(Error::invalid(
                "label",
                "names another resident already; take another one",
            )),
            Some(_) => Ok(()),
            None => write_json(&self.residents_path(), &residents),
        }
    }

    /// Whether a label could be given to another resident now.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it could not, [`Error::File`] or [`Error::Malformed`] when the labels cannot be read.
    pub fn check_free_label(&self, label: &str) -> Result<(), Error> {
        check_label(label)?;
        if self.labels()?.contains_key(label) {
            return Err(Error::invalid(
                "label",
                "names a resident already; take another one",
            ));
        }
        Ok(())
    }

    /// The handle behind a label, or the handle that the text itself is.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is neither.
    pub fn resident(&self, label_or_handle: &str) -> Result<Handle, Error> {
        let residents = self.labels()?;
        let text = residents
            .get(label_or_handle)
            .map_or(label_or_handle, String::as_str);
        Handle::parse(text).map_err(|_| Error::Unknown { what: "resident" })
    }

    /// The label of a resident; the first in order where there are several.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Malformed`] when the labels cannot be read.
    pub fn label_of(&self, resident: &Handle) -> Result<Option<String>, Error> {
        let handle = resident.expose();
        Ok(self
            .labels()?
            .into_iter()
            .find_map(|(label, named)| (named == handle).then_some(label)))
    }

    /// The residents that have a label, in order of label.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Malformed`] when they cannot be read.
    pub fn residents(&self) -> Result<Vec<(String, Handle)>, Error> {
        self.labels()?
            .into_iter()
            .map(|(label, handle)| match Handle::parse(&handle) {
                Ok(handle) => Ok((label, handle)),
                Err(error) => Err(Error::malformed("residents.json", error)),
            })
            .collect()
    }

    fn labels(&self) -> Result<Residents, Error> {
        read_json_or_default(&self.residents_path())
    }

    fn residents_path(&self) -> PathBuf {
        self.directory.join("residents.json")
    }
}

fn check_label(label: &str) -> Result<(), Error> {
    if label.trim().is_empty()
        || label.chars().count() > LABEL_CHARACTERS_MAX
        || label.chars().any(char::is_control)
    {
        return Err(Error::invalid(
            "label",
            "1 to 80 characters, no control characters",
        ));
    }
    Ok(())
}

type Residents = std::collections::BTreeMap<String, String>;

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    parse_json(path, &private_file::read(path)?)
}

pub(crate) fn read_json_or_default<T: serde::de::DeserializeOwned + Default>(
    path: &Path,
) -> Result<T, Error> {
    match private_file::read_optional(path)? {
        Some(bytes) => parse_json(path, &bytes),
        None => Ok(T::default()),
    }
}

fn parse_json<T: serde::de::DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::malformed(path.display().to_string(), error))
}

pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let json = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::malformed(path.display().to_string(), error))?;
    private_file::write(path, &json)
}
