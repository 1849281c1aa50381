//! AskCapacity, ListCapacityQuestions, AnswerCapacityQuestion and GetCapacityAnswers.

use sluis_proto::matching::v1::{
    AnswerCapacityQuestionRequest, AnswerCapacityQuestionResponse, AskCapacityRequest, AskCapacityResponse,
    CapacityQuestion, CapacityStatus, GetCapacityAnswersRequest, ListCapacityQuestionsRequest,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{OfferId, Oin};
use tonic::Status;

use crate::world::{DAY, World, centre, coordinator, refusal, stranger, welfare};
use crate::write_tests;

async fn ask(world: &World, request_id: String, offers: &[OfferId]) -> Result<AskCapacityResponse, Status> {
    let request = AskCapacityRequest {
        request_id,
        offer_ids: offers.iter().map(ToString::to_string).collect(),
        within_weeks: 4,
    };
    Ok(world
        .places(coordinator())
        .ask_capacity(request)
        .await?
        .into_inner())
}

async fn waiting(world: &World, organisation: Oin) -> Vec<CapacityQuestion> {
    let list = ListCapacityQuestionsRequest {};
    let reply = world
        .places(organisation)
        .list_capacity_questions(list)
        .await
        .unwrap();
    reply.into_inner().questions
}

/// A question and the offer of welfare that it asks.
async fn a_question(world: &World) -> (String, OfferId) {
    let offer = world.offer(welfare(), 1).await;
    let asked = ask(world, world.request_id(), &[offer]).await.unwrap();
    (asked.question_id, offer)
}

fn asked(_: &(String, OfferId)) -> Oin {
    welfare()
}

fn another(world: &World, (_, offer): (String, OfferId)) -> (String, OfferId) {
    (world.unknown_id(), offer)
}

async fn answer(
    world: &World,
    caller: Oin,
    request_id: String,
    (question_id, offer): (String, OfferId),
) -> Result<AnswerCapacityQuestionResponse, Status> {
    let request = AnswerCapacityQuestionRequest {
        request_id,
        question_id,
        offer_id: offer.to_string(),
        status: 3,
        weeks: 6,
    };
    Ok(world
        .places(caller)
        .answer_capacity_question(request)
        .await?
        .into_inner())
}

write_tests!(
    answer_capacity_question_works, answer_capacity_question_repeats_with_the_same_request_id,
    answer_capacity_question_refuses_the_wrong_caller, answer_capacity_question_answers_an_unknown_id:
    ready a_question; call answer; owner asked; other_body another
);

#[tokio::test]
async fn ask_capacity_works_and_says_nothing_of_who_asks() {
    let world = World::start().await;
    let offers = [world.offer(welfare(), 1).await, world.offer(centre(), 1).await];
    let asked = ask(&world, world.request_id(), &offers).await.unwrap();
    for (organisation, offer) in [(welfare(), offers[0]), (centre(), offers[1])] {
        let questions = waiting(&world, organisation).await;
        let expected = CapacityQuestion {
            question_id: asked.question_id.clone(),
            offer_id: offer.to_string(),
            within_weeks: 4,
            open_until: asked.open_until,
        };
        assert_eq!(questions, [expected], "and there is no field for anything else");
    }
    world.end().await;
}

#[tokio::test]
async fn ask_capacity_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (one, other) = (world.offer(welfare(), 1).await, world.offer(centre(), 1).await);
    let id = world.request_id();
    let first = ask(&world, id.clone(), &[one]).await.unwrap();
    assert_eq!(ask(&world, id.clone(), &[one]).await.unwrap(), first);
    assert_eq!(waiting(&world, welfare()).await.len(), 1);
    assert_eq!(
        refusal(ask(&world, id, &[other]).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn ask_capacity_refuses_the_wrong_caller_who_asks_too_much() {
    let world = World::start().await;
    let offer = world.offer(welfare(), 1).await;
    let many: Vec<OfferId> = (0..33).map(|_| world.unknown_id().parse().unwrap()).collect();
    for offers in [&[][..], &[offer, offer], &many] {
        let outcome = ask(&world, world.request_id(), offers).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn ask_capacity_answers_an_unknown_id() {
    let world = World::start().await;
    let offers = [
        world.offer(welfare(), 1).await,
        world.unknown_id().parse().unwrap(),
    ];
    let outcome = ask(&world, world.request_id(), &offers).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    assert!(waiting(&world, welfare()).await.is_empty(), "nobody was asked");
    world.end().await;
}

#[tokio::test]
async fn list_capacity_questions_works_until_it_is_answered_or_too_late() {
    let world = World::start().await;
    let question = a_question(&world).await;
    let (later, _) = a_question(&world).await;
    assert_eq!(waiting(&world, welfare()).await.len(), 2);
    answer(&world, welfare(), world.request_id(), question)
        .await
        .unwrap();
    let left: Vec<String> = waiting(&world, welfare())
        .await
        .into_iter()
        .map(|it| it.question_id)
        .collect();
    assert_eq!(left, [later]);
    world.clock.advance(14 * DAY);
    assert!(waiting(&world, welfare()).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn list_capacity_questions_refuses_the_wrong_caller() {
    let world = World::start().await;
    a_question(&world).await;
    assert!(waiting(&world, stranger()).await.is_empty());
    assert!(
        waiting(&world, coordinator()).await.is_empty(),
        "who asks is not asked"
    );
    world.end().await;
}

#[tokio::test]
async fn get_capacity_answers_works() {
    let world = World::start().await;
    let offers = [world.offer(welfare(), 1).await, world.offer(centre(), 1).await];
    let asked = ask(&world, world.request_id(), &offers).await.unwrap();
    answer(
        &world,
        welfare(),
        world.request_id(),
        (asked.question_id.clone(), offers[0]),
    )
    .await
    .unwrap();
    let get = GetCapacityAnswersRequest {
        question_id: asked.question_id,
    };
    let answers = world
        .places(coordinator())
        .get_capacity_answers(get)
        .await
        .unwrap()
        .into_inner()
        .answers;
    assert_eq!(answers.len(), 2);
    assert_eq!(
        (answers[0].status(), answers[0].weeks),
        (CapacityStatus::Waitlist, 6)
    );
    assert_eq!(
        (answers[1].status(), answers[1].weeks),
        (CapacityStatus::Unspecified, 0)
    );
    world.end().await;
}

#[tokio::test]
async fn get_capacity_answers_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (question_id, _) = a_question(&world).await;
    let mut seen = Vec::new();
    for (caller, question_id) in [(welfare(), question_id), (coordinator(), world.unknown_id())] {
        let get = GetCapacityAnswersRequest { question_id };
        let refused = world.places(caller).get_capacity_answers(get).await.unwrap_err();
        seen.push((refused.code(), refused.details().to_vec()));
    }
    assert_eq!(seen[0], seen[1], "who was asked learns nothing of the others");
    world.end().await;
}
