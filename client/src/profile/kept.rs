//! Copies of sent messages, sealed to the sender itself, until they are opened or expire.
//!
//! When the resident changes a grant before the recipient opened a message, its ciphertext is lost; from the copy it
//! is sealed again under the new version.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluis_types::{BlobId, Handle, MessageId, Oin, Timestamp};

use super::{read_json, write_json};
use crate::{Error, private_file};

/// What stands beside a kept copy.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    recipient: String,
    handle: String,
    expires: i64,
    /// Blob ids whose ciphertexts are kept too, in the order of the message's list.
    blobs: Vec<String>,
}

impl Kept {
    pub(crate) fn new(recipient: Oin, handle: Handle, expires: Timestamp, blobs: &[BlobId]) -> Self {
        Self {
            recipient: recipient.to_string(),
            handle: handle.expose(),
            expires: expires.micros(),
            blobs: blobs.iter().map(ToString::to_string).collect(),
        }
    }

    pub(crate) fn recipient(&self) -> Result<Oin, Error> {
        self.recipient
            .parse()
            .map_err(|error| Error::malformed("a kept copy", error))
    }

    pub(crate) fn handle(&self) -> Result<Handle, Error> {
        Handle::parse(&self.handle).map_err(|error| Error::malformed("a kept copy", error))
    }

    pub(crate) fn expires(&self) -> Timestamp {
        Timestamp::from_micros(self.expires)
    }

    /// The folder in which a message's copy is kept; blob ciphertexts are written there before the copy itself.
    pub(crate) fn folder(directory: &Path, message: MessageId) -> Result<PathBuf, Error> {
        let folder = directory.join("kept").join(message.to_string());
        private_file::create_directory(&folder)?;
        Ok(folder)
    }

    pub(crate) fn blob_path(folder: &Path, blob: BlobId) -> PathBuf {
        folder.join(format!("{blob}.blob"))
    }

    /// Stores a copy; what is kept is complete when this returns.
    pub(crate) fn store(
        &self,
        directory: &Path,
        message: MessageId,
        manifest: &[u8],
        copy: &[u8],
    ) -> Result<(), Error> {
        let folder = Self::folder(directory, message)?;
        private_file::write(&folder.join("manifest"), manifest)?;
        private_file::write(&folder.join("copy"), copy)?;
        write_json(&folder.join("kept.json"), self)
    }

    /// Loads a copy: the facts, the manifest and the sealed copy.
    pub(crate) fn load(directory: &Path, message: MessageId) -> Result<(Self, Vec<u8>, Vec<u8>), Error> {
        let folder = directory.join("kept").join(message.to_string());
        let facts = match read_json(&folder.join("kept.json")) {
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Unknown { what: "kept message" });
            }
            other => other?,
        };
        Ok((
            facts,
            private_file::read(&folder.join("manifest"))?.to_vec(),
            private_file::read(&folder.join("copy"))?.to_vec(),
        ))
    }

    /// Forgets a copy; one that is not there is fine.
    pub(crate) fn forget(directory: &Path, message: MessageId) -> Result<(), Error> {
        let folder = directory.join("kept").join(message.to_string());
        match std::fs::remove_dir_all(&folder) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::File { path: folder, source })
            }
            _ => Ok(()),
        }
    }

    /// The ids of all kept copies.
    pub(crate) fn list(directory: &Path) -> Result<Vec<MessageId>, Error> {
        let folder = directory.join("kept");
        match std::fs::read_dir(&folder) {
            Ok(entries) => Ok(entries
                .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
                .collect()),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(Error::File { path: folder, source }),
        }
    }
}
