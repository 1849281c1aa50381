//! What must hold in the play, and what did not.

use std::fmt;

/// Which promise an expectation belongs to (`docs/ARCHITECTURE.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The play itself: things work.
    Works,
    /// P1: only the addressed organisation can read content.
    Sealed,
    /// P2: nothing opens without consent that is live at that moment.
    Gated,
    /// P3: no dossier.
    NoDossier,
    /// P4: no act without its leaf.
    Accountable,
    /// P6: what does not exist, is not yours or was refused is one answer.
    NoOracle,
}

/// One thing that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Every step of the play succeeds.
    EveryStepSucceeds,
    /// What was sealed comes out byte for byte.
    ContentComesOutAsItWentIn,
    /// Both sides are told of what happens.
    BothSidesAreTold,
    /// The attacker opens what is live: it is no straw man.
    AttackerOpensWhatIsLive,
    /// The operator, with all databases and keys of the mesh, does not open a message.
    OperatorDoesNotOpen,
    /// While the resident pauses, nothing is opened and nothing new is allowed.
    NothingOpensWhilePaused,
    /// What was withdrawn before it was opened stays closed.
    WithdrawnStaysClosed,
    /// Nothing stands in the databases in clear that must not.
    NothingStandsInClear,
    /// One person's rows cannot be told to belong together.
    RowsDoNotGroup,
    /// Who looks for something that fits tells nobody for whom.
    LookingTellsNothing,
    /// In an introduction, a no looks like silence to everybody else.
    ANoLooksLikeSilence,
    /// A worry that met no other tells nobody anything.
    OneWorryTellsNobody,
    /// A match tells that another organisation worries too and whom to call, and no more.
    MatchTellsNoMore,
    /// With everything at rest nobody tells in which circle a post lies.
    PostsTellNoCircle,
    /// A worry that nobody shares ends by itself, unheard of.
    UnsharedWorryEnds,
    /// Each opening has its leaf in the log, and the resident reads it.
    OpeningIsLogged,
    /// Each refusal has its leaf in the log, and the resident reads it.
    RefusalIsLogged,
}

impl Expectation {
    /// Which promise it belongs to.
    pub const fn promise(self) -> Promise {
        match self {
            Self::EveryStepSucceeds
            | Self::ContentComesOutAsItWentIn
            | Self::BothSidesAreTold
            | Self::AttackerOpensWhatIsLive => Promise::Works,
            Self::OperatorDoesNotOpen => Promise::Sealed,
            Self::NothingOpensWhilePaused | Self::WithdrawnStaysClosed => Promise::Gated,
            Self::ANoLooksLikeSilence | Self::OneWorryTellsNobody => Promise::NoOracle,
            Self::NothingStandsInClear
            | Self::RowsDoNotGroup
            | Self::LookingTellsNothing
            | Self::MatchTellsNoMore
            | Self::PostsTellNoCircle
            | Self::UnsharedWorryEnds => Promise::NoDossier,
            Self::OpeningIsLogged | Self::RefusalIsLogged => Promise::Accountable,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EveryStepSucceeds => "every step succeeds",
            Self::ContentComesOutAsItWentIn => "what went in comes out, byte for byte",
            Self::BothSidesAreTold => "both sides are told",
            Self::AttackerOpensWhatIsLive => "the attacker opens what is live",
            Self::OperatorDoesNotOpen => "the operator cannot open a message",
            Self::NothingOpensWhilePaused => "nothing opens while the resident pauses",
            Self::WithdrawnStaysClosed => "what was withdrawn stays closed",
            Self::NothingStandsInClear => "nothing stands in the databases in clear that must not",
            Self::RowsDoNotGroup => "one person's rows cannot be told to belong together",
            Self::LookingTellsNothing => "who looks for something tells nobody for whom",
            Self::ANoLooksLikeSilence => "a no looks like silence",
            Self::OneWorryTellsNobody => "a worry that met no other tells nobody",
            Self::MatchTellsNoMore => "a match tells whom to call, and no more",
            Self::PostsTellNoCircle => "nothing at rest tells in which circle a post lies",
            Self::UnsharedWorryEnds => "a worry that nobody shares ends unheard of",
            Self::OpeningIsLogged => "each opening has its leaf",
            Self::RefusalIsLogged => "each refusal has its leaf",
        })
    }
}

/// An expectation that did not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which one.
    pub expectation: Expectation,
    /// What was there instead. Fictional residents only.
    pub instead: String,
}

/// What the play came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What did not hold, in the order in which it was noticed.
    pub failures: Vec<Failure>,
}

impl Verdict {
    /// Whether everything was as it ought.
    pub fn is_as_it_ought(&self) -> bool {
        self.failures.is_empty()
    }

    /// Whether this did not hold.
    pub fn failed(&self, expectation: Expectation) -> bool {
        self.failures
            .iter()
            .any(|failure| failure.expectation == expectation)
    }

    /// Whether nothing of a promise failed.
    pub fn keeps(&self, promise: Promise) -> bool {
        self.failures
            .iter()
            .all(|failure| failure.expectation.promise() != promise)
    }

    /// Writes down what did not hold.
    pub(crate) fn expect(&mut self, holds: bool, expectation: Expectation, instead: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(Failure {
                expectation,
                instead: instead(),
            });
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_as_it_ought() {
            return f.write_str("every step was as it ought");
        }
        f.write_str("NOT as it ought:")?;
        self.failures
            .iter()
            .try_for_each(|failure| write!(f, "\n  {}: {}", failure.expectation, failure.instead))
    }
}
