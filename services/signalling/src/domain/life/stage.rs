//! Where a signal or a match is in its life.

/// The states as they are shown. The numbers are those of the proto enum `SignalState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Draft = 1,
    Registered = 2,
    Matched = 3,
    Acknowledged = 4,
    ResidentContacted = 5,
    OnAgenda = 6,
    FollowUp = 7,
    Closed = 8,
    Withdrawn = 9,
    Disputed = 10,
    Expired = 11,
}

impl State {
    /// The name in refusals and documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Registered => "REGISTERED",
            Self::Matched => "MATCHED",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::ResidentContacted => "RESIDENT_CONTACTED",
            Self::OnAgenda => "ON_AGENDA",
            Self::FollowUp => "FOLLOW_UP",
            Self::Closed => "CLOSED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Disputed => "DISPUTED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// How it ended. The numbers are those of the proto enum `Outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The resident declined. It has no consequence.
    Declined = 1,
    /// A referral followed, under a consent of its own.
    Referred = 2,
    /// The worry is gone.
    Resolved = 3,
    /// Nothing needs to be done.
    NoAction = 4,
    /// There was nothing to worry about.
    Unfounded = 5,
    /// The resident moved away.
    Moved = 6,
    /// The resident's objection was right.
    ObjectionUpheld = 7,
    /// The resident ended the circle.
    CircleEnded = 8,
}

impl Outcome {
    pub(crate) const ALL: [Self; 8] = [
        Self::Declined,
        Self::Referred,
        Self::Resolved,
        Self::NoAction,
        Self::Unfounded,
        Self::Moved,
        Self::ObjectionUpheld,
        Self::CircleEnded,
    ];

    /// The outcome that a number stands for.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| *outcome as u8 == number)
    }

    /// Whether a lead may close with it: the others are said by the resident, or about an objection.
    pub(crate) const fn is_of_follow_up(self) -> bool {
        matches!(
            self,
            Self::Referred | Self::Resolved | Self::NoAction | Self::Unfounded | Self::Moved
        )
    }
}

/// Where it is while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Written down, not yet weighed. It takes part in nothing.
    Draft = 1,
    /// Weighed; it is posted in every epoch that it lives in.
    Registered = 2,
    /// Met by a signal of another organisation.
    Matched = 3,
    /// Seen by a sender.
    Acknowledged = 4,
    /// The resident was spoken with; the answer is theirs.
    ResidentContacted = 5,
    /// Somebody does something about it.
    FollowUp = 7,
}

impl Open {
    pub(crate) const ALL: [Self; 6] = [
        Self::Draft,
        Self::Registered,
        Self::Matched,
        Self::Acknowledged,
        Self::ResidentContacted,
        Self::FollowUp,
    ];

    pub(crate) const fn state(self) -> State {
        match self {
            Self::Draft => State::Draft,
            Self::Registered => State::Registered,
            Self::Matched => State::Matched,
            Self::Acknowledged => State::Acknowledged,
            Self::ResidentContacted => State::ResidentContacted,
            Self::FollowUp => State::FollowUp,
        }
    }
}

/// Where it is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It goes on.
    Open(Open),
    /// On the agenda of a meeting.
    OnAgenda {
        /// Where it was, and returns to when it is taken off.
        before: Open,
    },
    /// The resident objected: hidden from everything until that is decided on.
    Disputed {
        /// Where it was, and returns to when it stands.
        before: Open,
    },
    /// Done. Final.
    Closed(Outcome),
    /// Taken back. Final.
    Withdrawn,
    /// Its time is over. Final.
    Expired,
}

impl Stage {
    /// The state as it is shown.
    pub(crate) const fn state(self) -> State {
        match self {
            Self::Open(open) => open.state(),
            Self::OnAgenda { .. } => State::OnAgenda,
            Self::Disputed { .. } => State::Disputed,
            Self::Closed(_) => State::Closed,
            Self::Withdrawn => State::Withdrawn,
            Self::Expired => State::Expired,
        }
    }

    /// How it ended, where it was closed.
    pub(crate) const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Closed(outcome) => Some(outcome),
            Self::Open(_)
            | Self::OnAgenda { .. }
            | Self::Disputed { .. }
            | Self::Withdrawn
            | Self::Expired => None,
        }
    }

    /// Whether nothing can happen any more.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::Closed(_) | Self::Withdrawn | Self::Expired)
    }

    /// Whether it goes on: it neither ended nor is disputed.
    pub(crate) const fn goes_on(self) -> bool {
        matches!(self, Self::Open(_) | Self::OnAgenda { .. })
    }

    /// Whether a signal in this stage may be posted: it was weighed, and goes on.
    pub(crate) const fn is_posted(self) -> bool {
        self.goes_on() && !matches!(self, Self::Open(Open::Draft))
    }

    /// Two bytes: state and, where it needs one, what it was before or how it ended.
    pub(crate) const fn encode(self) -> [u8; 2] {
        let detail = match self {
            Self::OnAgenda { before } | Self::Disputed { before } => before as u8,
            Self::Closed(outcome) => outcome as u8,
            Self::Open(_) | Self::Withdrawn | Self::Expired => 0,
        };
        [self.state() as u8, detail]
    }

    /// Reads what [`Stage::encode`] wrote.
    pub(crate) fn decode([state, detail]: [u8; 2]) -> Option<Self> {
        let open = |number: u8| Open::ALL.into_iter().find(|open| *open as u8 == number);
        match (state, detail) {
            (1..=5 | 7, 0) => open(state).map(Self::Open),
            (6, _) => open(detail)
                .filter(|before| matches!(before, Open::Registered | Open::Acknowledged))
                .map(|before| Self::OnAgenda { before }),
            (8, _) => Outcome::from_number(detail).map(Self::Closed),
            (9, 0) => Some(Self::Withdrawn),
            (10, _) => open(detail).map(|before| Self::Disputed { before }),
            (11, 0) => Some(Self::Expired),
            _ => None,
        }
    }
}
