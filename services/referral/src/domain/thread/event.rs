//! What happens to a referral, and who does it.

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The organisation that refers.
    Sender,
    /// The organisation that is asked.
    Recipient,
    /// The resident, on a ticket.
    Resident,
    /// The service itself: time, and what it hears of consent.
    Mesh,
}

/// What happens to a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The opening message arrived in the recipient's system.
    Deliver,
    /// The opening message was opened.
    Open,
    /// The recipient takes it on.
    Accept,
    /// The recipient puts it on the waiting list, or tells a new expectation.
    Waitlist {
        /// The expected wait.
        expected_weeks: u16,
    },
    /// The recipient declines.
    Reject {
        /// Whether for want of capacity.
        no_capacity: bool,
    },
    /// The recipient begins the help.
    Start,
    /// The recipient completes it.
    Complete,
    /// The sender takes it back.
    Cancel,
    /// Someone stops it.
    Stop,
    /// Nobody answered in time.
    Expire,
    /// The consent ended.
    ConsentEnded,
    /// The consent is paused.
    ConsentPaused,
    /// The consent is live again.
    ConsentResumed,
}

/// The kinds of [`Event`], for the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Deliver,
    Open,
    Accept,
    Waitlist,
    Reject,
    Start,
    Complete,
    Cancel,
    Stop,
    Expire,
    ConsentEnded,
    ConsentPaused,
    ConsentResumed,
}

impl Kind {
    /// The name in refusals and documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deliver => "DELIVER",
            Self::Open => "OPEN",
            Self::Accept => "ACCEPT",
            Self::Waitlist => "WAITLIST",
            Self::Reject => "REJECT",
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Cancel => "CANCEL",
            Self::Stop => "STOP",
            Self::Expire => "EXPIRE",
            Self::ConsentEnded => "CONSENT_ENDED",
            Self::ConsentPaused => "CONSENT_PAUSED",
            Self::ConsentResumed => "CONSENT_RESUMED",
        }
    }

    /// Whether it is a command of people: what `allowed` lists.
    pub(super) const fn is_command(self) -> bool {
        matches!(
            self,
            Self::Accept
                | Self::Waitlist
                | Self::Reject
                | Self::Start
                | Self::Complete
                | Self::Cancel
                | Self::Stop
        )
    }
}

impl Event {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Deliver => Kind::Deliver,
            Self::Open => Kind::Open,
            Self::Accept => Kind::Accept,
            Self::Waitlist { .. } => Kind::Waitlist,
            Self::Reject { .. } => Kind::Reject,
            Self::Start => Kind::Start,
            Self::Complete => Kind::Complete,
            Self::Cancel => Kind::Cancel,
            Self::Stop => Kind::Stop,
            Self::Expire => Kind::Expire,
            Self::ConsentEnded => Kind::ConsentEnded,
            Self::ConsentPaused => Kind::ConsentPaused,
            Self::ConsentResumed => Kind::ConsentResumed,
        }
    }
}
