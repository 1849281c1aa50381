//! Which thread is about whom, and with whom: what the mesh does not know and an organisation must.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluis_types::{Handle, MessageId, Oin, ThreadId};

use super::{read_json, write_json};
use crate::{Error, private_file};

/// What an organisation remembers of a thread.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversation {
    counterpart: String,
    handle: String,
    /// The newest message of the thread that this organisation sent or opened.
    latest: String,
}

impl Conversation {
    pub(crate) fn new(counterpart: Oin, handle: Handle, latest: MessageId) -> Self {
        Self {
            counterpart: counterpart.to_string(),
            handle: handle.expose(),
            latest: latest.to_string(),
        }
    }

    pub(crate) fn counterpart(&self) -> Result<Oin, Error> {
        self.counterpart.parse().map_err(|error| Error::malformed("a thread's file", error))
    }

    pub(crate) fn handle(&self) -> Result<Handle, Error> {
        Handle::parse(&self.handle).map_err(|error| Error::malformed("a thread's file", error))
    }

    pub(crate) fn latest(&self) -> Result<MessageId, Error> {
        self.latest.parse().map_err(|error| Error::malformed("a thread's file", error))
    }

    pub(crate) fn load(directory: &Path, thread: ThreadId) -> Result<Self, Error> {
        match read_json(&path(directory, thread)) {
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::Unknown { what: "thread" })
            }
            other => other,
        }
    }

    pub(crate) fn store(&self, directory: &Path, thread: ThreadId) -> Result<(), Error> {
        private_file::create_directory(&directory.join("threads"))?;
        write_json(&path(directory, thread), self)
    }
}

fn path(directory: &Path, thread: ThreadId) -> PathBuf {
    directory.join("threads").join(format!("{thread}.json"))
}
