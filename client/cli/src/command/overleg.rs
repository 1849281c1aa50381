//! `sluis overleg`: the signaleringsoverleg.

mod codes;
mod decide;
mod plan;
mod put;
mod show;
mod view;

use clap::{Args, Subcommand};
use serde::Serialize;
use sluis_client::proto::signalling::v1 as wire;
use sluis_client::{Finished, Seat};
use sluis_types::{AgendaItemId, MeetingId, ProfessionalRole, ThreadId};

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::Report;

use view::MeetingView;

/// Meet about residents: an agenda of references, sealed per item to those invited to it
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Plan(plan::Arguments),
    Invite(InviteArguments),
    Answer(AnswerArguments),
    Leave(LeaveArguments),
    Agenda(AgendaArguments),
    Put(put::Arguments),
    TakeOff(ItemArguments),
    Open(MeetingArguments),
    Start(StartArguments),
    Decide(decide::Arguments),
    Close(CloseArguments),
    List(show::ListArguments),
    Show(show::Arguments),
    Action(ActionArguments),
}

/// Open the meeting: you are the chair from then on
#[derive(Args, Debug)]
pub(crate) struct MeetingArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
}

/// Close the meeting: 30 days later nothing is left of it
#[derive(Args, Debug)]
pub(crate) struct CloseArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
}

/// Take an item off before it is treated: its messages are erased
#[derive(Args, Debug)]
pub(crate) struct ItemArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// Which item
    #[arg(value_name = "ITEM")]
    item: AgendaItemId,
}

/// Start an item: who is not invited to it leaves the room
#[derive(Args, Debug)]
pub(crate) struct StartArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// Which item
    #[arg(value_name = "ITEM")]
    item: AgendaItemId,
}

/// Invite one more organisation to a meeting that you coordinate
#[derive(Args, Debug)]
pub(crate) struct InviteArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// Whom: an OIN, a name, or a part of a name
    #[arg(value_name = "ORGANISATION")]
    organisation: String,
    /// Invite housing officers too
    #[arg(long)]
    housing_officers: bool,
}

/// Say that your organisation comes to a meeting, or does not
#[derive(Args, Debug)]
pub(crate) struct AnswerArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// You do not come: you see no item then
    #[arg(long)]
    no: bool,
}

/// Leave a meeting: your items that wait are taken off, and you see it no more
#[derive(Args, Debug)]
pub(crate) struct LeaveArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
}

#[derive(Serialize)]
struct Left {
    meeting_id: String,
}

impl Report for Left {
    fn human(&self, _dates: &Dates) -> String {
        format!("You have left {}.\n", self.meeting_id)
    }
}

/// Put the items that wait in another order: name every one of them
#[derive(Args, Debug)]
pub(crate) struct AgendaArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// The items, in their new order
    #[arg(value_name = "ITEM", required = true, num_args = 1..=16)]
    items: Vec<AgendaItemId>,
}

/// Tell that an action of your organisation is done, and what came of it
#[derive(Args, Debug)]
pub(crate) struct ActionArguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// Which item
    #[arg(value_name = "ITEM")]
    item: AgendaItemId,
    /// Which action, as `sluis overleg show` numbers them
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..=6))]
    number: u32,
    /// What came of it
    #[arg(value_name = "OUTCOME", value_parser = codes::outcomes(), ignore_case = true)]
    outcome: wire::Outcome,
    /// The referral that it became
    #[arg(long, value_name = "THREAD")]
    thread: Option<ThreadId>,
}

/// A seat of an organisation, with housing officers where they are asked for.
fn seat(organisation: sluis_types::Oin, housing_officers: bool) -> Seat {
    let mut seat = Seat::new(organisation);
    if housing_officers {
        seat.roles.push(ProfessionalRole::HousingOfficer);
    }
    seat
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Plan(arguments) => return plan::run(&arguments, context).await,
        Command::Put(arguments) => return put::run(arguments, context).await,
        Command::Decide(arguments) => return decide::run(&arguments, context).await,
        Command::List(arguments) => return show::list(&arguments, context).await,
        Command::Show(arguments) => return show::run(arguments, context).await,
        Command::Leave(arguments) => {
            context.connect()?.leave_meeting(arguments.meeting).await?;
            return context.screen.report(&Left {
                meeting_id: arguments.meeting.to_string(),
            });
        }
        Command::Invite(_)
        | Command::Answer(_)
        | Command::Agenda(_)
        | Command::TakeOff(_)
        | Command::Open(_)
        | Command::Start(_)
        | Command::Close(_)
        | Command::Action(_) => {}
    }
    // Only a coordinator invites and orders.
    let coordinates = matches!(command, Command::Invite(_) | Command::Agenda(_));
    let partner = context.connect_as(coordinates.then_some(ProfessionalRole::Coordinator))?;
    let names = Names::load(&partner).await?;
    let meeting = match &command {
        Command::Invite(arguments) => {
            let organisation = names.find(&arguments.organisation)?;
            let seat = seat(organisation, arguments.housing_officers);
            partner.invite_to_meeting(arguments.meeting, &seat).await?
        }
        Command::Answer(arguments) => {
            partner
                .answer_invitation(arguments.meeting, !arguments.no)
                .await?
        }
        Command::Agenda(arguments) => partner.order_agenda(arguments.meeting, &arguments.items).await?,
        Command::TakeOff(arguments) => partner.take_off_agenda(arguments.meeting, arguments.item).await?,
        Command::Open(arguments) => partner.open_meeting(arguments.meeting).await?,
        Command::Start(arguments) => {
            partner
                .start_agenda_item(arguments.meeting, arguments.item)
                .await?
        }
        Command::Close(arguments) => partner.close_meeting(arguments.meeting).await?,
        Command::Action(arguments) => {
            let finished = Finished {
                number: arguments.number,
                outcome: arguments.outcome,
                thread: arguments.thread,
            };
            partner
                .finish_action(arguments.meeting, arguments.item, finished)
                .await?
        }
        Command::Plan(_)
        | Command::Put(_)
        | Command::Decide(_)
        | Command::List(_)
        | Command::Show(_)
        | Command::Leave(_) => {
            return Ok(());
        }
    };
    context.screen.report(&MeetingView::new(&meeting, &names))
}
