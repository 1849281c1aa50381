//! Circles that this organisation is a member of: its bundles, which are secrets. Whoever has one can post in its name.

use std::path::{Path, PathBuf};

use sluis_envelope::CircleBundle;
use sluis_types::GrantId;

use crate::{Error, private_file};

const FOLDER: &str = "circles";

/// Keeps a bundle, unless a newer version of its circle is kept. True when it was new.
pub(crate) fn keep(directory: &Path, bundle: &CircleBundle) -> Result<bool, Error> {
    let folder = directory.join(FOLDER);
    private_file::create_directory(&folder)?;
    let _guard = private_file::lock(directory)?;
    let path = path(&folder, bundle.circle().grant_id);
    if let Some(known) = private_file::read_optional(&path)? {
        let known = CircleBundle::parse(&known)?;
        if known.circle().grant_version >= bundle.circle().grant_version {
            return Ok(false);
        }
    }
    private_file::write(&path, &bundle.encode())?;
    Ok(true)
}

/// All bundles that are kept.
pub(crate) fn list(directory: &Path) -> Result<Vec<CircleBundle>, Error> {
    let folder = directory.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::File { path: folder, source }),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "bundle"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| Ok(CircleBundle::parse(&private_file::read(path)?)?))
        .collect()
}

/// Forgets a circle that is over.
pub(crate) fn forget(directory: &Path, circle: GrantId) -> Result<(), Error> {
    private_file::remove(&path(&directory.join(FOLDER), circle))
}

fn path(folder: &Path, circle: GrantId) -> PathBuf {
    folder.join(format!("{circle}.bundle"))
}
