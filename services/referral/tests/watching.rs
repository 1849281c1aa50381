//! WatchMailbox.

use std::sync::Arc;

use sluis_envelope::Manifest;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::watch_mailbox_response::Event;
use sluis_proto::referral::v1::{
    AcceptReferralRequest, MessageState, ReferralState, WatchMailboxRequest, WatchMailboxResponse,
};
use sluis_serve::{ManualTimer, Timer};
use sluis_types::{MessageId, MessageKind};
use tonic::Streaming;

use crate::letters::{DAY, HOUR};
use crate::world::{Client, World, refusal};

type Watch = Streaming<WatchMailboxResponse>;

async fn watch(mut client: Client, resume_token: bytes::Bytes) -> Watch {
    client
        .watch_mailbox(WatchMailboxRequest { resume_token })
        .await
        .unwrap()
        .into_inner()
}

/// The next message that is no heartbeat.
async fn next(watch: &mut Watch) -> (bytes::Bytes, Event) {
    loop {
        let message = watch.message().await.unwrap().expect("the stream goes on");
        match message.event.unwrap() {
            Event::Heartbeat(_) => {}
            event => return (message.resume_token, event),
        }
    }
}

fn arrived(event: &Event) -> Option<MessageId> {
    match event {
        Event::Arrived(entry) => Some(Manifest::parse(&entry.manifest).unwrap().header().message_id()),
        _ => None,
    }
}

/// The next arrival, and its token.
async fn next_arrival(watch: &mut Watch) -> (bytes::Bytes, MessageId) {
    loop {
        let (token, event) = next(watch).await;
        if let Some(id) = arrived(&event) {
            return (token, id);
        }
    }
}

#[tokio::test]
async fn watch_mailbox_begins_with_every_unacknowledged_message_and_goes_on() {
    let world = World::start().await;
    let grant = world.grant();
    let mut waiting = Vec::new();
    // More than one reading.
    for _ in 0..60 {
        waiting.push(world.refer(&grant).await.1);
        world.clock.advance(HOUR);
    }
    world.acknowledge(&waiting[..2]).await;
    let mut mailbox = watch(world.as_ggz(), bytes::Bytes::new()).await;
    for id in &waiting[2..] {
        let (_, event) = next(&mut mailbox).await;
        assert_eq!(arrived(&event), Some(*id), "oldest first");
    }
    let (thread, id) = world.refer(&grant).await;
    assert_eq!(next_arrival(&mut mailbox).await.1, id);
    let referral = loop {
        match next(&mut mailbox).await.1 {
            Event::Referral(referral) => break referral,
            // At least once: what arrives while the inbox is read stands in both.
            event => assert_eq!(arrived(&event), Some(id), "{event:?}"),
        }
    };
    assert_eq!((referral.thread_id, referral.version), (thread.to_string(), 1));
    world.end().await;
}

#[tokio::test]
async fn watch_mailbox_resumes_after_any_token_and_loses_nothing() {
    let world = World::start().await;
    let grant = world.grant();
    let mut sent = Vec::new();
    for _ in 0..6 {
        sent.push(world.refer(&grant).await.1);
        world.clock.advance(HOUR);
    }
    // Break off after each message of the snapshot in turn, and then among the events.
    let mut seen = Vec::new();
    let mut token = bytes::Bytes::new();
    for _ in 0..6 {
        let mut mailbox = watch(world.as_ggz(), token).await;
        let (after, id) = next_arrival(&mut mailbox).await;
        seen.push(id);
        token = after;
    }
    assert_eq!(seen, sent);
    let late = world.refer(&grant).await.1;
    world.clock.advance(HOUR);
    let later = world.refer(&grant).await.1;
    let mut mailbox = watch(world.as_ggz(), token.clone()).await;
    let (after_late, id) = next_arrival(&mut mailbox).await;
    assert_eq!(id, late);
    drop(mailbox);
    // A row that was told in part is told again: at least once.
    let mut again = watch(world.as_ggz(), after_late).await;
    let mut ids = vec![];
    while ids.last() != Some(&later) {
        ids.push(next_arrival(&mut again).await.1);
    }
    assert!(ids.iter().all(|id| *id == late || *id == later));
    world.end().await;
}

#[tokio::test]
async fn both_sides_are_told_what_changes_and_nobody_else_is() {
    let world = World::start().await;
    let grant = world.grant();
    let mut sender = watch(world.as_welfare(), bytes::Bytes::new()).await;
    let mut recipient = watch(world.as_ggz(), bytes::Bytes::new()).await;
    let mut stranger = watch(world.as_stranger(), bytes::Bytes::new()).await;
    let (thread, id) = world.refer(&grant).await;
    world.acknowledge(&[id]).await;
    world.open(id).await;
    let accept = AcceptReferralRequest {
        request_id: world.request_id(),
        thread_id: thread.to_string(),
        expected_version: 3,
    };
    world.as_ggz().accept_referral(accept).await.unwrap();
    for (mailbox, is_recipient) in [(&mut sender, false), (&mut recipient, true)] {
        let mut states = Vec::new();
        let mut messages = Vec::new();
        while states.last() != Some(&ReferralState::Accepted) {
            match next(mailbox).await.1 {
                Event::Referral(referral) => states.push(referral.state()),
                Event::Message(change) => {
                    assert_eq!(
                        (&change.message_id, &change.thread_id),
                        (&id.to_string(), &thread.to_string())
                    );
                    messages.push(change.state());
                }
                Event::Arrived(entry) => {
                    assert!(is_recipient);
                    assert!(!entry.receipt.is_empty());
                }
                Event::Heartbeat(_) => {}
            }
        }
        assert_eq!(
            states,
            [
                ReferralState::Submitted,
                ReferralState::Delivered,
                ReferralState::InReview,
                ReferralState::Accepted
            ]
        );
        assert_eq!(messages, [MessageState::Delivered, MessageState::Opened]);
    }
    // The stranger hears nothing but that the service is there.
    let first = stranger.message().await.unwrap().unwrap();
    assert!(matches!(first.event, Some(Event::Heartbeat(_))), "{first:?}");
    world.end().await;
}

#[tokio::test]
async fn messages_of_a_thread_arrive_in_their_order() {
    let world = World::start().await;
    let grant = world.grant();
    let mut mailbox = watch(world.as_ggz(), bytes::Bytes::new()).await;
    let (thread, first) = world.refer(&grant).await;
    let mut sent = vec![first];
    for _ in 0..20 {
        // The clock stands still, or steps back: the order is that of the submissions all the same.
        world
            .clock
            .set(world.now().minus(std::time::Duration::from_secs(1)));
        let note = world.letter(MessageKind::Note, thread);
        sent.push(note.id());
        world.send(note, &grant).await.unwrap();
    }
    let mut live = Vec::new();
    while live.len() < sent.len() {
        live.push(next_arrival(&mut mailbox).await.1);
    }
    assert_eq!(live, sent);
    let mut snapshot = watch(world.as_ggz(), bytes::Bytes::new()).await;
    for id in sent {
        assert_eq!(next_arrival(&mut snapshot).await.1, id);
    }
    world.end().await;
}

#[tokio::test]
async fn watch_mailbox_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.refer(&world.grant()).await;
    let mut mailbox = watch(world.as_ggz(), bytes::Bytes::new()).await;
    let (token, _) = next_arrival(&mut mailbox).await;
    let request = WatchMailboxRequest { resume_token: token };
    let outcome = world.as_welfare().watch_mailbox(request).await;
    assert_eq!(
        refusal(outcome.map(drop)),
        ErrorReason::BadPageToken,
        "a token is its organisation's"
    );
    for wrong in [vec![0; 10], vec![7; 4000]] {
        let request = WatchMailboxRequest {
            resume_token: wrong.into(),
        };
        let reason = refusal(world.as_ggz().watch_mailbox(request).await.map(drop));
        assert!(
            matches!(reason, ErrorReason::BadPageToken | ErrorReason::ResumeTokenLapsed),
            "{reason:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn watch_mailbox_refuses_a_lapsed_token() {
    let world = World::start().await;
    let (_, id) = world.refer(&world.grant()).await;
    let mut mailbox = watch(world.as_ggz(), bytes::Bytes::new()).await;
    let (token, _) = next_arrival(&mut mailbox).await;
    // Later, so that the order of the two does not hang on chance.
    world.clock.advance(DAY);
    world.refer(&world.grant()).await;
    world.clock.advance(9 * DAY);
    world.referral.run_timers().await.unwrap();
    let request = WatchMailboxRequest { resume_token: token };
    let outcome = world.as_ggz().watch_mailbox(request).await;
    assert_eq!(refusal(outcome.map(drop)), ErrorReason::ResumeTokenLapsed);
    let mut afresh = watch(world.as_ggz(), bytes::Bytes::new()).await;
    assert_eq!(next_arrival(&mut afresh).await.1, id);
    world.end().await;
}

#[tokio::test]
async fn watch_mailbox_sends_a_heartbeat() {
    let timer = Arc::new(ManualTimer::new());
    let world = World::start_timed(timer.clone()).await;
    world.refer(&world.grant()).await;
    let mut mailbox = watch(world.as_welfare(), bytes::Bytes::new()).await;
    for _ in 0..2 {
        let passing = timer.clone();
        let ticking = tokio::spawn(async move {
            let half = std::time::Duration::from_millis(500);
            loop {
                passing.until_awaited(passing.now() + half).await;
                passing.advance(half);
            }
        });
        let message = mailbox.message().await.unwrap().unwrap();
        ticking.abort();
        assert!(matches!(message.event, Some(Event::Heartbeat(_))), "{message:?}");
        // Going on from a heartbeat is going on.
        assert!(!message.resume_token.is_empty());
    }
    world.end().await;
}
