//! SubmitMessages.

use sluis_proto::referral::v1::submit_messages_response::Outcome;
use sluis_proto::referral::v1::{ListInboxRequest, SubmitMessageRequest, SubmitMessagesRequest};
use sluis_types::MessageKind;

use crate::letters::submission;
use crate::world::World;

fn message(submission: SubmitMessageRequest) -> SubmitMessagesRequest {
    SubmitMessagesRequest {
        submission: Some(submission),
    }
}

#[tokio::test]
async fn submit_messages_works_and_answers_in_order() {
    let world = World::start().await;
    let grant = world.grant();
    let token = grant.token(world.now());
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    // Many at once, and within each thread a note right behind the referral that it needs.
    for _ in 0..40 {
        let thread = world.thread_id();
        for kind in [MessageKind::Referral, MessageKind::Note] {
            let envelope = world.seal(world.letter(kind, thread), &grant);
            expected.push((envelope.manifest.header().message_id().to_string(), None));
            requests.push(message(submission(&envelope, &token)));
        }
    }
    // Refusals in between do not end the stream.
    let lost = world.seal(world.letter(MessageKind::Note, world.thread_id()), &grant);
    expected.insert(
        5,
        (
            lost.manifest.header().message_id().to_string(),
            Some((5, "NOT_AVAILABLE")),
        ),
    );
    requests.insert(5, message(submission(&lost, &token)));
    expected.insert(9, (String::new(), Some((3, "INVALID_FIELD"))));
    requests.insert(9, SubmitMessagesRequest { submission: None });
    expected.insert(11, (String::new(), Some((3, "INVALID_FIELD"))));
    requests.insert(
        11,
        message(SubmitMessageRequest {
            request_id: "x\0".into(),
            ..Default::default()
        }),
    );

    let mut client = world.as_welfare();
    let mut answers = client
        .submit_messages(tokio_stream::iter(requests))
        .await
        .unwrap()
        .into_inner();
    for (id, refused) in expected {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.message_id, id);
        match (answer.outcome.unwrap(), refused) {
            (Outcome::Accepted(accepted), None) => assert!(!accepted.receipt.is_empty()),
            (Outcome::Refused(refusal), Some((code, reason))) => {
                assert_eq!((refusal.code, refusal.reason.as_str()), (code, reason));
            }
            (outcome, refused) => panic!("{outcome:?} instead of {refused:?}"),
        }
    }
    assert!(answers.message().await.unwrap().is_none());
    let list = ListInboxRequest {
        page_size: 200,
        ..Default::default()
    };
    let inbox = world.as_ggz().list_inbox(list).await.unwrap().into_inner();
    assert_eq!(inbox.entries.len(), 80);
    world.end().await;
}

#[tokio::test]
async fn submit_messages_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let grant = world.grant();
    let envelope = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
    let one = submission(&envelope, &grant.token(world.now()));
    let alone = world
        .as_welfare()
        .submit_message(one.clone())
        .await
        .unwrap()
        .into_inner();
    let twice = tokio_stream::iter([message(one.clone()), message(one)]);
    let mut client = world.as_welfare();
    let mut answers = client.submit_messages(twice).await.unwrap().into_inner();
    for _ in 0..2 {
        let outcome = answers.message().await.unwrap().unwrap().outcome.unwrap();
        assert_eq!(outcome, Outcome::Accepted(alone.clone()));
    }
    world.end().await;
}

#[tokio::test]
async fn submit_messages_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    let envelope = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
    let one = message(submission(&envelope, &grant.token(world.now())));
    let mut client = world.as_ggz();
    let mut answers = client
        .submit_messages(tokio_stream::iter([one]))
        .await
        .unwrap()
        .into_inner();
    match answers.message().await.unwrap().unwrap().outcome.unwrap() {
        Outcome::Refused(refusal) => assert_eq!(refusal.reason, "BAD_SIGNATURE"),
        Outcome::Accepted(_) => panic!("a message of another sender was taken"),
    }
    world.end().await;
}

#[tokio::test]
async fn submit_messages_answers_an_unknown_id() {
    let world = World::start().await;
    let grant = world.grant();
    let envelope = world.seal(world.letter(MessageKind::Note, world.thread_id()), &grant);
    let one = message(submission(&envelope, &grant.token(world.now())));
    let mut client = world.as_welfare();
    let mut answers = client
        .submit_messages(tokio_stream::iter([one]))
        .await
        .unwrap()
        .into_inner();
    match answers.message().await.unwrap().unwrap().outcome.unwrap() {
        Outcome::Refused(refusal) => {
            assert_eq!((refusal.code, refusal.reason.as_str()), (5, "NOT_AVAILABLE"));
        }
        Outcome::Accepted(_) => panic!("a note into no thread was taken"),
    }
    world.end().await;
}
