//! The directory that is kept in the profile: `kaart/`.

use sluis_client::{DirectoryChange, Error, Profile};
use sluis_kaart::{Change, Kaart};
use sluis_types::Timestamp;

use crate::failure::Failure;

/// Below the profile's directory.
const FOLDER: &str = "kaart";

/// Opens the kept directory, or an empty one.
pub(in crate::command) fn open(profile: &Profile, now: Timestamp) -> Result<Kaart, Failure> {
    let folder = profile.directory().join(FOLDER);
    Kaart::open(&folder, profile.directory_key().clone(), now).map_err(failure)
}

/// What went wrong with the kept directory.
pub(in crate::command) fn failure(error: sluis_kaart::Error) -> Failure {
    match error {
        sluis_kaart::Error::File { path, source } => Failure::file(&path, source),
        sluis_kaart::Error::Head(error) => Failure::Sdk(Error::Statement(error)),
        error @ sluis_kaart::Error::Index(_) => Failure::local(
            error.to_string(),
            "Remove the folder `kaart` in the profile, and fetch it again with `sluis offers sync`.",
        ),
    }
}

/// A change as the kept directory takes it.
pub(super) fn change(change: DirectoryChange) -> Change {
    let DirectoryChange { offer_id, document } = change;
    match document {
        Some(document) => Change::Put { offer_id, document },
        None => Change::Remove { offer_id },
    }
}
