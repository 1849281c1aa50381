//! `sluis overleg decide`: what was decided, and who does what.

use clap::Args;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use sluis_client::PlannedAction;
use sluis_client::proto::signalling::v1 as wire;
use sluis_types::{AgendaItemId, MeetingId};

use super::codes::{self, ACTION_KINDS, action_name};
use super::plan::moment;
use super::view::MeetingView;
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Record what was decided on the item that is treated, as the chair. There are no minutes
///
/// An action is KIND:ORGANISATION:DAY, such as CONTACT_RESIDENT:welzijn:2026-12-10, 30 days from now at most. Kinds:
/// CONTACT_RESIDENT, HOME_VISIT, TAKE_LEAD, ARRANGE_HELP, REFER.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which meeting
    #[arg(value_name = "MEETING")]
    meeting: MeetingId,
    /// Which item
    #[arg(value_name = "ITEM")]
    item: AgendaItemId,
    /// What was decided
    #[arg(value_name = "DECISION", value_parser = codes::decisions(), ignore_case = true)]
    decision: wire::Decision,
    /// Who does what until when; may be repeated. Needed for ACT
    #[arg(long, value_name = "KIND:ORGANISATION:DAY")]
    action: Vec<String>,
}

/// An action from its text: the day is the end of that day's work.
fn action(text: &str, names: &Names, zone: &TimeZone) -> Result<PlannedAction, Failure> {
    let wrong = || {
        Failure::usage(format!(
            "{text} is no action like CONTACT_RESIDENT:welzijn:2026-12-10"
        ))
    };
    let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (organisation, day) = rest.rsplit_once(':').ok_or_else(wrong)?;
    let kind = kind.to_ascii_uppercase();
    let kind = ACTION_KINDS
        .into_iter()
        .find(|known| action_name(*known) == kind)
        .ok_or_else(wrong)?;
    let day: Date = day.parse().map_err(|_| wrong())?;
    Ok(PlannedAction {
        kind,
        owner: names.find(organisation)?,
        due: moment(day.to_datetime(time(17, 0, 0, 0)), zone)?,
    })
}

pub(super) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    if arguments.action.is_empty() == (arguments.decision == wire::Decision::Act) {
        return Err(Failure::usage(
            "an --action belongs to the decision ACT, and to no other",
        ));
    }
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let zone = context.screen.dates().0.clone();
    let actions = arguments.action.iter().map(|text| action(text, &names, &zone));
    let actions = actions.collect::<Result<Vec<_>, _>>()?;
    let meeting = partner
        .record_decision(arguments.meeting, arguments.item, arguments.decision, &actions)
        .await?;
    context.screen.report(&MeetingView::new(&meeting, &names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_a_kind_an_organisation_and_a_day() {
        let welfare = "00000099000000001000".parse().expect("an OIN");
        let names = Names::of_pairs([(welfare, "Welzijn Bosveld".to_owned())]);
        let read = |text| action(text, &names, &TimeZone::UTC);
        let contact = read("contact_resident:welzijn:2026-12-10").expect("an action");
        assert_eq!(contact.kind, wire::ActionKind::ContactResident);
        assert_eq!(contact.owner, welfare);
        assert_eq!(contact.due.seconds(), 1_796_922_000);
        for wrong in [
            "",
            "CONTACT_RESIDENT",
            "CONTACT_RESIDENT:welzijn",
            "EVICT:welzijn:2026-12-10",
            "REFER:welzijn:soon",
            "REFER:nobody:2026-12-10",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
