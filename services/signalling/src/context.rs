//! What every handler and job works with.

use std::sync::Arc;

use sluis_envelope::{Signed, SigningKey, Statement, StatementError, Verified, VerifyingKey};
use sluis_keyring::{EpochKeys, Key32};
use sluis_ledger::Ledger;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Directory, PartnerCaller, Refusal, SealedTokens, WatchPace};
use sluis_store::{Command, LeafReference, LogEvent, Outcome, Request, Store, Subject, Tx};
use sluis_types::{Clock, Epoch, Oin, Randomness, RequestId, Timestamp};

use crate::ConsentKeys;
use crate::domain::meeting::Person;
use crate::domain::weighing::Drafter;
use crate::error::{of_epoch_keys, of_write};
use crate::log::{self, Logged, Who};
use crate::store::vault::{Fault, Vault};

/// What every handler and job works with.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) directory: Directory,
    pub(crate) receipt_key: SigningKey,
    pub(crate) match_key: Arc<SigningKey>,
    pub(crate) consent_keys: ConsentKeys,
    pub(crate) epochs: Arc<dyn EpochKeys>,
    pub(crate) tokens: SealedTokens,
    pub(crate) pace: WatchPace,
}

impl Context {
    /// The professional who calls, and the time of the call.
    pub(crate) fn partner<T>(&self, request: &tonic::Request<T>) -> Result<Partner, Refusal> {
        Ok(Partner {
            caller: *Caller::of(request)?.partner()?,
            now: self.clock.now(),
        })
    }

    /// The pepper of the epoch that `now` lies in.
    pub(crate) async fn pepper(&self, now: Timestamp) -> Result<Key32, Refusal> {
        self.epochs
            .key(Epoch::of(now))
            .await
            .map_err(|error| of_epoch_keys(&error))
    }

    /// Leaves a leaf of a refusal that changed nothing, and gives it: no leaf, no answer.
    pub(crate) async fn refuse_logged(&self, event: LogEvent, reason: ErrorReason) -> Refusal {
        match self.log_only(log::refused(event, reason)).await {
            Ok(_) => Refusal::new(reason),
            Err(refusal) => refusal,
        }
    }

    /// Leaves a leaf of something that changed nothing.
    async fn log_only(&self, event: LogEvent) -> Result<LeafReference, Refusal> {
        let method = event.method;
        let written = self
            .store
            .write_internal(method, Noted { event })
            .await
            .map_err(of_write)?;
        Ok(*written.leaf())
    }

    /// NOT_AVAILABLE for something that was asked for, whether it is another's or does not exist.
    pub(crate) async fn not_available(&self, partner: &Partner, method: &'static str) -> Refusal {
        let event = log::event(Logged::Asked, partner.who(), partner.now, method, Subject::None);
        self.refuse_logged(event, ErrorReason::NotAvailable).await
    }

    /// The newest signed checkpoint of this service's log; empty before the first.
    pub(crate) async fn checkpoint(&self) -> Result<Vec<u8>, Refusal> {
        let mut read = self.store.read("checkpoint").await.map_err(Fault::from)?;
        let newest = self
            .ledger
            .checkpoint(&mut read.tx())
            .await
            .map_err(|error| Refusal::internal(&error))?;
        Ok(newest.map(String::into_bytes).unwrap_or_default())
    }
}

/// Verifies a statement by whichever pinned key it names.
pub(crate) fn verify_by<B: Statement>(
    statement: Signed<B>,
    pinned: &[VerifyingKey],
    now: Timestamp,
) -> Result<Verified<B>, StatementError> {
    let key = pinned
        .iter()
        .find(|key| key.id() == statement.signer())
        .ok_or(StatementError::WrongKey)?;
    statement.verify(key, now)
}

/// A professional who calls, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Partner {
    pub(crate) caller: PartnerCaller,
    pub(crate) now: Timestamp,
}

impl Partner {
    /// A request to remember. Request ids are the organisation's.
    pub(crate) fn request(&self, method: &'static str, id: RequestId, body_hash: [u8; 32]) -> Request {
        Request {
            method,
            caller: Caller::Partner(self.caller).idempotency_key().to_vec(),
            id,
            body_hash,
        }
    }

    pub(crate) fn organisation(&self) -> Oin {
        self.caller.organisation
    }

    /// The professional as one who drafts or weighs.
    pub(crate) fn drafter(&self) -> Drafter {
        Drafter {
            professional: self.caller.professional,
            role: self.caller.role,
        }
    }

    /// The professional as one who sits at a meeting.
    pub(crate) fn person(&self) -> Person {
        Person {
            organisation: self.caller.organisation,
            professional: self.caller.professional,
            role: self.caller.role,
        }
    }

    pub(crate) fn who(&self) -> Who {
        Who {
            organisation: Some(self.caller.organisation),
            professional: Some(self.caller.professional),
        }
    }
}

/// The log event of something that changed nothing.
struct Noted {
    event: LogEvent,
}

impl Command for Noted {
    type Reply = ();
    type Refusal = ();
    type Error = Fault;

    async fn apply(&self, _: &mut Tx<'_>) -> Result<Outcome<(), ()>, Fault> {
        Ok(Outcome::done((), self.event.clone()))
    }
}
