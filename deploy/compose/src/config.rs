//! What an operator sets: one TOML file, and environment variables over it.
//!
//! Everything has a default that makes `sluisd all` work in an empty directory. An unknown key is refused, and all of
//! it is read before anything binds a port or touches a database.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sluis_serve::LogFormat;
use sluis_store::StoreConfig;

/// Prefix of environment variables; levels are parted by two underscores: `SLUIS__GATEWAY__LISTEN`.
const ENVIRONMENT_PREFIX: &str = "SLUIS";
/// Parts the prefix from the key, and the levels of a key.
const ENVIRONMENT_SEPARATOR: &str = "__";

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Name of the mesh: the audience of tokens and the origin of logs.
    pub mesh_id: String,
    /// Where SQLite databases are. Back this up.
    pub data_dir: PathBuf,
    /// Where keys and certificates are. Back this up apart from the data, for others to keep.
    pub keys_dir: PathBuf,
    /// Where bucket keys are: never back this up. `sluis-buckets` beside `keys_dir` when not set. Must lie neither in
    /// `data_dir` nor in `keys_dir`, nor beside a database, because those are backed up.
    pub bucket_dir: Option<PathBuf>,
    /// Where the peppers of epochs are: never back this up either. `sluis-epochs` beside the bucket keys when not set.
    pub epoch_dir: Option<PathBuf>,
    /// The public side.
    pub gateway: GatewaySettings,
    /// The registry.
    pub registry: ServiceSettings,
    /// The consent service.
    pub consent: ConsentSettings,
    /// The referral service.
    pub referral: ReferralSettings,
    /// The matching service.
    pub matching: ServiceSettings,
    /// The signalling service.
    pub signalling: SignallingSettings,
    /// A certificate authority that was made elsewhere; one is made in `keys_dir/ca` when not set.
    pub ca: Option<sluis_registry::ca::CaFiles>,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// The public side.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewaySettings {
    /// Where partners connect.
    pub listen: SocketAddr,
    /// The address that stands in invitations, `host:port`; `listen` when not set.
    pub advertise: Option<String>,
    /// Names in the gateway's certificate; the first stands in invitations.
    pub names: Vec<String>,
    /// How residents log in; nobody can where it is not set.
    pub resident: Option<sluis_gateway::ResidentConfig>,
}

/// What every service has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSettings {
    /// `sqlite:PATH` or `postgres://…`; a file in `data_dir` when not set.
    pub database: Option<DatabaseUrl>,
    /// Where other roles, and the operator's commands, connect (mTLS with role certificates).
    pub listen: Option<SocketAddr>,
    /// Where other roles reach this one when it runs apart, `host:port`.
    pub address: Option<String>,
}

/// The consent service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsentSettings {
    /// `sqlite:PATH` or `postgres://…`; a file in `data_dir` when not set.
    pub database: Option<DatabaseUrl>,
    /// Where other roles connect.
    pub listen: Option<SocketAddr>,
    /// Where other roles reach this one when it runs apart, `host:port`.
    pub address: Option<String>,
    /// Accepts a PostgreSQL without a synchronous standby: what was acknowledged dies with that one disk.
    pub single_node: bool,
    /// Notices by e-mail to residents; none are sent where it is not set.
    pub notices: Option<sluis_consent::NoticesConfig>,
}

/// The referral service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReferralSettings {
    /// `sqlite:PATH` or `postgres://…`; a file in `data_dir` when not set.
    pub database: Option<DatabaseUrl>,
    /// Where other roles connect.
    pub listen: Option<SocketAddr>,
    /// Where other roles reach this one when it runs apart, `host:port`.
    pub address: Option<String>,
    /// How many days back a resume token of a mailbox reaches; 7 when not set.
    pub mailbox_event_days: Option<u16>,
}

/// The signalling service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignallingSettings {
    /// `sqlite:PATH` or `postgres://…`; a file in `data_dir` when not set.
    pub database: Option<DatabaseUrl>,
    /// Where other roles connect.
    pub listen: Option<SocketAddr>,
    /// Where other roles reach this one when it runs apart, `host:port`.
    pub address: Option<String>,
    /// How many days back a resume token of matches reaches; 7 when not set.
    pub match_event_days: Option<u16>,
}

/// `sqlite:PATH` or `postgres://…`. It may hold a password, so its `Debug` shows nothing.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The text; never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `text` for people, `json` for programs.
    pub format: LogForm,
    /// Which events, such as `info` or `sluis_consent=debug,info`.
    pub filter: String,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogForm {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl From<LogForm> for LogFormat {
    fn from(form: LogForm) -> Self {
        match form {
            LogForm::Text => Self::Text,
            LogForm::Json => Self::Json,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mesh_id: "sluis.local".to_owned(),
            data_dir: "sluis-data".into(),
            keys_dir: "sluis-keys".into(),
            bucket_dir: None,
            epoch_dir: None,
            gateway: GatewaySettings::default(),
            registry: ServiceSettings {
                listen: Some(SocketAddr::from(([127, 0, 0, 1], 7444))),
                ..ServiceSettings::default()
            },
            consent: ConsentSettings {
                listen: Some(SocketAddr::from(([127, 0, 0, 1], 7445))),
                ..ConsentSettings::default()
            },
            referral: ReferralSettings {
                listen: Some(SocketAddr::from(([127, 0, 0, 1], 7446))),
                ..ReferralSettings::default()
            },
            matching: ServiceSettings {
                listen: Some(SocketAddr::from(([127, 0, 0, 1], 7448))),
                ..ServiceSettings::default()
            },
            signalling: SignallingSettings {
                listen: Some(SocketAddr::from(([127, 0, 0, 1], 7447))),
                ..SignallingSettings::default()
            },
            ca: None,
            log: LogSettings::default(),
        }
    }
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7443)),
            advertise: None,
            names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            resident: None,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogForm::Text,
            filter: "info".to_owned(),
        }
    }
}

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file or the environment does not hold what it should.
    #[error("the configuration is not valid")]
    Invalid(#[from] config::ConfigError),
    /// A value cannot be.
    #[error("{key}: {what}")]
    Value {
        /// Which key.
        key: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A setting of notices cannot be.
    #[error("a setting of consent cannot be")]
    Notices(#[from] sluis_consent::MailConfigError),
    /// A setting of the gateway cannot be.
    #[error("a setting of the gateway cannot be")]
    Gateway(#[from] sluis_gateway::ConfigError),
}

impl Config {
    /// Reads a file, if one is given, and the environment over it. Nothing is touched.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that cannot be read, an unknown key, or a value that cannot be.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let environment = config::Environment::with_prefix(ENVIRONMENT_PREFIX)
            .prefix_separator(ENVIRONMENT_SEPARATOR)
            .separator(ENVIRONMENT_SEPARATOR)
            .try_parsing(true);
        let loaded: Self = builder.add_source(environment).build()?.try_deserialize()?;
        loaded.check()?;
        Ok(loaded)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let value = |key, what: &str| ConfigError::Value {
            key,
            what: what.to_owned(),
        };
        if self.mesh_id.is_empty() || !self.mesh_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(value("mesh_id", "visible ASCII characters, at least one"));
        }
        if self.gateway.names.is_empty() {
            return Err(value("gateway.names", "at least one name"));
        }
        self.registry_store()?;
        self.consent_store()?;
        if let Some(notices) = &self.consent.notices {
            notices.check()?;
        }
        self.referral_store()?;
        self.matching_store()?;
        self.signalling_store()?;
        Ok(self.gateway_settings().check()?)
    }

    /// What the gateway is given.
    pub(crate) fn gateway_settings(&self) -> sluis_gateway::Config {
        sluis_gateway::Config {
            mesh_id: self.mesh_id.clone(),
            resident: self.gateway.resident.clone(),
        }
    }

    /// Where bucket keys are.
    pub fn bucket_dir(&self) -> PathBuf {
        self.bucket_dir
            .clone()
            .unwrap_or_else(|| self.keys_dir.with_file_name("sluis-buckets"))
    }

    /// Where the peppers of epochs are.
    pub fn epoch_dir(&self) -> PathBuf {
        self.epoch_dir
            .clone()
            .unwrap_or_else(|| self.bucket_dir().with_file_name("sluis-epochs"))
    }

    /// The registry's database.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for an address that is none.
    pub fn registry_store(&self) -> Result<StoreConfig, ConfigError> {
        self.store("registry.database", "registry", self.registry.database.as_ref())
    }

    /// Consent's database.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for an address that is none.
    pub fn consent_store(&self) -> Result<StoreConfig, ConfigError> {
        self.store("consent.database", "consent", self.consent.database.as_ref())
    }

    /// Referral's database.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for an address that is none.
    pub fn referral_store(&self) -> Result<StoreConfig, ConfigError> {
        self.store("referral.database", "referral", self.referral.database.as_ref())
    }

    /// Matching's database.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for an address that is none.
    pub fn matching_store(&self) -> Result<StoreConfig, ConfigError> {
        self.store("matching.database", "matching", self.matching.database.as_ref())
    }

    /// Signalling's database.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for an address that is none.
    pub fn signalling_store(&self) -> Result<StoreConfig, ConfigError> {
        self.store(
            "signalling.database",
            "signalling",
            self.signalling.database.as_ref(),
        )
    }

    fn store(
        &self,
        key: &'static str,
        name: &str,
        url: Option<&DatabaseUrl>,
    ) -> Result<StoreConfig, ConfigError> {
        let file = self.data_dir.join(format!("{name}.sqlite"));
        let url = url.map_or_else(
            || format!("sqlite:{}", file.display()),
            |url| url.expose().to_owned(),
        );
        StoreConfig::parse(&url).map_err(|error| ConfigError::Value {
            key,
            what: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(toml: &str) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("sluis.toml");
        std::fs::write(&file, toml).expect("written");
        Config::load(Some(&file))
    }

    #[test]
    fn an_empty_file_is_the_default() {
        let config = load("").expect("the default");
        assert_eq!(config.gateway.listen.port(), 7443);
        assert_eq!(config.bucket_dir(), Path::new("sluis-buckets"));
        assert_eq!(config.epoch_dir(), Path::new("sluis-epochs"));
    }

    #[test]
    fn notices_go_to_a_folder_or_through_a_relay() {
        let notices = "[consent.notices]\nfrom = 'sluis@mijn.example'\npages_url = 'https://mijn.example'\n";
        for way in [
            "folder = '/tmp/mail'",
            "relay = { host = 'smtp.example', port = 587, tls = 'starttls' }",
        ] {
            let config = load(&format!("{notices}{way}")).expect(way);
            assert!(config.consent.notices.is_some());
        }
        assert!(
            load("").expect("the default").consent.notices.is_none(),
            "off by default"
        );
    }

    #[test]
    fn a_password_is_not_printed() {
        let config = load("[consent]\ndatabase = 'postgres://sluis:geheim@db/consent'").expect("valid");
        assert!(!format!("{config:?}").contains("geheim"));
    }

    #[test]
    fn unknown_keys_and_impossible_values_are_refused() {
        for bad in [
            "mesh = 'x'",
            "[gateway]\nlisten = 'nowhere'",
            "[gateway]\nnames = []",
            "[consent]\nsingle_nod = true",
            "[referral]\ndatabase = 'mysql://x'",
            "mesh_id = ''",
            "[consent.notices]\nfrom = 'sluis@mijn.example'\npages_url = 'https://mijn.example'",
            "[consent.notices]\nfrom = 'sluis@mijn.example'\npages_url = 'https://mijn.example'\n\
             relay = { host = 'smtp.example', port = 25, tls = 'none' }",
            "[gateway.resident.openid]\nissuer = 'https://login.example'\nclient_id = 'sluis'\n\
             redirect_uri = 'https://mijn.example/terug'\nlevels_of_assurance = { a = 'high' }",
        ] {
            assert!(load(bad).is_err(), "{bad}");
        }
    }
}
