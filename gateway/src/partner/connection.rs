//! What is known of one connection: who is at the other end, and which of its tokens were verified.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Directory, Hash, OrganisationEntry, PartnerCaller, Peer, Refusal};
use sluis_types::Timestamp;

use super::certificate::CertificateFacts;

/// Verified tokens that one connection remembers at most: one per professional and five minutes.
const TOKENS_MAX: usize = 256;

/// Who is at the other end; stands in the extensions of each request of a connection.
#[derive(Clone, Debug)]
pub(super) enum Arrived {
    /// Showed no certificate: somebody who enrols, at most.
    Stranger,
    /// Showed a certificate that names no organisation.
    Unnamed,
    /// Showed an organisation's certificate.
    Partner(Arc<PartnerConnection>),
}

/// Reads the certificate of a new connection, once. No connection is turned away for it: the refusal of each call
/// says more than a connection that breaks.
pub(crate) fn arrive(peer: &Peer) -> Extensions {
    let arrived = match peer.leaf().map(CertificateFacts::read) {
        None => Arrived::Stranger,
        Some(Ok(facts)) => Arrived::Partner(Arc::new(PartnerConnection::new(facts))),
        Some(Err(fault)) => {
            tracing::info!(%fault, "a client certificate names no organisation");
            Arrived::Unnamed
        }
    };
    let mut extensions = Extensions::new();
    extensions.insert(arrived);
    extensions
}

/// A connection with an organisation's certificate.
pub(crate) struct PartnerConnection {
    facts: CertificateFacts,
    tokens: Mutex<Tokens>,
}

/// Tokens that were verified against `entry`, and against no other.
#[derive(Default)]
struct Tokens {
    entry: Option<Arc<OrganisationEntry>>,
    verified: HashMap<Hash, VerifiedToken>,
}

/// What is remembered of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VerifiedToken {
    pub(super) caller: PartnerCaller,
    /// First moment at which it no longer counts: its own end or its key's, whichever is first.
    pub(super) not_after: Timestamp,
}

impl fmt::Debug for PartnerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartnerConnection({})", self.facts.organisation)
    }
}

impl PartnerConnection {
    pub(super) fn new(facts: CertificateFacts) -> Self {
        Self {
            facts,
            tokens: Mutex::default(),
        }
    }

    pub(super) fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// The organisation behind the connection, if its certificate is live at this moment.
    ///
    /// # Errors
    /// CERTIFICATE_REFUSED when it is not; TEMPORARILY_CLOSED when the directory cannot say.
    pub(super) fn standing(
        &self,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Arc<OrganisationEntry>, Refusal> {
        let refused = || Refusal::new(ErrorReason::CertificateRefused);
        let entry = directory
            .organisation(&self.facts.organisation)?
            .ok_or_else(refused)?;
        let live = self.facts.is_within_dates(now)
            && entry.admits(&self.facts.fingerprint, &self.facts.spki_sha256, now);
        if live { Ok(entry) } else { Err(refused()) }
    }

    /// The caller of a token that was verified before against this very entry.
    pub(super) fn remembered(
        &self,
        entry: &Arc<OrganisationEntry>,
        jwt_hash: &Hash,
        now: Timestamp,
    ) -> Option<PartnerCaller> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if !tokens.are_of(entry) {
            return None;
        }
        let token = tokens.verified.get(jwt_hash)?;
        (now < token.not_after).then_some(token.caller)
    }

    /// Remembers a token that was verified against this entry, and forgets all that were verified against another.
    pub(super) fn remember(
        &self,
        entry: &Arc<OrganisationEntry>,
        jwt_hash: Hash,
        token: VerifiedToken,
        now: Timestamp,
    ) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if !tokens.are_of(entry) {
            *tokens = Tokens {
                entry: Some(Arc::clone(entry)),
                verified: HashMap::new(),
            };
        }
        if tokens.verified.len() >= TOKENS_MAX {
            tokens.verified.retain(|_, token| now < token.not_after);
        }
        if tokens.verified.len() >= TOKENS_MAX {
            // So many at once is no professional's pace: verifying them again is what it costs.
            tokens.verified.clear();
        }
        tokens.verified.insert(jwt_hash, token);
    }
}

impl Tokens {
    /// The entry is held, so that no later one can be at its address.
    fn are_of(&self, entry: &Arc<OrganisationEntry>) -> bool {
        self.entry.as_ref().is_some_and(|held| Arc::ptr_eq(held, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_envelope::{KeyKind, KeyStatement, Signed, SigningKey};
    use sluis_types::{Oin, OrganisationKind, ProfessionalRole, SeededRandomness};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn oin() -> Oin {
        "00000099000000001000".parse().expect("well-formed")
    }

    fn entry() -> Arc<OrganisationEntry> {
        let identity = SigningKey::generate(KeyKind::Identity, &SeededRandomness::new(1));
        let statement = KeyStatement::first(oin(), identity.verifying_key(), [0; 32], vec![], NOW);
        let chain = vec![Signed::sign(statement, &identity)];
        let entry = OrganisationEntry::new(OrganisationKind::Welfare, "Noord", chain, vec![], NOW);
        Arc::new(entry.expect("the chain holds"))
    }

    fn connection() -> PartnerConnection {
        PartnerConnection::new(CertificateFacts {
            fingerprint: [1; 32],
            spki_sha256: [2; 32],
            organisation: oin(),
            not_before: NOW,
            not_after: NOW,
        })
    }

    fn token(seconds: i64) -> VerifiedToken {
        VerifiedToken {
            caller: PartnerCaller {
                organisation: oin(),
                professional: [3; 32],
                role: ProfessionalRole::System,
                jwt_hash: [4; 32],
            },
            not_after: Timestamp::from_seconds(NOW.seconds() + seconds),
        }
    }

    #[test]
    fn a_token_is_remembered_for_its_entry_until_its_end() {
        let (connection, entry, changed) = (connection(), entry(), self::entry());
        connection.remember(&entry, [4; 32], token(10), NOW);
        assert!(connection.remembered(&entry, &[4; 32], NOW).is_some());
        assert!(connection.remembered(&entry, &[5; 32], NOW).is_none());
        let later = Timestamp::from_seconds(NOW.seconds() + 10);
        assert!(connection.remembered(&entry, &[4; 32], later).is_none());
        assert!(
            connection.remembered(&changed, &[4; 32], NOW).is_none(),
            "equal is not the same"
        );
        connection.remember(&changed, [5; 32], token(10), NOW);
        assert!(connection.remembered(&entry, &[4; 32], NOW).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let (connection, entry) = (connection(), entry());
        for number in 0..10_000_u32 {
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_be_bytes());
            connection.remember(&entry, hash, token(10), NOW);
            let held = connection.tokens.lock().expect("nobody panicked").verified.len();
            assert!(held <= TOKENS_MAX);
            assert!(connection.remembered(&entry, &hash, NOW).is_some());
        }
    }
}
