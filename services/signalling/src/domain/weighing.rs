//! Weighing: what must have been asked before a worry becomes a signal, and by whom.

use std::time::Duration;

use sluis_types::{ProfessionalRole, Timestamp};

use super::observation::Severity;

/// How long the resident may be left untold.
const DEFERRAL_MAX: Duration = Duration::from_hours(30 * 24);

/// Why the resident is not told yet. The numbers are those of the proto enum `DeferralReason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeferralReason {
    /// Telling would endanger the resident.
    SafetyOfResident = 1,
    /// Telling would endanger somebody else.
    SafetyOfOthers = 2,
    /// The resident could not be reached yet.
    NotReached = 3,
}

impl DeferralReason {
    /// The reason that a number stands for.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        [Self::SafetyOfResident, Self::SafetyOfOthers, Self::NotReached]
            .into_iter()
            .find(|reason| *reason as u8 == number)
    }
}

/// Whether the resident knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Told, at this time.
    Told(Timestamp),
    /// Not yet, for a reason and until a day.
    Deferred(DeferralReason, Timestamp),
}

/// What was asked.
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to a question")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checklist {
    /// Seen or heard by the sender's own people.
    pub(crate) is_first_hand: bool,
    /// The resident was asked, or the circle is the consent.
    pub(crate) consent_tried: bool,
    /// Nothing less would do.
    pub(crate) is_least_intrusive: bool,
    /// There is violence, or acute danger.
    pub(crate) is_danger: bool,
    /// Whether the resident knows.
    pub(crate) notice: Notice,
}

/// Who wrote it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drafter {
    /// The professional's pseudonym.
    pub(crate) professional: [u8; 32],
    /// In which role.
    pub(crate) role: ProfessionalRole,
}

/// Why it is no signal, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unweighed {
    /// It does not belong here: call.
    Danger,
    /// The checklist has a no where a yes must stand, and which.
    Checklist(&'static str),
    /// Somebody else must weigh it.
    SecondEyes,
}

impl Drafter {
    /// Whether this role only writes drafts, which a coordinator of the same organisation weighs.
    pub(crate) const fn only_drafts(self) -> bool {
        matches!(
            self.role,
            ProfessionalRole::Volunteer | ProfessionalRole::ExpertByExperience
        )
    }

    /// Whether `by` may say that it is now this serious: serious for the first time takes somebody else.
    pub(crate) fn may_raise(self, by: Self, from: Severity, to: Severity) -> bool {
        let becomes_serious = to >= Severity::Serious && from < Severity::Serious;
        !by.only_drafts() && (!becomes_serious || by.professional != self.professional)
    }

    /// Whether `weigher` may make a signal of this draft.
    ///
    /// # Errors
    /// [`Unweighed`] for the first thing that is in the way; danger before everything.
    pub(crate) fn weighed(
        self,
        weigher: Self,
        severity: Severity,
        checklist: &Checklist,
        now: Timestamp,
    ) -> Result<(), Unweighed> {
        if checklist.is_danger {
            return Err(Unweighed::Danger);
        }
        let by_another = weigher.professional != self.professional;
        let needs_another = severity >= Severity::Serious || self.only_drafts();
        let is_allowed = if self.only_drafts() {
            weigher.role == ProfessionalRole::Coordinator
        } else {
            !weigher.only_drafts()
        };
        if !is_allowed || (needs_another && !by_another) {
            return Err(Unweighed::SecondEyes);
        }
        let answers = [
            ("first_hand", checklist.is_first_hand),
            ("consent_tried", checklist.consent_tried),
            ("least_intrusive", checklist.is_least_intrusive),
            ("notice", checklist.notice.is_sound(now)),
        ];
        match answers.iter().find(|(_, yes)| !yes) {
            Some((name, _)) => Err(Unweighed::Checklist(name)),
            None => Ok(()),
        }
    }
}

impl Notice {
    fn is_sound(self, now: Timestamp) -> bool {
        match self {
            Self::Told(at) => at <= now.plus(Duration::from_mins(1)),
            Self::Deferred(_, until) => until > now && until.since(now) <= DEFERRAL_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn person(number: u8, role: ProfessionalRole) -> Drafter {
        Drafter {
            professional: [number; 32],
            role,
        }
    }

    fn asked() -> Checklist {
        Checklist {
            is_first_hand: true,
            consent_tried: true,
            is_least_intrusive: true,
            is_danger: false,
            notice: Notice::Told(NOW),
        }
    }

    #[test]
    fn danger_is_told_whom_to_call_before_anything_else() {
        let danger = Checklist {
            is_danger: true,
            is_first_hand: false,
            ..asked()
        };
        let volunteer = person(1, ProfessionalRole::Volunteer);
        assert_eq!(
            volunteer.weighed(volunteer, Severity::Serious, &danger, NOW),
            Err(Unweighed::Danger)
        );
    }

    #[test]
    fn serious_signals_and_drafts_of_volunteers_need_a_second_pair_of_eyes() {
        let (one, other) = (
            person(1, ProfessionalRole::Professional),
            person(2, ProfessionalRole::Professional),
        );
        for (severity, alone) in [
            (Severity::Attention, true),
            (Severity::Worry, true),
            (Severity::Serious, false),
        ] {
            assert_eq!(
                one.weighed(one, severity, &asked(), NOW).is_ok(),
                alone,
                "{severity:?}"
            );
            assert_eq!(one.weighed(other, severity, &asked(), NOW), Ok(()));
        }
        let coordinator = person(3, ProfessionalRole::Coordinator);
        for role in [ProfessionalRole::Volunteer, ProfessionalRole::ExpertByExperience] {
            let drafter = person(4, role);
            for weigher in [drafter, person(5, role), one] {
                let outcome = drafter.weighed(weigher, Severity::Attention, &asked(), NOW);
                assert_eq!(outcome, Err(Unweighed::SecondEyes));
            }
            assert_eq!(
                drafter.weighed(coordinator, Severity::Attention, &asked(), NOW),
                Ok(())
            );
            let outcome = one.weighed(drafter, Severity::Worry, &asked(), NOW);
            assert_eq!(
                outcome,
                Err(Unweighed::SecondEyes),
                "who only drafts weighs nothing"
            );
        }
    }

    #[test]
    fn what_becomes_serious_is_seen_by_somebody_else_too() {
        let (one, other) = (
            person(1, ProfessionalRole::Professional),
            person(2, ProfessionalRole::Professional),
        );
        assert!(!one.may_raise(one, Severity::Worry, Severity::Serious));
        assert!(one.may_raise(other, Severity::Worry, Severity::Serious));
        assert!(
            one.may_raise(one, Severity::Serious, Severity::Serious),
            "it was seen before"
        );
        assert!(one.may_raise(one, Severity::Serious, Severity::Attention));
        let volunteer = person(3, ProfessionalRole::Volunteer);
        assert!(!one.may_raise(volunteer, Severity::Worry, Severity::Worry));
    }

    #[test]
    fn every_answer_counts_and_a_notice_is_deferred_for_a_month_at_most() {
        let one = person(1, ProfessionalRole::Professional);
        let no = |name: &'static str, checklist: Checklist| {
            assert_eq!(
                one.weighed(one, Severity::Worry, &checklist, NOW),
                Err(Unweighed::Checklist(name))
            );
        };
        no(
            "first_hand",
            Checklist {
                is_first_hand: false,
                ..asked()
            },
        );
        no(
            "consent_tried",
            Checklist {
                consent_tried: false,
                ..asked()
            },
        );
        no(
            "least_intrusive",
            Checklist {
                is_least_intrusive: false,
                ..asked()
            },
        );
        let told = |notice| Checklist { notice, ..asked() };
        let reason = DeferralReason::SafetyOfOthers;
        no("notice", told(Notice::Told(NOW.plus(DAY))));
        no("notice", told(Notice::Deferred(reason, NOW)));
        no("notice", told(Notice::Deferred(reason, NOW.plus(31 * DAY))));
        let month = told(Notice::Deferred(reason, NOW.plus(30 * DAY)));
        assert_eq!(one.weighed(one, Severity::Worry, &month, NOW), Ok(()));
    }
}
