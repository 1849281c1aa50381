//! ListInbox, GetMessage, AcknowledgeMessages, ReportOpened.

use sluis_envelope::Manifest;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{
    AcknowledgeMessagesRequest, GetMessageRequest, ListInboxRequest, MessageState, ReferralState,
    ReportOpenedRequest,
};
use sluis_types::{MessageId, MessageKind};

use crate::letters::{DAY, HOUR};
use crate::world::{World, refusal};

fn get(id: MessageId) -> GetMessageRequest {
    GetMessageRequest {
        message_id: id.to_string(),
    }
}

async fn inbox(world: &World) -> Vec<MessageId> {
    let list = ListInboxRequest {
        page_size: 200,
        ..Default::default()
    };
    let entries = world
        .as_ggz()
        .list_inbox(list)
        .await
        .unwrap()
        .into_inner()
        .entries;
    entries
        .iter()
        .map(|it| Manifest::parse(&it.manifest).unwrap().header().message_id())
        .collect()
}

#[tokio::test]
async fn list_inbox_works_page_by_page() {
    let world = World::start().await;
    let grant = world.grant();
    let mut sent = Vec::new();
    for _ in 0..7 {
        sent.push(world.refer(&grant).await.1);
        world.clock.advance(HOUR);
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let list = ListInboxRequest {
            page_size: 3,
            page_token,
        };
        let reply = world.as_ggz().list_inbox(list).await.unwrap().into_inner();
        assert!(reply.entries.len() <= 3);
        for entry in reply.entries {
            assert_eq!(entry.state(), MessageState::Submitted);
            seen.push(Manifest::parse(&entry.manifest).unwrap().header().message_id());
        }
        if reply.next_page_token.is_empty() {
            break;
        }
        page_token = reply.next_page_token;
    }
    assert_eq!(seen, sent, "oldest first, each once");
    world.end().await;
}

#[tokio::test]
async fn list_inbox_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    world.refer(&grant).await;
    world.refer(&grant).await;
    for mut client in [world.as_welfare(), world.as_stranger()] {
        let reply = client
            .list_inbox(ListInboxRequest::default())
            .await
            .unwrap()
            .into_inner();
        assert!(reply.entries.is_empty(), "an inbox is its recipient's");
    }
    let list = ListInboxRequest {
        page_size: 1,
        ..Default::default()
    };
    let token = world
        .as_ggz()
        .list_inbox(list)
        .await
        .unwrap()
        .into_inner()
        .next_page_token;
    let stolen = ListInboxRequest {
        page_size: 1,
        page_token: token,
    };
    let outcome = world.as_stranger().list_inbox(stolen).await;
    assert_eq!(refusal(outcome), ErrorReason::BadPageToken);
    for list in [
        ListInboxRequest {
            page_size: -1,
            ..Default::default()
        },
        ListInboxRequest {
            page_token: "\0".into(),
            ..Default::default()
        },
        ListInboxRequest {
            page_token: "A".repeat(4000),
            ..Default::default()
        },
    ] {
        let reason = refusal(world.as_ggz().list_inbox(list).await);
        assert!(matches!(
            reason,
            ErrorReason::InvalidField | ErrorReason::BadPageToken
        ));
    }
    world.end().await;
}

#[tokio::test]
async fn get_message_works() {
    let world = World::start().await;
    let (_, id) = world.refer(&world.grant()).await;
    let whole = world.as_ggz().get_message(get(id)).await.unwrap().into_inner();
    assert!(whole.message.is_some());
    let theirs = world
        .as_welfare()
        .get_message(get(id))
        .await
        .unwrap()
        .into_inner();
    assert!(
        theirs.message.is_none(),
        "the sender sees the state, not the ciphertext"
    );
    assert_eq!(
        (theirs.state(), theirs.receipt),
        (MessageState::Submitted, whole.receipt)
    );

    // The clock decides, before any timer has run.
    world.clock.advance(31 * DAY);
    let late = world.as_ggz().get_message(get(id)).await.unwrap().into_inner();
    assert!(late.message.is_none());
    assert_eq!(late.state(), MessageState::Expired);
    world.end().await;
}

#[tokio::test]
async fn get_message_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (_, id) = world.refer(&world.grant()).await;
    let foreign = world.as_stranger().get_message(get(id)).await.unwrap_err();
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref());
    let absent = world.as_stranger().get_message(get(unknown)).await.unwrap_err();
    assert_eq!(foreign.code(), absent.code());
    assert_eq!(foreign.message(), absent.message());
    assert_eq!(foreign.details(), absent.details(), "the same bytes");
    world.end().await;
}

#[tokio::test]
async fn get_message_answers_an_unknown_id() {
    let world = World::start().await;
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref());
    let outcome = world.as_ggz().get_message(get(unknown)).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    for wrong in [String::new(), "\0".into(), "a".repeat(5000)] {
        let outcome = world
            .as_ggz()
            .get_message(GetMessageRequest { message_id: wrong })
            .await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn acknowledge_messages_works() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, first) = world.refer(&grant).await;
    let note = world.letter(MessageKind::Note, thread);
    let note_id = note.id();
    world.send(note, &grant).await.unwrap();
    world.clock.advance(HOUR);
    let (other, second) = world.refer(&grant).await;
    world.acknowledge(&[note_id]).await;
    assert_eq!(inbox(&world).await, [first, second]);
    assert_eq!(
        world.shown(thread).await.state(),
        ReferralState::Submitted,
        "a note is not the referral"
    );
    world.acknowledge(&[first, second, first]).await;
    assert!(inbox(&world).await.is_empty());
    for thread in [thread, other] {
        let shown = world.shown(thread).await;
        assert_eq!((shown.state(), shown.version), (ReferralState::Delivered, 2));
    }
    let got = world.as_ggz().get_message(get(first)).await.unwrap().into_inner();
    assert_eq!(got.state(), MessageState::Delivered);
    assert!(got.message.is_some(), "what arrived can still be fetched");
    world.end().await;
}

#[tokio::test]
async fn acknowledge_messages_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (thread, id) = world.refer(&world.grant()).await;
    let request = AcknowledgeMessagesRequest {
        request_id: world.request_id(),
        message_ids: vec![id.to_string()],
    };
    for _ in 0..2 {
        world
            .as_ggz()
            .acknowledge_messages(request.clone())
            .await
            .unwrap();
    }
    // Another attempt at what is done changes nothing either.
    world.acknowledge(&[id]).await;
    assert_eq!(world.shown(thread).await.version, 2);
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref()).to_string();
    let other = AcknowledgeMessagesRequest {
        message_ids: vec![unknown],
        ..request
    };
    let outcome = world.as_ggz().acknowledge_messages(other).await;
    assert_eq!(refusal(outcome), ErrorReason::RequestIdReused);
    world.end().await;
}

#[tokio::test]
async fn acknowledge_messages_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (_, id) = world.refer(&world.grant()).await;
    for mut client in [world.as_welfare(), world.as_stranger()] {
        let request = AcknowledgeMessagesRequest {
            request_id: world.request_id(),
            message_ids: vec![id.to_string()],
        };
        client.acknowledge_messages(request).await.unwrap();
    }
    assert_eq!(
        inbox(&world).await,
        [id],
        "passed over, and the reply does not say so"
    );
    world.end().await;
}

#[tokio::test]
async fn acknowledge_messages_answers_an_unknown_id() {
    let world = World::start().await;
    let (_, id) = world.refer(&world.grant()).await;
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref());
    world.acknowledge(&[unknown, id]).await;
    assert!(inbox(&world).await.is_empty(), "the known one was taken");
    let many = vec![id.to_string(); 501];
    for message_ids in [vec![], many, vec!["x".into()]] {
        let request = AcknowledgeMessagesRequest {
            request_id: world.request_id(),
            message_ids,
        };
        let outcome = world.as_ggz().acknowledge_messages(request).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn report_opened_works() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, id) = world.refer(&grant).await;
    assert_eq!(world.open(id).await, i32::from(MessageState::Opened));
    let shown = world.shown(thread).await;
    assert_eq!((shown.state(), shown.version), (ReferralState::InReview, 2));
    assert!(inbox(&world).await.is_empty(), "what was opened has arrived");
    assert_eq!(
        world.open(id).await,
        i32::from(MessageState::Opened),
        "twice is once"
    );
    assert_eq!(world.shown(thread).await.version, 2);
    let got = world.as_ggz().get_message(get(id)).await.unwrap().into_inner();
    assert!(got.message.is_some(), "it can be fetched again until it expires");
    world.end().await;
}

#[tokio::test]
async fn report_opened_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (thread, id) = world.refer(&world.grant()).await;
    let (_, other) = world.refer(&world.grant()).await;
    let request = ReportOpenedRequest {
        request_id: world.request_id(),
        message_id: id.to_string(),
    };
    let first = world
        .as_ggz()
        .report_opened(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .as_ggz()
        .report_opened(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.shown(thread).await.version, 2);
    let reused = ReportOpenedRequest {
        message_id: other.to_string(),
        ..request
    };
    let outcome = world.as_ggz().report_opened(reused).await;
    assert_eq!(refusal(outcome), ErrorReason::RequestIdReused);
    world.end().await;
}

#[tokio::test]
async fn report_opened_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (thread, id) = world.refer(&world.grant()).await;
    for mut client in [world.as_welfare(), world.as_stranger()] {
        let request = ReportOpenedRequest {
            request_id: world.request_id(),
            message_id: id.to_string(),
        };
        assert_eq!(
            refusal(client.report_opened(request).await),
            ErrorReason::NotAvailable
        );
    }
    assert_eq!(world.shown(thread).await.state(), ReferralState::Submitted);
    world.end().await;
}

#[tokio::test]
async fn report_opened_answers_an_unknown_id() {
    let world = World::start().await;
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref()).to_string();
    let request = ReportOpenedRequest {
        request_id: world.request_id(),
        message_id: unknown,
    };
    assert_eq!(
        refusal(world.as_ggz().report_opened(request).await),
        ErrorReason::NotAvailable
    );
    let request = ReportOpenedRequest {
        request_id: world.request_id(),
        message_id: "x".into(),
    };
    assert_eq!(
        refusal(world.as_ggz().report_opened(request).await),
        ErrorReason::InvalidField
    );
    world.end().await;
}
