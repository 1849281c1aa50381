//! HoldPlace, ReleasePlace, ClaimPlace and GetPlace.

use std::time::Duration;

use sluis_proto::matching::v1::{
    ClaimPlaceRequest, ClaimPlaceResponse, GetPlaceRequest, HoldPlaceRequest, HoldPlaceResponse, Place,
    PlaceState, ReleasePlaceRequest, ReleasePlaceResponse,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_store_testing::TestDatabases;
use sluis_types::{OfferId, Oin};
use tonic::Status;

use crate::world::{World, centre, oin, refusal, stranger, welfare};
use crate::write_tests;

/// The hold of a place, in hours.
pub(crate) const HOLD: Duration = Duration::from_hours(72);

async fn hold_or_wait(
    world: &World,
    caller: Oin,
    request_id: String,
    offer: OfferId,
    wait: bool,
) -> Result<HoldPlaceResponse, Status> {
    let request = HoldPlaceRequest {
        request_id,
        offer_id: offer.to_string(),
        wait,
    };
    Ok(world.places(caller).hold_place(request).await?.into_inner())
}

pub(crate) async fn held(world: &World, caller: Oin, offer: OfferId, wait: bool) -> Result<Place, Status> {
    let reply = hold_or_wait(world, caller, world.request_id(), offer, wait).await?;
    Ok(reply.place.unwrap())
}

async fn get(world: &World, caller: Oin, place: &Place) -> Result<Place, Status> {
    let request = GetPlaceRequest {
        offer_id: place.offer_id.clone(),
        place_id: place.place_id.clone(),
    };
    Ok(world
        .places(caller)
        .get_place(request)
        .await?
        .into_inner()
        .place
        .unwrap())
}

pub(crate) async fn release(
    world: &World,
    caller: Oin,
    request_id: String,
    place: Place,
) -> Result<ReleasePlaceResponse, Status> {
    let request = ReleasePlaceRequest {
        request_id,
        offer_id: place.offer_id,
        place_id: place.place_id,
    };
    Ok(world.places(caller).release_place(request).await?.into_inner())
}

pub(crate) async fn claim(
    world: &World,
    caller: Oin,
    request_id: String,
    place: Place,
) -> Result<ClaimPlaceResponse, Status> {
    let request = ClaimPlaceRequest {
        request_id,
        offer_id: place.offer_id,
        place_id: place.place_id,
    };
    Ok(world.places(caller).claim_place(request).await?.into_inner())
}

async fn a_held_place(world: &World) -> Place {
    let offer = world.offer(welfare(), 2).await;
    held(world, centre(), offer, false).await.unwrap()
}

fn holder(_: &Place) -> Oin {
    centre()
}

fn offerer(_: &Place) -> Oin {
    welfare()
}

pub(crate) fn another_place(world: &World, place: Place) -> Place {
    Place {
        place_id: world.unknown_id(),
        ..place
    }
}

write_tests!(
    release_place_works, release_place_repeats_with_the_same_request_id,
    release_place_refuses_the_wrong_caller, release_place_answers_an_unknown_id:
    ready a_held_place; call release; owner holder; other_body another_place
);
write_tests!(
    claim_place_works, claim_place_repeats_with_the_same_request_id,
    claim_place_refuses_the_wrong_caller, claim_place_answers_an_unknown_id:
    ready a_held_place; call claim; owner offerer; other_body another_place
);

#[tokio::test]
async fn hold_place_works_and_a_full_offer_has_a_line() {
    let world = World::start().await;
    let offer = world.offer(welfare(), 1).await;
    let first = held(&world, centre(), offer, false).await.unwrap();
    assert_eq!(first.state(), PlaceState::Held);
    assert_eq!(
        refusal(held(&world, stranger(), offer, false).await),
        ErrorReason::PlacesTaken
    );
    let second = held(&world, stranger(), offer, true).await.unwrap();
    let third = held(&world, oin(8), offer, true).await.unwrap();
    assert_eq!((second.state(), second.position), (PlaceState::Waiting, 1));
    assert_eq!((third.state(), third.position), (PlaceState::Waiting, 2));
    release(&world, centre(), world.request_id(), first)
        .await
        .unwrap();
    assert_eq!(
        get(&world, stranger(), &second).await.unwrap().state(),
        PlaceState::Held
    );
    assert_eq!(get(&world, oin(8), &third).await.unwrap().position, 1);
    // Who does not come loses the place to the next, without anybody doing anything.
    world.clock.advance(HOLD);
    assert_eq!(
        refusal(get(&world, stranger(), &second).await),
        ErrorReason::NotAvailable
    );
    assert_eq!(
        get(&world, oin(8), &third).await.unwrap().state(),
        PlaceState::Held
    );
    world.end().await;
}

#[tokio::test]
async fn hold_place_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let offer = world.offer(welfare(), 2).await;
    let id = world.request_id();
    let first = hold_or_wait(&world, centre(), id.clone(), offer, false)
        .await
        .unwrap();
    let again = hold_or_wait(&world, centre(), id.clone(), offer, false)
        .await
        .unwrap();
    assert_eq!(first, again, "one place, not two");
    let other = hold_or_wait(&world, centre(), id, offer, true).await;
    assert_eq!(refusal(other), ErrorReason::RequestIdReused);
    held(&world, stranger(), offer, false).await.unwrap();
    assert_eq!(
        refusal(held(&world, stranger(), offer, false).await),
        ErrorReason::PlacesTaken
    );
    world.end().await;
}

#[tokio::test]
async fn hold_place_refuses_the_wrong_caller_who_takes_too_many() {
    let world = World::start().await;
    let offer = world.offer(welfare(), 40).await;
    for _ in 0..8 {
        held(&world, centre(), offer, true).await.unwrap();
    }
    assert_eq!(
        refusal(held(&world, centre(), offer, true).await),
        ErrorReason::PlacesTaken
    );
    held(&world, stranger(), offer, false).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn hold_place_answers_an_unknown_id() {
    let world = World::start().await;
    let unknown = world.unknown_id().parse().unwrap();
    assert_eq!(
        refusal(held(&world, centre(), unknown, true).await),
        ErrorReason::NotAvailable
    );
    world.end().await;
}

#[tokio::test]
async fn get_place_works() {
    let world = World::start().await;
    let place = a_held_place(&world).await;
    assert_eq!(get(&world, centre(), &place).await.unwrap(), place);
    let claimed = claim(&world, welfare(), world.request_id(), place.clone())
        .await
        .unwrap();
    assert_eq!(claimed.place.unwrap().state(), PlaceState::Claimed);
    let twice = claim(&world, welfare(), world.request_id(), place).await;
    assert_eq!(refusal(twice), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn get_place_refuses_the_wrong_caller() {
    let world = World::start().await;
    let place = a_held_place(&world).await;
    let foreign = get(&world, stranger(), &place).await.unwrap_err();
    // The offering organisation is told of a place by a sealed referral, and by nothing else.
    let offering = get(&world, welfare(), &place).await.unwrap_err();
    let absent = get(&world, centre(), &another_place(&world, place))
        .await
        .unwrap_err();
    for other in [offering, absent] {
        assert_eq!(
            (foreign.code(), foreign.details()),
            (other.code(), other.details())
        );
    }
    world.end().await;
}

#[tokio::test]
async fn fewer_places_than_are_held_cannot_be_told() {
    let world = World::start().await;
    let offer = world.offer(welfare(), 2).await;
    held(&world, centre(), offer, false).await.unwrap();
    held(&world, stranger(), offer, false).await.unwrap();
    let request = sluis_proto::matching::v1::ReportCapacityRequest {
        request_id: world.request_id(),
        offer_id: offer.to_string(),
        status: 2,
        weeks_min: 0,
        weeks_max: 0,
        places: Some(1),
    };
    let outcome = world.directory(welfare()).report_capacity(request).await;
    assert_eq!(refusal(outcome), ErrorReason::PlacesTaken);
    world.end().await;
}

#[tokio::test]
async fn places_are_never_oversold_to_64_at_once_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let offer = world.offer(welfare(), 7).await;
        let holders: Vec<Oin> = (10..74).map(oin).collect();
        let attempts = holders
            .iter()
            .map(|holder| held(&world, *holder, offer, holder.as_str() > oin(40).as_str()));
        let outcomes = futures_util::future::join_all(attempts).await;
        let mut places: Vec<(Oin, Place)> = Vec::new();
        for (holder, outcome) in holders.iter().zip(outcomes) {
            match outcome {
                Ok(place) => places.push((*holder, place)),
                refused => assert_eq!(refusal(refused), ErrorReason::PlacesTaken),
            }
        }
        let count = |state| places.iter().filter(|(_, place)| place.state() == state).count();
        assert_eq!(count(PlaceState::Held), 7, "{}", database.name());
        let mut positions: Vec<u32> = places
            .iter()
            .map(|(_, place)| place.position)
            .filter(|it| *it > 0)
            .collect();
        positions.sort_unstable();
        let expected: Vec<u32> = (1..).take(positions.len()).collect();
        assert_eq!(positions, expected, "every number once");
        // All that hold are claimed at once, twice each: never more than were open.
        let claims = places.iter().flat_map(|(_, place)| [place, place]);
        let claims = claims.map(|place| claim(&world, welfare(), world.request_id(), place.clone()));
        let claimed = futures_util::future::join_all(claims).await;
        assert_eq!(
            claimed.iter().filter(|outcome| outcome.is_ok()).count(),
            7,
            "{}",
            database.name()
        );
        assert_eq!(
            refusal(held(&world, oin(99), offer, false).await),
            ErrorReason::PlacesTaken
        );
        world.end().await;
    }
}
