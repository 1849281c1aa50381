//! What went wrong, what to do about it, and the exit code that says so.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use sluis_client::{Error, Refused};

use crate::codes::words;
use crate::screen::plain;

/// How a command ended. The numbers are documented in `docs/cli.md` and in `sluis --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Good = 0,
    /// The command line is not acceptable.
    Usage = 2,
    /// The mesh refused, or the resident does not allow it.
    Refused = 3,
    /// The mesh cannot be reached.
    Unreachable = 4,
    /// The profile or a file is missing or not what it should be.
    Local = 5,
    /// A pin, a key or a signature does not hold.
    Trust = 6,
    /// Doctor found something broken.
    Broken = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        (exit as u8).into()
    }
}

impl Exit {
    /// The name in JSON.
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "GOOD",
            Self::Usage => "USAGE",
            Self::Refused => "REFUSED",
            Self::Unreachable => "UNREACHABLE",
            Self::Local => "LOCAL",
            Self::Trust => "TRUST",
            Self::Broken => "BROKEN",
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The SDK said so.
    #[error(transparent)]
    Sdk(#[from] Error),
    /// The command line asks for something that does not go together.
    #[error("{what}")]
    Usage {
        /// What does not.
        what: String,
    },
    /// A file of the user's is not what it should be.
    #[error("{what}")]
    Local {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// Standard output is gone.
    #[error("cannot write the output")]
    Output(#[source] std::io::Error),
    /// The report was printed already, and says what is broken.
    #[error("something is broken")]
    Broken,
}

impl Failure {
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::Usage { what: what.into() }
    }

    pub(crate) fn local(what: impl Into<String>, hint: &'static str) -> Self {
        Self::Local {
            what: what.into(),
            hint,
        }
    }

    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::Sdk(Error::File {
            path: path.to_owned(),
            source,
        })
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Sdk(error) => exit_of(error),
            Self::Usage { .. } => Exit::Usage,
            Self::Local { .. } | Self::Output(_) => Exit::Local,
            Self::Broken => Exit::Broken,
        }
    }

    /// What to do about it; empty where there is nothing to add.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Sdk(Error::Unknown { what: "resident" }) => {
                "`sluis residents` lists the labels that you gave."
            }
            Self::Sdk(Error::Unknown { what: "thread" }) => {
                "Nothing of this thread was sent or opened with this profile."
            }
            Self::Sdk(error) => error.hint(),
            Self::Local { hint, .. } => hint,
            Self::Usage { .. } | Self::Output(_) | Self::Broken => "",
        }
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Sdk(error) => error.root_cause(),
            Self::Output(error) => Some(error.to_string()),
            Self::Usage { .. } | Self::Local { .. } | Self::Broken => None,
        }
    }

    /// What happened, with its innermost cause.
    pub(crate) fn sentence(&self) -> String {
        let what = self.to_string();
        plain(
            &self
                .cause()
                .map_or(what.clone(), |cause| format!("{what}: {cause}")),
        )
    }

    /// What happened, then what to do.
    pub(crate) fn human(&self) -> String {
        let mut text = format!("sluis: {}\n", self.sentence());
        if let Self::Sdk(Error::Refused(refused)) = self {
            text.push_str(&facts(refused));
        }
        if let Self::Sdk(Error::Uncertain { thread_id, .. }) = self {
            let _ = writeln!(text, "  Its thread is {thread_id}.");
        }
        if !self.hint().is_empty() {
            let _ = writeln!(text, "  {}", self.hint());
        }
        text
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({
            "kind": self.exit().name(),
            "exit_code": self.exit() as u8,
            "message": self.to_string(),
            "cause": self.cause(),
            "hint": self.hint(),
        });
        match self {
            Self::Sdk(Error::Refused(refused)) => {
                error["reason"] = refused.reason_name().into();
                error["fields"] = pairs(&refused.fields);
                error["facts"] = pairs(&refused.metadata);
            }
            Self::Sdk(Error::Uncertain {
                message_id,
                thread_id,
                ..
            }) => {
                error["message_id"] = message_id.to_string().into();
                error["thread_id"] = thread_id.to_string().into();
            }
            Self::Sdk(Error::NotPinned { organisation, shown }) => {
                error["oin"] = organisation.to_string().into();
                error["shown"] = shown.to_string().into();
            }
            _ => {}
        }
        json!({ "error": error })
    }
}

fn pairs(pairs: &[(String, String)]) -> Value {
    Value::Object(
        pairs
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect(),
    )
}

fn facts(refused: &Refused) -> String {
    let mut text = String::new();
    for (field, what) in &refused.fields {
        let _ = writeln!(text, "  {}: {}", plain(field), plain(what));
    }
    let fact = |name: &str| {
        refused
            .metadata
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| plain(value))
    };
    if let Some(state) = fact("state") {
        let _ = writeln!(text, "  It is {} now.", words(&state));
    }
    match fact("allowed") {
        Some(allowed) if allowed.is_empty() => text.push_str("  Nothing can be done with it any more.\n"),
        Some(allowed) => {
            let _ = writeln!(
                text,
                "  What can be done: {}.",
                words(&allowed).replace(',', ", ")
            );
        }
        None => {}
    }
    text
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::Refused(_) | Error::OutsideGrant { .. } | Error::NothingToOpen { .. } | Error::CallInstead => {
            Exit::Refused
        }
        Error::Unreachable(_) | Error::Uncertain { .. } => Exit::Unreachable,
        Error::File { .. } | Error::Malformed { .. } | Error::Invalid { .. } | Error::Unknown { .. } => {
            Exit::Local
        }
        // What is to be sealed is the sender's own doing.
        Error::Envelope(sluis_envelope::EnvelopeError::Draft { .. }) => Exit::Local,
        Error::WrongMesh(_)
        | Error::BadAnswer { .. }
        | Error::NotPinned { .. }
        | Error::KeysChanged { .. }
        | Error::Envelope(_)
        | Error::Statement(_)
        | Error::Format(_) => Exit::Trust,
    }
}

#[cfg(test)]
mod tests {
    use sluis_proto::options::v1::ErrorReason;

    use super::*;

    fn refused(reason: ErrorReason, metadata: &[(&str, &str)]) -> Failure {
        let metadata = metadata
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        // The code does not matter here: programs branch on the reason.
        Failure::Sdk(Error::Refused(Refused {
            code: 9.into(),
            reason,
            message: "not in this state".to_owned(),
            fields: Vec::new(),
            metadata,
        }))
    }

    #[test]
    fn a_refusal_says_what_happened_and_what_to_do() {
        let failure = refused(
            ErrorReason::IllegalTransition,
            &[("allowed", "ACCEPT,REJECT"), ("state", "IN_REVIEW")],
        );
        assert_eq!(
            failure.human(),
            "sluis: the mesh refused: not in this state\n  It is in review now.\n  What can be done: accept, reject.\n"
        );
        assert_eq!(failure.exit(), Exit::Refused);
        let json = failure.json();
        assert_eq!(
            (&json["error"]["reason"], &json["error"]["exit_code"]),
            (&"ILLEGAL_TRANSITION".into(), &3.into())
        );
        assert_eq!(json["error"]["facts"]["state"], "IN_REVIEW");
    }

    #[test]
    fn a_broken_file_names_its_cause() {
        let failure = Failure::file(
            Path::new("plan.pdf"),
            std::io::Error::from(std::io::ErrorKind::NotFound),
        );
        assert_eq!(failure.human(), "sluis: cannot use plan.pdf: entity not found\n");
        assert_eq!(failure.exit(), Exit::Local);
    }

    #[test]
    fn what_is_a_matter_of_trust_has_its_own_exit_code() {
        let oin = "00000099000000002000".parse().expect("an OIN");
        let shown = sluis_types::KeyId::from_bytes([0xab; 32]);
        let failure = Failure::Sdk(Error::NotPinned {
            organisation: oin,
            shown,
        });
        assert_eq!(failure.exit(), Exit::Trust);
        assert_eq!(failure.json()["error"]["shown"], shown.to_string());
        let cheated = Failure::Sdk(Error::Envelope(sluis_envelope::EnvelopeError::Commitment));
        assert_eq!(cheated.exit(), Exit::Trust);
        assert!(cheated.human().contains("Do not rely on"));
    }

    #[test]
    fn words_of_others_do_not_reach_the_terminal_raw() {
        let failure = Failure::local("the file \u{1b}[2J", "");
        assert!(!failure.human().contains('\u{1b}'));
    }
}
