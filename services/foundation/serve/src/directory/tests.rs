use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sluis_envelope::{
    KeyEntry, KeyKind, KeyStatement, KeyStatementError, PublicKey, Signed, SigningKey, VerifiedKeyStatement,
    successor_commitment,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1 as proto;
use sluis_proto::registry::v1::watch_organisations_response::Event;
use sluis_types::{ManualClock, Oin, OrganisationKind, Timestamp};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Status;

use super::follower::{Follower, Source};
use super::*;
use crate::ManualTimer;

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

// --- following ---

type Messages = Result<proto::WatchOrganisationsResponse, Status>;

/// Hands every stream that is asked for to the test.
struct Scripted(mpsc::UnboundedSender<(Bytes, mpsc::UnboundedSender<Messages>)>);

impl Source for Scripted {
    type Messages = UnboundedReceiverStream<Messages>;

    async fn watch(&mut self, resume_token: Bytes) -> Result<Self::Messages, Status> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.0
            .send((resume_token, sender))
            .map_err(|_| Status::unavailable("the test ended"))?;
        Ok(UnboundedReceiverStream::new(receiver))
    }
}

struct Followed {
    directory: Directory,
    timer: Arc<ManualTimer>,
    streams: mpsc::UnboundedReceiver<(Bytes, mpsc::UnboundedSender<Messages>)>,
    stop: Stop,
}

impl Followed {
    fn start() -> Self {
        let timer = Arc::new(ManualTimer::new());
        let directory = Directory::new(Freshness::Followed {
            timer: timer.clone(),
            heard: AtomicU64::new(NEVER),
        });
        let (opened, streams) = mpsc::unbounded_channel();
        let stop = Stop::new();
        let clock = Arc::new(ManualClock::new(NOW));
        let follower = Follower::new(
            Scripted(opened),
            directory.clone(),
            clock,
            timer.clone(),
            stop.clone(),
        );
        tokio::spawn(follower.run());
        Self {
            directory,
            timer,
            streams,
            stop,
        }
    }

    async fn opened(&mut self) -> (Bytes, mpsc::UnboundedSender<Messages>) {
        self.streams.recv().await.expect("the follower opens a stream")
    }

    /// Lets the wait before the next attempt pass, and takes the stream that is then opened.
    async fn reopened(&mut self, wait: Duration) -> (Bytes, mpsc::UnboundedSender<Messages>) {
        self.timer.until_awaited(self.timer.now() + wait).await;
        self.timer.advance(wait);
        self.opened().await
    }

    /// Waits until the follower listens again, having handled what was sent after the timer was last moved.
    async fn handled(&self) {
        self.timer
            .until_awaited(self.timer.now() + DIRECTORY_SILENCE_MAX)
            .await;
    }

    fn reason(&self, number: u8) -> Option<ErrorReason> {
        self.directory
            .organisation(&oin(number))
            .err()
            .map(|refusal| refusal.reason())
    }

    fn lists(&self, number: u8) -> bool {
        self.directory
            .organisation(&oin(number))
            .is_ok_and(|entry| entry.is_some())
    }
}

fn event(token: u8, event: Event) -> Messages {
    Ok(proto::WatchOrganisationsResponse {
        resume_token: vec![token].into(),
        event: Some(event),
    })
}

fn organisation(token: u8, number: u8) -> Messages {
    event(
        token,
        Event::Organisation(message(&[first(number, number)], None)),
    )
}

fn complete(token: u8) -> Messages {
    event(token, Event::SnapshotComplete(true))
}

fn heartbeat(token: u8) -> Messages {
    event(token, Event::Heartbeat(proto::Heartbeat::default()))
}

#[tokio::test]
async fn it_is_closed_until_the_first_snapshot_is_complete() {
    let mut followed = Followed::start();
    let (token, stream) = followed.opened().await;
    assert!(token.is_empty());
    let mut changes = followed.directory.changes();
    stream.send(organisation(1, 1)).unwrap();
    changes.changed().await.unwrap();
    assert_eq!(followed.reason(1), Some(ErrorReason::TemporarilyClosed));
    stream.send(complete(2)).unwrap();
    followed.directory.ready().await;
    assert!(followed.lists(1));
    assert!(!followed.lists(2) && followed.reason(2).is_none());
}

#[tokio::test]
async fn it_closes_after_five_seconds_of_silence_and_goes_on_where_it_was() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    stream.send(organisation(1, 1)).unwrap();
    stream.send(complete(2)).unwrap();
    followed.directory.ready().await;

    followed.timer.advance(Duration::from_secs(4));
    stream.send(heartbeat(3)).unwrap();
    followed.handled().await;
    followed.timer.advance(Duration::from_millis(4999));
    assert!(followed.lists(1), "a heartbeat keeps it open");
    followed.timer.advance(Duration::from_millis(2));
    assert_eq!(followed.reason(1), Some(ErrorReason::TemporarilyClosed));

    let (token, stream) = followed.reopened(Duration::from_millis(100)).await;
    assert_eq!(token, [3].as_slice(), "goes on after the last message");
    let mut changes = followed.directory.changes();
    stream.send(organisation(4, 2)).unwrap();
    changes.changed().await.unwrap();
    assert_eq!(
        followed.reason(1),
        Some(ErrorReason::TemporarilyClosed),
        "more may be missing"
    );
    followed.timer.advance(Duration::from_millis(1));
    stream.send(heartbeat(5)).unwrap();
    followed.handled().await;
    assert!(followed.lists(1) && followed.lists(2));
}

#[tokio::test]
async fn a_revocation_is_told_at_once() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    stream.send(organisation(1, 1)).unwrap();
    stream.send(complete(2)).unwrap();
    followed.directory.ready().await;
    let (mut changes, before) = (followed.directory.changes(), followed.directory.generation());
    changes.mark_unchanged();
    stream
        .send(event(3, Event::Organisation(message(&[first(1, 1)], Some(NOW)))))
        .unwrap();
    changes.changed().await.unwrap();
    assert!(followed.directory.generation() > before);
    let entry = followed.directory.organisation(&oin(1)).unwrap().unwrap();
    assert!(!entry.admits(&[1; 32], &SPKI, NOW));
}

#[tokio::test]
async fn a_lapsed_token_begins_a_snapshot_and_who_is_missing_is_gone() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    for message in [organisation(1, 1), organisation(2, 2), complete(3)] {
        stream.send(message).unwrap();
    }
    followed.directory.ready().await;
    stream
        .send(Err(Refusal::new(ErrorReason::ResumeTokenLapsed).into()))
        .unwrap();
    let (token, stream) = followed.reopened(Duration::from_millis(100)).await;
    assert!(token.is_empty());
    assert!(
        followed.lists(1),
        "what is known stands until the new snapshot is complete"
    );
    let mut changes = followed.directory.changes();
    changes.mark_unchanged();
    stream.send(organisation(1, 2)).unwrap();
    stream.send(complete(2)).unwrap();
    changes.changed().await.unwrap();
    assert!(!followed.lists(1) && followed.lists(2));
}

#[tokio::test]
async fn keys_that_do_not_follow_are_not_believed() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    for message in [organisation(1, 1), organisation(2, 2), complete(3)] {
        stream.send(message).unwrap();
    }
    followed.directory.ready().await;
    let mut changes = followed.directory.changes();
    changes.mark_unchanged();
    stream
        .send(event(4, Event::Organisation(message(&[first(1, 9)], None))))
        .unwrap();
    changes.changed().await.unwrap();
    assert_eq!(followed.reason(1), Some(ErrorReason::TemporarilyClosed));
    let mut broken = message(&[first(2, 2)], None);
    broken.key_statements[0].truncate(10);
    changes.mark_unchanged();
    stream.send(event(5, Event::Organisation(broken))).unwrap();
    changes.changed().await.unwrap();
    assert_eq!(followed.reason(2), Some(ErrorReason::TemporarilyClosed));
}

#[tokio::test]
async fn attempts_slow_down_and_end_with_the_stop() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    drop(stream);
    for millis in [100, 200, 400, 800, 1600, 2000, 2000] {
        let (_, stream) = followed.reopened(Duration::from_millis(millis)).await;
        drop(stream);
    }
    followed.stop.request();
    assert!(followed.streams.recv().await.is_none(), "the follower ended");
}
