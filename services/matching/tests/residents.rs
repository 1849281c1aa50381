//! ListResidentIntroductions, AnswerResidentIntroduction and EndResidentIntroduction.

use sluis_envelope::{KeyKind, ResidentTicket, Signed, SigningKey, TicketActions};
use sluis_proto::matching::v1::{
    AnswerResidentIntroductionRequest, EndResidentIntroductionRequest, Introduction, IntroductionAnswer,
    IntroductionState, ListResidentIntroductionsRequest,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::Service;
use tonic::Status;

use crate::introductions::{Two, get, proposed, say, two};
use crate::world::{DAY, Grant, SESSION, World, centre, refusal, ticket_key, welfare};

fn signed(ticket: ResidentTicket) -> bytes::Bytes {
    Signed::sign(ticket, &ticket_key()).encode().into()
}

pub(crate) fn ticket(world: &World, grant: Grant, actions: TicketActions) -> bytes::Bytes {
    signed(world.ticket(grant, actions))
}

async fn list(world: &World, ticket: bytes::Bytes) -> Result<Vec<Introduction>, Status> {
    let request = ListResidentIntroductionsRequest { ticket };
    let reply = world
        .resident(SESSION)
        .list_resident_introductions(request)
        .await?;
    Ok(reply.into_inner().introductions)
}

async fn answer(
    world: &World,
    request_id: String,
    ticket: bytes::Bytes,
    id: &str,
    answer: IntroductionAnswer,
) -> Result<Introduction, Status> {
    let request = AnswerResidentIntroductionRequest {
        request_id,
        ticket,
        introduction_id: id.to_owned(),
        answer: answer.into(),
        exclude: false,
    };
    let reply = world
        .resident(SESSION)
        .answer_resident_introduction(request)
        .await?;
    Ok(reply.into_inner().introduction.unwrap())
}

async fn end(
    world: &World,
    request_id: String,
    ticket: bytes::Bytes,
    id: &str,
) -> Result<Introduction, Status> {
    let request = EndResidentIntroductionRequest {
        request_id,
        ticket,
        introduction_id: id.to_owned(),
        exclude: true,
    };
    let reply = world.resident(SESSION).end_resident_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

/// Tickets that allow nothing here: each differs in one thing.
pub(crate) fn wrong_tickets(world: &World, grant: Grant, asked: TicketActions) -> Vec<bytes::Bytes> {
    let good = world.ticket(grant, asked);
    let all = [TicketActions::READ, TicketActions::STOP, TicketActions::DECIDE];
    let [one, other] = all.into_iter().filter(|it| *it != asked).collect::<Vec<_>>()[..] else {
        panic!("three actions")
    };
    let stranger = SigningKey::from_seed(KeyKind::Ticket, &[98; 32]);
    vec![
        signed(ResidentTicket {
            actions: one.and(other),
            ..good.clone()
        }),
        signed(ResidentTicket {
            audience: Service::Referral,
            ..good.clone()
        }),
        signed(ResidentTicket {
            session_hash: [5; 32],
            ..good.clone()
        }),
        signed(ResidentTicket {
            issued_at: good.issued_at.minus(DAY),
            not_after: good.not_after.minus(DAY),
            ..good.clone()
        }),
        signed(world.ticket(world.grant(grant.from, grant.to), asked)),
        Signed::sign(good, &stranger).encode().into(),
    ]
}

async fn introduced(world: &World) -> (Two, String) {
    let it = two(world).await;
    let id = proposed(world, &it).await;
    for side in [welfare(), centre()] {
        say(world, side, &id, IntroductionAnswer::Yes, false)
            .await
            .unwrap();
    }
    (it, id)
}

#[tokio::test]
async fn list_resident_introductions_works() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    let seen = list(&world, ticket(&world, it.seeks, TicketActions::READ))
        .await
        .unwrap();
    assert_eq!(
        seen,
        [get(&world, welfare(), &id).await.unwrap()],
        "what their organisation sees"
    );
    let other = world.grant(welfare(), centre());
    assert!(
        list(&world, ticket(&world, other, TicketActions::READ))
            .await
            .unwrap()
            .is_empty()
    );
    world.end().await;
}

#[tokio::test]
async fn list_resident_introductions_refuses_the_wrong_caller() {
    let world = World::start().await;
    let it = two(&world).await;
    proposed(&world, &it).await;
    let wrong = wrong_tickets(&world, it.seeks, TicketActions::READ);
    for (number, ticket) in wrong.into_iter().enumerate() {
        match list(&world, ticket).await {
            // Another grant's ticket is a good one: it shows that grant's, which has none.
            Ok(seen) => assert!(number == 4 && seen.is_empty(), "{number}"),
            refused => assert_eq!(refusal(refused), ErrorReason::NotAvailable, "{number}"),
        }
    }
    let outcome = list(&world, bytes::Bytes::from_static(b"ticket")).await;
    assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    world.end().await;
}

#[tokio::test]
async fn answer_resident_introduction_works_and_counts_like_their_organisations_word() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    let good = ticket(&world, it.offers, TicketActions::DECIDE);
    let seen = answer(
        &world,
        world.request_id(),
        good.clone(),
        &id,
        IntroductionAnswer::Yes,
    )
    .await
    .unwrap();
    assert_eq!(seen.state(), IntroductionState::Waiting);
    let twice = answer(&world, world.request_id(), good, &id, IntroductionAnswer::No).await;
    assert_eq!(refusal(twice), ErrorReason::IllegalTransition);
    let seen = say(&world, welfare(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    assert_eq!(seen.state(), IntroductionState::Trial);
    world.end().await;
}

#[tokio::test]
async fn answer_resident_introduction_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    let attempt = world.request_id();
    let first = ticket(&world, it.seeks, TicketActions::DECIDE);
    let done = answer(&world, attempt.clone(), first, &id, IntroductionAnswer::No)
        .await
        .unwrap();
    // With a fresh ticket too.
    world.clock.advance(DAY);
    let fresh = ticket(&world, it.seeks, TicketActions::DECIDE);
    let again = answer(
        &world,
        attempt.clone(),
        fresh.clone(),
        &id,
        IntroductionAnswer::No,
    )
    .await
    .unwrap();
    assert_eq!(again, done);
    let other = answer(&world, attempt, fresh, &id, IntroductionAnswer::Yes).await;
    assert_eq!(refusal(other), ErrorReason::RequestIdReused);
    world.end().await;
}

#[tokio::test]
async fn answer_resident_introduction_refuses_the_wrong_caller() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    for ticket in wrong_tickets(&world, it.seeks, TicketActions::DECIDE) {
        let outcome = answer(&world, world.request_id(), ticket, &id, IntroductionAnswer::Yes).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    assert_eq!(
        get(&world, welfare(), &id).await.unwrap().state(),
        IntroductionState::Offered
    );
    world.end().await;
}

#[tokio::test]
async fn answer_resident_introduction_answers_an_unknown_id() {
    let world = World::start().await;
    let it = two(&world).await;
    let good = ticket(&world, it.seeks, TicketActions::DECIDE);
    let outcome = answer(
        &world,
        world.request_id(),
        good,
        &world.unknown_id(),
        IntroductionAnswer::Yes,
    )
    .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn end_resident_introduction_works_and_they_never_meet_again() {
    let world = World::start().await;
    let (it, id) = introduced(&world).await;
    let stopping = ticket(&world, it.seeks, TicketActions::STOP);
    let seen = end(&world, world.request_id(), stopping, &id).await.unwrap();
    assert_eq!(seen.state(), IntroductionState::Ended);
    assert_eq!(
        get(&world, centre(), &id).await.unwrap().state(),
        IntroductionState::Ended
    );
    world.clock.advance(365 * DAY);
    let again = proposed(&world, &it).await;
    assert_eq!(
        refusal(get(&world, welfare(), &again).await),
        ErrorReason::NotAvailable
    );
    world.end().await;
}

#[tokio::test]
async fn end_resident_introduction_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (it, id) = introduced(&world).await;
    let attempt = world.request_id();
    let stopping = ticket(&world, it.seeks, TicketActions::STOP);
    let first = end(&world, attempt.clone(), stopping.clone(), &id).await.unwrap();
    assert_eq!(
        end(&world, attempt.clone(), stopping.clone(), &id).await.unwrap(),
        first
    );
    let (other, other_id) = introduced(&world).await;
    let others = ticket(&world, other.seeks, TicketActions::STOP);
    let reused = end(&world, attempt, others, &other_id).await;
    assert_eq!(refusal(reused), ErrorReason::RequestIdReused);
    world.end().await;
}

#[tokio::test]
async fn end_resident_introduction_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (it, id) = introduced(&world).await;
    for ticket in wrong_tickets(&world, it.seeks, TicketActions::STOP) {
        let outcome = end(&world, world.request_id(), ticket, &id).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    assert_eq!(
        get(&world, welfare(), &id).await.unwrap().state(),
        IntroductionState::Trial
    );
    world.end().await;
}

#[tokio::test]
async fn end_resident_introduction_answers_an_unknown_id() {
    let world = World::start().await;
    let it = two(&world).await;
    let stopping = ticket(&world, it.seeks, TicketActions::STOP);
    let outcome = end(&world, world.request_id(), stopping, &world.unknown_id()).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}
