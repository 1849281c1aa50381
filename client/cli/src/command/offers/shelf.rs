//! Where imported directories stay: `offers/source` as they came, `offers/documents` as offers that can be published,
//! `offers/source-name` whose they are.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Below the profile's directory.
const FOLDER: &str = "offers";
/// Below that.
const SOURCE_NAME: &str = "source-name";

/// Whose directory is imported: up to 40 small letters, digits and `-`. What is published of one source never touches
/// what is published of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceName(String);

impl SourceName {
    /// What a source is called that nobody named.
    pub(super) const DEFAULT: &'static str = "main";

    /// Reads a name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let is_name = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if is_name {
            Ok(Self(text.to_owned()))
        } else {
            Err("a source is named by up to 40 small letters, digits and -".to_owned())
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SourceName {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

/// The folder of imported directories of a profile.
pub(super) struct Shelf(PathBuf);

impl Shelf {
    pub(super) fn of(profile: &Path) -> Self {
        Self(profile.join(FOLDER))
    }

    /// Puts an import in the place of the one before. `name` is whose directory it is.
    pub(super) fn replace(
        &self,
        name: &SourceName,
        source: &[(String, String)],
        documents: &[(String, Vec<u8>)],
    ) -> Result<(), Failure> {
        let anew = self.0.with_extension("new");
        remove(&anew)?;
        let source = source.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
        write_all(&anew.join("source"), source)?;
        let documents = documents
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        write_all(&anew.join("documents"), documents)?;
        write_all(&anew, [(SOURCE_NAME, name.as_str().as_bytes())])?;
        remove(&self.0)?;
        fs::rename(&anew, &self.0).map_err(|error| Failure::file(&self.0, error))
    }

    /// Whose directory was imported last.
    pub(super) fn source_name(&self) -> Result<SourceName, Failure> {
        let path = self.0.join(SOURCE_NAME);
        match fs::read_to_string(&path) {
            Ok(name) => SourceName::parse(&name).map_err(|error| Failure::local(error, "Import it again.")),
            // Imports of before sources had names.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(SourceName::default()),
            Err(error) => Err(Failure::file(&path, error)),
        }
    }

    /// The import as it came; nothing where there was none.
    pub(super) fn source(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        self.files("source")
    }

    /// The imported offers' documents; nothing where there was no import.
    pub(super) fn documents(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        self.files("documents")
    }

    fn files(&self, of: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let folder = self.0.join(of);
        if folder.exists() {
            read_folder(&folder)
        } else {
            Ok(Vec::new())
        }
    }
}

/// The files of HSDS in a folder, in order of their names.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let failed = |error| Failure::file(folder, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            files.push(read_file(&path)?);
        }
    }
    files.sort();
    Ok(files)
}

/// A file by its name.
pub(super) fn read_file(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok((name, bytes))
}

/// Writes files that are not there yet, for their owner only.
pub(super) fn write_all<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), Failure> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| Failure::file(folder, error))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .map_err(|error| Failure::file(&path, error))?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file(folder, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn text(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn an_import_takes_the_place_of_the_one_before() {
        let profile = tempfile::tempdir().expect("a directory");
        let shelf = Shelf::of(profile.path());
        assert!(shelf.source().expect("nothing yet").is_empty());
        assert_eq!(shelf.source_name().expect("nothing yet").as_str(), "main");
        let name = SourceName::parse("oss-2").expect("a name");
        for bad in ["", "..", "a/b", "De Brug", &"a".repeat(41)] {
            assert!(SourceName::parse(bad).is_err(), "{bad}");
        }
        shelf
            .replace(
                &SourceName::default(),
                &[text("services.csv", "id\n1\n"), text("0.json", "{}")],
                &[("a.json".to_owned(), vec![1])],
            )
            .expect("kept");
        shelf
            .replace(&name, &[text("services.csv", "id\n2\n")], &[])
            .expect("kept");
        assert_eq!(shelf.source_name().expect("read"), name);
        assert_eq!(
            shelf.source().expect("read"),
            [("services.csv".to_owned(), b"id\n2\n".to_vec())]
        );
        let documents = profile.path().join("offers/documents");
        assert_eq!(fs::read_dir(&documents).expect("there").count(), 0);
        let mode = fs::metadata(profile.path().join("offers/source/services.csv"))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(profile.path()).expect("listed").count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a directory");
        write_all(folder.path(), [("report.csv", b"mine".as_slice())]).expect("written");
        assert!(write_all(folder.path(), [("report.csv", b"other".as_slice())]).is_err());
        let files = read_folder(folder.path()).expect("read");
        assert_eq!(files, [("report.csv".to_owned(), b"mine".to_vec())]);
    }
}
