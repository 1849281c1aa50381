//! WithdrawGrant.

use sluis_proto::consent::v1::{self as proto, GrantState};
use sluis_proto::options::v1::ErrorReason;

use crate::acts::provision;
use crate::changing::{NO_GRANT, resident_of};
use crate::world::{World, refusal};

#[tokio::test]
async fn withdraw_grant_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.withdrawing(&granted.grant);
    let reply = resident_of(&granted)
        .withdraw_grant(request)
        .await
        .unwrap()
        .into_inner();
    let grant = reply.grant.unwrap();
    assert_eq!((grant.state(), grant.version), (GrantState::Withdrawn, 1));
    assert_eq!(grant.ended_at.unwrap().seconds, world.now().seconds());
    assert_eq!(grant.provisions, [provision()], "what was allowed stays readable");
    let newest = world.log(&granted.resident).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.allowed),
        (proto::AccessKind::Withdrawn, true)
    );
    let promise = sluis_envelope::Signed::<sluis_envelope::LeafPromise>::parse(&reply.leaf_promise).unwrap();
    assert_eq!(promise.unverified().leaf_hash, newest.leaf_hash.as_ref());
    // Withdrawing what has ended succeeds again.
    let again = world.withdraw(&granted).await;
    assert_eq!(again, grant);
}

#[tokio::test]
async fn withdraw_grant_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.withdrawing(&granted.grant);
    let first = resident_of(&granted)
        .withdraw_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    let leaves = world.log(&granted.resident).await.len();
    let again = resident_of(&granted)
        .withdraw_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again, "the same leaf and the same bytes");
    assert_eq!(world.log(&granted.resident).await.len(), leaves);
    let other = proto::WithdrawGrantRequest {
        grant_id: NO_GRANT.into(),
        ..request
    };
    assert_eq!(
        refusal(resident_of(&granted).withdraw_grant(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn withdraw_grant_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let other = world
        .log_in("bert")
        .await
        .client
        .withdraw_grant(world.withdrawing(&granted.grant))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world
        .residents_service_as_partner()
        .withdraw_grant(world.withdrawing(&granted.grant))
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn withdraw_grant_answers_an_unknown_id() {
    let world = World::start().await;
    let mut resident = world.log_in("anna").await.client;
    let unknown = proto::Grant {
        grant_id: NO_GRANT.into(),
        ..proto::Grant::default()
    };
    let refused = resident.withdraw_grant(world.withdrawing(&unknown)).await;
    assert_eq!(refusal(refused), ErrorReason::NotAvailable);
    let malformed = proto::Grant {
        grant_id: "x\0".into(),
        ..proto::Grant::default()
    };
    let refused = resident.withdraw_grant(world.withdrawing(&malformed)).await;
    assert_eq!(refusal(refused), ErrorReason::InvalidField);
}

#[tokio::test]
async fn withdrawing_needs_no_more_than_a_login() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let unsure = world.login("anna", proto::LevelOfAssurance::Low);
    let mut resident = world.log_in_as(unsure).await.client;
    resident
        .withdraw_grant(world.withdrawing(&granted.grant))
        .await
        .unwrap();
    assert_eq!(
        refusal(world.authorize(&granted.handle).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn siblings_go_on_when_one_grant_ends() {
    let world = World::start().await;
    let mut all = Vec::new();
    for number in 0..5 {
        all.push(world.granted(&format!("resident {number}")).await);
    }
    let mut sent = Vec::new();
    for granted in &all {
        sent.push(world.send(&granted.handle).await);
    }
    for (ended, granted) in all.iter().enumerate() {
        world.withdraw(granted).await;
        for (number, sent) in sent.iter().enumerate() {
            assert_eq!(
                world.open(sent).await.is_ok(),
                number > ended,
                "{number} after {ended}"
            );
        }
    }
}

#[tokio::test]
async fn endings_at_the_same_time_all_end_and_no_more() {
    let world = World::start().await;
    let mut all = Vec::new();
    for number in 0..8 {
        let granted = world.granted(&format!("resident {number}")).await;
        let sent = world.send(&granted.handle).await;
        all.push((granted, sent));
    }
    let (ending, staying) = all.split_at(5);
    let withdrawals = ending.iter().map(|(granted, _)| world.withdraw(granted));
    for grant in futures_util::future::join_all(withdrawals).await {
        assert_eq!(grant.state(), GrantState::Withdrawn);
    }
    for (_, sent) in ending {
        assert_eq!(refusal(world.open(sent).await), ErrorReason::NotAvailable);
    }
    for (_, sent) in staying {
        world.open(sent).await.unwrap();
    }
}
