//! A client certificate: live until it ends or is revoked, and never live again.

use sluis_serve::Hash;
use sluis_types::Timestamp;

/// Certificates of one organisation that have not ended, revoked ones included.
pub(crate) const CERTIFICATES_MAX: i64 = 128;

/// A certificate as the registry lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) fingerprint: Hash,
    pub(crate) not_after: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

impl Certificate {
    /// Revokes it. A revoked one keeps its date: the first word stands. An ended one may be revoked too, because what
    /// was done with it before may be in question.
    #[must_use]
    pub(crate) fn revoke(self, now: Timestamp) -> Self {
        Self {
            revoked_at: Some(self.revoked_at.unwrap_or(now)),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sluis_serve::CertificateEntry;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    /// As the rest of the mesh judges what the registry lists.
    fn is_live(certificate: Certificate, at: Timestamp) -> bool {
        let Certificate {
            fingerprint,
            not_after,
            revoked_at,
        } = certificate;
        CertificateEntry {
            fingerprint,
            not_after,
            revoked_at,
        }
        .is_live(at)
    }

    #[test]
    fn the_table_of_certificates() {
        let (past, future) = (
            NOW.minus(Duration::from_secs(9)),
            NOW.plus(Duration::from_secs(9)),
        );
        // ends, revoked before; live, revoked after being revoked now
        let table = [
            (future, None, true, NOW),
            (past, None, false, NOW),
            (future, Some(past), false, past),
            (past, Some(past), false, past),
            (NOW, None, false, NOW),
        ];
        for (not_after, revoked_at, live, revoked_then) in table {
            let certificate = Certificate {
                fingerprint: [1; 32],
                not_after,
                revoked_at,
            };
            assert_eq!(is_live(certificate, NOW), live, "{certificate:?}");
            let revoked = certificate.revoke(NOW);
            assert_eq!(revoked.revoked_at, Some(revoked_then), "{certificate:?}");
            assert!(!is_live(revoked, past) && !is_live(revoked, future));
        }
    }

    proptest! {
        #[test]
        fn what_is_not_live_never_becomes_live(
            life in 0..100_u64,
            steps in prop::collection::vec((0..20_u64, any::<bool>()), 0..20),
        ) {
            let not_after = NOW.plus(Duration::from_secs(life));
            let mut certificate = Certificate { fingerprint: [1; 32], not_after, revoked_at: None };
            let (mut now, mut was_dead) = (NOW, false);
            for (seconds, revoke) in steps {
                now = now.plus(Duration::from_secs(seconds));
                if revoke {
                    certificate = certificate.revoke(now);
                }
                let live = is_live(certificate, now);
                prop_assert!(!(was_dead && live));
                was_dead |= !live;
            }
        }
    }
}
