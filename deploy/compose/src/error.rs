//! Why a mesh does not start.

use sluis_keyring::{BucketKeysError, KeysError, NestedDirectoriesError};
use sluis_serve::{RulesError, TlsError};
use sluis_store::OpenError;

use crate::config::ConfigError;
use crate::trust::TrustError;

/// Why a mesh does not start. Each says what was tried; its source says what came of it.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A directory cannot be made.
    #[error("cannot make {path}")]
    Directory {
        /// Which one.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}")]
    File {
        /// Which one.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which one.
        address: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Bucket keys lie where backups are made of.
    #[error("bucket_dir must lie neither in data_dir nor in keys_dir nor beside a database, nor they in it")]
    Nested(#[from] NestedDirectoriesError),
    /// A part's keys.
    #[error("the keys of a part cannot be used")]
    Keys(#[from] KeysError),
    /// The bucket keys.
    #[error("the bucket keys cannot be used")]
    BucketKeys(#[from] BucketKeysError),
    /// Which key belongs to which part.
    #[error("the trust of the mesh cannot be used")]
    Trust(#[from] TrustError),
    /// The certificate authority's files.
    #[error("the certificate authority cannot be used")]
    CaFiles(#[from] sluis_registry::ca::CaFilesError),
    /// A certificate cannot be issued.
    #[error("a certificate cannot be issued")]
    Ca(#[from] sluis_registry::ca::CaError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// A database cannot be migrated.
    #[error("a database cannot be migrated")]
    Migrate(#[from] OpenError),
    /// The rules on methods.
    #[error("the rules of the interface cannot be used")]
    Rules(#[from] RulesError),
    /// The registry.
    #[error("the registry does not start")]
    Registry(#[from] sluis_registry::StartError),
    /// Consent.
    #[error("the consent service does not start")]
    Consent(#[from] sluis_consent::StartError),
    /// Notices by e-mail.
    #[error("notices cannot be sent")]
    Notices(#[from] sluis_consent::MailStartError),
    /// Consent's log.
    #[error("consent's log cannot be opened")]
    ConsentLog(#[from] sluis_consent::LogError),
    /// Referral.
    #[error("the referral service does not start")]
    Referral(#[from] sluis_referral::StartError),
    /// Matching.
    #[error("the matching service does not start")]
    Matching(#[from] sluis_matching::StartError),
    /// Signalling.
    #[error("the signalling service does not start")]
    Signalling(#[from] sluis_signalling::StartError),
    /// The peppers of epochs.
    #[error("the epoch keys cannot be used")]
    EpochKeys(#[from] sluis_keyring::EpochKeysError),
    /// The gateway.
    #[error("the gateway does not start")]
    Gateway(#[from] sluis_gateway::StartError),
    /// A part that runs apart must know where another one is.
    #[error("{key} is not set: where is the {part}?")]
    Where {
        /// Which key.
        key: &'static str,
        /// Which part.
        part: &'static str,
    },
    /// The registry refused an operator's call.
    #[error("the registry refused: {0}")]
    Refused(String),
}
