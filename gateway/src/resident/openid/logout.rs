//! Logging out at the provider (OpenID Connect RP-Initiated Logout 1.0). What the browser keeps until it comes back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::{ColumnKeys, Location};
use sluis_types::{Clock, Randomness, Timestamp};
use subtle::ConstantTimeEq as _;

/// How long logging out may take.
const LOGOUT_MAX: Duration = Duration::from_mins(10);
/// Longest cookie that is looked at, in characters.
const COOKIE_CHARACTERS_MAX: usize = 512;
const PLACE: Location<'static> = Location::new("openid", "logout", b"cookie");

/// Where to send the browser so that it is logged out at the provider too.
pub struct LogoutStart {
    /// The provider's page.
    pub url: String,
    /// What the browser keeps until it comes back: sealed, good for ten minutes. To be set `HttpOnly`, `Secure` and
    /// `SameSite=Lax`.
    pub cookie: String,
}

impl fmt::Debug for LogoutStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutStart(…)")
    }
}

/// Seals the state of a logout into a cookie and compares what comes back.
#[derive(Clone, Debug)]
pub(super) struct Logouts {
    keys: ColumnKeys,
    clock: Arc<dyn Clock>,
}

impl Logouts {
    pub(super) fn new(keys: ColumnKeys, clock: Arc<dyn Clock>) -> Self {
        Self { keys, clock }
    }

    /// A fresh state, and the cookie that holds it.
    pub(super) fn begin(&self, randomness: &dyn Randomness) -> (String, String) {
        let mut state = [0; 32];
        randomness.fill(&mut state);
        let mut writer = Writer::new();
        writer.timestamp(self.clock.now()).digest(&state);
        let cookie = URL_SAFE_NO_PAD.encode(self.keys.seal(PLACE, &writer.finish()));
        (URL_SAFE_NO_PAD.encode(state), cookie)
    }

    /// Whether a state is the one that the cookie holds, in time.
    pub(super) fn is_answered(&self, cookie: &str, state: &str) -> bool {
        let Some((begun_at, expected)) = self.open(cookie) else {
            return false;
        };
        let now = self.clock.now();
        let in_time = now >= begun_at && now.since(begun_at) <= LOGOUT_MAX;
        let expected = URL_SAFE_NO_PAD.encode(expected);
        in_time && bool::from(expected.as_bytes().ct_eq(state.as_bytes()))
    }

    fn open(&self, cookie: &str) -> Option<(Timestamp, [u8; 32])> {
        if cookie.len() > COOKIE_CHARACTERS_MAX {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        read(&self.keys.open(PLACE, &sealed).ok()?).ok()
    }
}

fn read(plaintext: &[u8]) -> Result<(Timestamp, [u8; 32]), FormatError> {
    let mut reader = Reader::new(plaintext);
    let read = (reader.timestamp()?, reader.digest()?);
    reader.finish()?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::Key32;
    use sluis_types::{ManualClock, SeededRandomness};

    #[test]
    fn only_its_own_state_in_time_is_an_answer() {
        let randomness = Arc::new(SeededRandomness::new(6));
        let keys = ColumnKeys::new(Key32::new([7; 32]), vec![], randomness.clone());
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1000)));
        let logouts = Logouts::new(keys, clock.clone());
        let (state, cookie) = logouts.begin(randomness.as_ref());
        let (other_state, other_cookie) = logouts.begin(randomness.as_ref());
        clock.advance(LOGOUT_MAX);
        assert!(logouts.is_answered(&cookie, &state) && logouts.is_answered(&other_cookie, &other_state));
        for (cookie, state) in [
            (cookie.as_str(), other_state.as_str()),
            (&other_cookie, &state),
            (&cookie, ""),
            ("", &state),
            ("%%", &state),
            (&"A".repeat(10_000), &state),
        ] {
            assert!(!logouts.is_answered(cookie, state), "{cookie} {state}");
        }
        clock.advance(Duration::from_secs(1));
        assert!(!logouts.is_answered(&cookie, &state), "too late");
    }
}
