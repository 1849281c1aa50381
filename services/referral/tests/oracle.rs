//! P6: what does not exist and what is another's are one answer, and cost the same.

use sluis_envelope::TicketActions;
use sluis_proto::referral::v1::{
    AcceptReferralRequest, GetMessageRequest, GetReferralRequest, ReportOpenedRequest,
    StopResidentReferralRequest,
};
use sluis_store_testing::Watcher;
use sluis_types::{MessageId, MessageKind};

use crate::letters::{Grant, submission, ticket_key};
use crate::world::{SESSION, World};

#[tokio::test]
async fn p6_absent_and_foreign_are_one_answer() {
    let (watcher, _guard) = Watcher::start();
    let world = World::watched(&watcher).await;
    let grant = world.grant();
    let (foreign_thread, foreign_message) = world.refer(&grant).await;
    let absent_thread = world.thread_id();
    let absent_message = MessageId::fresh(world.now(), world.randomness.as_ref());
    let stranger = || world.as_stranger();

    let mut pairs = Vec::new();
    for id in [foreign_message, absent_message] {
        let mut client = stranger();
        let get = GetMessageRequest {
            message_id: id.to_string(),
        };
        pairs.push(watcher.refused(client.get_message(get)).await);
    }
    for id in [foreign_message, absent_message] {
        let mut client = stranger();
        let report = ReportOpenedRequest {
            request_id: world.request_id(),
            message_id: id.to_string(),
        };
        pairs.push(watcher.refused(client.report_opened(report)).await);
    }
    for id in [foreign_thread, absent_thread] {
        let mut client = stranger();
        let get = GetReferralRequest {
            thread_id: id.to_string(),
        };
        pairs.push(watcher.refused(client.get_referral(get)).await);
    }
    for id in [foreign_thread, absent_thread] {
        let mut client = stranger();
        let accept = AcceptReferralRequest {
            request_id: world.request_id(),
            thread_id: id.to_string(),
            expected_version: 1,
        };
        pairs.push(watcher.refused(client.accept_referral(accept)).await);
    }
    // A resident with a ticket for another grant.
    let other = world.grant().ticket(TicketActions::STOP, SESSION, world.now());
    let ticket = sluis_envelope::Signed::sign(other, &ticket_key()).encode();
    for id in [foreign_thread, absent_thread] {
        let mut client = world.as_resident(SESSION);
        let stop = StopResidentReferralRequest {
            request_id: world.request_id(),
            ticket: ticket.clone().into(),
            thread_id: id.to_string(),
        };
        pairs.push(watcher.refused(client.stop_resident_referral(stop)).await);
    }
    // A note into a thread.
    let strangers = Grant::new(world.stranger.oin, world.ggz.oin, world.randomness.as_ref());
    for id in [foreign_thread, absent_thread] {
        let envelope = world.seal(world.letter(MessageKind::Note, id), &strangers);
        let request = submission(&envelope, &strangers.token(world.now()));
        let mut client = stranger();
        pairs.push(watcher.refused(client.submit_message(request)).await);
    }
    for pair in pairs.chunks(2) {
        assert!(!pair[0].work.statements.is_empty(), "the recording works");
        assert_eq!(pair[0], pair[1]);
    }
    world.end().await;
}
