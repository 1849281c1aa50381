//! Between the messages about circles and the words of the domain.

use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, oin, to_proto_timestamp};
use sluis_types::{CIRCLE_MEMBERS_MAX, CodeSet, MatchClass, Oin, Timestamp};

use super::convert;
use crate::domain::circle::Circle;
use crate::domain::grant::Grant;
use crate::domain::proposal::{Proposal, Waiting};

/// Who is to be in a circle, and what may meet.
pub(super) fn terms(stated: Option<&proto::CircleTerms>) -> Result<Circle, Refusal> {
    let stated = stated.ok_or_else(|| Refusal::invalid_field("terms", "must not be empty"))?;
    let refused = || Refusal::invalid_field("terms", "must have 2 to 8 members and known classes, each once");
    if stated.members.len() > CIRCLE_MEMBERS_MAX || stated.match_classes.len() > MatchClass::ALL.len() {
        return Err(refused());
    }
    let members: Result<Vec<Oin>, Refusal> = stated
        .members
        .iter()
        .map(|member| oin("terms.members", member))
        .collect();
    let members = members?;
    let mut classes = CodeSet::EMPTY;
    for class in &stated.match_classes {
        let class = u8::try_from(*class)
            .ok()
            .and_then(|number| MatchClass::from_number(number).ok());
        let class = class
            .filter(|class| !classes.contains(*class))
            .ok_or_else(refused)?;
        classes = classes.with(class);
    }
    Circle::new(&members, classes).ok_or_else(refused)
}

fn terms_to_proto(circle: &Circle) -> proto::CircleTerms {
    proto::CircleTerms {
        members: circle.members().map(|member| member.to_string()).collect(),
        match_classes: circle
            .classes()
            .iter()
            .map(|class| i32::from(class.number()))
            .collect(),
    }
}

/// A circle with what its resident sees of the grant that it is.
pub(super) fn circle_of(grant: proto::Grant, circle: &Circle) -> proto::Circle {
    proto::Circle {
        grant: Some(grant),
        terms: Some(terms_to_proto(circle)),
    }
}

/// A grant that is a circle, as its resident sees it at `now`; none for another grant.
pub(super) fn circle(grant: &Grant, now: Timestamp) -> Option<proto::Circle> {
    let circle = grant.circle?;
    Some(circle_of(convert::grant(grant, now), &circle))
}

/// A circle that waits for an answer; none for another proposal.
pub(super) fn pending(proposal: &Proposal) -> Option<proto::PendingCircle> {
    let asked = proposal.question.circle?;
    Some(proto::PendingCircle {
        proposal_id: proposal.id.to_string(),
        terms: Some(terms_to_proto(&asked.circle)),
        valid_days: proposal.question.valid_days,
        replaces: asked.replaces.map(|id| id.to_string()).unwrap_or_default(),
        asked_by: proposal.asked_by.to_string(),
        asked_at: Some(to_proto_timestamp(proposal.asked_at)),
        lapses_at: Some(to_proto_timestamp(proposal.lapses_at())),
        deferred: proposal.waiting == Waiting::Deferred,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_proto() {
        for class in MatchClass::ALL {
            let theirs = proto::MatchClass::try_from(i32::from(class.number())).unwrap();
            assert_eq!(theirs.as_str_name(), format!("MATCH_CLASS_{}", class.name()));
        }
        assert!(proto::MatchClass::try_from(1 + i32::try_from(MatchClass::ALL.len()).unwrap()).is_err());
    }

    #[test]
    fn terms_that_are_no_circle_are_refused() {
        let members = ["00000099000000001000", "00000099000000002000"];
        let stated = |members: &[&str], classes: &[i32]| proto::CircleTerms {
            members: members.iter().map(|member| (*member).to_owned()).collect(),
            match_classes: classes.to_vec(),
        };
        let good = stated(&members, &[2, 1]);
        let read = terms(Some(&good)).unwrap();
        assert_eq!(terms_to_proto(&read), stated(&members, &[1, 2]));
        assert!(terms(None).is_err());
        for bad in [
            stated(&members[..1], &[1]),
            stated(&[members[0]; 2], &[1]),
            stated(&[members[0]; 9], &[1]),
            stated(&["1", "2"], &[1]),
            stated(&members, &[]),
            stated(&members, &[0]),
            stated(&members, &[1, 1]),
            stated(&members, &[-1]),
            stated(&members, &[8]),
        ] {
            assert!(terms(Some(&bad)).is_err(), "{bad:?}");
        }
    }
}
