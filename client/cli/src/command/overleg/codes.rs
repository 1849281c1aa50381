//! The closed lists of meetings on the command line and on the screen.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use sluis_client::proto::signalling::v1 as wire;

/// A name of the interface without the name of its list: `DECISION_NO_ACTION` → `NO_ACTION`.
pub(super) fn short(name: &'static str, list: &str) -> &'static str {
    name.strip_prefix(list)
        .and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or(name)
}

macro_rules! parsers {
    ($($(#[$meta:meta])* $name:ident: $type:ident, $list:literal, [$($value:ident),+];)+) => {$(
        $(#[$meta])*
        pub(super) fn $name() -> impl TypedValueParser<Value = wire::$type> {
            const VALUES: &[wire::$type] = &[$(wire::$type::$value),+];
            PossibleValuesParser::new(VALUES.iter().map(|value| short(value.as_str_name(), $list))).map(|text| {
                let name = format!("{}_{}", $list, text.to_ascii_uppercase());
                wire::$type::from_str_name(&name).expect("one of the values that the parser lets through")
            })
        }
    )+};
}

parsers! {
    /// Reads how often a meeting is held.
    frequencies: MeetingFrequency, "MEETING_FREQUENCY", [Once, Weekly, Fortnightly, Monthly, Quarterly];
    /// Reads what is asked.
    questions: QuestionKind, "QUESTION_KIND",
        [WhoTakesItUp, WhichHelpFits, HowToReach, HowToKeepTheHome, HowToWorkTogether];
    /// Reads what was decided.
    decisions: Decision, "DECISION", [Act, NoAction, Unfounded, Postponed];
    /// Reads what came of an action.
    outcomes: Outcome, "OUTCOME", [Referred, Resolved, NoAction, Unfounded, Moved];
}

/// What somebody does.
pub(super) const ACTION_KINDS: [wire::ActionKind; 5] = [
    wire::ActionKind::ContactResident,
    wire::ActionKind::HomeVisit,
    wire::ActionKind::TakeLead,
    wire::ActionKind::ArrangeHelp,
    wire::ActionKind::Refer,
];

/// The name of what somebody does.
pub(super) fn action_name(kind: wire::ActionKind) -> &'static str {
    short(kind.as_str_name(), "ACTION_KIND")
}
