//! OpenHousing, MoveHousing, GetHousing, ListHousing and CountHousing.

use sluis_proto::matching::v1::{
    CountHousingRequest, CountHousingResponse, GetHousingRequest, Housing, HousingCounts, HousingMove,
    HousingNeed, HousingState, LeaseKind, ListHousingRequest, MoveHousingRequest, OpenHousingRequest,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::Oin;
use tonic::Status;

use crate::world::{Grant, World, oin, refusal, stranger, welfare};
use crate::write_tests;

/// A housing corporation.
fn landlord() -> Oin {
    oin(4)
}

fn need() -> HousingNeed {
    HousingNeed {
        size: 2,
        rent_max_euros: 700,
        areas: vec!["WK082803".into()],
        low_stimulus: true,
        access: vec![1],
        support: 2,
        lease: 1,
    }
}

async fn open(
    world: &World,
    request_id: String,
    token: bytes::Bytes,
    need: HousingNeed,
) -> Result<Housing, Status> {
    let request = OpenHousingRequest {
        request_id,
        grant_token: token,
        need: Some(need),
    };
    Ok(world
        .homes(welfare())
        .open_housing(request)
        .await?
        .into_inner()
        .housing
        .unwrap())
}

fn grant(world: &World) -> Grant {
    world.grant(welfare(), landlord())
}

async fn opened(world: &World, grant: Grant) -> Housing {
    open(world, world.request_id(), world.token(grant), need())
        .await
        .unwrap()
}

async fn take(world: &World, caller: Oin, housing: &Housing, step: HousingMove) -> Result<Housing, Status> {
    let lease = if step == HousingMove::SignLease {
        LeaseKind::Own
    } else {
        LeaseKind::Unspecified
    };
    let request = MoveHousingRequest {
        request_id: world.request_id(),
        housing_id: housing.housing_id.clone(),
        expected_version: housing.version,
        r#move: step.into(),
        lease: lease.into(),
    };
    Ok(world
        .homes(caller)
        .move_housing(request)
        .await?
        .into_inner()
        .housing
        .unwrap())
}

async fn nominated(world: &World, grant: Grant) -> Housing {
    let wish = opened(world, grant).await;
    let ready = take(world, welfare(), &wish, HousingMove::Prepare).await.unwrap();
    take(world, welfare(), &ready, HousingMove::Nominate)
        .await
        .unwrap()
}

async fn signed(world: &World, grant: Grant) -> Housing {
    let mut housing = nominated(world, grant).await;
    for (caller, step) in [
        (landlord(), HousingMove::Offer),
        (welfare(), HousingMove::View),
        (welfare(), HousingMove::Accept),
        (landlord(), HousingMove::SignLease),
    ] {
        housing = take(world, caller, &housing, step).await.unwrap();
    }
    housing
}

async fn get(world: &World, caller: Oin, id: &str) -> Result<Housing, Status> {
    let request = GetHousingRequest {
        housing_id: id.to_owned(),
    };
    Ok(world
        .homes(caller)
        .get_housing(request)
        .await?
        .into_inner()
        .housing
        .unwrap())
}

async fn list(world: &World, caller: Oin) -> Vec<Housing> {
    let reply = world
        .homes(caller)
        .list_housing(ListHousingRequest {})
        .await
        .unwrap();
    reply.into_inner().housings
}

async fn count(world: &World, caller: Oin) -> CountHousingResponse {
    world
        .homes(caller)
        .count_housing(CountHousingRequest {})
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn open_housing_works_and_a_landlord_sees_it_from_the_nomination_on() {
    let world = World::start().await;
    let wish = opened(&world, grant(&world)).await;
    assert_eq!((wish.state(), wish.version), (HousingState::Wish, 1));
    assert_eq!(wish.landlord, landlord().to_string());
    assert_eq!(
        refusal(get(&world, landlord(), &wish.housing_id).await),
        ErrorReason::NotAvailable
    );
    let ready = take(&world, welfare(), &wish, HousingMove::Prepare)
        .await
        .unwrap();
    take(&world, welfare(), &ready, HousingMove::Nominate)
        .await
        .unwrap();
    let seen = get(&world, landlord(), &wish.housing_id).await.unwrap();
    assert_eq!((seen.state(), seen.need), (HousingState::Nominated, Some(need())));
    assert_eq!(seen.steps.len(), 1, "what was before is not the landlord's");
    assert!(seen.landlord.is_empty());
    world.end().await;
}

#[tokio::test]
async fn open_housing_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (token, id) = (world.token(grant(&world)), world.request_id());
    let first = open(&world, id.clone(), token.clone(), need()).await.unwrap();
    assert_eq!(
        open(&world, id.clone(), token.clone(), need()).await.unwrap(),
        first
    );
    assert_eq!(list(&world, welfare()).await.len(), 1);
    let other = HousingNeed { size: 3, ..need() };
    assert_eq!(
        refusal(open(&world, id, token, other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn open_housing_refuses_the_wrong_caller() {
    let world = World::start().await;
    let anothers = world.token(world.grant(stranger(), landlord()));
    let outcome = open(&world, world.request_id(), anothers, need()).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    world.end().await;
}

#[tokio::test]
async fn open_housing_answers_an_unknown_id_and_needs_that_cannot_be() {
    let world = World::start().await;
    let outcome = open(&world, world.request_id(), bytes::Bytes::new(), need()).await;
    assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    let wrong = [
        HousingNeed { size: 9, ..need() },
        HousingNeed {
            rent_max_euros: 5001,
            ..need()
        },
        HousingNeed {
            areas: vec!["bij de GGZ".into()],
            ..need()
        },
        HousingNeed {
            areas: vec!["GM0828".into(); 17],
            ..need()
        },
        HousingNeed {
            access: vec![0],
            ..need()
        },
        HousingNeed {
            access: vec![1; 4],
            ..need()
        },
        HousingNeed {
            support: -1,
            ..need()
        },
        HousingNeed { lease: 7, ..need() },
    ];
    for need in wrong {
        let outcome = open(&world, world.request_id(), world.token(grant(&world)), need).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

async fn a_wish(world: &World) -> Housing {
    opened(world, grant(world)).await
}

fn companion(_: &Housing) -> Oin {
    welfare()
}

fn another(world: &World, housing: Housing) -> Housing {
    Housing {
        housing_id: world.unknown_id(),
        ..housing
    }
}

async fn prepare(
    world: &World,
    caller: Oin,
    request_id: String,
    housing: Housing,
) -> Result<Housing, Status> {
    let request = MoveHousingRequest {
        request_id,
        housing_id: housing.housing_id,
        expected_version: housing.version,
        r#move: HousingMove::Prepare.into(),
        lease: 0,
    };
    Ok(world
        .homes(caller)
        .move_housing(request)
        .await?
        .into_inner()
        .housing
        .unwrap())
}

write_tests!(
    move_housing_works, move_housing_repeats_with_the_same_request_id,
    move_housing_refuses_the_wrong_caller, move_housing_answers_an_unknown_id:
    ready a_wish; call prepare; owner companion; other_body another
);

#[tokio::test]
async fn steps_are_each_ones_own_and_follow_each_other() {
    let world = World::start().await;
    let housing = nominated(&world, grant(&world)).await;
    let outcome = take(&world, welfare(), &housing, HousingMove::Offer).await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition);
    let outcome = take(&world, landlord(), &housing, HousingMove::SignLease).await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition);
    let stale = Housing {
        version: 1,
        ..housing.clone()
    };
    let outcome = take(&world, landlord(), &stale, HousingMove::Offer).await;
    assert_eq!(refusal(outcome), ErrorReason::VersionConflict);
    let request = MoveHousingRequest {
        request_id: world.request_id(),
        housing_id: housing.housing_id,
        expected_version: housing.version,
        r#move: HousingMove::Offer.into(),
        lease: LeaseKind::Own.into(),
    };
    for wrong in [
        MoveHousingRequest {
            expected_version: 0,
            ..request.clone()
        },
        MoveHousingRequest {
            r#move: 0,
            ..request.clone()
        },
        MoveHousingRequest {
            r#move: 99,
            ..request.clone()
        },
        request,
    ] {
        let outcome = world.homes(landlord()).move_housing(wrong).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn get_housing_works_until_it_is_a_home() {
    let world = World::start().await;
    let mut housing = signed(&world, grant(&world)).await;
    assert_eq!(
        (housing.state(), housing.lease()),
        (HousingState::Settling, LeaseKind::Own)
    );
    housing = take(&world, landlord(), &housing, HousingMove::AskSupport)
        .await
        .unwrap();
    let seen = get(&world, welfare(), &housing.housing_id).await.unwrap();
    assert!(seen.support_asked.is_some() && seen.contact_due.is_some());
    assert!(seen.steps.len() > 5, "every state and since when");
    for _ in 0..3 {
        let version = get(&world, welfare(), &housing.housing_id).await.unwrap();
        housing = take(&world, welfare(), &version, HousingMove::Contact)
            .await
            .unwrap();
    }
    assert_eq!(
        (housing.contacts, &housing.support_asked, &housing.contact_due),
        (3, &None, &None)
    );
    housing = take(&world, welfare(), &housing, HousingMove::Settle)
        .await
        .unwrap();
    assert_eq!(
        get(&world, landlord(), &housing.housing_id)
            .await
            .unwrap()
            .state(),
        HousingState::Settled
    );
    world.end().await;
}

#[tokio::test]
async fn get_housing_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = grant(&world);
    let housing = nominated(&world, grant).await;
    world.consent.end(grant.id);
    let mut seen = Vec::new();
    for (caller, id) in [
        (stranger(), housing.housing_id.clone()),
        (stranger(), world.unknown_id()),
        (landlord(), housing.housing_id.clone()),
    ] {
        let refused = get(&world, caller, &id).await.unwrap_err();
        seen.push((refused.code(), refused.details().to_vec()));
    }
    assert!(
        seen.iter().all(|it| *it == seen[0]),
        "absent, foreign and unconsented are one answer"
    );
    get(&world, welfare(), &housing.housing_id).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn list_housing_works() {
    let world = World::start().await;
    let (kept, ended) = (grant(&world), grant(&world));
    let first = nominated(&world, kept).await;
    nominated(&world, ended).await;
    a_wish(&world).await;
    world.consent.end(ended.id);
    assert_eq!(list(&world, welfare()).await.len(), 3);
    let seen: Vec<String> = list(&world, landlord())
        .await
        .into_iter()
        .map(|it| it.housing_id)
        .collect();
    assert_eq!(seen, [first.housing_id]);
    world.end().await;
}

#[tokio::test]
async fn list_housing_refuses_the_wrong_caller() {
    let world = World::start().await;
    nominated(&world, grant(&world)).await;
    assert!(list(&world, stranger()).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn count_housing_works_with_counts_only() {
    let world = World::start().await;
    for _ in 0..3 {
        signed(&world, grant(&world)).await;
    }
    nominated(&world, grant(&world)).await;
    let counts = count(&world, welfare()).await;
    let own = counts.own.unwrap();
    assert_eq!((own.nominated, own.own_lease, own.settled), (4, 3, 0));
    assert_eq!(count(&world, landlord()).await.own, Some(own));
    assert_eq!(counts.mesh, None, "three of four would tell of people");
    for _ in 0..7 {
        signed(&world, grant(&world)).await;
    }
    for _ in 0..9 {
        nominated(&world, grant(&world)).await;
    }
    let mesh = count(&world, stranger()).await.mesh.unwrap();
    assert_eq!((mesh.nominated, mesh.own_lease), (20, 10));
    world.end().await;
}

#[tokio::test]
async fn count_housing_refuses_the_wrong_caller() {
    let world = World::start().await;
    signed(&world, grant(&world)).await;
    let counts = count(&world, stranger()).await;
    assert_eq!(
        counts.own,
        Some(HousingCounts::default()),
        "nothing of its own, and nothing of others"
    );
    assert_eq!(counts.mesh, None);
    world.end().await;
}
