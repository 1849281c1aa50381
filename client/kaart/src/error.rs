//! What can go wrong with a kept directory.

use std::path::{Path, PathBuf};

use sluis_envelope::StatementError;

/// What can go wrong with a kept directory.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The head is not matching's word.
    #[error(transparent)]
    Head(#[from] StatementError),
    /// The full-text index fails.
    #[error("the search index fails: {0}")]
    Index(String),
}

impl From<tantivy::TantivyError> for Error {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Index(error.to_string())
    }
}

pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::File {
        path: path.to_owned(),
        source,
    }
}
