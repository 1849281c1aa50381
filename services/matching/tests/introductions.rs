//! ProposeIntroduction, AnswerIntroduction, GetIntroduction, ListIntroductions, ReviewIntroduction and EndIntroduction.

use sluis_proto::matching::v1::{
    AnswerIntroductionRequest, EndIntroductionRequest, GetIntroductionRequest, Introduction,
    IntroductionAnswer, IntroductionState, ListIntroductionsRequest, ProposeIntroductionRequest,
    ReviewIntroductionRequest,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{CardId, Oin};
use tonic::Status;

use crate::world::{DAY, Grant, World, card, centre, coordinator, refusal, stranger, welfare};
use crate::write_tests;

/// A resident of welfare, who seeks, and a volunteer of the centre, who offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Two {
    pub(crate) seeks: Grant,
    pub(crate) seeks_tag: [u8; 32],
    pub(crate) seeks_card: CardId,
    pub(crate) offers: Grant,
    pub(crate) offers_tag: [u8; 32],
    pub(crate) offers_card: CardId,
}

pub(crate) async fn two(world: &World) -> Two {
    let (seeks, offers) = (
        world.grant(welfare(), coordinator()),
        world.grant(centre(), coordinator()),
    );
    let (seeks_tag, offers_tag) = (world.tag(), world.tag());
    Two {
        seeks,
        seeks_tag,
        seeks_card: world.enrol(seeks, seeks_tag, 1).await,
        offers,
        offers_tag,
        offers_card: world.enrol(offers, offers_tag, 2).await,
    }
}

pub(crate) async fn propose(
    world: &World,
    caller: Oin,
    request_id: String,
    cards: [CardId; 2],
) -> Result<Introduction, Status> {
    let request = ProposeIntroductionRequest {
        request_id,
        card_ids: cards.iter().map(ToString::to_string).collect(),
    };
    let reply = world.introductions(caller).propose_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

pub(crate) async fn proposed(world: &World, two: &Two) -> String {
    let cards = [two.seeks_card, two.offers_card];
    let introduction = propose(world, coordinator(), world.request_id(), cards)
        .await
        .unwrap();
    introduction.introduction_id
}

pub(crate) async fn say(
    world: &World,
    caller: Oin,
    id: &str,
    answer: IntroductionAnswer,
    exclude: bool,
) -> Result<Introduction, Status> {
    let request = AnswerIntroductionRequest {
        request_id: world.request_id(),
        introduction_id: id.to_owned(),
        answer: answer.into(),
        exclude,
    };
    let reply = world.introductions(caller).answer_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

pub(crate) async fn get(world: &World, caller: Oin, id: &str) -> Result<Introduction, Status> {
    let request = GetIntroductionRequest {
        introduction_id: id.to_owned(),
    };
    let reply = world.introductions(caller).get_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

pub(crate) async fn list(
    world: &World,
    caller: Oin,
    card: Option<CardId>,
) -> Result<Vec<Introduction>, Status> {
    let request = ListIntroductionsRequest {
        card_id: card.map(|card| card.to_string()).unwrap_or_default(),
    };
    Ok(world
        .introductions(caller)
        .list_introductions(request)
        .await?
        .into_inner()
        .introductions)
}

async fn offered(world: &World) -> String {
    let two = two(world).await;
    proposed(world, &two).await
}

async fn introduced(world: &World) -> String {
    let id = offered(world).await;
    for side in [welfare(), centre()] {
        say(world, side, &id, IntroductionAnswer::Yes, false)
            .await
            .unwrap();
    }
    id
}

fn side(_: &String) -> Oin {
    welfare()
}

fn unknown(world: &World, _: String) -> String {
    world.unknown_id()
}

async fn answer(world: &World, caller: Oin, request_id: String, id: String) -> Result<Introduction, Status> {
    let request = AnswerIntroductionRequest {
        request_id,
        introduction_id: id,
        answer: IntroductionAnswer::Yes.into(),
        exclude: false,
    };
    let reply = world.introductions(caller).answer_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

async fn review(world: &World, caller: Oin, request_id: String, id: String) -> Result<Introduction, Status> {
    let request = ReviewIntroductionRequest {
        request_id,
        introduction_id: id,
    };
    let reply = world.introductions(caller).review_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

async fn end(world: &World, caller: Oin, request_id: String, id: String) -> Result<Introduction, Status> {
    let request = EndIntroductionRequest {
        request_id,
        introduction_id: id,
        exclude: false,
    };
    let reply = world.introductions(caller).end_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

/// A second introduction of the same side, for the same request id with another body.
async fn two_offered(world: &World) -> String {
    offered(world).await
}

macro_rules! introduction_tests {
    ($call:ident, $ready:ident, $works:ident, $repeats:ident, $refuses:ident, $unknown:ident) => {
        write_tests!($works, $repeats, $refuses, $unknown: ready $ready; call $call; owner side; other_body unknown);
    };
}

#[tokio::test]
async fn propose_introduction_works() {
    let world = World::start().await;
    let two = two(&world).await;
    let id = proposed(&world, &two).await;
    for (caller, mine) in [(welfare(), two.seeks_card), (centre(), two.offers_card)] {
        let seen = get(&world, caller, &id).await.unwrap();
        assert_eq!(seen.state(), IntroductionState::Offered);
        let others_role = if caller == welfare() { 2 } else { 1 };
        assert_eq!(
            seen.other,
            Some(card(others_role)),
            "the other's card, and no more"
        );
        assert!(seen.other_organisation.is_empty() && seen.trial_until.is_none());
        assert_eq!(list(&world, caller, Some(mine)).await.unwrap(), [seen]);
    }
    let seen = get(&world, coordinator(), &id).await.unwrap();
    assert_eq!((seen.state(), &seen.other), (IntroductionState::Offered, &None));
    assert_eq!(list(&world, coordinator(), None).await.unwrap(), [seen]);
    world.end().await;
}

#[tokio::test]
async fn propose_introduction_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (first, second) = (two(&world).await, two(&world).await);
    let id = world.request_id();
    let cards = [first.seeks_card, first.offers_card];
    let once = propose(&world, coordinator(), id.clone(), cards).await.unwrap();
    assert_eq!(
        propose(&world, coordinator(), id.clone(), cards).await.unwrap(),
        once
    );
    assert_eq!(list(&world, coordinator(), None).await.unwrap().len(), 1);
    let other = propose(&world, coordinator(), id, [second.seeks_card, second.offers_card]).await;
    assert_eq!(refusal(other), ErrorReason::RequestIdReused);
    world.end().await;
}

#[tokio::test]
async fn propose_introduction_refuses_the_wrong_caller_and_people_without_consent() {
    let world = World::start().await;
    let it = two(&world).await;
    let cards = [it.seeks_card, it.offers_card];
    for caller in [welfare(), centre(), stranger()] {
        let outcome = propose(&world, caller, world.request_id(), cards).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    // Two people of one organisation: it would learn both answers.
    let same = world
        .enrol(world.grant(welfare(), coordinator()), world.tag(), 2)
        .await;
    let outcome = propose(&world, coordinator(), world.request_id(), [it.seeks_card, same]).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.consent.end(it.offers.id);
    let outcome = propose(&world, coordinator(), world.request_id(), cards).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn propose_introduction_answers_an_unknown_id() {
    let world = World::start().await;
    let it = two(&world).await;
    let unknown = world.unknown_id().parse().unwrap();
    let outcome = propose(
        &world,
        coordinator(),
        world.request_id(),
        [it.seeks_card, unknown],
    )
    .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let outcome = propose(
        &world,
        coordinator(),
        world.request_id(),
        [it.seeks_card, it.seeks_card],
    )
    .await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    world.end().await;
}

introduction_tests!(
    answer,
    two_offered,
    answer_introduction_works,
    answer_introduction_repeats_with_the_same_request_id,
    answer_introduction_refuses_the_wrong_caller,
    answer_introduction_answers_an_unknown_id
);
introduction_tests!(
    review,
    introduced,
    review_introduction_works,
    review_introduction_repeats_with_the_same_request_id,
    review_introduction_refuses_the_wrong_caller,
    review_introduction_answers_an_unknown_id
);
introduction_tests!(
    end,
    introduced,
    end_introduction_works,
    end_introduction_repeats_with_the_same_request_id,
    end_introduction_refuses_the_wrong_caller,
    end_introduction_answers_an_unknown_id
);

#[tokio::test]
async fn two_yeses_are_told_to_both_and_reveal_whom_to_write_to() {
    let world = World::start().await;
    let id = introduced(&world).await;
    let seen = get(&world, welfare(), &id).await.unwrap();
    assert_eq!(
        (seen.state(), seen.other_organisation),
        (IntroductionState::Trial, centre().to_string())
    );
    let seen = get(&world, centre(), &id).await.unwrap();
    assert_eq!(
        (seen.state(), seen.other_organisation),
        (IntroductionState::Trial, welfare().to_string())
    );
    world.clock.advance(7 * DAY);
    assert_eq!(
        get(&world, centre(), &id).await.unwrap().state(),
        IntroductionState::Active
    );
    let reviewed = review(&world, centre(), world.request_id(), id.clone())
        .await
        .unwrap();
    assert!(reviewed.review_by.unwrap().seconds > seen.review_by.unwrap().seconds);
    end(&world, welfare(), world.request_id(), id.clone())
        .await
        .unwrap();
    let ended = get(&world, centre(), &id).await.unwrap();
    assert_eq!(
        (ended.state(), ended.other_organisation.as_str()),
        (IntroductionState::Ended, "")
    );
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_says_what_can() {
    let world = World::start().await;
    let id = offered(&world).await;
    let too_soon = end(&world, welfare(), world.request_id(), id.clone()).await;
    assert_eq!(refusal(too_soon), ErrorReason::IllegalTransition);
    let coordinators_word = answer(&world, coordinator(), world.request_id(), id.clone()).await;
    assert_eq!(refusal(coordinators_word), ErrorReason::IllegalTransition);
    let nothing = say(&world, welfare(), &id, IntroductionAnswer::Unspecified, false).await;
    assert_eq!(refusal(nothing), ErrorReason::InvalidField);
    say(&world, welfare(), &id, IntroductionAnswer::No, false)
        .await
        .unwrap();
    let changed = say(&world, welfare(), &id, IntroductionAnswer::Yes, false).await;
    assert_eq!(refusal(changed), ErrorReason::IllegalTransition);
    world.end().await;
}

#[tokio::test]
async fn without_live_consent_a_side_is_nobody() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    say(&world, welfare(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    world.consent.end(it.seeks.id);
    assert_eq!(
        refusal(get(&world, welfare(), &id).await),
        ErrorReason::NotAvailable
    );
    let other = say(&world, centre(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    assert_eq!(
        other.state(),
        IntroductionState::Waiting,
        "no consent looks like no answer"
    );
    world.end().await;
}

#[tokio::test]
async fn get_introduction_works() {
    let world = World::start().await;
    let id = offered(&world).await;
    assert_eq!(get(&world, welfare(), &id).await.unwrap().introduction_id, id);
    world.end().await;
}

#[tokio::test]
async fn get_introduction_refuses_the_wrong_caller() {
    let world = World::start().await;
    let id = offered(&world).await;
    let foreign = get(&world, stranger(), &id).await.unwrap_err();
    let absent = get(&world, stranger(), &world.unknown_id()).await.unwrap_err();
    assert_eq!(
        (foreign.code(), foreign.details()),
        (absent.code(), absent.details())
    );
    world.end().await;
}

#[tokio::test]
async fn list_introductions_works_and_is_empty_for_who_has_none() {
    let world = World::start().await;
    let it = two(&world).await;
    proposed(&world, &it).await;
    assert_eq!(
        list(&world, welfare(), Some(it.seeks_card)).await.unwrap().len(),
        1
    );
    assert!(
        list(&world, welfare(), None).await.unwrap().is_empty(),
        "it proposed none"
    );
    world.end().await;
}

#[tokio::test]
async fn list_introductions_refuses_the_wrong_caller() {
    let world = World::start().await;
    let it = two(&world).await;
    proposed(&world, &it).await;
    for caller in [stranger(), centre(), coordinator()] {
        let outcome = list(&world, caller, Some(it.seeks_card)).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable, "another's card");
    }
    world.end().await;
}
