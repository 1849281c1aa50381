//! The folder that opened messages are written into: nothing in it is written over, and only its owner can read it.

use std::collections::HashSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// What a body may be called here.
const BODY_NAMES: [&str; 3] = ["body.json", "body.txt", "body.bin"];

/// A folder for what comes out of messages.
pub(crate) struct Folder {
    path: PathBuf,
    /// Names that were given out, in lower case: some file systems do not tell cases apart.
    taken: HashSet<String>,
}

/// A file that is being written. Unless it is kept, it is gone when this is dropped.
pub(crate) struct NewFile {
    path: PathBuf,
    file: File,
    is_kept: bool,
}

impl Folder {
    /// Makes the folder if it is not there, and sees to it that a body can be written: before anything is opened.
    pub(crate) fn prepare(path: &Path) -> Result<Self, Failure> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| Failure::file(path, error))?;
        for name in BODY_NAMES {
            if path.join(name).exists() {
                return Err(in_the_way(&path.join(name)));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            taken: BODY_NAMES.map(str::to_owned).into(),
        })
    }

    /// Writes a body.
    pub(crate) fn write_body(&self, name: &'static str, body: &[u8]) -> Result<PathBuf, Failure> {
        let mut file = NewFile::create(self.path.join(name))?;
        file.file
            .write_all(body)
            .map_err(|error| Failure::file(&file.path, error))?;
        file.keep()
    }

    /// Begins an attachment under its own name, or one like it where that is taken or would hide it.
    pub(crate) fn begin_attachment(&mut self, name: &str) -> Result<NewFile, Failure> {
        let name = if name.starts_with(['.', '-']) {
            format!("_{name}")
        } else {
            name.to_owned()
        };
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) => (stem, format!(".{ending}")),
            None => (name.as_str(), String::new()),
        };
        let mut candidate = name.clone();
        for number in 2.. {
            if self.taken.insert(candidate.to_lowercase()) {
                break;
            }
            candidate = format!("{stem} ({number}){ending}");
        }
        NewFile::create(self.path.join(candidate))
    }
}

impl NewFile {
    /// Makes a new file, which only its owner can read.
    pub(crate) fn create(path: PathBuf) -> Result<Self, Failure> {
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
        {
            Ok(file) => Ok(Self {
                path,
                file,
                is_kept: false,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(in_the_way(&path)),
            Err(error) => Err(Failure::file(&path, error)),
        }
    }

    /// The same file, to write into it as it arrives.
    pub(crate) fn writer(&self) -> Result<tokio::fs::File, Failure> {
        let file = self
            .file
            .try_clone()
            .map_err(|error| Failure::file(&self.path, error))?;
        Ok(tokio::fs::File::from_std(file))
    }

    /// Writes on in the file.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file
            .write_all(bytes)
            .map_err(|error| Failure::file(&self.path, error))
    }

    /// Keeps the file: it is whole.
    pub(crate) fn keep(mut self) -> Result<PathBuf, Failure> {
        self.file
            .sync_all()
            .map_err(|error| Failure::file(&self.path, error))?;
        self.is_kept = true;
        Ok(self.path.clone())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // What is left of it is not what was sent. That it cannot be removed is seen by whoever looks.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn in_the_way(path: &Path) -> Failure {
    Failure::local(
        format!("{} is there already, and nothing is written over", path.display()),
        "Give another directory with --out.",
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn name(path: &Path) -> &str {
        path.file_name().and_then(|name| name.to_str()).expect("a name")
    }

    #[test]
    fn what_comes_out_is_for_its_owner_and_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        let out = directory.path().join("out");
        let folder = Folder::prepare(&out).expect("made");
        let path = folder.write_body("body.txt", b"hello").expect("written");
        assert_eq!(std::fs::read(&path).expect("there"), b"hello");
        assert_eq!(
            std::fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            std::fs::metadata(&out).expect("there").permissions().mode() & 0o777,
            0o700
        );
        assert!(folder.write_body("body.txt", b"again").is_err());
        assert_eq!(
            Folder::prepare(&out).err().expect("in the way").exit(),
            crate::Exit::Local
        );
        assert_eq!(std::fs::read(&path).expect("there"), b"hello", "not written over");
    }

    #[test]
    fn attachments_do_not_hide_each_other_or_themselves() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut folder = Folder::prepare(directory.path()).expect("made");
        let mut names = Vec::new();
        for given in ["plan.pdf", "Plan.pdf", "plan", "body.json", ".profile", "-rf"] {
            let file = folder.begin_attachment(given).expect("begun");
            names.push(name(&file.keep().expect("kept")).to_owned());
        }
        assert_eq!(
            names,
            [
                "plan.pdf",
                "Plan (2).pdf",
                "plan",
                "body (2).json",
                "_.profile",
                "_-rf"
            ]
        );
    }

    #[test]
    fn half_an_attachment_does_not_stay() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut folder = Folder::prepare(directory.path()).expect("made");
        drop(folder.begin_attachment("plan.pdf").expect("begun"));
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 0);
    }
}
