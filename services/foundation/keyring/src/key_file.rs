//! Files that hold secrets: readable by their owner only, written whole or not at all, durable when written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Permission bits of group and others: none may be set on anything that holds a key.
const OTHERS: u32 = 0o077;
const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// The longest key file that is read, in bytes.
const KEY_FILE_BYTES_MAX: u64 = 64 * 1024;

/// A key file or directory that cannot be used. It names the path, never what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("{} is open to others than its owner (mode {mode:03o}); close it with: chmod go-rwx {}", path.display(), path.display())]
    Permissions {
        /// The path.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is there but does not hold what it should.
    #[error("{} does not hold valid keys", path.display())]
    Malformed {
        /// The path.
        path: PathBuf,
    },
    /// It should be there.
    #[error("{} is missing", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
}

impl KeyFileError {
    /// An [`KeyFileError::Io`] of doing `action` on `path`, for `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }
}

/// Makes `dir` with mode 0700 when it is not there, and refuses it when others can look into it.
pub(crate) fn ensure_private_directory(dir: &Path) -> Result<(), KeyFileError> {
    let missing: Vec<_> = dir
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .collect();
    if !missing.is_empty() {
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(dir)
            .map_err(KeyFileError::io("create", dir))?;
        // Each new name is durable only when the directory that holds it is.
        for made in missing {
            let parent = made.parent().filter(|parent| !parent.as_os_str().is_empty());
            sync_directory(parent.unwrap_or(Path::new(".")))?;
        }
    }
    require_private_directory(dir)
}

/// Refuses `dir` when it is not there, no directory, or others can look into it.
pub(crate) fn require_private_directory(dir: &Path) -> Result<(), KeyFileError> {
    let metadata = fs::metadata(dir).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing {
            path: dir.to_path_buf(),
        },
        _ => KeyFileError::io("inspect", dir)(source),
    })?;
    if !metadata.is_dir() {
        return Err(KeyFileError::Malformed {
            path: dir.to_path_buf(),
        });
    }
    require_private(dir, &metadata)
}

fn require_private(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyFileError> {
    let mode = metadata.mode() & 0o777;
    if mode & OTHERS == 0 {
        Ok(())
    } else {
        Err(KeyFileError::Permissions {
            path: path.to_path_buf(),
            mode,
        })
    }
}

/// The content of a key file, or `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(KeyFileError::io("open", path)(error)),
    };
    // Asked of the open file, not of the path, which could be another file by now.
    let metadata = file.metadata().map_err(KeyFileError::io("inspect", path))?;
    require_private(path, &metadata)?;
    let malformed = || KeyFileError::Malformed {
        path: path.to_path_buf(),
    };
    if !metadata.is_file() || metadata.len() > KEY_FILE_BYTES_MAX {
        return Err(malformed());
    }
    let capacity = usize::try_from(metadata.len()).map_err(|_| malformed())?;
    let mut content = Zeroizing::new(vec![0; capacity]);
    (&file)
        .read_exact(&mut content)
        .map_err(KeyFileError::io("read", path))?;
    Ok(Some(content))
}

/// Writes `content` to `dir/name`, replacing what was there. Durable before it returns, and never half there.
///
/// The caller holds the [`DirectoryLock`], so the temporary name is its own.
pub(crate) fn replace(
    _lock: &DirectoryLock,
    dir: &Path,
    name: &str,
    content: &[u8],
) -> Result<(), KeyFileError> {
    let path = dir.join(name);
    let temporary = dir.join(format!("{name}.tmp"));
    // A crash may have left one, perhaps with other permissions.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(KeyFileError::io("remove", &temporary)(error));
        }
        _ => {}
    }
    create(&temporary, content)?;
    fs::rename(&temporary, &path).map_err(KeyFileError::io("write", &path))?;
    sync_directory(dir)
}

/// Creates a file that is not there yet with `content`; its name is durable after [`sync_directory`].
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), KeyFileError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
        .map_err(KeyFileError::io("create", path))?;
    file.write_all(content).map_err(KeyFileError::io("write", path))?;
    file.sync_all().map_err(KeyFileError::io("sync", path))
}

/// Makes the names in `dir`, and the absence of names, durable.
pub(crate) fn sync_directory(dir: &Path) -> Result<(), KeyFileError> {
    File::open(dir)
        .and_then(|directory| directory.sync_all())
        .map_err(KeyFileError::io("sync", dir))
}

/// Opens the lock file `dir/name`, not locked yet.
pub(crate) fn open_lock_file(path: &Path) -> Result<File, KeyFileError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
        .map_err(KeyFileError::io("open", path))
}

/// The right to change the files of one directory; given back when dropped or when the process ends.
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Waits until no other process changes the files of `dir`.
    pub(crate) fn acquire(dir: &Path) -> Result<Self, KeyFileError> {
        let path = dir.join("keys.lock");
        let file = open_lock_file(&path)?;
        file.lock().map_err(KeyFileError::io("lock", &path))?;
        Ok(Self { _file: file })
    }
}
