//! Open requests, replies and whole messages that a gate, or the one who asks it, must refuse.

use serde_json::Value;
use sluis_envelope::{KeyKind, MatchStatement, RequestKeyPair, Signed, SigningKey, Suite, hash};
use sluis_types::Timestamp;

use super::by_hand::{self, AskByHand, Cheat};
use super::case::MessageCase;
use super::edit::{Edit, flip, json, set};
use super::negative::{Negative, negative};
use super::{Fixed, hex, unhex, unhex_array};
use crate::mesh::{Mesh, NOW, match_key};

pub(crate) fn all() -> Vec<Negative> {
    let mut all = requests();
    all.extend(matches());
    all.extend(replies());
    all.extend(cheats());
    all
}

/// The case "x25519", and requests about it that its recipient, or somebody else, made by hand.
fn requests() -> Vec<Negative> {
    let case = base();
    let mesh = Mesh::new(101);
    let key = RequestKeyPair::generate(Suite::X25519, &Fixed([7; 32]));
    let honest = AskByHand {
        manifest: unhex(&case.manifest),
        sealed_c: unhex(&case.sealed_c),
        receipt: unhex(&case.receipt),
        evidence_type: 1,
        more_evidence: None,
        asked_at: case.opened_at,
        request_public: key.public().to_bytes(),
    };
    let request = |change: &dyn Fn(&mut AskByHand), signer: &SigningKey| {
        let mut ask = honest.clone();
        change(&mut ask);
        set("/open_request", hex(&by_hand::open_request(&ask, signer)))
    };
    let ours = &mesh.recipient.signing;
    let other_receipt = mesh.receipt([9; 32]).encode();
    let at = |seconds: i64| json("/opened_at", NOW.micros() + seconds * 1_000_000);
    let after = NOW.micros() + 31 * 86_400_000_000;
    let gate = |name: &str, edits, error: &str| negative(name, edits, "gate", error);
    vec![
        gate(
            "open request: flipped id",
            vec![flip("/open_request", 34)],
            "BadSignature",
        ),
        gate(
            "open request: flipped JWT hash",
            vec![flip("/open_request", 58)],
            "BadSignature",
        ),
        gate(
            "open request: flipped request key",
            vec![flip("/open_request", 92)],
            "BadSignature",
        ),
        gate(
            "open request: flipped signature",
            vec![flip("/open_request", 1012)],
            "BadSignature",
        ),
        gate(
            "open request: by another organisation",
            vec![request(&|_| {}, &mesh.stranger.signing)],
            "WrongKey",
        ),
        gate("open request: too old", vec![at(161)], "Stale"),
        gate("open request: too early", vec![at(39)], "Stale"),
        gate(
            "open request: after the message expired",
            vec![
                request(&|ask| ask.asked_at = after, ours),
                json("/opened_at", after),
            ],
            "Expired",
        ),
        gate(
            "open request: receipt for another message",
            vec![request(&|ask| ask.receipt.clone_from(&other_receipt), ours)],
            "Evidence",
        ),
        negative(
            "open request: unknown evidence",
            vec![request(&|ask| ask.evidence_type = 2, ours)],
            "request",
            "Format",
        ),
        negative(
            "open request: request key of small order",
            vec![request(&|ask| ask.request_public = vec![0; 32], ours)],
            "request",
            "Format",
        ),
    ]
}

/// The case "contact-box", with requests that no match lets through; and a referral that comes with one.
fn matches() -> Vec<Negative> {
    let case = super::make::messages().pop().unwrap();
    let mesh = Mesh::new(105);
    let receipt = unhex(&case.receipt);
    let manifest_hash = unhex_array(&case.manifest_hash);
    let statement = |manifest_hash, seconds: i64, key: &SigningKey| {
        let body = MatchStatement {
            manifest_hash,
            matched_at: Timestamp::from_seconds(NOW.seconds() + seconds),
        };
        Some(Signed::sign(body, key).encode())
    };
    let request = |of: &MessageCase, signer: &SigningKey, receipt: &[u8], more: Option<Vec<u8>>| {
        let key = RequestKeyPair::generate(Suite::X25519, &Fixed([7; 32]));
        let ask = AskByHand {
            manifest: unhex(&of.manifest),
            sealed_c: unhex(&of.sealed_c),
            receipt: receipt.to_vec(),
            evidence_type: 1,
            more_evidence: more,
            asked_at: of.opened_at,
            request_public: key.public().to_bytes(),
        };
        set("/open_request", hex(&by_hand::open_request(&ask, signer)))
    };
    let boxed = |name: &str, more, step: &str, error: &str| Negative {
        case: "contact-box".into(),
        ..negative(
            name,
            vec![request(&case, &mesh.recipient.signing, &receipt, more)],
            step,
            error,
        )
    };
    let other = base();
    let others = Mesh::new(101);
    let thief = SigningKey::from_seed(KeyKind::Match, &[1; 32]);
    let mut flipped = statement(manifest_hash, 50, &match_key());
    flipped.as_mut().unwrap()[34] ^= 1;
    vec![
        boxed("contact box: no match statement", None, "gate", "Evidence"),
        boxed(
            "contact box: match of another box",
            statement([9; 32], 50, &match_key()),
            "gate",
            "Evidence",
        ),
        boxed(
            "contact box: match before it came",
            statement(manifest_hash, 0, &match_key()),
            "gate",
            "Evidence",
        ),
        boxed(
            "contact box: match from the future",
            statement(manifest_hash, 161, &match_key()),
            "gate",
            "Evidence",
        ),
        boxed(
            "contact box: match by another key",
            statement(manifest_hash, 50, &thief),
            "gate",
            "WrongKey",
        ),
        boxed("contact box: match flipped", flipped, "gate", "BadSignature"),
        boxed(
            "contact box: match truncated",
            Some(vec![0; 100]),
            "request",
            "Format",
        ),
        negative(
            "referral with a match statement",
            vec![request(
                &other,
                &others.recipient.signing,
                &unhex(&other.receipt),
                statement(unhex_array(&other.manifest_hash), 50, &match_key()),
            )],
            "gate",
            "Evidence",
        ),
    ]
}

fn base() -> MessageCase {
    super::make::messages().remove(0)
}

/// Replies that are not to this request, or not what the sender committed to.
fn replies() -> Vec<Negative> {
    let case = base();
    let key = RequestKeyPair::generate(Suite::X25519, &Fixed(unhex_array(&case.request_secret)));
    let public = key.public().to_bytes();
    let (hh, leaf) = (unhex(&case.header_hash), unhex_array(&case.leaf_hash));
    let share = [
        unhex(&case.c),
        unhex(&case.salt),
        [case.purposes, case.life_domains, case.data_kinds]
            .map(u32::to_be_bytes)
            .concat(),
    ]
    .concat();
    let mut other_share = share.clone();
    other_share[0] ^= 1;
    let mut wider_share = share.clone();
    wider_share[67] |= 1 << 7;
    let other_request = hash("sluis/v1/test", &[b"other request"]);
    let request_hash = unhex(&case.request_hash);
    let reply = |hashes, share: &[u8]| {
        set(
            "/open_reply",
            hex(&by_hand::open_reply(&public, hashes, share, &leaf)),
        )
    };
    let mut low_order = unhex(&case.open_reply);
    low_order[34..66].fill(0);
    let step = |name: &str, edits, error: &str| negative(name, edits, "reply", error);
    vec![
        step("open reply: flipped", vec![flip("/open_reply", 80)], "CannotOpen"),
        step(
            "open reply: another leaf",
            vec![flip("/open_reply", 2)],
            "CannotOpen",
        ),
        step(
            "open reply: replayed from another request",
            vec![reply([&hh, &other_request], &share)],
            "CannotOpen",
        ),
        step(
            "open reply: for another message",
            vec![reply([&other_request, &request_hash], &share)],
            "CannotOpen",
        ),
        step(
            "open reply: enc of small order",
            vec![set("/open_reply", hex(&low_order))],
            "CannotOpen",
        ),
        step(
            "open reply: another C",
            vec![reply([&hh, &request_hash], &other_share)],
            "Commitment",
        ),
        step(
            "open reply: wider scope",
            vec![reply([&hh, &request_hash], &wider_share)],
            "Commitment",
        ),
    ]
}

/// Messages by a sender that cheats: everything is signed as it should be.
fn cheats() -> Vec<Negative> {
    [
        (Cheat::CommitmentR, "share", "Commitment"),
        (Cheat::CommitmentC, "gate", "Commitment"),
        (Cheat::ScopeCommitment, "gate", "Commitment"),
        (Cheat::ContentScope, "content", "Scope"),
        (Cheat::Padding, "content", "Format"),
        (Cheat::ChunkOrder, "content", "CannotOpen"),
        (Cheat::LowOrder, "share", "CannotOpen"),
        (Cheat::UnknownSuite, "manifest", "Format"),
        (Cheat::CriticalExtension, "manifest", "Format"),
    ]
    .map(|(cheat, step, error)| {
        negative(
            &format!("cheating sender: {cheat:?}"),
            by_hand_edits(cheat),
            step,
            error,
        )
    })
    .into()
}

/// Replaces the messages of the case "x25519" by one made by hand, with its request and reply.
pub(crate) fn by_hand_edits(cheat: Cheat) -> Vec<Edit> {
    let mesh = Mesh::new(101);
    let sealed = by_hand::seal(&mesh, cheat);
    let hh = hash("sluis/v1/header", &[&sealed.header]);
    let receipt = mesh
        .receipt(hash("sluis/v1/manifest-hash", &[&sealed.manifest]))
        .encode();
    let key = RequestKeyPair::generate(Suite::X25519, &Fixed([7; 32]));
    let public = key.public().to_bytes();
    let request = by_hand::open_request(
        &AskByHand {
            manifest: sealed.manifest.clone(),
            sealed_c: sealed.sealed_c.clone(),
            receipt: receipt.clone(),
            evidence_type: 1,
            more_evidence: None,
            asked_at: NOW.micros() + 100_000_000,
            request_public: public.clone(),
        },
        &mesh.recipient.signing,
    );
    let request_hash = hash("sluis/v1/statement", &[b"sluis/v1/open-request", &request]);
    let leaf = [0x88; 32];
    let reply = by_hand::open_reply(&public, [&hh, &request_hash], &sealed.share_c, &leaf);
    let long = cheat == Cheat::ChunkOrder;
    vec![
        set("/manifest", hex(&sealed.manifest)),
        set("/sealed_r", hex(&sealed.sealed_r)),
        set("/sealed_c", hex(&sealed.sealed_c)),
        set("/content", hex(&sealed.content)),
        set("/receipt", hex(&receipt)),
        set("/open_request", hex(&request)),
        set("/request_id", hex(&[0x55; 16])),
        set("/request_secret", hex(&[7; 32])),
        set("/request_hash", hex(&request_hash)),
        set("/open_reply", hex(&reply)),
        set("/leaf_hash", hex(&leaf)),
        set("/handle", hex(&[0x66; 16])),
        json("/purposes", 1 << 1),
        json("/life_domains", 1 << 1),
        json("/data_kinds", 1 << 1),
        json("/assisted", false),
        json("/attachments", Vec::<Value>::new()),
        set("/media_type", "text/plain"),
        set("/body", hex(by_hand::BODY)),
        json("/body_times", if long { 10_000 } else { 1 }),
    ]
}
