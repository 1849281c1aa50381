//! The committed vectors hold, and making them again gives the same bytes.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use sluis_envelope::DirectoryTree;

use crate::vectors::by_hand::Cheat;
use crate::vectors::case::MessageCase;
use crate::vectors::circle::{self, CircleCases};
use crate::vectors::directory::DirectoryChange;
use crate::vectors::negative::Negative;
use crate::vectors::statement::{self, ChainCase, StatementCase};
use crate::vectors::{edit, hex, make, negative_gate, run};

fn committed(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

fn load<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&committed(name)).unwrap()
}

#[test]
fn making_them_again_gives_the_same_bytes() {
    for (name, text) in make::files() {
        assert!(
            committed(name) == text,
            "{name} differs: run the example make_vectors"
        );
    }
}

#[test]
fn every_message_opens() {
    let cases: Vec<MessageCase> = load("message.json");
    assert!(cases.len() >= 4);
    for case in cases {
        assert_eq!(run::run(&case), Ok(()), "{}", case.name);
    }
}

#[test]
fn every_negative_is_refused_at_its_step() {
    let cases: Vec<MessageCase> = load("message.json");
    let negatives: Vec<Negative> = load("negative.json");
    assert!(negatives.len() >= 80);
    for negative in negatives {
        let case = cases.iter().find(|case| case.name == negative.case).unwrap();
        let (step, error) = run::run(&edit::apply(case, &negative.edits)).expect_err(&negative.name);
        assert_eq!(
            (step, error),
            (&*negative.step, negative.error),
            "{}",
            negative.name
        );
    }
}

#[test]
fn a_second_implementation_seals_what_opens() {
    let cases: Vec<MessageCase> = load("message.json");
    for cheat in [Cheat::Nothing, Cheat::IgnorableExtension] {
        let by_hand = edit::apply(&cases[0], &negative_gate::by_hand_edits(cheat));
        assert_eq!(run::run_without_copy(&by_hand), Ok(()), "{cheat:?}");
    }
}

#[test]
fn every_statement_is_judged_as_it_should_be() {
    for case in load::<Vec<StatementCase>>("statement.json") {
        assert_eq!(
            statement::check(&case).err(),
            case.error,
            "{}: {}",
            case.statement,
            case.name
        );
    }
}

#[test]
fn every_bundle_and_box_is_judged_as_it_should_be() {
    let cases: CircleCases = load("circle.json");
    for case in cases.bundles {
        assert_eq!(circle::judge_bundle(&case).err(), case.error, "{}", case.name);
    }
    for case in cases.boxes {
        assert_eq!(circle::judge_box(&case).err(), case.error, "{}", case.name);
    }
}

#[test]
fn every_chain_of_key_statements_is_judged_as_it_should_be() {
    for case in load::<Vec<ChainCase>>("key_statement.json") {
        assert_eq!(statement::judge(&case).err(), case.error, "{}", case.name);
    }
}

#[test]
fn every_change_of_a_directory_gives_its_root() {
    let mut tree = DirectoryTree::new();
    let changes: Vec<DirectoryChange> = load("directory.json");
    assert!(changes.len() >= 8);
    for change in changes {
        change.put_into(&mut tree);
        assert_eq!(
            (tree.len(), hex(&tree.root())),
            (change.entries, change.root),
            "{}",
            change.name
        );
    }
}
