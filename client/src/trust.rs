//! Whether an organisation's keys follow from what is pinned and known.
//!
//! The registry shows a chain of key statements. It is believed only from a fingerprint that somebody compared out of
//! band, onwards; and once statements were seen, only from the newest of those, onwards: the registry can neither show
//! older keys again nor another past.

use std::path::Path;

use sluis_envelope::{KeyStatement, KeyStatementError, Signed, VerifiedKeyStatement};
use sluis_types::{KeyId, Oin, Timestamp};

use crate::Error;
use crate::profile::{known, open_statement, pinned};

/// The newest statement of a chain that follows from what the profile in `directory` has pinned and seen.
pub(crate) fn follow(
    directory: &Path,
    organisation: Oin,
    chain: &[Signed<KeyStatement>],
    now: Timestamp,
) -> Result<VerifiedKeyStatement, Error> {
    match known(directory, organisation)? {
        Some(bytes) => follow_from(&open_statement(&bytes)?, organisation, chain, now),
        None => match pinned(directory, organisation)? {
            Some(fingerprint) => follow_pin(organisation, &fingerprint, chain, now),
            None => Err(Error::NotPinned {
                organisation,
                shown: shown(chain)?,
            }),
        },
    }
}

/// The newest statement of a chain that follows from a fingerprint.
pub(crate) fn follow_pin(
    organisation: Oin,
    fingerprint: &KeyId,
    chain: &[Signed<KeyStatement>],
    now: Timestamp,
) -> Result<VerifiedKeyStatement, Error> {
    let changed = |source| Error::KeysChanged { organisation, source };
    // The identity key may have been replaced before the pin was taken: the pin is of the one at its first statement.
    let first = chain
        .iter()
        .find(|statement| statement.unverified().identity.id() == *fingerprint)
        .ok_or_else(|| changed(KeyStatementError::Identity))?;
    let first = VerifiedKeyStatement::pinned(first.clone(), fingerprint, now).map_err(changed)?;
    follow_from(&first, organisation, chain, now)
}

/// The newest statement of a chain that goes on where `known` stands.
pub(crate) fn follow_from(
    known: &VerifiedKeyStatement,
    organisation: Oin,
    chain: &[Signed<KeyStatement>],
    now: Timestamp,
) -> Result<VerifiedKeyStatement, Error> {
    let changed = |source| Error::KeysChanged { organisation, source };
    if known.organisation() != organisation {
        return Err(changed(KeyStatementError::Chain));
    }
    // The registry may not fall back behind what was seen, nor show another statement under the same number.
    let same = chain
        .iter()
        .find(|statement| statement.unverified().sequence == known.sequence());
    if same.is_none_or(|statement| statement.hash() != known.hash()) {
        return Err(changed(KeyStatementError::Chain));
    }
    chain
        .iter()
        .filter(|next| next.unverified().sequence > known.sequence())
        .try_fold(known.clone(), |current, next| current.accept(next.clone(), now))
        .map_err(changed)
}

/// The fingerprint that a chain shows now: to compare, never to trust by itself.
pub(crate) fn shown(chain: &[Signed<KeyStatement>]) -> Result<KeyId, Error> {
    let newest = chain
        .last()
        .ok_or_else(|| Error::bad_answer("the organisation", "no key statement"))?;
    Ok(newest.unverified().identity.id())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sluis_envelope::{KeyEntry, KeyKind, PublicKey, SigningKey, successor_commitment};
    use sluis_types::SeededRandomness;

    use super::*;
    use crate::profile::remember;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    /// An organisation that publishes statements.
    struct Publisher {
        oin: Oin,
        identities: Vec<SigningKey>,
        signing: SigningKey,
        chain: Vec<Signed<KeyStatement>>,
    }

    impl Publisher {
        fn new(seed: u64) -> Self {
            let randomness = SeededRandomness::new(seed);
            let oin: Oin = "00000099000000002000".parse().expect("an OIN");
            let identities: Vec<_> = (0..3)
                .map(|_| SigningKey::generate(KeyKind::Identity, &randomness))
                .collect();
            let mut publisher = Self {
                oin,
                signing: SigningKey::generate(KeyKind::Signing, &randomness),
                chain: Vec::new(),
                identities,
            };
            let first = KeyStatement::first(
                oin,
                publisher.identities[0].verifying_key(),
                publisher.commitment(1),
                publisher.keys(),
                NOW,
            );
            publisher
                .chain
                .push(Signed::sign(first, &publisher.identities[0]));
            publisher
        }

        fn commitment(&self, identity: usize) -> sluis_envelope::Digest {
            successor_commitment(self.oin, self.identities[identity].verifying_key())
        }

        fn keys(&self) -> Vec<KeyEntry> {
            vec![KeyEntry {
                key: PublicKey::Signing(self.signing.verifying_key().clone()),
                not_before: NOW,
                not_after: NOW.plus(Duration::from_hours(24 * 300)),
                revoked_at: None,
            }]
        }

        fn newest(&self) -> VerifiedKeyStatement {
            open_statement(&self.chain.last().expect("a first statement").encode()).expect("a statement")
        }

        /// Another statement under the same identity key.
        fn publish(&mut self, identity: usize) {
            let next = self.newest().next(self.keys(), NOW);
            self.chain.push(Signed::sign(next, &self.identities[identity]));
        }

        /// A statement under the identity key that comes next, said to be `identity`.
        fn rotate(&mut self, identity: usize) {
            let key = self.identities[identity].verifying_key();
            let next = self.newest().rotated(key, self.commitment(2), self.keys(), NOW);
            self.chain.push(Signed::sign(next, &self.identities[identity]));
        }

        fn fingerprint(&self, identity: usize) -> KeyId {
            self.identities[identity].id()
        }
    }

    fn profile() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    fn pin(directory: &Path, publisher: &Publisher, identity: usize) {
        crate::profile::pin(directory, publisher.oin, publisher.fingerprint(identity)).expect("pinned");
    }

    fn followed(directory: &Path, publisher: &Publisher) -> Result<VerifiedKeyStatement, Error> {
        follow(directory, publisher.oin, &publisher.chain, NOW)
    }

    fn assert_changed(outcome: Result<VerifiedKeyStatement, Error>, expected: KeyStatementError) {
        match outcome {
            Err(Error::KeysChanged { source, .. }) => assert_eq!(source, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_believed_without_a_pin() {
        let (directory, publisher) = (profile(), Publisher::new(1));
        let Err(Error::NotPinned { shown, .. }) = followed(directory.path(), &publisher) else {
            panic!("not pinned");
        };
        assert_eq!(shown, publisher.fingerprint(0));
    }

    #[test]
    fn a_pinned_chain_is_followed_to_its_newest_statement() {
        let (directory, mut publisher) = (profile(), Publisher::new(1));
        pin(directory.path(), &publisher, 0);
        publisher.publish(0);
        publisher.publish(0);
        assert_eq!(
            followed(directory.path(), &publisher)
                .expect("followed")
                .sequence(),
            3
        );
    }

    #[test]
    fn another_identity_than_the_pinned_one_is_refused() {
        let (directory, mut publisher) = (profile(), Publisher::new(1));
        let somebody_else = Publisher::new(2);
        pin(directory.path(), &somebody_else, 0);
        assert_changed(
            followed(directory.path(), &publisher),
            KeyStatementError::Identity,
        );
        // Nor is it believed after a statement that committed to another one.
        pin(directory.path(), &publisher, 0);
        publisher.rotate(2);
        assert_changed(
            followed(directory.path(), &publisher),
            KeyStatementError::Identity,
        );
    }

    #[test]
    fn an_identity_that_its_predecessor_named_is_followed_from_either_pin() {
        let mut publisher = Publisher::new(1);
        publisher.publish(0);
        publisher.rotate(1);
        publisher.publish(1);
        for identity in [0, 1] {
            let directory = profile();
            pin(directory.path(), &publisher, identity);
            let newest = followed(directory.path(), &publisher).expect("followed");
            assert_eq!(
                (newest.sequence(), newest.fingerprint()),
                (4, publisher.fingerprint(1))
            );
        }
    }

    #[test]
    fn the_registry_cannot_fall_back_behind_what_was_seen() {
        let (directory, mut publisher) = (profile(), Publisher::new(1));
        pin(directory.path(), &publisher, 0);
        publisher.publish(0);
        remember(
            directory.path(),
            &followed(directory.path(), &publisher).expect("followed"),
        )
        .expect("kept");
        let second = publisher.chain.pop().expect("two statements");
        assert_changed(followed(directory.path(), &publisher), KeyStatementError::Chain);
        publisher.chain.push(second);
        publisher.publish(0);
        assert_eq!(
            followed(directory.path(), &publisher)
                .expect("followed")
                .sequence(),
            3
        );
    }

    #[test]
    fn the_registry_cannot_show_another_past() {
        let (directory, mut publisher) = (profile(), Publisher::new(1));
        pin(directory.path(), &publisher, 0);
        remember(
            directory.path(),
            &followed(directory.path(), &publisher).expect("followed"),
        )
        .expect("kept");
        // The same identity key signs another first statement.
        let other = KeyStatement::first(
            publisher.oin,
            publisher.identities[0].verifying_key(),
            publisher.commitment(1),
            publisher.keys(),
            NOW.plus(Duration::from_secs(1)),
        );
        publisher.chain[0] = Signed::sign(other, &publisher.identities[0]);
        assert_changed(followed(directory.path(), &publisher), KeyStatementError::Chain);
    }

    #[test]
    fn a_statement_that_the_identity_key_did_not_sign_is_refused() {
        let (directory, mut publisher) = (profile(), Publisher::new(1));
        pin(directory.path(), &publisher, 0);
        publisher.publish(0);
        let mut forged = publisher.chain.pop().expect("two statements").encode();
        *forged.last_mut().expect("a signature") ^= 1;
        publisher.chain.push(Signed::parse(&forged).expect("in its form"));
        assert!(matches!(
            followed(directory.path(), &publisher),
            Err(Error::KeysChanged {
                source: KeyStatementError::Statement(_),
                ..
            })
        ));
    }

    #[test]
    fn an_empty_answer_is_no_chain() {
        let (directory, mut publisher) = (profile(), Publisher::new(1));
        publisher.chain.clear();
        assert!(matches!(
            followed(directory.path(), &publisher),
            Err(Error::BadAnswer { .. })
        ));
        pin(directory.path(), &publisher, 0);
        assert_changed(
            followed(directory.path(), &publisher),
            KeyStatementError::Identity,
        );
    }
}
