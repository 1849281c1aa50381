//! The letter for a resident without a login: plain Dutch (B1), one page, for the printer.

use std::path::{Path, PathBuf};

use sluis_types::Timestamp;

use crate::dates::Dates;
use crate::failure::Failure;
use crate::folder::NewFile;

/// What stands in a letter.
pub(crate) struct Letter {
    pub(crate) organisation: String,
    pub(crate) code: String,
    pub(crate) ends: Timestamp,
}

/// Makes the file, readable by its owner only, before there is anything to write: nothing is written over.
pub(crate) fn create(path: &Path) -> Result<NewFile, Failure> {
    NewFile::create(path.to_owned())
}

impl Letter {
    /// Writes the letter and keeps the file.
    pub(crate) fn write(&self, mut file: NewFile, dates: &Dates) -> Result<PathBuf, Failure> {
        file.append(self.text(dates).as_bytes())?;
        file.keep()
    }

    fn text(&self, dates: &Dates) -> String {
        let Self {
            organisation, code, ..
        } = self;
        let ends = dates.numeric_day(self.ends);
        format!(
            "Brief van {organisation}\n\
             \n\
             U heeft nog geen inlog voor uw eigen pagina. {organisation} helpt u daarom.\n\
             \n\
             Uw code:  {code}\n\
             Deze code werkt tot {ends}.\n\
             \n\
             Wat kunt u met deze code?\n\
             - U kunt later zelf inloggen op uw eigen pagina. Vul dan deze code in.\n\
             \x20 Daarna ziet u wie iets over u mag weten. U kunt dat daar ook stoppen.\n\
             - Heeft u op papier of mondeling toestemming gegeven? Laat de medewerker\n\
             \x20 dan deze code zien. Zo weet de medewerker dat u het zelf wilt.\n\
             \n\
             Bewaar deze brief goed. Laat de code alleen zien aan iemand die u vertrouwt.\n\
             \n\
             Wilt u stoppen?\n\
             Zeg dat tegen {organisation}, of tegen een andere organisatie die u helpt.\n\
             U hoeft niet te zeggen waarom. Dan mag niemand nog iets over u delen.\n\
             Wat al gelezen is, kunnen wij niet terughalen.\n\
             \n\
             Heeft u vragen? Vraag het aan uw medewerker van {organisation}.\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_letter_has_the_code_and_is_its_owners_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("brief.txt");
        let letter = Letter {
            organisation: "ONS welzijn".to_owned(),
            code: "7KQ2M-8XP4T".to_owned(),
            ends: Timestamp::from_seconds(1_795_446_600),
        };
        let file = create(&path).expect("made");
        letter.write(file, &Dates(TimeZone::UTC)).expect("written");
        let text = std::fs::read_to_string(&path).expect("the letter");
        assert!(text.contains("Uw code:  7KQ2M-8XP4T\n") && text.contains("tot 23-11-2026"));
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(create(&path).is_err(), "nothing is written over");
    }

    #[test]
    fn a_letter_that_was_not_written_is_not_left() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("brief.txt");
        drop(create(&path).expect("made"));
        assert!(!path.exists());
    }
}
