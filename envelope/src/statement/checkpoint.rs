//! Checkpoints of a log: C2SP tlog-checkpoint in a C2SP signed-note with one or more Ed25519 signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use crate::hash::Digest;
use crate::key::{KeyKind, SIGNATURE_BYTES, SigningKey, VerifyingKey};
use crate::limits::{CHECKPOINT_BYTES_MAX, CHECKPOINT_SIGNATURES_MAX};

/// The state of a log: how many leaves its tree has, and the tree's root (RFC 6962 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, also the name of its key: visible ASCII without `+`, for example `mesh.example/consent`.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: Digest,
}

/// Why a note is not accepted as a log's checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no checkpoint in the form that C2SP gives.
    #[error("not a checkpoint")]
    Format,
    /// It is another log's.
    #[error("another log's checkpoint")]
    Origin,
    /// The log's key has not signed it.
    #[error("the log has not signed this checkpoint")]
    Unsigned,
    /// The signature by the log's name and key is not over this text.
    #[error("the signature does not match")]
    BadSignature,
}

/// Algorithm byte of Ed25519 in signed-note key ids.
const ED25519: u8 = 1;

impl Checkpoint {
    /// The note's text: origin, size, base64 of the root, each with a line feed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// The signed note.
    ///
    /// # Panics
    /// When the key is no log key or the origin is not a name that a note may carry.
    pub fn sign(&self, key: &SigningKey) -> String {
        assert_eq!(key.kind(), KeyKind::Log, "a log key signs checkpoints");
        assert!(is_name(&self.origin), "the origin is a name");
        let text = self.text();
        let mut value = note_key_id(&self.origin, key.verifying_key()).to_vec();
        value.extend_from_slice(&key.sign_raw(text.as_bytes()));
        format!("{text}\n\u{2014} {} {}\n", self.origin, BASE64.encode(value))
    }

    /// The checkpoint in a note that the log `origin` signed with `key`. Signatures of others, co-signers for
    /// instance, may stand beside; they are not checked.
    ///
    /// # Errors
    /// [`CheckpointError`] for the first check that fails: form, origin, presence of the signature, signature.
    pub fn verify(note: &str, origin: &str, key: &VerifyingKey) -> Result<Self, CheckpointError> {
        let (checkpoint, signatures) = Self::parse(note)?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::Origin);
        }
        if key.kind() != KeyKind::Log {
            return Err(CheckpointError::Unsigned);
        }
        let key_id = note_key_id(origin, key);
        let ours = signatures
            .iter()
            .find(|signature| signature.name == origin && signature.value.starts_with(&key_id))
            .ok_or(CheckpointError::Unsigned)?;
        let signature: &[u8; SIGNATURE_BYTES] = ours.value[key_id.len()..]
            .try_into()
            .map_err(|_| CheckpointError::Format)?;
        key.verify_raw(checkpoint.text().as_bytes(), signature)
            .map_err(|_| CheckpointError::BadSignature)?;
        Ok(checkpoint)
    }

    /// Reads a note without believing it.
    ///
    /// # Errors
    /// [`CheckpointError::Format`] when it is none, is too long, or has extension lines: our logs write none.
    pub fn parse_unverified(note: &str) -> Result<Self, CheckpointError> {
        Self::parse(note).map(|(checkpoint, _)| checkpoint)
    }

    fn parse(note: &str) -> Result<(Self, Vec<NoteSignature<'_>>), CheckpointError> {
        use CheckpointError::Format;
        if note.len() > CHECKPOINT_BYTES_MAX {
            return Err(Format);
        }
        let (text, signatures) = note.split_once("\n\n").ok_or(Format)?;
        let [origin, size, root] = *text.split('\n').collect::<Vec<_>>() else {
            return Err(Format);
        };
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| Format)?,
            root: decode(root)?.try_into().map_err(|_| Format)?,
        };
        // One encoding per value: no leading zeros or signs, no other base64 of the same bytes.
        if !is_name(origin) || checkpoint.text().strip_suffix('\n') != Some(text) {
            return Err(Format);
        }
        let lines: Vec<&str> = signatures.strip_suffix('\n').ok_or(Format)?.split('\n').collect();
        if lines.len() > CHECKPOINT_SIGNATURES_MAX {
            return Err(Format);
        }
        let signatures = lines
            .into_iter()
            .map(NoteSignature::parse)
            .collect::<Result<Vec<_>, _>>()?;
        Ok((checkpoint, signatures))
    }
}

struct NoteSignature<'a> {
    name: &'a str,
    value: Vec<u8>,
}

impl<'a> NoteSignature<'a> {
    fn parse(line: &'a str) -> Result<Self, CheckpointError> {
        let (name, value) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(CheckpointError::Format)?;
        let value = decode(value)?;
        if !is_name(name) || value.len() < 5 {
            return Err(CheckpointError::Format);
        }
        Ok(Self { name, value })
    }
}

fn decode(text: &str) -> Result<Vec<u8>, CheckpointError> {
    BASE64.decode(text).map_err(|_| CheckpointError::Format)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
}

/// First four bytes of SHA-256 over the name, a line feed, the algorithm and the key (C2SP signed-note).
fn note_key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', ED25519]);
    hasher.update(key.as_bytes());
    *Digest::from(hasher.finalize())
        .first_chunk()
        .expect("a SHA-256 value has more than four bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(KeyKind::Log, &[seed; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "mesh.example/consent".into(),
            size: 20,
            root: [7; 32],
        }
    }

    #[test]
    fn a_checkpoint_round_trips_and_others_may_sign_beside() {
        let note = checkpoint().sign(&key(1));
        let verifying = key(1);
        let verifying = verifying.verifying_key();
        assert_eq!(
            Checkpoint::verify(&note, "mesh.example/consent", verifying),
            Ok(checkpoint())
        );
        let cosigned = format!("{note}\u{2014} partner.example AAAAAAAA\n");
        assert!(Checkpoint::verify(&cosigned, "mesh.example/consent", verifying).is_ok());
        assert_eq!(
            Checkpoint::verify(&note, "mesh.example/referral", verifying),
            Err(CheckpointError::Origin)
        );
        assert_eq!(
            Checkpoint::verify(&note, "mesh.example/consent", key(2).verifying_key()),
            Err(CheckpointError::Unsigned)
        );
        assert_eq!(
            Checkpoint::verify(
                &note.replace("\n20\n", "\n21\n"),
                "mesh.example/consent",
                verifying
            ),
            Err(CheckpointError::BadSignature)
        );
    }

    #[test]
    fn every_other_form_is_refused() {
        let note = checkpoint().sign(&key(1));
        for (from, to) in [
            ("\n20\n", "\n020\n"),
            ("\n20\n", "\n+20\n"),
            ("\n20\n", "\n\n"),
            ("\n\n", "\nextension\n\n"),
            ("mesh.example/consent\n20", "mesh example\n20"),
            ("\u{2014} ", "- "),
            ("=\n\n", "\n\n"),
        ] {
            assert_eq!(
                Checkpoint::parse_unverified(&note.replace(from, to)),
                Err(CheckpointError::Format),
                "{from:?} → {to:?}"
            );
        }
        let without_end = &note[..note.len() - 1];
        assert!(Checkpoint::parse_unverified(without_end).is_err());
        assert!(Checkpoint::parse_unverified("").is_err());
        let many = format!(
            "{note}{}",
            "\u{2014} a AAAAAAAA\n".repeat(CHECKPOINT_SIGNATURES_MAX)
        );
        assert!(Checkpoint::parse_unverified(&many).is_err());
    }
}
