//! Epoch keys as files.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sluis_types::{Epoch, Randomness};
use zeroize::Zeroizing;

use crate::Key32;
use crate::epoch::{EpochKeys, EpochKeysError};
use crate::key_file::{self, DirectoryLock, KeyFileError};

/// 64 hexadecimal digits and the end of the line.
const FILE_BYTES: usize = 65;

/// Epoch keys in a directory: `EPOCH.key`, 64 hexadecimal digits each.
///
/// Replicas may share the directory; replicas with directories of their own would each have other keys. To destroy a
/// key is to overwrite its file, make that durable, remove it and make that durable. What [`FileBucketKeys`] says of
/// flash storage holds here too.
///
/// [`FileBucketKeys`]: crate::FileBucketKeys
#[derive(Clone)]
pub struct FileEpochKeys(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    randomness: Arc<dyn Randomness>,
    known: Mutex<Known>,
}

/// What this process holds of the keys: posts are many, epochs are few.
#[derive(Default)]
struct Known {
    keys: BTreeMap<Epoch, Key32>,
    over_before: Option<Epoch>,
}

impl FileEpochKeys {
    /// Takes the epoch keys in `dir` into use, and makes the directory when it is not there.
    ///
    /// # Errors
    /// [`EpochKeysError::File`] when others can read them.
    pub fn open(dir: &Path, randomness: Arc<dyn Randomness>) -> Result<Self, EpochKeysError> {
        key_file::ensure_private_directory(dir)?;
        // Found again when the process changes its working directory.
        let dir = dir.canonicalize().map_err(KeyFileError::io("resolve", dir))?;
        Ok(Self(Arc::new(Inner {
            dir,
            randomness,
            known: Mutex::default(),
        })))
    }

    /// Files block, so they are worked on where blocking is allowed.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, EpochKeysError> + Send + 'static,
    ) -> Result<T, EpochKeysError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .unwrap_or(Err(EpochKeysError::Interrupted))
    }

    fn remembered(&self, epoch: Epoch) -> Option<Key32> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.keys.get(&epoch).cloned()
    }
}

impl fmt::Debug for FileEpochKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileEpochKeys").finish_non_exhaustive()
    }
}

impl Inner {
    fn name(epoch: Epoch) -> String {
        format!("{:010}.key", epoch.number())
    }

    fn key(&self, epoch: Epoch) -> Result<Key32, EpochKeysError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.over_before.is_some_and(|first| epoch < first) {
            return Err(EpochKeysError::Over);
        }
        // Whoever comes first makes it; the lock makes "look, then write" one step among processes.
        let lock = DirectoryLock::acquire(&self.dir)?;
        let path = self.dir.join(Self::name(epoch));
        if key_file::read(&path)?.is_none() {
            let mut line = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
            Key32::generate(&*self.randomness).write_hex_line(&mut line);
            key_file::replace(&lock, &self.dir, &Self::name(epoch), &line)?;
        }
        let key = read_key(&path)?;
        known.keys.insert(epoch, key.clone());
        Ok(key)
    }

    fn destroy_before(&self, first: Epoch) -> Result<(), EpochKeysError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.over_before = known.over_before.max(Some(first));
        known.keys.retain(|epoch, _| *epoch >= first);
        let _lock = DirectoryLock::acquire(&self.dir)?;
        let failed = || KeyFileError::io("list", &self.dir);
        for entry in fs::read_dir(&self.dir).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".key"));
            let epoch = number
                .and_then(|number| number.parse().ok())
                .map(Epoch::from_number);
            if epoch.is_some_and(|epoch| epoch < first) {
                wipe(&entry.path())?;
            }
        }
        key_file::sync_directory(&self.dir)?;
        Ok(())
    }
}

fn read_key(path: &Path) -> Result<Key32, KeyFileError> {
    let malformed = || KeyFileError::Malformed {
        path: path.to_path_buf(),
    };
    let content = key_file::read(path)?.ok_or_else(malformed)?;
    let text = std::str::from_utf8(&content).map_err(|_| malformed())?;
    Key32::from_hex(text.trim_end()).ok_or_else(malformed)
}

/// Overwrites a file in place and removes it. The directory is made durable by the caller.
fn wipe(path: &Path) -> Result<(), KeyFileError> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        // Another replica was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(KeyFileError::io("open", path)(error)),
    };
    file.write_all(&[0; FILE_BYTES])
        .map_err(KeyFileError::io("overwrite", path))?;
    file.sync_all().map_err(KeyFileError::io("sync", path))?;
    fs::remove_file(path).map_err(KeyFileError::io("remove", path))
}

#[async_trait]
impl EpochKeys for FileEpochKeys {
    async fn key(&self, epoch: Epoch) -> Result<Key32, EpochKeysError> {
        match self.remembered(epoch) {
            Some(key) => Ok(key),
            None => self.blocking(move |inner| inner.key(epoch)).await,
        }
    }

    async fn destroy_before(&self, epoch: Epoch) -> Result<(), EpochKeysError> {
        self.blocking(move |inner| inner.destroy_before(epoch)).await
    }
}
