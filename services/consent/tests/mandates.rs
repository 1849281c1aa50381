//! ListMandates, CreateProxy, RedeemMandateCode, EndMandate, DisputeMandate.

use std::time::Duration;

use sluis_proto::consent::v1::{self as proto, LevelOfAssurance, MandateKind, MandateState};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller};
use sluis_types::ProfessionalRole;

use crate::changing::NO_GRANT;
use crate::letters::JWT_HASH;
use crate::representatives::{ONE, Representation, everything};
use crate::world::{World, refusal};

#[tokio::test]
async fn list_mandates_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    assert!(world.mandates(&granted.resident).await.is_empty());
    let first = world.proxy(&granted.resident).await;
    world.clock.advance(Duration::from_secs(5));
    let second = world.proxy(&granted.resident).await;
    let listed = world.mandates(&granted.resident).await;
    let ids: Vec<_> = listed.iter().map(|mandate| mandate.mandate_id.clone()).collect();
    assert_eq!(ids, [second.mandate_id, first.mandate_id]);
    assert_eq!(listed[0].label, "mijn zus");
    assert!(world.mandates(&world.log_in("bert").await).await.is_empty());
}

#[tokio::test]
async fn list_mandates_refuses_the_wrong_caller() {
    let world = World::start().await;
    let mut partner = Representation::new(world.mesh_client(Caller::Partner(PartnerCaller {
        organisation: world.welfare.oin,
        professional: ONE,
        role: ProfessionalRole::Professional,
        jwt_hash: JWT_HASH,
    })));
    let refused = partner.list_mandates(proto::ListMandatesRequest {}).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn create_proxy_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let made = world.proxy(&granted.resident).await;
    assert_eq!((made.code.len(), made.qr_code.len()), (11, 26));
    let ends = world.now().plus(Duration::from_hours(7 * 24));
    assert_eq!(made.code_expires_at.unwrap().seconds, ends.seconds());
    assert_eq!(
        world.mandates(&granted.resident).await[0].state(),
        MandateState::Offered
    );
    // Either form works, once; using one ends the other.
    world.redeemed("carla", "anna", &made.qr_code).await;
    let dora = world.log_in_for("dora", "anna").await;
    let spoken = world
        .representation(&dora)
        .redeem_mandate_code(world.redeem(&made.code))
        .await;
    assert_eq!(refusal(spoken), ErrorReason::CodeRefused);
}

#[tokio::test]
async fn create_proxy_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut anna = world.representation(&granted.resident);
    let request = everything(&world);
    let first = anna.create_proxy(request.clone()).await.unwrap().into_inner();
    world.clock.advance(Duration::from_secs(20));
    assert_eq!(
        anna.create_proxy(request.clone()).await.unwrap().into_inner(),
        first
    );
    assert_eq!(world.mandates(&granted.resident).await.len(), 1);
    let other = proto::CreateProxyRequest {
        label: "mijn broer".into(),
        ..request
    };
    assert_eq!(
        refusal(anna.create_proxy(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn create_proxy_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let by_proxy = world
        .representation(&represented.representative)
        .create_proxy(everything(&world))
        .await;
    assert_eq!(
        refusal(by_proxy),
        ErrorReason::MandateRefused,
        "a proxy makes no proxies"
    );
    let low = world.log_in_as(world.login("anna", LevelOfAssurance::Low)).await;
    let unsure = world.representation(&low).create_proxy(everything(&world)).await;
    assert_eq!(refusal(unsure), ErrorReason::RoleRefused);
}

/// There is no id to be unknown: what can be wrong is what it says.
#[tokio::test]
async fn create_proxy_answers_an_unknown_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let good = everything(&world);
    let bad = [
        proto::CreateProxyRequest {
            label: String::new(),
            ..good.clone()
        },
        proto::CreateProxyRequest {
            label: "x".repeat(61),
            ..good.clone()
        },
        proto::CreateProxyRequest {
            acts: vec![],
            ..good.clone()
        },
        proto::CreateProxyRequest {
            acts: vec![4],
            ..good.clone()
        },
        proto::CreateProxyRequest {
            life_domains: vec![6],
            ..good.clone()
        },
        proto::CreateProxyRequest {
            data_kinds: vec![0],
            ..good.clone()
        },
        proto::CreateProxyRequest {
            valid_days: 0,
            ..good.clone()
        },
        proto::CreateProxyRequest {
            valid_days: 367,
            ..good
        },
    ];
    for request in bad {
        let refused = world.representation(&anna).create_proxy(request).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
    assert!(world.mandates(&anna).await.is_empty());
}

#[tokio::test]
async fn redeem_mandate_code_works() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    assert_eq!(
        world.mandates(&represented.granted.resident).await[0].state(),
        MandateState::Active
    );
    let own = world.mandates(&represented.representative).await;
    assert_eq!(
        (own.len(), own[0].label.as_str()),
        (1, ""),
        "not how the resident calls them"
    );
    // A later login of the same representative still speaks for the resident.
    let again = world.log_in_for("carla", "anna").await;
    assert_eq!(world.grants(&again).await.len(), 1);
}

#[tokio::test]
async fn redeem_mandate_code_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let code = world.proxy(&granted.resident).await.code;
    let carla = world.log_in_for("carla", "anna").await;
    let request = world.redeem(&code);
    let mut client = world.representation(&carla);
    let first = client
        .redeem_mandate_code(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = client.redeem_mandate_code(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let anew = client.redeem_mandate_code(world.redeem(&code)).await;
    assert_eq!(refusal(anew), ErrorReason::CodeRefused);
}

#[tokio::test]
async fn redeem_mandate_code_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let code = world.proxy(&granted.resident).await.code;
    let own = world
        .representation(&granted.resident)
        .redeem_mandate_code(world.redeem(&code))
        .await;
    assert_eq!(
        refusal(own),
        ErrorReason::MandateRefused,
        "one's own login redeems nothing"
    );
    // Whoever speaks for somebody whom the mesh knows as another gets nothing by Anna's code.
    world.log_in("bert").await;
    let of_bert = world.log_in_for("carla", "bert").await;
    let other = world
        .representation(&of_bert)
        .redeem_mandate_code(world.redeem(&code))
        .await;
    assert_eq!(refusal(other), ErrorReason::CodeRefused);
}

#[tokio::test]
async fn redeem_mandate_code_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let code = world.proxy(&granted.resident).await.code;
    let carla = world.log_in_for("carla", "anna").await;
    let mut client = world.representation(&carla);
    for malformed in ["", "short", "UUUUU-UUUUU"] {
        let refused = client.redeem_mandate_code(world.redeem(malformed)).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
    for _ in 0..5 {
        let wrong = client.redeem_mandate_code(world.redeem("00000-00000")).await;
        assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    }
    let right = client.redeem_mandate_code(world.redeem(&code)).await;
    assert_eq!(
        refusal(right),
        ErrorReason::RateLimited,
        "the right code too, for a while"
    );
    world.clock.advance(Duration::from_hours(7 * 24));
    let late = world.log_in_for("carla", "anna").await;
    let late = world
        .representation(&late)
        .redeem_mandate_code(world.redeem(&code))
        .await;
    assert_eq!(refusal(late), ErrorReason::CodeRefused);
}

fn ending(world: &World, mandate_id: &str) -> proto::EndMandateRequest {
    proto::EndMandateRequest {
        request_id: world.request_id(),
        mandate_id: mandate_id.into(),
    }
}

#[tokio::test]
async fn end_mandate_works() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let anna = &represented.granted.resident;
    let id = world.mandates(anna).await[0].mandate_id.clone();
    let ended = world
        .representation(anna)
        .end_mandate(ending(&world, &id))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ended.mandate.unwrap().state(), MandateState::Ended);
    let mut carla = represented.representative.client.clone();
    let refused = carla
        .withdraw_grant(world.withdrawing(&represented.granted.grant))
        .await;
    assert_eq!(
        refusal(refused),
        ErrorReason::NotAvailable,
        "at once, in the session that was there"
    );
    // Ended places behind a login are used again.
    for _ in 0..17 {
        let code = world.proxy(anna).await;
        world.redeemed("carla", "anna", &code.code).await;
        world
            .representation(anna)
            .end_mandate(ending(&world, &code.mandate_id))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn end_mandate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = world.proxy(&granted.resident).await.mandate_id;
    let mut anna = world.representation(&granted.resident);
    let request = ending(&world, &id);
    let first = anna.end_mandate(request.clone()).await.unwrap().into_inner();
    assert_eq!(anna.end_mandate(request).await.unwrap().into_inner(), first);
    assert_eq!(
        anna.end_mandate(ending(&world, &id)).await.unwrap().into_inner(),
        first
    );
}

#[tokio::test]
async fn end_mandate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let id = world.mandates(&represented.granted.resident).await[0]
        .mandate_id
        .clone();
    let bert = world.log_in("bert").await;
    let other = world.representation(&bert).end_mandate(ending(&world, &id)).await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let by_proxy = world
        .representation(&represented.representative)
        .end_mandate(ending(&world, &id))
        .await;
    assert_eq!(refusal(by_proxy), ErrorReason::MandateRefused);
    assert_eq!(world.grants(&represented.representative).await.len(), 1);
}

#[tokio::test]
async fn end_mandate_answers_an_unknown_id() {
    let world = World::start().await;
    let represented = world.represented_by_court(MandateKind::Mentor).await;
    let anna = &represented.granted.resident;
    let mut client = world.representation(anna);
    let unknown = client.end_mandate(ending(&world, NO_GRANT)).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let id = world.mandates(anna).await[0].mandate_id.clone();
    let court = client.end_mandate(ending(&world, &id)).await;
    assert_eq!(
        refusal(court),
        ErrorReason::IllegalTransition,
        "a court's word is disputed, not ended"
    );
}

fn disputing(world: &World, mandate_id: &str) -> proto::DisputeMandateRequest {
    proto::DisputeMandateRequest {
        request_id: world.request_id(),
        mandate_id: mandate_id.into(),
    }
}

#[tokio::test]
async fn dispute_mandate_works() {
    let world = World::start().await;
    let represented = world.represented_by_court(MandateKind::Guardian).await;
    let anna = &represented.granted.resident;
    let id = world.mandates(anna).await[0].mandate_id.clone();
    let disputed = world
        .representation(anna)
        .dispute_mandate(disputing(&world, &id))
        .await;
    assert_eq!(
        disputed.unwrap().into_inner().mandate.unwrap().state(),
        MandateState::Disputed
    );
    let listed = represented
        .representative
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(listed), ErrorReason::NotAvailable);
    // Recorded anew by two persons, it is there again.
    let handle = &represented.granted.handle;
    let again = world
        .appointed("carla", "anna", handle, MandateKind::Guardian)
        .await;
    assert_eq!(world.grants(&again).await.len(), 1);
}

#[tokio::test]
async fn dispute_mandate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let represented = world.represented_by_court(MandateKind::Guardian).await;
    let anna = &represented.granted.resident;
    let id = world.mandates(anna).await[0].mandate_id.clone();
    let request = disputing(&world, &id);
    let mut client = world.representation(anna);
    let first = client
        .dispute_mandate(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(client.dispute_mandate(request).await.unwrap().into_inner(), first);
    assert_eq!(
        client
            .dispute_mandate(disputing(&world, &id))
            .await
            .unwrap()
            .into_inner(),
        first
    );
}

#[tokio::test]
async fn dispute_mandate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented_by_court(MandateKind::Guardian).await;
    let id = world.mandates(&represented.granted.resident).await[0]
        .mandate_id
        .clone();
    let bert = world.log_in("bert").await;
    let other = world
        .representation(&bert)
        .dispute_mandate(disputing(&world, &id))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let by_guardian = world
        .representation(&represented.representative)
        .dispute_mandate(disputing(&world, &id))
        .await;
    assert_eq!(refusal(by_guardian), ErrorReason::MandateRefused);
}

#[tokio::test]
async fn dispute_mandate_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut anna = world.representation(&granted.resident);
    let unknown = anna.dispute_mandate(disputing(&world, NO_GRANT)).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let id = world.proxy(&granted.resident).await.mandate_id;
    let own = anna.dispute_mandate(disputing(&world, &id)).await;
    assert_eq!(
        refusal(own),
        ErrorReason::IllegalTransition,
        "what one gave, one ends"
    );
}
