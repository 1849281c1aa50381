//! Authorize and OpenGate.

use std::time::Duration;

use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{DataKind, Handle, ProfessionalRole};

use crate::letters::{DAY, assert_reads, scope};
use crate::world::{World, refusal};

#[tokio::test]
async fn authorize_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.asking_to_send(&granted.handle, &[DataKind::Plan]);
    let reply = world.as_welfare().authorize(request).await.unwrap().into_inner();
    let token = world.read_token(&reply.grant_token);
    assert_eq!(token.grant_id, granted.id());
    assert_eq!(
        (token.sender, token.recipient),
        (world.welfare.oin, world.ggz.oin)
    );
    assert_eq!(token.not_after, world.now().plus(Duration::from_mins(10)));
    assert_eq!(reply.provisions, granted.grant.provisions);
    let log_key = sluis_consent::public_keys(&world.keys).unwrap().log;
    let promise = sluis_envelope::Signed::<sluis_envelope::LeafPromise>::parse(&reply.leaf_promise).unwrap();
    let promise = promise.verify(&log_key, world.now()).unwrap();
    let newest = world.log(&granted.resident).await.remove(0);
    assert_eq!(newest.leaf_hash.as_ref(), promise.leaf_hash);
    assert_eq!(newest.kind(), proto::AccessKind::Authorized);
    assert!(newest.allowed);
    assert_eq!(newest.organisation, world.welfare.oin.to_string());
}

#[tokio::test]
async fn authorize_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.asking_to_send(&granted.handle, &[DataKind::Plan]);
    let first = world
        .as_welfare()
        .authorize(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .as_welfare()
        .authorize(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let other = proto::AuthorizeRequest {
        recipient: world.stranger.oin.to_string(),
        ..request
    };
    assert_eq!(
        refusal(world.as_welfare().authorize(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn p4_authorize_repeats_no_yes_after_a_withdrawal() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.asking_to_send(&granted.handle, &[DataKind::Plan]);
    world.as_welfare().authorize(request.clone()).await.unwrap();
    world.withdraw(&granted).await;
    let leaves = world.log(&granted.resident).await.len();
    let again = world.as_welfare().authorize(request).await;
    assert_eq!(refusal(again), ErrorReason::NotAvailable);
    let log = world.log(&granted.resident).await;
    assert_eq!(log.len(), leaves + 1, "the no has a leaf of its own");
    assert!(!log[0].allowed);
}

#[tokio::test]
async fn authorize_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.asking_to_send(&granted.handle, &[DataKind::Plan]);
    let volunteer = world
        .professional(world.welfare.oin, ProfessionalRole::Volunteer)
        .authorize(request.clone())
        .await;
    assert_eq!(refusal(volunteer), ErrorReason::RoleRefused);
    // Welfare's handle says nothing to anybody else, and the other direction was never granted.
    assert_eq!(
        refusal(world.as_stranger().authorize(request).await),
        ErrorReason::NotAvailable
    );
    let recipient = world.welfare.oin.to_string();
    let back = proto::AuthorizeRequest {
        recipient,
        ..world.asking_to_send(&granted.handle, &[DataKind::Plan])
    };
    assert_eq!(
        refusal(world.as_ggz().authorize(back).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn authorize_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let unknown = world.asking_to_send(&Handle::from_bytes([7; 16]), &[DataKind::Plan]);
    assert_eq!(
        refusal(world.as_welfare().authorize(unknown).await),
        ErrorReason::NotAvailable
    );
    let beyond = world.asking_to_send(&granted.handle, &[DataKind::Plan, DataKind::Medical]);
    assert_eq!(
        refusal(world.as_welfare().authorize(beyond).await),
        ErrorReason::NotAvailable
    );
    let newest = world.log(&granted.resident).await.remove(0);
    assert!(!newest.allowed, "the resident reads what was refused");
}

#[tokio::test]
async fn authorize_refuses_what_is_malformed() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let good = world.asking_to_send(&granted.handle, &[DataKind::Plan]);
    let bad = [
        proto::AuthorizeRequest {
            request_id: "1".into(),
            ..good.clone()
        },
        proto::AuthorizeRequest {
            handle: "\0".into(),
            ..good.clone()
        },
        proto::AuthorizeRequest {
            handle: "x".repeat(8000),
            ..good.clone()
        },
        proto::AuthorizeRequest {
            recipient: world.welfare.oin.to_string(),
            ..good.clone()
        },
        proto::AuthorizeRequest {
            recipient: "123".into(),
            ..good.clone()
        },
        proto::AuthorizeRequest {
            scope: None,
            ..good.clone()
        },
        proto::AuthorizeRequest {
            scope: Some(proto::Scope {
                purposes: vec![99],
                ..good.scope.clone().unwrap()
            }),
            ..good
        },
    ];
    for request in bad {
        assert_eq!(
            refusal(world.as_welfare().authorize(request).await),
            ErrorReason::InvalidField
        );
    }
}

#[tokio::test]
async fn open_gate_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let opened = world.open(&sent).await.unwrap();
    assert_reads(&opened, &sent.envelope);
    assert_ne!(
        opened.handle(),
        &granted.handle,
        "each organisation has a handle of its own"
    );
    let newest = world.log(&granted.resident).await.remove(0);
    assert_eq!(newest.kind(), proto::AccessKind::Opened);
    assert!(newest.allowed);
    assert_eq!(newest.leaf_hash.as_ref(), opened.leaf_hash());
    assert_eq!(newest.grant_id, granted.grant.grant_id);
    // The handle that was made at the gate is the one that a link gives.
    assert_eq!(&world.link(&granted.resident, &world.ggz).await, opened.handle());
}

#[tokio::test]
async fn open_gate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let (request, pending) = world.opening(&sent);
    let first = world
        .as_ggz()
        .open_gate(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .as_ggz()
        .open_gate(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.leaf_promise, again.leaf_promise, "one act, one leaf");
    assert_ne!(first.open_reply, again.open_reply, "the reply is never stored");
    let opened = pending.complete(&again.open_reply).unwrap();
    assert_reads(&opened, &sent.envelope);
    let before = world.log(&granted.resident).await.len();
    // The same attempt is decided anew, and refused once consent has ended.
    world.withdraw(&granted).await;
    assert_eq!(
        refusal(world.as_ggz().open_gate(request.clone()).await),
        ErrorReason::NotAvailable
    );
    assert_eq!(
        world.log(&granted.resident).await.len(),
        before + 2,
        "the withdrawal and the refusal"
    );
    let (other, _) = world.opening(&sent);
    let reused = proto::OpenGateRequest {
        request_id: request.request_id,
        ..other
    };
    assert_eq!(
        refusal(world.as_ggz().open_gate(reused).await),
        ErrorReason::InvalidField
    );
}

#[tokio::test]
async fn open_gate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let (request, _) = world.opening(&sent);
    assert_eq!(
        refusal(world.as_stranger().open_gate(request.clone()).await),
        ErrorReason::BadSignature
    );
    let volunteer = world
        .professional(world.ggz.oin, ProfessionalRole::Volunteer)
        .open_gate(request)
        .await;
    assert_eq!(refusal(volunteer), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn open_gate_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let other = World::start_changed(Box::new(|_| ())).await;
    // The same organisations and keys, another mesh: the grant never was.
    assert_eq!(refusal(other.open(&sent).await), ErrorReason::NotAvailable);
    let cut = proto::OpenGateRequest {
        request_id: world.request_id(),
        open_request: world.opening(&sent).0.open_request.slice(..100),
    };
    assert_eq!(
        refusal(world.as_ggz().open_gate(cut).await),
        ErrorReason::MalformedEnvelope
    );
}

#[tokio::test]
async fn p2_what_was_not_opened_before_a_withdrawal_never_opens() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    world.withdraw(&granted).await;
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
    assert_eq!(
        refusal(world.authorize(&granted.handle).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn p2_a_paused_or_expired_grant_opens_nothing() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let mut resident = granted.resident.client.clone();
    let id = || granted.grant.grant_id.clone();
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: id(),
    };
    resident.suspend_grant(pause).await.unwrap();
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
    let resume = proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: id(),
    };
    resident.resume_grant(resume).await.unwrap();
    world.open(&sent).await.unwrap();
    // No timer came by: expiry counts from its moment on.
    world.clock.advance(184 * DAY);
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn p2_a_version_opens_nothing_of_another() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let narrow = proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: granted.grant.grant_id.clone(),
        expected_version: 1,
        provisions: vec![crate::acts::provision_of(
            proto::Purpose::Referral,
            &[proto::DataKind::Plan],
        )],
    };
    let narrowed = granted
        .resident
        .client
        .clone()
        .narrow_grant(narrow)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(narrowed.grant.unwrap().version, 2);
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
    let sealed_again = world.send(&granted.handle).await;
    assert_reads(&world.open(&sealed_again).await.unwrap(), &sealed_again.envelope);
}

#[tokio::test]
async fn the_gate_looks_at_the_scope_inside_and_at_the_role() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    // The sender asked for a plan and sealed something medical.
    let lie = world
        .send_with(&granted.handle, scope(&[DataKind::Medical]))
        .await;
    assert_eq!(refusal(world.open(&lie).await), ErrorReason::NotAvailable);

    let medical = crate::acts::provision_of(proto::Purpose::Referral, &[proto::DataKind::Medical]);
    let proposal = world
        .ask(&granted.resident, &granted.handle, world.question(vec![medical]))
        .await;
    world.grant(&granted.resident, &proposal).await;
    let sent = world
        .send_with(&granted.handle, scope(&[DataKind::Medical]))
        .await;
    let (request, _) = world.opening(&sent);
    let officer = world
        .professional(world.ggz.oin, ProfessionalRole::HousingOfficer)
        .open_gate(request)
        .await;
    assert_eq!(refusal(officer), ErrorReason::NotAvailable);
    world.open(&sent).await.unwrap();
}

#[tokio::test]
async fn a_request_of_another_moment_or_with_other_evidence_is_refused() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let (stale, _) = world.opening(&sent);
    world.clock.advance(Duration::from_secs(61));
    assert_eq!(
        refusal(world.as_ggz().open_gate(stale).await),
        ErrorReason::ClockSkew
    );

    let (good, _) = world.opening(&sent);
    let mut bytes = good.open_request.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let forged = proto::OpenGateRequest {
        open_request: bytes.into(),
        ..good
    };
    let reason = refusal(world.as_ggz().open_gate(forged).await);
    assert_eq!(reason, ErrorReason::BadSignature);
}
