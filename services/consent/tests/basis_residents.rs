//! ListLegalBases, ObjectToLegalBasis: what a resident sees, when, and can say.

use sluis_proto::consent::v1::{self as proto, AccessKind, LegalBasisState, ReviewOutcome};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller};
use sluis_types::ProfessionalRole;

use crate::acts::Resident;
use crate::basis_acts::ResidentBases;
use crate::changing::NO_GRANT;
use crate::letters::{DAY, JWT_HASH};
use crate::representatives::ONE;
use crate::world::{World, refusal};

#[tokio::test]
async fn list_legal_bases_works() {
    let world = World::start().await;
    let (anna, _, ended) = world.in_arrears("anna").await;
    let ended = world.end_basis(&world.stranger, &ended.legal_basis_id).await;
    let handle = world.link(&anna, &world.welfare).await;
    let live = world.record_basis(&world.welfare, world.danger(&handle)).await;
    assert_eq!(world.seen_bases(&anna).await, [live, ended], "live ones first");
    let bert = world.log_in("bert").await;
    assert!(world.seen_bases(&bert).await.is_empty());
}

#[tokio::test]
async fn list_legal_bases_refuses_the_wrong_caller() {
    let world = World::start().await;
    let mut partner = ResidentBases::new(world.mesh_client(Caller::Partner(PartnerCaller {
        organisation: world.welfare.oin,
        professional: ONE,
        role: ProfessionalRole::Professional,
        jwt_hash: JWT_HASH,
    })));
    let refused = partner.list_legal_bases(proto::ListLegalBasesRequest {}).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    let refused = partner.object_to_legal_basis(world.objecting(NO_GRANT)).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn object_to_legal_basis_works() {
    let world = World::start().await;
    let (anna, handle, record) = world.in_arrears("anna").await;
    let id = &record.legal_basis_id;
    assert!(world.queue(&world.stranger).await.is_empty());
    let objected = world
        .bases_of(&anna)
        .object_to_legal_basis(world.objecting(id))
        .await;
    let objected = objected.unwrap().into_inner().record.unwrap();
    assert!(objected.objected_at.is_some() && objected.review_waits);
    assert_eq!(objected.state(), LegalBasisState::Active, "nothing stops by it");
    assert_eq!(world.log(&anna).await[0].kind(), AccessKind::LegalBasisObjected);
    let waiting = world.queue(&world.stranger).await.remove(0);
    assert_eq!(
        (waiting.record, waiting.handle),
        (Some(objected), handle.expose())
    );
    // Somebody else than who recorded and confirmed it looks, and the resident sees what came of it.
    world.clock.advance(DAY / 48);
    let review = world.reviewing(id, ReviewOutcome::Upheld);
    world
        .officer(&world.stranger)
        .review_legal_basis(review)
        .await
        .unwrap();
    let seen = world.seen_bases(&anna).await.remove(0);
    assert_eq!(seen.review_outcome(), ReviewOutcome::Upheld);
    assert!(seen.reviewed_at.is_some() && !seen.review_waits);
}

#[tokio::test]
async fn object_to_legal_basis_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (anna, _, record) = world.in_arrears("anna").await;
    let request = world.objecting(&record.legal_basis_id);
    let mut own = world.bases_of(&anna);
    let first = own
        .object_to_legal_basis(request.clone())
        .await
        .unwrap()
        .into_inner();
    world.clock.advance(DAY / 48);
    let again = own.object_to_legal_basis(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let anew = world.objecting(&record.legal_basis_id);
    let anew = own.object_to_legal_basis(anew).await.unwrap().into_inner();
    assert_eq!(anew, first, "it waits already");
    let other = proto::ObjectToLegalBasisRequest {
        request_id: world.objecting(NO_GRANT).request_id,
        legal_basis_id: NO_GRANT.into(),
    };
    assert_eq!(
        refusal(own.object_to_legal_basis(other).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn object_to_legal_basis_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (_, _, record) = world.in_arrears("anna").await;
    let bert = world.log_in("bert").await;
    let foreign = world.objecting(&record.legal_basis_id);
    let foreign = world.bases_of(&bert).object_to_legal_basis(foreign).await;
    assert_eq!(refusal(foreign), ErrorReason::NotAvailable);
    assert!(world.queue(&world.stranger).await.is_empty());
}

#[tokio::test]
async fn object_to_legal_basis_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    for id in [NO_GRANT, granted.grant.grant_id.as_str()] {
        let refused = world
            .bases_of(&granted.resident)
            .object_to_legal_basis(world.objecting(id))
            .await;
        assert_eq!(
            refusal(refused),
            ErrorReason::NotAvailable,
            "a consent is withdrawn"
        );
    }
}

/// A consent's acts are not for it: neither ending, pausing nor a ticket.
#[tokio::test]
async fn what_a_resident_may_do_with_a_consent_they_may_not_do_with_a_basis() {
    let world = World::start().await;
    let (anna, handle, record) = world.in_arrears("anna").await;
    let id = &record.legal_basis_id;
    let mut client = anna.client.clone();
    let withdraw = proto::WithdrawGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
    };
    assert_eq!(
        refusal(client.withdraw_grant(withdraw).await),
        ErrorReason::NotAvailable
    );
    let suspend = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
    };
    assert_eq!(
        refusal(client.suspend_grant(suspend).await),
        ErrorReason::NotAvailable
    );
    let ticket = proto::IssueTicketRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
        audience: proto::TicketAudience::Referral.into(),
        actions: vec![proto::TicketAction::Stop.into()],
    };
    assert_eq!(
        refusal(client.issue_ticket(ticket).await),
        ErrorReason::NotAvailable
    );
    // "Withdraw everything" is about what the resident said, and this is not.
    let withdraw = proto::WithdrawAllRequest {
        request_id: world.request_id(),
        handle: handle.expose(),
    };
    let mut helper = world.helper(world.stranger.oin, ONE, ProfessionalRole::Professional);
    helper.withdraw_all(withdraw).await.unwrap();
    let disconnect = proto::DisconnectOrganisationRequest {
        request_id: world.request_id(),
        oin: world.stranger.oin.to_string(),
    };
    client.disconnect_organisation(disconnect).await.unwrap();
    assert_eq!(world.seen_bases(&anna).await[0].state(), LegalBasisState::Active);
}

async fn links(resident: &Resident) -> Vec<String> {
    let reply = resident
        .client
        .clone()
        .list_links(proto::ListLinksRequest {})
        .await;
    reply
        .unwrap()
        .into_inner()
        .links
        .into_iter()
        .map(|link| link.oin)
        .collect()
}

/// Where telling now would be dangerous, nothing tells before its day: no list, no line of the log, and no organisation
/// that is suddenly connected. Then everything does.
#[tokio::test]
async fn what_a_resident_is_told_later_is_nowhere_before_and_everywhere_after() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let (lines, linked) = (world.log(&resident).await, links(&resident).await);
    let request = proto::RecordLegalBasisRequest {
        deferral: Some(world.deferred(3)),
        ..world.danger(&handle)
    };
    let record = world.record_basis(&world.welfare, request).await;
    let id = &record.legal_basis_id;
    world.confirm_basis(&world.welfare, id).await;
    let sent = world.signal_on(id, &handle).await.unwrap();
    world.open(&sent).await.unwrap();
    let beyond = crate::basis_acts::signal_scope(&[sluis_types::DataKind::Financial]);
    let way = [&world.welfare, &world.ggz];
    let refused = world
        .send_on(id, &handle, way, sluis_types::MessageKind::Signal, beyond)
        .await;
    assert_eq!(refusal(refused.map(drop)), ErrorReason::NotAvailable);
    let objection = world
        .bases_of(&resident)
        .object_to_legal_basis(world.objecting(id))
        .await;
    assert_eq!(refusal(objection), ErrorReason::NotAvailable);

    assert!(world.seen_bases(&resident).await.is_empty());
    assert_eq!(
        world.queue(&world.welfare).await.len(),
        1,
        "somebody looks at each deferral"
    );
    let now_lines = world.log(&resident).await;
    assert_eq!(
        now_lines[1..],
        lines,
        "the refused objection to nothing, and what was there"
    );
    assert_eq!(links(&resident).await, linked);

    world.clock.advance(3 * DAY);
    let resident = world.log_in("anna").await;
    let seen = world.seen_bases(&resident).await.remove(0);
    assert_eq!(
        seen.deferral.unwrap().reason(),
        proto::DeferralReason::ResidentAtRisk
    );
    let kinds: Vec<_> = world
        .log(&resident)
        .await
        .iter()
        .filter(|line| line.legal_basis() == proto::LegalBasis::ConflictOfDuties)
        .map(|line| (line.kind(), line.allowed))
        .collect();
    assert_eq!(
        kinds,
        [
            (AccessKind::Authorized, false),
            (AccessKind::Opened, true),
            (AccessKind::Authorized, true),
            (AccessKind::LegalBasisConfirmed, true),
            (AccessKind::LegalBasisRecorded, true),
        ]
    );
    assert_eq!(links(&resident).await.len(), linked.len() + 1);
}
