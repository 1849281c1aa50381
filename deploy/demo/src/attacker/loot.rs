//! What the attacker holds.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sluis_envelope::{GatePublicKey, Manifest, Reader};
use sluis_keyring::{ColumnKeys, Location, ServiceKeys};
use sluis_types::{GrantId, OsRandomness, Randomness};

use super::formats::{WRAPPED_BYTES, Wrapped};
use crate::DemoError;
use crate::dossier::{Dump, RawFile, Row, Value};
use crate::tap::Recording;

/// Chance that remembers what it gave: the recipient's software as its owner can build it.
#[derive(Clone, Default)]
pub struct DrawnRandomness(Arc<Mutex<Vec<Vec<u8>>>>);

impl std::fmt::Debug for DrawnRandomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DrawnRandomness(…)")
    }
}

impl Randomness for DrawnRandomness {
    fn fill(&self, destination: &mut [u8]) {
        OsRandomness.fill(destination);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(destination.to_vec());
    }
}

impl DrawnRandomness {
    /// What was drawn in one piece of this length.
    pub(super) fn draws_of(&self, bytes: usize) -> Vec<Vec<u8>> {
        let draws = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        draws.iter().filter(|draw| draw.len() == bytes).cloned().collect()
    }

    fn all(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).concat()
    }
}

/// Everything that the attacker holds.
pub struct Loot {
    /// Rows of consent's database, now and in the backup.
    rows: Vec<Row>,
    /// Consent's column keys.
    columns: ColumnKeys,
    /// Raw bytes: databases now and before, key files, profile, traffic, drawn randomness.
    everything: Vec<RawFile>,
    sealing: Vec<Vec<u8>>,
    pub(super) recording: Recording,
    pub(super) drawn: DrawnRandomness,
}

impl std::fmt::Debug for Loot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Loot({} files)", self.everything.len())
    }
}

impl Loot {
    /// Takes everything: the databases as dumped, the key files as they are at this moment, and what the recipient
    /// has.
    ///
    /// # Errors
    /// [`DemoError`] when something cannot be read.
    pub async fn take(
        dumps: &[&Dump],
        keys_dirs: &[&Path],
        consent_keys: &Path,
        profile: Option<&Path>,
        recording: &Recording,
        drawn: &DrawnRandomness,
    ) -> Result<Self, DemoError> {
        let mut rows = Vec::new();
        let mut everything = Vec::new();
        for dump in dumps {
            everything.extend(dump.files().iter().map(copy_of));
            let mut database = dump.database("consent").await?;
            rows.extend(database.rows().await?);
            database.close().await?;
        }
        for directory in keys_dirs {
            everything.extend(files_below(directory)?);
        }
        let mut sealing = Vec::new();
        if let Some(profile) = profile {
            everything.extend(files_below(profile)?);
            sealing.extend(
                files_below(&profile.join("keys").join("sealing"))?
                    .into_iter()
                    .map(|file| file.bytes),
            );
        }
        for call in recording.calls() {
            everything.push(RawFile {
                name: call.path.clone(),
                bytes: [call.sent, call.received].concat(),
            });
        }
        everything.push(RawFile {
            name: "drawn randomness".to_owned(),
            bytes: drawn.all(),
        });
        // Keys stand in their files as hexadecimal digits.
        let from_hex: Vec<RawFile> = everything.iter().filter_map(decoded).collect();
        everything.extend(from_hex);
        Ok(Self {
            rows,
            columns: ServiceKeys::load(consent_keys, Arc::new(OsRandomness))?
                .columns()
                .clone(),
            everything,
            sealing,
            recording: recording.clone(),
            drawn: drawn.clone(),
        })
    }

    pub(super) fn everything(&self) -> &[RawFile] {
        &self.everything
    }

    pub(super) fn sealing_secrets(&self) -> &[Vec<u8>] {
        &self.sealing
    }

    /// Every wrapped gate key in any row of any copy; those of the message's own grant, version and recipient first,
    /// and how many these are.
    pub(super) fn wrapped_gate_keys(&self, manifest: &Manifest) -> (Vec<Wrapped>, usize) {
        let header = manifest.header();
        let is_own = |slot: &Wrapped| {
            slot.grant == header.grant_id()
                && slot.version == header.grant_version()
                && slot.recipient == header.recipient()
        };
        let buckets = self.rows.iter().filter(|row| row.id.table == "bucket");
        let mut found: Vec<Wrapped> = buckets
            .flat_map(|row| self.slots(row).unwrap_or_default())
            .collect();
        found.sort_by_key(|slot| (!is_own(slot), slot.bytes));
        found.dedup_by_key(|slot| slot.bytes);
        let own = found.iter().filter(|slot| is_own(slot)).count();
        (found, own)
    }

    /// The wrapped gate keys in one row of consent's table `bucket`.
    fn slots(&self, row: &Row) -> Option<Vec<Wrapped>> {
        let (Some(Value::Blob(id)), Some(Value::Integer(generation))) =
            (row.get("id"), row.get("generation"))
        else {
            return None;
        };
        let plain = self.opened(row, id)?;
        let mut reader = Reader::new(&plain);
        let mut slots = Vec::new();
        for _ in 0..reader.u16().ok()? {
            let (grant, version) = (GrantId::from_bytes(reader.array().ok()?), reader.u32().ok()?);
            let recipient = reader.oin().ok()?;
            slots.push(Wrapped {
                bucket: id.as_slice().try_into().ok()?,
                generation: u64::try_from(*generation).ok()?,
                grant,
                version,
                recipient,
                bytes: reader.bytes16(WRAPPED_BYTES).ok()?.try_into().ok()?,
            });
        }
        Some(slots)
    }

    /// The public half of a message's gate key, as the grant's row had it.
    pub(super) fn public_gate_key(&self, manifest: &Manifest) -> Option<Vec<u8>> {
        let wanted = manifest.header().gate_key_id();
        self.rows
            .iter()
            .filter(|row| row.id.table == "grant_row")
            .find_map(|row| {
                let Some(Value::Blob(tag)) = row.get("tag") else {
                    return None;
                };
                let plain = self.opened(row, tag)?;
                let mut windows = plain.windows(1249);
                windows
                    .find(|window| GatePublicKey::parse(window).is_ok_and(|key| key.id() == wanted))
                    .map(<[u8]>::to_vec)
            })
    }

    /// A row's sealed column, opened with consent's column keys; as it is where it does not open.
    fn opened(&self, row: &Row, key: &[u8]) -> Option<Vec<u8>> {
        let Some(Value::Blob(sealed)) = row.get("sealed") else {
            return None;
        };
        let opened = self
            .columns
            .open(Location::new(&row.id.table, "sealed", key), sealed);
        Some(opened.map_or_else(|_| sealed.clone(), |plain| plain.to_vec()))
    }
}

fn copy_of(file: &RawFile) -> RawFile {
    RawFile {
        name: file.name.clone(),
        bytes: file.bytes.clone(),
    }
}

/// All files below a directory, whole.
pub(crate) fn files_below(directory: &Path) -> Result<Vec<RawFile>, DemoError> {
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).map_err(DemoError::file("list", &directory))? {
            let path = entry.map_err(DemoError::file("list", &directory))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).map_err(DemoError::file("read", &path))?;
                files.push(RawFile {
                    name: path.display().to_string(),
                    bytes,
                });
            }
        }
    }
    Ok(files)
}

/// What the hexadecimal digits in a file say, one line after the other; `None` where there are too few.
pub(super) fn decoded(file: &RawFile) -> Option<RawFile> {
    let mut bytes = Vec::new();
    for run in file
        .bytes
        .split(|byte| !byte.is_ascii_hexdigit())
        .filter(|run| run.len() >= 64)
    {
        let digits = std::str::from_utf8(run).ok()?;
        bytes.extend(
            (0..digits.len() / 2).filter_map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()),
        );
    }
    (!bytes.is_empty()).then(|| RawFile {
        name: format!("{} (hexadecimal)", file.name),
        bytes,
    })
}
