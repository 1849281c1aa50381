//! AttachPlace and ListResidentPlaces.

use sluis_envelope::TicketActions;
use sluis_proto::matching::v1::{
    AttachPlaceRequest, AttachPlaceResponse, ListResidentPlacesRequest, Place, PlaceState, ResidentPlace,
    RetireOfferRequest,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::to_proto_timestamp;
use sluis_store_testing::TestDatabases;
use sluis_types::Oin;
use tonic::Status;

use crate::places::{HOLD, another_place, claim, held, release};
use crate::residents::{ticket, wrong_tickets};
use crate::world::{DAY, Grant, NOW, World, centre, oin, refusal, stranger, welfare};
use crate::write_tests;

/// A place and the grant of whom it is for.
type Attached = (Place, Grant);

async fn attach(
    world: &World,
    caller: Oin,
    request_id: String,
    (place, grant): Attached,
) -> Result<AttachPlaceResponse, Status> {
    // Whoever calls has a token of its own: who lacks one is refused before anything is looked at.
    let grant = Grant {
        from: caller,
        ..grant
    };
    let request = AttachPlaceRequest {
        request_id,
        grant_token: world.token(grant),
        offer_id: place.offer_id,
        place_id: place.place_id,
    };
    let reply = world.attached_places(caller).attach_place(request).await?;
    Ok(reply.into_inner())
}

async fn list(world: &World, ticket: bytes::Bytes) -> Result<Vec<ResidentPlace>, Status> {
    let request = ListResidentPlacesRequest { ticket };
    let reply = world.resident_places().list_resident_places(request).await?;
    Ok(reply.into_inner().places)
}

/// What the resident of a grant sees.
async fn seen(world: &World, grant: Grant) -> Vec<ResidentPlace> {
    list(world, ticket(world, grant, TicketActions::READ))
        .await
        .unwrap()
}

/// The states and numbers that the resident of a grant sees.
async fn standings(world: &World, grant: Grant) -> Vec<(PlaceState, u32)> {
    let places = seen(world, grant).await;
    places
        .iter()
        .map(|place| (place.state(), place.position))
        .collect()
}

/// A place of welfare's that the centre holds, and a grant from the one to the other.
async fn a_place_and_a_grant(world: &World) -> Attached {
    let offer = world.offer(welfare(), 1).await;
    let place = held(world, centre(), offer, false).await.unwrap();
    (place, world.grant(centre(), welfare()))
}

fn holder(_: &Attached) -> Oin {
    centre()
}

fn another(world: &World, (place, grant): Attached) -> Attached {
    (another_place(world, place), grant)
}

write_tests!(
    attach_place_works, attach_place_repeats_with_the_same_request_id,
    attach_place_refuses_the_wrong_caller, attach_place_answers_an_unknown_id:
    ready a_place_and_a_grant; call attach; owner holder; other_body another
);

#[tokio::test]
async fn attach_place_takes_a_grant_for_whoever_offers_it_and_no_other() {
    let world = World::start().await;
    let (place, _) = a_place_and_a_grant(&world).await;
    let elsewhere = world.grant(centre(), oin(5));
    let outcome = attach(&world, centre(), world.request_id(), (place.clone(), elsewhere)).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    assert_eq!(seen(&world, elsewhere).await, []);
    let request = AttachPlaceRequest {
        request_id: world.request_id(),
        grant_token: world.token(world.grant(stranger(), welfare())),
        offer_id: place.offer_id,
        place_id: place.place_id,
    };
    let outcome = world.attached_places(centre()).attach_place(request).await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::GrantTokenRefused,
        "another's token"
    );
    world.end().await;
}

#[tokio::test]
async fn list_resident_places_works_as_the_place_goes_on_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let (first, grant) = a_place_and_a_grant(&world).await;
        let offer = first.offer_id.parse().unwrap();
        let other = world.grant(centre(), welfare());
        let second = held(&world, centre(), offer, true).await.unwrap();
        assert_eq!(seen(&world, grant).await, [], "not before it is attached");
        for it in [(first.clone(), grant), (second.clone(), other)] {
            attach(&world, centre(), world.request_id(), it).await.unwrap();
        }
        let expected = ResidentPlace {
            offer_id: first.offer_id.clone(),
            offer_name: "Samen koken".into(),
            organisation: welfare().to_string(),
            holder: centre().to_string(),
            state: PlaceState::Held.into(),
            held_until: Some(to_proto_timestamp(NOW.plus(HOLD))),
            position: 0,
            attached_at: Some(to_proto_timestamp(NOW)),
        };
        assert_eq!(seen(&world, grant).await, [expected]);
        assert_eq!(standings(&world, other).await, [(PlaceState::Waiting, 1)]);
        // Nobody does anything: the first was not claimed in time, and the next in line has it.
        world.clock.advance(HOLD);
        assert_eq!(standings(&world, grant).await, [(PlaceState::Ended, 0)]);
        assert_eq!(standings(&world, other).await, [(PlaceState::Held, 0)]);
        claim(&world, welfare(), world.request_id(), second)
            .await
            .unwrap();
        assert_eq!(standings(&world, other).await, [(PlaceState::Claimed, 0)]);
        // What is past is shown for a while.
        world.clock.advance(90 * DAY);
        assert_eq!(seen(&world, grant).await, []);
        assert_eq!(seen(&world, other).await, [], "{}", database.name());
        world.end().await;
    }
}

#[tokio::test]
async fn a_place_is_seen_by_one_resident_and_by_the_last_one_it_was_attached_for() {
    let world = World::start().await;
    let (place, wrong) = a_place_and_a_grant(&world).await;
    let right = world.grant(centre(), welfare());
    for grant in [wrong, right] {
        attach(&world, centre(), world.request_id(), (place.clone(), grant))
            .await
            .unwrap();
    }
    assert_eq!(seen(&world, wrong).await, []);
    assert_eq!(standings(&world, right).await, [(PlaceState::Held, 0)]);
    // And back: it stands in the list once.
    for grant in [wrong, wrong] {
        attach(&world, centre(), world.request_id(), (place.clone(), grant))
            .await
            .unwrap();
    }
    assert_eq!(standings(&world, wrong).await, [(PlaceState::Held, 0)]);
    assert_eq!(seen(&world, right).await, []);
    world.end().await;
}

#[tokio::test]
async fn a_place_is_seen_after_its_offer_was_retired_and_until_it_is_given_back() {
    let world = World::start().await;
    let (place, grant) = a_place_and_a_grant(&world).await;
    let it = (place.clone(), grant);
    attach(&world, centre(), world.request_id(), it).await.unwrap();
    let request = RetireOfferRequest {
        request_id: world.request_id(),
        offer_id: place.offer_id.clone(),
        expected_version: 2,
    };
    world.directory(welfare()).retire_offer(request).await.unwrap();
    let listed = seen(&world, grant).await;
    assert_eq!(
        (listed[0].state(), listed[0].offer_name.as_str()),
        (PlaceState::Held, "Samen koken")
    );
    release(&world, centre(), world.request_id(), place)
        .await
        .unwrap();
    assert_eq!(standings(&world, grant).await, [(PlaceState::Ended, 0)]);
    world.end().await;
}

#[tokio::test]
async fn list_resident_places_shows_the_newest() {
    let world = World::start().await;
    let grant = world.grant(centre(), welfare());
    for _ in 0..5 {
        let offer = world.offer(welfare(), 8).await;
        for _ in 0..8 {
            let place = held(&world, centre(), offer, false).await.unwrap();
            attach(&world, centre(), world.request_id(), (place, grant))
                .await
                .unwrap();
        }
        world.clock.advance(DAY / 24);
    }
    let listed = seen(&world, grant).await;
    assert_eq!(listed.len(), 32);
    assert_eq!(
        listed[0].attached_at,
        Some(to_proto_timestamp(NOW.plus(DAY / 24)))
    );
    world.end().await;
}

#[tokio::test]
async fn list_resident_places_refuses_the_wrong_caller() {
    let world = World::start().await;
    let it = a_place_and_a_grant(&world).await;
    attach(&world, centre(), world.request_id(), it.clone())
        .await
        .unwrap();
    let wrong = wrong_tickets(&world, it.1, TicketActions::READ);
    for (number, ticket) in wrong.into_iter().enumerate() {
        match list(&world, ticket).await {
            // Another grant's ticket is a good one: it shows that grant's, which has none.
            Ok(places) => assert!(number == 4 && places.is_empty(), "{number}"),
            refused => assert_eq!(refusal(refused), ErrorReason::NotAvailable, "{number}"),
        }
    }
    let outcome = list(&world, bytes::Bytes::from_static(b"ticket")).await;
    assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    world.end().await;
}
