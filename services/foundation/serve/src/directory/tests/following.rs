//! Following a registry that the test plays.

use super::*;
use crate::ManualTimer;
use crate::directory::follower::{Follower, Source};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::watch_organisations_response::Event;
use sluis_types::ManualClock;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Status;

type Message = proto::WatchOrganisationsResponse;

/// The registry's end of a stream.
struct Told(mpsc::UnboundedSender<Result<Message, Status>>);

impl Told {
    fn tell(&self, message: Message) {
        self.0.send(Ok(message)).expect("the follower listens");
    }

    fn refuse(&self, refusal: Refusal) {
        self.0.send(Err(refusal.into())).expect("the follower listens");
    }
}

/// Hands every stream that is asked for to the test.
struct Scripted(mpsc::UnboundedSender<(Bytes, Told)>);

impl Source for Scripted {
    type Messages = UnboundedReceiverStream<Result<Message, Status>>;

    async fn watch(&mut self, resume_token: Bytes) -> Result<Self::Messages, Status> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.0
            .send((resume_token, Told(sender)))
            .map_err(|_| Status::unavailable("the test ended"))?;
        Ok(UnboundedReceiverStream::new(receiver))
    }
}

struct Followed {
    directory: Directory,
    timer: Arc<ManualTimer>,
    streams: mpsc::UnboundedReceiver<(Bytes, Told)>,
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

    async fn opened(&mut self) -> (Bytes, Told) {
        self.streams.recv().await.expect("the follower opens a stream")
    }

    /// Lets the wait before the next attempt pass, and takes the stream that is then opened.
    async fn reopened(&mut self, wait: Duration) -> (Bytes, Told) {
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

fn event(token: u8, event: Event) -> Message {
    Message {
        resume_token: vec![token].into(),
        event: Some(event),
    }
}

fn organisation(token: u8, number: u8) -> Message {
    event(
        token,
        Event::Organisation(message(&[first(number, number)], None)),
    )
}

fn complete(token: u8) -> Message {
    event(token, Event::SnapshotComplete(true))
}

fn heartbeat(token: u8) -> Message {
    event(token, Event::Heartbeat(proto::Heartbeat::default()))
}

fn changed(token: u8, organisation: proto::Organisation) -> Message {
    event(token, Event::Organisation(organisation))
}

#[tokio::test]
async fn it_is_closed_until_the_first_snapshot_is_complete() {
    let mut followed = Followed::start();
    let (token, stream) = followed.opened().await;
    assert!(token.is_empty());
    let mut changes = followed.directory.changes();
    stream.tell(organisation(1, 1));
    changes.changed().await.unwrap();
    assert_eq!(followed.reason(1), Some(ErrorReason::TemporarilyClosed));
    stream.tell(complete(2));
    followed.directory.ready().await;
    assert!(followed.lists(1));
    assert!(!followed.lists(2) && followed.reason(2).is_none());
}

#[tokio::test]
async fn it_closes_after_five_seconds_of_silence_and_goes_on_where_it_was() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    stream.tell(organisation(1, 1));
    stream.tell(complete(2));
    followed.directory.ready().await;

    followed.timer.advance(Duration::from_secs(4));
    stream.tell(heartbeat(3));
    followed.handled().await;
    followed.timer.advance(Duration::from_millis(4999));
    assert!(followed.lists(1), "a heartbeat keeps it open");
    followed.timer.advance(Duration::from_millis(2));
    assert_eq!(followed.reason(1), Some(ErrorReason::TemporarilyClosed));

    let (token, stream) = followed.reopened(Duration::from_millis(100)).await;
    assert_eq!(token, [3].as_slice(), "goes on after the last message");
    let mut changes = followed.directory.changes();
    stream.tell(organisation(4, 2));
    changes.changed().await.unwrap();
    assert_eq!(
        followed.reason(1),
        Some(ErrorReason::TemporarilyClosed),
        "more may be missing"
    );
    followed.timer.advance(Duration::from_millis(1));
    stream.tell(heartbeat(5));
    followed.handled().await;
    assert!(followed.lists(1) && followed.lists(2));
}

#[tokio::test]
async fn a_revocation_is_told_at_once() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    stream.tell(organisation(1, 1));
    stream.tell(complete(2));
    followed.directory.ready().await;
    let (mut changes, before) = (followed.directory.changes(), followed.directory.generation());
    changes.mark_unchanged();
    stream.tell(changed(3, message(&[first(1, 1)], Some(NOW))));
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
        stream.tell(message);
    }
    followed.directory.ready().await;
    stream.refuse(Refusal::new(ErrorReason::ResumeTokenLapsed));
    let (token, stream) = followed.reopened(Duration::from_millis(100)).await;
    assert!(token.is_empty());
    assert!(
        followed.lists(1),
        "what is known stands until the new snapshot is complete"
    );
    let mut changes = followed.directory.changes();
    changes.mark_unchanged();
    stream.tell(organisation(1, 2));
    stream.tell(complete(2));
    changes.changed().await.unwrap();
    assert!(!followed.lists(1) && followed.lists(2));
}

#[tokio::test]
async fn keys_that_do_not_follow_are_not_believed() {
    let mut followed = Followed::start();
    let (_, stream) = followed.opened().await;
    for message in [organisation(1, 1), organisation(2, 2), complete(3)] {
        stream.tell(message);
    }
    followed.directory.ready().await;
    let mut changes = followed.directory.changes();
    changes.mark_unchanged();
    stream.tell(changed(4, message(&[first(1, 9)], None)));
    changes.changed().await.unwrap();
    assert_eq!(followed.reason(1), Some(ErrorReason::TemporarilyClosed));
    let mut broken = message(&[first(2, 2)], None);
    broken.key_statements[0].truncate(10);
    changes.mark_unchanged();
    stream.tell(changed(5, broken));
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
