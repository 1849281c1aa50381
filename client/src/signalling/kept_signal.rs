//! What a sender keeps of its own signals: the type, about whom, fact and interpretation (each sealed to the sender
//! itself), whom to call, and when each is posted where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sluis_envelope::{NotePart, SealedNote};
use sluis_ranking::Area;
use sluis_types::{GrantId, Handle, MatchClass, SignalId, SignalType, Timestamp};
use zeroize::Zeroizing;

use super::schedule::Slot;
use crate::profile::{Keys, read_json, write_json};
use crate::{Error, private_file};

const FOLDER: &str = "signals";

/// A kept signal, as it stands in its file.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptSignal {
    /// Version of this form: 1.
    version: u32,
    /// Name of the type.
    kind: String,
    handle: String,
    pub(crate) function: String,
    pub(crate) callback: String,
    /// CBS code of the gemeente or wijk: for counting, and for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    /// The worry's name on contact cards.
    pub(crate) worry: String,
    /// Sealed notes, in base64.
    fact: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interpretation: Option<String>,
    /// When it was found to have ended, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<i64>,
    /// Where and when it is posted, by circle and class.
    posts: BTreeMap<String, Slot>,
}

impl KeptSignal {
    pub(crate) fn new(
        (kind, resident): (SignalType, Handle),
        (function, callback): (String, String),
        area: Option<Area>,
        worry: String,
        fact: &[u8],
        interpretation: Option<&[u8]>,
    ) -> Self {
        Self {
            version: 1,
            kind: kind.name().to_owned(),
            handle: resident.expose(),
            function,
            callback,
            area: area.map(|area| area.to_string()),
            worry,
            fact: STANDARD.encode(fact),
            interpretation: interpretation.map(|note| STANDARD.encode(note)),
            ended: None,
            posts: BTreeMap::new(),
        }
    }

    /// What sort of worry it is.
    pub(crate) fn kind(&self) -> Result<SignalType, Error> {
        SignalType::from_name(&self.kind).map_err(|error| malformed(&error))
    }

    /// Where it is counted, if somebody said.
    pub(crate) fn area(&self) -> Result<Option<Area>, Error> {
        let area = self.area.as_deref().map(Area::parse);
        area.transpose().map_err(|error| malformed(&error))
    }

    /// Whom it is about.
    pub(crate) fn resident(&self) -> Result<Handle, Error> {
        Handle::parse(&self.handle).map_err(|error| malformed(&error))
    }

    /// One of its texts, opened; none where there is none.
    pub(crate) fn text(
        &self,
        signal: SignalId,
        part: NotePart,
        organisation: sluis_types::Oin,
        keys: &Keys,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let stored = match part {
            NotePart::Fact => Some(&self.fact),
            NotePart::Interpretation => self.interpretation.as_ref(),
        };
        let Some(stored) = stored else {
            return Ok(None);
        };
        let bytes = STANDARD.decode(stored).map_err(|error| malformed(&error))?;
        let note = SealedNote::parse(&bytes)?;
        let key = keys
            .sealing(&note.key_id())
            .ok_or(Error::Unknown { what: "sealing key" })?;
        if note.part() != part {
            return Err(malformed(&"another text"));
        }
        Ok(Some(note.open(organisation, signal, key)?))
    }

    pub(crate) fn slot(&self, circle: GrantId, class: MatchClass) -> Option<Slot> {
        self.posts.get(&place(circle, class)).copied()
    }

    pub(crate) fn set_slot(&mut self, circle: GrantId, class: MatchClass, slot: Slot) {
        self.posts.insert(place(circle, class), slot);
    }

    /// Forgets where it was posted in circles that are no longer kept. Whether there was any.
    pub(crate) fn keep_slots_of(&mut self, circles: &[GrantId]) -> bool {
        let before = self.posts.len();
        let prefixes: Vec<String> = circles.iter().map(|circle| format!("{circle}/")).collect();
        self.posts
            .retain(|place, _| prefixes.iter().any(|prefix| place.starts_with(prefix)));
        self.posts.len() != before
    }

    pub(crate) fn ended(&self) -> Option<Timestamp> {
        self.ended.map(Timestamp::from_micros)
    }

    /// It ended: nothing is posted any more.
    pub(crate) fn end(&mut self, now: Timestamp) {
        self.posts.clear();
        self.ended.get_or_insert(now.micros());
    }

    /// It goes on after all: it was being written down when it was looked for. Whether it was held for ended.
    pub(crate) fn goes_on(&mut self) -> bool {
        self.ended.take().is_some()
    }

    pub(crate) fn load(directory: &Path, signal: SignalId) -> Result<Self, Error> {
        let kept: Self = match read_json(&path(directory, signal)) {
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Unknown { what: "signal" });
            }
            other => other?,
        };
        if kept.version == 1 {
            Ok(kept)
        } else {
            Err(malformed(&"unknown version"))
        }
    }

    pub(crate) fn store(&self, directory: &Path, signal: SignalId) -> Result<(), Error> {
        private_file::create_directory(&directory.join(FOLDER))?;
        write_json(&path(directory, signal), self)
    }

    /// Changes what is kept, unless it was forgotten meanwhile.
    pub(crate) fn change(
        directory: &Path,
        signal: SignalId,
        change: impl FnOnce(&mut Self),
    ) -> Result<(), Error> {
        let _guard = private_file::lock(directory)?;
        let mut kept = match Self::load(directory, signal) {
            Err(Error::Unknown { .. }) => return Ok(()),
            other => other?,
        };
        change(&mut kept);
        kept.store(directory, signal)
    }

    /// Forgets a signal; one that is not there is fine.
    pub(crate) fn forget(directory: &Path, signal: SignalId) -> Result<(), Error> {
        private_file::remove(&path(directory, signal))
    }

    /// The ids of all kept signals, in order.
    pub(crate) fn list(directory: &Path) -> Result<Vec<SignalId>, Error> {
        let folder = directory.join(FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(Error::File { path: folder, source }),
        };
        let mut all: Vec<SignalId> = entries
            .filter_map(|entry| {
                let name = entry.ok()?.file_name();
                name.to_str()?.strip_suffix(".json")?.parse().ok()
            })
            .collect();
        all.sort_unstable();
        Ok(all)
    }
}

fn malformed(why: &dyn std::fmt::Display) -> Error {
    Error::malformed("a kept signal", why)
}

fn place(circle: GrantId, class: MatchClass) -> String {
    format!("{circle}/{}", class.name())
}

fn path(directory: &Path, signal: SignalId) -> PathBuf {
    directory.join(FOLDER).join(format!("{signal}.json"))
}

#[cfg(test)]
mod tests {
    use sluis_types::SeededRandomness;

    use super::*;
    use crate::profile::fixture::{NOW, oin, profile};

    #[test]
    fn a_signal_is_kept_with_its_texts_sealed_and_its_moments() {
        let (_directory, profile) = profile();
        let directory = profile.directory();
        let chance = SeededRandomness::new(1);
        let id = SignalId::from_bytes([7; 16]);
        let to = profile.keys.own_sealing(oin());
        let note = |text, part| SealedNote::seal(text, (id, part), &to, &chance).expect("sealed");
        let resident = Handle::from_bytes([3; 16]);
        let mut kept = KeptSignal::new(
            (SignalType::NoContact, resident),
            ("wijkwerker".to_owned(), "0412-1".to_owned()),
            Some(Area::parse("WK079600").expect("a wijk")),
            "0".repeat(32),
            &note("niemand doet open", NotePart::Fact),
            Some(&note("misschien opgenomen", NotePart::Interpretation)),
        );
        let (circle, class) = (GrantId::from_bytes([9; 16]), MatchClass::OutOfSight);
        let slot = Slot::of(None, NOW, &chance);
        kept.set_slot(circle, class, slot);
        kept.store(directory, id).expect("stored");
        let file = std::fs::read_to_string(path(directory, id)).expect("text");
        assert!(!file.contains("niemand") && !file.contains("misschien"), "{file}");
        let mut read = KeptSignal::load(directory, id).expect("kept");
        assert_eq!(
            read.slot(circle, class),
            Some(slot),
            "a restart draws nothing anew"
        );
        assert_eq!(read.kind().expect("a type"), SignalType::NoContact);
        assert_eq!(read.resident().expect("a handle"), resident);
        let area = read.area().expect("an area").map(|area| area.to_string());
        assert_eq!(area.as_deref(), Some("WK079600"));
        let text = |part| {
            read.text(id, part, oin(), &profile.keys)
                .expect("opened")
                .expect("a text")
        };
        assert_eq!(text(NotePart::Fact).as_str(), "niemand doet open");
        assert_eq!(text(NotePart::Interpretation).as_str(), "misschien opgenomen");
        let another = SignalId::from_bytes([8; 16]);
        assert!(read.text(another, NotePart::Fact, oin(), &profile.keys).is_err());
        assert_eq!(KeptSignal::list(directory).expect("listed"), [id]);
        assert!(!read.keep_slots_of(&[circle]) && read.keep_slots_of(&[]));
        assert_eq!(read.slot(circle, class), None);
        read.end(NOW);
        assert_eq!(read.ended(), Some(NOW));
        assert!(read.goes_on() && read.ended().is_none() && !read.goes_on());
        KeptSignal::forget(directory, id).expect("forgotten");
        assert!(matches!(
            KeptSignal::load(directory, id),
            Err(Error::Unknown { what: "signal" })
        ));
    }
}
