//! Reading the fields of meetings.

use std::collections::BTreeSet;

use sluis_proto::signalling::v1 as proto;
use sluis_serve::Refusal;
use sluis_types::{CodeSet, ProfessionalRole};

use crate::domain::meeting::{
    Action, ActionKind, Answer, PARTICIPANTS_MAX, Presence, References, SIGNALS_MAX, Seat, THREADS_MAX,
};

/// A number of a closed list.
pub(super) fn code<T>(
    field: &'static str,
    number: i32,
    of: impl FnOnce(u8) -> Option<T>,
) -> Result<T, Refusal> {
    u8::try_from(number)
        .ok()
        .and_then(of)
        .ok_or_else(|| Refusal::invalid_field(field, "is not in the list"))
}

/// An organisation with its roles.
pub(super) fn seat(field: &'static str, asked: &proto::Seat) -> Result<Seat, Refusal> {
    let roles = asked.roles.iter().map(|number| {
        code(field, *number, |number| {
            ProfessionalRole::from_number(number).ok()
        })
    });
    Ok(Seat {
        organisation: sluis_serve::oin(field, &asked.organisation)?,
        roles: roles.collect::<Result<CodeSet<_>, _>>()?,
        answer: Answer::Open,
    })
}

/// Organisations with their roles.
pub(super) fn seats(field: &'static str, asked: &[proto::Seat]) -> Result<Vec<Seat>, Refusal> {
    if asked.len() > PARTICIPANTS_MAX {
        return Err(Refusal::invalid_field(field, "are too many"));
    }
    asked.iter().map(|asked| seat(field, asked)).collect()
}

/// What an item refers to: nothing twice.
pub(super) fn references(asked: Option<&proto::AgendaReferences>) -> Result<References, Refusal> {
    let Some(asked) = asked else {
        return Ok(References::default());
    };
    let many = asked.signal_ids.len().max(asked.match_ids.len()) > SIGNALS_MAX
        || asked.thread_ids.len() > THREADS_MAX;
    if many {
        return Err(Refusal::invalid_field("references", "are too many"));
    }
    Ok(References {
        signals: ids(&asked.signal_ids)?,
        matches: ids(&asked.match_ids)?,
        threads: ids(&asked.thread_ids)?,
    })
}

fn ids<T>(texts: &[String]) -> Result<Vec<T>, Refusal>
where
    T: std::str::FromStr<Err = sluis_types::ParseIdError> + Copy + Ord,
{
    let read = texts.iter().map(|text| sluis_serve::id("references", text));
    let read = read.collect::<Result<Vec<T>, _>>()?;
    if read.iter().copied().collect::<BTreeSet<T>>().len() < read.len() {
        return Err(Refusal::invalid_field(
            "references",
            "must not name anything twice",
        ));
    }
    Ok(read)
}

/// Actions as they are decided on: open, and no referral yet.
pub(super) fn actions(asked: &[proto::MeetingAction]) -> Result<Vec<Action>, Refusal> {
    let action = |asked: &proto::MeetingAction| {
        Ok(Action {
            kind: code("actions", asked.kind, ActionKind::from_number)?,
            owner: sluis_serve::oin("actions", &asked.owner)?,
            due: sluis_serve::timestamp("actions", asked.due.as_ref())?,
            outcome: None,
            thread: None,
        })
    };
    asked.iter().map(action).collect()
}

/// What a resident says about coming.
pub(super) fn presence(number: i32) -> Result<Presence, Refusal> {
    code("presence", number, Presence::from_number)
        .ok()
        .filter(|presence| *presence != Presence::Silent)
        .ok_or_else(|| Refusal::invalid_field("presence", "must say something"))
}
