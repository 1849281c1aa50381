//! The interface keeps its own rules, and every method has its tests.

use std::collections::BTreeSet;
use std::fs;

use prost_reflect::{DescriptorPool, MethodDescriptor};

use super::{files, root};

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

/// The names of all test functions of the services.
fn test_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in files(&root().join("services"), "rs") {
        let text = fs::read_to_string(&path).expect("text");
        for part in text.split("fn ").skip(1) {
            let name: String = part
                .chars()
                .take_while(|character| character.is_ascii_alphanumeric() || *character == '_')
                .collect();
            names.insert(name);
        }
    }
    names
}

#[test]
fn every_method_has_its_tests() {
    let names = test_names();
    let mut missing = Vec::new();
    for method in methods() {
        let name = snake(method.name());
        let mut wanted = vec![
            format!("{name}_works"),
            format!("{name}_refuses_the_wrong_caller"),
        ];
        match effect(&method).as_str() {
            "write" if !method.is_client_streaming() => {
                wanted.push(format!("{name}_repeats_with_the_same_request_id"));
                wanted.push(format!("{name}_answers_an_unknown_id"));
            }
            "watch" => {
                wanted.push(format!("{name}_resumes"));
                wanted.push(format!("{name}_sends_heartbeats"));
                wanted.push(format!("{name}_refuses_a_lapsed_token"));
            }
            _ => {}
        }
        missing.extend(wanted.into_iter().filter(|wanted| !names.contains(wanted)));
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
