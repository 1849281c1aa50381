//! What all pages share.

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sluis_serve::Timer;
use sluis_types::{Clock, Randomness, RequestId, Timestamp};

use super::cookies::Cookies;
use super::dates::zone;
use super::reference::References;
use crate::config::origin_of;
use crate::gateway::Parts;
use crate::{Config, RelyingParty, ResidentSide};

/// What the pages are made of. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

struct Inner {
    side: ResidentSide,
    login: RelyingParty,
    public_url: String,
    provider_origin: String,
    callback_path: String,
    cookies: Cookies,
    references: References,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    timer: Arc<dyn Timer>,
    zone: TimeZone,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Site(at {})", self.0.public_url)
    }
}

impl Site {
    /// The pages of a gateway whose checked configuration has them.
    pub(crate) fn new(side: &ResidentSide, login: &RelyingParty, config: &Config, parts: &Parts) -> Self {
        let resident = config.resident.as_ref();
        let openid = resident.map(|resident| &resident.openid);
        let redirect = openid.map_or("", |openid| openid.redirect_uri.as_str());
        let public_url = origin_of(redirect).to_owned();
        let path = redirect.get(public_url.len()..).filter(|path| !path.is_empty());
        Self(Arc::new(Inner {
            side: side.clone(),
            login: login.clone(),
            provider_origin: openid.map_or("", |openid| origin_of(&openid.issuer)).to_owned(),
            callback_path: path.unwrap_or("/").to_owned(),
            cookies: Cookies::new(parts.keys.columns().clone(), public_url.starts_with("https://")),
            references: References::new(parts.keys.columns().clone(), parts.keys.blind_index()),
            public_url,
            clock: Arc::clone(&parts.clock),
            randomness: Arc::clone(&parts.randomness),
            timer: Arc::clone(&parts.timer),
            zone: zone(),
        }))
    }

    pub(super) fn side(&self) -> &ResidentSide {
        &self.0.side
    }

    pub(super) fn login(&self) -> &RelyingParty {
        &self.0.login
    }

    /// Scheme, host and port of the pages.
    pub(super) fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Whether browsers reach the pages over TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.0.public_url.starts_with("https://")
    }

    /// Scheme, host and port of the provider of logins.
    pub(super) fn provider_origin(&self) -> &str {
        &self.0.provider_origin
    }

    /// Where the provider sends the browser back to.
    pub(super) fn callback_path(&self) -> &str {
        &self.0.callback_path
    }

    pub(super) fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    pub(super) fn references(&self) -> &References {
        &self.0.references
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn timer(&self) -> &Arc<dyn Timer> {
        &self.0.timer
    }

    /// The zone in which times are shown.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.0.zone
    }

    /// The id of an act, made together with its form: sending the form twice is one act.
    pub(super) fn fresh_request_id(&self) -> RequestId {
        RequestId::random(self.0.randomness.as_ref())
    }
}
