//! Reading, mending and writing whole directories.

mod dirt;
mod offers;
mod round_trip;
mod secrets;

use sluis_hsds::{Directory, Publisher, Report, SourceFile, read};
use sluis_types::Timestamp;

/// When all of this happens.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// Reads files given as text.
pub(crate) fn read_text(files: &[(&str, &str)]) -> (Directory, Report) {
    let files: Vec<SourceFile<'_>> = files
        .iter()
        .map(|(path, text)| SourceFile {
            path,
            bytes: text.as_bytes(),
        })
        .collect();
    read(&files)
}

/// A welfare organisation.
pub(crate) fn publisher() -> Publisher {
    Publisher {
        oin: "00000099000000001000".parse().expect("an OIN"),
        name: "Welzijn De Brug".to_owned(),
        now: NOW,
    }
}
