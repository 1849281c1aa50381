//! What one write does inside its transaction, the same on both databases.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use zeroize::Zeroizing;

use crate::idempotency::{Place, Recalled};
use crate::{
    Command, LeafReference, LogEvent, Outcome, Parts, Remembered, Request, StoreError, Stored, Tx, Upkeep,
    WriteError, Written,
};

/// Whether the transaction, or this part of it, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Keep,
    Undo,
}

/// The result of a piece of work.
pub(crate) type Done<W> = Result<<W as Work>::Output, WriteError<<W as Work>::Error>>;

/// A piece of work that a backend runs in a transaction, more than once if need be.
pub(crate) trait Work: Send + Sync + 'static {
    type Output: Send + 'static;
    type Error: Send + 'static;

    fn run(&self, parts: &Parts, tx: &mut Tx<'_>) -> impl Future<Output = (Fate, Done<Self>)> + Send
    where
        Self: Sized;
}

/// Runs a piece of work and sees to it that nothing stands after a failed statement or a panic.
pub(crate) async fn guarded<W: Work>(work: &W, parts: &Parts, tx: &mut Tx<'_>) -> (Fate, Done<W>) {
    // A panic leaves nothing half-done behind: the transaction is rolled back and `tx` dropped.
    let outcome = AssertUnwindSafe(work.run(parts, tx)).catch_unwind().await;
    let (fate, done) = outcome.unwrap_or_else(|_| (Fate::Undo, Err(WriteError::Store(StoreError::Panicked))));
    match tx.failure.take() {
        Some(failure) => (Fate::Undo, Err(WriteError::Store(failure))),
        None => (fate, done),
    }
}

/// How replies become bytes and come back. Function pointers, so that acts whose reply is never stored need none.
pub(crate) struct Codec<R, F> {
    encode: fn(&Result<R, F>) -> Vec<u8>,
    decode: Decode<R, F>,
}

/// Takes whether it was refused, and the remembered bytes.
type Decode<R, F> = fn(bool, &[u8]) -> Option<Result<R, F>>;

impl<R: Stored, F: Stored> Codec<R, F> {
    pub(crate) const fn stored() -> Self {
        Self {
            encode: |answer| match answer {
                Ok(reply) => reply.to_stored(),
                Err(refusal) => refusal.to_stored(),
            },
            decode: |refused, bytes| {
                Some(if refused {
                    Err(F::from_stored(bytes)?)
                } else {
                    Ok(R::from_stored(bytes)?)
                })
            },
        }
    }
}

/// An act with what the store adds to it.
pub(crate) struct Act<C: Command> {
    pub(crate) request: Option<Request>,
    /// None: the reply is never stored.
    pub(crate) codec: Option<Codec<C::Reply, C::Refusal>>,
    pub(crate) command: C,
}

impl<C: Command> Work for Act<C> {
    type Output = Written<C::Reply, C::Refusal>;
    type Error = C::Error;

    async fn run(&self, parts: &Parts, tx: &mut Tx<'_>) -> (Fate, Done<Self>) {
        match self.perform(parts, tx).await {
            Ok((fate, written)) => (fate, Ok(written)),
            Err(error) => (Fate::Undo, Err(error)),
        }
    }
}

impl<C: Command> Act<C> {
    async fn perform(
        &self,
        parts: &Parts,
        tx: &mut Tx<'_>,
    ) -> Result<(Fate, Written<C::Reply, C::Refusal>), WriteError<C::Error>> {
        let mut place = None;
        if let Some(request) = &self.request {
            let (taken, recalled) = Place::claim(parts, tx, request).await?;
            match recalled {
                Recalled::New => {}
                Recalled::OtherBody => return Err(WriteError::RequestIdReused),
                Recalled::Answered(answer) => match &self.codec {
                    Some(codec) => {
                        let written = Written {
                            answer: (codec.decode)(answer.remembered.refused, &answer.reply).ok_or(
                                StoreError::Unexpected {
                                    what: "a remembered reply of another form",
                                },
                            )?,
                            leaves: answer.remembered.leaves,
                            replayed: true,
                        };
                        return Ok((Fate::Undo, written));
                    }
                    None => tx.remembered = Some(answer.remembered),
                },
            }
            place = Some(taken);
        }

        let Outcome { answer, log, events } = self.command.apply(tx).await.map_err(WriteError::Command)?;
        if let Some(failure) = &tx.failure {
            // The command went on after a failed statement. Nothing of it can stand.
            return Err(failure.clone().into());
        }

        let before = tx.remembered.take();
        if let Some(Remembered {
            refused: false,
            leaves,
        }) = &before
            && answer.is_ok()
        {
            // Done before, done again: the first leaf stands for both, and whatever was changed now is undone.
            return Ok((
                Fate::Undo,
                Written {
                    answer,
                    leaves: leaves.clone(),
                    replayed: true,
                },
            ));
        }

        let leaves = append_leaves(parts, tx, &log).await?;
        crate::outbox::append(parts, tx, &events).await?;
        // A refusal after something else does not change what is remembered: the first decision keeps its leaf.
        if let Some(place) = place.filter(|_| before.is_none() || answer.is_ok()) {
            let reply = Zeroizing::new(
                self.codec
                    .as_ref()
                    .map(|codec| (codec.encode)(&answer))
                    .unwrap_or_default(),
            );
            let remembered = Remembered {
                refused: answer.is_err(),
                leaves: leaves.clone(),
            };
            place.remember(parts, tx, &remembered, &reply).await?;
        }
        Ok((
            Fate::Keep,
            Written {
                answer,
                leaves,
                replayed: false,
            },
        ))
    }
}

async fn append_leaves(
    parts: &Parts,
    tx: &mut Tx<'_>,
    log: &[LogEvent],
) -> Result<Vec<LeafReference>, StoreError> {
    let mut leaves = Vec::with_capacity(log.len());
    for event in log {
        leaves.push(parts.journal.append(tx, event).await?);
    }
    Ok(leaves)
}

/// Housekeeping as a piece of work.
pub(crate) struct Chore<U>(pub(crate) U);

impl<U: Upkeep> Work for Chore<U> {
    type Output = U::Output;
    type Error = U::Error;

    async fn run(&self, _parts: &Parts, tx: &mut Tx<'_>) -> (Fate, Done<Self>) {
        match self.0.apply(tx).await {
            Ok(output) => (Fate::Keep, Ok(output)),
            Err(error) => (Fate::Undo, Err(WriteError::Command(error))),
        }
    }
}
