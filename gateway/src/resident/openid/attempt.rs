//! An attempt to log in, between leaving for the provider and coming back. It is kept by the browser, sealed.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::{ColumnKeys, Location};
use sluis_types::{Clock, Randomness, Timestamp};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::OpenIdError;

/// How long logging in may take.
pub(super) const ATTEMPT_MAX: Duration = Duration::from_mins(10);
/// Longest cookie that is looked at, in characters.
const COOKIE_CHARACTERS_MAX: usize = 512;
const PLACE: Location<'static> = Location::new("openid", "attempt", b"cookie");

/// The secrets of one attempt, 32 random bytes each, base64url where they are told to somebody.
pub(super) struct Attempt {
    begun_at: Timestamp,
    /// Binds the answer to this browser (RFC 6749 §10.12).
    state: [u8; 32],
    /// Binds the ID token to this attempt (OpenID Connect Core §3.1.2.1).
    nonce: [u8; 32],
    /// Binds the code to this client (RFC 7636).
    verifier: Zeroizing<[u8; 32]>,
}

impl Attempt {
    pub(super) fn begin(now: Timestamp, randomness: &dyn Randomness) -> Self {
        let fresh = || {
            let mut bytes = [0; 32];
            randomness.fill(&mut bytes);
            bytes
        };
        Self {
            begun_at: now,
            state: fresh(),
            nonce: fresh(),
            verifier: Zeroizing::new(fresh()),
        }
    }

    pub(super) fn state(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.state)
    }

    pub(super) fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.nonce)
    }

    pub(super) fn verifier(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.verifier))
    }

    /// `code_challenge` of method S256.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().as_bytes()))
    }

    /// By what it is remembered that it was used.
    pub(super) fn mark(&self) -> [u8; 32] {
        Sha256::digest(self.state).into()
    }

    pub(super) fn is_state(&self, state: &str) -> bool {
        self.state().as_bytes().ct_eq(state.as_bytes()).into()
    }
}

/// Seals attempts into cookies and opens them.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    keys: ColumnKeys,
    clock: Arc<dyn Clock>,
}

impl Attempts {
    pub(super) fn new(keys: ColumnKeys, clock: Arc<dyn Clock>) -> Self {
        Self { keys, clock }
    }

    pub(super) fn seal(&self, attempt: &Attempt) -> String {
        let mut writer = Writer::new();
        writer
            .timestamp(attempt.begun_at)
            .digest(&attempt.state)
            .digest(&attempt.nonce);
        writer.digest(&attempt.verifier);
        let plaintext = Zeroizing::new(writer.finish());
        URL_SAFE_NO_PAD.encode(self.keys.seal(PLACE, &plaintext))
    }

    /// # Errors
    /// [`OpenIdError::AttemptUnknown`] for what was not sealed here; [`OpenIdError::AttemptExpired`] when it took too
    /// long.
    pub(super) fn open(&self, cookie: &str) -> Result<Attempt, OpenIdError> {
        if cookie.len() > COOKIE_CHARACTERS_MAX {
            return Err(OpenIdError::AttemptUnknown);
        }
        let sealed = URL_SAFE_NO_PAD
            .decode(cookie)
            .map_err(|_| OpenIdError::AttemptUnknown)?;
        let plaintext = self
            .keys
            .open(PLACE, &sealed)
            .map_err(|_| OpenIdError::AttemptUnknown)?;
        let attempt = read(&plaintext).map_err(|_| OpenIdError::AttemptUnknown)?;
        let now = self.clock.now();
        if now < attempt.begun_at || now.since(attempt.begun_at) > ATTEMPT_MAX {
            return Err(OpenIdError::AttemptExpired);
        }
        Ok(attempt)
    }
}

fn read(plaintext: &[u8]) -> Result<Attempt, FormatError> {
    let mut reader = Reader::new(plaintext);
    let attempt = Attempt {
        begun_at: reader.timestamp()?,
        state: reader.digest()?,
        nonce: reader.digest()?,
        verifier: Zeroizing::new(reader.digest()?),
    };
    reader.finish()?;
    Ok(attempt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::Key32;
    use sluis_types::{ManualClock, SeededRandomness};

    #[test]
    fn an_attempt_comes_back_from_its_cookie_only_and_in_time() {
        let randomness = Arc::new(SeededRandomness::new(5));
        let keys = ColumnKeys::new(Key32::new([7; 32]), vec![], randomness.clone());
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1000)));
        let attempts = Attempts::new(keys, clock.clone());
        let attempt = Attempt::begin(clock.now(), randomness.as_ref());
        let cookie = attempts.seal(&attempt);
        assert!(cookie.len() <= COOKIE_CHARACTERS_MAX);
        clock.advance(ATTEMPT_MAX);
        let opened = attempts.open(&cookie).expect("in time");
        assert!(opened.is_state(&attempt.state()) && !opened.is_state(&attempt.nonce()));
        assert_eq!(opened.challenge(), attempt.challenge());

        let mut changed = cookie.clone().into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        for other in ["", "%%", &changed, &"A".repeat(10_000)] {
            assert!(matches!(attempts.open(other), Err(OpenIdError::AttemptUnknown)));
        }
        clock.advance(Duration::from_secs(1));
        assert!(matches!(attempts.open(&cookie), Err(OpenIdError::AttemptExpired)));
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = URL_SAFE_NO_PAD
            .decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
            .expect("base64url");
        let attempt = Attempt {
            begun_at: Timestamp::default(),
            state: [0; 32],
            nonce: [0; 32],
            verifier: Zeroizing::new(verifier.try_into().expect("32 bytes")),
        };
        assert_eq!(attempt.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
