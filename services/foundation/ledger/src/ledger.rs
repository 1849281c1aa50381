//! The journal of a service's store: writes the leaf of an act, in the act's own transaction.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sluis_envelope::{Checkpoint, KeyKind, LeafPromise, Signed, SigningKey, VerifyingKey};
use sluis_keyring::{BlindIndex, ColumnKeys, Location};
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Subject, Tx, args};
use sluis_types::{GrantId, Randomness};

use crate::canonical::{self, SALT_BYTES};
use crate::retention::period;
use crate::{LedgerError, sql};

/// How long after an act its leaf may be missing from the newest checkpoint, by the leaf promise. Sequencing takes
/// less than a second; the rest is for a restart or a failover in between.
pub const PROMISE_DUE: Duration = Duration::from_mins(1);

/// Events are sealed in steps of this many bytes, so that their length does not tell what happened.
const EVENT_STEP_BYTES: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");
const EVENT_LABEL: &str = "log/event";
const COUNT_LABEL: &str = "log/count";

/// What a log works with.
pub struct LedgerParts {
    /// Seals events and counts.
    pub columns: ColumnKeys,
    /// Makes the keys under which the events of a grant are found.
    pub index: Arc<dyn BlindIndex>,
    /// Signs promises and checkpoints; of kind [`KeyKind::Log`].
    pub signing_key: SigningKey,
    /// The log's name in its checkpoints: visible ASCII without `+`, for example `mesh.example/consent`.
    pub origin: String,
    /// How long events are kept, in whole periods of 30 days; for what was done with health data at least
    /// [`ACCESS_LOG_KEPT`](crate::ACCESS_LOG_KEPT).
    pub kept: Duration,
    /// Draws salts.
    pub randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for LedgerParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerParts")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// The log of a service. Cloning is cheap.
#[derive(Clone)]
pub struct Ledger(Arc<LedgerParts>);

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ledger").field(&self.0.origin).finish()
    }
}

impl Ledger {
    /// The log that these parts make.
    ///
    /// # Errors
    /// [`LedgerError::KeyKind`] and [`LedgerError::Origin`].
    pub fn new(parts: LedgerParts) -> Result<Self, LedgerError> {
        if parts.signing_key.kind() != KeyKind::Log {
            return Err(LedgerError::KeyKind);
        }
        let is_name = |byte: u8| byte.is_ascii_graphic() && byte != b'+';
        if parts.origin.is_empty() || !parts.origin.bytes().all(is_name) {
            return Err(LedgerError::Origin);
        }
        Ok(Self(Arc::new(parts)))
    }

    /// The key that verifies this log's promises and checkpoints.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.0.signing_key.verifying_key()
    }

    /// The log's name in its checkpoints.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The log's word that a committed leaf gets its place. The same leaf gives the same bytes, so that a repeated
    /// request gets the reply that it got before.
    pub fn promise(&self, leaf: &LeafReference) -> Signed<LeafPromise> {
        let body = LeafPromise {
            leaf_hash: leaf.hash,
            promised_at: leaf.at,
            due: leaf.at.plus(PROMISE_DUE),
        };
        Signed::sign(body, &self.0.signing_key)
    }

    /// The newest checkpoint, as a signed note; none before the first leaf has its place.
    ///
    /// # Errors
    /// What the database said.
    pub async fn checkpoint(&self, tx: &mut Tx<'_>) -> Result<Option<String>, LedgerError> {
        Ok(tx.fetch_one(sql::CHECKPOINT, &[]).await?.get(0)?)
    }

    /// Where a leaf stands in the tree, counted from 0; none while it waits, or when it never was.
    ///
    /// # Errors
    /// What the database said.
    pub async fn place_of(&self, tx: &mut Tx<'_>, leaf: &[u8; 32]) -> Result<Option<u64>, LedgerError> {
        let Some(row) = tx.fetch_optional(sql::PLACE_OF, args![leaf]).await? else {
            return Ok(None);
        };
        let place = u64::try_from(row.get::<i64>(0)?).map_err(|_| LedgerError::Damaged {
            what: "a place before the first",
        })?;
        Ok(Some(place))
    }

    pub(crate) fn sign(&self, size: u64, root: [u8; 32]) -> String {
        let origin = self.0.origin.clone();
        Checkpoint { origin, size, root }.sign(&self.0.signing_key)
    }

    pub(crate) fn columns(&self) -> &ColumnKeys {
        &self.0.columns
    }

    pub(crate) fn kept(&self) -> Duration {
        self.0.kept
    }

    pub(crate) fn randomness(&self) -> &dyn Randomness {
        &*self.0.randomness
    }

    /// Under which key the count of a grant's events is found.
    pub(crate) fn count_key(&self, grant: GrantId) -> [u8; 32] {
        self.0.index.index(COUNT_LABEL, &[grant.as_bytes()])
    }

    /// Under which key event number `number` of a grant is found.
    pub(crate) fn event_key(&self, grant: GrantId, number: u64) -> [u8; 32] {
        self.0
            .index
            .index(EVENT_LABEL, &[grant.as_bytes(), &number.to_be_bytes()])
    }

    pub(crate) fn seal_count(&self, count_key: &[u8; 32], count: u64) -> Vec<u8> {
        self.0
            .columns
            .seal(count_location(count_key), &count.to_be_bytes())
    }

    pub(crate) fn open_count(&self, count_key: &[u8; 32], sealed: &[u8]) -> Result<u64, StoreError> {
        let damaged = StoreError::Unexpected {
            what: "a count of events that does not open",
        };
        let Ok(opened) = self.0.columns.open(count_location(count_key), sealed) else {
            return Err(damaged);
        };
        let bytes = opened.as_slice().try_into().map_err(|_| damaged)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// The key of a grant's next event. Two acts on one grant get numbers that follow each other, and an act that is
    /// rolled back leaves no gap. The statements are the same for a grant that has no events and for one that is not.
    async fn next_event_key(&self, tx: &mut Tx<'_>, grant: GrantId) -> Result<[u8; 32], StoreError> {
        let count_key = self.count_key(grant);
        let none_yet = self.seal_count(&count_key, 0);
        let row = tx
            .fetch_one(sql::TAKE_COUNT, args![&count_key, &none_yet])
            .await?;
        let number = self.open_count(&count_key, &row.get::<Vec<u8>>(0)?)?;
        let next = self.seal_count(&count_key, number + 1);
        tx.execute(sql::SET_COUNT, args![&count_key, &next]).await?;
        Ok(self.event_key(grant, number))
    }

    fn random_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.0.randomness.fill(&mut key);
        key
    }
}

pub(crate) fn event_location(event_key: &[u8; 32]) -> Location<'_> {
    Location::new("log_event", "event", event_key)
}

fn count_location(count_key: &[u8; 32]) -> Location<'_> {
    Location::new("log_count", "events", count_key)
}

#[async_trait]
impl Journal for Ledger {
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        let mut salt = [0; SALT_BYTES];
        self.0.randomness.fill(&mut salt);
        let encoded = canonical::encode(&salt, event)?;
        let leaf = canonical::leaf(&salt, &encoded[SALT_BYTES..]);
        let event_key = match event.subject {
            // Found by whoever knows the tag. It is unique: one that was used before fails the act.
            Subject::Tag(tag) => tag,
            Subject::Grant(grant) => self.next_event_key(tx, grant).await?,
            // Found by nobody; it is there so that the leaf can be explained as long as it is kept.
            Subject::None => self.random_key(),
        };
        let sealed = self
            .0
            .columns
            .seal_padded(event_location(&event_key), &encoded, EVENT_STEP_BYTES);
        tx.execute(sql::INSERT_EVENT, args![&event_key, &sealed, period(event.at)])
            .await?;
        tx.execute(sql::INSERT_WAITING, args![&leaf]).await?;
        Ok(LeafReference {
            hash: leaf,
            at: event.at,
        })
    }
}
