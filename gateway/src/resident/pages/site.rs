//! What all pages share.

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sluis_keyring::BlindIndex;
use sluis_serve::{Directory, Hash, Timer};
use sluis_types::{Clock, Randomness, RequestId, Timestamp};

use super::areas::Areas;
use super::cookies::Cookies;
use super::dates::zone;
use super::patience::{Patience, Turn};
use super::problem::Problem;
use super::receipt_keys::{KeySet, PublishedKeys};
use super::reference::References;
use super::source::Neighbours;
use crate::config::origin_of;
use crate::gateway::Parts;
use crate::resident::offers::Offers;
use crate::{Config, ConfigError, RelyingParty, ResidentSide};

/// What the pages are made of. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

struct Inner {
    side: ResidentSide,
    login: RelyingParty,
    offers: Offers,
    areas: Areas,
    public_url: String,
    provider_origin: String,
    callback_path: String,
    cookies: Cookies,
    references: References,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    timer: Arc<dyn Timer>,
    zone: TimeZone,
    directory: Directory,
    receipt_keys: PublishedKeys,
    neighbours: Neighbours,
    index: Arc<dyn BlindIndex>,
    patience: Patience,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Site(at {})", self.0.public_url)
    }
}

impl Site {
    /// The pages of a gateway whose configuration has them.
    ///
    /// # Errors
    /// [`ConfigError`] when the areas cannot be.
    pub(crate) fn new(
        side: &ResidentSide,
        login: &RelyingParty,
        offers: Offers,
        config: &Config,
        parts: &Parts,
    ) -> Result<Self, ConfigError> {
        let resident = config.resident.as_ref();
        let openid = resident.map(|resident| &resident.openid);
        let pages = resident.and_then(|resident| resident.pages.as_ref());
        let redirect = openid.map_or("", |openid| openid.redirect_uri.as_str());
        let public_url = origin_of(redirect).to_owned();
        let path = redirect.get(public_url.len()..).filter(|path| !path.is_empty());
        Ok(Self(Arc::new(Inner {
            side: side.clone(),
            login: login.clone(),
            offers,
            areas: pages.map_or_else(|| Ok(Areas::default()), |pages| Areas::of(&pages.areas))?,
            provider_origin: openid.map_or("", |openid| origin_of(&openid.issuer)).to_owned(),
            callback_path: path.unwrap_or("/").to_owned(),
            cookies: Cookies::new(parts.keys.columns().clone(), public_url.starts_with("https://")),
            references: References::new(parts.keys.columns().clone(), parts.keys.blind_index()),
            public_url,
            clock: Arc::clone(&parts.clock),
            randomness: Arc::clone(&parts.randomness),
            timer: Arc::clone(&parts.timer),
            zone: zone(),
            directory: parts.directory.clone(),
            receipt_keys: PublishedKeys::default(),
            neighbours: Neighbours {
                trusted: pages.map_or_else(Vec::new, |pages| pages.trusted_proxies.clone()),
                balancers: pages.map_or_else(Vec::new, |pages| pages.tcp_balancers.clone()),
                direct: pages.is_some_and(|pages| pages.tls.is_some()),
            },
            index: parts.keys.blind_index(),
            patience: Patience::new(parts.keys.columns().clone()),
        })))
    }

    pub(super) fn side(&self) -> &ResidentSide {
        &self.0.side
    }

    pub(super) fn login(&self) -> &RelyingParty {
        &self.0.login
    }

    /// The service directory.
    pub(super) fn offers(&self) -> &Offers {
        &self.0.offers
    }

    /// The areas from which residents can choose.
    pub(super) fn areas(&self) -> &Areas {
        &self.0.areas
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

    /// Who connects to the pages, and whom of them one may believe.
    pub(super) fn neighbours(&self) -> &Neighbours {
        &self.0.neighbours
    }

    /// What hides what a source is.
    pub(super) fn index(&self) -> &dyn BlindIndex {
        &*self.0.index
    }

    /// Whether it is the turn of a browser from a slowed source.
    pub(super) fn turn(&self, source: &Hash, cookie: Option<&str>) -> Turn {
        let randomness = self.0.randomness.as_ref();
        self.0.patience.turn(source, cookie, self.now(), randomness)
    }

    /// What nothing else is counted by.
    pub(super) fn fresh_source(&self) -> Hash {
        let mut source = Hash::default();
        self.0.randomness.fill(&mut source);
        source
    }

    /// Who is in the mesh, for pages that nobody is logged in for.
    pub(super) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// The public keys of receipts, as consent gave them last.
    pub(super) async fn receipt_keys(&self) -> Result<Arc<KeySet>, Problem> {
        self.0.receipt_keys.get(&self.0.side, self.now()).await
    }

    /// The id of an act, made together with its form: sending the form twice is one act.
    pub(super) fn fresh_request_id(&self) -> RequestId {
        RequestId::random(self.0.randomness.as_ref())
    }
}
