//! Messages with one thing wrong, the step that must refuse them, and the name of the error.

use serde::{Deserialize, Serialize};
use sluis_envelope::{GateKeyPair, KeyKind, Signed, SigningKey};
use sluis_types::{GrantId, SeededRandomness};

use super::edit::{Change, Edit, edit, flip, json, set};
use super::{hex, negative_gate};
use crate::mesh::{Mesh, NOW};

/// One thing wrong with a message case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Negative {
    pub(crate) name: String,
    pub(crate) case: String,
    pub(crate) edits: Vec<Edit>,
    pub(crate) step: String,
    pub(crate) error: String,
}

pub(crate) fn negative(name: &str, edits: Vec<Edit>, step: &str, error: &str) -> Negative {
    Negative {
        name: name.into(),
        case: "x25519".into(),
        edits,
        step: step.into(),
        error: error.into(),
    }
}

pub(crate) fn all() -> Vec<Negative> {
    let mut all = bound_fields();
    all.extend(ciphertexts());
    all.extend(wrong_parties());
    all.extend(negative_gate::all());
    all
}

/// Where a field stands in the manifest of the case "x25519", and what flipping it gives.
const MANIFEST_FIELDS: [(&str, usize, u8, &str); 33] = [
    ("header length", 1, 1, "Format"),
    ("version", 3, 2, "Format"),
    ("kind", 4, 3, "BadSignature"),
    ("priority", 5, 1, "BadSignature"),
    ("message id", 6, 1, "BadSignature"),
    ("message id, version bits", 12, 0x30, "Format"),
    ("thread id", 22, 1, "BadSignature"),
    ("grant id", 38, 1, "BadSignature"),
    ("grant version", 57, 1, "BadSignature"),
    ("sender", 74, 1, "WrongOrganisation"),
    ("recipient", 94, 1, "BadSignature"),
    ("signing key id", 98, 1, "WrongKey"),
    ("sealing key id", 130, 1, "BadSignature"),
    ("gate key count", 162, 3, "Format"),
    ("gate key id", 163, 1, "BadSignature"),
    ("suite of R", 196, 1, "Format"),
    ("suite of C", 198, 1, "Format"),
    ("replaces", 199, 1, "Format"),
    ("blob count", 216, 1, "Format"),
    ("blob list hash", 217, 1, "Format"),
    ("created", 256, 1, "BadSignature"),
    ("expires", 264, 1, "BadSignature"),
    ("respond by", 272, 1, "BadSignature"),
    ("size class", 273, 1, "Format"),
    ("scope commitment", 274, 1, "BadSignature"),
    ("blob id", 308, 1, "Format"),
    ("content length", 362, 2, "BadSignature"),
    ("commitment to R", 364, 1, "BadSignature"),
    ("commitment to C", 396, 1, "BadSignature"),
    ("hash of sealed R", 428, 1, "BadSignature"),
    ("hash of sealed C", 460, 1, "BadSignature"),
    ("content hash", 492, 1, "BadSignature"),
    ("signature", 524, 1, "BadSignature"),
];

fn bound_fields() -> Vec<Negative> {
    let mut all: Vec<_> = MANIFEST_FIELDS
        .iter()
        .map(|(field, at, with, error)| {
            let change = edit("/manifest", Change::Xor { at: *at, with: *with });
            negative(
                &format!("manifest: {field} flipped"),
                vec![change],
                "manifest",
                error,
            )
        })
        .collect();
    let append = |field| vec![edit(field, Change::Append("00".into()))];
    let keep = |field, count| vec![edit(field, Change::Keep(count))];
    all.extend([
        negative(
            "manifest: trailing byte",
            append("/manifest"),
            "manifest",
            "Format",
        ),
        negative(
            "manifest: truncated",
            keep("/manifest", 587),
            "manifest",
            "Format",
        ),
        negative("manifest: empty", keep("/manifest", 0), "manifest", "Format"),
        negative(
            "open request: trailing byte",
            append("/open_request"),
            "request",
            "Format",
        ),
        negative(
            "open request: truncated",
            keep("/open_request", 1000),
            "request",
            "Format",
        ),
        negative(
            "open reply: trailing byte",
            append("/open_reply"),
            "reply",
            "Format",
        ),
        negative(
            "open reply: truncated",
            keep("/open_reply", 100),
            "reply",
            "Format",
        ),
        negative(
            "grant token: trailing byte",
            append("/grant_token"),
            "submit",
            "Format",
        ),
        negative("self copy: trailing byte", append("/self_copy"), "copy", "Format"),
    ]);
    all
}

fn ciphertexts() -> Vec<Negative> {
    let blob = "/attachments/0/ciphertext";
    let keep = |field, count| vec![edit(field, Change::Keep(count))];
    let swap = Change::Swap {
        first: 0,
        second: 65_552,
        length: 1000,
    };
    vec![
        negative(
            "sealed R: flipped",
            vec![flip("/sealed_r", 40)],
            "share",
            "ShareMismatch",
        ),
        negative(
            "sealed R: truncated",
            keep("/sealed_r", 79),
            "share",
            "ShareMismatch",
        ),
        negative(
            "sealed C: flipped",
            vec![flip("/sealed_c", 40)],
            "share",
            "ShareMismatch",
        ),
        negative(
            "content: flipped",
            vec![flip("/content", 9)],
            "content",
            "CiphertextMismatch",
        ),
        negative(
            "content: truncated",
            keep("/content", 256),
            "content",
            "CiphertextMismatch",
        ),
        Negative {
            case: "two-chunks".into(),
            ..negative(
                "content: chunks mixed",
                vec![edit("/content", swap)],
                "content",
                "CiphertextMismatch",
            )
        },
        negative("attachment: flipped", vec![flip(blob, 9)], "blob", "CannotOpen"),
        negative(
            "attachment: truncated",
            keep(blob, 200),
            "blob",
            "CiphertextMismatch",
        ),
        negative(
            "attachment: longer",
            vec![edit(blob, Change::Append("00".into()))],
            "blob",
            "CiphertextMismatch",
        ),
        negative(
            "self copy: flipped",
            vec![flip("/self_copy", 400)],
            "copy",
            "BadSignature",
        ),
    ]
}

/// A key from a seed that nobody in the cases has.
fn foreign(kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(kind, &[0xee; 32])
}

#[expect(clippy::too_many_lines, reason = "a list")]
fn wrong_parties() -> Vec<Negative> {
    let stranger = Mesh::new(999);
    let mesh = Mesh::new(101);
    let sealing = hex(&stranger.recipient.sealing.to_secret_bytes());
    let gate = hex(&stranger.gate.to_secret_bytes());
    let seed = |kind| hex(foreign(kind).seed().as_slice());
    let token = |change: &dyn Fn(&mut sluis_envelope::GrantToken)| {
        let mut token = mesh.grant_token();
        change(&mut token);
        set("/grant_token", hex(&Signed::sign(token, &mesh.tokens).encode()))
    };
    let other_gate = GateKeyPair::generate(&SeededRandomness::new(9)).public().clone();
    let late = json("/submitted_at", NOW.micros() + 600_000_000);
    let early = json("/submitted_at", NOW.micros() - 61_000_000);
    vec![
        negative(
            "wrong sender key",
            vec![set("/sender_signing_seed", seed(KeyKind::Signing))],
            "manifest",
            "WrongKey",
        ),
        negative(
            "wrong recipient",
            vec![set("/recipient_sealing_secret", sealing)],
            "share",
            "WrongKey",
        ),
        negative(
            "wrong gate key",
            vec![set("/gate_secret", gate)],
            "gate",
            "WrongKey",
        ),
        negative(
            "wrong recipient signing key",
            vec![set("/recipient_signing_seed", seed(KeyKind::Signing))],
            "gate",
            "WrongKey",
        ),
        negative(
            "wrong receipt key",
            vec![set("/receipt_seed", seed(KeyKind::Receipt))],
            "gate",
            "WrongKey",
        ),
        negative(
            "wrong caller",
            vec![set("/caller", mesh.stranger.oin.to_string())],
            "gate",
            "Caller",
        ),
        negative("another JWT", vec![set("/jwt", "other")], "gate", "Caller"),
        negative(
            "grant token: wrong issuer",
            vec![set("/grant_token_seed", seed(KeyKind::GrantToken))],
            "submit",
            "WrongKey",
        ),
        negative(
            "grant token: flipped",
            vec![flip("/grant_token", 60)],
            "submit",
            "BadSignature",
        ),
        negative(
            "grant token: of another grant",
            vec![token(&|token| token.grant_id = GrantId::from_bytes([1; 16]))],
            "submit",
            "Mismatch",
        ),
        negative(
            "grant token: of another version",
            vec![token(&|token| token.grant_version = 4)],
            "submit",
            "Mismatch",
        ),
        negative(
            "grant token: for another recipient",
            vec![token(&|token| token.recipient = mesh.stranger.oin)],
            "submit",
            "Mismatch",
        ),
        negative(
            "grant token: for another sender",
            vec![token(&|token| token.sender = mesh.stranger.oin)],
            "submit",
            "Mismatch",
        ),
        negative(
            "grant token: with another gate key",
            vec![token(&|token| token.gate_key = other_gate.clone())],
            "submit",
            "Mismatch",
        ),
        negative("grant token: expired", vec![late], "submit", "Expired"),
        negative("grant token: not yet valid", vec![early], "submit", "NotYetValid"),
    ]
}
