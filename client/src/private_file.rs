//! Files that only their owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use zeroize::Zeroizing;

use crate::Error;

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::File {
        path: path.to_owned(),
        source,
    }
}

/// Makes a directory that only its owner can enter (0700).
pub(crate) fn create_directory(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(failed(path))
}

/// Writes a file whole or not at all, readable by its owner only (0600), and durable when this returns.
pub(crate) fn write(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let temporary = temporary(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(failed(&temporary))?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .and_then(|()| file.write_all(contents))
        .and_then(|()| file.sync_all())
        .map_err(failed(&temporary))?;
    fs::rename(&temporary, path).map_err(failed(path))?;
    match path.parent() {
        Some(parent) => File::open(parent)
            .and_then(|directory| directory.sync_all())
            .map_err(failed(parent)),
        None => Ok(()),
    }
}

/// A name of its own for each writing, in this process and in others.
fn temporary(path: &Path) -> PathBuf {
    static WRITINGS: AtomicU64 = AtomicU64::new(0);
    let writing = WRITINGS.fetch_add(1, Ordering::Relaxed);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{writing}.new", std::process::id()));
    name.into()
}

/// Keeps other processes out of a directory's lists until the guard is dropped: for reading, changing, writing.
pub(crate) fn lock(directory: &Path) -> Result<File, Error> {
    let path = directory.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed(&path))?;
    file.lock().map_err(failed(&path))?;
    Ok(file)
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    fs::read(path).map(Zeroizing::new).map_err(failed(path))
}

/// Reads a file, or nothing where there is none.
pub(crate) fn read_optional(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    match fs::read(path) {
        Ok(contents) => Ok(Some(Zeroizing::new(contents))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Removes a file; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

/// The files below a directory that others than their owner can read, and whatever of it they can change.
pub(crate) fn open_to_others(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        let metadata = fs::symlink_metadata(&path).map_err(failed(&path))?;
        // That others can list a folder's names tells them little; its files are closed one by one.
        let closed = if metadata.is_dir() { 0o022 } else { 0o077 };
        if !metadata.is_symlink() && metadata.permissions().mode() & closed != 0 {
            found.push(path.clone());
        }
        if metadata.is_dir() {
            for entry in fs::read_dir(&path).map_err(failed(&path))? {
                open.push(entry.map_err(failed(&path))?.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_for_their_owner_only_and_replaced_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        let inner = directory.path().join("inner");
        create_directory(&inner).expect("made");
        let path = inner.join("key");
        write(&path, b"first").expect("written");
        write(&path, b"second").expect("written again");
        assert_eq!(read(&path).expect("read").as_slice(), b"second");
        assert_eq!(
            fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(&inner).expect("there").permissions().mode() & 0o777,
            0o700
        );
        assert_eq!(fs::read_dir(&inner).expect("listed").count(), 1);
        remove(&path)
            .and_then(|()| remove(&path))
            .expect("removed, twice");
        assert!(read_optional(&path).expect("no error").is_none());
    }

    #[test]
    fn what_others_can_read_is_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let inner = directory.path().join("inner");
        create_directory(&inner).expect("made");
        write(&inner.join("key"), b"secret").expect("written");
        assert_eq!(
            open_to_others(directory.path()).expect("walked"),
            Vec::<PathBuf>::new()
        );
        fs::set_permissions(inner.join("key"), fs::Permissions::from_mode(0o640)).expect("opened");
        assert_eq!(
            open_to_others(directory.path()).expect("walked"),
            [inner.join("key")]
        );
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o770)).expect("opened");
        assert_eq!(
            open_to_others(directory.path()).expect("walked"),
            [inner.clone(), inner.join("key")]
        );
    }

    #[test]
    fn a_lock_is_taken_again_when_it_was_dropped() {
        let directory = tempfile::tempdir().expect("a directory");
        let first = lock(directory.path()).expect("locked");
        let second = File::options()
            .write(true)
            .open(directory.path().join("lock"))
            .expect("there");
        assert!(matches!(second.try_lock(), Err(fs::TryLockError::WouldBlock)));
        drop(first);
        lock(directory.path()).expect("locked again");
    }
}
