//! GrantConsent, ListGrants.

use sluis_proto::consent::v1::{self as proto, DataKind, GrantState, LevelOfAssurance, Purpose};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::Handle;

use crate::acts::{Resident, provision, provision_of};
use crate::letters::DAY;
use crate::world::{World, refusal};

pub(crate) const NO_PROPOSAL: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) async fn asked(world: &World) -> (Resident, Handle, proto::PendingProposal) {
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let proposal = world
        .ask(&resident, &handle, world.question(vec![provision()]))
        .await;
    (resident, handle, proposal)
}

#[tokio::test]
async fn grant_consent_works() {
    let world = World::start().await;
    let (resident, handle, proposal) = asked(&world).await;
    // Part of what was asked, for less time.
    let request = proto::GrantConsentRequest {
        provisions: vec![provision_of(Purpose::Referral, &[DataKind::Plan])],
        valid_days: 10,
        ..world.granting(&proposal)
    };
    let grant = resident
        .client
        .clone()
        .grant_consent(request.clone())
        .await
        .unwrap()
        .into_inner()
        .grant
        .unwrap();
    assert_eq!((grant.version, grant.state()), (1, GrantState::Active));
    assert_eq!(grant.provisions, request.provisions);
    let end = grant.valid_until.unwrap();
    assert_eq!((end.seconds % 86400, end.nanos), (0, 0), "the end of a UTC day");
    assert!((10 * 86400..=11 * 86400).contains(&(end.seconds - world.now().seconds())));
    assert!(world.waiting(&resident).await.is_empty());
    assert_eq!(world.grants(&resident).await, [grant]);
    world.authorize(&handle).await.unwrap();
    let log = world.log(&resident).await;
    assert_eq!(
        (log[1].kind(), log[1].allowed),
        (proto::AccessKind::Granted, true)
    );
    assert_eq!(log[1].organisation, "");
}

#[tokio::test]
async fn grant_consent_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (mut resident, _, proposal) = asked(&world).await;
    let request = world.granting(&proposal);
    let first = resident
        .client
        .grant_consent(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = resident
        .client
        .grant_consent(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.grants(&resident).await.len(), 1);
    let other = proto::GrantConsentRequest {
        valid_days: 1,
        ..request
    };
    assert_eq!(
        refusal(resident.client.grant_consent(other).await),
        ErrorReason::RequestIdReused
    );
    let twice = resident.client.grant_consent(world.granting(&proposal)).await;
    assert_eq!(
        refusal(twice),
        ErrorReason::NotAvailable,
        "an answered proposal is gone"
    );
}

#[tokio::test]
async fn grant_consent_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (resident, _, proposal) = asked(&world).await;
    let other = world
        .log_in("bert")
        .await
        .client
        .grant_consent(world.granting(&proposal))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world
        .residents_service_as_partner()
        .grant_consent(world.granting(&proposal))
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    // A login that is not sure enough, and a representative without a mandate.
    let mut unsure = world
        .log_in_as(world.login("anna", LevelOfAssurance::Low))
        .await
        .client;
    let status = unsure.grant_consent(world.granting(&proposal)).await.unwrap_err();
    let details = tonic_types::StatusExt::get_error_details(&status);
    assert_eq!(
        details.error_info().unwrap().metadata["level_of_assurance"],
        "SUBSTANTIAL"
    );
    assert_eq!(refusal::<()>(Err(status)), ErrorReason::RoleRefused);
    let login = proto::StartSessionRequest {
        represents: "anna".into(),
        ..world.login("clara", LevelOfAssurance::High)
    };
    let mut representative = world.log_in_as(login).await.client;
    let refused = representative.grant_consent(world.granting(&proposal)).await;
    assert_eq!(refusal(refused), ErrorReason::NotAvailable);
    assert!(world.grants(&resident).await.is_empty());
}

#[tokio::test]
async fn grant_consent_answers_an_unknown_id() {
    let world = World::start().await;
    let (mut resident, _, proposal) = asked(&world).await;
    let unknown = proto::GrantConsentRequest {
        proposal_id: NO_PROPOSAL.into(),
        ..world.granting(&proposal)
    };
    assert_eq!(
        refusal(resident.client.grant_consent(unknown).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn grant_consent_takes_no_more_than_was_asked() {
    let world = World::start().await;
    let (mut resident, _, proposal) = asked(&world).await;
    let good = world.granting(&proposal);
    let bad = [
        proto::GrantConsentRequest {
            provisions: vec![],
            ..good.clone()
        },
        proto::GrantConsentRequest {
            provisions: vec![provision_of(Purpose::Referral, &[DataKind::Medical])],
            ..good.clone()
        },
        proto::GrantConsentRequest {
            valid_days: 184,
            ..good.clone()
        },
        proto::GrantConsentRequest {
            notice: None,
            ..good.clone()
        },
        proto::GrantConsentRequest {
            notice: Some(proto::Notice {
                notice_id: "é".repeat(64),
                ..crate::acts::notice()
            }),
            ..good.clone()
        },
        proto::GrantConsentRequest {
            provisions: vec![proto::Provision {
                objection: true,
                ..provision()
            }],
            ..good
        },
    ];
    for request in bad {
        let request = proto::GrantConsentRequest {
            request_id: world.request_id(),
            ..request
        };
        assert_eq!(
            refusal(resident.client.grant_consent(request).await),
            ErrorReason::InvalidField
        );
    }
    assert_eq!(world.waiting(&resident).await.len(), 1);
}

#[tokio::test]
async fn a_second_grant_between_the_same_two_is_the_next_version_of_the_first() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let feedback = provision_of(Purpose::Feedback, &[DataKind::Situation]);
    let question = proto::Proposal {
        valid_days: 366,
        ..world.question(vec![feedback.clone()])
    };
    let proposal = world.ask(&granted.resident, &granted.handle, question).await;
    let sent = world.send(&granted.handle).await;
    let grant = world.grant(&granted.resident, &proposal).await;
    assert_eq!(
        (grant.grant_id.clone(), grant.version),
        (granted.grant.grant_id.clone(), 2)
    );
    assert_eq!(grant.provisions, [provision(), feedback]);
    assert_eq!(
        grant.valid_until, granted.grant.valid_until,
        "nothing lasts longer than was agreed for it"
    );
    assert_eq!(
        refusal(world.open(&sent).await),
        ErrorReason::NotAvailable,
        "version 1 has ended"
    );
    assert_eq!(world.authorize(&granted.handle).await.unwrap().grant_version, 2);
    assert_eq!(world.grants(&granted.resident).await.len(), 1);
}

#[tokio::test]
async fn a_grant_after_an_ended_one_is_a_new_one() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    world.withdraw(&granted).await;
    let proposal = world
        .ask(
            &granted.resident,
            &granted.handle,
            world.question(vec![provision()]),
        )
        .await;
    let second = world.grant(&granted.resident, &proposal).await;
    assert_ne!(second.grant_id, granted.grant.grant_id);
    assert_eq!(second.version, 1);
    let grants = world.grants(&granted.resident).await;
    assert_eq!(
        grants.iter().map(proto::Grant::state).collect::<Vec<_>>(),
        [GrantState::Active, GrantState::Withdrawn]
    );
    // Also where the first one ran out of time and no timer came by.
    world.clock.advance(200 * DAY);
    let resident = world.log_in("anna").await;
    let proposal = world
        .ask(&resident, &granted.handle, world.question(vec![provision()]))
        .await;
    let third = world.grant(&resident, &proposal).await;
    assert_eq!(third.version, 1);
    assert_eq!(world.grants(&resident).await[1].state(), GrantState::Expired);
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn granting_while_paused_is_refused_with_what_can_be_done() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut resident = granted.resident.client.clone();
    let grant_id = granted.grant.grant_id.clone();
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id,
    };
    resident.suspend_grant(pause).await.unwrap();
    let proposal = world
        .ask(
            &granted.resident,
            &granted.handle,
            world.question(vec![provision()]),
        )
        .await;
    let status = resident
        .grant_consent(world.granting(&proposal))
        .await
        .unwrap_err();
    let details = tonic_types::StatusExt::get_error_details(&status);
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(
        (metadata["state"].as_str(), metadata["allowed"].as_str()),
        ("SUSPENDED", "RESUME,WITHDRAW")
    );
    assert_eq!(refusal::<()>(Err(status)), ErrorReason::IllegalTransition);
}

#[tokio::test]
async fn list_grants_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    assert_eq!(
        world.grants(&granted.resident).await,
        std::slice::from_ref(&granted.grant)
    );
    assert!(world.grants(&world.log_in("bert").await).await.is_empty());
    // The same resident in another session sees the same.
    assert_eq!(world.grants(&world.log_in("anna").await).await, [granted.grant]);
}

#[tokio::test]
async fn list_grants_refuses_the_wrong_caller() {
    let world = World::start().await;
    let partner = world
        .residents_service_as_partner()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    let nobody = world.as_nobody().list_grants(proto::ListGrantsRequest {}).await;
    assert_eq!(refusal(nobody), ErrorReason::SessionEnded);
}
