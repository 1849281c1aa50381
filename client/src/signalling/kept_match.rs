//! What was opened of a match: about whom it is, and whom to call. Each opening stands in the resident's log, so it is
//! done once.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluis_types::{Handle, MatchId, MessageId, Oin};

use super::card::ContactCard;
use crate::profile::{read_json, write_json};
use crate::{Error, private_file};

const FOLDER: &str = "matches";

/// One opened contact box.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptContact {
    organisation: String,
    /// Id of the box that it was in.
    message: String,
    pub(crate) card: ContactCard,
}

impl KeptContact {
    pub(crate) fn new(organisation: Oin, message: MessageId, card: ContactCard) -> Self {
        Self {
            organisation: organisation.to_string(),
            message: message.to_string(),
            card,
        }
    }

    pub(crate) fn organisation(&self) -> Result<Oin, Error> {
        self.organisation
            .parse()
            .map_err(|error| Error::malformed("a kept match", error))
    }

    pub(crate) fn is_of(&self, message: MessageId) -> bool {
        self.message == message.to_string()
    }
}

/// A match, as it stands in its file.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptMatch {
    handle: String,
    pub(crate) contacts: Vec<KeptContact>,
}

impl KeptMatch {
    pub(crate) fn new(resident: Handle) -> Self {
        Self {
            handle: resident.expose(),
            contacts: Vec::new(),
        }
    }

    pub(crate) fn resident(&self) -> Result<Handle, Error> {
        Handle::parse(&self.handle).map_err(|error| Error::malformed("a kept match", error))
    }

    /// What is kept of a match, if anything.
    pub(crate) fn load(directory: &Path, id: MatchId) -> Result<Option<Self>, Error> {
        match read_json(&path(directory, id)) {
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    pub(crate) fn store(&self, directory: &Path, id: MatchId) -> Result<(), Error> {
        private_file::create_directory(&directory.join(FOLDER))?;
        write_json(&path(directory, id), self)
    }

    /// Whether another match told of this worry of an organisation before.
    pub(crate) fn is_known(
        directory: &Path,
        but: MatchId,
        organisation: Oin,
        worry: &str,
    ) -> Result<bool, Error> {
        let folder = directory.join(FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(Error::File { path: folder, source }),
        };
        let ids = entries.filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.strip_suffix(".json")?.parse::<MatchId>().ok()
        });
        for id in ids.filter(|id| *id != but) {
            let Some(kept) = Self::load(directory, id)? else {
                continue;
            };
            let mut contacts = kept.contacts.iter();
            if contacts
                .any(|contact| contact.card.worry == worry && contact.organisation == organisation.as_str())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets a match; one that is not there is fine.
    pub(crate) fn forget(directory: &Path, id: MatchId) -> Result<(), Error> {
        private_file::remove(&path(directory, id))
    }
}

fn path(directory: &Path, id: MatchId) -> PathBuf {
    directory.join(FOLDER).join(format!("{id}.json"))
}
