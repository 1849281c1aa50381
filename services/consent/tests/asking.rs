//! ProposeConsent, GetConsentStatus, ListProposals.

use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{Handle, ProfessionalRole};

use crate::acts::provision;
use crate::letters::DAY;
use crate::world::{World, refusal};

#[tokio::test]
async fn propose_consent_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let there = world.question(vec![provision()]);
    let back = proto::Proposal {
        discloser: world.ggz.oin.to_string(),
        recipient: world.welfare.oin.to_string(),
        valid_days: 30,
        ..there.clone()
    };
    let request = world.proposing(&handle, vec![there.clone(), back.clone()]);
    let reply = world
        .as_welfare()
        .propose_consent(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        reply.lapses_at.unwrap().seconds,
        world.now().plus(14 * DAY).seconds()
    );
    let waiting = world.waiting(&resident).await;
    assert_eq!(waiting.len(), 2);
    assert!(
        waiting
            .iter()
            .all(|it| it.asked_by == world.welfare.oin.to_string() && !it.deferred)
    );
    assert_eq!(
        waiting[0].proposal,
        Some(proto::Proposal {
            valid_days: 183,
            ..there
        })
    );
    assert_eq!(waiting[1].proposal, Some(back));
    let newest = world.log(&resident).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.allowed),
        (proto::AccessKind::Proposed, true)
    );
}

#[tokio::test]
async fn propose_consent_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let request = world.proposing(&handle, vec![world.question(vec![provision()])]);
    let first = world
        .as_welfare()
        .propose_consent(request.clone())
        .await
        .unwrap()
        .into_inner();
    world.clock.advance(DAY / 48);
    let again = world
        .as_welfare()
        .propose_consent(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.waiting(&resident).await.len(), 1);
    let other = proto::ProposeConsentRequest {
        handle: Handle::from_bytes([1; 16]).expose(),
        ..request
    };
    assert_eq!(
        refusal(world.as_welfare().propose_consent(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn propose_consent_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let question = world.question(vec![provision()]);
    let request = world.proposing(&handle, vec![question.clone()]);
    let mut system = world.professional(world.welfare.oin, ProfessionalRole::System);
    assert_eq!(
        refusal(system.propose_consent(request).await),
        ErrorReason::RoleRefused
    );
    let between_others = world.proposing(&handle, vec![question]);
    let refused = world.as_stranger().propose_consent(between_others).await;
    assert_eq!(refusal(refused), ErrorReason::InvalidField);
    // With another's handle the answer is like any other, and nobody is asked.
    let between_us = proto::Proposal {
        discloser: world.stranger.oin.to_string(),
        ..world.question(vec![provision()])
    };
    world
        .as_stranger()
        .propose_consent(world.proposing(&handle, vec![between_us]))
        .await
        .unwrap();
    assert!(world.waiting(&resident).await.is_empty());
}

#[tokio::test]
async fn propose_consent_answers_an_unknown_id() {
    let world = World::start().await;
    let unknown = world.proposing(
        &Handle::from_bytes([7; 16]),
        vec![world.question(vec![provision()])],
    );
    let reply = world
        .as_welfare()
        .propose_consent(unknown)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        reply.lapses_at.unwrap().seconds,
        world.now().plus(14 * DAY).seconds()
    );
}

#[tokio::test]
async fn propose_consent_refuses_what_is_malformed() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let good = world.question(vec![provision()]);
    let objection = proto::Provision {
        objection: true,
        ..provision()
    };
    let bad = [
        vec![],
        vec![good.clone(); 9],
        vec![proto::Proposal {
            recipient: good.discloser.clone(),
            ..good.clone()
        }],
        vec![proto::Proposal {
            recipient: "00000099000000009999".into(),
            ..good.clone()
        }],
        vec![proto::Proposal {
            provisions: vec![],
            ..good.clone()
        }],
        vec![proto::Proposal {
            provisions: vec![provision(), objection],
            ..good.clone()
        }],
        vec![proto::Proposal {
            valid_days: 367,
            ..good
        }],
    ];
    for proposals in bad {
        let refused = world
            .as_welfare()
            .propose_consent(world.proposing(&handle, proposals))
            .await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
    assert!(world.waiting(&resident).await.is_empty());
}

#[tokio::test]
async fn what_was_refused_is_not_asked_again_for_thirty_days_and_nobody_is_told() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let question = || world.question(vec![provision()]);
    let proposal = world.ask(&resident, &handle, question()).await;
    let refuse = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id,
    };
    resident.client.clone().refuse_consent(refuse).await.unwrap();
    let again = world
        .as_welfare()
        .propose_consent(world.proposing(&handle, vec![question()]))
        .await;
    assert!(again.unwrap().into_inner().lapses_at.is_some());
    assert!(world.waiting(&resident).await.is_empty());
    assert!(
        !world.log(&resident).await[0].allowed,
        "the resident reads that they were asked again"
    );
    world.clock.advance(30 * DAY);
    let resident = world.log_in("anna").await;
    world
        .as_welfare()
        .propose_consent(world.proposing(&handle, vec![question()]))
        .await
        .unwrap();
    assert_eq!(world.waiting(&resident).await.len(), 1);
}

#[tokio::test]
async fn nobody_is_flooded_with_questions() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    for _ in 0..9 {
        let eight = vec![world.question(vec![provision()]); 8];
        world
            .as_welfare()
            .propose_consent(world.proposing(&handle, eight))
            .await
            .unwrap();
    }
    assert_eq!(world.waiting(&resident).await.len(), 64);
}

fn status_of(handle: &Handle, discloser: String, recipient: String) -> proto::GetConsentStatusRequest {
    proto::GetConsentStatusRequest {
        handle: handle.expose(),
        discloser,
        recipient,
    }
}

#[tokio::test]
async fn get_consent_status_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let (welfare, ggz) = (world.welfare.oin.to_string(), world.ggz.oin.to_string());
    let ask = status_of(&granted.handle, welfare.clone(), ggz.clone());
    let status = world
        .as_welfare()
        .get_consent_status(ask.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (status.version, status.valid_until),
        (1, granted.grant.valid_until)
    );
    assert_eq!(status.provisions, granted.grant.provisions);
    // The recipient asks with its own handle.
    let theirs = world.link(&granted.resident, &world.ggz).await;
    world
        .as_ggz()
        .get_consent_status(status_of(&theirs, welfare, ggz))
        .await
        .unwrap();
    let log = world.log(&granted.resident).await;
    assert_eq!(
        (log[0].kind(), log[0].allowed),
        (proto::AccessKind::StatusAsked, true)
    );
    world.withdraw(&granted).await;
    assert_eq!(
        refusal(world.as_welfare().get_consent_status(ask).await),
        ErrorReason::NotAvailable
    );
    assert!(!world.log(&granted.resident).await[0].allowed);
}

#[tokio::test]
async fn get_consent_status_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let (welfare, ggz) = (world.welfare.oin.to_string(), world.ggz.oin.to_string());
    let ask = status_of(&granted.handle, welfare, ggz);
    let mut volunteer = world.professional(world.welfare.oin, ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(volunteer.get_consent_status(ask.clone()).await),
        ErrorReason::RoleRefused
    );
    assert_eq!(
        refusal(world.as_stranger().get_consent_status(ask.clone()).await),
        ErrorReason::InvalidField
    );
    assert_eq!(
        refusal(world.as_ggz().get_consent_status(ask).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn get_consent_status_answers_an_unknown_id() {
    let world = World::start().await;
    let (welfare, ggz) = (world.welfare.oin.to_string(), world.ggz.oin.to_string());
    let ask = status_of(&Handle::from_bytes([7; 16]), welfare, ggz);
    assert_eq!(
        refusal(world.as_welfare().get_consent_status(ask).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn list_proposals_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    assert!(world.waiting(&resident).await.is_empty());
    let first = world
        .ask(&resident, &handle, world.question(vec![provision()]))
        .await;
    world.clock.advance(DAY / 48);
    let second = world
        .ask(&resident, &handle, world.question(vec![provision()]))
        .await;
    let ids: Vec<_> = world
        .waiting(&resident)
        .await
        .into_iter()
        .map(|it| it.proposal_id)
        .collect();
    assert_eq!(
        ids,
        [second.proposal_id.clone(), first.proposal_id],
        "newest first"
    );
    let other = world.log_in("bert").await;
    assert!(world.waiting(&other).await.is_empty());
    // Silence is never consent.
    world.clock.advance(14 * DAY);
    let resident = world.log_in("anna").await;
    assert!(world.waiting(&resident).await.is_empty());
    let late = resident
        .client
        .clone()
        .grant_consent(world.granting(&second))
        .await;
    assert_eq!(refusal(late), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn list_proposals_refuses_the_wrong_caller() {
    let world = World::start().await;
    let partner = world
        .residents_service_as_partner()
        .list_proposals(proto::ListProposalsRequest {})
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    let nobody = world
        .as_nobody()
        .list_proposals(proto::ListProposalsRequest {})
        .await;
    assert_eq!(refusal(nobody), ErrorReason::SessionEnded);
}
