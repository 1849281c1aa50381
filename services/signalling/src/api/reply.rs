//! Signals and matches as they are shown. Our numbers of states and outcomes are the proto's: a test compares them.

use sluis_proto::signalling::v1 as proto;
use sluis_serve::to_proto_timestamp;
use sluis_types::Timestamp;

use crate::domain::encounter::Encounter;
use crate::domain::life::{Outcome, Stage};
use crate::domain::signal::Signal;
use crate::store::boxes::MatchedBox;

fn outcome(stage: Stage) -> i32 {
    stage
        .outcome()
        .map_or(proto::Outcome::Unspecified as i32, |outcome: Outcome| {
            outcome as i32
        })
}

/// A signal as its organisation sees it at `now`.
pub(super) fn signal(signal: &Signal, now: Timestamp) -> proto::Signal {
    let stage = signal.stage_at(now);
    proto::Signal {
        signal_id: signal.id.to_string(),
        state: stage.state() as i32,
        outcome: outcome(stage),
        severity: signal.observation.severity as i32,
        observed_at: Some(to_proto_timestamp(signal.observation.last_at)),
        expires_at: Some(to_proto_timestamp(signal.observation.expires())),
        version: signal.version,
        match_ids: signal.matches.iter().map(ToString::to_string).collect(),
    }
}

/// A match as its parties and its resident see it. Who in an organisation has the lead is that organisation's own.
pub(super) fn encounter(encounter: &Encounter) -> proto::Match {
    let parties = encounter.parties.iter().map(|party| proto::Party {
        organisation: party.organisation.to_string(),
        acknowledged: party.acknowledged,
    });
    proto::Match {
        match_id: encounter.id.to_string(),
        state: encounter.stage.state() as i32,
        outcome: outcome(encounter.stage),
        version: encounter.version,
        matched_at: Some(to_proto_timestamp(encounter.matched_at)),
        acknowledge_by: Some(to_proto_timestamp(encounter.acknowledge_by())),
        parties: parties.collect(),
        lead: encounter
            .lead
            .map(|lead| lead.organisation.to_string())
            .unwrap_or_default(),
        overdue: encounter.is_overdue,
    }
}

/// A contact box for its recipient.
pub(super) fn matched_box(matched: MatchedBox) -> proto::MatchedBox {
    proto::MatchedBox {
        contact_box: matched.contact_box.into(),
        receipt: matched.receipt.into(),
        match_statement: matched.statement.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::life::Open;
    use crate::domain::observation::Severity;
    use crate::domain::weighing::DeferralReason;

    #[test]
    fn our_numbers_and_names_are_those_of_the_proto() {
        let opens = Open::ALL.map(Stage::Open);
        let others = [
            Stage::Closed(Outcome::Resolved),
            Stage::Withdrawn,
            Stage::OnAgenda {
                before: Open::Registered,
            },
            Stage::Disputed { before: Open::Draft },
            Stage::Expired,
        ];
        let all: Vec<_> = opens.into_iter().chain(others).collect();
        assert_eq!(all.len(), 11);
        for stage in all {
            let theirs = proto::SignalState::try_from(stage.state() as i32).unwrap();
            assert_eq!(
                theirs.as_str_name(),
                format!("SIGNAL_STATE_{}", stage.state().name())
            );
        }
        assert!(proto::SignalState::try_from(12).is_err());
        let plain = |name: &str, prefix: &str| name.replace(prefix, "").replace('_', "");
        for ours in Outcome::ALL {
            let theirs = proto::Outcome::try_from(ours as i32).unwrap();
            assert_eq!(
                plain(theirs.as_str_name(), "OUTCOME_"),
                format!("{ours:?}").to_uppercase()
            );
        }
        assert!(proto::Outcome::try_from(9).is_err());
        for ours in Severity::ALL {
            let theirs = proto::Severity::try_from(ours as i32).unwrap();
            assert_eq!(
                plain(theirs.as_str_name(), "SEVERITY_"),
                format!("{ours:?}").to_uppercase()
            );
        }
        for number in 1..=3 {
            let ours = DeferralReason::from_number(number).unwrap();
            let theirs = proto::DeferralReason::try_from(i32::from(number)).unwrap();
            assert_eq!(
                plain(theirs.as_str_name(), "DEFERRAL_REASON_"),
                format!("{ours:?}").to_uppercase()
            );
        }
        assert!(DeferralReason::from_number(4).is_none());
    }
}
