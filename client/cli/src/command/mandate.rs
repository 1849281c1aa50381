//! `sluis mandate`: record who speaks for a resident because a court said so, or as a relative.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;
use sluis_client::proto::consent::v1 as wire;
use sluis_types::{DataKind, LifeDomain, Timestamp};

use crate::codes;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::Report;

/// Record who speaks for a resident: by a court's word, or as a relative
///
/// It counts when a colleague confirms it and the representative enters the code after logging in.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Record(RecordArguments),
    Relative(RelativeArguments),
    Confirm(ConfirmArguments),
}

/// Record a representative, and get the code for them
#[derive(Args, Debug)]
pub(crate) struct RecordArguments {
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// As what they speak: GUARDIAN (curator), MENTOR, or ADMINISTRATOR (bewindvoerder)
    #[arg(long, value_name = "KIND", ignore_case = true)]
    kind: Kind,
    /// How you made sure
    #[arg(long, value_name = "HOW", ignore_case = true)]
    verified: Verified,
    /// What you saw: the decision, or the extract of the register; it stays here, only its hash is sent
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// For how many days; then it is looked at again
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=731))]
    days: u32,
}

/// Record a relative of a resident who cannot decide themself, and get the code for them
///
/// Only where there is no guardian, mentor or proxy, and no nearer relative: partner, then parent, child, brother or sister.
/// For care and support, never for money.
#[derive(Args, Debug)]
pub(crate) struct RelativeArguments {
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// Who the relative is
    #[arg(long, value_name = "RELATION", ignore_case = true)]
    relation: Relation,
    /// Who declared that the resident cannot decide about this themself
    #[arg(long, value_name = "ROLE", ignore_case = true)]
    assessed_by: Assessor,
    /// On which day, YYYY-MM-DD: at most 30 days ago
    #[arg(long, value_name = "DATE")]
    assessed_on: Date,
    /// A life domain that it is about; may be repeated
    #[arg(long = "domain", value_name = "CODE", value_parser = codes::life_domains(), ignore_case = true, required = true)]
    domains: Vec<LifeDomain>,
    /// A kind of data that it is about; may be repeated
    #[arg(long = "data", value_name = "CODE", value_parser = codes::data_kinds(), ignore_case = true, required = true)]
    data: Vec<DataKind>,
    /// The declaration; it stays here, only its hash is sent
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// For how many days; then the resident is assessed again
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=92))]
    days: u32,
    /// You made sure that nobody goes before
    #[arg(long, required = true)]
    nobody_before: bool,
}

/// Confirm what a colleague recorded
#[derive(Args, Debug)]
pub(crate) struct ConfirmArguments {
    /// The mandate's id, as `record` printed it
    mandate: String,
}

/// As what they speak.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    Guardian,
    Mentor,
    Administrator,
}

/// How it was made sure.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Verified {
    Register,
    CourtDecision,
}

/// Who a relative is.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Relation {
    Partner,
    Parent,
    Child,
    Sibling,
}

/// Who declared it.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Assessor {
    Physician,
    Psychologist,
    NurseSpecialist,
    ResponsibleProfessional,
}

impl RelativeArguments {
    fn declaration(&self) -> wire::MandateDeclaration {
        let relation = match self.relation {
            Relation::Partner => wire::MandateRelation::Partner,
            Relation::Parent => wire::MandateRelation::Parent,
            Relation::Child => wire::MandateRelation::Child,
            Relation::Sibling => wire::MandateRelation::Sibling,
        };
        let assessed_by = match self.assessed_by {
            Assessor::Physician => wire::MandateAssessor::Physician,
            Assessor::Psychologist => wire::MandateAssessor::Psychologist,
            Assessor::NurseSpecialist => wire::MandateAssessor::NurseSpecialist,
            Assessor::ResponsibleProfessional => wire::MandateAssessor::ResponsibleProfessional,
        };
        wire::MandateDeclaration {
            relation: relation.into(),
            assessed_by: assessed_by.into(),
            assessed_at: Some(sluis_client::to_proto_timestamp(dates::start_of(
                self.assessed_on,
            ))),
            life_domains: self.domains.iter().map(|it| i32::from(it.number())).collect(),
            data_kinds: self.data.iter().map(|it| i32::from(it.number())).collect(),
            nobody_before: self.nobody_before,
        }
    }
}

#[derive(Serialize)]
struct Recorded {
    mandate_id: String,
    code: String,
    #[serde(serialize_with = "dates::serialize")]
    code_expires_at: Timestamp,
}

#[derive(Serialize)]
struct Confirmed {
    mandate_id: String,
}

impl Report for Recorded {
    fn human(&self, dates: &Dates) -> String {
        format!(
            "Recorded. A colleague confirms it with `sluis mandate confirm {}`.\n\
             Code for the representative: {}, until {}.\n",
            self.mandate_id,
            self.code,
            dates.day(self.code_expires_at)
        )
    }
}

impl Report for Confirmed {
    fn human(&self, _dates: &Dates) -> String {
        "Confirmed. The representative can now enter the code.\n".to_owned()
    }
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Record(arguments) => run_record(&arguments, context).await,
        Command::Relative(arguments) => run_relative(&arguments, context).await,
        Command::Confirm(arguments) => run_confirm(arguments, context).await,
    }
}

async fn run_record(arguments: &RecordArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let path = &arguments.document;
    let document = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.resident)?;
    let kind = match arguments.kind {
        Kind::Guardian => wire::MandateKind::Guardian,
        Kind::Mentor => wire::MandateKind::Mentor,
        Kind::Administrator => wire::MandateKind::Administrator,
    };
    let verification = match arguments.verified {
        Verified::Register => wire::MandateVerification::Register,
        Verified::CourtDecision => wire::MandateVerification::CourtDecision,
    };
    let document = sluis_client::sha256(&document);
    let recorded = partner
        .record_mandate(&resident, kind, verification, document, arguments.days)
        .await?;
    context.screen.report(&Recorded {
        mandate_id: recorded.mandate_id,
        code: recorded.code,
        code_expires_at: recorded.code_expires_at,
    })
}

async fn run_relative(arguments: &RelativeArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let path = &arguments.document;
    let document = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.resident)?;
    let document = sluis_client::sha256(&document);
    let recorded = partner
        .record_relative(&resident, arguments.declaration(), document, arguments.days)
        .await?;
    context.screen.report(&Recorded {
        mandate_id: recorded.mandate_id,
        code: recorded.code,
        code_expires_at: recorded.code_expires_at,
    })
}

async fn run_confirm(arguments: ConfirmArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    context.connect()?.confirm_mandate(&arguments.mandate).await?;
    context.screen.report(&Confirmed {
        mandate_id: arguments.mandate,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_declaration_is_what_was_said() {
        let arguments = RelativeArguments {
            resident: "noor".to_owned(),
            relation: Relation::Sibling,
            assessed_by: Assessor::NurseSpecialist,
            assessed_on: "2026-11-20".parse().expect("a date"),
            domains: vec![LifeDomain::FittingSupport],
            data: vec![DataKind::Plan, DataKind::Medical],
            document: PathBuf::new(),
            days: 30,
            nobody_before: true,
        };
        let declared = arguments.declaration();
        assert_eq!(declared.relation(), wire::MandateRelation::Sibling);
        assert_eq!(declared.assessed_by(), wire::MandateAssessor::NurseSpecialist);
        assert_eq!(declared.assessed_at.expect("a day").seconds, 1_795_132_800);
        assert_eq!(
            (declared.life_domains, declared.data_kinds),
            (vec![4], vec![3, 5])
        );
    }

    #[test]
    fn it_says_what_comes_next() {
        let recorded = Recorded {
            mandate_id: "4f1c".to_owned(),
            code: "7KQ2M-8XP4T".to_owned(),
            code_expires_at: Timestamp::from_seconds(1_795_446_600),
        };
        assert_eq!(
            recorded.human(&Dates(TimeZone::UTC)),
            "Recorded. A colleague confirms it with `sluis mandate confirm 4f1c`.\n\
             Code for the representative: 7KQ2M-8XP4T, until Mon 23 Nov 2026.\n"
        );
    }
}
