//! What time does.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{
    AcceptReferralRequest, Cause, GetMessageRequest, GetMessageResponse, MessageState, ReferralState,
};
use sluis_types::{MessageId, MessageKind};

use crate::letters::{DAY, HOUR};
use crate::world::{World, refusal};

async fn got(world: &World, id: MessageId) -> GetMessageResponse {
    let get = GetMessageRequest {
        message_id: id.to_string(),
    };
    world.as_ggz().get_message(get).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_referral_without_an_answer_expires_at_twice_the_time() {
    let world = World::start().await;
    let grant = world.grant();
    let (unopened, first) = world.refer(&grant).await;
    let (in_review, second) = world.refer(&grant).await;
    world.open(second).await;
    let (accepted, third) = world.refer(&grant).await;
    world.open(third).await;
    let accept = AcceptReferralRequest {
        request_id: world.request_id(),
        thread_id: accepted.to_string(),
        expected_version: 2,
    };
    world.as_ggz().accept_referral(accept).await.unwrap();

    world.clock.advance(19 * DAY);
    world.referral.run_timers().await.unwrap();
    assert_eq!(world.shown(unopened).await.state(), ReferralState::Submitted);
    world.clock.advance(DAY + HOUR);
    assert!(world.referral.run_timers().await.unwrap() > 0);
    for thread in [unopened, in_review] {
        let shown = world.shown(thread).await;
        assert_eq!(
            (shown.state(), shown.cause()),
            (ReferralState::Expired, Cause::Time)
        );
    }
    assert_eq!(
        world.shown(accepted).await.state(),
        ReferralState::Accepted,
        "an answer is an answer"
    );
    let expired = got(&world, first).await;
    assert_eq!(expired.state(), MessageState::Expired);
    assert!(expired.message.is_none(), "what was not opened is purged");
    assert!(
        got(&world, second).await.message.is_some(),
        "what was opened stays until it expires"
    );
    assert_eq!(
        world.referral.run_timers().await.unwrap(),
        0,
        "nothing is done twice"
    );
    world.end().await;
}

#[tokio::test]
async fn a_message_that_was_not_opened_expires_and_one_that_was_is_purged() {
    let world = World::start().await;
    let grant = world.grant();
    let mut letter = world.letter(MessageKind::Referral, world.thread_id());
    letter.draft.respond_by = None;
    let (thread, id) = (letter.draft.thread_id, letter.id());
    world.send(letter, &grant).await.unwrap();
    let mut letter = world.letter(MessageKind::Referral, world.thread_id());
    letter.draft.respond_by = None;
    let (opened_thread, opened) = (letter.draft.thread_id, letter.id());
    world.send(letter, &grant).await.unwrap();
    world.open(opened).await;
    let note = world.letter(MessageKind::Note, opened_thread);
    let note_id = note.id();
    world.send(note, &grant).await.unwrap();

    world.clock.advance(30 * DAY + HOUR);
    assert!(world.referral.run_timers().await.unwrap() >= 3);
    assert_eq!(world.shown(thread).await.state(), ReferralState::Expired);
    assert_eq!(got(&world, id).await.state(), MessageState::Expired);
    assert_eq!(got(&world, note_id).await.state(), MessageState::Expired);
    let opened = got(&world, opened).await;
    assert_eq!(opened.state(), MessageState::Opened);
    assert!(opened.message.is_none(), "its life is over: the ciphertext goes");
    assert_eq!(world.shown(opened_thread).await.state(), ReferralState::InReview);
    assert_eq!(world.referral.run_timers().await.unwrap(), 0);
    world.end().await;
}

#[tokio::test]
async fn what_was_decided_in_time_is_looked_at_once_more_and_left_alone() {
    let world = World::start().await;
    let (thread, id) = world.refer(&world.grant()).await;
    world.open(id).await;
    let accept = |version| AcceptReferralRequest {
        request_id: world.request_id(),
        thread_id: thread.to_string(),
        expected_version: version,
    };
    world.as_ggz().accept_referral(accept(2)).await.unwrap();
    world.clock.advance(20 * DAY + HOUR);
    assert_eq!(
        world.referral.run_timers().await.unwrap(),
        1,
        "it only looks again later"
    );
    assert_eq!(world.shown(thread).await.version, 3);
    assert_eq!(world.referral.run_timers().await.unwrap(), 0);
    let outcome = world.as_ggz().accept_referral(accept(2)).await;
    assert_eq!(refusal(outcome), ErrorReason::VersionConflict);
    world.end().await;
}
