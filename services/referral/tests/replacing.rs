//! A message that takes the place of another.

use sluis_envelope::Manifest;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{GetMessageRequest, ListInboxRequest, MessageState, ReferralState};
use sluis_types::{MessageId, MessageKind};

use crate::letters::HOUR;
use crate::world::{World, refusal};

#[tokio::test]
async fn a_message_is_replaced_once_by_its_sender_in_its_thread_and_keeps_its_place() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, first) = world.refer(&grant).await;
    world.clock.advance(HOUR);
    let note = world.letter(MessageKind::Note, thread);
    let note_id = note.id();
    world.send(note, &grant).await.unwrap();
    world.clock.advance(HOUR);

    let referral = || world.letter(MessageKind::Referral, thread);
    let refused = |outcome| assert_eq!(refusal(outcome), ErrorReason::ReplacementRefused);
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref());
    refused(world.send(referral().replacing(unknown), &grant).await);
    refused(world.send(referral().replacing(note_id), &grant).await);
    let elsewhere = world.letter(MessageKind::Referral, world.thread_id());
    refused(world.send(elsewhere.replacing(first), &grant).await);
    let back = world.letter(MessageKind::Referral, thread);
    refused(world.send(back.replacing(first), &world.grant_back()).await);

    let newer = grant.next(world.randomness.as_ref());
    let replacement = referral().replacing(first);
    let replacement_id = replacement.id();
    world.send(replacement, &newer).await.unwrap();
    refused(world.send(referral().replacing(first), &newer).await);

    let list = ListInboxRequest::default();
    let inbox = world
        .as_ggz()
        .list_inbox(list)
        .await
        .unwrap()
        .into_inner()
        .entries;
    let ids: Vec<_> = inbox
        .iter()
        .map(|entry| Manifest::parse(&entry.manifest).unwrap().header().message_id())
        .collect();
    assert_eq!(
        ids,
        [replacement_id, note_id],
        "the replacement stands where the first one stood"
    );
    let get = GetMessageRequest {
        message_id: first.to_string(),
    };
    let got = world.as_ggz().get_message(get).await.unwrap().into_inner();
    assert_eq!(got.state(), MessageState::Replaced);
    assert!(got.message.is_none(), "its ciphertext is gone");

    // The replacement opens the referral now; what was opened is replaced by nothing.
    world.open(replacement_id).await;
    assert_eq!(world.shown(thread).await.state(), ReferralState::InReview);
    refused(world.send(referral().replacing(replacement_id), &newer).await);
    world.end().await;
}

#[tokio::test]
async fn a_replacement_stays_with_its_grant_and_goes_back_to_no_older_version() {
    let world = World::start().await;
    let older = world.grant();
    let grant = older.next(world.randomness.as_ref());
    let (thread, first) = world.refer(&grant).await;
    let again = |original| world.letter(MessageKind::Referral, thread).replacing(original);
    let refused = |outcome| assert_eq!(refusal(outcome), ErrorReason::ReplacementRefused);

    // Another grant between the same two is another resident's, whatever its version.
    let other = world.grant().next(world.randomness.as_ref());
    let others_newer = other.next(world.randomness.as_ref());
    for foreign in [&other, &others_newer] {
        refused(world.send(again(first), foreign).await);
    }
    // A token of the version before may still be valid, and nothing was heard yet of its end.
    refused(world.send(again(first), &older).await);
    let get = GetMessageRequest {
        message_id: first.to_string(),
    };
    let kept = world.as_ggz().get_message(get).await.unwrap().into_inner();
    assert!(kept.message.is_some(), "what was refused took nothing away");

    let same_version = again(first);
    let second = same_version.id();
    world.send(same_version, &grant).await.unwrap();
    let newer = grant.next(world.randomness.as_ref());
    world.send(again(second), &newer).await.unwrap();
    world.end().await;
}
