//! Meetings as they are shown, to whom. Our numbers are the proto's: a test compares them.

use sluis_proto::signalling::v1 as proto;
use sluis_serve::to_proto_timestamp;
use sluis_types::{CodeSet, ProfessionalRole};

use crate::domain::meeting::{Action, Answer, Item, Meeting, Person, References, Seat};
use crate::store::agenda::AgendaMessage;

/// A meeting as this person sees it: with the items that they may see, and no trace of others.
pub(super) fn meeting(meeting: &Meeting, person: &Person) -> proto::Meeting {
    let is_in = meeting.is_in(person);
    let seen = |seat: &&Seat| is_in || seat.organisation == person.organisation;
    let items = meeting.items.iter().filter(|item| meeting.shows(item, person));
    proto::Meeting {
        meeting_id: meeting.id.to_string(),
        state: meeting.state as i32,
        area: String::from_utf8_lossy(&meeting.area).into_owned(),
        starts_at: Some(to_proto_timestamp(meeting.starts_at)),
        frequency: meeting.frequency as i32,
        coordinator: meeting.coordinator.to_string(),
        chair: meeting.chair.to_string(),
        is_chair: meeting.is_chair(person),
        participants: meeting.participants.iter().filter(seen).map(seat).collect(),
        items: items.map(|shown| item(shown, person)).collect(),
        erased_at: meeting.erased_at().map(to_proto_timestamp),
    }
}

fn roles(roles: CodeSet<ProfessionalRole>) -> Vec<i32> {
    roles.iter().map(|role| i32::from(role.number())).collect()
}

fn seat(seat: &Seat) -> proto::Seat {
    proto::Seat {
        organisation: seat.organisation.to_string(),
        roles: roles(seat.roles),
        answer: seat.answer as i32,
    }
}

/// An item as this person sees it, who may see it.
pub(super) fn item(item: &Item, person: &Person) -> proto::AgendaItem {
    let is_presenter = item.presenter == person.organisation;
    let invited = item.invited.iter().map(|invited| proto::Seat {
        organisation: invited.organisation.to_string(),
        roles: roles(invited.roles),
        answer: Answer::Open as i32,
    });
    proto::AgendaItem {
        item_id: item.id.to_string(),
        state: item.state as i32,
        taken_off_reason: item.taken_off.map_or(0, |why| why as i32),
        presenter: item.presenter.to_string(),
        question: item.question as i32,
        deidentified: item.is_deidentified,
        invited: invited.collect(),
        minutes: u32::from(item.minutes),
        resident_informed: item.resident_informed,
        resident_invited: item.resident_invited,
        resident_presence: item.presence as i32,
        decision: item.decision.map_or(0, |decision| decision as i32),
        actions: actions(&item.actions),
        references: is_presenter.then(|| references(&item.references)),
    }
}

fn actions(actions: &[Action]) -> Vec<proto::MeetingAction> {
    let action = |(number, action): (u32, &Action)| proto::MeetingAction {
        number,
        kind: action.kind as i32,
        owner: action.owner.to_string(),
        due: Some(to_proto_timestamp(action.due)),
        thread_id: action.thread.map(|thread| thread.to_string()).unwrap_or_default(),
        outcome: action.outcome.map_or(0, |outcome| outcome as i32),
    };
    (1..).zip(actions).map(action).collect()
}

fn references(references: &References) -> proto::AgendaReferences {
    proto::AgendaReferences {
        signal_ids: references.signals.iter().map(ToString::to_string).collect(),
        match_ids: references.matches.iter().map(ToString::to_string).collect(),
        thread_ids: references.threads.iter().map(ToString::to_string).collect(),
    }
}

/// A message for its recipient.
pub(super) fn message(message: AgendaMessage) -> (proto::SealedAgendaMessage, Vec<u8>) {
    let shown = proto::SealedAgendaMessage {
        manifest: message.manifest.into(),
        sealed_r: message.sealed_r.into(),
        sealed_c: message.sealed_c.into(),
        content: message.content.into(),
        grant_token: bytes::Bytes::new(),
    };
    (shown, message.receipt)
}

/// An item as its resident sees it. Which referral an action became is said by the referral.
pub(super) fn of_resident(meeting: &Meeting, item: &Item) -> proto::ResidentAgendaItem {
    proto::ResidentAgendaItem {
        meeting_id: meeting.id.to_string(),
        item_id: item.id.to_string(),
        area: String::from_utf8_lossy(&meeting.area).into_owned(),
        meets_at: Some(to_proto_timestamp(meeting.starts_at)),
        state: item.state as i32,
        taken_off_reason: item.taken_off.map_or(0, |why| why as i32),
        presenter: item.presenter.to_string(),
        invited: item
            .invited
            .iter()
            .map(|invited| invited.organisation.to_string())
            .collect(),
        question: item.question as i32,
        deidentified: item.is_deidentified,
        invited_to_come: item.resident_invited,
        presence: item.presence as i32,
        decision: item.decision.map_or(0, |decision| decision as i32),
        actions: actions(&item.actions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::meeting::{
        ActionKind, Decision, Frequency, ItemState, MeetingState, Presence, QuestionKind, TakenOff,
    };

    #[test]
    fn our_numbers_and_names_are_those_of_the_proto() {
        macro_rules! same {
            ($ours:ty, $theirs:ty, $prefix:literal) => {
                for ours in <$ours>::ALL {
                    let theirs = <$theirs>::try_from(*ours as i32).unwrap();
                    let plain = theirs
                        .as_str_name()
                        .replace(concat!($prefix, "_"), "")
                        .replace('_', "");
                    assert_eq!(plain, format!("{ours:?}").to_uppercase());
                }
                let beyond = i32::try_from(<$ours>::ALL.len()).unwrap() + 1;
                assert!(<$theirs>::try_from(beyond).is_err());
            };
        }
        same!(MeetingState, proto::MeetingState, "MEETING_STATE");
        same!(Frequency, proto::MeetingFrequency, "MEETING_FREQUENCY");
        same!(Answer, proto::InvitationAnswer, "INVITATION_ANSWER");
        same!(QuestionKind, proto::QuestionKind, "QUESTION_KIND");
        same!(ItemState, proto::AgendaItemState, "AGENDA_ITEM_STATE");
        same!(TakenOff, proto::TakenOffReason, "TAKEN_OFF_REASON");
        same!(Decision, proto::Decision, "DECISION");
        same!(ActionKind, proto::ActionKind, "ACTION_KIND");
        same!(Presence, proto::ResidentPresence, "RESIDENT_PRESENCE");
    }
}
