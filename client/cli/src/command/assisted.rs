//! `sluis assisted`: help a resident without a login to decide.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use sluis_client::proto::consent::v1 as wire;
use sluis_client::{Ask, Evidence, Notice, Provision};
use sluis_types::{CodeSet, DataKind, LifeDomain, Purpose, Timestamp};

use crate::codes;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::letter::{self, Letter};
use crate::names::Names;
use crate::screen::Report;

/// Help a resident who has no login
///
/// Never for your own organisation as the one that receives. What you record counts when a colleague confirms it, or
/// the code in the resident's letter does. It lasts three months.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Start(StartArguments),
    Record(RecordArguments),
    Confirm(ConfirmArguments),
}

/// Begin with a resident who has no login, and write their letter
#[derive(Args, Debug)]
pub(crate) struct StartArguments {
    /// What to call the resident here; nobody else sees it
    #[arg(long = "as", value_name = "LABEL")]
    label: String,
    /// Where to write the letter with the code: a new text file, in Dutch
    #[arg(long, value_name = "FILE")]
    letter: PathBuf,
}

/// Record consent that a resident gave on paper or before a witness
#[derive(Args, Debug)]
pub(crate) struct RecordArguments {
    /// Who receives: an OIN, a name, or a part of a name
    #[arg(long, value_name = "ORGANISATION")]
    with: String,
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// The signed paper, or the note of what was said; it stays here, only its hash is sent
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// What the resident was given to read or hear; it stays here, only its hash is sent
    #[arg(long, value_name = "FILE")]
    notice: PathBuf,
    /// Who was witness; needed when it was said and not signed
    #[arg(long, value_name = "WHO", ignore_case = true)]
    witness: Option<Witness>,
    /// For how many days [default: 92]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=183))]
    days: Option<u32>,
    /// What for; may be repeated [default: REFERRAL]
    #[arg(long = "purpose", value_name = "CODE", value_parser = codes::purposes(), ignore_case = true)]
    purposes: Vec<Purpose>,
    /// A life domain that it is about; may be repeated
    #[arg(long = "domain", value_name = "CODE", value_parser = codes::life_domains(), ignore_case = true, required = true)]
    domains: Vec<LifeDomain>,
    /// A kind of data that may be shared; may be repeated
    #[arg(long = "data", value_name = "CODE", value_parser = codes::data_kinds(), ignore_case = true, required = true)]
    data: Vec<DataKind>,
}

/// Confirm what a colleague recorded, or with the resident's letter also what you recorded
#[derive(Args, Debug)]
pub(crate) struct ConfirmArguments {
    /// The record's id, as `record` printed it
    record: String,
    /// The code in the resident's letter
    #[arg(long, value_name = "CODE")]
    letter_code: Option<String>,
}

/// Who was witness.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Witness {
    Colleague,
    Relative,
    ClientSupporter,
}

impl Witness {
    const fn to_wire(self) -> wire::WitnessRole {
        match self {
            Self::Colleague => wire::WitnessRole::Colleague,
            Self::Relative => wire::WitnessRole::Relative,
            Self::ClientSupporter => wire::WitnessRole::ClientSupporter,
        }
    }
}

#[derive(Serialize)]
struct Started {
    label: String,
    letter: String,
    #[serde(serialize_with = "dates::serialize")]
    code_expires_at: Timestamp,
}

#[derive(Serialize)]
struct Recorded {
    record_id: String,
    #[serde(serialize_with = "dates::serialize")]
    lapses_at: Timestamp,
}

#[derive(Serialize)]
struct Confirmed {
    record_id: String,
}

impl Report for Started {
    fn human(&self, dates: &Dates) -> String {
        format!(
            "Begun. Print {} for the resident; its code ends on {}.\n",
            self.letter,
            dates.day(self.code_expires_at)
        )
    }
}

impl Report for Recorded {
    fn human(&self, dates: &Dates) -> String {
        format!(
            "Recorded. A colleague confirms it with `sluis assisted confirm {}`, before {}.\n",
            self.record_id,
            dates.day(self.lapses_at)
        )
    }
}

impl Report for Confirmed {
    fn human(&self, _dates: &Dates) -> String {
        "Confirmed. The consent counts from now on.\n".to_owned()
    }
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Start(arguments) => run_start(arguments, context).await,
        Command::Record(arguments) => run_record(&arguments, context).await,
        Command::Confirm(arguments) => run_confirm(arguments, context).await,
    }
}

async fn run_start(arguments: StartArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    // What would go wrong afterwards is looked at first.
    partner.profile().check_free_label(&arguments.label)?;
    let file = letter::create(&arguments.letter)?;
    let names = Names::load(&partner).await?;
    let assisted = partner.start_assisted().await?;
    partner
        .profile()
        .name_resident(&arguments.label, assisted.handle)?;
    let letter = Letter {
        organisation: names.of(partner.profile().oin()),
        code: assisted.letter_code,
        ends: assisted.letter_expires_at,
    };
    let path = letter.write(file, context.screen.dates())?;
    context.screen.report(&Started {
        label: arguments.label,
        letter: path.display().to_string(),
        code_expires_at: assisted.letter_expires_at,
    })
}

async fn run_record(arguments: &RecordArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let document = read(&arguments.document)?;
    let notice = read(&arguments.notice)?;
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.resident)?;
    let names = Names::load(&partner).await?;
    let agreed = Ask {
        discloser: partner.profile().oin(),
        recipient: names.find(&arguments.with)?,
        provisions: provisions(arguments),
        valid_days: arguments.days.unwrap_or(0),
    };
    let evidence = Evidence {
        method: match arguments.witness {
            None => wire::EvidenceMethod::PaperSigned,
            Some(_) => wire::EvidenceMethod::OralWitnessed,
        },
        document_sha256: sluis_client::sha256(&document),
        witness: arguments.witness.map(Witness::to_wire),
    };
    let notice = Notice {
        id: "share-consent-paper".to_owned(),
        version: 1,
        language: "nl".to_owned(),
        sha256: sluis_client::sha256(&notice),
    };
    let recorded = partner
        .record_consent(&resident, &agreed, &notice, &evidence)
        .await?;
    context.screen.report(&Recorded {
        record_id: recorded.record_id,
        lapses_at: recorded.lapses_at,
    })
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, error))
}

fn provisions(arguments: &RecordArguments) -> Vec<Provision> {
    let purposes: CodeSet<Purpose> = if arguments.purposes.is_empty() {
        CodeSet::EMPTY.with(Purpose::Referral)
    } else {
        arguments.purposes.iter().copied().collect()
    };
    purposes
        .iter()
        .map(|purpose| Provision {
            purpose,
            life_domains: arguments.domains.iter().copied().collect(),
            data_kinds: arguments.data.iter().copied().collect(),
            objection: false,
        })
        .collect()
}

async fn run_confirm(arguments: ConfirmArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    partner
        .confirm_consent(&arguments.record, arguments.letter_code.as_deref())
        .await?;
    context.screen.report(&Confirmed {
        record_id: arguments.record,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_what_comes_next() {
        let dates = Dates(TimeZone::UTC);
        let at = Timestamp::from_seconds(1_795_446_600);
        let started = Started {
            label: "J.".to_owned(),
            letter: "brief.txt".to_owned(),
            code_expires_at: at,
        };
        assert_eq!(
            started.human(&dates),
            "Begun. Print brief.txt for the resident; its code ends on Mon 23 Nov 2026.\n"
        );
        let recorded = Recorded {
            record_id: "4f1c".to_owned(),
            lapses_at: at,
        };
        assert!(recorded.human(&dates).contains("sluis assisted confirm 4f1c"));
    }
}
