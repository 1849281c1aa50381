//! Why a gateway does not start.

use sluis_keyring::KeysError;
use sluis_serve::TlsError;

use crate::ConfigError;

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be.
    #[error("the gateway's configuration is wrong")]
    Config(#[from] ConfigError),
    /// The keys for caller tokens are missing.
    #[error("the gateway's keys cannot be used")]
    Keys(#[from] KeysError),
    /// The listener's TLS cannot be set up.
    #[error("the gateway's TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// Pages are configured, but no listener for them was bound, or the other way round.
    #[error("the residents' pages have a configuration and no listener, or the other way round")]
    PagesListener,
    /// Pages are served, but the key of the service directory is not known.
    #[error("the residents' pages need the key of the service directory")]
    OffersKey,
    /// A public method belongs to a service that this gateway knows no way to.
    #[error("no service for method {method}")]
    NoService {
        /// Its path.
        method: String,
    },
    /// The client secret of the OpenID Connect provider cannot be read.
    #[error("the client secret of the OpenID Connect provider cannot be read")]
    ClientSecret(#[source] std::io::Error),
    /// What reflection shows cannot be read.
    #[error("the descriptor set cannot be read")]
    Descriptors(#[source] tonic_reflection::server::Error),
}
