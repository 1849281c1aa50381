//! The house rules that a machine can check.

mod interface;
mod layers;
mod tidy;

use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of every service.
pub(crate) fn services() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("services")).expect("the services");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    let mut services: Vec<_> = folders.filter(|folder| folder.join("src/api").is_dir()).collect();
    services.sort();
    assert!(services.len() >= 3, "services are {services:?}");
    services
}

/// Every file below a folder with this ending, build output and generated code left out.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder of the repository");
        for entry in entries.map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if !["target", "gen", "node_modules", ".git"]
                    .iter()
                    .any(|skipped| name == *skipped)
                {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
