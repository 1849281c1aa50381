//! What the registry decides: pure, with the time passed in.

mod certificate;
mod chain;
mod code;
mod document;
mod refused;
mod standing;

pub(crate) use certificate::{CERTIFICATES_MAX, Certificate};
pub(crate) use chain::{FirstStatementError, STATEMENTS_MAX, first_statement, is_listed, next_statement};
pub(crate) use code::{CodeIndex, InvitationCode};
pub(crate) use document::InvitationDocument;
pub use document::MeshPins;
pub(crate) use refused::{Act, Refused};
pub(crate) use standing::{Invitation, Profile, Standing};
