//! The bucket keys' directory must not be where backups of the data reach it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Two directories that must lie apart do not, or it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum NestedDirectoriesError {
    /// One is the other, or lies inside it.
    #[error(
        "{} lies inside {}: the bucket keys must be where no backup of the data reaches them, or what was withdrawn \
         could be opened from a backup; move one of the two", inner.display(), outer.display()
    )]
    Nested {
        /// The directory that lies inside.
        inner: PathBuf,
        /// The directory that holds it.
        outer: PathBuf,
    },
    /// The path cannot be resolved.
    #[error("cannot resolve {}", path.display())]
    Unresolved {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Refuses two directories of which one is, or lies inside, the other.
///
/// Symbolic links are followed, and directories are compared by device and inode, so that a bind mount does not
/// hide one. Neither directory needs to exist yet.
///
/// # Errors
/// [`NestedDirectoriesError`].
pub fn refuse_nested(data_dir: &Path, bucket_dir: &Path) -> Result<(), NestedDirectoriesError> {
    let (data, buckets) = (resolve(data_dir)?, resolve(bucket_dir)?);
    for (inner, outer) in [(&buckets, &data), (&data, &buckets)] {
        if lies_inside(inner, outer) {
            return Err(NestedDirectoriesError::Nested {
                inner: inner.clone(),
                outer: outer.clone(),
            });
        }
    }
    Ok(())
}

fn lies_inside(inner: &Path, outer: &Path) -> bool {
    let outer_identity = identity(outer);
    inner.ancestors().any(|ancestor| {
        ancestor == outer || (outer_identity.is_some() && identity(ancestor) == outer_identity)
    })
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path)
        .ok()
        .map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The path without symbolic links, where its end need not exist.
fn resolve(path: &Path) -> Result<PathBuf, NestedDirectoriesError> {
    let unresolved = |source| NestedDirectoriesError::Unresolved {
        path: path.to_path_buf(),
        source,
    };
    let absolute = std::path::absolute(path).map_err(unresolved)?;
    let mut existing = absolute.as_path();
    let mut missing = Vec::new();
    loop {
        match existing.canonicalize() {
            Ok(mut resolved) => {
                resolved.extend(missing.iter().rev());
                return Ok(resolved);
            }
            // A link to nowhere would be resolved only once its target exists: it is not taken for absent.
            Err(error) if error.kind() == io::ErrorKind::NotFound && existing.symlink_metadata().is_err() => {
                // `..` after what does not exist has no meaning yet.
                let (Some(Component::Normal(name)), Some(parent)) =
                    (existing.components().next_back(), existing.parent())
                else {
                    return Err(unresolved(error));
                };
                missing.push(name.to_owned());
                existing = parent;
            }
            Err(error) => return Err(unresolved(error)),
        }
    }
}
