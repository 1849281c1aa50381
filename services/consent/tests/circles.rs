//! ProposeCircle, GrantCircle.

use sluis_proto::consent::v1::{self as proto, GrantState, LevelOfAssurance, MatchClass};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{Epoch, Handle};

use crate::acts::Resident;
use crate::answering::NO_PROPOSAL;
use crate::circle_acts::{CLASS, HOME, ResidentCircles, terms};
use crate::letters::DAY;
use crate::world::{World, refusal};

async fn known(world: &World) -> (Resident, Handle) {
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    (resident, handle)
}

pub(crate) async fn asked(world: &World) -> (Resident, Handle, proto::PendingCircle) {
    let (resident, handle) = known(world).await;
    let request = world.proposing_circle(&handle, terms(&world.all_three(), &[CLASS, HOME]));
    let proposal = world.ask_circle(&resident, request).await;
    (resident, handle, proposal)
}

#[tokio::test]
async fn propose_circle_works() {
    let world = World::start().await;
    let (resident, _, proposal) = asked(&world).await;
    assert_eq!(proposal.asked_by, world.welfare.oin.to_string());
    assert_eq!((proposal.valid_days, proposal.deferred), (183, false));
    let asked = proposal.terms.unwrap();
    assert_eq!(asked.match_classes, [i32::from(HOME), i32::from(CLASS)]);
    assert_eq!(asked.members.len(), 3);
    assert!(
        world.waiting(&resident).await.is_empty(),
        "it is no question between two"
    );
}

#[tokio::test]
async fn propose_circle_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (resident, handle) = known(&world).await;
    let request = world.proposing_circle(&handle, terms(&world.all_three(), &[CLASS]));
    let mut welfare = world.member(world.welfare.oin);
    let first = welfare
        .propose_circle(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = welfare
        .propose_circle(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.waiting_circles(&resident).await.len(), 1);
    let other = proto::ProposeCircleRequest {
        valid_days: 1,
        ..request
    };
    assert_eq!(
        refusal(welfare.propose_circle(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn propose_circle_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (resident, handle) = known(&world).await;
    // Somebody who would not be in it.
    let request = world.proposing_circle(&handle, terms(&[world.welfare.oin, world.stranger.oin], &[HOME]));
    let outsider = world.member(world.ggz.oin).propose_circle(request).await;
    assert_eq!(refusal(outsider), ErrorReason::InvalidField);
    // A member with another's handle is answered like one with its own.
    let request = world.proposing_circle(&handle, terms(&world.all_three(), &[CLASS]));
    world.member(world.ggz.oin).propose_circle(request).await.unwrap();
    assert!(world.waiting_circles(&resident).await.is_empty());
}

#[tokio::test]
async fn propose_circle_answers_an_unknown_id_like_a_known_one() {
    let world = World::start().await;
    let (resident, handle) = known(&world).await;
    let nobody = Handle::from_bytes([8; 16]);
    let mut welfare = world.member(world.welfare.oin);
    let ask = |handle: &Handle| world.proposing_circle(handle, terms(&world.all_three(), &[CLASS]));
    let unknown = welfare.propose_circle(ask(&nobody)).await.unwrap().into_inner();
    let known = welfare.propose_circle(ask(&handle)).await.unwrap().into_inner();
    assert_eq!(unknown, known);
    assert_eq!(world.waiting_circles(&resident).await.len(), 1);
}

#[tokio::test]
async fn a_circle_in_which_nothing_could_meet_is_refused() {
    let world = World::start().await;
    let (_, handle) = known(&world).await;
    let all = world.all_three();
    let unknown = "00000099000000009900".parse().unwrap();
    for (members, classes, days) in [
        (&all[..2], vec![HOME], 0),                   // GGZ may not post on homes
        (&all[..], vec![HOME, MatchClass::Carer], 0), // one poster only
        (&[all[0], unknown][..], vec![CLASS], 0),
        (&all[..1], vec![CLASS], 0),
        (&all[..], vec![], 0),
        (&all[..], vec![CLASS], 364),
    ] {
        let request = proto::ProposeCircleRequest {
            valid_days: days,
            ..world.proposing_circle(&handle, terms(members, &classes))
        };
        let refused = world.member(world.welfare.oin).propose_circle(request).await;
        assert_eq!(
            refusal(refused),
            ErrorReason::InvalidField,
            "{members:?} {classes:?} {days}"
        );
    }
}

#[tokio::test]
async fn a_refused_circle_is_not_asked_again_for_a_while() {
    let world = World::start().await;
    let (mut resident, handle, proposal) = asked(&world).await;
    let refuse = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id,
    };
    resident.client.refuse_consent(refuse).await.unwrap();
    let again = || world.proposing_circle(&handle, terms(&world.all_three(), &[HOME, CLASS]));
    let mut welfare = world.member(world.welfare.oin);
    welfare.propose_circle(again()).await.unwrap();
    assert!(world.waiting_circles(&resident).await.is_empty());
    world.clock.advance(31 * DAY);
    welfare.propose_circle(again()).await.unwrap();
    let resident = world.log_in("anna").await;
    assert_eq!(world.waiting_circles(&resident).await.len(), 1);
}

#[tokio::test]
async fn grant_circle_works() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let grant = encircled.grant();
    assert_eq!((grant.version, grant.state()), (1, GrantState::Active));
    assert_eq!((grant.discloser.as_str(), grant.recipient.as_str()), ("", ""));
    assert!(world.waiting_circles(&encircled.resident).await.is_empty());
    assert!(
        world.grants(&encircled.resident).await.is_empty(),
        "it is no grant between two"
    );
    assert_eq!(
        world.circles(&encircled.resident).await,
        std::slice::from_ref(&encircled.circle)
    );
    let log = world.log(&encircled.resident).await;
    assert_eq!(
        (log[0].kind(), log[0].allowed),
        (proto::AccessKind::Granted, true)
    );

    let first = Epoch::of(world.now());
    let last = Epoch::of(sluis_types::Timestamp::from_micros(
        grant.valid_until.unwrap().seconds * 1_000_000 - 1,
    ));
    let mut tags = Vec::new();
    for (member, classes) in [
        (&world.welfare, vec![2, 4]),
        (&world.ggz, vec![4]),
        (&world.stranger, vec![2, 4]),
    ] {
        let bundles = world.bundles(member).await;
        let [bundle] = bundles.as_slice() else {
            panic!("one bundle each")
        };
        assert_eq!(bundle.circle().members, world.all_three());
        assert_eq!(bundle.circle().grant_id.to_string(), grant.grant_id);
        assert_eq!(
            bundle
                .classes()
                .map(sluis_types::MatchClass::number)
                .collect::<Vec<_>>(),
            classes
        );
        assert_eq!(
            (bundle.epochs().next(), bundle.epochs().last()),
            (Some(first), Some(last))
        );
        let class = sluis_types::MatchClass::NeglectAndSilence;
        tags.push(bundle.post(class, last).unwrap().unverified().tag.clone());
        // No member posts as another.
        for epoch in bundle.epochs() {
            for class in bundle.classes() {
                let post = bundle.post(class, epoch).unwrap();
                assert_eq!(post.unverified().organisation, member.oin);
            }
        }
    }
    assert!(tags[0] == tags[1] && tags[1] == tags[2], "they meet at one tag");
}

#[tokio::test]
async fn grant_circle_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (resident, _, proposal) = asked(&world).await;
    let request = world.granting_circle(&proposal);
    let mut circles = world.circles_of(&resident);
    let first = circles.grant_circle(request.clone()).await.unwrap().into_inner();
    let again = circles.grant_circle(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(world.circles(&resident).await.len(), 1);
    assert_eq!(
        world.bundles(&world.ggz).await.len(),
        1,
        "no second secret was drawn"
    );
    let other = proto::GrantCircleRequest {
        valid_days: 1,
        ..request
    };
    assert_eq!(
        refusal(circles.grant_circle(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn grant_circle_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (_, _, proposal) = asked(&world).await;
    let bert = world.log_in("bert").await;
    let other = world
        .circles_of(&bert)
        .grant_circle(world.granting_circle(&proposal))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = ResidentCircles::new(world.mesh_client(sluis_serve::Caller::Partner(
        sluis_serve::PartnerCaller {
            organisation: world.welfare.oin,
            professional: [1; 32],
            role: sluis_types::ProfessionalRole::Professional,
            jwt_hash: crate::letters::JWT_HASH,
        },
    )))
    .grant_circle(world.granting_circle(&proposal))
    .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    let unsure = world.log_in_as(world.login("anna", LevelOfAssurance::Low)).await;
    let unsure = world
        .circles_of(&unsure)
        .grant_circle(world.granting_circle(&proposal))
        .await;
    assert_eq!(refusal(unsure), ErrorReason::RoleRefused);
    assert!(world.bundles(&world.ggz).await.is_empty());
}

#[tokio::test]
async fn grant_circle_answers_an_unknown_id() {
    let world = World::start().await;
    let (resident, handle, proposal) = asked(&world).await;
    let mut circles = world.circles_of(&resident);
    let unknown = proto::GrantCircleRequest {
        proposal_id: NO_PROPOSAL.into(),
        ..world.granting_circle(&proposal)
    };
    assert_eq!(
        refusal(circles.grant_circle(unknown).await),
        ErrorReason::NotAvailable
    );
    // A proposal of the other sort is no circle, and a circle is no proposal of the other sort.
    let question = world.question(vec![crate::acts::provision()]);
    let pair = world.ask(&resident, &handle, question).await;
    let crossed = proto::GrantCircleRequest {
        proposal_id: pair.proposal_id.clone(),
        ..world.granting_circle(&proposal)
    };
    assert_eq!(
        refusal(circles.grant_circle(crossed).await),
        ErrorReason::InvalidField
    );
    let crossed = proto::GrantConsentRequest {
        proposal_id: proposal.proposal_id.clone(),
        ..world.granting(&pair)
    };
    assert_eq!(
        refusal(resident.client.clone().grant_consent(crossed).await),
        ErrorReason::InvalidField
    );
    // Nobody is added whom the question did not name.
    let wider = proto::GrantCircleRequest {
        terms: Some(terms(&world.all_three(), &[CLASS, HOME, MatchClass::OutOfSight])),
        ..world.granting_circle(&proposal)
    };
    assert_eq!(
        refusal(circles.grant_circle(wider).await),
        ErrorReason::InvalidField
    );
    assert!(world.circles(&resident).await.is_empty());
}

#[tokio::test]
async fn a_circle_of_other_members_or_classes_takes_the_place_of_the_one_before() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let before = world.bundles(&world.ggz).await.remove(0);
    let request = proto::ProposeCircleRequest {
        replaces: encircled.grant().grant_id.clone(),
        ..world.proposing_circle(&encircled.handle, terms(&world.all_three(), &[CLASS]))
    };
    let proposal = world.ask_circle(&encircled.resident, request).await;
    assert_eq!(proposal.replaces, encircled.grant().grant_id);
    let reply = world
        .circles_of(&encircled.resident)
        .grant_circle(world.granting_circle(&proposal))
        .await;
    let circle = reply.unwrap().into_inner().circle.unwrap();
    let grant = circle.grant.clone().unwrap();
    assert_eq!(
        (grant.grant_id, grant.version),
        (encircled.grant().grant_id.clone(), 2)
    );
    assert_eq!(world.circles(&encircled.resident).await, [circle]);
    let after = world.bundles(&world.ggz).await;
    let [after] = after.as_slice() else {
        panic!("the old posts were taken back")
    };
    assert_ne!(after.circle().gate_key, before.circle().gate_key);
    let tag = |bundle: &sluis_envelope::CircleBundle| {
        let class = sluis_types::MatchClass::NeglectAndSilence;
        bundle
            .post(class, Epoch::of(world.now()))
            .unwrap()
            .unverified()
            .tag
            .clone()
    };
    assert!(tag(after) != tag(&before), "a new secret");
    // Somebody else's circle is not replaced: it is a new one.
    let bert = world.log_in("bert").await;
    let theirs = world.link(&bert, &world.welfare).await;
    let request = proto::ProposeCircleRequest {
        replaces: encircled.grant().grant_id.clone(),
        ..world.proposing_circle(&theirs, terms(&world.all_three(), &[CLASS]))
    };
    assert_eq!(world.ask_circle(&bert, request).await.replaces, "");
}
