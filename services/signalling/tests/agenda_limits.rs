//! What one participant of a meeting cannot do to the others: neither erase what they told, nor use up their room.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AcknowledgeMatchRequest, AgendaReferences, GetAgendaItemRequest, Meeting, PutOnAgendaRequest,
    TakeOffAgendaRequest,
};

use crate::meeting_world::{CHAIR, Client, INVITED, PRESENTER};
use crate::world::{World, refusal};

async fn has_message(world: &World, meeting: &Meeting, item_id: &str) -> bool {
    let get = GetAgendaItemRequest {
        meeting_id: meeting.meeting_id.clone(),
        item_id: item_id.to_owned(),
    };
    let reply = world.at_meeting(INVITED).get_agenda_item(get).await;
    reply.unwrap().into_inner().message.is_some()
}

async fn take_off(world: &World, mut client: Client, meeting: &Meeting, item_id: &str) {
    let off = TakeOffAgendaRequest {
        request_id: world.request_id(),
        meeting_id: meeting.meeting_id.clone(),
        item_id: item_id.to_owned(),
    };
    client.take_off_agenda(off).await.unwrap();
}

#[tokio::test]
async fn p5_who_takes_an_item_off_erases_no_message_of_another_meeting() {
    let world = World::start().await;
    let stage = world.with_item().await;
    // Somebody who sees the item names one of its own after it, in a meeting of its own, for the same organisation.
    let own = world.planned().await;
    let copy = PutOnAgendaRequest {
        request_id: stage.item_id.clone(),
        ..world.putting_deidentified(&own, AgendaReferences::default())
    };
    let put = world.at_meeting(CHAIR).put_on_agenda(copy).await.unwrap();
    let copied = put.into_inner().item_id;
    assert_ne!(copied, stage.item_id, "the service makes the ids of items");
    assert!(!has_message(&world, &own, &copied).await);
    take_off(&world, world.at_meeting(CHAIR), &own, &copied).await;
    assert!(has_message(&world, &stage.meeting, &stage.item_id).await);
    world.end().await;
}

#[tokio::test]
async fn p6_a_full_agenda_of_one_leaves_room_for_the_others() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let put = || world.putting_deidentified(&meeting, AgendaReferences::default());
    for _ in 0..6 {
        // What is taken off counts too: it stays until the meeting is erased.
        let item_id = world.put_item(put()).await;
        take_off(&world, world.at_meeting(PRESENTER), &meeting, &item_id).await;
    }
    assert_eq!(refusal(world.put(put()).await), ErrorReason::QuotaUsed);
    world.at_meeting(CHAIR).put_on_agenda(put()).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn p6_a_full_list_of_one_member_of_a_circle_leaves_room_for_the_others() {
    let world = World::start().await;
    let (matched, _) = world.met(&world.circle()).await;
    for (version, member) in [(1, PRESENTER), (2, CHAIR)] {
        let acknowledge = AcknowledgeMatchRequest {
            request_id: world.request_id(),
            match_id: matched.match_id.clone(),
            expected_version: version,
        };
        let mut client = world.client(world.members[member].oin);
        client.acknowledge_match(acknowledge).await.unwrap();
    }
    let put = |meeting: &Meeting| {
        let references = AgendaReferences {
            match_ids: vec![matched.match_id.clone()],
            ..AgendaReferences::default()
        };
        world.putting_deidentified(meeting, references)
    };
    for _ in 0..2 {
        let meeting = world.planned().await;
        for _ in 0..6 {
            let item_id = world.put_item(put(&meeting)).await;
            take_off(&world, world.at_meeting(PRESENTER), &meeting, &item_id).await;
        }
    }
    let meeting = world.planned().await;
    assert_eq!(refusal(world.put(put(&meeting)).await), ErrorReason::QuotaUsed);
    world
        .at_meeting(CHAIR)
        .put_on_agenda(put(&meeting))
        .await
        .unwrap();
    world.end().await;
}
