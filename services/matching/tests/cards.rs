//! EnrolCard, RemoveCard and ListCards.

use sluis_proto::matching::v1::{
    Card, CardContent, EnrolCardRequest, EnrolCardResponse, ListCardsRequest, RemoveCardRequest,
    RemoveCardResponse,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{CardId, Oin};
use tonic::Status;

use crate::world::{DAY, Grant, World, card, centre, coordinator, refusal, welfare};
use crate::write_tests;

async fn enrol(
    world: &World,
    request_id: String,
    grant_token: bytes::Bytes,
    content: CardContent,
) -> Result<EnrolCardResponse, Status> {
    let request = EnrolCardRequest {
        request_id,
        grant_token,
        person_tag: vec![7; 32].into(),
        content: Some(content),
    };
    Ok(world
        .introductions(welfare())
        .enrol_card(request)
        .await?
        .into_inner())
}

pub(crate) async fn list(world: &World, organisation: Oin) -> Vec<Card> {
    let reply = world
        .introductions(organisation)
        .list_cards(ListCardsRequest {})
        .await
        .unwrap();
    reply.into_inner().cards
}

async fn a_card(world: &World) -> CardId {
    world
        .enrol(world.grant(welfare(), coordinator()), [7; 32], 1)
        .await
}

fn owner(_: &CardId) -> Oin {
    welfare()
}

fn unknown(world: &World, _: CardId) -> CardId {
    world.unknown_id().parse().unwrap()
}

async fn remove(
    world: &World,
    caller: Oin,
    request_id: String,
    card: CardId,
) -> Result<RemoveCardResponse, Status> {
    let request = RemoveCardRequest {
        request_id,
        card_id: card.to_string(),
    };
    Ok(world
        .introductions(caller)
        .remove_card(request)
        .await?
        .into_inner())
}

write_tests!(
    remove_card_works, remove_card_repeats_with_the_same_request_id,
    remove_card_refuses_the_wrong_caller, remove_card_answers_an_unknown_id:
    ready a_card; call remove; owner owner; other_body unknown
);

fn grant(world: &World) -> Grant {
    world.grant(welfare(), coordinator())
}

#[tokio::test]
async fn enrol_card_works() {
    let world = World::start().await;
    let token = world.token(grant(&world));
    let enrolled = enrol(&world, world.request_id(), token, card(1)).await.unwrap();
    let expected = Card {
        card_id: enrolled.card_id,
        organisation: welfare().to_string(),
        content: Some(card(1)),
    };
    assert_eq!(list(&world, coordinator()).await, [expected]);
    world.end().await;
}

#[tokio::test]
async fn enrol_card_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (token, id) = (world.token(grant(&world)), world.request_id());
    let first = enrol(&world, id.clone(), token.clone(), card(1)).await.unwrap();
    assert_eq!(
        enrol(&world, id.clone(), token.clone(), card(1)).await.unwrap(),
        first
    );
    assert_eq!(list(&world, coordinator()).await.len(), 1);
    assert_eq!(
        refusal(enrol(&world, id, token, card(2)).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn enrol_card_refuses_the_wrong_caller() {
    let world = World::start().await;
    // A token of another organisation's grant, and one that is over.
    let anothers = world.token(world.grant(centre(), coordinator()));
    let outcome = enrol(&world, world.request_id(), anothers, card(1)).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    let old = world.token(grant(&world));
    world.clock.advance(DAY);
    let outcome = enrol(&world, world.request_id(), old, card(1)).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    assert!(list(&world, coordinator()).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn enrol_card_answers_an_unknown_id_and_what_says_too_much() {
    let world = World::start().await;
    let outcome = enrol(
        &world,
        world.request_id(),
        bytes::Bytes::from_static(b"token"),
        card(1),
    )
    .await;
    assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    let wrong = [
        CardContent { role: 0, ..card(1) },
        CardContent {
            week_parts: 1 << 21,
            ..card(1)
        },
        CardContent {
            hours_max: 41,
            ..card(1)
        },
        CardContent {
            distance: 9,
            ..card(1)
        },
        CardContent {
            area: "WK082803".into(),
            ..card(1)
        },
        CardContent {
            area: "Anna uit Oss".into(),
            ..card(1)
        },
        CardContent {
            languages: vec!["Nederlands en Pools".into()],
            ..card(1)
        },
        CardContent {
            languages: vec!["nl".into(); 9],
            ..card(1)
        },
        CardContent { gender: 9, ..card(1) },
        CardContent {
            tags: vec!["Anna, bel 0412".into()],
            ..card(1)
        },
        CardContent {
            tags: vec!["wandelen".into(); 13],
            ..card(1)
        },
    ];
    for content in wrong {
        let outcome = enrol(&world, world.request_id(), world.token(grant(&world)), content).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn list_cards_works_while_consent_is_live() {
    let world = World::start().await;
    let (kept, ended) = (grant(&world), grant(&world));
    let card = world.enrol(kept, [1; 32], 1).await;
    world.enrol(ended, [2; 32], 1).await;
    world.consent.end(ended.id);
    let shown: Vec<String> = list(&world, coordinator())
        .await
        .into_iter()
        .map(|it| it.card_id)
        .collect();
    assert_eq!(shown, [card.to_string()]);
    remove(&world, welfare(), world.request_id(), card).await.unwrap();
    assert!(list(&world, coordinator()).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn list_cards_refuses_the_wrong_caller() {
    let world = World::start().await;
    a_card(&world).await;
    assert!(
        list(&world, welfare()).await.is_empty(),
        "who put it down does not coordinate"
    );
    assert!(list(&world, centre()).await.is_empty());
    world.end().await;
}
