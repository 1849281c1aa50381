//! A grant and its life.

use std::time::Duration;

use sluis_envelope::Scope;
use sluis_keyring::BucketId;
use sluis_types::{GrantId, MessageKind, Oin, Timestamp};

use super::assisted::Evidence;
use super::assurance::Assurance;
use super::circle::Circle;
use super::legal_basis::Basis;
use super::life::{Command, KeyFate, Stage, State, Transition, transition};
use super::{Allowance, Standing};

const HOUR_SECONDS: i64 = 3600;
const DAY_SECONDS: i64 = 24 * 3600;

/// The notice that a resident read before deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) language: String,
    pub(crate) sha256: [u8; 32],
}

/// A grant: what one resident allows one organisation to share with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) id: GrantId,
    pub(crate) version: u32,
    /// Who shares; of a circle its first member.
    pub(crate) discloser: Oin,
    /// Who receives; of a circle its last member.
    pub(crate) recipient: Oin,
    /// Set when it is a circle: every member shares with each other.
    pub(crate) circle: Option<Circle>,
    /// Set when it is a record of another legal basis than consent.
    pub(crate) basis: Option<Basis>,
    pub(crate) allowed: Allowance,
    pub(crate) objected: Allowance,
    pub(crate) state: State,
    /// When this version began.
    pub(crate) since: Timestamp,
    /// The end of a UTC day.
    pub(crate) valid_until: Timestamp,
    /// Where the gate key is or was; none when it is gone after a restore.
    pub(crate) bucket: Option<BucketId>,
    /// The public half of the gate key; empty when there is none any more.
    pub(crate) gate_key: Vec<u8>,
    pub(crate) notice: Notice,
    /// How sure it was who granted.
    pub(crate) assurance: Assurance,
    /// Set when a worker recorded it for the resident.
    pub(crate) recorded: Option<Evidence>,
}

impl Grant {
    /// What is allowed and not objected to: an objection wins, whatever the rest says.
    pub(crate) fn effective(&self) -> Allowance {
        self.allowed.minus(&self.objected)
    }

    /// All that it speaks of: what is allowed, and what is objected to.
    pub(crate) fn whole(&self) -> Allowance {
        self.allowed.union(&self.objected)
    }

    /// Whether a message of this scope is allowed, by its content only.
    pub(crate) fn permits(&self, scope: &Scope) -> bool {
        Allowance::needed_for(scope).is_within(&self.effective())
    }

    /// Whether a message may go this way under the grant: between the two, or as a contact box between any two members.
    pub(crate) fn joins(&self, sender: &Oin, recipient: &Oin, kind: MessageKind) -> bool {
        match &self.circle {
            None => {
                let carries = match &self.basis {
                    None => kind != MessageKind::ContactBox,
                    Some(basis) => basis.carries(kind),
                };
                carries && *sender == self.discloser && *recipient == self.recipient
            }
            Some(circle) => {
                kind == MessageKind::ContactBox
                    && sender != recipient
                    && circle.has(sender)
                    && circle.has(recipient)
            }
        }
    }

    /// Sets who is in the circle and what may meet there.
    pub(crate) fn set_circle(&mut self, circle: Circle) {
        (self.discloser, self.recipient) = circle.ends();
        self.circle = Some(circle);
    }

    pub(crate) const fn standing(&self) -> Standing {
        Standing {
            state: self.state,
            valid_until: self.valid_until,
        }
    }

    /// Takes a step of the table: state, version and the time it began. Gives the line.
    pub(crate) fn step(&mut self, command: Command, now: Timestamp) -> Result<&'static Transition, Stage> {
        let stage = self.state.stage();
        let line = transition(stage, command).ok_or(stage)?;
        if line.to != line.from {
            self.state = State::entered(line.to, now);
        }
        match line.key {
            KeyFate::Stays => {}
            KeyFate::Replaced => {
                self.version += 1;
                self.since = now;
            }
            KeyFate::Destroyed => self.gate_key.clear(),
        }
        Ok(line)
    }

    /// Adds what the resident granted now. What is granted now lifts an earlier objection to exactly that.
    ///
    /// Nothing lasts longer than was agreed for it: the later end counts only when everything is granted anew.
    pub(crate) fn add(&mut self, ticked: &Ticked, valid_until: Timestamp) {
        let renewed = self.effective().is_within(&ticked.allowed);
        self.objected = self.objected.minus(&ticked.allowed).union(&ticked.objected);
        self.allowed = self.allowed.union(&ticked.allowed);
        self.valid_until = if renewed {
            valid_until
        } else {
            self.valid_until.min(valid_until)
        };
    }

    /// Keeps only `kept.allowed`, and adds the objections. False, and nothing changed, when that is not within what is
    /// allowed now or would leave nothing.
    pub(crate) fn keep_only(&mut self, kept: &Ticked) -> bool {
        let objected = self.objected.union(&kept.objected);
        let fits = kept.allowed.is_within(&self.effective()) && !kept.allowed.minus(&objected).is_empty();
        if fits {
            self.allowed = kept.allowed;
            self.objected = objected;
        }
        fits
    }
}

/// What a resident ticked: what is allowed, and what is objected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Ticked {
    pub(crate) allowed: Allowance,
    pub(crate) objected: Allowance,
}

/// The end of the UTC day that lies `days` days ahead of `now`.
pub(crate) fn end_of_day(now: Timestamp, days: u32) -> Timestamp {
    let today = now.seconds().div_euclid(DAY_SECONDS);
    Timestamp::from_seconds((today + i64::from(days) + 1) * DAY_SECONDS)
}

/// The start of the hour that `time` is in: due times in clear join no rows of one act.
pub(crate) fn hour_of(time: Timestamp) -> Timestamp {
    Timestamp::from_seconds(time.seconds().div_euclid(HOUR_SECONDS) * HOUR_SECONDS)
}

/// The start of the hour after `time`: due times in clear join no rows of one act.
pub(crate) fn hour_after(time: Timestamp) -> Timestamp {
    hour_of(time.plus(Duration::from_hours(1)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::Provision;
    use sluis_types::{CodeSet, DataKind, LifeDomain, Purpose};

    pub(crate) fn example() -> Grant {
        Grant {
            id: GrantId::from_bytes([1; 16]),
            version: 1,
            discloser: "00000099000000001000".parse().unwrap(),
            recipient: "00000099000000002000".parse().unwrap(),
            circle: None,
            basis: None,
            allowed: of(Purpose::Referral, &[DataKind::Contact, DataKind::Plan]),
            objected: Allowance::EMPTY,
            state: State::Active,
            since: Timestamp::from_seconds(10),
            valid_until: end_of_day(Timestamp::from_seconds(10), 183),
            bucket: Some(BucketId::from_bytes([2; 16])),
            gate_key: vec![3; 33],
            notice: Notice {
                id: "share-consent".into(),
                version: 1,
                language: "nl".into(),
                sha256: [4; 32],
            },
            assurance: Assurance::Substantial,
            recorded: None,
        }
    }

    fn of(purpose: Purpose, kinds: &[DataKind]) -> Allowance {
        Allowance::of([Provision {
            purpose,
            life_domains: CodeSet::EMPTY.with(LifeDomain::FittingSupport),
            data_kinds: kinds.iter().copied().collect(),
        }])
    }

    #[test]
    fn what_is_added_lasts_no_longer_than_what_was_there() {
        let (early, late) = (Timestamp::from_seconds(1000), Timestamp::from_seconds(9000));
        let ticked = |purpose, kinds: &[DataKind]| Ticked {
            allowed: of(purpose, kinds),
            ..Ticked::default()
        };

        let mut added = Grant {
            valid_until: early,
            ..example()
        };
        added.add(&ticked(Purpose::Feedback, &[DataKind::Plan]), late);
        assert_eq!(added.valid_until, early);
        assert!(of(Purpose::Referral, &[DataKind::Contact]).is_within(&added.effective()));
        assert!(of(Purpose::Feedback, &[DataKind::Plan]).is_within(&added.effective()));

        let mut renewed = Grant {
            valid_until: early,
            ..example()
        };
        renewed.add(
            &ticked(Purpose::Referral, &[DataKind::Contact, DataKind::Plan]),
            late,
        );
        assert_eq!(renewed.valid_until, late);
    }

    #[test]
    fn a_grant_joins_two_and_a_circle_any_two_of_its_members() {
        let oin = |number: u8| -> Oin { format!("0000009900000000{number}000").parse().unwrap() };
        let (referral, contact) = (MessageKind::Referral, MessageKind::ContactBox);
        let pair = example();
        assert!(pair.joins(&oin(1), &oin(2), referral));
        for (sender, recipient, kind) in [(2, 1, referral), (1, 3, referral), (1, 2, contact)] {
            assert!(!pair.joins(&oin(sender), &oin(recipient), kind));
        }
        let mut circle = example();
        let classes = CodeSet::EMPTY.with(sluis_types::MatchClass::StateOfHome);
        circle.set_circle(Circle::new(&[oin(1), oin(2), oin(3)], classes).unwrap());
        let basis = Grant {
            basis: Some(crate::domain::legal_basis::tests::arrears()),
            ..example()
        };
        assert!(basis.joins(&oin(1), &oin(2), MessageKind::Signal));
        for kind in [referral, contact, MessageKind::Note, MessageKind::Feedback] {
            assert!(
                !basis.joins(&oin(1), &oin(2), kind),
                "{kind:?} does not travel on it"
            );
        }
        assert!(circle.joins(&oin(1), &oin(2), contact) && circle.joins(&oin(3), &oin(1), contact));
        for (sender, recipient, kind) in [
            (1, 1, contact),
            (1, 4, contact),
            (4, 1, contact),
            (1, 3, referral),
        ] {
            assert!(!circle.joins(&oin(sender), &oin(recipient), kind));
        }
    }

    #[test]
    fn an_objection_wins_until_exactly_that_is_granted() {
        let mut grant = example();
        let objection = of(Purpose::Referral, &[DataKind::Plan]);
        let kept = Ticked {
            allowed: grant.allowed,
            objected: objection,
        };
        assert!(grant.keep_only(&kept));
        assert_eq!(grant.effective(), of(Purpose::Referral, &[DataKind::Contact]));
        grant.add(
            &Ticked {
                allowed: objection,
                objected: Allowance::EMPTY,
            },
            grant.valid_until,
        );
        assert!(objection.is_within(&grant.effective()));
    }

    #[test]
    fn narrowing_never_widens_and_never_empties() {
        let mut grant = example();
        let before = grant.clone();
        let medical = Ticked {
            allowed: of(Purpose::Referral, &[DataKind::Medical]),
            ..Ticked::default()
        };
        assert!(!grant.keep_only(&medical));
        assert!(!grant.keep_only(&Ticked::default()));
        let contradiction = Ticked {
            allowed: grant.allowed,
            objected: grant.allowed,
        };
        assert!(!grant.keep_only(&contradiction));
        assert_eq!(grant, before);
    }

    #[test]
    fn ends_are_whole_days_and_due_times_whole_hours() {
        let now = Timestamp::from_seconds(3 * 86400 + 5);
        assert_eq!(end_of_day(now, 0), Timestamp::from_seconds(4 * 86400));
        assert_eq!(end_of_day(now, 366), Timestamp::from_seconds(370 * 86400));
        assert_eq!(hour_after(now), Timestamp::from_seconds(3 * 86400 + 3600));
        assert!(hour_after(Timestamp::from_seconds(3600)) > Timestamp::from_seconds(3600));
    }
}
