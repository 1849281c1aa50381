//! What a reader may count on in every file.

use std::fs;

use super::{files, root, services};

/// Longest file of Rust, in lines. Longer is two things.
const LINES_MAX: usize = 450;

#[test]
fn no_file_is_more_than_one_thing() {
    for path in files(&root(), "rs") {
        let lines = fs::read_to_string(&path).expect("text").lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_is_left_open_or_named_after_nothing() {
    for path in files(&root(), "rs") {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "helpers", "helper", "common", "misc"].contains(&name.as_str()),
            "{}: what is it?",
            path.display()
        );
        let text = fs::read_to_string(&path).expect("text");
        for open in ["todo!", "unimplemented!", "#[ignore"] {
            let written = text.contains(&format!("{open}(")) || text.contains(&format!("{open}]"));
            assert!(!written, "{}: {open}", path.display());
        }
        // A binary's shape may be forbidden workspace-wide; this sees that no crate leaves the workspace's lints.
        let loosened = text.lines().any(|line| line.trim_start().starts_with("#![allow"));
        assert!(!loosened, "{}: #![allow", path.display());
    }
}

#[test]
fn domains_are_pure() {
    for service in services() {
        for path in files(&service.join("src/domain"), "rs") {
            let text = fs::read_to_string(&path).expect("text");
            for impure in [
                "sqlx",
                "tokio",
                "tonic",
                "sluis_store",
                "sluis_proto",
                "async fn",
                ".await",
            ] {
                let used = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .any(|line| line.contains(impure));
                assert!(!used, "{} uses {impure}", path.display());
            }
        }
    }
}

#[test]
fn demo_numbers_are_from_the_ranges_for_tests() {
    // An OIN of a real organisation, or a number that passes for a BSN, has no place in this repository.
    for ending in ["rs", "json", "toml", "md", "py", "proto"] {
        for path in files(&root(), ending) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            for word in text.split(|character: char| !character.is_ascii_digit()) {
                if word.len() == 20 && word.starts_with("000000") && !word.starts_with("00000099") {
                    assert!(is_the_range_itself(word), "{}: OIN {word}", path.display());
                }
            }
        }
    }
}

/// Zeros after the prefix: the name of a range in prose, or a malformed number that a test refuses.
fn is_the_range_itself(word: &str) -> bool {
    word[8..].bytes().all(|digit| digit == b'0')
}

#[test]
fn every_test_that_the_threats_page_names_exists() {
    let page = fs::read_to_string(root().join("docs/THREATS.md")).expect("the page");
    let all: String = files(&root(), "rs")
        .iter()
        .map(|path| fs::read_to_string(path).expect("text"))
        .collect();
    let mut named = 0;
    for name in page.split('`').skip(1).step_by(2) {
        let is_test = name.contains('_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte));
        if is_test {
            named += 1;
            assert!(
                all.contains(&format!("fn {name}(")),
                "{name} is on the page and nowhere else"
            );
        }
    }
    assert!(named > 20, "the page names its tests in code style");
}
