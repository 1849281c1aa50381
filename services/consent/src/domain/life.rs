//! The life of a grant: its states, and the one table of what may follow what.

use sluis_types::Timestamp;

/// Where a grant is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
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
    Active,
    Suspended,
    Restored,
    Withdrawn,
    Expired,
}

impl Stage {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] = [
        Self::Active,
        Self::Suspended,
        Self::Restored,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The name that refusals give it: a restored grant is shown as suspended.
    pub(crate) const fn name(self) -> &'static str {
        match self {
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
        }
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Active),
            2 => Some(Self::Suspended),
            3 => Some(Self::Restored),
            4 => Some(Self::Withdrawn),
            5 => Some(Self::Expired),
            _ => None,
        }
    }
}

impl State {
    pub(crate) const fn stage(self) -> Stage {
        match self {
            Self::Active => Stage::Active,
            Self::Suspended(Pause::Asked) => Stage::Suspended,
            Self::Suspended(Pause::Restored) => Stage::Restored,
            Self::Withdrawn { .. } => Stage::Withdrawn,
            Self::Expired { .. } => Stage::Expired,
        }
    }

    pub(super) const fn entered(stage: Stage, at: Timestamp) -> Self {
        match stage {
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
            Self::Active | Self::Suspended(_) => None,
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
    /// The resident ends it.
    Withdraw,
    /// Its time is over.
    Expire,
    /// Its gate key is not there after a restore.
    LoseKey,
}

impl Command {
    pub(crate) const ALL: [Self; 7] = [
        Self::Widen,
        Self::Narrow,
        Self::Suspend,
        Self::Resume,
        Self::Withdraw,
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
            Self::Expire | Self::LoseKey => None,
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
mod tests {
    use super::*;
    use crate::domain::grant::tests::example;
    use proptest::prelude::*;

    /// The rows of the domain's own table, written out: who may follow whom.
    const LEGAL: &[(Stage, Command, Stage)] = &[
        (Stage::Active, Command::Narrow, Stage::Active),
        (Stage::Active, Command::Widen, Stage::Active),
        (Stage::Active, Command::Suspend, Stage::Suspended),
        (Stage::Suspended, Command::Resume, Stage::Active),
        (Stage::Active, Command::Withdraw, Stage::Withdrawn),
        (Stage::Suspended, Command::Withdraw, Stage::Withdrawn),
        (Stage::Active, Command::Expire, Stage::Expired),
        (Stage::Suspended, Command::Expire, Stage::Expired),
        (Stage::Active, Command::LoseKey, Stage::Restored),
        (Stage::Suspended, Command::LoseKey, Stage::Restored),
        (Stage::Restored, Command::Resume, Stage::Active),
        (Stage::Restored, Command::Withdraw, Stage::Withdrawn),
        (Stage::Restored, Command::Expire, Stage::Expired),
        (Stage::Withdrawn, Command::Withdraw, Stage::Withdrawn),
        (Stage::Expired, Command::Withdraw, Stage::Expired),
    ];

    #[test]
    fn the_table_has_the_rows_of_the_domain_and_no_other() {
        for from in Stage::ALL {
            for command in Command::ALL {
                let ours = transition(from, command).map(|line| line.to);
                let theirs = LEGAL
                    .iter()
                    .find(|row| row.0 == from && row.1 == command)
                    .map(|row| row.2);
                assert_eq!(ours, theirs, "{from:?} {command:?}");
            }
            assert_eq!(Stage::from_number(from.number()), Some(from));
        }
        assert_eq!(TRANSITIONS.len(), LEGAL.len(), "no pair stands twice");
    }

    #[test]
    fn a_refusal_names_what_a_resident_can_do() {
        assert_eq!(allowed_from(Stage::Active), "GRANT,NARROW,SUSPEND,WITHDRAW");
        assert_eq!(allowed_from(Stage::Suspended), "RESUME,WITHDRAW");
        assert_eq!(allowed_from(Stage::Withdrawn), "WITHDRAW");
    }

    proptest! {
        /// Whatever happens in whatever order: an ended grant stays ended, versions only rise, and a version that lost
        /// its key is never live again under the same number.
        #[test]
        fn no_order_of_commands_revives_a_key(commands in proptest::collection::vec(0..Command::ALL.len(), 0..40)) {
            let mut grant = example();
            let mut dead_versions = Vec::new();
            let mut ended = None;
            for (at, pick) in commands.into_iter().enumerate() {
                let (command, before) = (Command::ALL[pick], grant.clone());
                let now = Timestamp::from_seconds(100 + i64::try_from(at).unwrap());
                match grant.step(command, now) {
                    Ok(line) => {
                        if line.key != KeyFate::Stays {
                            dead_versions.push(before.version);
                        }
                        if line.key == KeyFate::Destroyed {
                            prop_assert!(grant.gate_key.is_empty());
                        }
                        prop_assert!(grant.version >= before.version);
                    }
                    Err(stage) => {
                        prop_assert_eq!(stage, before.state.stage());
                        prop_assert_eq!(&grant, &before);
                    }
                }
                if let Some(end) = ended {
                    prop_assert_eq!(grant.state, end);
                }
                if grant.state.ended_at().is_some() {
                    ended = Some(grant.state);
                }
                if grant.state == State::Active {
                    prop_assert!(!dead_versions.contains(&grant.version));
                }
            }
        }
    }
}
