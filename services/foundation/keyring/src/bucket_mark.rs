//! The mark of a directory of bucket keys: the file `mark`.

use std::fs;
use std::io;
use std::path::Path;

use crate::bucket::StoreMark;
use crate::key_file::{self, KeyFileError};

const NAME: &str = "mark";

/// The mark of the key store in `dir`; none when it has none.
pub(crate) fn read(dir: &Path) -> Result<Option<StoreMark>, KeyFileError> {
    let path = dir.join(NAME);
    let Some(content) = key_file::read(&path)? else {
        return Ok(None);
    };
    match content.as_slice().try_into() {
        Ok(bytes) => Ok(Some(StoreMark::from_bytes(bytes))),
        Err(_) => Err(KeyFileError::Malformed { path }),
    }
}

/// Writes the mark, durably and never by half. The caller owns the directory.
pub(crate) fn write(dir: &Path, mark: StoreMark) -> Result<(), KeyFileError> {
    let (path, temporary) = (dir.join(NAME), dir.join("mark.tmp"));
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(KeyFileError::io("remove", &temporary)(error));
        }
        _ => {}
    }
    key_file::create(&temporary, mark.as_bytes())?;
    fs::rename(&temporary, &path).map_err(KeyFileError::io("write", &path))?;
    key_file::sync_directory(dir)
}
