//! What stays of a signal that ended: that there was one more of its type, in this month, in this area, that ended in
//! this way. Not which one, not whose, not what it said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluis_ranking::{Area, AreaLevel};
use sluis_types::{SignalId, SignalType};

use super::kept_signal::KeptSignal;
use super::quarter::{Month, Quarter};
use crate::profile::{read_json_or_default, write_json};
use crate::{Error, private_file};

const FOLDER: &str = "statistics";
/// Quarters that are kept, the present one apart.
pub(crate) const QUARTERS_MAX: u16 = 8;
/// What stands in the place of an area that nobody gave.
const NO_AREA: &str = "-";

/// How signals end, UPPER_SNAKE: taken back, by time, or closed with an outcome. The last ones are the most telling:
/// what is withheld beside a small count is taken from the front.
pub(crate) const ENDINGS: [&str; 10] = [
    "CIRCLE_ENDED",
    "OBJECTION_UPHELD",
    "MOVED",
    "WITHDRAWN",
    "DECLINED",
    "NO_ACTION",
    "EXPIRED",
    "REFERRED",
    "RESOLVED",
    "UNFOUNDED",
];

/// What signals that ended are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ended {
    /// In which month its sender's system saw that it had ended.
    pub month: Month,
    /// What sort of worry it was.
    pub kind: SignalType,
    /// Where: a gemeente or wijk, if somebody said.
    pub area: Option<Area>,
    /// How it ended, UPPER_SNAKE.
    pub ending: &'static str,
}

/// The area of a signal: large enough to be about nobody.
///
/// # Errors
/// [`Error::Invalid`] for a buurt.
pub(crate) fn check_area(area: Area) -> Result<Area, Error> {
    if area.level() == AreaLevel::Quarter {
        return Err(Error::invalid(
            "area",
            "a gemeente (GM) or a wijk (WK): a buurt is too small to be counted by",
        ));
    }
    Ok(area)
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/", self.month, self.kind.name())?;
        match self.area {
            Some(area) => write!(f, "{area}/{}", self.ending),
            None => write!(f, "{NO_AREA}/{}", self.ending),
        }
    }
}

impl FromStr for Ended {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::malformed("statistics/signals.json", "not what signals are counted by");
        let mut parts = text.split('/');
        let mut part = || parts.next().ok_or_else(malformed);
        let (month, kind, area, ending) = (part()?, part()?, part()?, part()?);
        if parts.next().is_some() {
            return Err(malformed());
        }
        Ok(Self {
            month: month.parse()?,
            kind: SignalType::from_name(kind).map_err(|_| malformed())?,
            area: match area {
                NO_AREA => None,
                code => Some(Area::parse(code).map_err(|_| malformed())?),
            },
            ending: ENDINGS
                .into_iter()
                .find(|known| *known == ending)
                .ok_or_else(malformed)?,
        })
    }
}

/// The counts, as they stand in their file.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    counts: BTreeMap<String, u32>,
    /// Signals that are counted and of which the profile still keeps more than this. Each goes when that does.
    counted: BTreeSet<String>,
}

impl Stored {
    fn load(directory: &Path) -> Result<Self, Error> {
        read_json_or_default(&path(directory))
    }

    fn store(&self, directory: &Path) -> Result<(), Error> {
        make_folder(directory)?;
        write_json(&path(directory), self)
    }
}

/// Counts a signal that ended, once, however often it is told. Quarters that are too long ago go.
pub(crate) fn count(directory: &Path, signal: SignalId, ended: Ended) -> Result<(), Error> {
    let _guard = private_file::lock(directory)?;
    let mut stored = Stored::load(directory)?;
    if !stored.counted.insert(signal.to_string()) {
        return Ok(());
    }
    let count = stored.counts.entry(ended.to_string()).or_default();
    *count = count.saturating_add(1);
    let oldest = ended.month.quarter().earlier(QUARTERS_MAX);
    let mut kept = BTreeMap::new();
    for (key, count) in std::mem::take(&mut stored.counts) {
        if key.parse::<Ended>()?.month.quarter() >= oldest {
            kept.insert(key, count);
        }
    }
    stored.counts = kept;
    stored.store(directory)
}

/// Forgets which signals were counted of which nothing else is kept any more.
pub(crate) fn tidy_up(directory: &Path) -> Result<(), Error> {
    let _guard = private_file::lock(directory)?;
    let mut stored = Stored::load(directory)?;
    // What is counted is kept until after it was counted: listed under the same lock, none is missed.
    let kept: BTreeSet<String> = KeptSignal::list(directory)?
        .iter()
        .map(SignalId::to_string)
        .collect();
    let before = stored.counted.len();
    stored.counted.retain(|signal| kept.contains(signal));
    if stored.counted.len() == before {
        return Ok(());
    }
    stored.store(directory)
}

/// All counts, oldest first.
pub(crate) fn load(directory: &Path) -> Result<Vec<(Ended, u32)>, Error> {
    let stored = Stored::load(directory)?;
    let mut all = Vec::with_capacity(stored.counts.len());
    for (key, count) in stored.counts {
        all.push((key.parse()?, count));
    }
    all.sort_unstable_by_key(|(ended, _)| *ended);
    Ok(all)
}

/// Makes the folder of counts.
pub(crate) fn make_folder(directory: &Path) -> Result<(), Error> {
    private_file::create_directory(&directory.join(FOLDER))
}

/// Where what was handed on of a quarter is kept.
pub(crate) fn handed_on(directory: &Path, quarter: Quarter) -> PathBuf {
    directory.join(FOLDER).join(format!("handed-on-{quarter}.json"))
}

fn path(directory: &Path) -> PathBuf {
    directory.join(FOLDER).join("signals.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(month: &str, area: Option<&str>) -> Ended {
        Ended {
            month: month.parse().expect("a month"),
            kind: SignalType::NoContact,
            area: area.map(|code| Area::parse(code).expect("an area")),
            ending: "RESOLVED",
        }
    }

    #[test]
    fn a_signal_is_counted_once_and_its_id_goes_with_its_file() {
        let home = tempfile::tempdir().expect("a directory");
        let directory = home.path();
        let signal = SignalId::from_bytes([7; 16]);
        for _ in 0..2 {
            count(directory, signal, ended("2026-11", Some("WK079600"))).expect("counted");
        }
        count(directory, SignalId::from_bytes([8; 16]), ended("2026-11", None)).expect("counted");
        let counts = load(directory).expect("counts");
        assert_eq!(
            counts,
            [
                (ended("2026-11", None), 1),
                (ended("2026-11", Some("WK079600")), 1)
            ]
        );
        tidy_up(directory).expect("tidied up");
        let text = std::fs::read_to_string(path(directory)).expect("a file");
        assert!(!text.contains(&signal.to_string()), "{text}");
        assert_eq!(load(directory).expect("counts"), counts);
    }

    #[test]
    fn quarters_go_after_two_years_and_what_is_no_count_is_noticed() {
        let home = tempfile::tempdir().expect("a directory");
        let directory = home.path();
        for (number, month) in ["2024-09", "2024-10", "2026-10"].into_iter().enumerate() {
            let signal = SignalId::from_bytes([u8::try_from(number).expect("small"); 16]);
            count(directory, signal, ended(month, None)).expect("counted");
        }
        let months: Vec<String> = load(directory)
            .expect("counts")
            .iter()
            .map(|(ended, _)| ended.month.to_string())
            .collect();
        assert_eq!(months, ["2024-10", "2026-10"]);
        for key in [
            "2026-10/NO_CONTACT/-",
            "2026-10/NO_CONTACT/-/RESOLVED/x",
            "2026-10/X/-/RESOLVED",
            "2026-10/NO_CONTACT/-/LOST",
        ] {
            assert!(key.parse::<Ended>().is_err(), "{key}");
        }
    }

    #[test]
    fn a_buurt_is_too_small() {
        for (code, taken) in [("GM0828", true), ("WK082803", true), ("BU08280301", false)] {
            assert_eq!(check_area(Area::parse(code).expect("an area")).is_ok(), taken);
        }
    }
}
