//! Vectors of signed statements, of checkpoints, and of chains of key statements.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_envelope::limits::{CLOCK_SKEW_SECONDS_MAX, DIRECTORY_ENTRIES_MAX};
use sluis_envelope::{
    Checkpoint, CirclePost, CircleTag, DirectoryHead, DirectoryTree, GrantToken, JwtAlgorithm, JwtKey,
    KeyEntry, KeyKind, KeyStatement, LeafPromise, MatchStatement, PublicKey, ResidentTicket, SealingKeyPair,
    Signed, SigningKey, Statement, SubmissionReceipt, TicketActions, VerifiedKeyStatement, VerifyingKey,
    session_hash, successor_commitment,
};
use sluis_types::{Epoch, GrantId, KeyId, Oin, SeededRandomness, Service, Timestamp};

use super::directory::directory;
use super::{error_name, hex, unhex, unhex_array};
use crate::mesh::{Mesh, NOW};

/// One statement and whether it is accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StatementCase {
    pub(crate) name: String,
    pub(crate) statement: String,
    pub(crate) key: String,
    pub(crate) now: i64,
    /// Hexadecimal; for a checkpoint, the note itself.
    pub(crate) signed: String,
    /// For a checkpoint, the log's origin.
    pub(crate) origin: Option<String>,
    pub(crate) error: Option<String>,
}

fn key(kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(kind, &[kind.number(); 32])
}

fn case(name: &str, statement: &str, kind: KeyKind, signed: &[u8], error: Option<&str>) -> StatementCase {
    StatementCase {
        name: name.into(),
        statement: statement.into(),
        key: hex(key(kind).verifying_key().as_bytes()),
        now: NOW.micros(),
        signed: hex(signed),
        origin: None,
        error: error.map(Into::into),
    }
}

/// A good one, and each way of being a bad one that all statements share.
fn family<B: Statement>(statement: &str, body: B) -> Vec<StatementCase> {
    let good = Signed::sign(body, &key(B::SIGNER)).encode();
    let change = |name: &str, change: &dyn Fn(&mut Vec<u8>), error| {
        let mut bytes = good.clone();
        change(&mut bytes);
        case(name, statement, B::SIGNER, &bytes, error)
    };
    let end = good.len();
    vec![
        change("good", &|_| {}, None),
        change("version", &|bytes| bytes[1] = 2, Some("Format")),
        change("signer flipped", &|bytes| bytes[2] ^= 1, Some("WrongKey")),
        change(
            "first byte of body flipped",
            &|bytes| bytes[34] ^= 1,
            Some("BadSignature"),
        ),
        change(
            "signature flipped",
            &|bytes| bytes[end - 64] ^= 1,
            Some("BadSignature"),
        ),
        change("truncated", &|bytes| bytes.truncate(end - 1), Some("Format")),
        change("trailing byte", &|bytes| bytes.push(0), Some("Format")),
        change("empty", &Vec::clear, Some("Format")),
    ]
}

fn ticket() -> ResidentTicket {
    ResidentTicket {
        grant_id: GrantId::from_bytes([1; 16]),
        actions: TicketActions::READ.and(TicketActions::STOP),
        audience: Service::Referral,
        session_hash: session_hash(b"session"),
        issued_at: NOW,
        not_after: NOW.plus(Duration::from_mins(5)),
    }
}

pub(crate) fn all() -> Vec<StatementCase> {
    let mesh = Mesh::new(101);
    let token = || GrantToken {
        gate_key: mesh.gate.public().x25519_only(),
        ..mesh.grant_token()
    };
    let mut all = family("grant_token", token());
    all.extend(family("resident_ticket", ticket()));
    all.extend(family(
        "submission_receipt",
        SubmissionReceipt {
            manifest_hash: [2; 32],
            received_at: NOW,
        },
    ));
    let promise = LeafPromise {
        leaf_hash: [3; 32],
        promised_at: NOW,
        due: NOW.plus(Duration::from_secs(1)),
    };
    all.extend(family("leaf_promise", promise));
    all.extend(directory_heads());
    all.extend(circles());
    let second = Duration::from_secs(1);
    let long_token = GrantToken {
        not_after: NOW.plus(Duration::from_mins(10) + second),
        ..token()
    };
    let long_ticket = ResidentTicket {
        not_after: NOW.plus(Duration::from_mins(5) + second),
        ..ticket()
    };
    let deciding = ResidentTicket {
        actions: TicketActions::DECIDE,
        ..ticket()
    };
    let signed = |token: GrantToken| Signed::sign(token, &key(KeyKind::GrantToken)).encode();
    let mut low_order = signed(token());
    low_order[34 + 16 + 4 + 40 + 2..][..32].fill(0);
    let ticket_key = key(KeyKind::Ticket);
    let mut unknown_action = Signed::sign(ticket(), &ticket_key).encode();
    unknown_action[34 + 16] = 8;
    all.extend([
        case(
            "lives too long",
            "grant_token",
            KeyKind::GrantToken,
            &signed(long_token),
            Some("Format"),
        ),
        case(
            "gate key of small order",
            "grant_token",
            KeyKind::GrantToken,
            &low_order,
            Some("Format"),
        ),
        case(
            "lives too long",
            "resident_ticket",
            KeyKind::Ticket,
            &Signed::sign(long_ticket, &ticket_key).encode(),
            Some("Format"),
        ),
        case(
            "for deciding",
            "resident_ticket",
            KeyKind::Ticket,
            &Signed::sign(deciding, &ticket_key).encode(),
            None,
        ),
        case(
            "allows nothing that is known",
            "resident_ticket",
            KeyKind::Ticket,
            &unknown_action,
            Some("Format"),
        ),
    ]);
    let mut expired = case(
        "expired",
        "grant_token",
        KeyKind::GrantToken,
        &signed(token()),
        Some("Expired"),
    );
    expired.now += 600_000_000;
    all.push(expired);
    all.extend(checkpoints());
    all
}

fn directory_head() -> DirectoryHead {
    let mut tree = DirectoryTree::new();
    for entry in directory() {
        entry.put_into(&mut tree);
    }
    DirectoryHead {
        version: 7,
        made_at: NOW,
        entries: tree.len(),
        root: tree.root(),
    }
}

fn directory_heads() -> Vec<StatementCase> {
    let bad = |name: &str, head: DirectoryHead, error: &str| {
        let signed = Signed::sign(head, &key(KeyKind::Directory)).encode();
        case(name, "directory_head", KeyKind::Directory, &signed, Some(error))
    };
    let crowded = DirectoryHead {
        entries: DIRECTORY_ENTRIES_MAX + 1,
        ..directory_head()
    };
    let early = DirectoryHead {
        made_at: NOW.plus(Duration::from_secs(CLOCK_SKEW_SECONDS_MAX + 1)),
        ..directory_head()
    };
    let mut heads = family("directory_head", directory_head());
    heads.push(bad("more entries than allowed", crowded, "Format"));
    heads.push(bad("from the future", early, "NotYetValid"));
    heads
}

fn circles() -> Vec<StatementCase> {
    let post = |epoch| CirclePost {
        tag: CircleTag::from_bytes([5; 32]),
        organisation: "00000099000000001000".parse().unwrap(),
        epoch,
        gate_key_id: KeyId::from_bytes([6; 32]),
    };
    let now = Epoch::of(NOW);
    let matched = |matched_at| MatchStatement {
        manifest_hash: [7; 32],
        matched_at,
    };
    let circle = |name: &str, epoch, error| {
        let signed = Signed::sign(post(epoch), &key(KeyKind::Circle)).encode();
        case(name, "circle_post", KeyKind::Circle, &signed, Some(error))
    };
    let later = matched(NOW.plus(Duration::from_secs(61)));
    let mut all = family("circle_post", post(now));
    all.extend(family("match_statement", matched(NOW)));
    all.extend([
        circle("for the next epoch", now.later(1), "NotYetValid"),
        circle(
            "for a past epoch",
            Epoch::from_number(now.number() - 1),
            "Expired",
        ),
        case(
            "from the future",
            "match_statement",
            KeyKind::Match,
            &Signed::sign(later, &key(KeyKind::Match)).encode(),
            Some("NotYetValid"),
        ),
    ]);
    all
}

fn checkpoints() -> Vec<StatementCase> {
    let origin = "mesh.example/consent";
    let note = Checkpoint {
        origin: origin.into(),
        size: 20_852_163,
        root: [4; 32],
    }
    .sign(&key(KeyKind::Log));
    let case = |name: &str, note: String, origin: &str, error: Option<&str>| StatementCase {
        signed: note,
        origin: Some(origin.into()),
        ..case(name, "checkpoint", KeyKind::Log, &[], error)
    };
    vec![
        case("good", note.clone(), origin, None),
        case(
            "another log",
            note.clone(),
            "mesh.example/referral",
            Some("Origin"),
        ),
        case(
            "another size",
            note.replace("\n20852163\n", "\n20852164\n"),
            origin,
            Some("BadSignature"),
        ),
        case(
            "leading zero",
            note.replace("\n20852163\n", "\n020852163\n"),
            origin,
            Some("Format"),
        ),
        case(
            "extension line",
            note.replace("\n\n", "\nmore\n\n"),
            origin,
            Some("Format"),
        ),
        case(
            "no signature of the log",
            note.replace("\u{2014} mesh", "\u{2014} mosh"),
            origin,
            Some("Unsigned"),
        ),
    ]
}

/// Checks a case with the public interface.
pub(crate) fn check(case: &StatementCase) -> Result<(), String> {
    fn verify<B: Statement>(case: &StatementCase) -> Result<(), String> {
        let signed = Signed::<B>::parse(&unhex(&case.signed)).map_err(|_| "Format".to_owned())?;
        assert_eq!(hex(&signed.encode()), case.signed, "one encoding");
        let key = VerifyingKey::from_bytes(B::SIGNER, &unhex_array(&case.key)).unwrap();
        signed
            .verify(&key, Timestamp::from_micros(case.now))
            .map(drop)
            .map_err(|error| error_name(&error))
    }
    match case.statement.as_str() {
        "grant_token" => verify::<GrantToken>(case),
        "resident_ticket" => verify::<ResidentTicket>(case),
        "submission_receipt" => verify::<SubmissionReceipt>(case),
        "leaf_promise" => verify::<LeafPromise>(case),
        "directory_head" => verify::<DirectoryHead>(case),
        "circle_post" => verify::<CirclePost>(case),
        "match_statement" => verify::<MatchStatement>(case),
        "checkpoint" => {
            let key = VerifyingKey::from_bytes(KeyKind::Log, &unhex_array(&case.key)).unwrap();
            Checkpoint::verify(&case.signed, case.origin.as_ref().unwrap(), &key)
                .map(drop)
                .map_err(|error| error_name(&error))
        }
        other => panic!("no statement {other}"),
    }
}

/// A key statement, judged against a pin, or against the statement that is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChainCase {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    pub(crate) known: Option<String>,
    pub(crate) statement: String,
    pub(crate) now: i64,
    pub(crate) error: Option<String>,
}

fn entry(key: PublicKey) -> KeyEntry {
    KeyEntry {
        key,
        not_before: NOW,
        not_after: NOW.plus(Duration::from_hours(30 * 24)),
        revoked_at: None,
    }
}

pub(crate) fn chain() -> Vec<ChainCase> {
    let randomness = SeededRandomness::new(300);
    let oin: Oin = "00000099000000001000".parse().unwrap();
    let [identity, spare, thief] =
        [0x41, 0x42, 0x43].map(|byte| SigningKey::from_seed(KeyKind::Identity, &[byte; 32]));
    let signing = SigningKey::generate(KeyKind::Signing, &randomness);
    let sealing = SealingKeyPair::generate(&randomness);
    let jwt = |algorithm, public: Vec<u8>| PublicKey::Jwt(JwtKey::new(algorithm, public).unwrap());
    let keys: Vec<KeyEntry> = [
        PublicKey::Signing(signing.verifying_key().clone()),
        PublicKey::Sealing(sealing.public().clone()),
        jwt(JwtAlgorithm::EdDsa, vec![0x51; 32]),
        jwt(JwtAlgorithm::Es256, [vec![4], vec![0x52; 64]].concat()),
        PublicKey::Tls {
            spki_sha256: [0x53; 32],
        },
    ]
    .map(entry)
    .into();
    let successor = successor_commitment(oin, spare.verifying_key());
    let first = KeyStatement::first(oin, identity.verifying_key(), successor, keys.clone(), NOW);
    let first = Signed::sign(first, &identity);
    let known = VerifiedKeyStatement::pinned(first.clone(), &identity.id(), NOW).unwrap();
    let later = NOW.plus(Duration::from_secs(1));
    let with =
        |known: Option<&VerifiedKeyStatement>, name: &str, bytes: &[u8], error: Option<&str>| ChainCase {
            name: name.into(),
            fingerprint: identity.id().to_string(),
            known: known.map(|known| hex(&known.encode())),
            statement: hex(bytes),
            now: later.micros(),
            error: error.map(Into::into),
        };
    let next = |name: &str, statement: KeyStatement, key: &SigningKey, error| {
        with(Some(&known), name, &Signed::sign(statement, key).encode(), error)
    };
    let mut revoked = keys.clone();
    revoked[0].revoked_at = Some(NOW);
    let rotated = |key: &SigningKey| known.rotated(key.verifying_key(), [0; 32], keys.clone(), later);
    let mut trailing = first.encode();
    trailing.push(0);
    let stolen_way_back = KeyStatement {
        successor: successor_commitment(oin, thief.verifying_key()),
        ..known.next(keys.clone(), later)
    };
    let wrong_past = KeyStatement {
        previous: [1; 32],
        ..known.next(keys.clone(), later)
    };
    vec![
        with(None, "first, pinned", &first.encode(), None),
        ChainCase {
            fingerprint: thief.id().to_string(),
            ..with(None, "another pin", &first.encode(), Some("Identity"))
        },
        with(None, "trailing byte", &trailing, Some("Format")),
        next("a key revoked", known.next(revoked, later), &identity, None),
        next(
            "rotated to the committed successor",
            rotated(&spare),
            &spare,
            None,
        ),
        next(
            "rotated to another key",
            rotated(&thief),
            &thief,
            Some("Identity"),
        ),
        next(
            "another successor under the same key",
            stolen_way_back,
            &identity,
            Some("Identity"),
        ),
        next("another past", wrong_past, &identity, Some("Chain")),
        next(
            "a key dropped",
            known.next(keys[1..].to_vec(), later),
            &identity,
            Some("Rewritten"),
        ),
        next(
            "signed by another key",
            known.next(keys.clone(), later),
            &thief,
            Some("Statement"),
        ),
    ]
}

/// Judges a case with the public interface.
pub(crate) fn judge(case: &ChainCase) -> Result<(), String> {
    let now = Timestamp::from_micros(case.now);
    let fingerprint: KeyId = case.fingerprint.parse().unwrap();
    let statement = Signed::parse(&unhex(&case.statement)).map_err(|_| "Format".to_owned())?;
    let judged = match &case.known {
        None => VerifiedKeyStatement::pinned(statement, &fingerprint, now),
        Some(known) => VerifiedKeyStatement::pinned(Signed::parse(&unhex(known)).unwrap(), &fingerprint, now)
            .unwrap()
            .accept(statement, now),
    };
    judged.map(drop).map_err(|error| error_name(&error))
}
