//! `sluis overleg plan`: a meeting, and who is invited to it.

use clap::Args;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sluis_client::MeetingPlan;
use sluis_client::proto::signalling::v1 as wire;
use sluis_types::{ProfessionalRole, Timestamp};

use super::view::MeetingView;
use super::{codes, seat};
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Plan a meeting for a wijk and invite organisations to it, as its coordinator
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The CBS wijk, such as WK079600
    #[arg(long, value_name = "WIJK")]
    area: String,
    /// When it begins, in your own time: 2026-12-01T10:00
    #[arg(long, value_name = "TIME")]
    at: DateTime,
    /// How often it is held
    #[arg(long, value_name = "CODE", value_parser = codes::frequencies(), ignore_case = true, default_value = "MONTHLY")]
    every: wire::MeetingFrequency,
    /// Whose professional chairs it [default: your own organisation's]
    #[arg(long, value_name = "ORGANISATION")]
    chair: Option<String>,
    /// Who is invited beside your own organisation; may be repeated
    #[arg(long, value_name = "ORGANISATION", required = true)]
    invite: Vec<String>,
    /// Invite housing officers too
    #[arg(long)]
    housing_officers: bool,
}

/// A moment of the user's own clock.
pub(super) fn moment(at: DateTime, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let zoned = at
        .to_zoned_datetime(zone.clone())
        .map_err(|_| Failure::usage(format!("{at} is no moment here")))?;
    Ok(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
}

pub(super) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let starts_at = moment(arguments.at, &context.screen.dates().0)?;
    let partner = context.connect_as(Some(ProfessionalRole::Coordinator))?;
    let names = Names::load(&partner).await?;
    let own = partner.profile().oin();
    let mut participants = vec![seat(own, arguments.housing_officers)];
    for text in &arguments.invite {
        participants.push(seat(names.find(text)?, arguments.housing_officers));
    }
    let chair = arguments
        .chair
        .as_deref()
        .map(|text| names.find(text))
        .transpose()?;
    let plan = MeetingPlan {
        area: arguments.area.to_ascii_uppercase(),
        starts_at,
        frequency: arguments.every,
        chair: chair.unwrap_or(own),
        participants,
    };
    let meeting = partner.plan_meeting(&plan).await?;
    context.screen.report(&MeetingView::new(&meeting, &names))
}
