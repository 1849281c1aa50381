//! The life of a grant: its states, and the one table of what may follow what.

use sluis_types::Timestamp;

/// Where a grant is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A record of another legal basis that waits for a second person. Nothing is allowed by it.
    Recorded,
    /// Live, until its end.
    Active,
    /// Everything is refused.
    Suspended(Pause),
    /// Ended by the resident or their representative.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Ended by time.
    Expired {
        /// When.
        at: Timestamp,
    },
}

/// Why a grant is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The resident asked for it. The gate key is kept.
    Asked,
    /// The gate key was gone after a restore. Only the resident's own confirmation begins a new version.
    Restored,
}

/// [`State`] without its data, as the table of transitions names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Recorded,
    Active,
    Suspended,
    Restored,
    Withdrawn,
    Expired,
}

impl Stage {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] = [
        Self::Recorded,
        Self::Active,
        Self::Suspended,
        Self::Restored,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The name that refusals give it: a restored grant is shown as suspended.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "RECORDED",
            Self::Active => "ACTIVE",
            Self::Suspended | Self::Restored => "SUSPENDED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Expired => "EXPIRED",
        }
    }

    /// The number in stored refusals and rows.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::Suspended => 2,
            Self::Restored => 3,
            Self::Withdrawn => 4,
            Self::Expired => 5,
            Self::Recorded => 6,
        }
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Active),
            2 => Some(Self::Suspended),
            3 => Some(Self::Restored),
            4 => Some(Self::Withdrawn),
            5 => Some(Self::Expired),
            6 => Some(Self::Recorded),
            _ => None,
        }
    }
}

impl State {
    pub(crate) const fn stage(self) -> Stage {
        match self {
            Self::Recorded => Stage::Recorded,
            Self::Active => Stage::Active,
            Self::Suspended(Pause::Asked) => Stage::Suspended,
            Self::Suspended(Pause::Restored) => Stage::Restored,
            Self::Withdrawn { .. } => Stage::Withdrawn,
            Self::Expired { .. } => Stage::Expired,
        }
    }

    pub(super) const fn entered(stage: Stage, at: Timestamp) -> Self {
        match stage {
            Stage::Recorded => Self::Recorded,
            Stage::Active => Self::Active,
            Stage::Suspended => Self::Suspended(Pause::Asked),
            Stage::Restored => Self::Suspended(Pause::Restored),
            Stage::Withdrawn => Self::Withdrawn { at },
            Stage::Expired => Self::Expired { at },
        }
    }

    /// When the grant ended; none while it lives.
    pub(crate) const fn ended_at(self) -> Option<Timestamp> {
        match self {
            Self::Withdrawn { at } | Self::Expired { at } => Some(at),
            Self::Recorded | Self::Active | Self::Suspended(_) => None,
        }
    }
}

/// What can happen to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// The resident grants more, or the same anew.
    Widen,
    /// The resident takes something away.
    Narrow,
    /// The resident pauses it.
    Suspend,
    /// The resident resumes it, or confirms it after a restore.
    Resume,
    /// The resident ends it; of a record of another legal basis, the organisation that made it.
    Withdraw,
    /// A second person confirms a record of another legal basis.
    Confirm,
    /// Its time is over.
    Expire,
    /// Its gate key is not there after a restore.
    LoseKey,
}

impl Command {
    pub(crate) const ALL: [Self; 8] = [
        Self::Widen,
        Self::Narrow,
        Self::Suspend,
        Self::Resume,
        Self::Withdraw,
        Self::Confirm,
        Self::Expire,
        Self::LoseKey,
    ];

    /// The name in a refusal's `allowed`; none for what no resident can ask.
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Widen => Some("GRANT"),
            Self::Narrow => Some("NARROW"),
            Self::Suspend => Some("SUSPEND"),
            Self::Resume => Some("RESUME"),
            Self::Withdraw => Some("WITHDRAW"),
            Self::Confirm | Self::Expire | Self::LoseKey => None,
        }
    }
}

/// What a transition does to the gate key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFate {
    /// It stays as it is, or stays gone.
    Stays,
    /// It is destroyed, and the next version gets a fresh one.
    Replaced,
    /// It is destroyed.
    Destroyed,
}

/// What other services hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The grant ended.
    Ended,
    /// A newer version took this one's place.
    Superseded,
    /// Paused.
    Paused,
    /// Resumed.
    Resumed,
}

/// One line of the table.
pub(crate) struct Transition {
    pub(crate) from: Stage,
    pub(crate) command: Command,
    pub(crate) to: Stage,
    pub(crate) key: KeyFate,
    pub(crate) change: Option<Change>,
}

const fn to(from: Stage, command: Command, to: Stage, key: KeyFate, change: Option<Change>) -> Transition {
    Transition {
        from,
        command,
        to,
        key,
        change,
    }
}

/// Every transition there is. What is not here is illegal.
pub(crate) const TRANSITIONS: &[Transition] = &[
    // A record gets its first version, and its gate key, with the second person. Nobody heard of it before.
    to(
        Stage::Recorded,
        Command::Confirm,
        Stage::Active,
        KeyFate::Replaced,
        None,
    ),
    to(
        Stage::Recorded,
        Command::Withdraw,
        Stage::Withdrawn,
        KeyFate::Destroyed,
        None,
    ),
    to(
        Stage::Recorded,
        Command::Expire,
        Stage::Expired,
        KeyFate::Destroyed,
        None,
    ),
    // What was active at once stays as it is when it is confirmed, but for its end.
    to(
        Stage::Active,
        Command::Confirm,
        Stage::Active,
        KeyFate::Stays,
        None,
    ),
    to(
        Stage::Active,
        Command::Widen,
        Stage::Active,
        KeyFate::Replaced,
        Some(Change::Superseded),
    ),
    to(
        Stage::Active,
        Command::Narrow,
        Stage::Active,
        KeyFate::Replaced,
        Some(Change::Superseded),
    ),
    to(
        Stage::Active,
        Command::Suspend,
        Stage::Suspended,
        KeyFate::Stays,
        Some(Change::Paused),
    ),
    to(
        Stage::Active,
        Command::Withdraw,
        Stage::Withdrawn,
        KeyFate::Destroyed,
        Some(Change::Ended),
    ),
    to(
        Stage::Active,
        Command::Expire,
        Stage::Expired,
        KeyFate::Destroyed,
        Some(Change::Ended),
    ),
    to(
        Stage::Active,
        Command::LoseKey,
        Stage::Restored,
        KeyFate::Destroyed,
        Some(Change::Paused),
    ),
    to(
        Stage::Suspended,
        Command::Resume,
        Stage::Active,
        KeyFate::Stays,
        Some(Change::Resumed),
    ),
    to(
        Stage::Suspended,
        Command::Withdraw,
        Stage::Withdrawn,
        KeyFate::Destroyed,
        Some(Change::Ended),
    ),
    to(
        Stage::Suspended,
        Command::Expire,
        Stage::Expired,
        KeyFate::Destroyed,
        Some(Change::Ended),
    ),
    to(
        Stage::Suspended,
        Command::LoseKey,
        Stage::Restored,
        KeyFate::Destroyed,
        None,
    ),
    to(
        Stage::Restored,
        Command::Resume,
        Stage::Active,
        KeyFate::Replaced,
        Some(Change::Superseded),
    ),
    to(
        Stage::Restored,
        Command::Withdraw,
        Stage::Withdrawn,
        KeyFate::Destroyed,
        Some(Change::Ended),
    ),
    to(
        Stage::Restored,
        Command::Expire,
        Stage::Expired,
        KeyFate::Destroyed,
        Some(Change::Ended),
    ),
    // Withdrawing what has ended succeeds again and changes nothing.
    to(
        Stage::Withdrawn,
        Command::Withdraw,
        Stage::Withdrawn,
        KeyFate::Stays,
        None,
    ),
    to(
        Stage::Expired,
        Command::Withdraw,
        Stage::Expired,
        KeyFate::Stays,
        None,
    ),
];

/// The line for a stage and a command.
pub(crate) fn transition(from: Stage, command: Command) -> Option<&'static Transition> {
    TRANSITIONS
        .iter()
        .find(|line| line.from == from && line.command == command)
}

/// What a resident can do from a stage, for a refusal's metadata.
pub(crate) fn allowed_from(stage: Stage) -> String {
    let names: Vec<&str> = Command::ALL
        .into_iter()
        .filter(|command| transition(stage, *command).is_some())
        .filter_map(Command::name)
        .collect();
    names.join(",")
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
