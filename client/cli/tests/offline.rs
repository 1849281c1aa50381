//! What a command does before it reaches a mesh.

use std::path::Path;

use sluis_cli::ExitStatus;

use crate::sluis;

fn in_profile<'a>(profile: &'a Path, arguments: &[&'a str]) -> Vec<std::ffi::OsString> {
    let mut all = vec!["--profile".into(), profile.into()];
    all.extend(arguments.iter().map(std::ffi::OsString::from));
    all
}

#[test]
fn a_command_line_that_does_not_go_together_is_refused_before_anything_happens() {
    let thread = "0b3e6c1e-3b7e-4d61-9c57-3a1f0f9a2b10";
    for arguments in [
        &["fly"][..],
        &["send", "--file", "a.json"],
        &[
            "send",
            "--to",
            "MET",
            "--resident",
            "J.",
            "--file",
            "a.json",
            "--kind",
            "note",
        ],
        &["send", "--thread", thread, "--file", "a.json"],
        &[
            "send",
            "--to",
            "MET",
            "--resident",
            "J.",
            "--file",
            "a.json",
            "--priority",
            "NEVER",
        ],
        &[
            "send",
            "--to",
            "MET",
            "--resident",
            "J.",
            "--file",
            "a.json",
            "--expire-days",
            "400",
        ],
        &["waitlist", thread],
        &["waitlist", thread, "--weeks", "0"],
        &["reject", thread, "--reason", "BECAUSE"],
        &["feedback", thread],
        &["feedback", thread, "--text", "a", "--file", "b"],
        &["accept", "not-a-thread"],
        &["open", "1"],
        &["pin", "123", "ab"],
        &[
            "consent",
            "ask",
            "--with",
            "MET",
            "--resident",
            "J.",
            "--days",
            "0",
        ],
        &[
            "consent",
            "ask",
            "--with",
            "MET",
            "--resident",
            "J.",
            "--domain",
            "LOVE",
        ],
        &["link", "CODE"],
    ] {
        assert_is_no_command_line(arguments);
    }
}

fn assert_is_no_command_line(arguments: &[&str]) {
    let outcome = sluis(arguments.iter().copied());
    assert_eq!(outcome.exit, ExitStatus::Usage, "{arguments:?}");
    assert!(
        outcome.out.is_empty() && outcome.err.starts_with("error: "),
        "{arguments:?}: {}",
        outcome.err
    );
}

#[test]
fn neither_is_one_about_offers_places_people_or_homes() {
    let id = "0b3e6c1e-3b7e-4d61-9c57-3a1f0f9a2b10";
    for arguments in [
        &["match", "--area", "Oss"][..],
        &["match", "--age", "300"],
        &["match", "--wish", "!"],
        &["offers", "capacity", id, "--status", "FULL", "--places", "1"],
        &[
            "offers", "capacity", id, "--status", "waitlist", "--weeks", "6-2", "--places", "1",
        ],
        &["offers", "import", "x", "--source", "De Brug"],
        &["offers", "publish", "--retire-up-to", "101"],
        &["offers", "ask"],
        &["offers", "ask", id, "--question", id],
        &["offers", "answer", id],
        &["offers", "answer", id, id],
        &["hold", "place", "the blue one"],
        &["introduce", "card", "--resident", "J."],
        &["introduce", "card", "--remove", id, "--resident", "J."],
        &["introduce", "answer", id, "maybe"],
        &["housing", "move", id, "FLY"],
        &["housing", "open", "--resident", "J.", "--landlord", "W"],
    ] {
        assert_is_no_command_line(arguments);
    }
}

#[test]
fn capacity_without_a_number_of_places_is_no_command_line_and_says_so() {
    let id = "0b3e6c1e-3b7e-4d61-9c57-3a1f0f9a2b10";
    let outcome = sluis(["offers", "capacity", id, "--status", "CAPACITY"]);
    assert_eq!(outcome.exit, ExitStatus::Usage);
    assert!(outcome.err.contains("--places <N>"), "{}", outcome.err);
}

#[test]
fn without_a_profile_every_command_says_how_to_get_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let thread = "0b3e6c1e-3b7e-4d61-9c57-3a1f0f9a2b10";
    for arguments in [
        &["whoami"][..],
        &["residents"],
        &["partners"],
        &["status"],
        &["inbox", "--watch"],
        &["accept", thread],
        &["consent", "status", "--with", "MET", "--resident", "J."],
        &["keys", "rotate"],
        &["renew", "--if-due"],
        &["match", "--wish", "koken"],
        &["offers", "sync"],
        &["offers", "publish"],
        &["hold", "show", thread, thread],
        &["introduce", "list"],
        &["housing", "count"],
    ] {
        let outcome = sluis(in_profile(directory.path(), arguments));
        assert_eq!(outcome.exit, ExitStatus::Local, "{arguments:?}");
        assert!(
            outcome.err.contains("sluis enrol INVITATION.json"),
            "{arguments:?}: {}",
            outcome.err
        );
    }
    assert_eq!(
        std::fs::read_dir(directory.path()).expect("listed").count(),
        0,
        "nothing was made"
    );
}

#[test]
fn doctor_reports_a_missing_profile_as_broken() {
    let directory = tempfile::tempdir().expect("a directory");
    let outcome = sluis(in_profile(
        directory.path(),
        &["doctor", "--json", "--professional", "w"],
    ));
    assert_eq!((outcome.exit, outcome.err.as_str()), (ExitStatus::Broken, ""));
    let document: serde_json::Value = serde_json::from_str(&outcome.out).expect("one document");
    assert_eq!(
        (&document["verdict"], &document["findings"][0]["what"]),
        (&"BROKEN".into(), &"profile".into())
    );
}

#[test]
fn failures_are_one_document_for_programs() {
    let directory = tempfile::tempdir().expect("a directory");
    let outcome = sluis(in_profile(directory.path(), &["--json", "enrol", "missing.json"]));
    assert_eq!((outcome.exit, outcome.err.as_str()), (ExitStatus::Local, ""));
    let document: serde_json::Value = serde_json::from_str(&outcome.out).expect("one document");
    assert_eq!(
        (&document["error"]["kind"], &document["error"]["exit_code"]),
        (&"LOCAL".into(), &5.into())
    );
}

#[test]
fn an_invitation_that_is_none_makes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let invitation = directory.path().join("invitation.json");
    let profile = directory.path().join("profile");
    for text in ["", "{}", r#"{"version":1}"#, &"a".repeat(100_000)] {
        std::fs::write(&invitation, text).expect("written");
        let outcome = sluis([
            "--profile".into(),
            profile.clone().into(),
            "enrol".into(),
            invitation.clone().into_os_string(),
        ]);
        assert_eq!(outcome.exit, ExitStatus::Local, "{}", outcome.err);
        assert!(
            outcome.err.contains("the invitation is not what it should be"),
            "{}",
            outcome.err
        );
    }
    assert!(!profile.exists());
}

#[test]
fn a_body_is_looked_at_before_the_mesh_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("request.json");
    std::fs::write(&file, r#"{"resourceType":"ServiceRequest"}"#).expect("written");
    let file = file.to_str().expect("text");
    let to = ["send", "--to", "MET", "--resident", "J.", "--file", file];
    let outcome = sluis(in_profile(directory.path(), &to));
    assert_eq!(outcome.exit, ExitStatus::Usage);
    assert!(outcome.err.contains("--domain and --data"), "{}", outcome.err);
    let about = [
        &to[..],
        &[
            "--domain",
            "finances",
            "--data",
            "plan",
            "--attach",
            "tool.exe",
            "--attach-kind",
            "plan",
        ],
    ];
    let outcome = sluis(in_profile(directory.path(), &about.concat()));
    assert_eq!(outcome.exit, ExitStatus::Local);
    assert!(outcome.err.contains("only pdf, jpg"), "{}", outcome.err);
}
