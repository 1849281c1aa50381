//! Offers, places, introductions and homes as they are shown.

use prost::Message as _;
use sluis_proto::matching::v1 as proto;
use sluis_serve::to_proto_timestamp;
use sluis_types::{OfferId, PlaceId, Timestamp};

use crate::domain::attached_place::{AttachedPlace, Seen};
use crate::domain::card::Card;
use crate::domain::housing::{Actor, Housing, State as HousingState};
use crate::domain::introduction::{Introduction, State, TRIAL_LIFE, Viewer};
use crate::domain::places::Standing;
use crate::domain::tally::Tally;
use crate::store::offer::Offer;
use crate::store::vault::Fault;

/// An offer as everybody sees it.
pub(super) fn offer(offer: &Offer) -> proto::Offer {
    proto::Offer {
        offer_id: offer.id.to_string(),
        organisation: offer.organisation.to_string(),
        version: offer.version,
        document: offer.document.clone().into(),
    }
}

/// A place as who holds it, waits for it or claimed it sees it.
pub(super) fn place(id: PlaceId, offer: OfferId, standing: Standing) -> proto::Place {
    let (state, held_until, position) = stands(standing);
    proto::Place {
        place_id: id.to_string(),
        offer_id: offer.to_string(),
        state: state.into(),
        held_until: held_until.map(to_proto_timestamp),
        position,
    }
}

fn stands(standing: Standing) -> (proto::PlaceState, Option<Timestamp>, u32) {
    match standing {
        Standing::Held(until) => (proto::PlaceState::Held, Some(until), 0),
        Standing::Waiting(position) => (proto::PlaceState::Waiting, None, position),
        Standing::Claimed => (proto::PlaceState::Claimed, None, 0),
    }
}

/// A place as the resident sees it for whom it is held.
pub(super) fn resident_place(place: &AttachedPlace, seen: Seen) -> proto::ResidentPlace {
    let (state, held_until, position) = match seen {
        Seen::Standing(standing) => stands(standing),
        Seen::Ended => (proto::PlaceState::Ended, None, 0),
    };
    proto::ResidentPlace {
        offer_id: place.offer.to_string(),
        offer_name: place.offer_name.clone(),
        organisation: place.organisation.to_string(),
        holder: place.holder.to_string(),
        state: state.into(),
        held_until: held_until.map(to_proto_timestamp),
        position,
        attached_at: Some(to_proto_timestamp(place.attached_at)),
    }
}

/// What stands on a card.
pub(super) fn card_content(card: &Card) -> Result<proto::CardContent, Fault> {
    proto::CardContent::decode(card.content.as_slice())
        .map_err(|_| Fault::Contradiction("a card of another form"))
}

/// An introduction as a viewer may know it. `other` is the other's card, for a side. Our numbers of states are the
/// proto's: a test compares them.
pub(super) fn introduction(
    introduction: &Introduction,
    viewer: Viewer,
    other: Option<proto::CardContent>,
    both_live: bool,
    now: Timestamp,
) -> proto::Introduction {
    let state = introduction.shown_to(viewer, both_live, now);
    let is_on = matches!(state, State::Trial | State::Active);
    let introduced_at = introduction.introduced_at.filter(|_| is_on);
    let other_organisation = match viewer {
        Viewer::Side(side) if is_on => introduction.parties[1 - side].person.organisation.to_string(),
        Viewer::Side(_) | Viewer::Coordinator => String::new(),
    };
    proto::Introduction {
        introduction_id: introduction.id.to_string(),
        state: state as i32,
        other,
        answer_by: Some(to_proto_timestamp(introduction.answer_by())),
        trial_until: introduced_at.map(|at| to_proto_timestamp(at.plus(TRIAL_LIFE))),
        review_by: introduction.review_by().filter(|_| is_on).map(to_proto_timestamp),
        other_organisation,
    }
}

/// A way to a home, as one of its two organisations sees it: a landlord learns nothing of what was before the
/// nomination, and not who began it.
pub(super) fn housing(housing: &Housing, actor: Actor) -> Result<proto::Housing, Fault> {
    let need = proto::HousingNeed::decode(housing.need.as_slice())
        .map_err(|_| Fault::Contradiction("a need of another form"))?;
    let is_companion = actor == Actor::Companion;
    let steps = housing
        .steps
        .iter()
        .filter(|(state, _)| is_companion || *state >= HousingState::Nominated)
        .map(|(state, since)| proto::HousingStep {
            state: *state as i32,
            since: Some(to_proto_timestamp(*since)),
        })
        .collect();
    Ok(proto::Housing {
        housing_id: housing.id.to_string(),
        state: housing.state as i32,
        version: housing.version,
        need: Some(need),
        lease: housing.lease.map_or(0, |lease| lease as i32),
        contact_due: housing.contact_due().map(to_proto_timestamp),
        contacts: housing.contacts.into(),
        support_asked: housing.support_asked.map(to_proto_timestamp),
        steps,
        landlord: if is_companion {
            housing.landlord.to_string()
        } else {
            String::new()
        },
    })
}

/// Counts.
pub(super) fn counts(tally: Tally) -> proto::HousingCounts {
    proto::HousingCounts {
        nominated: tally.nominated,
        own_lease: tally.own_lease,
        intermediary_lease: tally.intermediary_lease,
        settled: tally.settled,
        returned: tally.returned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::housing::Move;

    #[test]
    fn our_numbers_and_names_are_those_of_the_proto() {
        for state in HousingState::ALL {
            let theirs = proto::HousingState::try_from(state as i32).unwrap();
            assert_eq!(theirs.as_str_name(), format!("HOUSING_STATE_{}", state.name()));
        }
        for step in Move::ALL {
            let theirs = proto::HousingMove::try_from(step as i32).unwrap();
            assert_eq!(theirs.as_str_name(), format!("HOUSING_MOVE_{}", step.name()));
        }
        let states = [
            State::Offered,
            State::Waiting,
            State::Declined,
            State::Trial,
            State::Active,
            State::Closed,
            State::Ended,
        ];
        for state in states {
            let theirs = proto::IntroductionState::try_from(state as i32).unwrap();
            assert_eq!(
                theirs.as_str_name(),
                format!("INTRODUCTION_STATE_{}", state.name())
            );
        }
    }
}
