//! The public keys of receipts: published as consent gives them, and what a receipt is checked with.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sluis_envelope::{KeyKind, VerifyingKey, verify_consent_receipt};
use sluis_types::Timestamp;
use tokio::sync::Mutex;

use super::problem::Problem;
use crate::ResidentSide;

/// How long they are believed before consent is asked again, so that a page for everybody costs consent nothing.
const BELIEVED_MAX: Duration = Duration::from_mins(5);
/// How long they are still used while consent gives none: no longer than others were told to keep them.
const KEPT_MAX: Duration = Duration::from_hours(1);
/// How long consent is left alone after it gave none.
const PAUSE: Duration = Duration::from_secs(10);

/// The keys of one moment.
pub(super) struct KeySet {
    /// As a JWK set (RFC 7517).
    pub(super) jwk_set: String,
    keys: Vec<PublishedKey>,
}

/// A key that signs receipts, or did.
struct PublishedKey {
    key: VerifyingKey,
    /// When it was replaced: it signed nothing of later.
    until: Option<Timestamp>,
}

/// What a key signed.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) payload: Vec<u8>,
    /// When the key was replaced: what says that it is of later is not genuine.
    pub(super) signed_until: Option<Timestamp>,
}

impl KeySet {
    /// The keys in a JWK set. What is no Ed25519 key in it is passed over.
    pub(super) fn parse(jwk_set: String) -> Option<Self> {
        let set: serde_json::Value = serde_json::from_str(&jwk_set).ok()?;
        let key = |jwk: &serde_json::Value| {
            let is_ours = jwk["kty"] == "OKP" && jwk["crv"] == "Ed25519";
            let bytes = URL_SAFE_NO_PAD
                .decode(jwk["x"].as_str().filter(|_| is_ours)?)
                .ok()?;
            let key = VerifyingKey::from_bytes(KeyKind::ConsentReceipt, bytes.as_slice().try_into().ok()?);
            Some(PublishedKey {
                key: key.ok()?,
                until: jwk["exp"].as_i64().map(Timestamp::from_seconds),
            })
        };
        let keys = set["keys"].as_array()?.iter().filter_map(key).collect();
        Some(Self { jwk_set, keys })
    }

    /// What stands in a receipt that the key which it names signed.
    pub(super) fn verified(&self, receipt: &str) -> Option<Verified> {
        self.keys.iter().find_map(|published| {
            Some(Verified {
                payload: verify_consent_receipt(receipt, &published.key).ok()?,
                signed_until: published.until,
            })
        })
    }
}

/// The keys, asked for when they are needed: by one at a time, for everybody who waits.
#[derive(Default)]
pub(super) struct PublishedKeys(Arc<Mutex<Kept>>);

/// What came of asking.
#[derive(Default)]
struct Kept {
    keys: Option<(Timestamp, Arc<KeySet>)>,
    failed: Option<(Timestamp, Problem)>,
}

impl PublishedKeys {
    pub(super) async fn get(&self, side: &ResidentSide, now: Timestamp) -> Result<Arc<KeySet>, Problem> {
        let side = side.clone();
        let asked = async move {
            let jwk_set = side.receipt_keys().await.map_err(Problem::from)?;
            KeySet::parse(jwk_set).ok_or(Problem::Fault)
        };
        self.get_from(asked, now).await
    }

    /// The keys that are kept, or what comes of asking. Whoever does not wait for the answer does not break it off: the
    /// others would begin anew each time.
    async fn get_from(
        &self,
        asked: impl Future<Output = Result<KeySet, Problem>> + Send + 'static,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, Problem> {
        let mut kept = Arc::clone(&self.0).lock_owned().await;
        if let Some(known) = kept.known(now) {
            return known;
        }
        let asking = tokio::spawn(async move {
            let answer = asked.await;
            kept.hear(answer, now)
        });
        asking.await.unwrap_or(Err(Problem::Fault))
    }
}

impl Kept {
    /// What is answered without asking.
    fn known(&self, now: Timestamp) -> Option<Result<Arc<KeySet>, Problem>> {
        if let Some((at, keys)) = &self.keys
            && now.distance(*at) < BELIEVED_MAX
        {
            return Some(Ok(Arc::clone(keys)));
        }
        let (at, problem) = self.failed?;
        (now.distance(at) < PAUSE).then(|| self.older(now).ok_or(problem))
    }

    fn hear(&mut self, answer: Result<KeySet, Problem>, now: Timestamp) -> Result<Arc<KeySet>, Problem> {
        match answer {
            Ok(keys) => {
                let keys = Arc::new(keys);
                self.keys = Some((now, Arc::clone(&keys)));
                self.failed = None;
                Ok(keys)
            }
            Err(problem) => {
                self.failed = Some((now, problem));
                self.older(now).ok_or(problem)
            }
        }
    }

    /// The last keys there were, while consent gives none.
    fn older(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let (at, keys) = self.keys.as_ref()?;
        (now.distance(*at) < KEPT_MAX).then(|| Arc::clone(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    use sluis_envelope::{SigningKey, consent_receipt_jwk, sign_consent_receipt};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn set() -> Result<KeySet, Problem> {
        KeySet::parse("{\"keys\":[]}".into()).ok_or(Problem::Fault)
    }

    /// Consent, that answers this and counts how often it was asked.
    #[derive(Clone, Default)]
    struct Consent(Arc<AtomicUsize>);

    impl Consent {
        #[expect(
            clippy::unused_async,
            reason = "it counts when it is asked, not when it is made"
        )]
        async fn answers(self, answer: Result<KeySet, Problem>) -> Result<KeySet, Problem> {
            self.0.fetch_add(1, Ordering::SeqCst);
            answer
        }

        fn asked(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn whoever_waits_together_asks_once_and_who_leaves_breaks_nothing_off() {
        let (kept, consent, gate) = (
            PublishedKeys::default(),
            Consent::default(),
            Arc::new(Notify::new()),
        );
        let ask = || {
            let (consent, gate) = (consent.clone(), Arc::clone(&gate));
            let answer = async move {
                let answer = consent.answers(set()).await;
                gate.notified().await;
                answer
            };
            kept.get_from(answer, NOW)
        };
        // The first one leaves as soon as consent is asked.
        let mut first = Box::pin(ask());
        while consent.asked() == 0 {
            assert!(futures_util::poll!(&mut first).is_pending());
            tokio::task::yield_now().await;
        }
        drop(first);
        let others = join_all((0..20).map(|_| ask()));
        let (answers, ()) = tokio::join!(others, async { gate.notify_one() });
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(consent.asked(), 1);
    }

    #[tokio::test]
    async fn while_consent_gives_none_it_is_left_alone_and_the_last_keys_stay_an_hour() {
        let (kept, consent) = (PublishedKeys::default(), Consent::default());
        let get = async |answer, now| kept.get_from(consent.clone().answers(answer), now).await;
        let down = || Err(Problem::Closed);
        assert_eq!(get(down(), NOW).await.err(), Some(Problem::Closed));
        let soon = NOW.plus(PAUSE / 2);
        assert_eq!(get(set(), soon).await.err(), Some(Problem::Closed));
        assert_eq!(consent.asked(), 1, "a failure is remembered");
        let began = NOW.plus(PAUSE);
        assert!(get(set(), began).await.is_ok());
        assert!(get(down(), began.plus(BELIEVED_MAX / 2)).await.is_ok());
        assert_eq!(consent.asked(), 2, "keys are believed");
        let later = began.plus(BELIEVED_MAX);
        assert!(get(down(), later).await.is_ok(), "the last keys");
        assert!(get(down(), later.plus(PAUSE / 2)).await.is_ok());
        assert_eq!(consent.asked(), 3);
        let too_late = began.plus(KEPT_MAX);
        assert_eq!(get(down(), too_late).await.err(), Some(Problem::Closed));
        assert!(get(set(), too_late.plus(PAUSE)).await.is_ok());
        assert_eq!(consent.asked(), 5);
    }

    #[test]
    fn a_receipt_is_checked_with_every_published_key_and_no_other() {
        let key = |seed| SigningKey::from_seed(KeyKind::ConsentReceipt, &[seed; 32]);
        let jwks = [1, 2].map(|seed| consent_receipt_jwk(key(seed).verifying_key()));
        let other = r#"{"kty":"RSA","n":"AQAB"}"#;
        let set = KeySet::parse(format!("{{\"keys\":[{},{other},{}]}}", jwks[0], jwks[1])).expect("a set");
        for (seed, known) in [(1, true), (2, true), (3, false)] {
            let receipt = sign_consent_receipt(b"{}", &key(seed));
            assert_eq!(set.verified(&receipt).is_some(), known, "{seed}");
        }
        assert!(KeySet::parse("[]".into()).is_none() && KeySet::parse("x".into()).is_none());
    }
}
