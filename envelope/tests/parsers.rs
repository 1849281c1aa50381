//! Every parser of outside bytes: its corpus, mutations of what it takes, and any bytes at all.

use std::path::PathBuf;

use proptest::prelude::*;
use sluis_envelope::{
    CirclePost, CircleTag, GrantToken, LeafPromise, Manifest, MatchStatement, ResidentTicket, Signed,
    SigningKey, Statement, SubmissionReceipt, Suite, TicketActions,
};
use sluis_types::{Epoch, GrantId, KeyId, Service, Timestamp};

use crate::fuzz_parsers::{PARSERS, parse};
use crate::mesh::{Mesh, content};
use crate::vectors::edit::{Change, Edit, apply};
use crate::vectors::{make, run, unhex};

fn corpus(parser: &str) -> Vec<(String, Vec<u8>)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(parser);
    std::fs::read_dir(directory)
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            (name, std::fs::read(file.path()).unwrap())
        })
        .collect()
}

fn good(parser: &str) -> Vec<u8> {
    corpus(parser)
        .into_iter()
        .find(|(name, _)| name == "good")
        .unwrap()
        .1
}

/// Files whose names start with `good` are taken; those that the generator names after a fault are not. What a
/// fuzzer found is kept under a name of its own and must only not panic.
#[test]
fn corpora_run() {
    for (parser, _) in PARSERS {
        let files = corpus(parser);
        assert!(files.iter().any(|(name, _)| name == "good"), "{parser}");
        for (name, bytes) in files {
            let taken = parse(parser, &bytes);
            if name.starts_with("good") {
                assert!(taken, "{parser}/{name}");
            } else if ["short", "half", "long", "empty", "second-byte"].contains(&&*name) {
                assert!(!taken, "{parser}/{name}");
            }
        }
    }
}

#[test]
fn corpora_are_what_the_generator_makes() {
    for (parser, name, bytes) in crate::vectors::corpus::files() {
        let committed = corpus(&parser).into_iter().find(|(file, _)| *file == name);
        assert!(
            committed.is_some_and(|(_, file)| file == bytes),
            "{parser}/{name}"
        );
    }
}

fn round_trip<B: Statement + PartialEq + std::fmt::Debug>(body: B) {
    let key = SigningKey::from_seed(B::SIGNER, &[1; 32]);
    let signed = Signed::sign(body, &key);
    let bytes = signed.encode();
    assert!(bytes.len() <= Signed::<B>::BYTES_MAX);
    assert_eq!(Signed::parse(&bytes), Ok(signed));
}

proptest! {
    #[test]
    fn any_bytes_are_taken_or_refused(which in 0..PARSERS.len(), bytes: Vec<u8>) {
        parse(PARSERS[which].0, &bytes);
    }

    #[test]
    fn what_is_taken_has_one_encoding(
        which in 0..PARSERS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        let mut bytes = good(PARSERS[which].0);
        for (at, value, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = value,
                1 => bytes.insert(at, value),
                _ => drop(bytes.remove(at)),
            }
        }
        parse(PARSERS[which].0, &bytes); // panics when taken bytes are not the one encoding
    }

    #[test]
    fn statements_round_trip(
        ids: [u8; 16],
        digest: [u8; 32],
        version in 1..u32::MAX,
        at in 1_i64..1 << 60,
        life in 1_i64..300_000_000,
        audience in 1..6_u8,
    ) {
        let mesh = Mesh::new(1);
        let (start, end) = (Timestamp::from_micros(at), Timestamp::from_micros(at + life));
        round_trip(GrantToken {
            grant_id: GrantId::from_bytes(ids),
            grant_version: version,
            issued_at: start,
            not_after: end,
            ..mesh.grant_token()
        });
        round_trip(ResidentTicket {
            grant_id: GrantId::from_bytes(ids),
            actions: TicketActions::STOP,
            audience: Service::from_number(audience).unwrap(),
            session_hash: digest,
            issued_at: start,
            not_after: end,
        });
        round_trip(SubmissionReceipt { manifest_hash: digest, received_at: start });
        round_trip(LeafPromise { leaf_hash: digest, promised_at: start, due: end });
        round_trip(MatchStatement { manifest_hash: digest, matched_at: start });
        round_trip(CirclePost {
            tag: CircleTag::from_bytes(digest),
            organisation: mesh.sender.oin,
            epoch: Epoch::from_number(version),
            gate_key_id: KeyId::from_bytes(digest),
        });
    }

    #[test]
    fn manifests_round_trip(seed: u64, body in prop::collection::vec(any::<u8>(), 0..5000), attached: bool) {
        let mesh = Mesh::new(seed);
        let draft = mesh.draft();
        let blobs = attached.then(|| mesh.attachment(draft.message_id, &body).1).into_iter().collect();
        let sealed = mesh.seal(draft, Suite::X25519, content(&body), blobs);
        let bytes = sealed.manifest.encode();
        let parsed = Manifest::parse(&bytes).unwrap();
        prop_assert_eq!(&parsed, sealed.manifest.manifest());
        prop_assert_eq!(sealed.content.len(), sealed.manifest.content_length() as usize);
    }
}

const FLIPPABLE: [&str; 9] = [
    "/manifest",
    "/grant_token",
    "/sealed_r",
    "/sealed_c",
    "/open_request",
    "/open_reply",
    "/content",
    "/attachments/0/ciphertext",
    "/self_copy",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// One bit, anywhere in what travels or is kept, and the message does not come out.
    #[test]
    fn any_flipped_bit_is_refused(which in 0..FLIPPABLE.len(), at: prop::sample::Index, bit in 0..8_u32) {
        static CASE: std::sync::OnceLock<crate::vectors::case::MessageCase> = std::sync::OnceLock::new();
        let case = CASE.get_or_init(|| make::messages().remove(0));
        let field = FLIPPABLE[which];
        let value = serde_json::to_value(case).unwrap();
        let length = unhex(value.pointer(field).unwrap().as_str().unwrap()).len();
        let edit = Edit {
            field: field.into(),
            change: Change::Xor { at: at.index(length), with: 1 << bit },
        };
        prop_assert_eq!(run::run(case), Ok(()));
        prop_assert!(run::run(&apply(case, &[edit])).is_err());
    }
}

#[test]
fn statements_longer_than_their_limit_are_refused_at_once() {
    let bytes = vec![0; Signed::<GrantToken>::BYTES_MAX + 1];
    assert_eq!(
        Signed::<GrantToken>::parse(&bytes),
        Err(sluis_envelope::FormatError::TooLong { field: "statement" })
    );
}
