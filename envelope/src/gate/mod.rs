//! The second gate: the open request of a recipient, what the gate checks and releases, and the reply.

mod error;
mod open_reply;
mod open_request;
mod opener;
mod pending;

pub use error::GateError;
pub use open_request::OpenRequest;
pub use opener::{GateOpener, OpenCheck, OpenedGate};
pub use pending::{AskToOpen, PendingOpen};
