//! Who may import whom: the table in `docs/ARCHITECTURE.md`, held against what cargo says, transitively.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::root;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The table between the two marks: crate → crates that it may import.
fn allowed() -> Graph {
    let page = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the page");
    let table = page
        .split("<!-- crates -->")
        .nth(1)
        .expect("a table between two marks");
    table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            let names = |cell: &str| -> BTreeSet<String> {
                cell.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(ToOwned::to_owned)
                    .collect()
            };
            let name = names(cells[1])
                .into_iter()
                .next()
                .expect("a crate in the first column");
            (name, names(cells[2]))
        })
        .collect()
}

/// What cargo says: crate → our crates that it imports, and for tests.
fn actual() -> (Graph, Graph) {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--locked",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let (mut normal, mut dev) = (Graph::new(), Graph::new());
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name").to_owned();
        let (mut for_all, mut for_tests) = (BTreeSet::new(), BTreeSet::new());
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if dependency["path"].is_null() {
                continue;
            }
            let imported = dependency["name"].as_str().expect("a name").to_owned();
            match dependency["kind"].as_str() {
                Some("dev") => for_tests.insert(imported),
                _ => for_all.insert(imported),
            };
        }
        normal.insert(name.clone(), for_all);
        dev.insert(name, for_tests);
    }
    (normal, dev)
}

fn reached(graph: &Graph, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in graph.get(&name).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

#[test]
fn every_crate_imports_only_what_the_table_allows() {
    let allowed = allowed();
    let (normal, dev) = actual();
    assert_eq!(
        allowed.keys().collect::<Vec<_>>(),
        normal.keys().collect::<Vec<_>>(),
        "the table in docs/ARCHITECTURE.md lists every crate, once"
    );
    for (name, may) in &allowed {
        let does = reached(&normal, name);
        let too_much: Vec<_> = does.difference(may).collect();
        assert!(too_much.is_empty(), "{name} may not import {too_much:?}");
        let tests: Vec<_> = dev[name]
            .iter()
            .filter(|imported| *imported != "sluis-store-testing" && !may.contains(*imported))
            .collect();
        assert!(tests.is_empty(), "the tests of {name} may not import {tests:?}");
    }
}

#[test]
fn the_graph_has_no_circle() {
    let (normal, _) = actual();
    for name in normal.keys() {
        assert!(
            !reached(&normal, name).contains(name),
            "{name} imports itself by a circle"
        );
    }
}
