//! A key together with the organisation that it belongs to.

use sluis_types::Oin;

use super::VerifyingKey;

/// A key that a verified key statement, or a service's own registry, gives to an organisation.
///
/// A signature shows which key signed; this type carries whose key that is, so that checks can compare it with the
/// sender or recipient that a header names. Make one only from such a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationKey<K = VerifyingKey> {
    /// Whose key it is.
    pub organisation: Oin,
    /// The key.
    pub key: K,
}
