//! The status commands.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{
    AcceptReferralRequest, CancelReferralRequest, Cause, CompleteReferralRequest, GetMessageRequest,
    MessageState, Referral, ReferralState, RejectReferralRequest, StartReferralRequest, StopReferralRequest,
    WaitlistReferralRequest,
};
use sluis_types::{MessageId, MessageKind, ThreadId};
use tonic::Status;

use crate::world::{Client, World, refusal, told};

/// A referral that was opened: in review, version 2.
async fn in_review(world: &World) -> (ThreadId, MessageId) {
    let (thread, id) = world.refer(&world.grant()).await;
    world.open(id).await;
    (thread, id)
}

/// One call of each command, alike but for its name.
macro_rules! calls {
    ($($name:ident, $method:ident, $request:ident { $($field:ident: $value:expr),* };)+) => {$(
        async fn $name(
            mut client: Client,
            request_id: String,
            thread: ThreadId,
            expected_version: u32,
        ) -> Result<Referral, Status> {
            let request = $request {
                request_id,
                thread_id: thread.to_string(),
                expected_version,
                $($field: $value,)*
            };
            Ok(client.$method(request).await?.into_inner().referral.unwrap())
        }
    )+};
}

calls! {
    accept, accept_referral, AcceptReferralRequest {};
    waitlist, waitlist_referral, WaitlistReferralRequest { expected_weeks: 6 };
    reject, reject_referral, RejectReferralRequest { no_capacity: true };
    start, start_referral, StartReferralRequest {};
    complete, complete_referral, CompleteReferralRequest {};
    cancel, cancel_referral, CancelReferralRequest {};
    stop, stop_referral, StopReferralRequest {};
}

/// The four tests of a command of the recipient: what brings a referral to where it may be given, where it leads, and
/// what the sender may do instead.
macro_rules! recipients_command {
    ($call:ident, $works:ident, $repeats:ident, $refuses:ident, $unknown:ident,
     after [$($before:ident),*] => $state:ident, the_sender_may $allowed:literal) => {
        #[tokio::test]
        async fn $works() {
            let world = World::start().await;
            let (thread, _) = in_review(&world).await;
            let version = 2;
            $(let version = $before(world.as_ggz(), world.request_id(), thread, version).await.unwrap().version;)*
            let done = $call(world.as_ggz(), world.request_id(), thread, version).await.unwrap();
            assert_eq!((done.state(), done.version), (ReferralState::$state, version + 1));
            assert_eq!(world.shown(thread).await, done, "both sides see the same");
            world.end().await;
        }

        #[tokio::test]
        async fn $repeats() {
            let world = World::start().await;
            let (thread, _) = in_review(&world).await;
            let version = 2;
            $(let version = $before(world.as_ggz(), world.request_id(), thread, version).await.unwrap().version;)*
            let id = world.request_id();
            let first = $call(world.as_ggz(), id.clone(), thread, version).await.unwrap();
            let again = $call(world.as_ggz(), id.clone(), thread, version).await.unwrap();
            assert_eq!(first, again);
            assert_eq!(world.shown(thread).await.version, version + 1, "done once");
            let other = $call(world.as_ggz(), id, thread, version + 1).await;
            assert_eq!(refusal(other), ErrorReason::RequestIdReused);
            world.end().await;
        }

        #[tokio::test]
        async fn $refuses() {
            let world = World::start().await;
            let (thread, _) = in_review(&world).await;
            let version = 2;
            $(let version = $before(world.as_ggz(), world.request_id(), thread, version).await.unwrap().version;)*
            let outcome = $call(world.as_stranger(), world.request_id(), thread, version).await;
            assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
            let outcome = $call(world.as_welfare(), world.request_id(), thread, version).await;
            assert_eq!(refusal(outcome.clone()), ErrorReason::IllegalTransition);
            assert_eq!(told(outcome, "allowed"), $allowed);
            let outcome = $call(world.as_ggz(), world.request_id(), thread, version + 1).await;
            assert_eq!(refusal(outcome), ErrorReason::VersionConflict);
            let outcome = $call(world.as_ggz(), world.request_id(), thread, 0).await;
            assert_eq!(refusal(outcome), ErrorReason::InvalidField);
            assert_eq!(world.shown(thread).await.version, version, "nothing changed");
            world.end().await;
        }

        #[tokio::test]
        async fn $unknown() {
            let world = World::start().await;
            let outcome = $call(world.as_ggz(), world.request_id(), world.thread_id(), 1).await;
            let absent = outcome.clone().unwrap_err();
            assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
            let (thread, _) = in_review(&world).await;
            let foreign = $call(world.as_stranger(), world.request_id(), thread, 2).await.unwrap_err();
            assert_eq!((absent.details(), absent.message()), (foreign.details(), foreign.message()));
            world.end().await;
        }
    };
}

recipients_command!(
    accept, accept_referral_works, accept_referral_repeats_with_the_same_request_id,
    accept_referral_refuses_the_wrong_caller, accept_referral_answers_an_unknown_id,
    after [] => Accepted, the_sender_may "CANCEL"
);
recipients_command!(
    waitlist, waitlist_referral_works, waitlist_referral_repeats_with_the_same_request_id,
    waitlist_referral_refuses_the_wrong_caller, waitlist_referral_answers_an_unknown_id,
    after [] => Waitlisted, the_sender_may "CANCEL"
);
recipients_command!(
    reject, reject_referral_works, reject_referral_repeats_with_the_same_request_id,
    reject_referral_refuses_the_wrong_caller, reject_referral_answers_an_unknown_id,
    after [] => Rejected, the_sender_may "CANCEL"
);
recipients_command!(
    start, start_referral_works, start_referral_repeats_with_the_same_request_id,
    start_referral_refuses_the_wrong_caller, start_referral_answers_an_unknown_id,
    after [accept] => InProgress, the_sender_may "CANCEL,STOP"
);
recipients_command!(
    complete, complete_referral_works, complete_referral_repeats_with_the_same_request_id,
    complete_referral_refuses_the_wrong_caller, complete_referral_answers_an_unknown_id,
    after [waitlist, start] => Completed, the_sender_may "STOP"
);

#[tokio::test]
async fn cancel_referral_works() {
    let world = World::start().await;
    let (thread, id) = world.refer(&world.grant()).await;
    let done = cancel(world.as_welfare(), world.request_id(), thread, 1)
        .await
        .unwrap();
    assert_eq!(
        (done.state(), done.cause()),
        (ReferralState::Cancelled, Cause::Sender)
    );
    let get = GetMessageRequest {
        message_id: id.to_string(),
    };
    let got = world.as_ggz().get_message(get).await.unwrap().into_inner();
    assert_eq!(got.state(), MessageState::Cancelled);
    assert!(got.message.is_none(), "what was not opened is purged");

    // After it was opened the recipient keeps what it has read.
    let (thread, id) = in_review(&world).await;
    cancel(world.as_welfare(), world.request_id(), thread, 2)
        .await
        .unwrap();
    let get = GetMessageRequest {
        message_id: id.to_string(),
    };
    let got = world.as_ggz().get_message(get).await.unwrap().into_inner();
    assert_eq!(got.state(), MessageState::Opened);
    world.end().await;
}

#[tokio::test]
async fn cancel_referral_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (thread, _) = world.refer(&world.grant()).await;
    let id = world.request_id();
    let first = cancel(world.as_welfare(), id.clone(), thread, 1).await.unwrap();
    assert_eq!(
        cancel(world.as_welfare(), id.clone(), thread, 1).await.unwrap(),
        first
    );
    let outcome = cancel(world.as_welfare(), id, thread, 2).await;
    assert_eq!(refusal(outcome), ErrorReason::RequestIdReused);
    // A refusal is repeated too.
    let id = world.request_id();
    for _ in 0..2 {
        let outcome = cancel(world.as_welfare(), id.clone(), thread, 2).await;
        assert_eq!(refusal(outcome.clone()), ErrorReason::IllegalTransition);
        assert_eq!(told(outcome, "state"), "CANCELLED");
    }
    world.end().await;
}

#[tokio::test]
async fn cancel_referral_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (thread, _) = in_review(&world).await;
    let outcome = cancel(world.as_stranger(), world.request_id(), thread, 2).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let outcome = cancel(world.as_ggz(), world.request_id(), thread, 2).await;
    assert_eq!(told(outcome, "allowed"), "ACCEPT,WAITLIST,REJECT");
    world.end().await;
}

#[tokio::test]
async fn cancel_referral_answers_an_unknown_id() {
    let world = World::start().await;
    let outcome = cancel(world.as_welfare(), world.request_id(), world.thread_id(), 1).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn stop_referral_works() {
    let world = World::start().await;
    for (is_sender, cause) in [(true, Cause::Sender), (false, Cause::Recipient)] {
        let (thread, _) = in_review(&world).await;
        accept(world.as_ggz(), world.request_id(), thread, 2)
            .await
            .unwrap();
        // A last word that waits is not taken away.
        let feedback = world.letter(MessageKind::Feedback, thread);
        let id = feedback.id();
        world.send(feedback, &world.grant_back()).await.unwrap();
        let client = if is_sender {
            world.as_welfare()
        } else {
            world.as_ggz()
        };
        let done = stop(client, world.request_id(), thread, 3).await.unwrap();
        assert_eq!((done.state(), done.cause()), (ReferralState::Cancelled, cause));
        let get = GetMessageRequest {
            message_id: id.to_string(),
        };
        assert!(
            world
                .as_welfare()
                .get_message(get)
                .await
                .unwrap()
                .into_inner()
                .message
                .is_some()
        );
    }
    world.end().await;
}

#[tokio::test]
async fn stop_referral_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (thread, _) = in_review(&world).await;
    accept(world.as_ggz(), world.request_id(), thread, 2)
        .await
        .unwrap();
    let id = world.request_id();
    let first = stop(world.as_welfare(), id.clone(), thread, 3).await.unwrap();
    assert_eq!(
        stop(world.as_welfare(), id.clone(), thread, 3).await.unwrap(),
        first
    );
    // Ids are an organisation's own: the other side's same id is another attempt.
    let outcome = stop(world.as_ggz(), id, thread, 4).await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition);
    world.end().await;
}

#[tokio::test]
async fn stop_referral_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (thread, _) = in_review(&world).await;
    let outcome = stop(world.as_stranger(), world.request_id(), thread, 2).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    // Before it was accepted there is nothing to stop.
    let outcome = stop(world.as_ggz(), world.request_id(), thread, 2).await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition);
    world.end().await;
}

#[tokio::test]
async fn stop_referral_answers_an_unknown_id() {
    let world = World::start().await;
    let outcome = stop(world.as_welfare(), world.request_id(), world.thread_id(), 1).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn the_details_of_commands() {
    let world = World::start().await;
    let (thread, _) = in_review(&world).await;
    for expected_weeks in [0, 521, u32::MAX] {
        let request = WaitlistReferralRequest {
            request_id: world.request_id(),
            thread_id: thread.to_string(),
            expected_version: 2,
            expected_weeks,
        };
        let outcome = world.as_ggz().waitlist_referral(request).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    let waiting = waitlist(world.as_ggz(), world.request_id(), thread, 2)
        .await
        .unwrap();
    assert_eq!(waiting.expected_weeks, 6);
    let refreshed = waitlist(world.as_ggz(), world.request_id(), thread, 3)
        .await
        .unwrap();
    assert_eq!(refreshed.version, 4);

    let (thread, _) = in_review(&world).await;
    let rejected = reject(world.as_ggz(), world.request_id(), thread, 2)
        .await
        .unwrap();
    assert_eq!(rejected.cause(), Cause::NoCapacity);
    let outcome = accept(world.as_ggz(), world.request_id(), thread, 3).await;
    assert_eq!(told(outcome.clone(), "state"), "REJECTED");
    assert_eq!(told(outcome, "allowed"), "");
    for thread_id in [String::new(), "\0".into(), "a".repeat(5000)] {
        let request = AcceptReferralRequest {
            request_id: world.request_id(),
            thread_id,
            expected_version: 1,
        };
        assert_eq!(
            refusal(world.as_ggz().accept_referral(request).await),
            ErrorReason::InvalidField
        );
    }
    world.end().await;
}

#[tokio::test]
async fn of_two_decisions_at_once_one_stands() {
    let world = World::start().await;
    let (thread, _) = in_review(&world).await;
    let (one, other) = tokio::join!(
        accept(world.as_ggz(), world.request_id(), thread, 2),
        reject(world.as_ggz(), world.request_id(), thread, 2)
    );
    let refused = if one.is_ok() { other } else { one };
    assert_eq!(refusal(refused), ErrorReason::VersionConflict);
    assert_eq!(world.shown(thread).await.version, 3);
    world.end().await;
}
