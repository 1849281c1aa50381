//! GetReferral and ListReferrals.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{GetReferralRequest, ListReferralsRequest, ReferralState};
use sluis_types::MessageKind;

use crate::letters::{Grant, HOUR};
use crate::world::{Client, World, refusal};

async fn list(mut client: Client, page_size: i32) -> Vec<String> {
    let mut ids = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListReferralsRequest {
            page_size,
            page_token,
        };
        let reply = client.list_referrals(request).await.unwrap().into_inner();
        assert!(reply.referrals.len() <= usize::try_from(page_size).unwrap());
        ids.extend(reply.referrals.into_iter().map(|referral| referral.thread_id));
        if reply.next_page_token.is_empty() {
            return ids;
        }
        page_token = reply.next_page_token;
    }
}

#[tokio::test]
async fn get_referral_works() {
    let world = World::start().await;
    let (thread, _) = world.refer(&world.grant()).await;
    let request = GetReferralRequest {
        thread_id: thread.to_string(),
    };
    let theirs = world
        .as_ggz()
        .get_referral(request)
        .await
        .unwrap()
        .into_inner()
        .referral
        .unwrap();
    assert_eq!(theirs, world.shown(thread).await);
    assert_eq!(theirs.state(), ReferralState::Submitted);
    assert!(theirs.respond_by.is_some());
    world.end().await;
}

#[tokio::test]
async fn get_referral_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (thread, _) = world.refer(&world.grant()).await;
    let request = GetReferralRequest {
        thread_id: thread.to_string(),
    };
    let foreign = world.as_stranger().get_referral(request).await.unwrap_err();
    let request = GetReferralRequest {
        thread_id: world.thread_id().to_string(),
    };
    let absent = world.as_stranger().get_referral(request).await.unwrap_err();
    assert_eq!(
        (foreign.code(), foreign.message()),
        (absent.code(), absent.message())
    );
    assert_eq!(foreign.details(), absent.details());
    world.end().await;
}

#[tokio::test]
async fn get_referral_answers_an_unknown_id() {
    let world = World::start().await;
    let request = GetReferralRequest {
        thread_id: world.thread_id().to_string(),
    };
    assert_eq!(
        refusal(world.as_ggz().get_referral(request).await),
        ErrorReason::NotAvailable
    );
    let request = GetReferralRequest {
        thread_id: "\0".into(),
    };
    assert_eq!(
        refusal(world.as_ggz().get_referral(request).await),
        ErrorReason::InvalidField
    );
    world.end().await;
}

#[tokio::test]
async fn list_referrals_works_page_by_page() {
    let world = World::start().await;
    let (there, back) = (world.grant(), world.grant_back());
    let strangers = Grant::new(world.stranger.oin, world.ggz.oin, world.randomness.as_ref());
    let mut ours = Vec::new();
    for turn in 0..9 {
        let grant = if turn % 3 == 0 { &back } else { &there };
        let (thread, id) = world.refer(grant).await;
        ours.insert(0, thread.to_string());
        world.clock.advance(HOUR);
        // Notes and other people's referrals are in between, and a referral that was sealed again counts once.
        world
            .send(world.letter(MessageKind::Note, thread), grant)
            .await
            .unwrap();
        world.refer(&strangers).await;
        world.clock.advance(HOUR);
        if turn == 4 {
            let again = world.letter(MessageKind::Referral, thread).replacing(id);
            world.send(again, grant).await.unwrap();
        }
    }
    assert_eq!(list(world.as_welfare(), 2).await, ours, "newest first, each once");
    assert_eq!(list(world.as_welfare(), 200).await, ours);
    assert_eq!(list(world.as_ggz(), 50).await.len(), 18);
    assert_eq!(list(world.as_stranger(), 4).await.len(), 9);
    world.end().await;
}

#[tokio::test]
async fn list_referrals_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    world.refer(&grant).await;
    world.refer(&grant).await;
    assert!(list(world.as_stranger(), 10).await.is_empty());
    let request = ListReferralsRequest {
        page_size: 1,
        ..Default::default()
    };
    let token = world
        .as_ggz()
        .list_referrals(request)
        .await
        .unwrap()
        .into_inner()
        .next_page_token;
    assert!(!token.is_empty());
    let stolen = ListReferralsRequest {
        page_size: 1,
        page_token: token,
    };
    let outcome = world.as_welfare().list_referrals(stolen).await;
    assert_eq!(refusal(outcome), ErrorReason::BadPageToken);
    let request = ListReferralsRequest {
        page_size: -1,
        ..Default::default()
    };
    assert_eq!(
        refusal(world.as_ggz().list_referrals(request).await),
        ErrorReason::InvalidField
    );
    world.end().await;
}
