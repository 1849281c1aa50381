//! PostSignal: what meets, what does not, and what is refused.

use sluis_envelope::{KeyKind, SigningKey};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{PostSignalRequest, Severity, Signal, SignalState, WithdrawSignalRequest};
use sluis_types::{Epoch, MatchClass, ProfessionalRole};

use crate::circles::{Circle, DAY, circle_key};
use crate::world::{World, refusal, told};

#[tokio::test]
async fn post_signal_works_and_two_organisations_meet_when_one_is_strong() {
    let world = World::start().await;
    let circle = world.circle();
    let weak = world.signal(0, Severity::Attention).await;
    world.post(&circle, 0, &weak).await.unwrap();
    let other = world.signal(1, Severity::Attention).await;
    world.post(&circle, 1, &other).await.unwrap();
    assert!(
        world.matches(0).await.is_empty() && world.matches(1).await.is_empty(),
        "two weak ones"
    );
    let strong = world.signal(2, Severity::Worry).await;
    world.post(&circle, 2, &strong).await.unwrap();
    let mut ids = Vec::new();
    for member in 0..3 {
        let matches = world.matches(member).await;
        assert_eq!(matches.len(), 1, "each is told");
        assert_eq!(matches[0].state(), SignalState::Matched);
        assert_eq!(matches[0].parties.len(), 3);
        let got = world.got(member, &matches[0].match_id).await;
        assert_eq!(got.boxes.len(), 2, "a box from each of the others");
        ids.push(matches[0].match_id.clone());
    }
    assert!(ids.iter().all(|id| *id == ids[0]));
    world.end().await;
}

#[tokio::test]
async fn the_same_organisation_twice_never_meets_and_other_circles_and_classes_do_not_either() {
    let world = World::start().await;
    let circle = world.circle();
    for _ in 0..2 {
        let signal = world.signal(0, Severity::Worry).await;
        world.post(&circle, 0, &signal).await.unwrap();
    }
    let signal = world.signal(1, Severity::Worry).await;
    world.post(&world.circle(), 1, &signal).await.unwrap();
    let mut request = world.posting(&circle, 1, &signal);
    let oin = world.members[1].oin;
    request.post = circle.post(oin, world.now(), MatchClass::Carer).into();
    world.client(oin).post_signal(request).await.unwrap();
    for member in 0..2 {
        assert!(world.matches(member).await.is_empty());
    }
    world.end().await;
}

#[tokio::test]
async fn who_comes_later_joins_and_what_is_posted_again_tells_nothing_new() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, signals) = world.met(&circle).await;
    let third = world.signal(2, Severity::Attention).await;
    world.post(&circle, 2, &third).await.unwrap();
    let joined = world.matches(0).await;
    assert_eq!(joined.len(), 1);
    assert_eq!(
        (joined[0].match_id.as_str(), joined[0].version),
        (matched.match_id.as_str(), 2)
    );
    assert_eq!(joined[0].parties.len(), 3);
    assert_eq!(world.got(2, &matched.match_id).await.boxes.len(), 2);
    // The next epoch: all of them again, and nothing is new.
    world.clock.advance(7 * DAY);
    for (member, signal) in [(0, &signals[0]), (1, &signals[1]), (2, &third)] {
        world.post(&circle, member, signal).await.unwrap();
    }
    assert_eq!(world.matches(1).await, joined);
    world.end().await;
}

#[tokio::test]
async fn a_post_is_not_taken_back_within_its_epoch() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Worry).await;
    world.post(&circle, 0, &signal).await.unwrap();
    let withdraw = WithdrawSignalRequest {
        request_id: world.request_id(),
        signal_id: signal.signal_id.clone(),
        expected_version: signal.version,
    };
    world
        .client(world.members[0].oin)
        .withdraw_signal(withdraw)
        .await
        .unwrap();
    let other = world.signal(1, Severity::Attention).await;
    world.post(&circle, 1, &other).await.unwrap();
    assert_eq!(world.matches(0).await.len(), 1, "who fishes is seen");
    world.clock.advance(7 * DAY);
    let third = world.signal(2, Severity::Worry).await;
    world.post(&circle, 2, &third).await.unwrap();
    assert!(world.matches(2).await.is_empty(), "in the next epoch it is gone");
    world.end().await;
}

#[tokio::test]
async fn post_signal_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Worry).await;
    let request = world.posting(&circle, 0, &signal);
    let mut client = world.client(world.members[0].oin);
    let first = client.post_signal(request.clone()).await.unwrap().into_inner();
    let again = client.post_signal(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = PostSignalRequest {
        contact_boxes: request.contact_boxes[..1].to_vec(),
        ..request
    };
    assert_eq!(
        refusal(client.post_signal(other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn post_signal_refuses_the_wrong_caller() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Worry).await;
    let request = || world.posting(&circle, 0, &signal);
    // Another member with this one's post, and with this one's signal.
    let outcome = world.client(world.members[1].oin).post_signal(request()).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let own = world.signal(1, Severity::Worry).await;
    let stolen = PostSignalRequest {
        signal_id: own.signal_id.clone(),
        ..request()
    };
    let outcome = world.client(world.members[1].oin).post_signal(stolen).await;
    assert_eq!(refusal(outcome), ErrorReason::PostRefused);
    let mut volunteer = world.as_person(world.members[0].oin, 1, ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(volunteer.post_signal(request()).await),
        ErrorReason::RoleRefused
    );
    world.end().await;
}

#[tokio::test]
async fn post_signal_answers_an_unknown_id() {
    let world = World::start().await;
    let circle = world.circle();
    let theirs = world.signal(1, Severity::Worry).await;
    let unknown = Signal {
        signal_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        ..theirs.clone()
    };
    let mut client = world.client(world.members[0].oin);
    let mut answers = Vec::new();
    for signal in [unknown, theirs] {
        let request = world.posting(&circle, 0, &signal);
        let status = client.post_signal(request).await.unwrap_err();
        answers.push((
            status.code(),
            status.message().to_owned(),
            status.details().to_vec(),
        ));
    }
    assert_eq!(answers[0], answers[1]);
    world.end().await;
}

/// A request whose post is replaced.
fn with_post(world: &World, circle: &Circle, signal: &Signal, post: Vec<u8>) -> PostSignalRequest {
    PostSignalRequest {
        post: post.into(),
        ..world.posting(circle, 0, signal)
    }
}

#[tokio::test]
async fn a_post_of_another_epoch_key_or_circle_is_refused_and_which_it_is_nobody_hears() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Worry).await;
    let oin = world.members[0].oin;
    let class = MatchClass::OutOfSight;
    let now = Epoch::of(world.now());
    let forged = SigningKey::from_seed(KeyKind::Circle, &[99; 32]);
    let posts = [
        circle.post_by(&circle_key(), oin, Epoch::from_number(now.number() - 1), class),
        circle.post_by(&circle_key(), oin, now.later(1), class),
        circle.post_by(&forged, oin, now, class),
        circle.post_by(&circle_key(), world.members[1].oin, now, class),
    ];
    let mut client = world.client(oin);
    let mut answers = Vec::new();
    for post in posts {
        let status = client
            .post_signal(with_post(&world, &circle, &signal, post))
            .await
            .unwrap_err();
        answers.push((
            status.code(),
            status.message().to_owned(),
            status.details().to_vec(),
        ));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let outcome = client
        .post_signal(with_post(&world, &circle, &signal, vec![1; 40]))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    world.end().await;
}

#[tokio::test]
async fn boxes_are_the_posters_own_for_this_circle_and_each_for_another_member() {
    let world = World::start().await;
    let (circle, other) = (world.circle(), world.circle());
    let signal = world.signal(0, Severity::Worry).await;
    let good = world.posting(&circle, 0, &signal);
    let boxes = good.contact_boxes.clone();
    let theirs = world.posting(&circle, 1, &signal).contact_boxes;
    let foreign = world.posting(&other, 0, &signal).contact_boxes;
    let cases = [
        (vec![], ErrorReason::InvalidField),
        (vec![boxes[0].clone(); 2], ErrorReason::InvalidField),
        (vec![boxes[0].clone(); 8], ErrorReason::InvalidField),
        (vec![theirs[0].clone()], ErrorReason::KeyRefused),
        (vec![foreign[0].clone()], ErrorReason::BadSignature),
        (vec![boxes[0].slice(..100)], ErrorReason::MalformedEnvelope),
    ];
    let mut client = world.client(world.members[0].oin);
    for (contact_boxes, reason) in cases {
        let request = PostSignalRequest {
            request_id: world.request_id(),
            contact_boxes,
            ..good.clone()
        };
        assert_eq!(refusal(client.post_signal(request).await), reason);
    }
    let lying = PostSignalRequest {
        strong: false,
        ..good.clone()
    };
    assert_eq!(
        refusal(client.post_signal(lying).await),
        ErrorReason::InvalidField
    );
    let good = PostSignalRequest {
        request_id: world.request_id(),
        ..good
    };
    client.post_signal(good).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn what_has_expired_is_not_posted_and_meets_nobody() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Attention).await;
    world.clock.advance(59 * DAY);
    world.post(&circle, 0, &signal).await.unwrap();
    world.clock.advance(DAY);
    let outcome = world.post(&circle, 0, &signal).await;
    assert_eq!(told(outcome, "state"), "EXPIRED");
    let strong = world.signal(1, Severity::Worry).await;
    world.post(&circle, 1, &strong).await.unwrap();
    assert!(world.matches(1).await.is_empty());
    world.end().await;
}
