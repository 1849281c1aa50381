//! Why a benchmark ends without a result.

use std::error::Error;

use tonic::Status;

/// Any cause.
pub(crate) type Source = Box<dyn Error + Send + Sync>;

/// Why a benchmark ends without a result.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Something of the machine, a yardstick or the mesh could not be started or used.
    #[error("{what} did not work")]
    Step {
        /// What was tried.
        what: &'static str,
        /// Why it did not work.
        #[source]
        source: Source,
    },
    /// The mesh said no where it ought to say yes.
    #[error("{what} was refused: {reason}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// The gRPC code and its fixed text.
        reason: String,
    },
    /// An option that cannot be.
    #[error("{0}")]
    Option(String),
}

pub(crate) fn failed<E: Into<Source>>(what: &'static str) -> impl FnOnce(E) -> BenchError {
    move |source| BenchError::Step {
        what,
        source: source.into(),
    }
}

pub(crate) fn refused(what: &'static str) -> impl FnOnce(Status) -> BenchError {
    move |status| BenchError::Refused {
        what,
        reason: format!("{:?}: {}", status.code(), status.message()),
    }
}
