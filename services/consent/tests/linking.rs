//! CreateLinkCode, RedeemLinkCode, ListLinks.

use std::time::Duration;

use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;
use sluis_types::ProfessionalRole;

use crate::world::{World, refusal};

fn making(world: &World, oin: String) -> proto::CreateLinkCodeRequest {
    proto::CreateLinkCodeRequest {
        request_id: world.request_id(),
        oin,
    }
}

#[tokio::test]
async fn create_link_code_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let code = world.code(&resident, world.welfare.oin).await;
    assert_eq!((code.code.len(), code.qr_code.len()), (11, 26));
    let ends = world.now().plus(Duration::from_mins(15));
    assert_eq!(code.expires_at.unwrap().seconds, ends.seconds());
    // Either form works, once; using one ends the other.
    let redeem = world.redeeming(&code.qr_code);
    world.as_welfare().redeem_link_code(redeem).await.unwrap();
    let spoken = world
        .as_welfare()
        .redeem_link_code(world.redeeming(&code.code))
        .await;
    assert_eq!(refusal(spoken), ErrorReason::CodeRefused);
}

#[tokio::test]
async fn create_link_code_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let mut resident = world.log_in("anna").await.client;
    let request = making(&world, world.welfare.oin.to_string());
    let first = resident
        .create_link_code(request.clone())
        .await
        .unwrap()
        .into_inner();
    world.clock.advance(Duration::from_secs(20));
    let again = resident
        .create_link_code(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    world
        .as_welfare()
        .redeem_link_code(world.redeeming(&first.code))
        .await
        .unwrap();
    let after_use = resident
        .create_link_code(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, after_use);
    let reused = world
        .as_welfare()
        .redeem_link_code(world.redeeming(&first.code))
        .await;
    assert_eq!(
        refusal(reused),
        ErrorReason::CodeRefused,
        "a repeat does not make the code again"
    );
    let other = proto::CreateLinkCodeRequest {
        oin: world.ggz.oin.to_string(),
        ..request
    };
    assert_eq!(
        refusal(resident.create_link_code(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn create_link_code_refuses_the_wrong_caller() {
    let world = World::start().await;
    let request = making(&world, world.welfare.oin.to_string());
    let partner = world
        .residents_service_as_partner()
        .create_link_code(request.clone())
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    let nobody = world.as_nobody().create_link_code(request).await;
    assert_eq!(refusal(nobody), ErrorReason::SessionEnded);
}

#[tokio::test]
async fn create_link_code_answers_an_unknown_id() {
    let world = World::start().await;
    let mut resident = world.log_in("anna").await.client;
    for oin in ["00000099000000009999", "x", ""] {
        let refused = resident.create_link_code(making(&world, oin.into())).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField, "{oin}");
    }
}

#[tokio::test]
async fn a_new_code_ends_the_one_before() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let first = world.code(&resident, world.welfare.oin).await;
    let for_another = world.code(&resident, world.ggz.oin).await;
    let second = world.code(&resident, world.welfare.oin).await;
    for ended in [&first.code, &first.qr_code] {
        let refused = world.as_welfare().redeem_link_code(world.redeeming(ended)).await;
        assert_eq!(refusal(refused), ErrorReason::CodeRefused);
    }
    world
        .as_welfare()
        .redeem_link_code(world.redeeming(&second.code))
        .await
        .unwrap();
    world
        .as_ggz()
        .redeem_link_code(world.redeeming(&for_another.code))
        .await
        .unwrap();
}

#[tokio::test]
async fn redeem_link_code_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let (first, again) = (
        world.link(&resident, &world.welfare).await,
        world.link(&resident, &world.welfare).await,
    );
    assert_eq!(first, again, "a second link gives the same handle");
    assert_ne!(
        first,
        world.link(&resident, &world.ggz).await,
        "another organisation has another one"
    );
    let other = world.log_in("bert").await;
    assert_ne!(first, world.link(&other, &world.welfare).await);
    let log = world.log(&resident).await;
    assert_eq!(
        log.iter()
            .filter(|entry| entry.kind() == proto::AccessKind::Linked)
            .count(),
        3
    );
    // Written sloppily, it is the same code.
    let code = world.code(&resident, world.stranger.oin).await.code;
    let sloppy = code
        .to_lowercase()
        .replace('-', " ")
        .replace('0', "o")
        .replace('1', "l");
    world
        .as_stranger()
        .redeem_link_code(world.redeeming(&sloppy))
        .await
        .unwrap();
}

#[tokio::test]
async fn redeem_link_code_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let request = world.redeeming(&world.code(&resident, world.welfare.oin).await.code);
    let first = world
        .as_welfare()
        .redeem_link_code(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .as_welfare()
        .redeem_link_code(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let other = world.code(&resident, world.welfare.oin).await.code;
    let reused = proto::RedeemLinkCodeRequest {
        code: other,
        ..request
    };
    assert_eq!(
        refusal(world.as_welfare().redeem_link_code(reused).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn redeem_link_code_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let code = world.code(&resident, world.welfare.oin).await.code;
    let mut volunteer = world.professional(world.welfare.oin, ProfessionalRole::Volunteer);
    let refused = volunteer.redeem_link_code(world.redeeming(&code)).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    // A code is for one organisation, and another one's try does not use it up.
    let stolen = world.as_ggz().redeem_link_code(world.redeeming(&code)).await;
    assert_eq!(refusal(stolen), ErrorReason::CodeRefused);
    world
        .as_welfare()
        .redeem_link_code(world.redeeming(&code))
        .await
        .unwrap();
}

#[tokio::test]
async fn redeem_link_code_answers_an_unknown_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let code = world.code(&resident, world.welfare.oin).await.code;
    world.clock.advance(Duration::from_mins(15));
    for wrong in [code.as_str(), "00000-00000", "00000000000000000000000000"] {
        let refused = world.as_welfare().redeem_link_code(world.redeeming(wrong)).await;
        assert_eq!(refusal(refused), ErrorReason::CodeRefused, "{wrong}");
    }
    for malformed in ["", "short", "UUUUU-UUUUU", &"0".repeat(2000)] {
        let refused = world
            .as_welfare()
            .redeem_link_code(world.redeeming(malformed))
            .await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
}

#[tokio::test]
async fn five_wrong_codes_close_the_door_for_a_while() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let mut guesser = world.as_welfare();
    let wrong = world.redeeming("00000-00000");
    assert_eq!(
        refusal(guesser.redeem_link_code(wrong.clone()).await),
        ErrorReason::CodeRefused
    );
    assert_eq!(
        refusal(guesser.redeem_link_code(wrong).await),
        ErrorReason::CodeRefused,
        "a repeat counts once"
    );
    for _ in 0..4 {
        let refused = guesser.redeem_link_code(world.redeeming("00000-00000")).await;
        assert_eq!(refusal(refused), ErrorReason::CodeRefused);
    }
    // The right code too, and for a colleague as well.
    let code = world.code(&resident, world.welfare.oin).await.code;
    let status = guesser
        .redeem_link_code(world.redeeming(&code))
        .await
        .unwrap_err();
    let details = tonic_types::StatusExt::get_error_details(&status);
    let delay = details.retry_info().unwrap().retry_delay.unwrap();
    assert!(delay <= Duration::from_secs(15 * 60 + 1) && delay > Duration::from_mins(14));
    let mut colleague = world.colleague(world.welfare.oin, ProfessionalRole::Intaker, [3; 32]);
    let refused = colleague.redeem_link_code(world.redeeming(&code)).await;
    assert_eq!(refusal(refused), ErrorReason::RateLimited);
    world.clock.advance(Duration::from_mins(15));
    let code = world
        .code(&world.log_in("anna").await, world.welfare.oin)
        .await
        .code;
    colleague.redeem_link_code(world.redeeming(&code)).await.unwrap();
}

#[tokio::test]
async fn list_links_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    world.link(&resident, &world.ggz).await;
    world.link(&resident, &world.welfare).await;
    world.link(&resident, &world.welfare).await;
    let links = resident
        .client
        .clone()
        .list_links(proto::ListLinksRequest {})
        .await
        .unwrap()
        .into_inner()
        .links;
    let oins: Vec<_> = links.iter().map(|link| link.oin.clone()).collect();
    assert_eq!(oins, [world.welfare.oin.to_string(), world.ggz.oin.to_string()]);
}

#[tokio::test]
async fn list_links_refuses_the_wrong_caller() {
    let world = World::start().await;
    let partner = world
        .residents_service_as_partner()
        .list_links(proto::ListLinksRequest {})
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    let nobody = world.as_nobody().list_links(proto::ListLinksRequest {}).await;
    assert_eq!(refusal(nobody), ErrorReason::SessionEnded);
}
