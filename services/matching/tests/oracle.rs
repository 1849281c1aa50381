//! P6: what does not exist and what is another's are one answer, and cost the same.

use sluis_envelope::{Signed, TicketActions};
use sluis_proto::matching::v1::{
    AnswerCapacityQuestionRequest, AnswerIntroductionRequest, AskCapacityRequest, AttachPlaceRequest,
    ClaimPlaceRequest, EndResidentIntroductionRequest, GetCapacityAnswersRequest, GetHousingRequest,
    GetIntroductionRequest, GetPlaceRequest, HoldPlaceRequest, HousingNeed, MoveHousingRequest,
    OpenHousingRequest, ReleasePlaceRequest, RemoveCardRequest,
};
use sluis_store_testing::Watcher;

use crate::introductions::{proposed, two};
use crate::world::{SESSION, World, centre, coordinator, oin, stranger, ticket_key, welfare};

/// Calls one method twice as somebody who has no part in it: for what is another's, and for what is not there.
macro_rules! pair {
    ($watcher:ident, $client:expr, $method:ident, [$foreign:expr, $absent:expr], |$id:ident| $request:expr) => {{
        let mut seen_of = Vec::new();
        for $id in [$foreign, $absent] {
            let request = $request;
            let mut client = $client;
            seen_of.push($watcher.refused(client.$method(request)).await);
        }
        assert!(!seen_of[0].work.statements.is_empty(), "the recording works");
        assert_eq!(seen_of[0], seen_of[1], stringify!($method));
    }};
}

/// Names of what is others' there.
struct Others {
    offer: String,
    held: String,
    question: String,
    card: String,
    introduction: String,
    housing: String,
}

async fn others(world: &World) -> Others {
    let offer = world.offer(welfare(), 2).await.to_string();
    let hold = HoldPlaceRequest {
        request_id: world.request_id(),
        offer_id: offer.clone(),
        wait: false,
    };
    let held = world
        .places(centre())
        .hold_place(hold)
        .await
        .unwrap()
        .into_inner();
    let ask = AskCapacityRequest {
        request_id: world.request_id(),
        offer_ids: vec![offer.clone()],
        within_weeks: 0,
    };
    let question = world
        .places(coordinator())
        .ask_capacity(ask)
        .await
        .unwrap()
        .into_inner();
    let people = two(world).await;
    let open = OpenHousingRequest {
        request_id: world.request_id(),
        grant_token: world.token(world.grant(welfare(), oin(4))),
        need: Some(HousingNeed::default()),
    };
    let housing = world
        .homes(welfare())
        .open_housing(open)
        .await
        .unwrap()
        .into_inner();
    Others {
        offer,
        held: held.place.unwrap().place_id,
        question: question.question_id,
        card: people.seeks_card.to_string(),
        introduction: proposed(world, &people).await,
        housing: housing.housing.unwrap().housing_id,
    }
}

#[tokio::test]
async fn p6_absent_and_foreign_are_one_answer_about_places() {
    let (watcher, _guard) = Watcher::start();
    let world = World::watched(&watcher).await;
    let Others {
        offer,
        held,
        question,
        ..
    } = others(&world).await;
    let unknown = world.unknown_id();
    let client = || world.places(stranger());
    pair!(watcher, client(), get_place, [&held, &unknown], |id| {
        GetPlaceRequest {
            offer_id: offer.clone(),
            place_id: id.clone(),
        }
    });
    pair!(watcher, client(), release_place, [&held, &unknown], |id| {
        ReleasePlaceRequest {
            request_id: world.request_id(),
            offer_id: offer.clone(),
            place_id: id.clone(),
        }
    });
    pair!(watcher, client(), claim_place, [&held, &unknown], |id| {
        ClaimPlaceRequest {
            request_id: world.request_id(),
            offer_id: offer.clone(),
            place_id: id.clone(),
        }
    });
    let token = world.token(world.grant(stranger(), welfare()));
    pair!(
        watcher,
        world.attached_places(stranger()),
        attach_place,
        [&held, &unknown],
        |id| AttachPlaceRequest {
            request_id: world.request_id(),
            grant_token: token.clone(),
            offer_id: offer.clone(),
            place_id: id.clone(),
        }
    );
    pair!(
        watcher,
        client(),
        get_capacity_answers,
        [&question, &unknown],
        |id| GetCapacityAnswersRequest {
            question_id: id.clone(),
        }
    );
    pair!(
        watcher,
        client(),
        answer_capacity_question,
        [&question, &unknown],
        |id| {
            AnswerCapacityQuestionRequest {
                request_id: world.request_id(),
                question_id: id.clone(),
                offer_id: offer.clone(),
                status: 1,
                weeks: 0,
            }
        }
    );
    world.end().await;
}

#[tokio::test]
async fn p6_absent_and_foreign_are_one_answer_about_people() {
    let (watcher, _guard) = Watcher::start();
    let world = World::watched(&watcher).await;
    let Others {
        card,
        introduction,
        housing,
        ..
    } = others(&world).await;
    let unknown = world.unknown_id();
    let client = || world.introductions(stranger());
    pair!(watcher, client(), remove_card, [&card, &unknown], |id| {
        RemoveCardRequest {
            request_id: world.request_id(),
            card_id: id.clone(),
        }
    });
    pair!(
        watcher,
        client(),
        get_introduction,
        [&introduction, &unknown],
        |id| GetIntroductionRequest {
            introduction_id: id.clone(),
        }
    );
    pair!(
        watcher,
        client(),
        answer_introduction,
        [&introduction, &unknown],
        |id| AnswerIntroductionRequest {
            request_id: world.request_id(),
            introduction_id: id.clone(),
            answer: 1,
            exclude: false,
        }
    );
    let client = || world.homes(stranger());
    pair!(watcher, client(), get_housing, [&housing, &unknown], |id| {
        GetHousingRequest {
            housing_id: id.clone(),
        }
    });
    pair!(watcher, client(), move_housing, [&housing, &unknown], |id| {
        MoveHousingRequest {
            request_id: world.request_id(),
            housing_id: id.clone(),
            expected_version: 1,
            r#move: 1,
            lease: 0,
        }
    });
    // A resident with a ticket for another grant.
    let other = world.ticket(world.grant(welfare(), coordinator()), TicketActions::STOP);
    let ticket = Signed::sign(other, &ticket_key()).encode();
    pair!(
        watcher,
        world.resident(SESSION),
        end_resident_introduction,
        [&introduction, &unknown],
        |id| {
            EndResidentIntroductionRequest {
                request_id: world.request_id(),
                ticket: ticket.clone().into(),
                introduction_id: id.clone(),
                exclude: false,
            }
        }
    );
    world.end().await;
}
