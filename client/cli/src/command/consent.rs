//! `sluis consent`: ask the resident, and see what is allowed.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde::Serialize;
use sluis_client::{Allowed, Ask, Error, Partner, Provision};
use sluis_types::{CodeSet, DataKind, Handle, LifeDomain, Oin, Purpose, Timestamp};

use crate::codes::{self, ScopeArguments};
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, plain};

/// What is asked for where the command line does not say: enough for a referral, nothing medical.
const DEFAULT_DATA: [DataKind; 3] = [DataKind::Contact, DataKind::Situation, DataKind::Plan];

/// A resident's consent
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ask(AskArguments),
    Status(StatusArguments),
}

/// Ask a resident for consent to share with another organisation, and for its feedback
///
/// Both directions are asked together and the resident ticks them apart: sharing with them for REFERRAL, and sharing
/// back for FEEDBACK. Without --domain all five life domains are asked for; without --data CONTACT, SITUATION and PLAN.
/// Ask for no more than you need.
#[derive(Args, Debug)]
pub(crate) struct AskArguments {
    #[command(flatten)]
    between: Between,
    /// For how many days [default: half a year]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=366))]
    days: Option<u32>,
    /// Ask only to share with them, not for their feedback
    #[arg(long)]
    one_way: bool,
    #[command(flatten)]
    about: ScopeArguments,
}

/// Show what a resident allows now, in both directions
#[derive(Args, Debug)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    between: Between,
}

#[derive(Args, Debug)]
struct Between {
    /// The other organisation: its OIN, its name, or a part of its name
    #[arg(long, value_name = "ORGANISATION")]
    with: String,
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
}

#[derive(Serialize)]
struct Asked {
    asked: Vec<Question>,
    #[serde(serialize_with = "dates::serialize")]
    lapses_at: Timestamp,
}

#[derive(Serialize)]
struct Question {
    discloser: String,
    recipient: String,
    provisions: Vec<Shared>,
    #[serde(skip)]
    sentence: String,
}

#[derive(Serialize)]
struct Status {
    with: String,
    resident: String,
    /// What this organisation may share with the other.
    outward: Option<Direction>,
    /// What the other may share with this organisation.
    back: Option<Direction>,
    #[serde(skip)]
    name: String,
}

#[derive(Serialize)]
struct Direction {
    provisions: Vec<Shared>,
    #[serde(serialize_with = "dates::serialize")]
    valid_until: Timestamp,
    version: u32,
}

#[derive(Serialize)]
struct Shared {
    purpose: &'static str,
    life_domains: Vec<&'static str>,
    data_kinds: Vec<&'static str>,
    objection: bool,
}

impl From<&Provision> for Shared {
    fn from(provision: &Provision) -> Self {
        Self {
            purpose: provision.purpose.name(),
            life_domains: provision.life_domains.iter().map(LifeDomain::name).collect(),
            data_kinds: provision.data_kinds.iter().map(DataKind::name).collect(),
            objection: provision.objection,
        }
    }
}

impl Shared {
    fn line(&self) -> String {
        format!(
            "    {}for {}: {}; {}\n",
            if self.objection { "not " } else { "" },
            codes::words(self.purpose),
            codes::list(self.data_kinds.iter().copied()),
            codes::list(self.life_domains.iter().copied()),
        )
    }
}

impl Report for Asked {
    fn human(&self, dates: &Dates) -> String {
        let mut text = "Asked the resident, each apart:\n".to_owned();
        for question in &self.asked {
            let _ = writeln!(text, "  {}", question.sentence);
            question
                .provisions
                .iter()
                .for_each(|shared| text.push_str(&shared.line()));
        }
        let _ = writeln!(text, "The question lapses on {}.", dates.day(self.lapses_at));
        text
    }
}

impl Report for Status {
    fn human(&self, dates: &Dates) -> String {
        let directions = [
            (format!("Sharing with {}", self.name), &self.outward),
            (format!("Sharing back by {}", self.name), &self.back),
        ];
        let mut text = format!("{}:\n", plain(&self.resident));
        for (what, direction) in directions {
            match direction {
                None => {
                    let _ = writeln!(text, "  {what}: no live consent");
                }
                Some(direction) => {
                    let _ = writeln!(text, "  {what}: until {}", dates.day(direction.valid_until));
                    direction
                        .provisions
                        .iter()
                        .for_each(|shared| text.push_str(&shared.line()));
                }
            }
        }
        text
    }
}

/// The questions that a command line asks.
fn questions(arguments: &AskArguments, us: Oin, them: Oin) -> Vec<Ask> {
    let about = &arguments.about;
    let purposes = if about.purposes.is_empty() {
        vec![Purpose::Referral]
    } else {
        about.purposes.clone()
    };
    let life_domains: CodeSet<LifeDomain> = if about.domains.is_empty() {
        CodeSet::all()
    } else {
        about.domains.iter().copied().collect()
    };
    let data_kinds: CodeSet<DataKind> = if about.data.is_empty() {
        DEFAULT_DATA.into_iter().collect()
    } else {
        about.data.iter().copied().collect()
    };
    let ask = |discloser, recipient, purposes: Vec<Purpose>| Ask {
        discloser,
        recipient,
        provisions: purposes
            .into_iter()
            .map(|purpose| Provision {
                purpose,
                life_domains,
                data_kinds,
                objection: false,
            })
            .collect(),
        valid_days: arguments.days.unwrap_or(0),
    };
    let mut asks = vec![ask(us, them, purposes)];
    if !arguments.one_way {
        asks.push(ask(them, us, vec![Purpose::Feedback]));
    }
    asks
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Ask(arguments) => run_ask(&arguments, context).await,
        Command::Status(arguments) => run_status(&arguments, context).await,
    }
}

async fn run_ask(arguments: &AskArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.between.resident)?;
    let names = Names::load(&partner).await?;
    let (us, them) = (partner.profile().oin(), names.find(&arguments.between.with)?);
    let asks = questions(arguments, us, them);
    let lapses_at = partner.ask_consent(&resident, &asks).await?;
    let asked = asks.iter().map(|ask| Question::of(ask, &names)).collect();
    context.screen.report(&Asked { asked, lapses_at })
}

impl Question {
    fn of(ask: &Ask, names: &Names) -> Self {
        Self {
            discloser: ask.discloser.to_string(),
            recipient: ask.recipient.to_string(),
            provisions: ask.provisions.iter().map(Shared::from).collect(),
            sentence: format!(
                "{} shares with {}",
                names.of(ask.discloser),
                names.of(ask.recipient)
            ),
        }
    }
}

async fn run_status(arguments: &StatusArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.between.resident)?;
    let names = Names::load(&partner).await?;
    let (us, them) = (partner.profile().oin(), names.find(&arguments.between.with)?);
    let status = Status {
        with: them.to_string(),
        resident: arguments.between.resident.clone(),
        outward: allowed(&partner, &resident, us, them).await?,
        back: allowed(&partner, &resident, them, us).await?,
        name: names.of(them),
    };
    context.screen.report(&status)
}

/// What is allowed in one direction; none where no consent is live.
async fn allowed(
    partner: &Partner,
    resident: &Handle,
    from: Oin,
    to: Oin,
) -> Result<Option<Direction>, Error> {
    match partner.consent_status(resident, from, to).await {
        Ok(Allowed {
            provisions,
            valid_until,
            version,
        }) => Ok(Some(Direction {
            provisions: provisions.iter().map(Shared::from).collect(),
            valid_until,
            version,
        })),
        Err(error) if error.is_not_available() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn arguments(one_way: bool, about: ScopeArguments) -> AskArguments {
        AskArguments {
            between: Between {
                with: "MET".to_owned(),
                resident: "J.".to_owned(),
            },
            days: None,
            one_way,
            about,
        }
    }

    fn pair() -> (Oin, Oin) {
        let oin = |text: &str| text.parse().expect("an OIN");
        (oin("00000099000000001000"), oin("00000099000000002000"))
    }

    #[test]
    fn both_directions_are_asked_together_and_apart() {
        let (us, them) = pair();
        let asks = questions(&arguments(false, ScopeArguments::default()), us, them);
        let seen: Vec<_> = asks
            .iter()
            .map(|ask| {
                (
                    ask.discloser,
                    ask.recipient,
                    ask.provisions[0].purpose,
                    ask.valid_days,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [(us, them, Purpose::Referral, 0), (them, us, Purpose::Feedback, 0)]
        );
        assert!(
            asks.iter()
                .all(|ask| !ask.provisions[0].data_kinds.contains(DataKind::Medical))
        );
        assert_eq!(
            questions(&arguments(true, ScopeArguments::default()), us, them).len(),
            1
        );
    }

    #[test]
    fn what_is_said_is_asked_and_no_more() {
        let (us, them) = pair();
        let about = ScopeArguments {
            purposes: vec![Purpose::Referral, Purpose::HomeVisit],
            domains: vec![LifeDomain::Finances],
            data: vec![DataKind::Financial],
        };
        let asks = questions(&arguments(false, about), us, them);
        assert_eq!(asks[0].provisions.len(), 2);
        for provision in asks.iter().flat_map(|ask| &ask.provisions) {
            assert_eq!(provision.life_domains, CodeSet::EMPTY.with(LifeDomain::Finances));
            assert_eq!(provision.data_kinds, CodeSet::EMPTY.with(DataKind::Financial));
            assert!(!provision.objection);
        }
    }

    #[test]
    fn it_says_what_was_asked_and_what_is_allowed() {
        let (us, them) = pair();
        let names = Names::of_pairs([(us, "Welzijn".to_owned()), (them, "MET ggz".to_owned())]);
        let about = ScopeArguments {
            domains: vec![LifeDomain::Finances],
            data: vec![DataKind::Plan],
            ..ScopeArguments::default()
        };
        let asks = questions(&arguments(true, about), us, them);
        let until = Timestamp::from_seconds(1_795_446_600);
        let asked = Asked {
            asked: asks.iter().map(|ask| Question::of(ask, &names)).collect(),
            lapses_at: until,
        };
        assert_eq!(
            asked.human(&Dates(TimeZone::UTC)),
            "Asked the resident, each apart:\n  Welzijn shares with MET ggz\n    for referral: plan; finances\n\
             The question lapses on Mon 23 Nov 2026.\n"
        );
        let status = Status {
            with: them.to_string(),
            resident: "J.".to_owned(),
            outward: Some(Direction {
                provisions: vec![Shared::from(&asks[0].provisions[0])],
                valid_until: until,
                version: 2,
            }),
            back: None,
            name: names.of(them),
        };
        assert_eq!(
            status.human(&Dates(TimeZone::UTC)),
            "J.:\n  Sharing with MET ggz: until Mon 23 Nov 2026\n    for referral: plan; finances\n  \
             Sharing back by MET ggz: no live consent\n"
        );
        let json = serde_json::to_value(&status).expect("JSON");
        assert_eq!(
            json["outward"]["provisions"][0]["life_domains"],
            serde_json::json!(["FINANCES"])
        );
        assert_eq!(
            (&json["back"], json.get("name")),
            (&serde_json::Value::Null, None)
        );
    }
}
