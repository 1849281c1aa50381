//! The interface keeps its own rules, and every method has its tests.

use std::collections::BTreeSet;
use std::fs;

use prost_reflect::{DescriptorPool, MethodDescriptor};

use super::{files, root, services};

fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(sluis_proto::FILE_DESCRIPTOR_SET).expect("our own descriptor set");
    pool.services()
        .filter(|service| service.full_name().starts_with("sluis."))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
}

/// The name of a method in Rust: `OpenGate` → `open_gate`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn effect(method: &MethodDescriptor) -> String {
    let extension = method
        .parent_pool()
        .get_extension_by_name("sluis.options.v1.rules")
        .expect("our extension");
    let options = method.options();
    let rules = options.get_extension(&extension);
    let rules = rules.as_message().expect("rules are a message");
    let number = rules
        .get_field_by_name("effect")
        .expect("a field")
        .as_enum_number();
    match number {
        Some(1) => "read",
        Some(2) => "write",
        Some(3) => "watch",
        other => panic!("{}: effect {other:?}", method.full_name()),
    }
    .to_owned()
}

/// Every word of the services' tests: names of functions, and names that a macro makes functions of.
fn words_of_tests() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for service in services() {
        for path in files(&service.join("tests"), "rs") {
            let text = fs::read_to_string(&path).expect("text");
            let names = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            words.extend(names.map(ToOwned::to_owned));
        }
    }
    words
}

/// What the tests of a method must say, by what the method does. A name may say more.
fn wanted(method: &MethodDescriptor) -> &'static [&'static str] {
    match effect(method).as_str() {
        "write" => &[
            "works",
            "repeats_with_the_same_request_id",
            "refuses_the_wrong_caller",
            "answers_an_unknown_id",
        ],
        "watch" => &[
            "begins",
            "resumes",
            "sends_a_heartbeat",
            "refuses_the_wrong_caller",
            "refuses_a_lapsed_token",
        ],
        _ => &["works", "refuses_the_wrong_caller"],
    }
}

#[test]
fn every_method_has_its_tests() {
    let words = words_of_tests();
    let mut missing = Vec::new();
    for method in methods() {
        let name = snake(method.name());
        for said in wanted(&method) {
            let is_said = |word: &String| {
                word.contains(&format!("{name}_{said}")) || (word.starts_with(&name) && word.contains(said))
            };
            if !words.iter().any(is_said) {
                missing.push(format!("{name}_{said}"));
            }
        }
    }
    assert!(missing.is_empty(), "tests are missing: {missing:#?}");
}

#[test]
fn every_write_carries_a_request_id() {
    for method in methods()
        .into_iter()
        .filter(|method| effect(method) == "write" && !method.is_client_streaming())
    {
        let request = method.input();
        assert!(
            request.get_field_by_name("request_id").is_some(),
            "{}",
            method.full_name()
        );
    }
}

#[test]
fn every_message_is_one_methods_own() {
    let mut seen = BTreeSet::new();
    for method in methods() {
        for (message, ending) in [(method.input(), "Request"), (method.output(), "Response")] {
            assert_eq!(message.name(), format!("{}{ending}", method.name()));
            assert!(
                seen.insert(message.full_name().to_owned()),
                "{} is used twice",
                message.full_name()
            );
        }
    }
}

#[test]
fn every_field_and_value_has_a_sentence() {
    for path in files(&root().join("proto/sluis"), "proto") {
        let text = fs::read_to_string(&path).expect("text");
        let mut before = "";
        for line in text.lines() {
            let declares = line
                .trim_start()
                .starts_with(|character: char| character.is_ascii_alphabetic())
                && line.starts_with(' ')
                && line.contains(" = ")
                && line.trim_end().ends_with(';')
                && !line.trim_start().starts_with("option");
            assert!(
                !declares || before.trim_start().starts_with("//"),
                "{}: {}",
                path.display(),
                line.trim()
            );
            before = line;
        }
    }
}
