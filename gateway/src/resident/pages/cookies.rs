//! The cookies: a sealed session, a sealed attempt to log in, and the language. None holds anything of a person.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::{ColumnKeys, Location};
use sluis_types::Timestamp;
use zeroize::Zeroizing;

use super::patience;
use super::text::Language;
use crate::SessionToken;

/// How long nothing may happen before a session is treated as ended.
pub(super) const IDLE_MAX: Duration = Duration::from_mins(15);
/// How long the browser keeps an attempt to log in, or out at the provider.
const ATTEMPT_KEPT: Duration = Duration::from_mins(10);
/// How long the browser keeps the language: a year.
const LANGUAGE_KEPT: Duration = Duration::from_hours(365 * 24);
/// Longest session cookie that is looked at, in characters.
const SESSION_CHARACTERS_MAX: usize = 256;
const PLACE: Location<'static> = Location::new("pages", "session", b"cookie");

const SESSION: &str = "sluis-session";
const ATTEMPT: &str = "sluis-login";
const LOGOUT: &str = "sluis-logout";
const WAITING: &str = "sluis-wait";
const LANGUAGE: &str = "sluis-language";

/// Reads and writes cookies.
pub(super) struct Cookies {
    keys: ColumnKeys,
    /// Whether browsers come over TLS. Over http, which is served on the loopback address only, they take neither
    /// `Secure` nor the prefix.
    secure: bool,
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cookies(secure: {})", self.secure)
    }
}

/// What a session cookie says.
#[derive(Debug)]
pub(super) struct SessionCookie {
    pub(super) token: SessionToken,
    /// When the last page was asked for.
    pub(super) seen_at: Timestamp,
}

impl Cookies {
    pub(super) fn new(keys: ColumnKeys, secure: bool) -> Self {
        Self { keys, secure }
    }

    /// The session that the browser brings, whether it still lives or not. One whose last page is too long ago, and
    /// one that was not sealed here, is none.
    pub(super) fn session(&self, headers: &HeaderMap, now: Timestamp) -> Option<SessionCookie> {
        let value = self.read(headers, SESSION)?;
        if value.len() > SESSION_CHARACTERS_MAX {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let plaintext = self.keys.open(PLACE, &sealed).ok()?;
        let cookie = read_session(&plaintext).ok()?;
        (now.distance(cookie.seen_at) <= IDLE_MAX).then_some(cookie)
    }

    /// Whether the browser brings a session cookie, good or not.
    pub(super) fn has_session(&self, headers: &HeaderMap) -> bool {
        self.read(headers, SESSION).is_some()
    }

    /// Lets the browser keep a session whose last page is asked for now.
    pub(super) fn keep_session(&self, headers: &mut HeaderMap, token: &SessionToken, now: Timestamp) {
        let mut writer = Writer::new();
        writer.digest(token.expose()).timestamp(now);
        let plaintext = Zeroizing::new(writer.finish());
        let value = URL_SAFE_NO_PAD.encode(self.keys.seal(PLACE, &plaintext));
        self.set(headers, SESSION, &value, None);
    }

    pub(super) fn forget_session(&self, headers: &mut HeaderMap) {
        self.set(headers, SESSION, "", Some(Duration::ZERO));
    }

    /// The attempt to log in that the browser brings, sealed as the relying party gave it.
    pub(super) fn attempt<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.read(headers, ATTEMPT)
    }

    pub(super) fn keep_attempt(&self, headers: &mut HeaderMap, sealed: &str) {
        self.set(headers, ATTEMPT, sealed, Some(ATTEMPT_KEPT));
    }

    pub(super) fn forget_attempt(&self, headers: &mut HeaderMap) {
        self.set(headers, ATTEMPT, "", Some(Duration::ZERO));
    }

    /// The logout at the provider that the browser left for, sealed as the relying party gave it.
    pub(super) fn logout<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.read(headers, LOGOUT)
    }

    pub(super) fn keep_logout(&self, headers: &mut HeaderMap, sealed: &str) {
        self.set(headers, LOGOUT, sealed, Some(ATTEMPT_KEPT));
    }

    pub(super) fn forget_logout(&self, headers: &mut HeaderMap) {
        self.set(headers, LOGOUT, "", Some(Duration::ZERO));
    }

    /// The wait of a browser from a slowed source, sealed.
    pub(super) fn wait<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.read(headers, WAITING)
    }

    pub(super) fn keep_wait(&self, headers: &mut HeaderMap, sealed: &str) {
        self.set(
            headers,
            WAITING,
            sealed,
            Some(patience::WAIT + patience::TURN_MAX),
        );
    }

    pub(super) fn forget_wait(&self, headers: &mut HeaderMap) {
        self.set(headers, WAITING, "", Some(Duration::ZERO));
    }

    pub(super) fn language(&self, headers: &HeaderMap) -> Option<Language> {
        Language::from_code(self.read(headers, LANGUAGE)?)
    }

    pub(super) fn keep_language(&self, headers: &mut HeaderMap, language: Language) {
        self.set(headers, LANGUAGE, language.code(), Some(LANGUAGE_KEPT));
    }

    fn name(&self, name: &str) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}{name}")
    }

    /// The value of a cookie; none when it comes twice, because then somebody else may have set one.
    fn read<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let name = self.name(name);
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(name.as_str())?.strip_prefix('='));
        let value = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Sets a cookie for the whole site and no other; without a time it goes with the browser.
    fn set(&self, headers: &mut HeaderMap, name: &str, value: &str, kept: Option<Duration>) {
        let secure = if self.secure { "; Secure" } else { "" };
        let kept = kept.map_or_else(String::new, |kept| format!("; Max-Age={}", kept.as_secs()));
        let line = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{kept}",
            self.name(name)
        );
        let mut line = HeaderValue::from_str(&line).expect("names, base64url and codes are visible ASCII");
        line.set_sensitive(true);
        headers.append(SET_COOKIE, line);
    }
}

fn read_session(plaintext: &[u8]) -> Result<SessionCookie, FormatError> {
    let mut reader = Reader::new(plaintext);
    let token = Zeroizing::new(reader.digest()?);
    let seen_at = reader.timestamp()?;
    reader.finish()?;
    let token = SessionToken::from_bytes(token.as_slice()).expect("32 bytes");
    Ok(SessionCookie { token, seen_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::Key32;
    use sluis_types::SeededRandomness;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn cookies(secure: bool) -> Cookies {
        let randomness = Arc::new(SeededRandomness::new(5));
        Cookies::new(ColumnKeys::new(Key32::new([7; 32]), vec![], randomness), secure)
    }

    fn brought(line: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, line.parse().expect("visible ASCII"));
        headers
    }

    #[test]
    fn a_session_comes_back_until_nothing_happened_for_too_long() {
        let cookies = cookies(true);
        let token = SessionToken::from_bytes(&[3; 32]).expect("32 bytes");
        let mut headers = HeaderMap::new();
        cookies.keep_session(&mut headers, &token, NOW);
        let line = headers[SET_COOKIE].to_str().expect("visible ASCII").to_owned();
        let (pair, attributes) = line.split_once(';').expect("attributes");
        assert!(pair.starts_with("__Host-sluis-session="));
        assert_eq!(attributes, " Path=/; HttpOnly; SameSite=Lax; Secure");
        assert!(headers[SET_COOKIE].is_sensitive());

        let back = brought(&format!("a=b; {pair}; c=d"));
        let found = cookies.session(&back, NOW.plus(IDLE_MAX)).expect("in time");
        assert_eq!((found.token.expose(), found.seen_at), (&[3; 32], NOW));
        let late = NOW.plus(IDLE_MAX + Duration::from_micros(1));
        assert!(cookies.session(&back, late).is_none() && cookies.has_session(&back));
        let twice = brought(&format!("{pair}; {pair}"));
        assert!(cookies.session(&twice, NOW).is_none());
        let changed = brought(&pair.replace("session=", "session=A"));
        assert!(cookies.session(&changed, NOW).is_none());
    }

    #[test]
    fn on_the_loopback_address_a_cookie_has_no_prefix() {
        let mut headers = HeaderMap::new();
        cookies(false).keep_language(&mut headers, Language::English);
        assert_eq!(
            headers[SET_COOKIE],
            "sluis-language=en; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"
        );
    }
}
