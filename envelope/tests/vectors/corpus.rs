//! The seeds of the fuzz corpora: for each parser, something that it takes and some things that it does not.

use std::collections::HashSet;

use sluis_envelope::{Content, GateKeyPair, KeyKind, MediaType, OpenedMessage, SealingKeyPair, SigningKey};
use sluis_types::SeededRandomness;

use super::circle;
use super::statement::{self, StatementCase};
use super::{make, run, unhex};

/// Parser, file name, bytes. Names of files that a parser takes start with `good`.
pub(crate) fn files() -> Vec<(String, String, Vec<u8>)> {
    let case = make::messages().remove(0);
    let opened: OpenedMessage = run::open_case(&case);
    let content: Content = opened.content(&unhex(&case.content)).unwrap();
    assert_eq!(
        content.media_type,
        MediaType::new("application/fhir+json").unwrap()
    );
    let randomness = SeededRandomness::new(400);
    let circles = circle::all();
    let mut files: Vec<(String, Vec<u8>)> = [
        ("manifest", unhex(&case.manifest)),
        ("header", unhex(&case.header)),
        ("open_request", unhex(&case.open_request)),
        ("open_reply", unhex(&case.open_reply)),
        ("self_copy", unhex(&case.self_copy)),
        ("content", content.encode().to_vec()),
        (
            "gate_secret",
            GateKeyPair::generate(&randomness).to_secret_bytes().to_vec(),
        ),
        (
            "sealing_public_key",
            SealingKeyPair::generate(&randomness).public().encode(),
        ),
        (
            "signing_secret",
            SigningKey::generate(KeyKind::Identity, &randomness)
                .to_secret_bytes()
                .to_vec(),
        ),
        ("key_statement", unhex(&statement::chain()[0].statement)),
        ("sealed_bundle", unhex(&circles.bundles[0].sealed)),
        (
            "circle_bundle",
            unhex(circles.bundles[0].bundle.as_ref().unwrap()),
        ),
        ("contact_box", unhex(&circles.boxes[0].contact_box)),
    ]
    .map(|(parser, bytes)| (parser.to_owned(), bytes))
    .into();
    let good = |case: &StatementCase| case.error.is_none();
    // One of each is enough: a file has one name.
    let mut seen = HashSet::new();
    let first = |case: &StatementCase| seen.insert(case.statement.clone());
    files.extend(
        statement::all()
            .into_iter()
            .filter(good)
            .filter(first)
            .map(|case| {
                let bytes = if case.statement == "checkpoint" {
                    case.signed.into_bytes()
                } else {
                    unhex(&case.signed)
                };
                (case.statement, bytes)
            }),
    );
    files
        .into_iter()
        .flat_map(|(parser, bytes)| seeds(&parser, &bytes))
        .collect()
}

fn seeds(parser: &str, good: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let mut longer = good.to_vec();
    longer.push(0);
    let mut version = good.to_vec();
    version[1] ^= 0x80;
    let mut seeds = vec![
        ("good", good.to_vec()),
        ("short", good[..good.len() - 1].to_vec()),
        ("half", good[..good.len() / 2].to_vec()),
        ("long", longer),
        ("empty", Vec::new()),
    ];
    // Keys start with one byte that can be wrong; what follows is a key, whatever it is.
    if !parser.ends_with("_secret") && !parser.ends_with("_key") {
        seeds.push(("second-byte", version));
    }
    seeds
        .into_iter()
        .map(|(name, bytes)| (parser.to_owned(), name.to_owned(), bytes))
        .collect()
}
