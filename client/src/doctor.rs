//! What is wrong with an installation, and what to do about it.

use std::time::Duration;

use sluis_types::{Oin, Timestamp};

use crate::own_keys::end_of;
use crate::partner::Partner;
use crate::{Environment, Error, Profile, private_file};

/// Certificates and keys that end sooner than this are worth a word.
const SOON: Duration = Duration::from_hours(14 * 24);
/// Clocks that differ by more than this break signed requests: the gate takes 60 seconds.
const SKEW_MAX: Duration = Duration::from_secs(30);
/// How long the mesh's time is waited for: a heartbeat comes after 2 seconds of silence.
const HEARTBEAT_WAIT: Duration = Duration::from_secs(10);

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Works now, and will not for long.
    Warning,
    /// Does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do; empty when nothing is to be done.
    pub advice: String,
}

impl Finding {
    fn new(what: &str, verdict: Verdict, seen: impl Into<String>, advice: &str) -> Self {
        Self {
            what: what.to_owned(),
            verdict,
            seen: seen.into(),
            advice: advice.to_owned(),
        }
    }
}

/// Looks at certificate, keys, clock, reachability and pins. Changes nothing.
pub async fn examine(partner: &Partner, environment: &Environment) -> Vec<Finding> {
    let now = environment.now();
    let profile = partner.profile();
    let mut findings = vec![files(profile), certificate(profile, now), own_keys(profile, now)];
    let own = partner.profile().oin();
    match partner.organisations().await {
        Ok(organisations) => {
            findings.push(Finding::new(
                "mesh",
                Verdict::Good,
                format!(
                    "{} reached over TLS, certificate and token accepted",
                    partner.profile().gateway()
                ),
                "",
            ));
            findings.push(own_statement(partner).await);
            for organisation in organisations {
                if let Ok(oin) = organisation.oin.parse::<Oin>()
                    && oin != own
                {
                    findings.push(pin(partner, oin, &organisation.display_name).await);
                }
            }
        }
        Err(error) => findings.push(unreachable(partner.profile(), &error)),
    }
    findings.push(clock(partner, environment).await);
    findings
}

fn certificate(profile: &Profile, now: Timestamp) -> Finding {
    let what = "certificate";
    let advice = "Renew it with `sluis renew` before it ends.";
    let Ok(ends) = end_of(&profile.keys.certificate_chain) else {
        return Finding::new(
            what,
            Verdict::Broken,
            "cannot be read",
            "Enrol again with a new invitation.",
        );
    };
    if ends <= now {
        Finding::new(
            what,
            Verdict::Broken,
            "expired",
            "Ask the operator for a new invitation.",
        )
    } else if ends.since(now) < SOON {
        Finding::new(what, Verdict::Warning, days_left(ends, now), advice)
    } else {
        Finding::new(what, Verdict::Good, days_left(ends, now), "")
    }
}

fn days_left(ends: Timestamp, now: Timestamp) -> String {
    format!("valid for {} more days", ends.since(now).as_secs() / 86_400)
}

fn own_keys(profile: &Profile, now: Timestamp) -> Finding {
    let due = profile.keys.due(now);
    let names = [
        (due.sealing, "sealing"),
        (due.signing, "signing"),
        (due.jwt, "JWT"),
    ];
    let names: Vec<_> = names
        .iter()
        .filter(|(is_due, _)| *is_due)
        .map(|(_, name)| *name)
        .collect();
    if names.is_empty() {
        return Finding::new("keys", Verdict::Good, "young enough", "");
    }
    Finding::new(
        "keys",
        Verdict::Warning,
        format!("due to be replaced: {}", names.join(", ")),
        "Make new ones with `sluis keys rotate`; old ones stay, to open old messages with.",
    )
}

fn files(profile: &Profile) -> Finding {
    let what = "files";
    match private_file::open_to_others(profile.directory()) {
        Ok(open) => match open.first() {
            None => Finding::new(what, Verdict::Good, "only their owner can read them", ""),
            Some(first) => Finding::new(
                what,
                Verdict::Broken,
                format!(
                    "others can read or change {}, {} in all",
                    first.display(),
                    open.len()
                ),
                "Close it with `chmod -R go= DIRECTORY`, and ask yourself who has read the keys.",
            ),
        },
        Err(error) => Finding::new(what, Verdict::Broken, said(&error), ""),
    }
}

/// An error and its innermost cause.
fn said(error: &Error) -> String {
    match error.root_cause() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn unreachable(profile: &Profile, error: &Error) -> Finding {
    let seen = match error {
        Error::Refused(refused) => format!("refused: {}", refused.message),
        other => format!("{}: {}", profile.gateway(), said(other)),
    };
    let advice = match error {
        Error::Refused(_) | Error::WrongMesh(_) => error.hint(),
        _ => "Is the address right, the network up, the mesh running?",
    };
    Finding::new("mesh", Verdict::Broken, seen, advice)
}

async fn own_statement(partner: &Partner) -> Finding {
    let what = "identity";
    match partner.shown_fingerprint(partner.profile().oin()).await {
        Ok(shown) if shown == partner.profile().fingerprint() => Finding::new(
            what,
            Verdict::Good,
            "the registry shows this profile's identity key",
            "",
        ),
        Ok(_) => Finding::new(
            what,
            Verdict::Broken,
            "the registry shows another identity key for this organisation",
            "Tell your partners to send nothing, and call the operator.",
        ),
        Err(error) => Finding::new(what, Verdict::Broken, said(&error), error.hint()),
    }
}

async fn pin(partner: &Partner, organisation: Oin, name: &str) -> Finding {
    let what = format!("pin of {name} ({organisation})");
    match partner.statement_of(organisation).await {
        Ok(_) => Finding::new(
            &what,
            Verdict::Good,
            "its keys follow from the pinned fingerprint",
            "",
        ),
        Err(error @ Error::NotPinned { .. }) => {
            Finding::new(&what, Verdict::Warning, error.to_string(), error.hint())
        }
        Err(error) => Finding::new(&what, Verdict::Broken, said(&error), error.hint()),
    }
}

async fn clock(partner: &Partner, environment: &Environment) -> Finding {
    let what = "clock";
    let asked = tokio::time::timeout(HEARTBEAT_WAIT, partner.mesh_time()).await;
    match asked {
        Ok(Ok(mesh)) => {
            let distance = mesh.distance(environment.now());
            let seen = format!("{} ms from the mesh", distance.as_millis());
            if distance > SKEW_MAX {
                Finding::new(what, Verdict::Broken, seen, "Set this machine's clock (NTP).")
            } else {
                Finding::new(what, Verdict::Good, seen, "")
            }
        }
        Ok(Err(_)) | Err(_) => Finding::new(
            what,
            Verdict::Warning,
            "could not be compared",
            "Reach the mesh first.",
        ),
    }
}
