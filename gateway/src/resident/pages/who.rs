//! Who acted for a resident, as the page calls them: that depends on what is known, and on who reads it.

use sluis_proto::consent::v1::{ListMandatesRequest, Mandate, MandateAct, MandateState};

use super::problem::Problem;
use super::text::Language;
use super::visit::Visit;

/// Who acted on the side of a resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    /// The resident.
    Resident,
    /// Somebody who may act for the resident.
    Representative,
    /// The one or the other: nothing tells.
    Either,
}

impl Actor {
    /// What the page calls them, at the beginning of a sentence.
    pub(super) const fn called(self, by_representative: bool, t: Language) -> &'static str {
        match (self, by_representative) {
            (Self::Resident, false) => t.who_you(),
            (Self::Representative, false) => t.who_your_representative(),
            (Self::Either, false) => t.who_you_or_representative(),
            (Self::Resident, true) => t.who_resident(),
            (Self::Representative, true) => t.who_representative(),
            (Self::Either, true) => t.who_resident_or_representative(),
        }
    }

    /// Who did what an entry or receipt is of.
    pub(super) const fn of(by_representative: bool) -> Self {
        if by_representative {
            Self::Representative
        } else {
            Self::Resident
        }
    }
}

/// Whether a representative may have answered, objected or stopped something, now or before.
fn may_have_acted(mandate: &Mandate) -> bool {
    let acts = [MandateAct::Decide, MandateAct::Stop];
    let was_redeemed = !matches!(mandate.state(), MandateState::Recorded | MandateState::Offered);
    was_redeemed && mandate.acts().any(|act| acts.contains(&act))
}

impl Visit {
    /// What this page calls them.
    pub(super) fn called(&self, actor: Actor) -> &'static str {
        actor.called(self.session().represents_somebody(), self.t())
    }

    /// What this page calls who answered or objected, where only that it was the resident's side is known: somebody
    /// whom nobody ever represented did it themself.
    pub(super) async fn whoever_acted(&self) -> Result<&'static str, Problem> {
        let session = self.session();
        if session.represents_somebody() {
            return Ok(self.called(Actor::Either));
        }
        let mandates = session.list_mandates(ListMandatesRequest {}).await?.mandates;
        let actor = if mandates.iter().any(may_have_acted) {
            Actor::Either
        } else {
            Actor::Resident
        };
        Ok(self.called(actor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mandate_that_was_used_and_decides_or_stops_leaves_doubt() {
        let mandate = |state: MandateState, act: MandateAct| Mandate {
            state: state.into(),
            acts: vec![act.into()],
            ..Mandate::default()
        };
        for (state, act, doubt) in [
            (MandateState::Active, MandateAct::Decide, true),
            (MandateState::Ended, MandateAct::Stop, true),
            (MandateState::Active, MandateAct::See, false),
            (MandateState::Offered, MandateAct::Decide, false),
            (MandateState::Recorded, MandateAct::Stop, false),
        ] {
            assert_eq!(may_have_acted(&mandate(state, act)), doubt, "{state:?} {act:?}");
        }
    }

    #[test]
    fn a_representative_is_never_called_the_resident() {
        let all = [Actor::Resident, Actor::Representative, Actor::Either];
        for t in [Language::Dutch, Language::English] {
            let to_resident = all.map(|actor| actor.called(false, t));
            let to_representative = all.map(|actor| actor.called(true, t));
            assert!(to_representative.iter().all(|it| !to_resident.contains(it)));
        }
        assert_eq!(
            Actor::of(true).called(false, Language::Dutch),
            "Uw vertegenwoordiger"
        );
        assert_eq!(Actor::of(false).called(true, Language::Dutch), "De inwoner");
    }
}
