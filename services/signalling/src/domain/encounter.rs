//! A match: signals that met, and what people do about it together.

use std::time::Duration;

use sluis_types::{GrantId, KeyId, MatchId, Oin, SignalId, Timestamp};

use super::life::{Actor, Event, Illegal, Open, Outcome, Stage};
use super::working_day::end_of_working_day;

/// Working days within which each organisation says that it has seen it.
const ACKNOWLEDGE_WORKING_DAYS: u8 = 5;
/// Working days within which somebody decides on an objection.
const SETTLE_WORKING_DAYS: u8 = 10;
/// How long a match lives.
const LIFE: Duration = Duration::from_hours(180 * 24);
/// How long a match that ended is shown, to its resident and to those who were in it.
const SHOWN: Duration = Duration::from_hours(30 * 24);

/// One organisation in a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) organisation: Oin,
    pub(crate) signal: SignalId,
    /// The circle, as this organisation's contact boxes name it.
    pub(crate) grant: GrantId,
    /// Whether it has seen the match.
    pub(crate) acknowledged: bool,
}

/// Who has the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) organisation: Oin,
    pub(crate) professional: [u8; 32],
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encounter {
    pub(crate) id: MatchId,
    /// The circle's gate key: when it ends, so does the match.
    pub(crate) gate_key: KeyId,
    /// Where it is in its life.
    pub(crate) stage: Stage,
    /// Grows by one with every change, from 1.
    pub(crate) version: u32,
    pub(crate) matched_at: Timestamp,
    /// When the resident objected, while that is not decided on.
    pub(crate) objected_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// Nobody acknowledged it in time.
    pub(crate) is_overdue: bool,
    pub(crate) lead: Option<Lead>,
    /// In the order of their organisations.
    pub(crate) parties: Vec<Party>,
}

/// What time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueAct {
    /// Nobody acknowledged it: its signals become more serious, and the watch tells a coordinator.
    Escalate,
    /// An objection that nobody decided on counts as right.
    UpholdObjection,
    /// Its time is over.
    Expire,
}

impl Encounter {
    /// Signals that meet now.
    pub(crate) fn new(id: MatchId, gate_key: KeyId, parties: Vec<Party>, now: Timestamp) -> Self {
        Self {
            id,
            gate_key,
            stage: Stage::Open(Open::Matched),
            version: 1,
            matched_at: now,
            objected_at: None,
            ended_at: None,
            is_overdue: false,
            lead: None,
            parties,
        }
    }

    /// Whether all of these signals are in it.
    pub(crate) fn holds(&self, signals: &[SignalId]) -> bool {
        signals
            .iter()
            .all(|signal| self.parties.iter().any(|party| party.signal == *signal))
    }

    /// Whether it has no other signals than these.
    pub(crate) fn is_within(&self, signals: &[SignalId]) -> bool {
        self.parties.iter().all(|party| signals.contains(&party.signal))
    }

    /// Joined by further organisations.
    #[must_use]
    pub(crate) fn joined(mut self, parties: &[Party], gate_key: KeyId) -> Self {
        for party in parties {
            if let Err(place) = self
                .parties
                .binary_search_by_key(&party.organisation, |known| known.organisation)
            {
                self.parties.insert(place, *party);
            }
        }
        self.gate_key = gate_key;
        self.version = self.version.saturating_add(1);
        self
    }

    pub(crate) fn party(&self, organisation: Oin) -> Option<&Party> {
        self.parties
            .iter()
            .find(|party| party.organisation == organisation)
    }

    /// This match after an event, one version further.
    ///
    /// # Errors
    /// [`Illegal`] when the table has no row for it.
    pub(crate) fn after(mut self, event: Event, actor: Actor, now: Timestamp) -> Result<Self, Illegal> {
        self.stage = self.stage.after(event, actor)?;
        self.version = self.version.saturating_add(1);
        self.objected_at = matches!(self.stage, Stage::Disputed { .. }).then_some(now);
        self.ended_at = self.stage.is_final().then_some(now);
        Ok(self)
    }

    /// An organisation has seen it: the first makes it ACKNOWLEDGED, each further one says so for itself.
    ///
    /// # Errors
    /// [`Illegal`] when it is past that, or the organisation said so before.
    pub(crate) fn acknowledged(mut self, organisation: Oin) -> Result<Self, Illegal> {
        let open = self.stage.goes_on();
        let is_first = self.stage == Stage::Open(Open::Matched);
        let party = self
            .parties
            .iter_mut()
            .find(|party| party.organisation == organisation);
        match party {
            Some(party) if open && !party.acknowledged => party.acknowledged = true,
            _ => {
                return Err(Illegal {
                    state: self.stage.state(),
                    allowed: Vec::new(),
                });
            }
        }
        if is_first {
            self.stage = self.stage.after(Event::Acknowledge, Actor::Sender)?;
        }
        self.version = self.version.saturating_add(1);
        Ok(self)
    }

    /// Put on an agenda by an organisation that has seen it.
    ///
    /// # Errors
    /// [`Illegal`] when the organisation did not say so, or the table has no row for it.
    pub(crate) fn on_agenda(self, organisation: Oin, now: Timestamp) -> Result<Self, Illegal> {
        let acknowledged = self.party(organisation).is_some_and(|party| party.acknowledged);
        if !acknowledged {
            return Err(Illegal {
                state: self.stage.state(),
                allowed: Vec::new(),
            });
        }
        self.after(Event::PutOnAgenda, Actor::Sender, now)
    }

    /// Whether it may be closed among these organisations: with its lead, or, while it has none, with everyone in it.
    pub(crate) fn may_close_among(&self, is_there: impl Fn(Oin) -> bool) -> bool {
        match self.lead {
            Some(lead) => is_there(lead.organisation),
            None => self.parties.iter().all(|party| is_there(party.organisation)),
        }
    }

    /// Somebody takes the lead: the first who does, of an organisation that has seen the match.
    ///
    /// # Errors
    /// [`Illegal`] when it has a lead, is not acknowledged by this organisation, or has ended.
    pub(crate) fn led_by(mut self, lead: Lead) -> Result<Self, Illegal> {
        let acknowledged = self
            .party(lead.organisation)
            .is_some_and(|party| party.acknowledged);
        let open = self.stage.goes_on();
        if self.lead.is_some() || !acknowledged || !open {
            return Err(Illegal {
                state: self.stage.state(),
                allowed: Vec::new(),
            });
        }
        self.lead = Some(lead);
        self.version = self.version.saturating_add(1);
        Ok(self)
    }

    /// Until when each organisation should say that it has seen it.
    pub(crate) fn acknowledge_by(&self) -> Timestamp {
        end_of_working_day(self.matched_at, ACKNOWLEDGE_WORKING_DAYS)
    }

    /// Every deadline that lies before it, each with what it asks for.
    fn deadlines(&self) -> impl Iterator<Item = (Timestamp, DueAct)> {
        let open = self.stage.goes_on();
        let waits = self.stage == Stage::Open(Open::Matched) && !self.is_overdue;
        let escalate = waits.then(|| (self.acknowledge_by(), DueAct::Escalate));
        let settle = self.objected_at.map(|at| {
            (
                end_of_working_day(at, SETTLE_WORKING_DAYS),
                DueAct::UpholdObjection,
            )
        });
        let expire = open.then(|| (self.matched_at.plus(LIFE), DueAct::Expire));
        escalate.into_iter().chain(settle).chain(expire)
    }

    /// What is due at `now`.
    pub(crate) fn due_act(&self, now: Timestamp) -> Option<DueAct> {
        self.deadlines()
            .filter(|(at, _)| *at <= now)
            .min_by_key(|(at, _)| *at)
            .map(|(_, act)| act)
    }

    /// When to look again; when it has ended, to forget it.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        let forget = self.ended_at.map(|at| at.plus(SHOWN));
        self.deadlines().map(|(at, _)| at).chain(forget).min()
    }

    /// This match after a deadline.
    pub(crate) fn timed(mut self, act: DueAct, now: Timestamp) -> Result<Self, Illegal> {
        match act {
            DueAct::Escalate => {
                self.is_overdue = true;
                self.version = self.version.saturating_add(1);
                Ok(self)
            }
            DueAct::UpholdObjection => self.after(Event::Close(Outcome::ObjectionUpheld), Actor::Mesh, now),
            DueAct::Expire => self.after(Event::Expire, Actor::Mesh, now),
        }
    }
}

#[cfg(test)]
#[path = "encounter_tests.rs"]
mod tests;
