//! `sluis basis record`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sluis_client::NewLegalBasis;
use sluis_types::{BasisCheck, DataKind, DeferralReason, LegalArticle, LegalBasis, LifeDomain};

use super::view::{Changed, RecordView};
use crate::codes;
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Record on what you share without consent
///
/// What you record waits for a colleague (`sluis basis confirm`). CONFLICT_OF_DUTIES counts at once and lapses within 24
/// hours without a colleague; VITAL_INTEREST counts at once and ends within 24 hours.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which basis
    #[arg(long, value_name = "CODE", value_parser = codes::legal_bases(), ignore_case = true)]
    basis: LegalBasis,
    /// By which law; with STATUTORY_DUTY and PUBLIC_TASK
    #[arg(long, value_name = "CODE", value_parser = codes::legal_articles(), ignore_case = true)]
    article: Option<LegalArticle>,
    /// Who receives: an OIN, a name, or a part of a name
    #[arg(long, value_name = "ORGANISATION")]
    with: String,
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// A life domain that it is about; may be repeated
    #[arg(long = "domain", value_name = "CODE", value_parser = codes::life_domains(), ignore_case = true, required = true)]
    domains: Vec<LifeDomain>,
    /// A kind of data that is shared; may be repeated
    #[arg(long = "data", value_name = "CODE", value_parser = codes::data_kinds(), ignore_case = true, required = true)]
    data: Vec<DataKind>,
    /// What is so; may be repeated: everything that the basis asks for
    #[arg(long = "check", value_name = "CODE", value_parser = codes::basis_checks(), ignore_case = true, required = true)]
    checks: Vec<BasisCheck>,
    /// Your document with the grounds; it stays here, only its hash is sent
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// For how many days [default: as long as the basis allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=183))]
    days: Option<u32>,
    /// Tell the resident in so many days, and not now; your privacy officer looks at it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=28), requires = "defer_because")]
    defer_days: Option<u8>,
    /// Why the resident is told later
    #[arg(long, value_name = "CODE", value_parser = codes::basis_deferrals(), ignore_case = true, requires = "defer_days")]
    defer_because: Option<DeferralReason>,
    /// In how many hours you ask the resident again; with VITAL_INTEREST
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=24))]
    ask_again_hours: Option<u8>,
}

pub(super) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let path = &arguments.document;
    let document = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let now = context.environment.now();
    let hours = |count: u64| now.plus(Duration::from_hours(count));
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let resident = partner.profile().resident(&arguments.resident)?;
    let new = NewLegalBasis {
        basis: arguments.basis,
        article: arguments.article,
        recipient: names.find(&arguments.with)?,
        life_domains: arguments.domains.iter().copied().collect(),
        data_kinds: arguments.data.iter().copied().collect(),
        checks: arguments.checks.iter().copied().collect(),
        document_sha256: sluis_client::sha256(&document),
        valid_days: arguments.days.unwrap_or_default(),
        deferral: arguments
            .defer_days
            .map(|days| hours(24 * u64::from(days)))
            .zip(arguments.defer_because),
        ask_again_at: arguments.ask_again_hours.map(|count| hours(u64::from(count))),
    };
    let record = partner.record_legal_basis(&resident, &new).await?;
    let label = Some(arguments.resident.clone());
    context.screen.report(&Changed {
        what: "Recorded.",
        record: RecordView::new(&record, &names, label),
    })
}
