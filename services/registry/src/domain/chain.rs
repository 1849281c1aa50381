//! The chain of key statements of one organisation: what may begin it, and what may follow.

use std::time::Duration;

use sluis_envelope::limits::CLOCK_SKEW_SECONDS_MAX;
use sluis_envelope::{
    KeyStatement, KeyStatementError, PublicKey, Signed, StatementError, VerifiedKeyStatement,
};
use sluis_serve::Hash;
use sluis_types::Timestamp;

use super::Refused;

/// All statements of one organisation together: everybody who follows the list reads them all.
const CHAIN_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Statements of one organisation.
pub(crate) const STATEMENTS_MAX: u32 = 4096;

/// Why a first statement is not accepted, before anything stored was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FirstStatementError {
    /// It is not a first one.
    #[error("not the first statement of a chain")]
    NotFirst,
    /// It does not list a key of each kind that is valid now.
    #[error("a key of some kind is missing")]
    KeyMissing,
    /// It does not list the key of the signing request.
    #[error("the TLS key is not listed")]
    TlsKeyMissing,
    /// It does not verify.
    #[error(transparent)]
    Statement(#[from] KeyStatementError),
}

/// Checks the first statement of a chain. Its identity key is its own word: the pin is for others to compare.
pub(crate) fn first_statement(
    statement: Signed<KeyStatement>,
    spki_sha256: &Hash,
    now: Timestamp,
) -> Result<VerifiedKeyStatement, FirstStatementError> {
    if statement.unverified().sequence != 1 {
        return Err(FirstStatementError::NotFirst);
    }
    let fingerprint = statement.unverified().identity.id();
    let keys = VerifiedKeyStatement::pinned(statement, &fingerprint, now)?;
    let at = soon(now);
    let signs = keys
        .entries()
        .iter()
        .any(|entry| matches!(entry.key, PublicKey::Signing(_)) && entry.valid_at(at));
    if !signs || keys.newest_sealing_key(at).is_none() || keys.jwt_keys(at).next().is_none() {
        return Err(FirstStatementError::KeyMissing);
    }
    if !is_listed(&keys, spki_sha256, now) {
        return Err(FirstStatementError::TlsKeyMissing);
    }
    Ok(keys)
}

/// Checks a statement that goes on where `known` stands, `chain_bytes` being the length of all up to it.
pub(crate) fn next_statement(
    known: &VerifiedKeyStatement,
    chain_bytes: usize,
    next: Signed<KeyStatement>,
    now: Timestamp,
) -> Result<VerifiedKeyStatement, Refused> {
    let sequence = next.unverified().sequence;
    // Without gaps: whoever reads the chain finds each statement named by the one after it.
    if known.sequence().checked_add(1) != Some(sequence) {
        return Err(Refused::ChainBroken);
    }
    if sequence > STATEMENTS_MAX || chain_bytes.saturating_add(next.encode().len()) > CHAIN_BYTES_MAX {
        return Err(Refused::ChainFull);
    }
    known.accept(next, now).map_err(refused)
}

/// Whether the newest statement lists a TLS key as valid.
pub(crate) fn is_listed(keys: &VerifiedKeyStatement, spki_sha256: &Hash, now: Timestamp) -> bool {
    keys.permits_tls(spki_sha256, soon(now))
}

fn refused(error: KeyStatementError) -> Refused {
    match error {
        KeyStatementError::Statement(StatementError::BadSignature(_)) => Refused::BadSignature,
        KeyStatementError::Statement(StatementError::NotYetValid) => Refused::ClockSkew,
        KeyStatementError::Statement(
            StatementError::Format(_)
            | StatementError::WrongKey
            | StatementError::Expired
            | StatementError::Mismatch { .. },
        )
        | KeyStatementError::Identity
        | KeyStatementError::Chain
        | KeyStatementError::Rewritten
        | KeyStatementError::UnknownKey
        | KeyStatementError::NotValidThen => Refused::ChainBroken,
    }
}

/// A key that becomes valid within the time that clocks may differ is valid: its maker's clock may be ahead.
fn soon(now: Timestamp) -> Timestamp {
    now.plus(Duration::from_secs(CLOCK_SKEW_SECONDS_MAX))
}
