//! `--help` of every command is a committed text, and `docs/cli.md` has every command, option and exit code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Command;
use sluis_cli::ExitStatus;

use crate::sluis;

/// Set it to write the committed text anew; then read what changed, and mend `docs/cli.md`.
const UPDATE: &str = "SLUIS_UPDATE_HELP";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every command by its words, groups and leaves: `[]`, `["enrol"]`, `["consent"]`, `["consent", "ask"]`, …
fn all() -> Vec<(Vec<String>, Command)> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), sluis_cli::command_line())];
    while let Some((words, command)) = open.pop() {
        for inner in command.get_subcommands().collect::<Vec<_>>().into_iter().rev() {
            let mut words: Vec<String> = words.clone();
            words.push(inner.get_name().to_owned());
            open.push((words, inner.clone()));
        }
        found.push((words, command));
    }
    found
}

#[test]
fn the_command_line_holds_together() {
    sluis_cli::command_line().debug_assert();
}

#[test]
fn help_is_the_committed_text() {
    let mut text = String::new();
    for (words, _) in all() {
        let outcome = sluis(words.iter().map(String::as_str).chain(["--help"]));
        assert_eq!(
            (outcome.exit, outcome.err.as_str()),
            (ExitStatus::Good, ""),
            "{words:?}"
        );
        let words: String = words.iter().flat_map(|word| [" ", word]).collect();
        let _ = writeln!(text, "$ sluis{words} --help\n{}", outcome.out);
    }
    let path = here("tests/help.txt");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("the committed text");
    assert!(
        committed == text,
        "help changed: run this test with {UPDATE}=1, read the difference, mend docs/cli.md"
    );
}

/// The sections of the page, by the command that heads each.
fn sections(page: &str) -> Vec<(&str, &str)> {
    page.split("\n### `sluis ")
        .skip(1)
        .filter_map(|section| section.split_once('`'))
        .collect()
}

#[test]
fn the_page_has_every_command_and_option() {
    let page = std::fs::read_to_string(here("../../docs/cli.md")).expect("the page");
    let sections = sections(&page);
    let mut leaves = Vec::new();
    for (words, command) in all() {
        if command.has_subcommands() {
            continue;
        }
        let name = words.join(" ");
        let section = sections
            .iter()
            .find(|(head, _)| *head == name || head.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("docs/cli.md has no section `sluis {name}`"));
        let both = format!("{} {}", section.0, section.1);
        let options = command
            .get_arguments()
            .filter(|argument| !argument.is_global_set());
        for option in options
            .filter_map(clap::Arg::get_long)
            .filter(|option| *option != "help")
        {
            assert!(
                both.contains(&format!("--{option}")),
                "docs/cli.md: `sluis {name}` has --{option}"
            );
        }
        leaves.push(name);
    }
    assert_eq!(
        sections.len(),
        leaves.len(),
        "docs/cli.md has a section for a command that is none"
    );
    for option in ["--profile", "--professional", "--role", "--json"] {
        assert!(page.contains(option), "{option}");
    }
}

#[test]
fn the_page_and_the_help_have_every_exit_code() {
    let page = std::fs::read_to_string(here("../../docs/cli.md")).expect("the page");
    let help = sluis(["--help"]).out;
    for exit in [
        ExitStatus::Good,
        ExitStatus::Usage,
        ExitStatus::Refused,
        ExitStatus::Unreachable,
        ExitStatus::Local,
        ExitStatus::Trust,
        ExitStatus::Broken,
    ] {
        let (number, name) = (exit as u8, format!("{exit:?}").to_uppercase());
        let line = help
            .lines()
            .find_map(|line| line.strip_prefix(&format!("  {number}  ")))
            .unwrap_or_else(|| panic!("--help has no exit code {number}"));
        assert!(
            page.contains(&format!("| {number} | `{name}` | {line}")),
            "docs/cli.md has no row for {number}: {line}"
        );
    }
}
