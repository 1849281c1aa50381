//! What happens to a signal or a match, and who does it.

use super::stage::{Open, Outcome};

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A professional of an organisation whose signal it is.
    Sender,
    /// The professional who took the lead.
    Lead,
    /// The chair of a meeting.
    Chair,
    /// Who decides on objections: a privacy officer (FG) or coordinator.
    PrivacyOfficer,
    /// The resident, on a ticket.
    Resident,
    /// The service itself: a match, and time.
    Mesh,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It was weighed, and found to be a signal.
    Weigh,
    /// A signal of another organisation met it.
    Match,
    /// A sender says that it has seen the match.
    Acknowledge,
    /// The lead spoke with the resident.
    ContactResident,
    /// The resident wants help.
    Agree,
    /// The resident does not. It has no consequence.
    Decline,
    /// It is put on the agenda of a meeting.
    PutOnAgenda,
    /// It is taken off that agenda, or nothing was decided there.
    TakeOffAgenda,
    /// The meeting decided that somebody does something.
    RecordDecision,
    /// It is over.
    Close(Outcome),
    /// The sender takes it back.
    Withdraw,
    /// The resident objects: it is hidden at once.
    Object,
    /// The objection was decided on, and the signal stands.
    Uphold,
    /// Its time is over.
    Expire,
}

/// The kinds of [`Event`], for the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Weigh,
    Match,
    Acknowledge,
    ContactResident,
    Agree,
    Decline,
    PutOnAgenda,
    TakeOffAgenda,
    RecordDecision,
    Close,
    Withdraw,
    Object,
    Uphold,
    Expire,
}

impl Kind {
    /// The name in refusals and documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Weigh => "WEIGH",
            Self::Match => "MATCH",
            Self::Acknowledge => "ACKNOWLEDGE",
            Self::ContactResident => "CONTACT_RESIDENT",
            Self::Agree => "AGREE",
            Self::Decline => "DECLINE",
            Self::PutOnAgenda => "PUT_ON_AGENDA",
            Self::TakeOffAgenda => "TAKE_OFF_AGENDA",
            Self::RecordDecision => "RECORD_DECISION",
            Self::Close => "CLOSE",
            Self::Withdraw => "WITHDRAW",
            Self::Object => "OBJECT",
            Self::Uphold => "UPHOLD",
            Self::Expire => "EXPIRE",
        }
    }
}

impl Event {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Weigh => Kind::Weigh,
            Self::Match => Kind::Match,
            Self::Acknowledge => Kind::Acknowledge,
            Self::ContactResident => Kind::ContactResident,
            Self::Agree => Kind::Agree,
            Self::Decline => Kind::Decline,
            Self::PutOnAgenda => Kind::PutOnAgenda,
            Self::TakeOffAgenda => Kind::TakeOffAgenda,
            Self::RecordDecision => Kind::RecordDecision,
            Self::Close(_) => Kind::Close,
            Self::Withdraw => Kind::Withdraw,
            Self::Object => Kind::Object,
            Self::Uphold => Kind::Uphold,
            Self::Expire => Kind::Expire,
        }
    }

    /// Where an open signal or match comes to by this; none where it ends, or is hidden.
    pub(super) const fn leads_to(self, before: Open) -> Option<Open> {
        match self {
            Self::Weigh => Some(Open::Registered),
            Self::Match => Some(Open::Matched),
            Self::Acknowledge => Some(Open::Acknowledged),
            Self::ContactResident => Some(Open::ResidentContacted),
            Self::Agree | Self::RecordDecision => Some(Open::FollowUp),
            Self::Uphold | Self::TakeOffAgenda => Some(before),
            Self::Decline
            | Self::PutOnAgenda
            | Self::Close(_)
            | Self::Withdraw
            | Self::Object
            | Self::Expire => None,
        }
    }
}
