//! A command, what it answers, and the request that asked for it.

use std::fmt;

use sluis_types::RequestId;

use crate::{LeafReference, LogEvent, OutboxEvent, StoreError, Tx};

/// One act, as a value that can be run again: when the database reports a conflict, `apply` runs anew on a fresh
/// transaction. It takes its time and chance from its own fields, so that every run decides alike.
pub trait Command: Send + Sync + 'static {
    /// The answer when it was done.
    type Reply: Send + 'static;
    /// The answer when it was refused, and the refusal stands in the log. `()` where there is none.
    type Refusal: Send + 'static;
    /// Why nothing happened at all: everything is rolled back and nothing is logged.
    type Error: From<StoreError> + Send + 'static;

    /// Loads, decides and saves. Touches nothing but `tx`.
    fn apply(
        &self,
        tx: &mut Tx<'_>,
    ) -> impl Future<Output = Result<Outcome<Self::Reply, Self::Refusal>, Self::Error>> + Send;
}

/// Housekeeping that is no act: it decides nothing about anyone, and leaves no leaf.
pub trait Upkeep: Send + Sync + 'static {
    /// What it tells its caller.
    type Output: Send + 'static;
    /// Why it was rolled back.
    type Error: From<StoreError> + Send + 'static;

    /// Does the work. Touches nothing but `tx`; may run more than once.
    fn apply(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

/// What a command decided, with its log events. It cannot be made without one.
#[derive(Debug)]
pub struct Outcome<R, F> {
    pub(crate) answer: Result<R, F>,
    pub(crate) log: Vec<LogEvent>,
    pub(crate) events: Vec<OutboxEvent>,
}

impl<R, F> Outcome<R, F> {
    /// It was done.
    pub fn done(reply: R, log: LogEvent) -> Self {
        Self {
            answer: Ok(reply),
            log: vec![log],
            events: Vec::new(),
        }
    }

    /// It was refused. The leaf is written, and so is what the command changed before (a counter of wrong tries).
    pub fn refused(refusal: F, log: LogEvent) -> Self {
        Self {
            answer: Err(refusal),
            log: vec![log],
            events: Vec::new(),
        }
    }

    /// Whether it was done, and not refused.
    pub const fn is_done(&self) -> bool {
        self.answer.is_ok()
    }

    /// Adds an event for the outbox, after those that are there.
    #[must_use]
    pub fn with_event(mut self, event: OutboxEvent) -> Self {
        self.events.push(event);
        self
    }

    /// Adds events for the outbox, in their order.
    #[must_use]
    pub fn with_events(mut self, events: impl IntoIterator<Item = OutboxEvent>) -> Self {
        self.events.extend(events);
        self
    }

    /// Adds a leaf of its own, for an act that belongs in more than one log.
    #[must_use]
    pub fn with_log(mut self, further: LogEvent) -> Self {
        self.log.push(further);
        self
    }
}

/// What a write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<R, F> {
    /// Done, or refused.
    pub answer: Result<R, F>,
    /// The leaves of the act, at least one, in the order of its log events.
    pub leaves: Vec<LeafReference>,
    /// Whether this answers a repeated request: nothing was changed now.
    pub replayed: bool,
}

impl<R, F> Written<R, F> {
    /// The leaf of the act's first log event.
    pub fn leaf(&self) -> &LeafReference {
        self.leaves
            .first()
            .expect("an outcome cannot be made without a log event")
    }
}

/// What is remembered of a request whose reply is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Whether the first attempt was refused.
    pub refused: bool,
    /// Its leaves.
    pub leaves: Vec<LeafReference>,
}

/// Who asked for what: the key under which a request is remembered.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, by its full name.
    pub method: &'static str,
    /// Canonical bytes that name the caller. Stored only as a part of an HMAC.
    pub caller: Vec<u8>,
    /// The caller's name for this attempt.
    pub id: RequestId,
    /// Hash of the whole request message.
    pub body_hash: [u8; 32],
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An answer that can be remembered, sealed, and given again. Every protobuf message can.
pub trait Stored: Sized + Send + 'static {
    /// The bytes to remember.
    fn to_stored(&self) -> Vec<u8>;
    /// The answer that was remembered; none when the bytes are none of ours.
    fn from_stored(bytes: &[u8]) -> Option<Self>;
}

impl<M: prost::Message + Default + 'static> Stored for M {
    fn to_stored(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
}
