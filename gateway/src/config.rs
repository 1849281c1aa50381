//! What an operator sets of a gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use http::Uri;
use serde::Deserialize;
use sluis_proto::consent::v1::LevelOfAssurance;

use crate::AddressRange;
use crate::resident::pages::{Areas, LEFT_PATH, can_come_back_to};

/// Longest mesh id and client id, in characters.
const NAME_CHARACTERS_MAX: usize = 120;
/// Longest issuer, in bytes: what fits in a caller token and in a session.
const ISSUER_BYTES_MAX: usize = 255;

/// The gateway's part of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the mesh: what the JWTs of partners name as their audience.
    pub mesh_id: String,
    /// How residents log in; without it nobody can.
    pub resident: Option<ResidentConfig>,
}

/// The resident side.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidentConfig {
    /// The provider that residents log in with.
    pub openid: OpenIdConfig,
    /// The residents' web pages; not served where it is not set.
    pub pages: Option<PagesConfig>,
}

/// The residents' web pages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagesConfig {
    /// Where browsers connect.
    pub listen: SocketAddr,
    /// The pages' address as residents type it, without a path: `https`, or `http` on this machine's own loopback
    /// address. `openid.redirect_uri` lies within it.
    pub public_url: String,
    /// Gemeenten and wijken from which residents can choose where they live: names by CBS code (`GM0755`, `WK075500`).
    #[serde(default)]
    pub areas: BTreeMap<String, String>,
    /// PEM files of the certificate that browsers are shown. Without them the pages are served in clear, and then
    /// `listen` must be a loopback address.
    pub tls: Option<PagesTls>,
    /// Addresses of proxies before the pages that end the browsers' connections and add to `X-Forwarded-For` where each
    /// came from. What they say of it is believed; nobody else's word is.
    #[serde(default)]
    pub trusted_proxies: Vec<AddressRange>,
    /// Addresses of balancers that pass connections to the pages through, TLS and all. Clients behind them cannot be
    /// told apart, so nothing is counted by these addresses, and no header behind them is believed.
    #[serde(default)]
    pub tcp_balancers: Vec<AddressRange>,
}

/// The certificate of the residents' web pages, under a name that every browser trusts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagesTls {
    /// The chain, leaf first.
    pub certificate_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// An OpenID Connect provider, and what this gateway is to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdConfig {
    /// The provider's issuer identifier, exactly as it stands in its discovery document. `https`, or `http` on this
    /// machine's own loopback address.
    pub issuer: String,
    /// This gateway's name at the provider.
    pub client_id: String,
    /// File with the client's secret, sent with HTTP Basic authentication; without it the client is a public one.
    pub client_secret_file: Option<PathBuf>,
    /// Where the provider sends the browser back to; registered with the provider.
    pub redirect_uri: String,
    /// What is asked for; `openid` is always part of it.
    #[serde(default = "default_scope")]
    pub scope: String,
    /// Level of assurance to ask for (`acr_values`).
    pub acr_values: Option<String>,
    /// What each `acr` of the provider means. An `acr` that does not stand here is no login.
    pub levels_of_assurance: BTreeMap<String, Level>,
    /// The lowest level that is a login; `substantial` when not set. Where `low` may log in too, granting still needs
    /// `substantial`: who logs in with less can look, refuse and withdraw.
    #[serde(default = "default_required_level")]
    pub required_level: Level,
    /// Where the provider sends the browser back to after logging out there too; registered with the provider. Without
    /// it, or where the provider has no such page, logging out ends the session here only.
    pub post_logout_redirect_uri: Option<String>,
    /// PEM file of the certificate authorities that may vouch for the provider. Required for `https`.
    pub roots_file: Option<PathBuf>,
}

fn default_scope() -> String {
    "openid".to_owned()
}

fn default_required_level() -> Level {
    Level::Substantial
}

/// How sure a provider is of who logs in (eIDAS, Regulation (EU) 910/2014 article 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Low.
    Low,
    /// Substantial.
    Substantial,
    /// High.
    High,
}

impl Level {
    pub(crate) fn to_proto(self) -> LevelOfAssurance {
        match self {
            Self::Low => LevelOfAssurance::Low,
            Self::Substantial => LevelOfAssurance::Substantial,
            Self::High => LevelOfAssurance::High,
        }
    }
}

/// A setting that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {fault}")]
pub struct ConfigError {
    /// Its name.
    pub setting: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
}

impl Config {
    /// Whether the settings can be, alone and together. Reads no file and reaches nobody.
    ///
    /// # Errors
    /// [`ConfigError`] for the first that cannot.
    pub fn check(&self) -> Result<(), ConfigError> {
        check_name("mesh_id", &self.mesh_id)?;
        let Some(resident) = &self.resident else {
            return Ok(());
        };
        resident.openid.check()?;
        match &resident.pages {
            Some(pages) => pages.check(&resident.openid),
            None => Ok(()),
        }
    }
}

impl PagesConfig {
    fn check(&self, openid: &OpenIdConfig) -> Result<(), ConfigError> {
        let wrong = |setting, fault| Err(ConfigError { setting, fault });
        if let Err(fault) = endpoint(&self.public_url) {
            return wrong("public_url", fault);
        }
        if origin_of(&self.public_url) != self.public_url {
            return wrong("public_url", "must be scheme, host and port only");
        }
        if self.tls.is_none() && !self.listen.ip().is_loopback() {
            return wrong("pages.tls", "is required where strangers can listen");
        }
        if origin_of(&openid.redirect_uri) != self.public_url {
            return wrong("redirect_uri", "must lie within public_url");
        }
        let path = &openid.redirect_uri[self.public_url.len()..];
        if !can_come_back_to(path) {
            return wrong("redirect_uri", "must have a plain path that no page has");
        }
        let left = format!("{}{LEFT_PATH}", self.public_url);
        if openid
            .post_logout_redirect_uri
            .as_ref()
            .is_some_and(|uri| *uri != left)
        {
            return wrong("post_logout_redirect_uri", "must be public_url with /uitgelogd");
        }
        Areas::of(&self.areas).map(drop)
    }
}

/// Scheme, host and port of an address as a browser sends them in `Origin` (RFC 6454).
pub(crate) fn origin_of(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| authority + at);
    &url[..end]
}

impl OpenIdConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |setting, fault| Err(ConfigError { setting, fault });
        check_name("client_id", &self.client_id)?;
        if self.issuer.len() > ISSUER_BYTES_MAX {
            return wrong("issuer", "is longer than 255 bytes");
        }
        let issuer = endpoint(&self.issuer).map_err(|fault| ConfigError {
            setting: "issuer",
            fault,
        })?;
        if issuer.uri.query().is_some() {
            return wrong("issuer", "must have no query");
        }
        if issuer.transport == Transport::Tls && self.roots_file.is_none() {
            return wrong("roots_file", "is required for an https issuer");
        }
        if let Err(fault) = endpoint(&self.redirect_uri) {
            return wrong("redirect_uri", fault);
        }
        if let Some(Err(fault)) = self.post_logout_redirect_uri.as_deref().map(endpoint) {
            return wrong("post_logout_redirect_uri", fault);
        }
        if !self.scope.split(' ').any(|scope| scope == "openid") {
            return wrong("scope", "must name openid");
        }
        if self.levels_of_assurance.is_empty() {
            return wrong("levels_of_assurance", "must give a meaning to at least one acr");
        }
        if self
            .levels_of_assurance
            .values()
            .all(|level| *level < self.required_level)
        {
            return wrong(
                "required_level",
                "is above every level of the provider: nobody could log in",
            );
        }
        Ok(())
    }
}

fn check_name(setting: &'static str, name: &str) -> Result<(), ConfigError> {
    let fault = if name.is_empty() {
        "must not be empty"
    } else if name.chars().count() > NAME_CHARACTERS_MAX {
        "is longer than 120 characters"
    } else if name.chars().any(char::is_control) {
        "must hold no control characters"
    } else {
        return Ok(());
    };
    Err(ConfigError { setting, fault })
}

/// How an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tls,
    /// In clear, within this machine only.
    Loopback,
}

/// An address of a provider that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) uri: Uri,
    pub(crate) transport: Transport,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// The address in a text: `https` anywhere, `http` on the loopback address only.
pub(crate) fn endpoint(text: &str) -> Result<Endpoint, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "is no URL")?;
    // What `http::Uri` would drop or misread must not be there at all.
    if text.contains(['#', '\\']) || text.chars().any(|it| it.is_whitespace() || it.is_control()) {
        return Err("holds characters that do not belong in it");
    }
    let authority = uri.authority().ok_or("names no host")?;
    if authority.as_str().contains('@') {
        return Err("must hold no user name");
    }
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let transport = match uri.scheme_str() {
        Some("https") => Transport::Tls,
        Some("http") if is_loopback(&host) => Transport::Loopback,
        Some("http") => return Err("may use http on the loopback address only"),
        _ => return Err("must use https"),
    };
    let default_port = if transport == Transport::Tls { 443 } else { 80 };
    let port = authority.port_u16().unwrap_or(default_port);
    Ok(Endpoint {
        uri,
        transport,
        host,
        port,
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
