//! Reads files of HSDS and writes them again in both forms, with the report: `convert OUT FILE…`. For trying a
//! directory before anybody enrols.

use std::error::Error;
use std::path::{Path, PathBuf};

use sluis_hsds::{SourceFile, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("convert OUT FILE…")?;
    let files: Vec<(String, Vec<u8>)> = arguments
        .map(|path| Ok((path.display().to_string(), std::fs::read(path)?)))
        .collect::<std::io::Result<_>>()?;
    let source: Vec<SourceFile<'_>> = files
        .iter()
        .map(|(path, bytes)| SourceFile { path, bytes })
        .collect();
    let (directory, report) = read(&source);
    let json = directory
        .to_json()
        .into_iter()
        .map(|(name, value)| (name, format!("{value:#}\n")));
    write(&out.join("json"), json)?;
    write(&out.join("csv"), directory.to_csv())?;
    write(&out, [("report.csv".to_owned(), report.to_csv())])
}

fn write(folder: &Path, files: impl IntoIterator<Item = (String, String)>) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in files {
        let name = Path::new(&name)
            .file_name()
            .ok_or("a file without a name")?
            .to_owned();
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
