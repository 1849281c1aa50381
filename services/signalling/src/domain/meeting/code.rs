//! The closed lists of meetings. The numbers are those of the proto enums; a test compares them.

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $value:ident = $number:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$value_meta])* $value = $number),+ }

        impl $name {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The value that a number stands for.
            pub(crate) fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| *value as u8 == number)
            }
        }
    };
}

numbered! {
    /// Where a meeting is.
    MeetingState {
        /// It has not begun.
        Planned = 1,
        /// The chair opened it.
        InSession = 2,
        /// It is over. Final.
        Closed = 3,
    }
}
numbered! {
    /// How often it is held.
    Frequency {
        Once = 1,
        Weekly = 2,
        Fortnightly = 3,
        Monthly = 4,
        Quarterly = 5,
    }
}
numbered! {
    /// What an organisation said to its invitation.
    Answer {
        /// Nothing yet.
        Open = 1,
        Comes = 2,
        DoesNotCome = 3,
    }
}
numbered! {
    /// What is asked of the meeting.
    QuestionKind {
        WhoTakesItUp = 1,
        WhichHelpFits = 2,
        HowToReach = 3,
        HowToKeepTheHome = 4,
        HowToWorkTogether = 5,
    }
}
numbered! {
    /// Where an item is.
    ItemState {
        /// It waits for its turn.
        OnAgenda = 1,
        /// Who is not invited is not in the room.
        InTreatment = 2,
        /// Actions are open.
        Decided = 3,
        /// Nothing is open. Final.
        Done = 4,
        /// Final.
        TakenOff = 5,
        /// The resident objected. Final.
        Objected = 6,
    }
}
numbered! {
    /// Why an item was taken off.
    TakenOff {
        Withdrawn = 1,
        ConsentEnded = 2,
        ConsentChanged = 3,
        NotTreated = 4,
    }
}
numbered! {
    /// What was decided.
    Decision {
        /// Somebody does something.
        Act = 1,
        NoAction = 2,
        Unfounded = 3,
        /// It may be put on another agenda.
        Postponed = 4,
    }
}
numbered! {
    /// What somebody does.
    ActionKind {
        ContactResident = 1,
        HomeVisit = 2,
        TakeLead = 3,
        ArrangeHelp = 4,
        /// Under a consent of its own.
        Refer = 5,
    }
}
numbered! {
    /// What the resident said about coming.
    Presence {
        Silent = 1,
        Comes = 2,
        SendsSomebody = 3,
        DoesNotCome = 4,
    }
}

impl MeetingState {
    /// The name in refusals.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Planned => "PLANNED",
            Self::InSession => "IN_SESSION",
            Self::Closed => "CLOSED",
        }
    }
}

impl ItemState {
    /// The name in refusals.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OnAgenda => "ON_AGENDA",
            Self::InTreatment => "IN_TREATMENT",
            Self::Decided => "DECIDED",
            Self::Done => "DONE",
            Self::TakenOff => "TAKEN_OFF",
            Self::Objected => "OBJECTED",
        }
    }
}
