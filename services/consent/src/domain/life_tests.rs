use super::*;
use crate::domain::grant::tests::example;
use proptest::prelude::*;

/// The rows of the domain's own table, written out: who may follow whom.
const LEGAL: &[(Stage, Command, Stage)] = &[
    (Stage::Recorded, Command::Confirm, Stage::Active),
    (Stage::Recorded, Command::Withdraw, Stage::Withdrawn),
    (Stage::Recorded, Command::Expire, Stage::Expired),
    (Stage::Active, Command::Confirm, Stage::Active),
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
