//! Meetings and items on the screen.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_client::proto::signalling::v1 as wire;
use sluis_types::{Oin, Timestamp};

use super::codes::{action_name, short};
use crate::codes::words;
use crate::dates::{self, Dates};
use crate::names::Names;
use crate::screen::Report;

/// A moment of a reply; the beginning of time where it is missing.
fn moment(at: Option<&prost_types::Timestamp>) -> Timestamp {
    Timestamp::from_seconds(at.map_or(0, |at| at.seconds))
}

fn name_of(oin: &str, names: &Names) -> String {
    oin.parse::<Oin>()
        .map_or_else(|_| oin.to_owned(), |oin| names.of(oin))
}

#[derive(Serialize)]
pub(super) struct MeetingsView {
    pub(super) meetings: Vec<MeetingView>,
}

impl Report for MeetingsView {
    fn human(&self, dates: &Dates) -> String {
        if self.meetings.is_empty() {
            return "You are invited to no meeting.\n".to_owned();
        }
        let lines = self.meetings.iter().map(|meeting| meeting.line(dates));
        lines.collect()
    }
}

/// A meeting.
#[derive(Serialize)]
pub(super) struct MeetingView {
    meeting_id: String,
    state: &'static str,
    area: String,
    #[serde(serialize_with = "dates::serialize")]
    starts_at: Timestamp,
    frequency: &'static str,
    coordinator: String,
    chair: String,
    is_chair: bool,
    participants: Vec<SeatView>,
    items: Vec<ItemView>,
    #[serde(serialize_with = "dates::serialize_optional")]
    erased_at: Option<Timestamp>,
    #[serde(skip)]
    chair_name: String,
}

#[derive(Serialize)]
struct SeatView {
    organisation: String,
    name: String,
    answer: &'static str,
}

/// An item.
#[derive(Serialize)]
pub(super) struct ItemView {
    item_id: String,
    state: &'static str,
    /// Null unless it was taken off.
    taken_off_reason: Option<&'static str>,
    presenter: String,
    question: &'static str,
    deidentified: bool,
    invited: Vec<String>,
    minutes: u32,
    resident_presence: &'static str,
    /// Null before it is decided on.
    decision: Option<&'static str>,
    actions: Vec<ActionView>,
    #[serde(skip)]
    presenter_name: String,
}

#[derive(Serialize)]
struct ActionView {
    number: u32,
    kind: &'static str,
    owner: String,
    #[serde(serialize_with = "dates::serialize")]
    due: Timestamp,
    /// Null while it is open.
    outcome: Option<&'static str>,
    thread_id: Option<String>,
    #[serde(skip)]
    owner_name: String,
}

impl MeetingView {
    pub(super) fn new(meeting: &wire::Meeting, names: &Names) -> Self {
        let seat = |seat: &wire::Seat| SeatView {
            name: name_of(&seat.organisation, names),
            organisation: seat.organisation.clone(),
            answer: short(seat.answer().as_str_name(), "INVITATION_ANSWER"),
        };
        Self {
            meeting_id: meeting.meeting_id.clone(),
            state: short(meeting.state().as_str_name(), "MEETING_STATE"),
            area: meeting.area.clone(),
            starts_at: moment(meeting.starts_at.as_ref()),
            frequency: short(meeting.frequency().as_str_name(), "MEETING_FREQUENCY"),
            coordinator: meeting.coordinator.clone(),
            chair_name: name_of(&meeting.chair, names),
            chair: meeting.chair.clone(),
            is_chair: meeting.is_chair,
            participants: meeting.participants.iter().map(seat).collect(),
            items: meeting
                .items
                .iter()
                .map(|item| ItemView::new(item, names))
                .collect(),
            erased_at: meeting.erased_at.as_ref().map(|at| moment(Some(at))),
        }
    }

    fn line(&self, dates: &Dates) -> String {
        format!(
            "{}  {}  {}, {}\n",
            self.meeting_id,
            dates.moment(self.starts_at),
            self.area,
            words(self.state)
        )
    }
}

impl Report for MeetingView {
    fn human(&self, dates: &Dates) -> String {
        let mut text = self.line(dates);
        let chair = if self.is_chair { "you" } else { &self.chair_name };
        let _ = writeln!(text, "Chair: {chair}. Held: {}.", words(self.frequency));
        for seat in &self.participants {
            let _ = writeln!(text, "  {} ({})", seat.name, words(seat.answer));
        }
        if self.items.is_empty() {
            text.push_str("No items for you.\n");
        }
        self.items
            .iter()
            .for_each(|item| text.push_str(&item.human(dates)));
        if let Some(at) = self.erased_at {
            let _ = writeln!(text, "Nothing is left of it after {}.", dates.day(at));
        }
        text
    }
}

impl ItemView {
    pub(super) fn new(item: &wire::AgendaItem, names: &Names) -> Self {
        let action = |action: &wire::MeetingAction| ActionView {
            number: action.number,
            kind: action_name(action.kind()),
            owner_name: name_of(&action.owner, names),
            owner: action.owner.clone(),
            due: moment(action.due.as_ref()),
            outcome: (action.outcome() != wire::Outcome::Unspecified)
                .then(|| short(action.outcome().as_str_name(), "OUTCOME")),
            thread_id: Some(action.thread_id.clone()).filter(|id| !id.is_empty()),
        };
        Self {
            item_id: item.item_id.clone(),
            state: short(item.state().as_str_name(), "AGENDA_ITEM_STATE"),
            taken_off_reason: (item.taken_off_reason() != wire::TakenOffReason::Unspecified)
                .then(|| short(item.taken_off_reason().as_str_name(), "TAKEN_OFF_REASON")),
            presenter_name: name_of(&item.presenter, names),
            presenter: item.presenter.clone(),
            question: short(item.question().as_str_name(), "QUESTION_KIND"),
            deidentified: item.deidentified,
            invited: item
                .invited
                .iter()
                .map(|seat| seat.organisation.clone())
                .collect(),
            minutes: item.minutes,
            resident_presence: short(item.resident_presence().as_str_name(), "RESIDENT_PRESENCE"),
            decision: (item.decision() != wire::Decision::Unspecified)
                .then(|| short(item.decision().as_str_name(), "DECISION")),
            actions: item.actions.iter().map(action).collect(),
        }
    }

    /// Lines for people.
    pub(super) fn human(&self, dates: &Dates) -> String {
        let about = if self.deidentified {
            ", about nobody in particular"
        } else {
            ""
        };
        let mut text = format!(
            "{}  {} ({} min, {}{about}): {}\n",
            self.item_id,
            words(self.question),
            self.minutes,
            self.presenter_name,
            words(self.state)
        );
        if let Some(reason) = self.taken_off_reason {
            let _ = writeln!(text, "  taken off: {}", words(reason));
        }
        if self.resident_presence != "SILENT" {
            let _ = writeln!(text, "  the resident: {}", words(self.resident_presence));
        }
        if let Some(decision) = self.decision {
            let _ = writeln!(text, "  decided: {}", words(decision));
        }
        for action in &self.actions {
            let done = match action.outcome {
                Some(outcome) => words(outcome),
                None => format!("by {}", dates.day(action.due)),
            };
            let _ = writeln!(
                text,
                "  {}. {}: {} ({done})",
                action.number,
                action.owner_name,
                words(action.kind)
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_meeting_reads_as_people_speak_and_programs_read_its_codes() {
        let welfare: Oin = "00000099000000001000".parse().expect("an OIN");
        let names = Names::of_pairs([(welfare, "Welzijn".to_owned())]);
        let at = |seconds| prost_types::Timestamp { seconds, nanos: 0 };
        let meeting = wire::Meeting {
            meeting_id: "m".to_owned(),
            state: wire::MeetingState::InSession.into(),
            area: "WK079600".to_owned(),
            starts_at: Some(at(1_795_446_600)),
            frequency: wire::MeetingFrequency::Monthly.into(),
            chair: welfare.to_string(),
            items: vec![wire::AgendaItem {
                item_id: "i".to_owned(),
                state: wire::AgendaItemState::Decided.into(),
                presenter: welfare.to_string(),
                question: wire::QuestionKind::HowToReach.into(),
                minutes: 10,
                decision: wire::Decision::Act.into(),
                resident_presence: wire::ResidentPresence::Comes.into(),
                actions: vec![wire::MeetingAction {
                    number: 1,
                    kind: wire::ActionKind::HomeVisit.into(),
                    owner: welfare.to_string(),
                    due: Some(at(1_795_446_600)),
                    ..wire::MeetingAction::default()
                }],
                ..wire::AgendaItem::default()
            }],
            ..wire::Meeting::default()
        };
        let view = MeetingView::new(&meeting, &names);
        assert_eq!(
            view.human(&Dates(TimeZone::UTC)),
            "m  Mon 23 Nov 2026, 15:10  WK079600, in session\n\
             Chair: Welzijn. Held: monthly.\n\
             i  how to reach (10 min, Welzijn): decided\n  the resident: comes\n  decided: act\n  \
             1. Welzijn: home visit (by Mon 23 Nov 2026)\n"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["items"][0]["actions"][0]["kind"], "HOME_VISIT");
        assert!(json["items"][0]["actions"][0]["outcome"].is_null());
    }
}
