//! NarrowCircle, ListCircles, ListCircleProposals.

use sluis_proto::consent::v1::{self as proto, GrantState, MatchClass};
use sluis_proto::options::v1::ErrorReason;

use crate::changing::NO_GRANT;
use crate::circle_acts::{CLASS, HOME, ResidentCircles, terms};
use crate::circles::asked;
use crate::letters::DAY;
use crate::world::{World, refusal};

#[tokio::test]
async fn narrow_circle_works() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let kept = terms(&[world.welfare.oin, world.stranger.oin], &[HOME]);
    let request = world.leaving_out(&encircled.circle, kept.clone());
    let reply = world.circles_of(&encircled.resident).narrow_circle(request).await;
    let circle = reply.unwrap().into_inner().circle.unwrap();
    assert_eq!(circle.grant.as_ref().unwrap().version, 2);
    assert_eq!(circle.terms, Some(kept));
    assert_eq!(world.circles(&encircled.resident).await, [circle]);
    assert!(
        world.bundles(&world.ggz).await.is_empty(),
        "who was left out has nothing any more"
    );
    assert_eq!(world.bundles(&world.welfare).await[0].circle().grant_version, 2);
    assert_eq!(world.bundles(&world.stranger).await.len(), 1);
}

#[tokio::test]
async fn narrow_circle_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let mut circles = world.circles_of(&encircled.resident);
    let request = world.leaving_out(&encircled.circle, terms(&world.all_three(), &[CLASS]));
    let first = circles.narrow_circle(request.clone()).await.unwrap().into_inner();
    let again = circles.narrow_circle(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = proto::NarrowCircleRequest {
        expected_version: 2,
        ..request
    };
    assert_eq!(
        refusal(circles.narrow_circle(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn narrow_circle_refuses_the_wrong_caller() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let bert = world.log_in("bert").await;
    let request = world.leaving_out(&encircled.circle, terms(&world.all_three(), &[CLASS]));
    let other = world.circles_of(&bert).narrow_circle(request).await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    assert_eq!(
        world.circles(&encircled.resident).await,
        std::slice::from_ref(&encircled.circle)
    );
}

#[tokio::test]
async fn narrow_circle_answers_an_unknown_id() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let mut circles = world.circles_of(&encircled.resident);
    let kept = || terms(&world.all_three(), &[CLASS]);
    let unknown = proto::NarrowCircleRequest {
        grant_id: NO_GRANT.into(),
        ..world.leaving_out(&encircled.circle, kept())
    };
    assert_eq!(
        refusal(circles.narrow_circle(unknown).await),
        ErrorReason::NotAvailable
    );
    let stale = proto::NarrowCircleRequest {
        expected_version: 7,
        ..world.leaving_out(&encircled.circle, kept())
    };
    assert_eq!(
        refusal(circles.narrow_circle(stale).await),
        ErrorReason::VersionConflict
    );
    let wider = terms(&world.all_three(), &[CLASS, MatchClass::OutOfSight]);
    let wider = circles
        .narrow_circle(world.leaving_out(&encircled.circle, wider))
        .await;
    assert_eq!(refusal(wider), ErrorReason::InvalidField);
    // A grant between two is no circle.
    let pair = world.granted("clara").await;
    let crossed = proto::NarrowCircleRequest {
        grant_id: pair.grant.grant_id.clone(),
        ..world.leaving_out(&encircled.circle, kept())
    };
    let crossed = world.circles_of(&pair.resident).narrow_circle(crossed).await;
    assert_eq!(refusal(crossed), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn list_circles_works() {
    let world = World::start().await;
    let first = world.encircled("anna").await;
    world.withdraw_circle(&first).await;
    let second = world.encircled("anna").await;
    let listed = world.circles(&second.resident).await;
    let states: Vec<_> = listed
        .iter()
        .map(|circle| circle.grant.as_ref().unwrap().state())
        .collect();
    assert_eq!(states, [GrantState::Active, GrantState::Withdrawn]);
    assert_eq!(listed[0], second.circle);
}

#[tokio::test]
async fn list_circles_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.encircled("anna").await;
    let bert = world.log_in("bert").await;
    assert!(world.circles(&bert).await.is_empty());
    let mut nobody = ResidentCircles::new(world.mesh_client(sluis_serve::Caller::Resident(
        sluis_serve::ResidentCaller {
            issuer: crate::world::ISSUER.into(),
            subject: "nobody".into(),
            represents: None,
            session: [9; 32],
        },
    )));
    let refused = nobody.list_circles(proto::ListCirclesRequest {}).await;
    assert_eq!(refusal(refused), ErrorReason::SessionEnded);
}

#[tokio::test]
async fn list_circle_proposals_works_and_forgets_what_lapsed() {
    let world = World::start().await;
    let (resident, handle, proposal) = asked(&world).await;
    let defer = proto::DeferConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id.clone(),
    };
    resident.client.clone().defer_consent(defer).await.unwrap();
    world
        .member(world.welfare.oin)
        .propose_circle(world.proposing_circle(&handle, terms(&world.all_three(), &[CLASS])))
        .await
        .unwrap();
    let waiting = world.waiting_circles(&resident).await;
    assert_eq!(
        waiting.iter().map(|one| one.deferred).collect::<Vec<_>>(),
        [true, false]
    );
    world.clock.advance(15 * DAY);
    let resident = world.log_in("anna").await;
    assert!(world.waiting_circles(&resident).await.is_empty());
}

#[tokio::test]
async fn list_circle_proposals_refuses_the_wrong_caller() {
    let world = World::start().await;
    asked(&world).await;
    let bert = world.log_in("bert").await;
    assert!(world.waiting_circles(&bert).await.is_empty());
}

/// Each member gets its own name for the resident, and keeps it: linked before, linked later, in another version.
#[tokio::test]
async fn a_bundle_says_by_the_members_own_handle_about_whom_it_is() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let members = [&world.welfare, &world.ggz, &world.stranger];
    let mut handles = Vec::new();
    for member in members {
        handles.push(world.bundles(member).await.remove(0).handle());
    }
    assert_eq!(handles[0], encircled.handle, "whom it knew already");
    assert!(handles[1] != handles[0] && handles[2] != handles[0] && handles[1] != handles[2]);
    assert_eq!(world.link(&encircled.resident, &world.ggz).await, handles[1]);
    let request = world.leaving_out(&encircled.circle, terms(&world.all_three(), &[CLASS]));
    let narrowed = world.circles_of(&encircled.resident).narrow_circle(request).await;
    narrowed.unwrap();
    for (member, handle) in members.into_iter().zip(handles) {
        let bundle = world.bundles(member).await.remove(0);
        assert_eq!((bundle.circle().grant_version, bundle.handle()), (2, handle));
    }
    // Another resident's circle has other handles.
    let other = world.encircled("bart").await;
    let bundles = world.bundles(&world.welfare).await;
    let of_other = bundles.iter().find(|bundle| bundle.handle() == other.handle);
    assert_ne!(of_other.unwrap().circle().grant_id, bundles[0].circle().grant_id);
}
