//! Why the demonstration cannot go on.

use std::path::{Path, PathBuf};

use sluis_serve::TlsError;
use tonic::Status;

/// Why the demonstration, or a resident's command, cannot go on. Nothing personal is in it.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The mesh does not start.
    #[error("the mesh does not start")]
    Mesh(#[from] sluis_compose::ComposeError),
    /// A partner's call failed.
    #[error("{step}")]
    Partner {
        /// What was tried.
        step: &'static str,
        /// What came of it.
        source: Box<sluis_client::Error>,
    },
    /// A resident's call was refused.
    #[error("{step}: {message}")]
    Refused {
        /// What was tried.
        step: &'static str,
        /// The mesh's own sentence.
        message: String,
    },
    /// Nobody could log in.
    #[error("logging in at the development provider")]
    Login(#[from] sluis_gateway::OpenIdError),
    /// A file or a socket.
    #[error("{what}")]
    Io {
        /// What was tried, and on which path or address.
        what: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A database cannot be looked at.
    #[error("looking into the databases")]
    Database(#[from] sqlx::Error),
    /// Keys cannot be used.
    #[error("the keys of a part cannot be used")]
    Keys(#[from] sluis_keyring::KeysError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// Something did not happen, or is not as it must be.
    #[error("{0}")]
    Unexpected(String),
}

impl DemoError {
    /// For `map_err` on something done with a file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path: PathBuf = path.to_owned();
        move |source| Self::Io {
            what: format!("cannot {action} {}", path.display()),
            source,
        }
    }

    /// For `map_err` on a partner's call.
    pub(crate) fn partner(step: &'static str) -> impl FnOnce(sluis_client::Error) -> Self {
        move |source| Self::Partner {
            step,
            source: Box::new(source),
        }
    }

    /// For `map_err` on a resident's call.
    pub(crate) fn refused(step: &'static str) -> impl FnOnce(Status) -> Self {
        move |status| Self::Refused {
            step,
            message: status.message().to_owned(),
        }
    }

    pub(crate) fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected(what.into())
    }
}
