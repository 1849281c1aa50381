//! An OpenID Connect relying party: finds out who logs in, by the authorization code flow with PKCE (S256).
//!
//! [`RelyingParty::begin`] gives the address to send the browser to and a sealed cookie; when the browser comes back,
//! [`RelyingParty::finish`] takes both and, if the provider's signed ID token answers this very attempt, gives the
//! login. [`RelyingParty::begin_logout`] is the way out at the provider. Nothing is kept here in between. The provider's addresses and keys are asked for when they are needed and
//! believed for an hour. No redirect is followed, no access token is used, and what a provider answers is in no log
//! and in no error.

mod attempt;
pub(super) mod form;
mod http;
mod id_token;
mod logout;
mod provider;
mod spent;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use ::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sluis_keyring::ColumnKeys;
use sluis_serve::{Timer, TlsRoots};
use sluis_types::{Clock, Randomness};
use zeroize::Zeroizing;

use crate::{OpenIdConfig, StartError, VerifiedLogin};
use attempt::{ATTEMPT_MAX, Attempt, Attempts};
use http::Http;
pub use http::HttpError;
use id_token::Expected;
pub use id_token::IdTokenFault;
pub use logout::LogoutStart;
use logout::Logouts;
use provider::{Provider, Want};
pub(in crate::resident) use spent::Spent;

/// Longest code and state that are looked at, in bytes.
const PARAMETER_BYTES_MAX: usize = 4096;

/// Why there is no login. Holds nothing of the provider's answers.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// The provider cannot be reached.
    #[error("the provider cannot be reached")]
    Unreachable(#[from] HttpError),
    /// The provider does not do as it must, or refuses this client; the fault is ours or the provider's.
    #[error("the provider cannot be used: {0}")]
    Provider(&'static str),
    /// The browser brings no attempt of this gateway, or its answer belongs to another one.
    #[error("the login was not begun here")]
    AttemptUnknown,
    /// The attempt is more than ten minutes old.
    #[error("the login took too long")]
    AttemptExpired,
    /// The provider says that nobody logged in (RFC 6749 §4.1.2.1): cancelled, mostly.
    #[error("the provider says that nobody logged in")]
    Refused,
    /// The provider does not know the code that the browser brought, or gave it to another attempt.
    #[error("the provider does not take the code")]
    CodeRefused,
    /// The ID token is no login.
    #[error("the ID token is refused")]
    IdToken(#[from] IdTokenFault),
}

impl OpenIdError {
    /// Whether somebody brought what was not given to them: an attempt that this browser began came back with a code or
    /// a token that does not belong to it. Everything else happens to people who log in.
    pub fn is_failed_try(&self) -> bool {
        match self {
            Self::CodeRefused | Self::IdToken(IdTokenFault::Nonce) => true,
            Self::Unreachable(_)
            | Self::Provider(_)
            | Self::AttemptUnknown
            | Self::AttemptExpired
            | Self::Refused
            | Self::IdToken(_) => false,
        }
    }
}

/// Where to send the browser.
pub struct LoginStart {
    /// The provider's page.
    pub url: String,
    /// What the browser keeps until it comes back: sealed, good for ten minutes. To be set `HttpOnly`, `Secure` and
    /// `SameSite=Lax`.
    pub cookie: String,
}

impl fmt::Debug for LoginStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginStart(…)")
    }
}

/// What the browser brings back from the provider.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// The code, when somebody logged in.
    pub code: Option<String>,
    /// The state that the attempt began with.
    pub state: Option<String>,
    /// The provider, where it names itself (RFC 9207).
    pub iss: Option<String>,
    /// The provider's error, when nobody did.
    pub error: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback(…)")
    }
}

impl Callback {
    /// Reads the query of the redirect, without its `?`. A parameter that comes twice counts as absent: which one was
    /// meant cannot be told (RFC 6749 §3.1).
    pub fn from_query(query: &str) -> Self {
        let mut callback = Self::default();
        let mut twice = Self::default();
        for (name, value) in form::decode(query).filter(|(_, value)| value.len() <= PARAMETER_BYTES_MAX) {
            for (found, known) in callback.fields().into_iter().zip(twice.fields()) {
                if found.0 == name && found.1.replace(value.clone()).is_some() {
                    *known.1 = Some(String::new());
                }
            }
        }
        for (found, repeated) in callback.fields().into_iter().zip(twice.fields()) {
            if repeated.1.is_some() {
                *found.1 = None;
            }
        }
        callback
    }

    fn fields(&mut self) -> [(&'static str, &mut Option<String>); 4] {
        [
            ("code", &mut self.code),
            ("state", &mut self.state),
            ("iss", &mut self.iss),
            ("error", &mut self.error),
        ]
    }
}

/// What this gateway is to the provider of logins. Cheap to clone.
#[derive(Clone)]
pub struct RelyingParty(Arc<Inner>);

struct Inner {
    config: OpenIdConfig,
    secret: Option<Zeroizing<String>>,
    provider: Provider,
    attempts: Attempts,
    spent: Spent,
    logouts: Logouts,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelyingParty(at {})", self.0.config.issuer)
    }
}

impl RelyingParty {
    /// A relying party with a checked configuration; reads its files, reaches nobody.
    pub(crate) fn new(
        config: OpenIdConfig,
        keys: ColumnKeys,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        timer: Arc<dyn Timer>,
    ) -> Result<Self, StartError> {
        let roots = config.roots_file.as_deref().map(TlsRoots::load).transpose()?;
        let secret = config
            .client_secret_file
            .as_deref()
            .map(read_secret)
            .transpose()?;
        let http = Http::new(roots.as_ref(), Arc::clone(&clock), timer)?;
        let provider = Provider::new(config.issuer.clone(), http, Arc::clone(&clock));
        let attempts = Attempts::new(keys.clone(), Arc::clone(&clock));
        let logouts = Logouts::new(keys, Arc::clone(&clock));
        Ok(Self(Arc::new(Inner {
            config,
            secret,
            provider,
            attempts,
            spent: Spent::new(ATTEMPT_MAX),
            logouts,
            clock,
            randomness,
        })))
    }

    /// Begins to log somebody in.
    ///
    /// # Errors
    /// [`OpenIdError::Unreachable`] and [`OpenIdError::Provider`].
    pub async fn begin(&self) -> Result<LoginStart, OpenIdError> {
        let Inner {
            config,
            provider,
            attempts,
            clock,
            randomness,
            ..
        } = &*self.0;
        let document = provider.document().await?;
        let attempt = Attempt::begin(clock.now(), randomness.as_ref());
        let (state, nonce, challenge) = (attempt.state(), attempt.nonce(), attempt.challenge());
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", config.client_id.as_str()),
            ("redirect_uri", config.redirect_uri.as_str()),
            ("scope", config.scope.as_str()),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if let Some(acr_values) = &config.acr_values {
            query.push(("acr_values", acr_values));
        }
        Ok(LoginStart {
            url: form::with_query(&document.authorization.uri, &query),
            cookie: attempts.seal(&attempt),
        })
    }

    /// Ends what [`RelyingParty::begin`] began: who logged in. It works once for an attempt, whatever comes of it, unless
    /// the provider could not be asked.
    ///
    /// # Errors
    /// [`OpenIdError`] says why nobody did.
    pub async fn finish(&self, cookie: &str, callback: &Callback) -> Result<VerifiedLogin, OpenIdError> {
        let Inner {
            config,
            provider,
            attempts,
            clock,
            ..
        } = &*self.0;
        let attempt = attempts.open(cookie)?;
        if !callback
            .state
            .as_ref()
            .is_some_and(|state| attempt.is_state(state))
        {
            return Err(OpenIdError::AttemptUnknown);
        }
        let document = provider.document().await?;
        match &callback.iss {
            Some(iss) if *iss == config.issuer => {}
            None if !document.names_itself => {}
            // The answer of another provider (RFC 9207): its code must not be shown to this one.
            Some(_) | None => return Err(OpenIdError::AttemptUnknown),
        }
        let code = match (&callback.error, &callback.code) {
            (None, Some(code)) => code,
            (Some(_), _) => return Err(OpenIdError::Refused),
            (None, None) => return Err(OpenIdError::AttemptUnknown),
        };
        let token = self.exchanged(code, &attempt).await?;
        let nonce = attempt.nonce();
        let expected = Expected {
            issuer: &config.issuer,
            client_id: &config.client_id,
            nonce: &nonce,
            levels: &config.levels_of_assurance,
            required_level: config.required_level,
            now: clock.now(),
        };
        match expected.verify(&token, &*provider.keys(Want::Believed).await?) {
            // The provider may have begun to use a new key a moment ago.
            Err(IdTokenFault::UnknownKey) => {
                Ok(expected.verify(&token, &*provider.keys(Want::Newer).await?)?)
            }
            verified => Ok(verified?),
        }
    }

    /// The ID token for a code. An attempt brings one code: whoever has more of them needs as many attempts.
    async fn exchanged(&self, code: &str, attempt: &Attempt) -> Result<String, OpenIdError> {
        let Inner {
            provider,
            spent,
            clock,
            ..
        } = &*self.0;
        let used = attempt.mark();
        if !spent.spend(used, clock.now()) {
            return Err(OpenIdError::AttemptUnknown);
        }
        let exchanged = provider
            .id_token(self.code_form(code, attempt), self.basic_authentication())
            .await;
        if matches!(exchanged, Err(OpenIdError::Unreachable(_))) {
            spent.give_back(&used);
        }
        exchanged
    }

    /// Begins to log somebody out at the provider (RP-Initiated Logout §2), for after their session here has ended; none
    /// where that is not configured or the provider has no page for it.
    ///
    /// The provider hears which client asks and where to send the browser back to. It hears nothing of the person: it
    /// knows its own browser.
    ///
    /// # Errors
    /// [`OpenIdError::Unreachable`] and [`OpenIdError::Provider`].
    pub async fn begin_logout(&self) -> Result<Option<LogoutStart>, OpenIdError> {
        let Inner {
            config,
            provider,
            logouts,
            randomness,
            ..
        } = &*self.0;
        let Some(back) = &config.post_logout_redirect_uri else {
            return Ok(None);
        };
        let document = provider.document().await?;
        let Some(page) = &document.end_session else {
            return Ok(None);
        };
        let (state, cookie) = logouts.begin(randomness.as_ref());
        let query = [
            ("client_id", config.client_id.as_str()),
            ("post_logout_redirect_uri", back),
            ("state", &state),
        ];
        let url = form::with_query(&page.uri, &query);
        Ok(Some(LogoutStart { url, cookie }))
    }

    /// Whether the browser comes back from the logout that it left for: what it brought along when it left, and the
    /// query that the provider sent it back with.
    pub fn is_back_from_logout(&self, cookie: &str, query: &str) -> bool {
        let state = Callback::from_query(query).state;
        state.is_some_and(|state| self.0.logouts.is_answered(cookie, &state))
    }

    /// The body that exchanges a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
    fn code_form(&self, code: &str, attempt: &Attempt) -> String {
        let Inner { config, secret, .. } = &*self.0;
        let verifier = attempt.verifier();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", config.redirect_uri.as_str()),
            ("code_verifier", verifier.as_str()),
        ];
        if secret.is_none() {
            form.push(("client_id", &config.client_id));
        }
        form::encode(&form)
    }

    /// The client's name and secret (RFC 6749 §2.3.1), where it has one.
    fn basic_authentication(&self) -> Option<HeaderValue> {
        let secret = self.0.secret.as_ref()?;
        let pair = Zeroizing::new(format!(
            "{}:{}",
            form::escaped(&self.0.config.client_id),
            form::escaped(secret)
        ));
        let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut value = HeaderValue::from_str(&value).expect("base64 is visible ASCII");
        value.set_sensitive(true);
        Some(value)
    }
}

fn read_secret(path: &Path) -> Result<Zeroizing<String>, StartError> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(StartError::ClientSecret)?);
    // Editors end files with a line break that is no part of the secret.
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_comes_twice_is_no_parameter() {
        let callback = Callback::from_query("code=a%2Fb&state=s&code=c&iss=https%3A%2F%2Fx&other=1");
        let state = Some("s".to_owned());
        let iss = Some("https://x".to_owned());
        assert_eq!(
            callback,
            Callback {
                code: None,
                state,
                iss,
                error: None
            }
        );
        let callback = Callback::from_query("code=a%2Fb&error=access_denied");
        assert_eq!(
            (callback.code.as_deref(), callback.error.is_some()),
            (Some("a/b"), true)
        );
        let too_long = format!("code={}", "x".repeat(PARAMETER_BYTES_MAX + 1));
        assert_eq!(Callback::from_query(&too_long), Callback::default());
    }
}
