//! Which thread is about whom, and with whom: what the mesh does not know and an organisation must.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluis_envelope::Scope;
use sluis_types::{CodeSet, DataKind, Handle, LifeDomain, MessageId, Oin, ThreadId};

use super::{read_json, write_json};
use crate::{Error, private_file};

/// What an organisation remembers of a thread: for an answer in it.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The other organisation.
    pub counterpart: Oin,
    /// This organisation's own handle of the resident.
    pub resident: Handle,
    /// The newest message of the thread that this organisation sent or opened.
    pub latest: MessageId,
    /// The life domains of that message.
    pub life_domains: CodeSet<LifeDomain>,
    /// The kinds of data of that message.
    pub data_kinds: CodeSet<DataKind>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    counterpart: String,
    handle: String,
    latest: String,
    /// Bit fields.
    life_domains: u32,
    data_kinds: u32,
}

impl Conversation {
    pub(crate) fn new(counterpart: Oin, resident: Handle, latest: MessageId, scope: &Scope) -> Self {
        Self {
            counterpart,
            resident,
            latest,
            life_domains: scope.life_domains(),
            data_kinds: scope.data_kinds(),
        }
    }

    pub(crate) fn load(directory: &Path, thread: ThreadId) -> Result<Self, Error> {
        let stored: Stored = match read_json(&path(directory, thread)) {
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Unknown { what: "thread" });
            }
            other => other?,
        };
        let malformed = |error: &dyn std::fmt::Display| Error::malformed("a thread's file", error);
        Ok(Self {
            counterpart: stored.counterpart.parse().map_err(|error| malformed(&error))?,
            resident: Handle::parse(&stored.handle).map_err(|error| malformed(&error))?,
            latest: stored.latest.parse().map_err(|error| malformed(&error))?,
            life_domains: CodeSet::from_bits(stored.life_domains).map_err(|error| malformed(&error))?,
            data_kinds: CodeSet::from_bits(stored.data_kinds).map_err(|error| malformed(&error))?,
        })
    }

    pub(crate) fn store(&self, directory: &Path, thread: ThreadId) -> Result<(), Error> {
        private_file::create_directory(&directory.join("threads"))?;
        let stored = Stored {
            counterpart: self.counterpart.to_string(),
            handle: self.resident.expose(),
            latest: self.latest.to_string(),
            life_domains: self.life_domains.bits(),
            data_kinds: self.data_kinds.bits(),
        };
        write_json(&path(directory, thread), &stored)
    }
}

fn path(directory: &Path, thread: ThreadId) -> PathBuf {
    directory.join("threads").join(format!("{thread}.json"))
}
