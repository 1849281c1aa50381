//! Statements: what is accepted, and what is refused for which reason.

use std::time::Duration;

use sluis_envelope::{
    GrantToken, JwtAlgorithm, JwtKey, KeyEntry, KeyKind, KeyStatement, KeyStatementError, LeafPromise,
    PublicKey, ResidentTicket, SealingKeyPair, Signed, SigningKey, StatementError, Suite, TicketActions,
    VerifiedKeyStatement, session_hash, successor_commitment,
};
use sluis_types::{GrantId, KeyId, Oin, Randomness, SeededRandomness, Service, Timestamp};

use crate::mesh::{Mesh, NOW, content};

fn days(count: u64) -> Duration {
    Duration::from_hours(24 * count)
}

#[test]
fn a_grant_token_is_for_its_time_its_parties_and_its_gate() {
    let mesh = Mesh::new(1);
    let sealed = mesh.seal(mesh.draft(), Suite::X25519, content(b"x"), vec![]);
    let verify = |token: GrantToken, seconds| {
        Signed::sign(token, &mesh.tokens).verify(
            mesh.tokens.verifying_key(),
            NOW.plus(Duration::from_secs(seconds)),
        )
    };
    let token = || mesh.grant_token();
    assert_eq!(verify(token(), 0).unwrap().permits(&sealed.manifest), Ok(()));
    assert_eq!(verify(token(), 600).unwrap_err(), StatementError::Expired);
    let early = GrantToken {
        issued_at: NOW.plus(Duration::from_secs(61)),
        ..token()
    };
    assert_eq!(verify(early, 0).unwrap_err(), StatementError::NotYetValid);
    assert_eq!(
        verify(token(), 0).unwrap().permits_blob(mesh.stranger.oin),
        Err(StatementError::Mismatch { field: "sender" })
    );
    let gate = sluis_envelope::GateKeyPair::generate(&mesh.randomness);
    for (field, other) in [
        (
            "sender",
            GrantToken {
                sender: mesh.stranger.oin,
                ..token()
            },
        ),
        (
            "recipient",
            GrantToken {
                recipient: mesh.stranger.oin,
                ..token()
            },
        ),
        (
            "grant id",
            GrantToken {
                grant_id: GrantId::from_bytes([0; 16]),
                ..token()
            },
        ),
        (
            "grant version",
            GrantToken {
                grant_version: 4,
                ..token()
            },
        ),
        (
            "gate key id",
            GrantToken {
                gate_key: gate.public().clone(),
                ..token()
            },
        ),
    ] {
        let token = verify(other, 0).unwrap();
        assert_eq!(
            token.permits(&sealed.manifest),
            Err(StatementError::Mismatch { field })
        );
    }
}

#[test]
fn a_statement_needs_the_right_kind_of_key() {
    let seed = [3; 32];
    let promise = || LeafPromise {
        leaf_hash: [1; 32],
        promised_at: NOW,
        due: NOW.plus(Duration::from_secs(1)),
    };
    let signed = || Signed::sign(promise(), &SigningKey::from_seed(KeyKind::Log, &seed));
    let log = SigningKey::from_seed(KeyKind::Log, &seed);
    assert!(signed().verify(log.verifying_key(), NOW).is_ok());
    // The same Ed25519 key, taken for something else, is another key.
    let receipt = SigningKey::from_seed(KeyKind::Receipt, &seed);
    assert_eq!(
        signed().verify(receipt.verifying_key(), NOW).unwrap_err(),
        StatementError::WrongKey
    );
}

#[test]
fn a_resident_ticket_is_for_one_session_service_and_action() {
    let key = SigningKey::from_seed(KeyKind::Ticket, &[4; 32]);
    let ticket = ResidentTicket {
        grant_id: GrantId::from_bytes([1; 16]),
        actions: TicketActions::READ,
        audience: Service::Referral,
        session_hash: session_hash(b"session"),
        issued_at: NOW,
        not_after: NOW.plus(Duration::from_mins(5)),
    };
    let ticket = Signed::sign(ticket, &key)
        .verify(key.verifying_key(), NOW)
        .unwrap();
    let session = session_hash(b"session");
    let permits = |service, session, asked| ticket.permits(service, session, asked);
    assert_eq!(permits(Service::Referral, &session, TicketActions::READ), Ok(()));
    for (field, result) in [
        (
            "audience",
            permits(Service::Matching, &session, TicketActions::READ),
        ),
        (
            "session",
            permits(Service::Referral, &session_hash(b"other"), TicketActions::READ),
        ),
        (
            "actions",
            permits(Service::Referral, &session, TicketActions::STOP),
        ),
        (
            "actions",
            permits(Service::Referral, &session, TicketActions::DECIDE),
        ),
        (
            "actions",
            permits(
                Service::Referral,
                &session,
                TicketActions::READ.and(TicketActions::STOP),
            ),
        ),
    ] {
        assert_eq!(result, Err(StatementError::Mismatch { field }));
    }
}

/// An organisation's identity keys and a list of keys, for the tests of the chain.
struct House {
    oin: Oin,
    identity: SigningKey,
    spare: SigningKey,
    keys: Vec<KeyEntry>,
}

fn entry(key: PublicKey) -> KeyEntry {
    KeyEntry {
        key,
        not_before: NOW,
        not_after: NOW.plus(days(30)),
        revoked_at: None,
    }
}

impl House {
    fn new() -> Self {
        let randomness = SeededRandomness::new(20);
        let signing = SigningKey::generate(KeyKind::Signing, &randomness);
        let sealing = SealingKeyPair::generate(&randomness);
        let jwt = JwtKey::new(JwtAlgorithm::EdDsa, vec![1; 32]).unwrap();
        Self {
            oin: "00000099000000001000".parse().unwrap(),
            identity: SigningKey::generate(KeyKind::Identity, &randomness),
            spare: SigningKey::generate(KeyKind::Identity, &randomness),
            keys: [
                PublicKey::Signing(signing.verifying_key().clone()),
                PublicKey::Sealing(sealing.public().clone()),
                PublicKey::Jwt(jwt),
                PublicKey::Tls { spki_sha256: [8; 32] },
            ]
            .into_iter()
            .map(entry)
            .collect(),
        }
    }

    fn first(&self) -> VerifiedKeyStatement {
        let successor = successor_commitment(self.oin, self.spare.verifying_key());
        let first = KeyStatement::first(
            self.oin,
            self.identity.verifying_key(),
            successor,
            self.keys.clone(),
            NOW,
        );
        VerifiedKeyStatement::pinned(Signed::sign(first, &self.identity), &self.identity.id(), NOW).unwrap()
    }

    /// Signs `next`, encodes and parses it, and lets `known` judge.
    fn judge(
        known: &VerifiedKeyStatement,
        next: KeyStatement,
        key: &SigningKey,
    ) -> Result<VerifiedKeyStatement, KeyStatementError> {
        let bytes = Signed::sign(next, key).encode();
        known.accept(Signed::parse(&bytes).unwrap(), NOW.plus(days(1)))
    }

    fn key_id(&self, index: usize) -> KeyId {
        self.keys[index].id()
    }
}

#[test]
fn keys_are_found_for_their_time() {
    let house = House::new();
    let known = house.first();
    let after = NOW.plus(days(30));
    assert_eq!(
        known.signing_key(&house.key_id(0), NOW).unwrap().organisation,
        house.oin
    );
    assert_eq!(
        known.signing_key(&house.key_id(0), after).unwrap_err(),
        KeyStatementError::NotValidThen
    );
    assert_eq!(
        known.signing_key(&house.key_id(1), NOW).unwrap_err(),
        KeyStatementError::UnknownKey
    );
    assert_eq!(known.newest_sealing_key(NOW).unwrap().key.id(), house.key_id(1));
    assert!(known.newest_sealing_key(after).is_none());
    assert!(known.sealing_key(&house.key_id(1)).is_some());
    assert_eq!(known.jwt_keys(NOW).count(), 1);
    assert_eq!(known.jwt_keys(after).count(), 0);
    assert!(known.permits_tls(&[8; 32], NOW) && !known.permits_tls(&[9; 32], NOW));
    assert!(!known.permits_tls(&[8; 32], NOW.minus(Duration::from_micros(1))));
}

#[test]
fn a_pin_is_an_identity_key() {
    let house = House::new();
    let bytes = house.first().encode();
    assert_eq!(
        VerifiedKeyStatement::pinned(Signed::parse(&bytes).unwrap(), &house.spare.id(), NOW).unwrap_err(),
        KeyStatementError::Identity
    );
}

#[test]
fn a_key_can_be_added_and_revoked_but_not_revived_prolonged_or_dropped() {
    let house = House::new();
    let known = house.first();
    let issued = NOW.plus(Duration::from_secs(5));
    let next = |change: &dyn Fn(&mut Vec<KeyEntry>)| {
        let mut keys = house.keys.clone();
        change(&mut keys);
        known.next(keys, issued)
    };
    let judge = |statement| House::judge(&known, statement, &house.identity);
    let added = judge(next(&|keys| {
        keys.push(entry(PublicKey::Tls { spki_sha256: [1; 32] }));
    }))
    .unwrap();
    assert_eq!((added.sequence(), added.entries().len()), (2, 5));
    let revoked = judge(next(&|keys| keys[0].revoked_at = Some(NOW.plus(days(1))))).unwrap();
    assert!(revoked.signing_key(&house.key_id(0), NOW).is_ok());
    assert!(revoked.signing_key(&house.key_id(0), NOW.plus(days(1))).is_err());
    for change in [
        (|keys| drop(keys.remove(0))) as fn(&mut Vec<KeyEntry>),
        |keys| keys[0].not_after = keys[0].not_after.plus(Duration::from_secs(1)),
        |keys| keys[0].not_before = keys[0].not_before.minus(Duration::from_secs(1)),
    ] {
        assert_eq!(judge(next(&change)).unwrap_err(), KeyStatementError::Rewritten);
    }
    // A revocation may move to an earlier time only.
    for (at, accepted) in [(None, false), (Some(NOW.plus(days(2))), false), (Some(NOW), true)] {
        let mut keys = house.keys.clone();
        keys[0].revoked_at = at;
        let next = revoked.next(keys, issued);
        assert_eq!(
            House::judge(&revoked, next, &house.identity).is_ok(),
            accepted,
            "{at:?}"
        );
    }
    // Long after its end a key may go.
    let mut later = next(&|keys| drop(keys.remove(0)));
    later.issued_at = NOW.plus(days(30 + 400));
    let bytes = Signed::sign(later, &house.identity).encode();
    assert!(
        known
            .accept(Signed::parse(&bytes).unwrap(), NOW.plus(days(430)))
            .is_ok()
    );
}

#[test]
fn the_chain_holds_and_only_the_committed_successor_takes_over() {
    let house = House::new();
    let known = house.first();
    let judge = |statement, key: &SigningKey| House::judge(&known, statement, key);
    let next = || known.next(house.keys.clone(), NOW);
    assert!(judge(next(), &house.identity).is_ok());
    let chain = Err(KeyStatementError::Chain);
    for broken in [
        KeyStatement {
            sequence: 1,
            previous: [0; 32],
            ..next()
        },
        KeyStatement {
            previous: [7; 32],
            ..next()
        },
        KeyStatement {
            issued_at: NOW.minus(Duration::from_secs(1)),
            ..next()
        },
        KeyStatement {
            organisation: "00000099000000002000".parse().unwrap(),
            ..next()
        },
    ] {
        assert_eq!(judge(broken, &house.identity), chain);
    }
    // Gaps are fine while the identity stays.
    assert!(
        judge(
            KeyStatement {
                sequence: 9,
                previous: [7; 32],
                ..next()
            },
            &house.identity
        )
        .is_ok()
    );
    // A thief of the identity key cannot change the way back.
    let stolen = KeyStatement {
        successor: [1; 32],
        ..next()
    };
    assert_eq!(judge(stolen, &house.identity), Err(KeyStatementError::Identity));
    let rotated = |key: &SigningKey| known.rotated(key.verifying_key(), [0; 32], house.keys.clone(), NOW);
    assert!(judge(rotated(&house.spare), &house.spare).is_ok());
    let thief = SigningKey::from_seed(KeyKind::Identity, &[66; 32]);
    assert_eq!(judge(rotated(&thief), &thief), Err(KeyStatementError::Identity));
    let skipped = KeyStatement {
        sequence: 3,
        ..rotated(&house.spare)
    };
    assert_eq!(judge(skipped, &house.spare), Err(KeyStatementError::Identity));
    // Signed by another key than it names.
    let forged = Signed::sign(next(), &thief);
    assert_eq!(
        known.accept(Signed::parse(&forged.encode()).unwrap(), NOW),
        Err(StatementError::WrongKey.into())
    );
}

#[test]
fn the_newest_of_several_sealing_keys_is_used() {
    let house = House::new();
    let fresh = SealingKeyPair::generate(&SeededRandomness::new(5) as &dyn Randomness);
    let mut keys = house.keys.clone();
    let from: Timestamp = NOW.plus(days(20));
    keys.push(KeyEntry {
        not_before: from,
        not_after: from.plus(days(30)),
        ..entry(PublicKey::Sealing(fresh.public().clone()))
    });
    let next = house.first().next(keys, NOW);
    let known = House::judge(&house.first(), next, &house.identity).unwrap();
    assert_eq!(
        known.newest_sealing_key(NOW.plus(days(19))).unwrap().key.id(),
        house.key_id(1)
    );
    assert_eq!(
        known.newest_sealing_key(NOW.plus(days(21))).unwrap().key.id(),
        fresh.id()
    );
}
