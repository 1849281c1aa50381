//! `sluis overleg list` and `sluis overleg show`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::Serialize;
use sluis_types::{AgendaItemId, MeetingId};

use super::view::{ItemView, MeetingView, MeetingsView};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, plain};

/// List the meetings that your organisation is invited to
#[derive(Args, Debug)]
pub(crate) struct ListArguments {}

/// Show a meeting with the items that you may see, or open what is told at one of them
///
/// With an item it is opened: the resident sees in their log that it was.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// Open what is told at this item
    #[arg(value_name = "ITEM")]
    item: Option<AgendaItemId>,
    /// What to call the resident here from now on
    #[arg(long = "as", value_name = "LABEL", requires = "item")]
    label: Option<String>,
}

/// An item that was opened.
#[derive(Serialize)]
struct OpenedView {
    #[serde(flatten)]
    item: ItemView,
    /// The resident's label here.
    resident: Option<String>,
    /// Whether the resident has no login and consented with help.
    assisted: bool,
    body_base64: String,
}

impl Report for OpenedView {
    fn human(&self, dates: &Dates) -> String {
        let about = match &self.resident {
            Some(label) => format!("About {}.\n", plain(label)),
            None => "About a resident without a label here (give one with --as).\n".to_owned(),
        };
        let assisted = if self.assisted {
            "The resident has no login and consented with help.\n"
        } else {
            ""
        };
        format!("{}{about}{assisted}", self.item.human(dates))
    }
}

pub(super) async fn list(_: &ListArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let meetings = partner.meetings().await?;
    let meetings = meetings.iter().map(|meeting| MeetingView::new(meeting, &names));
    context.screen.report(&MeetingsView {
        meetings: meetings.collect(),
    })
}

pub(super) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let Some(item) = arguments.item else {
        let meeting = partner.meeting(arguments.meeting).await?;
        return context.screen.report(&MeetingView::new(&meeting, &names));
    };
    let opened = partner.open_agenda_item(arguments.meeting, item).await?;
    if let Some(label) = &arguments.label
        && let Err(error) = partner.profile().name_resident(label, opened.handle())
    {
        context
            .screen
            .remark(&format!("The label was not given: {error}"));
    }
    let view = OpenedView {
        item: ItemView::new(&opened.item, &names),
        resident: partner.profile().label_of(&opened.handle())?,
        assisted: opened.is_assisted(),
        body_base64: STANDARD.encode(&*opened.content.body),
    };
    if context.screen.is_json() {
        return context.screen.report(&view);
    }
    let summary = view.human(context.screen.dates());
    context.screen.remark(&summary);
    context.screen.content(&opened.content.body)
}
