//! A signal as the mesh knows it: neither what it is about, nor whom.

use std::time::Duration;

use sluis_types::{MatchId, Oin, SignalId, Timestamp};

use super::life::{Actor, Event, Illegal, Open, Stage};
use super::observation::Observation;
use super::weighing::Drafter;

/// Matches that a signal remembers; an older one makes room.
pub(crate) const MATCHES_MAX: usize = 8;
/// How long after it was first seen a signal that ended is kept, to be counted: longer than eight quarters.
const COUNTED: Duration = Duration::from_hours(750 * 24);

/// A signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signal {
    pub(crate) id: SignalId,
    /// Whose it is.
    pub(crate) organisation: Oin,
    /// Who wrote it down.
    pub(crate) drafter: Drafter,
    /// Where it is in its life.
    pub(crate) stage: Stage,
    /// What it rests on.
    pub(crate) observation: Observation,
    /// Grows by one with every change, from 1.
    pub(crate) version: u32,
    /// The matches that it is part of, oldest first.
    pub(crate) matches: Vec<MatchId>,
}

impl Signal {
    /// A draft.
    pub(crate) const fn draft(
        id: SignalId,
        organisation: Oin,
        drafter: Drafter,
        observation: Observation,
    ) -> Self {
        Self {
            id,
            organisation,
            drafter,
            stage: Stage::Open(Open::Draft),
            observation,
            version: 1,
            matches: Vec::new(),
        }
    }

    /// This signal after an event, one version further.
    ///
    /// # Errors
    /// [`Illegal`] when the table has no row for it.
    pub(crate) fn after(mut self, event: Event, actor: Actor) -> Result<Self, Illegal> {
        self.stage = self.stage.after(event, actor)?;
        self.version = self.version.saturating_add(1);
        Ok(self)
    }

    /// Seen again.
    #[must_use]
    pub(crate) const fn seen(mut self, observation: Observation) -> Self {
        self.observation = observation;
        self.version = self.version.saturating_add(1);
        self
    }

    /// More serious by one, one version further: nobody acknowledged its match in time. None when nothing changes: it
    /// has ended, or cannot be more serious.
    pub(crate) fn escalated(mut self) -> Option<Self> {
        let observation = self.observation.escalated();
        if self.stage.is_final() || observation == self.observation {
            return None;
        }
        self.observation = observation;
        self.version = self.version.saturating_add(1);
        Some(self)
    }

    /// Met in a match: again and again in every epoch, but told once.
    #[must_use]
    pub(crate) fn met(mut self, id: MatchId) -> Self {
        if let Ok(matched) = self.stage.after(Event::Match, Actor::Mesh) {
            self.stage = matched;
        }
        if !self.matches.contains(&id) {
            self.matches.push(id);
            if self.matches.len() > MATCHES_MAX {
                self.matches.remove(0);
            }
            self.version = self.version.saturating_add(1);
        }
        self
    }

    /// The stage as it is at `now`: the clock decides, the timer only tidies up.
    pub(crate) fn stage_at(&self, now: Timestamp) -> Stage {
        match self.stage {
            stage if stage.goes_on() && now >= self.observation.expires() => Stage::Expired,
            stage => stage,
        }
    }

    /// Whether time ended it before anybody weighed it: drafts end at version 2, everything weighed has one more.
    pub(crate) fn was_draft_only(&self) -> bool {
        self.stage == Stage::Expired && self.version == 2
    }

    /// Whether it may be posted.
    pub(crate) fn is_posted(&self, now: Timestamp) -> bool {
        self.stage_at(now).is_posted()
    }

    /// Whether its post counts in its epoch: also when its sender took it back since, so that nobody fishes.
    pub(crate) fn counts(&self, now: Timestamp) -> bool {
        self.is_posted(now) || self.stage == Stage::Withdrawn && now < self.observation.expires()
    }

    /// When time ends it; when it has ended, when it is forgotten.
    pub(crate) fn due(&self) -> Timestamp {
        if self.stage.is_final() {
            self.observation.first_at.plus(COUNTED)
        } else {
            self.observation.expires()
        }
    }
}

#[cfg(test)]
mod tests {
    use sluis_types::ProfessionalRole;

    use super::super::observation::Severity;
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn signal() -> Signal {
        let drafter = Drafter {
            professional: [1; 32],
            role: ProfessionalRole::Professional,
        };
        let observation = Observation::new(Severity::Worry, NOW, NOW).unwrap();
        let organisation = "00000099000000001000".parse().unwrap();
        Signal::draft(SignalId::from_bytes([1; 16]), organisation, drafter, observation)
    }

    #[test]
    fn time_decides_before_the_timer_does() {
        let registered = signal().after(Event::Weigh, Actor::Sender).unwrap();
        let end = registered.observation.expires();
        assert!(registered.is_posted(NOW) && !registered.is_posted(end));
        assert_eq!(registered.stage_at(end), Stage::Expired);
        assert_eq!(registered.due(), end);
        let withdrawn = registered.after(Event::Withdraw, Actor::Sender).unwrap();
        assert!(
            !withdrawn.is_posted(NOW) && withdrawn.counts(NOW),
            "a post is not taken back"
        );
        assert!(!withdrawn.counts(end));
        assert_eq!(withdrawn.due(), NOW.plus(COUNTED), "then it is forgotten");
        let far = Duration::from_hours(24 * 400);
        assert_eq!(signal().stage_at(NOW.plus(far)), Stage::Expired);
    }

    #[test]
    fn a_match_is_told_once_and_the_newest_are_remembered() {
        let mut met = signal().after(Event::Weigh, Actor::Sender).unwrap();
        for number in 0..10 {
            let id = MatchId::from_bytes([number; 16]);
            let version = met.version;
            met = met.met(id).met(id);
            assert_eq!(met.version, version + 1);
        }
        assert_eq!(met.stage, Stage::Open(Open::Matched));
        assert_eq!(met.matches.len(), MATCHES_MAX);
        assert_eq!(met.matches.last(), Some(&MatchId::from_bytes([9; 16])));
    }
}
