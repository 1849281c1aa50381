//! The keys of one service, from files or from the environment.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluis_types::Randomness;
use zeroize::Zeroizing;

use crate::key_file::{self, DirectoryLock, KeyFileError};
use crate::{BlindIndex, ColumnKeys, IndexKey, Key32, RowCodec};

const COLUMN_KEYS_FILE: &str = "column.keys";
const INDEX_KEY_FILE: &str = "index.key";
/// The longest name of a secret, in characters.
const SECRET_NAME_CHARACTERS_MAX: usize = 48;
/// The most column keys that a service holds at once, the first included.
const COLUMN_KEYS_MAX: usize = 64;

/// Keys that cannot be loaded, made or found.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key file or its directory cannot be used.
    #[error("the service's keys cannot be used")]
    File(#[from] KeyFileError),
    /// An environment variable is not set.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// Its name.
        name: String,
    },
    /// An environment variable does not hold keys of 64 hexadecimal digits.
    #[error("the environment variable {name} does not hold valid keys")]
    Invalid {
        /// Its name.
        name: String,
    },
    /// A name that no secret can have.
    #[error("a secret's name has 1 to {SECRET_NAME_CHARACTERS_MAX} of a-z, 0-9 and -")]
    Name,
    /// There are as many column keys as a service may hold: seal old rows again and drop old keys first.
    #[error("there are {COLUMN_KEYS_MAX} column keys already")]
    TooManyColumnKeys,
}

type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

enum Source {
    Directory { dir: PathBuf, create: bool },
    Environment { prefix: String, lookup: Lookup },
}

struct Inner {
    columns: ColumnKeys,
    index: IndexKey,
    source: Source,
    randomness: Arc<dyn Randomness>,
}

/// The keys of one service: its column keys, its index key and its named secrets.
///
/// In a directory (mode 0700) they are `column.keys` (one key a line, the first seals), `index.key` and
/// `secret-NAME.key`, each mode 0600 and each key 64 hexadecimal digits. Back this directory up apart from the
/// database: whoever has both has everything, and whoever has the database only has nothing.
///
/// Losing the index key loses every row that is found by it, so it is never replaced.
#[derive(Clone)]
pub struct ServiceKeys(Arc<Inner>);

impl ServiceKeys {
    /// The keys in `dir`, made where they are missing.
    ///
    /// # Errors
    /// [`KeysError::File`]; nothing is replaced, and nothing that others can read is used.
    pub fn load_or_create(dir: &Path, randomness: Arc<dyn Randomness>) -> Result<Self, KeysError> {
        key_file::ensure_private_directory(dir)?;
        let lock = DirectoryLock::acquire(dir)?;
        for name in [COLUMN_KEYS_FILE, INDEX_KEY_FILE] {
            read_or_create(&lock, dir, name, &*randomness)?;
        }
        drop(lock);
        Self::from_directory(dir, true, randomness)
    }

    /// The keys in `dir`. Nothing is made: what is missing is an error.
    ///
    /// # Errors
    /// [`KeysError::File`].
    pub fn load(dir: &Path, randomness: Arc<dyn Randomness>) -> Result<Self, KeysError> {
        key_file::require_private_directory(dir)?;
        Self::from_directory(dir, false, randomness)
    }

    fn from_directory(dir: &Path, create: bool, randomness: Arc<dyn Randomness>) -> Result<Self, KeysError> {
        let mut columns = read_keys(&dir.join(COLUMN_KEYS_FILE))?;
        let first = columns.remove(0);
        let index = read_one_key(&dir.join(INDEX_KEY_FILE))?;
        Ok(Self(Arc::new(Inner {
            columns: ColumnKeys::new(first, columns, Arc::clone(&randomness)),
            index: IndexKey::new(index),
            source: Source::Directory {
                dir: dir.to_path_buf(),
                create,
            },
            randomness,
        })))
    }

    /// The keys in the environment, as `lookup` reads it (usually `|name| std::env::var(name).ok()`):
    /// `PREFIX_COLUMN_KEYS` (separated by commas, the first seals), `PREFIX_INDEX_KEY` and
    /// `PREFIX_SECRET_NAME` (capitals, `-` as `_`), each key 64 hexadecimal digits. Nothing is made.
    ///
    /// # Errors
    /// [`KeysError::NotSet`] and [`KeysError::Invalid`].
    pub fn from_environment(
        prefix: &str,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, KeysError> {
        let lookup: Lookup = Box::new(lookup);
        let name = format!("{prefix}_COLUMN_KEYS");
        let text = variable(&lookup, &name)?;
        let columns = text
            .split(',')
            .map(|key| Key32::from_hex(key.trim()))
            .collect::<Option<Vec<_>>>()
            .filter(|keys| keys.len() <= COLUMN_KEYS_MAX);
        let Some(mut columns) = columns else {
            return Err(KeysError::Invalid { name });
        };
        let first = columns.remove(0);
        let index = variable_key(&lookup, format!("{prefix}_INDEX_KEY"))?;
        Ok(Self(Arc::new(Inner {
            columns: ColumnKeys::new(first, columns, Arc::clone(&randomness)),
            index: IndexKey::new(index),
            source: Source::Environment {
                prefix: prefix.to_owned(),
                lookup,
            },
            randomness,
        })))
    }

    /// Puts a new first column key into `dir` and keeps the old ones, which still open.
    ///
    /// A running service keeps the keys that it loaded. Stop all replicas, rotate, start them: a replica with the
    /// old keys cannot open what one with the new key sealed.
    ///
    /// # Errors
    /// [`KeysError::File`] and [`KeysError::TooManyColumnKeys`].
    pub fn rotate_column_key(dir: &Path, randomness: &dyn Randomness) -> Result<(), KeysError> {
        key_file::require_private_directory(dir)?;
        let lock = DirectoryLock::acquire(dir)?;
        let keys = read_keys(&dir.join(COLUMN_KEYS_FILE))?;
        if keys.len() >= COLUMN_KEYS_MAX {
            return Err(KeysError::TooManyColumnKeys);
        }
        let first = Key32::generate(randomness);
        key_file::replace(
            &lock,
            dir,
            COLUMN_KEYS_FILE,
            &to_lines(std::iter::once(&first).chain(&keys)),
        )?;
        Ok(())
    }

    /// The keys that seal columns.
    pub fn columns(&self) -> &ColumnKeys {
        &self.0.columns
    }

    /// What seals a service's rows: its column keys.
    pub fn row_codec(&self) -> Arc<dyn RowCodec> {
        Arc::new(self.columns().clone())
    }

    /// The key of the blind index.
    pub fn index(&self) -> &IndexKey {
        &self.0.index
    }

    /// The blind index, to be handed on.
    pub fn blind_index(&self) -> Arc<dyn BlindIndex> {
        Arc::new(self.0.index.clone())
    }

    /// The secret `name` ("log", "caller-token", "grant-token", …): 32 bytes, usually an Ed25519 seed.
    ///
    /// Keys of [`load_or_create`](Self::load_or_create) make it on first use, durably before they return it.
    ///
    /// # Errors
    /// [`KeysError`]; where nothing is made, a missing secret is an error.
    pub fn secret(&self, name: &str) -> Result<Key32, KeysError> {
        if !is_secret_name(name) {
            return Err(KeysError::Name);
        }
        match &self.0.source {
            Source::Environment { prefix, lookup } => {
                let variable = name.to_ascii_uppercase().replace('-', "_");
                variable_key(lookup, format!("{prefix}_SECRET_{variable}"))
            }
            Source::Directory { dir, create } => {
                let file = format!("secret-{name}.key");
                if *create {
                    let lock = DirectoryLock::acquire(dir)?;
                    read_or_create(&lock, dir, &file, &*self.0.randomness)?;
                }
                Ok(read_one_key(&dir.join(file))?)
            }
        }
    }
}

impl fmt::Debug for ServiceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceKeys(…)")
    }
}

fn is_secret_name(name: &str) -> bool {
    (1..=SECRET_NAME_CHARACTERS_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Makes sure that a key file exists. The lock makes "look, then write" one step among processes.
fn read_or_create(
    lock: &DirectoryLock,
    dir: &Path,
    name: &str,
    randomness: &dyn Randomness,
) -> Result<(), KeyFileError> {
    if key_file::read(&dir.join(name))?.is_none() {
        let key = Key32::generate(randomness);
        key_file::replace(lock, dir, name, &to_lines([&key]))?;
    }
    Ok(())
}

fn to_lines<'a>(keys: impl IntoIterator<Item = &'a Key32>) -> Zeroizing<Vec<u8>> {
    // Room for all at once, so that no copy stays behind in freed memory.
    let mut lines = Zeroizing::new(Vec::with_capacity(COLUMN_KEYS_MAX * 65));
    for key in keys {
        key.write_hex_line(&mut lines);
    }
    lines
}

/// At least one key, one a line.
fn read_keys(path: &Path) -> Result<Vec<Key32>, KeyFileError> {
    let content = key_file::read(path)?.ok_or_else(|| KeyFileError::Missing {
        path: path.to_path_buf(),
    })?;
    std::str::from_utf8(&content)
        .ok()
        .and_then(|text| text.lines().map(Key32::from_hex).collect::<Option<Vec<_>>>())
        .filter(|keys| (1..=COLUMN_KEYS_MAX).contains(&keys.len()))
        .ok_or_else(|| KeyFileError::Malformed {
            path: path.to_path_buf(),
        })
}

fn read_one_key(path: &Path) -> Result<Key32, KeyFileError> {
    match <[Key32; 1]>::try_from(read_keys(path)?) {
        Ok([key]) => Ok(key),
        Err(_) => Err(KeyFileError::Malformed {
            path: path.to_path_buf(),
        }),
    }
}

fn variable(lookup: &Lookup, name: &str) -> Result<Zeroizing<String>, KeysError> {
    lookup(name).map(Zeroizing::new).ok_or_else(|| KeysError::NotSet {
        name: name.to_owned(),
    })
}

fn variable_key(lookup: &Lookup, name: String) -> Result<Key32, KeysError> {
    Key32::from_hex(variable(lookup, &name)?.trim()).ok_or(KeysError::Invalid { name })
}
