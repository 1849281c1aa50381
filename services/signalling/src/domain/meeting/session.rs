//! A meeting, and what is done in it.

use std::collections::BTreeSet;
use std::time::Duration;

use sluis_types::{AgendaItemId, KeyId, MeetingId, Oin, ThreadId, Timestamp};

use super::code::{Answer, Decision, Frequency, ItemState, MeetingState, Presence, TakenOff};
use super::effects::{Effects, Step, erased, gone};
use super::item::{Action, Item};
use super::life::{Actor, ItemEvent, MeetingEvent, Refused, check_item, check_meeting};
use super::person::{PARTICIPANTS_MAX, Person, Seat, check_participants};
use crate::domain::life::Outcome;

/// Most items of one presenter at a meeting, those that were taken off included. Each has its own: nobody uses up what
/// others need, or learns from a full agenda what others put on.
pub(crate) const ITEMS_PRESENTER_MAX: usize = 6;
/// Most items of a meeting.
pub(crate) const ITEMS_MAX: usize = PARTICIPANTS_MAX * ITEMS_PRESENTER_MAX;
/// Length of the code of a CBS wijk.
pub(crate) const AREA_BYTES: usize = 8;
/// How far ahead a meeting may be planned.
const AHEAD: Duration = Duration::from_hours(366 * 24);
/// After how long a meeting that nobody closed is closed.
const CLOSES_AFTER: Duration = Duration::from_hours(7 * 24);
/// How long anything is left of a meeting that is closed.
const KEPT_AFTER: Duration = Duration::from_hours(30 * 24);

/// A meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    pub(crate) id: MeetingId,
    pub(crate) state: MeetingState,
    /// A CBS wijk.
    pub(crate) area: [u8; AREA_BYTES],
    pub(crate) starts_at: Timestamp,
    pub(crate) frequency: Frequency,
    pub(crate) coordinator: Oin,
    pub(crate) chair: Oin,
    /// Who opened it.
    pub(crate) chair_person: Option<[u8; 32]>,
    pub(crate) participants: Vec<Seat>,
    /// In the order of the agenda.
    pub(crate) items: Vec<Item>,
    pub(crate) closed_at: Option<Timestamp>,
}

/// What a meeting is planned with.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) id: MeetingId,
    pub(crate) area: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) frequency: Frequency,
    pub(crate) chair: Oin,
    pub(crate) participants: Vec<Seat>,
}

/// What time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueAct {
    /// Nobody closed it.
    Close,
    /// Nothing is left of it.
    Erase,
}

impl Meeting {
    /// A planned meeting.
    ///
    /// # Errors
    /// [`Refused::Field`].
    pub(crate) fn plan(plan: Plan, by: &Person, now: Timestamp) -> Result<Self, Refused> {
        let area = <[u8; AREA_BYTES]>::try_from(plan.area.as_bytes());
        let area = area.map_err(|_| Refused::Field("area"))?;
        if !area.starts_with(b"WK") || !area[2..].iter().all(u8::is_ascii_digit) {
            return Err(Refused::Field("area"));
        }
        if plan.starts_at <= now || plan.starts_at > now.plus(AHEAD) {
            return Err(Refused::Field("starts_at"));
        }
        check_participants(&plan.participants, by.organisation, plan.chair)?;
        let seated = |mut seat: Seat| {
            // Who invites comes.
            seat.answer = if seat.organisation == by.organisation {
                Answer::Comes
            } else {
                Answer::Open
            };
            seat
        };
        Ok(Self {
            id: plan.id,
            state: MeetingState::Planned,
            area,
            starts_at: plan.starts_at,
            frequency: plan.frequency,
            coordinator: by.organisation,
            chair: plan.chair,
            chair_person: None,
            participants: plan.participants.into_iter().map(seated).collect(),
            items: Vec::new(),
            closed_at: None,
        })
    }

    fn check(&self, event: MeetingEvent, by: &Person) -> Result<(), Refused> {
        if !self.knows(by) {
            return Err(Refused::NotThere);
        }
        check_meeting(event, &self.actors(by), self.state)
    }

    /// Where an item stands that this person may do this to.
    fn check_item(&self, event: ItemEvent, id: AgendaItemId, by: &Person) -> Result<usize, Refused> {
        let item = self.item_for(id, by).ok_or(Refused::NotThere)?;
        let mut held = self.actors(by);
        if item.presenter == by.organisation {
            held.push(Actor::Presenter);
        }
        if item.actions.iter().any(|action| action.owner == by.organisation) {
            held.push(Actor::Owner);
        }
        check_item(event, &held, item.state)?;
        self.place(id)
    }

    fn place(&self, id: AgendaItemId) -> Result<usize, Refused> {
        self.items
            .iter()
            .position(|item| item.id == id)
            .ok_or(Refused::NotThere)
    }

    /// One more organisation, or other roles of one.
    pub(crate) fn invite(&mut self, by: &Person, seat: Seat) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Invite, by)?;
        Seat::check_roles(seat.roles)?;
        let full = self.participants.len() >= PARTICIPANTS_MAX;
        let known = self
            .participants
            .iter_mut()
            .find(|known| known.organisation == seat.organisation);
        match known {
            Some(known) => known.roles = seat.roles,
            None if full => return Err(Refused::Full),
            None => self.participants.push(Seat {
                answer: Answer::Open,
                ..seat
            }),
        }
        Ok(Effects::default())
    }

    /// An organisation comes, or does not.
    pub(crate) fn answer(&mut self, by: &Person, comes: bool) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Answer, by)?;
        let answer = if comes { Answer::Comes } else { Answer::DoesNotCome };
        for seat in &mut self.participants {
            if seat.organisation == by.organisation {
                seat.answer = answer;
            }
        }
        Ok(Effects::default())
    }

    /// An organisation leaves, with its items that wait.
    pub(crate) fn leave(&mut self, by: &Person) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Leave, by)?;
        if self.items.iter().any(|item| item.needs(by.organisation)) {
            return Err(Refused::Illegal {
                state: self.state.name(),
                allowed: Vec::new(),
            });
        }
        let mut effects = Effects {
            left: Some(by.organisation),
            ..Effects::default()
        };
        for place in 0..self.items.len() {
            let item = &self.items[place];
            if item.presenter == by.organisation && item.state == ItemState::OnAgenda {
                effects.add(self.off(place, TakenOff::Withdrawn));
            }
        }
        self.participants
            .retain(|seat| seat.organisation != by.organisation);
        Ok(effects)
    }

    /// Whether this person may put anything on: looked at before anything else, so that a meeting that is not theirs is
    /// like one that is not there.
    pub(crate) fn may_put(&self, by: &Person) -> Result<(), Refused> {
        self.check(MeetingEvent::Put, by)
    }

    /// Puts an item at the end of the agenda.
    pub(crate) fn put(&mut self, by: &Person, item: Item) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Put, by)?;
        item.check(&self.participants)?;
        if self.item(item.id).is_some() {
            return Err(Refused::Field("request_id"));
        }
        let own = self
            .items
            .iter()
            .filter(|known| known.presenter == item.presenter);
        if own.count() >= ITEMS_PRESENTER_MAX || self.items.len() >= ITEMS_MAX {
            return Err(Refused::Full);
        }
        let effects = Effects {
            about: vec![item.id],
            ..Effects::default()
        };
        self.items.push(item);
        Ok(effects)
    }

    /// Takes an item off, by somebody.
    pub(crate) fn take_off(&mut self, by: &Person, id: AgendaItemId) -> Result<Effects, Refused> {
        let place = self.check_item(ItemEvent::TakeOff, id, by)?;
        Ok(self.off(place, TakenOff::Withdrawn))
    }

    /// Takes an item off, because a consent that it rested on is over.
    pub(crate) fn consent_over(&mut self, id: AgendaItemId, why: TakenOff) -> Result<Effects, Refused> {
        let place = self.place(id)?;
        check_item(ItemEvent::TakeOff, &[Actor::Mesh], self.items[place].state)?;
        Ok(self.off(place, why))
    }

    /// Has an item end with the next gate key of its circle.
    pub(crate) fn renew_key(&mut self, id: AgendaItemId, before: KeyId, next: KeyId) {
        let Some(item) = self.items.iter_mut().find(|item| item.id == id) else {
            return;
        };
        let circles = &mut item.circles;
        for (_, key) in circles.iter_mut().filter(|(_, key)| *key == before) {
            *key = next;
        }
        circles.sort_unstable();
        circles.dedup();
    }

    fn off(&mut self, place: usize, why: TakenOff) -> Effects {
        let item = &mut self.items[place];
        item.state = ItemState::TakenOff;
        item.taken_off = Some(why);
        gone(item)
    }

    /// Puts the items that wait in another order.
    pub(crate) fn order(&mut self, by: &Person, ids: &[AgendaItemId]) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Order, by)?;
        let (waiting, mut ordered): (Vec<Item>, Vec<Item>) = self
            .items
            .iter()
            .cloned()
            .partition(|item| item.state == ItemState::OnAgenda);
        let asked: BTreeSet<AgendaItemId> = ids.iter().copied().collect();
        let there: BTreeSet<AgendaItemId> = waiting.iter().map(|item| item.id).collect();
        if asked != there || asked.len() != ids.len() {
            return Err(Refused::Field("item_ids"));
        }
        ordered.extend(
            ids.iter()
                .filter_map(|id| waiting.iter().find(|item| item.id == *id).cloned()),
        );
        self.items = ordered;
        Ok(Effects::default())
    }

    /// Opens it; who does is the chair.
    pub(crate) fn open(&mut self, by: &Person) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Open, by)?;
        self.state = MeetingState::InSession;
        self.chair_person = Some(by.professional);
        Ok(Effects::default())
    }

    /// Starts an item: one at a time.
    pub(crate) fn start(&mut self, by: &Person, id: AgendaItemId) -> Result<Effects, Refused> {
        let place = self.check_item(ItemEvent::Start, id, by)?;
        let busy = self.items.iter().any(|item| item.state == ItemState::InTreatment);
        if self.state != MeetingState::InSession || busy {
            return Err(Refused::Illegal {
                state: self.state.name(),
                allowed: Vec::new(),
            });
        }
        self.items[place].state = ItemState::InTreatment;
        Ok(Effects {
            about: vec![id],
            ..Effects::default()
        })
    }

    /// Records what was decided on an item.
    pub(crate) fn decide(
        &mut self,
        by: &Person,
        id: AgendaItemId,
        (decision, actions): (Decision, Vec<Action>),
        now: Timestamp,
    ) -> Result<Effects, Refused> {
        let place = self.check_item(ItemEvent::Decide, id, by)?;
        // Who left would neither see the action nor tell what came of it.
        if actions.iter().any(|action| self.seat(action.owner).is_none()) {
            return Err(Refused::Field("actions"));
        }
        let item = &mut self.items[place];
        item.check_actions(decision, &actions, now)?;
        item.decision = Some(decision);
        item.actions = actions;
        let (state, step) = match decision {
            Decision::Act => (ItemState::Decided, Step::FollowUp),
            Decision::NoAction => (ItemState::Done, Step::Close(Outcome::NoAction)),
            Decision::Unfounded => (ItemState::Done, Step::Close(Outcome::Unfounded)),
            Decision::Postponed => (ItemState::Done, Step::Back),
        };
        item.state = state;
        Ok(Effects {
            steps: vec![(id, step)],
            erased: erased(item),
            about: vec![id],
            left: None,
        })
    }

    /// Tells what came of an action.
    pub(crate) fn finish(
        &mut self,
        by: &Person,
        (id, number): (AgendaItemId, usize),
        (outcome, thread): (Outcome, Option<ThreadId>),
    ) -> Result<Effects, Refused> {
        let place = self.check_item(ItemEvent::Finish, id, by)?;
        let item = &mut self.items[place];
        let action = number
            .checked_sub(1)
            .and_then(|index| item.actions.get_mut(index));
        let action = action.filter(|action| action.owner == by.organisation && action.outcome.is_none());
        let action = action.ok_or(Refused::Field("action_number"))?;
        if thread.is_some() != (outcome == Outcome::Referred) {
            return Err(Refused::Field("thread_id"));
        }
        action.outcome = Some(outcome);
        action.thread = thread;
        let mut effects = Effects {
            about: vec![id],
            ..Effects::default()
        };
        if item.actions.iter().all(|action| action.outcome.is_some()) {
            item.state = ItemState::Done;
            effects.erased = erased(item);
            effects.steps.push((id, Step::CloseSignals(outcome)));
        }
        Ok(effects)
    }

    /// Closes it, by somebody.
    pub(crate) fn close(&mut self, by: &Person, now: Timestamp) -> Result<Effects, Refused> {
        self.check(MeetingEvent::Close, by)?;
        Ok(self.over(now))
    }

    /// Closes it, because nobody did.
    pub(crate) fn time_out(&mut self, now: Timestamp) -> Result<Effects, Refused> {
        check_meeting(MeetingEvent::Close, &[Actor::Mesh], self.state)?;
        Ok(self.over(now))
    }

    fn over(&mut self, now: Timestamp) -> Effects {
        self.state = MeetingState::Closed;
        self.closed_at = Some(now);
        let mut effects = Effects::default();
        for item in &mut self.items {
            if matches!(item.state, ItemState::OnAgenda | ItemState::InTreatment) {
                item.state = ItemState::TakenOff;
                item.taken_off = Some(TakenOff::NotTreated);
                effects.add(gone(item));
            }
        }
        effects
    }

    /// What the resident says about coming.
    pub(crate) fn say_presence(&mut self, id: AgendaItemId, presence: Presence) -> Result<Effects, Refused> {
        let place = self.place(id)?;
        let item = &mut self.items[place];
        check_item(ItemEvent::SayPresence, &[Actor::Resident], item.state)?;
        item.presence = presence;
        Ok(Effects {
            about: vec![id],
            ..Effects::default()
        })
    }

    /// The resident objects: it is hidden at once.
    pub(crate) fn object(&mut self, id: AgendaItemId) -> Result<Effects, Refused> {
        let place = self.place(id)?;
        let item = &mut self.items[place];
        check_item(ItemEvent::Object, &[Actor::Resident], item.state)?;
        item.state = ItemState::Objected;
        Ok(gone(item))
    }

    /// When something is due, and what.
    fn deadline(&self) -> (Timestamp, DueAct) {
        match self.closed_at {
            None => (self.starts_at.plus(CLOSES_AFTER), DueAct::Close),
            Some(at) => (at.plus(KEPT_AFTER), DueAct::Erase),
        }
    }

    /// When to look again.
    pub(crate) fn due(&self) -> Timestamp {
        self.deadline().0
    }

    /// What is due at `now`.
    pub(crate) fn due_act(&self, now: Timestamp) -> Option<DueAct> {
        let (at, act) = self.deadline();
        (at <= now).then_some(act)
    }

    /// When nothing is left of it; none before it is closed.
    pub(crate) fn erased_at(&self) -> Option<Timestamp> {
        self.closed_at.map(|at| at.plus(KEPT_AFTER))
    }
}
