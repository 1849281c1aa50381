//! Who sits at a meeting.

use sluis_types::{CodeSet, Oin, ProfessionalRole};

use super::code::Answer;
use super::life::Refused;

/// Fewest organisations at a meeting.
const PARTICIPANTS_MIN: usize = 2;
/// Most organisations at a meeting.
pub(crate) const PARTICIPANTS_MAX: usize = 16;

/// A professional who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) organisation: Oin,
    /// Pseudonym.
    pub(crate) professional: [u8; 32],
    pub(crate) role: ProfessionalRole,
}

/// An organisation at a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) organisation: Oin,
    /// Which of its professionals.
    pub(crate) roles: CodeSet<ProfessionalRole>,
    pub(crate) answer: Answer,
}

impl Seat {
    /// Whether these may sit at a meeting at all: whoever works with people, and nobody for company.
    pub(crate) fn check_roles(roles: CodeSet<ProfessionalRole>) -> Result<(), Refused> {
        let may_sit = |role| {
            matches!(
                role,
                ProfessionalRole::Professional
                    | ProfessionalRole::Coordinator
                    | ProfessionalRole::HousingOfficer
            )
        };
        if roles.is_empty() || !roles.iter().all(may_sit) {
            return Err(Refused::Field("roles"));
        }
        Ok(())
    }

    /// Whether it is invited and did not say that it stays away.
    pub(crate) fn may_come(&self) -> bool {
        self.answer != Answer::DoesNotCome
    }
}

/// Whether these may be the participants of a meeting, with this coordinator and chair.
pub(super) fn check_participants(participants: &[Seat], coordinator: Oin, chair: Oin) -> Result<(), Refused> {
    let seats = |oin: Oin| {
        participants
            .iter()
            .filter(|seat| seat.organisation == oin)
            .count()
    };
    let fits = (PARTICIPANTS_MIN..=PARTICIPANTS_MAX).contains(&participants.len())
        && participants.iter().all(|seat| seats(seat.organisation) == 1)
        && seats(coordinator) == 1;
    if !fits {
        return Err(Refused::Field("participants"));
    }
    if seats(chair) != 1 {
        return Err(Refused::Field("chair"));
    }
    participants
        .iter()
        .try_for_each(|seat| Seat::check_roles(seat.roles))
}
