//! Where a referral is in its life.

/// The states as both sides see them. The numbers are those of the proto enum `ReferralState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Submitted = 1,
    Delivered = 2,
    InReview = 3,
    Accepted = 4,
    Waitlisted = 5,
    Rejected = 6,
    InProgress = 7,
    OnHold = 8,
    Completed = 9,
    Cancelled = 10,
    Expired = 11,
}

impl State {
    /// The name in refusals and documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Delivered => "DELIVERED",
            Self::InReview => "IN_REVIEW",
            Self::Accepted => "ACCEPTED",
            Self::Waitlisted => "WAITLISTED",
            Self::Rejected => "REJECTED",
            Self::InProgress => "IN_PROGRESS",
            Self::OnHold => "ON_HOLD",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// Why something ended or waits. The numbers are those of the proto enum `Cause`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    None = 0,
    ConsentWithdrawn = 1,
    ConsentPaused = 2,
    Sender = 3,
    Recipient = 4,
    Resident = 5,
    Time = 6,
    NoCapacity = 7,
}

impl Cause {
    /// The cause that a number stands for.
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::None,
            1 => Self::ConsentWithdrawn,
            2 => Self::ConsentPaused,
            3 => Self::Sender,
            4 => Self::Recipient,
            5 => Self::Resident,
            6 => Self::Time,
            7 => Self::NoCapacity,
            _ => return None,
        })
    }
}

/// Where a referral is while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Active {
    /// Durable at the mesh.
    Submitted,
    /// In the recipient's system.
    Delivered,
    /// Opened; a decision is due.
    InReview,
    /// Taken on.
    Accepted,
    /// On the waiting list.
    Waitlisted {
        /// The expected wait.
        expected_weeks: u16,
    },
    /// The help has begun.
    InProgress,
}

/// Why a referral waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The consent is paused.
    Paused,
    /// The consent ended after the referral was opened.
    Withdrawn,
}

/// Where a referral is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It goes on.
    Active(Active),
    /// It waits.
    OnHold {
        /// Where it was, and returns to when the consent is resumed.
        before: Active,
        /// Why it waits.
        hold: Hold,
    },
    /// Declined. Final.
    Rejected {
        /// Whether for want of capacity.
        no_capacity: bool,
    },
    /// Done. Final.
    Completed,
    /// Taken back, stopped, or its consent ended. Final.
    Cancelled(Cause),
    /// Not answered in time. Final.
    Expired,
}

impl Active {
    pub(crate) const fn state(self) -> State {
        match self {
            Self::Submitted => State::Submitted,
            Self::Delivered => State::Delivered,
            Self::InReview => State::InReview,
            Self::Accepted => State::Accepted,
            Self::Waitlisted { .. } => State::Waitlisted,
            Self::InProgress => State::InProgress,
        }
    }

    /// Whether the opening message was not opened yet.
    pub(crate) const fn is_unopened(self) -> bool {
        matches!(self, Self::Submitted | Self::Delivered)
    }
}

impl Stage {
    /// The state as both sides see it.
    pub(crate) const fn state(self) -> State {
        match self {
            Self::Active(active) => active.state(),
            Self::OnHold { .. } => State::OnHold,
            Self::Rejected { .. } => State::Rejected,
            Self::Completed => State::Completed,
            Self::Cancelled(_) => State::Cancelled,
            Self::Expired => State::Expired,
        }
    }

    /// Why, where the state alone does not say.
    pub(crate) const fn cause(self) -> Cause {
        match self {
            Self::OnHold {
                hold: Hold::Paused, ..
            } => Cause::ConsentPaused,
            Self::OnHold {
                hold: Hold::Withdrawn,
                ..
            } => Cause::ConsentWithdrawn,
            Self::Rejected { no_capacity: true } => Cause::NoCapacity,
            Self::Cancelled(cause) => cause,
            Self::Expired => Cause::Time,
            Self::Active(_) | Self::Rejected { no_capacity: false } | Self::Completed => Cause::None,
        }
    }

    /// The expected wait, while it is on the waiting list.
    pub(crate) const fn expected_weeks(self) -> u16 {
        match self {
            Self::Active(Active::Waitlisted { expected_weeks })
            | Self::OnHold {
                before: Active::Waitlisted { expected_weeks },
                ..
            } => expected_weeks,
            _ => 0,
        }
    }

    /// Where it is, or was before it had to wait; none when it ended.
    pub(crate) const fn active(self) -> Option<Active> {
        match self {
            Self::Active(active) | Self::OnHold { before: active, .. } => Some(active),
            Self::Rejected { .. } | Self::Completed | Self::Cancelled(_) | Self::Expired => None,
        }
    }
}
