//! How serious a worry is, and what is asked before it becomes a signal.

use sluis_proto::signalling::v1 as wire;
use sluis_types::Timestamp;

use crate::Error;

/// Whom to call instead of sending a signal: for danger, violence and an acute crisis alike, because one often hides
/// the other. 112 is the emergency number; Veilig Thuis is the advice and report centre for domestic violence and child
/// abuse, free, day and night; for an acute mental crisis there is no one number in the country.
pub const CALL_INSTEAD: [(&str, &str); 3] = [
    ("danger, now", "112"),
    ("violence at home, child abuse", "Veilig Thuis, 0800-2000"),
    (
        "acute mental crisis",
        "the GP or the GP post, who call the crisis service of the region",
    ),
];

/// How serious a signal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something to keep an eye on. Lives 60 days; makes no match by itself.
    Attention,
    /// A worry. Lives 90 days.
    Worry,
    /// Serious. Lives 180 days; needs a second pair of eyes.
    Serious,
    /// Acute: no signal. Refused before anything is sent; [`CALL_INSTEAD`] says whom to call.
    Acute,
}

impl Severity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Attention, Self::Worry, Self::Serious, Self::Acute];

    /// Its name, UPPER_SNAKE.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attention => "ATTENTION",
            Self::Worry => "WORRY",
            Self::Serious => "SERIOUS",
            Self::Acute => "ACUTE",
        }
    }

    /// The severity of that name.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|severity| severity.name() == name);
        found.ok_or_else(|| Error::invalid("severity", "ATTENTION, WORRY, SERIOUS or ACUTE"))
    }

    /// Whether it can make a match.
    pub const fn is_strong(self) -> bool {
        matches!(self, Self::Worry | Self::Serious)
    }

    /// Refuses what is no signal, before anything is sent.
    pub(crate) const fn check(self) -> Result<Self, Error> {
        match self {
            Self::Acute => Err(Error::CallInstead),
            other => Ok(other),
        }
    }

    pub(crate) fn to_wire(self) -> i32 {
        match self {
            Self::Attention => wire::Severity::Attention,
            Self::Worry => wire::Severity::Worry,
            Self::Serious => wire::Severity::Serious,
            Self::Acute => wire::Severity::Acute,
        }
        .into()
    }

    pub(crate) fn from_wire(number: i32) -> Result<Self, Error> {
        match wire::Severity::try_from(number).unwrap_or_default() {
            wire::Severity::Attention => Ok(Self::Attention),
            wire::Severity::Worry => Ok(Self::Worry),
            wire::Severity::Serious => Ok(Self::Serious),
            wire::Severity::Acute | wire::Severity::Unspecified => {
                Err(Error::bad_answer("a signal", "no severity"))
            }
        }
    }
}

/// Why the resident is not told yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeferralReason {
    /// Telling would endanger the resident.
    SafetyOfResident,
    /// Telling would endanger somebody else.
    SafetyOfOthers,
    /// The resident could not be reached yet.
    NotReached,
}

impl DeferralReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SafetyOfResident, Self::SafetyOfOthers, Self::NotReached];

    /// Its name, UPPER_SNAKE.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SafetyOfResident => "SAFETY_OF_RESIDENT",
            Self::SafetyOfOthers => "SAFETY_OF_OTHERS",
            Self::NotReached => "NOT_REACHED",
        }
    }

    /// The reason of that name.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|reason| reason.name() == name);
        found.ok_or_else(|| Error::invalid("reason", "SAFETY_OF_RESIDENT, SAFETY_OF_OTHERS or NOT_REACHED"))
    }

    fn to_wire(self) -> i32 {
        match self {
            Self::SafetyOfResident => wire::DeferralReason::SafetyOfResident,
            Self::SafetyOfOthers => wire::DeferralReason::SafetyOfOthers,
            Self::NotReached => wire::DeferralReason::NotReached,
        }
        .into()
    }
}

/// Whether the resident knows of the worry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidentTold {
    /// Told, at this time.
    At(Timestamp),
    /// Not yet.
    Deferred {
        /// Why.
        reason: DeferralReason,
        /// Until when, 30 days at most.
        until: Timestamp,
    },
}

/// What is asked before a worry becomes a signal. The mesh refuses a signal whose first three answers are not all yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to a question")]
pub struct Checklist {
    /// Seen or heard by the organisation's own people.
    pub first_hand: bool,
    /// The resident was asked, or the circle is the consent.
    pub consent_tried: bool,
    /// Nothing less would do.
    pub least_intrusive: bool,
    /// There is violence, or danger that cannot wait: then it is no signal.
    pub danger: bool,
    /// Whether the resident knows.
    pub told: ResidentTold,
}

impl Checklist {
    pub(crate) fn to_wire(self) -> wire::Checklist {
        use wire::checklist::Notice;
        let notice = match self.told {
            ResidentTold::At(at) => Notice::ToldAt(to_proto(at)),
            ResidentTold::Deferred { reason, until } => Notice::Deferred(wire::Deferral {
                reason: reason.to_wire(),
                until: Some(to_proto(until)),
            }),
        };
        wire::Checklist {
            first_hand: self.first_hand,
            consent_tried: self.consent_tried,
            least_intrusive: self.least_intrusive,
            danger: self.danger,
            notice: Some(notice),
        }
    }
}

/// A moment for the wire.
pub(crate) fn to_proto(at: Timestamp) -> prost_types::Timestamp {
    let micros = at.micros().rem_euclid(1_000_000);
    prost_types::Timestamp {
        seconds: at.micros().div_euclid(1_000_000),
        nanos: i32::try_from(micros * 1000).expect("less than a second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acute_is_no_signal_and_the_numbers_are_there() {
        assert!(matches!(Severity::Acute.check(), Err(Error::CallInstead)));
        for severity in [Severity::Attention, Severity::Worry, Severity::Serious] {
            assert_eq!(severity.check().expect("a signal"), severity);
            assert_eq!(
                Severity::from_wire(severity.to_wire()).expect("a severity"),
                severity
            );
            assert_eq!(Severity::from_name(severity.name()).expect("a name"), severity);
        }
        assert!(!Severity::Attention.is_strong() && Severity::Worry.is_strong());
        let numbers: String = CALL_INSTEAD.iter().map(|(_, whom)| *whom).collect();
        assert!(
            numbers.contains("112") && numbers.contains("0800-2000") && numbers.contains("crisis service")
        );
    }

    #[test]
    fn moments_before_1970_keep_their_order_on_the_wire() {
        let moment = to_proto(Timestamp::from_micros(-1));
        assert_eq!((moment.seconds, moment.nanos), (-1, 999_999_000));
    }
}
