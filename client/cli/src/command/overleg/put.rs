//! `sluis overleg put`: an item on the agenda.

use std::path::PathBuf;

use clap::Args;
use sluis_client::proto::signalling::v1 as wire;
use sluis_client::{AgendaEntry, ItemTold, Partner, TEXT};
use sluis_envelope::MediaType;
use sluis_types::{MatchId, MeetingId, Purpose, SignalId, ThreadId};
use zeroize::Zeroizing;

use super::view::MeetingView;
use super::{codes, seat};
use crate::codes::ScopeArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Longest text: it travels sealed and padded in 6 KiB.
const TOLD_BYTES_MAX: usize = 5 * 1024;

/// Put an item on the agenda, about a resident who knows of it, or about nobody in particular
///
/// About a resident: --resident and --file, a short text (.txt) that is sealed to each organisation that you --invite,
/// under the resident's consent for CASE_MEETING with that organisation. Where one of them may not be told, nothing is
/// sent. Without --resident the item is de-identified: it holds codes only, and you tell the case at the table.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// What you ask
    #[arg(long, value_name = "CODE", value_parser = codes::questions(), ignore_case = true)]
    question: wire::QuestionKind,
    /// Who is invited to it; may be repeated
    #[arg(long, value_name = "ORGANISATION", required = true)]
    invite: Vec<String>,
    /// Invite their housing officers too
    #[arg(long)]
    housing_officers: bool,
    /// Minutes that it takes
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=15))]
    minutes: u8,
    /// About whom: the resident's label
    #[arg(long, value_name = "LABEL", requires = "file")]
    resident: Option<String>,
    /// What is told: a text in UTF-8
    #[arg(long, value_name = "FILE", requires = "resident")]
    file: Option<PathBuf>,
    /// You told the resident that this is talked about. Needed where it is about a resident
    #[arg(long)]
    informed: bool,
    /// You asked the resident to come
    #[arg(long)]
    asked_to_come: bool,
    /// A signal of yours; may be repeated
    #[arg(long, value_name = "SIGNAL")]
    signal: Vec<SignalId>,
    /// A match of yours; may be repeated
    #[arg(long = "match", value_name = "MATCH")]
    matches: Vec<MatchId>,
    /// A referral of yours; may be repeated
    #[arg(long, value_name = "THREAD", requires = "resident")]
    thread: Vec<ThreadId>,
    #[command(flatten)]
    about: ScopeArguments,
}

fn told(arguments: &Arguments, partner: &Partner) -> Result<Option<ItemTold>, Failure> {
    let (Some(label), Some(path)) = (&arguments.resident, &arguments.file) else {
        return Ok(None);
    };
    if !arguments.informed {
        return Err(Failure::usage(
            "nobody is talked about who does not know of it: tell the resident, and say so with --informed",
        ));
    }
    let body = Zeroizing::new(std::fs::read(path).map_err(|error| Failure::file(path, error))?);
    if body.len() > TOLD_BYTES_MAX || str::from_utf8(&body).is_err() {
        return Err(Failure::local(
            format!("{} is no text in UTF-8 of at most 5 KiB", path.display()),
            "Write down what the others need for the question, and no more.",
        ));
    }
    let scope = arguments.about.scope(Purpose::CaseMeeting).ok_or_else(|| {
        Failure::usage(
            "what is it about? Say it with --domain and --data: it is checked against the resident's consent",
        )
    })?;
    Ok(Some(ItemTold {
        resident: partner.profile().resident(label)?,
        scope,
        media_type: MediaType::new(TEXT).expect("a constant of ours"),
        body,
    }))
}

pub(super) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let told = told(&arguments, &partner)?;
    let names = Names::load(&partner).await?;
    let invited = arguments.invite.iter().map(|text| names.find(text));
    let invited = invited.collect::<Result<Vec<_>, _>>()?;
    let entry = AgendaEntry {
        question: arguments.question,
        minutes: arguments.minutes,
        invited: invited
            .into_iter()
            .map(|organisation| seat(organisation, arguments.housing_officers))
            .collect(),
        signals: arguments.signal,
        matches: arguments.matches,
        threads: arguments.thread,
        resident_informed: arguments.informed,
        resident_invited: arguments.asked_to_come,
        told,
    };
    let (_, meeting) = partner.put_on_agenda(arguments.meeting, &entry).await?;
    context.screen.report(&MeetingView::new(&meeting, &names))
}
