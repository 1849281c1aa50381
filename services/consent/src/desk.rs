//! What every handler and every timer works with.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sluis_envelope::{GateKeyPair, SigningKey, VerifyingKey};
use sluis_ledger::Ledger;
use sluis_serve::{Caller, Directory, FirstMessage, Refusal, SealedTokens, WatchPace, request_id};
use sluis_store::{LeafReference, Request, Store};
use sluis_types::{Clock, Oin, Randomness, Timestamp};
use tokio::sync::Notify;

use crate::domain::Liveness;
use crate::domain::tries::{TRIES_MAX, TRIES_WINDOW};
use crate::gate::Gate;
use crate::mail::Notices;
use crate::parts::SignallingKeys;
use crate::store::Rows;

/// Logins that failed in the whole mesh, within [`TRIES_WINDOW`], that look like somebody trying from many places. While
/// there are more, one failure slows a source instead of five.
const FAILED_LOGINS_ALARM: u32 = 300;
/// Wrong link codes in the whole mesh, within [`TRIES_WINDOW`], that look like somebody guessing.
const WRONG_CODES_ALARM: u32 = 50;

/// What handlers and timers share.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) rows: Rows,
    pub(crate) gate: Gate,
    pub(crate) ledger: Ledger,
    pub(crate) liveness: Arc<dyn Liveness>,
    pub(crate) directory: Directory,
    pub(crate) receipt_key: VerifyingKey,
    pub(crate) signalling: Option<SignallingKeys>,
    pub(crate) grant_token_key: Arc<SigningKey>,
    pub(crate) ticket_key: Arc<SigningKey>,
    pub(crate) consent_receipt_key: Arc<SigningKey>,
    pub(crate) decoy: Arc<GateKeyPair>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) tokens: SealedTokens,
    pub(crate) pace: WatchPace,
    pub(crate) alarm: CodeAlarm,
    pub(crate) login_alarm: LoginAlarm,
    /// What notices are sent with; none where they are off.
    pub(crate) notices: Option<Notices>,
    /// Wakes the job that sends notices: somebody waits for a code.
    pub(crate) notice_waits: Notify,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk(…)")
    }
}

impl Desk {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The signed leaf promise of an act.
    pub(crate) fn promise(&self, leaf: &LeafReference) -> Bytes {
        self.ledger.promise(leaf).encode().into()
    }

    /// That an organisation is in the mesh. Who is in it is no secret.
    pub(crate) fn require_member(&self, field: &'static str, oin: &Oin) -> Result<(), Refusal> {
        match self.directory.organisation(oin)? {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid_field(field, "is no organisation of this mesh")),
        }
    }
}

/// The store's name for a request, whose id stands in `id`.
pub(crate) fn store_request<T>(
    request: &tonic::Request<T>,
    method: &'static str,
    id: &str,
) -> Result<Request, Refusal> {
    Ok(Request {
        method,
        caller: Caller::of(request)?.idempotency_key().to_vec(),
        id: request_id(id)?,
        body_hash: FirstMessage::hash_of(request)?,
    })
}

/// How often something happened within [`TRIES_WINDOW`]: when the window began, and the count.
#[derive(Debug, Default)]
struct Window(Mutex<(Timestamp, u32)>);

impl Window {
    /// Counts one more, and gives how many there are.
    fn add(&self, now: Timestamp) -> u32 {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= window.0.plus(TRIES_WINDOW) {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        window.1
    }

    fn count(&self, now: Timestamp) -> u32 {
        let window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now < window.0.plus(TRIES_WINDOW) {
            window.1
        } else {
            0
        }
    }
}

/// Counts logins that failed in the whole mesh, and calls out when they look like somebody trying from many places.
#[derive(Debug, Default)]
pub(crate) struct LoginAlarm(Window);

impl LoginAlarm {
    /// Counts a failed login. True when this one sounds the alarm.
    pub(crate) fn failed(&self, now: Timestamp) -> bool {
        let failed_logins = self.0.add(now);
        let sounds = failed_logins == FAILED_LOGINS_ALARM;
        if sounds {
            tracing::error!(
                failed_logins,
                window_seconds = TRIES_WINDOW.as_secs(),
                "many failed logins in the whole mesh: somebody may be trying from many places"
            );
        }
        sounds
    }

    /// How many failures slow a source now.
    pub(crate) fn allowed_of_source(&self, now: Timestamp) -> usize {
        if self.0.count(now) >= FAILED_LOGINS_ALARM {
            1
        } else {
            TRIES_MAX
        }
    }
}

/// Counts wrong link codes in the whole mesh, and calls out when they look like somebody guessing.
#[derive(Debug, Default)]
pub(crate) struct CodeAlarm(Window);

impl CodeAlarm {
    /// Counts a wrong code. True when this one sounds the alarm.
    pub(crate) fn wrong_code(&self, now: Timestamp) -> bool {
        let wrong_codes = self.0.add(now);
        let sounds = wrong_codes == WRONG_CODES_ALARM;
        if sounds {
            tracing::error!(
                wrong_codes,
                window_seconds = TRIES_WINDOW.as_secs(),
                "many wrong link codes in the whole mesh: somebody may be guessing"
            );
        }
        sounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_sounds_once_a_window() {
        let alarm = CodeAlarm::default();
        let at = Timestamp::from_seconds(10_000);
        let sounded = (0..200).filter(|_| alarm.wrong_code(at)).count();
        assert_eq!(sounded, 1);
        let later = at.plus(TRIES_WINDOW);
        assert_eq!((0..49).filter(|_| alarm.wrong_code(later)).count(), 0);
        assert!(alarm.wrong_code(later));
    }

    #[test]
    fn while_many_logins_fail_one_failure_slows_a_source() {
        let alarm = LoginAlarm::default();
        let at = Timestamp::from_seconds(10_000);
        let sounded = (0..FAILED_LOGINS_ALARM - 1).filter(|_| alarm.failed(at)).count();
        assert_eq!((sounded, alarm.allowed_of_source(at)), (0, TRIES_MAX));
        assert!(alarm.failed(at) && !alarm.failed(at), "it sounds once");
        assert_eq!(alarm.allowed_of_source(at), 1);
        assert_eq!(alarm.allowed_of_source(at.plus(TRIES_WINDOW)), TRIES_MAX);
    }
}
