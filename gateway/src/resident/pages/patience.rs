//! A browser from a source whose logins failed too often waits a little before it goes to the provider. It waits for
//! itself: what others of the same source do makes its time neither longer nor shorter, so nobody can keep a neighbour
//! out. That it waited, it brings along sealed; it is good for one attempt, from that source.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::{ColumnKeys, Location};
use sluis_serve::Hash;
use sluis_types::{Randomness, Timestamp};

use crate::resident::openid::Spent;

/// How long a browser waits before each attempt from a slowed source.
pub(super) const WAIT: Duration = Duration::from_secs(30);
/// How long after its wait a browser may begin.
pub(super) const TURN_MAX: Duration = Duration::from_mins(10);
/// Longest cookie that is looked at, in characters.
const COOKIE_CHARACTERS_MAX: usize = 256;
const PLACE: Location<'static> = Location::new("pages", "wait", b"cookie");

/// Whether a browser waited long enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It did: this attempt may begin.
    Now,
    /// It has to wait this long; it keeps its place by the cookie that it has.
    Later(Duration),
    /// Its wait begins now: what it keeps meanwhile.
    New(String),
}

/// Seals waits and counts them as used.
pub(super) struct Patience {
    keys: ColumnKeys,
    spent: Spent,
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patience(…)")
    }
}

impl Patience {
    pub(super) fn new(keys: ColumnKeys) -> Self {
        Self {
            keys,
            spent: Spent::new(WAIT + TURN_MAX),
        }
    }

    /// Whether it is the turn of a browser from a slowed source that brings this cookie, if any.
    pub(super) fn turn(
        &self,
        source: &Hash,
        cookie: Option<&str>,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Turn {
        match cookie.and_then(|cookie| Some((cookie, self.open(source, cookie)?))) {
            Some((_, ready_at)) if now < ready_at => Turn::Later(ready_at.since(now)),
            Some((cookie, ready_at))
                if now <= ready_at.plus(TURN_MAX) && self.spent.spend(Sha256::digest(cookie).into(), now) =>
            {
                Turn::Now
            }
            _ => Turn::New(self.seal(source, now.plus(WAIT), randomness)),
        }
    }

    fn seal(&self, source: &Hash, ready_at: Timestamp, randomness: &dyn Randomness) -> String {
        let mut chance = [0; 32];
        randomness.fill(&mut chance);
        let mut writer = Writer::new();
        writer.digest(source).timestamp(ready_at).digest(&chance);
        URL_SAFE_NO_PAD.encode(self.keys.seal(PLACE, &writer.finish()))
    }

    /// When the wait ends that a cookie tells of; none for what was not sealed here, or for another source.
    fn open(&self, source: &Hash, cookie: &str) -> Option<Timestamp> {
        if cookie.len() > COOKIE_CHARACTERS_MAX {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let plaintext = self.keys.open(PLACE, &sealed).ok()?;
        let (of, ready_at) = read(&plaintext).ok()?;
        (of == *source).then_some(ready_at)
    }
}

fn read(plaintext: &[u8]) -> Result<(Hash, Timestamp), FormatError> {
    let mut reader = Reader::new(plaintext);
    let wait = (reader.digest()?, reader.timestamp()?);
    reader.digest()?;
    reader.finish()?;
    Ok(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::Key32;
    use sluis_types::SeededRandomness;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn who_waited_may_begin_once_and_from_there_only() {
        let randomness = Arc::new(SeededRandomness::new(5));
        let keys = ColumnKeys::new(Key32::new([7; 32]), vec![], randomness.clone());
        let patience = Patience::new(keys);
        let turn = |source: u8, cookie: Option<&str>, now| {
            patience.turn(&[source; 32], cookie, now, randomness.as_ref())
        };
        let Turn::New(cookie) = turn(1, None, NOW) else {
            panic!("a wait begins");
        };
        assert!(cookie.len() <= COOKIE_CHARACTERS_MAX);
        let brought = Some(cookie.as_str());
        assert_eq!(turn(1, brought, NOW.plus(WAIT / 3)), Turn::Later(WAIT / 3 * 2));
        let ready = NOW.plus(WAIT);
        assert!(
            matches!(turn(2, brought, ready), Turn::New(_)),
            "of another source"
        );
        assert!(matches!(turn(1, brought, ready.plus(TURN_MAX * 2)), Turn::New(_)));
        assert_eq!(turn(1, brought, ready), Turn::Now);
        assert!(matches!(turn(1, brought, ready), Turn::New(_)), "it is used once");
        let (one, other) = (turn(1, None, NOW), turn(1, None, NOW));
        assert_ne!(one, other, "neighbours wait apart");
        for bad in ["", "%", "AAAA", &"A".repeat(5000)] {
            assert!(matches!(turn(1, Some(bad), ready), Turn::New(_)));
        }
    }
}
