//! The moments between the steps of ending a grant, in order.

/// A moment in the ending of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The bucket's next key is stored; nothing else has happened.
    NextKeyStored,
    /// In the transaction: the grant has ended, the siblings are being wrapped anew.
    WrappingSiblings,
    /// In the transaction: all but the leaf is written.
    BeforeLeaf,
    /// In the transaction: the leaf is written too.
    BeforeCommit,
    /// Committed; the old key is still there.
    BeforeDestruction,
    /// The old key's file is overwritten and not yet removed.
    HalfDestroyed,
    /// The old key is gone; the answer has not been given.
    BeforeAnswer,
}

impl Step {
    pub(crate) const ALL: [Self; 7] = [
        Self::NextKeyStored,
        Self::WrappingSiblings,
        Self::BeforeLeaf,
        Self::BeforeCommit,
        Self::BeforeDestruction,
        Self::HalfDestroyed,
        Self::BeforeAnswer,
    ];

    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NextKeyStored => "next-key-stored",
            Self::WrappingSiblings => "wrapping-siblings",
            Self::BeforeLeaf => "before-leaf",
            Self::BeforeCommit => "before-commit",
            Self::BeforeDestruction => "before-destruction",
            Self::HalfDestroyed => "half-destroyed",
            Self::BeforeAnswer => "before-answer",
        }
    }
}

/// What happens at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Nothing goes on: the process waits to be killed.
    StandStill,
    /// The step fails, once.
    FailOnce,
}

impl Mishap {
    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::StandStill => "stand-still",
            Self::FailOnce => "fail-once",
        }
    }
}

/// What the program says when it comes to the moment.
pub(crate) const REACHED: &str = "reached";
