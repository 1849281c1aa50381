//! Entries, and a directory that is fed by hand.

use std::time::Duration;

mod following;

use bytes::Bytes;
use sluis_envelope::{
    KeyEntry, KeyKind, KeyStatement, KeyStatementError, PublicKey, Signed, SigningKey, VerifiedKeyStatement,
    successor_commitment,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1 as proto;
use sluis_types::{Oin, OrganisationKind, Timestamp};

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const SPKI: [u8; 32] = [7; 32];

fn oin(number: u8) -> Oin {
    format!("000000990000000010{number:02}")
        .parse()
        .expect("20 digits")
}

fn identity(seed: u8) -> SigningKey {
    SigningKey::from_seed(KeyKind::Identity, &[seed; 32])
}

fn tls_key() -> KeyEntry {
    KeyEntry {
        key: PublicKey::Tls { spki_sha256: SPKI },
        not_before: NOW,
        not_after: NOW.plus(Duration::from_hours(24)),
        revoked_at: None,
    }
}

/// One statement of an organisation whose identity key comes from `seed` and whose next one from `seed + 100`.
fn first(number: u8, seed: u8) -> Signed<KeyStatement> {
    let successor = successor_commitment(oin(number), identity(seed + 100).verifying_key());
    let key = identity(seed);
    Signed::sign(
        KeyStatement::first(oin(number), key.verifying_key(), successor, vec![tls_key()], NOW),
        &key,
    )
}

fn verified(statement: &Signed<KeyStatement>) -> VerifiedKeyStatement {
    let fingerprint = statement.unverified().identity.id();
    VerifiedKeyStatement::pinned(statement.clone(), &fingerprint, NOW).expect("signed by its own key")
}

fn second(first: &Signed<KeyStatement>, seed: u8) -> Signed<KeyStatement> {
    Signed::sign(
        verified(first).next(vec![tls_key()], NOW.plus(Duration::from_secs(1))),
        &identity(seed),
    )
}

fn certificate(revoked_at: Option<Timestamp>) -> CertificateEntry {
    CertificateEntry {
        fingerprint: [1; 32],
        not_after: NOW.plus(Duration::from_hours(1)),
        revoked_at,
    }
}

fn entry(number: u8, seed: u8) -> OrganisationEntry {
    OrganisationEntry::new(
        OrganisationKind::Gp,
        "A practice",
        vec![first(number, seed)],
        vec![certificate(None)],
        NOW,
    )
    .expect("a whole chain")
}

fn message(chain: &[Signed<KeyStatement>], revoked_at: Option<Timestamp>) -> proto::Organisation {
    let time = |at: Timestamp| prost_types::Timestamp {
        seconds: at.seconds(),
        nanos: 0,
    };
    proto::Organisation {
        oin: chain[0].unverified().organisation.to_string(),
        display_name: "A practice".into(),
        kind: proto::OrganisationKind::Gp.into(),
        contact: String::new(),
        key_statements: chain.iter().map(|statement| statement.encode().into()).collect(),
        certificates: vec![proto::Certificate {
            fingerprint: vec![1; 32].into(),
            not_after: Some(time(NOW.plus(Duration::from_hours(1)))),
            revoked_at: revoked_at.map(time),
        }],
        version: 1,
    }
}

// --- entries ---

#[test]
fn a_chain_is_verified_from_its_first_statement_on() {
    let one = first(1, 1);
    let two = second(&one, 1);
    let make = |chain: Vec<Signed<KeyStatement>>| {
        OrganisationEntry::new(OrganisationKind::Gp, "A practice", chain, Vec::new(), NOW)
    };
    let whole = make(vec![one.clone(), two.clone()]).expect("a whole chain");
    assert_eq!((whole.oin, whole.keys.sequence()), (oin(1), 2));

    let chain_error = Err(EntryError::Chain(KeyStatementError::Chain));
    assert_eq!(make(Vec::new()), chain_error);
    assert_eq!(make(vec![two.clone()]), chain_error, "begins in the middle");
    assert_eq!(make(vec![one.clone(), one.clone()]), chain_error, "stands still");
    let foreign = second(&one, 2);
    assert!(
        matches!(make(vec![one.clone(), foreign]), Err(EntryError::Chain(_))),
        "signed by another key"
    );
    let early = NOW.minus(Duration::from_hours(1));
    assert!(
        OrganisationEntry::new(OrganisationKind::Gp, "", vec![one], Vec::new(), early).is_err(),
        "comes from the future"
    );
}

#[test]
fn a_malformed_message_is_refused_by_field() {
    let good = message(&[first(1, 1)], None);
    assert_eq!(
        OrganisationEntry::from_proto(&good, NOW).map(|entry| entry.oin),
        Ok(oin(1))
    );
    let fault = |change: &dyn Fn(&mut proto::Organisation)| {
        let mut changed = good.clone();
        change(&mut changed);
        OrganisationEntry::from_proto(&changed, NOW).expect_err("malformed")
    };
    let malformed = |field| EntryError::Malformed { field };
    assert_eq!(fault(&|it| it.oin.push('0')), malformed("oin"));
    assert_eq!(
        fault(&|it| it.oin = oin(2).to_string()),
        EntryError::OtherOrganisation
    );
    assert_eq!(fault(&|it| it.kind = 0), malformed("kind"));
    assert_eq!(fault(&|it| it.kind = 300), malformed("kind"));
    assert_eq!(
        fault(&|it| it.key_statements[0] = Bytes::from_static(b"x")),
        malformed("key_statements")
    );
    assert_eq!(
        fault(&|it| it.certificates[0].fingerprint.clear()),
        malformed("certificates")
    );
    assert_eq!(
        fault(&|it| it.certificates[0].not_after = None),
        malformed("certificates")
    );
}

#[test]
fn a_certificate_is_admitted_while_it_is_live_and_its_key_is_listed() {
    let entry = entry(1, 1);
    let inside = NOW.plus(Duration::from_secs(1));
    assert!(entry.admits(&[1; 32], &SPKI, inside));
    assert!(!entry.admits(&[2; 32], &SPKI, inside), "unknown certificate");
    assert!(!entry.admits(&[1; 32], &[8; 32], inside), "unlisted key");
    assert!(
        !entry.admits(&[1; 32], &SPKI, NOW.plus(Duration::from_hours(1))),
        "certificate ended"
    );
    assert!(
        !certificate(Some(inside)).is_live(NOW),
        "a revocation counts at once"
    );
}

// --- fed by hand ---

#[test]
fn what_follows_is_taken_and_what_forks_is_doubted() {
    let (directory, feed) = Directory::fed([entry(1, 1), entry(2, 2)]);
    let before = directory.generation();
    feed.put(entry(1, 1)).expect("the same again");
    assert_eq!(directory.generation(), before, "nothing changed");

    assert_eq!(
        feed.put(entry(1, 9)),
        Err(EntryError::Forked),
        "another identity key from the start"
    );
    assert!(directory.generation() > before);
    let refusal = directory.organisation(&oin(1)).expect_err("doubted");
    assert_eq!(refusal.reason(), ErrorReason::TemporarilyClosed);
    assert!(
        directory.organisation(&oin(2)).expect("fresh").is_some(),
        "others are not touched"
    );

    let one = first(1, 1);
    let chain = vec![one.clone(), second(&one, 1)];
    let longer = OrganisationEntry::new(OrganisationKind::Gp, "A practice", chain, Vec::new(), NOW).unwrap();
    feed.put(longer).expect("goes on where the known one stands");
    assert!(directory.organisation(&oin(1)).expect("believed again").is_some());
    assert_eq!(
        feed.put(entry(1, 1)),
        Err(EntryError::Forked),
        "a chain never gets shorter"
    );
}

#[test]
fn who_went_away_cannot_come_back_with_other_keys() {
    let (directory, feed) = Directory::fed([entry(1, 1)]);
    feed.remove(&oin(1));
    assert!(directory.organisation(&oin(1)).expect("fresh").is_none());
    assert_eq!(feed.put(entry(1, 9)), Err(EntryError::Forked));
    assert!(directory.organisation(&oin(1)).expect("fresh").is_none());
    feed.put(entry(1, 1)).expect("the same organisation");
    assert_eq!(directory.organisations().expect("fresh").len(), 1);
}

#[test]
fn a_revocation_is_never_unseen() {
    let (directory, feed) = Directory::fed([entry(1, 1)]);
    let mut revoked = entry(1, 1);
    revoked.certificates[0].revoked_at = Some(NOW);
    feed.put(revoked).expect("the same chain");
    feed.put(entry(1, 1)).expect("the same chain");
    let entry = directory.organisation(&oin(1)).expect("fresh").expect("listed");
    assert!(!entry.admits(&[1; 32], &SPKI, NOW));
}

#[test]
fn a_silent_feed_closes_the_directory() {
    let (directory, feed) = Directory::fed([entry(1, 1)]);
    feed.fall_silent();
    assert!(directory.organisation(&oin(1)).is_err());
    assert!(directory.organisations().is_err());
    feed.speak();
    assert!(directory.organisation(&oin(1)).is_ok());
}
