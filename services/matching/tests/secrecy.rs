//! What each side of an introduction can tell, through the interface, on both databases; and that exclusions hold both
//! ways.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sluis_proto::matching::v1::{
    EndIntroductionRequest, Introduction, IntroductionAnswer, IntroductionState, ReviewIntroductionRequest,
};
use sluis_store_testing::TestDatabases;
use sluis_types::Oin;
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::introductions::{Two, get, list, propose, proposed, say, two};
use crate::world::{DAY, World, centre, coordinator, refusal, welfare};

/// Sequences that are tried on each database: each needs four worlds.
const SEQUENCES: usize = 8;

#[derive(Clone, Copy, Debug)]
enum Call {
    /// The other side answers, as its world has it say: nothing in the world that is compared with.
    OtherAnswers {
        exclude: bool,
    },
    Answer(bool),
    Get,
    List,
    Review,
    End,
    CoordinatorLooks,
    CoordinatorEnds,
    CoordinatorProposesAgain,
    Pass {
        days: u32,
    },
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        2 => any::<bool>().prop_map(|exclude| Call::OtherAnswers { exclude }),
        2 => any::<bool>().prop_map(Call::Answer),
        2 => Just(Call::Get),
        1 => Just(Call::List),
        1 => Just(Call::Review),
        1 => Just(Call::End),
        1 => Just(Call::CoordinatorLooks),
        1 => Just(Call::CoordinatorEnds),
        1 => Just(Call::CoordinatorProposesAgain),
        2 => (0_u32..9).prop_map(|days| Call::Pass { days }),
    ]
}

/// What an answer shows, without its random names.
type Shown = Result<(i32, bool, bool, bool, String), (tonic::Code, BTreeMap<String, String>)>;

fn shown(outcome: Result<Introduction, Status>) -> Shown {
    match outcome {
        Ok(it) => Ok((
            it.state,
            it.other.is_some(),
            it.trial_until.is_some(),
            it.review_by.is_some(),
            it.other_organisation,
        )),
        // The facts of a refusal are a map: their order on the wire is chance.
        Err(status) => {
            let details = status.get_error_details();
            let facts = details.error_info().unwrap().metadata.clone();
            Err((status.code(), facts.into_iter().collect()))
        }
    }
}

async fn review(world: &World, caller: Oin, id: &str) -> Result<Introduction, Status> {
    let request = ReviewIntroductionRequest {
        request_id: world.request_id(),
        introduction_id: id.to_owned(),
    };
    let reply = world.introductions(caller).review_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

async fn end(world: &World, caller: Oin, id: &str) -> Result<Introduction, Status> {
    let request = EndIntroductionRequest {
        request_id: world.request_id(),
        introduction_id: id.to_owned(),
        exclude: false,
    };
    let reply = world.introductions(caller).end_introduction(request).await?;
    Ok(reply.into_inner().introduction.unwrap())
}

/// Everything that the centre's side and the coordinator are shown by a sequence of calls, where the other side says
/// `other` or, in the world that it is compared with, nothing.
async fn seen(world: &World, it: &Two, calls: &[Call], other: Option<IntroductionAnswer>) -> Vec<Vec<Shown>> {
    let id = proposed(world, it).await;
    let mut all = Vec::new();
    for call in calls {
        let now = match *call {
            Call::OtherAnswers { exclude } => {
                if let Some(answer) = other {
                    let exclude = exclude && answer == IntroductionAnswer::No;
                    let _ = say(world, welfare(), &id, answer, exclude).await;
                }
                Vec::new()
            }
            Call::Answer(yes) => {
                let answer = if yes {
                    IntroductionAnswer::Yes
                } else {
                    IntroductionAnswer::No
                };
                vec![shown(say(world, centre(), &id, answer, false).await)]
            }
            Call::Get => vec![shown(get(world, centre(), &id).await)],
            Call::List => {
                let listed = list(world, centre(), Some(it.offers_card)).await.unwrap();
                listed.into_iter().map(|it| shown(Ok(it))).collect()
            }
            Call::Review => vec![shown(review(world, centre(), &id).await)],
            Call::End => vec![shown(end(world, centre(), &id).await)],
            Call::CoordinatorLooks => {
                let listed = list(world, coordinator(), None).await.unwrap();
                let mut looked = vec![shown(get(world, coordinator(), &id).await)];
                looked.extend(listed.into_iter().map(|it| shown(Ok(it))));
                looked
            }
            Call::CoordinatorEnds => vec![shown(end(world, coordinator(), &id).await)],
            Call::CoordinatorProposesAgain => {
                let cards = [it.offers_card, it.seeks_card];
                vec![shown(
                    propose(world, coordinator(), world.request_id(), cards).await,
                )]
            }
            Call::Pass { days } => {
                world.clock.advance(DAY * days);
                Vec::new()
            }
        };
        all.push(now);
    }
    all
}

/// What a sequence of calls shows in a world of its own, on each database.
async fn shown_by(
    databases: &TestDatabases,
    calls: &[Call],
    other: Option<IntroductionAnswer>,
) -> Vec<(&'static str, Vec<Vec<Shown>>)> {
    let mut all = Vec::new();
    for database in databases.each().await {
        let world = World::start_on(database.config()).await;
        let it = two(&world).await;
        all.push((database.name(), seen(&world, &it, calls, other).await));
        world.end().await;
    }
    all
}

/// Sequences of calls, the same in every run.
fn sequences() -> impl Iterator<Item = Vec<Call>> {
    let mut runner = TestRunner::deterministic();
    let sequences = proptest::collection::vec(call(), 4..16);
    std::iter::repeat_with(move || sequences.new_tree(&mut runner).unwrap().current()).take(SEQUENCES)
}

#[tokio::test]
async fn no_sequence_of_calls_tells_a_no_from_silence_on_both_databases() {
    let databases = TestDatabases::start().await;
    for calls in sequences() {
        let with_no = shown_by(&databases, &calls, Some(IntroductionAnswer::No)).await;
        let with_silence = shown_by(&databases, &calls, None).await;
        assert_eq!(with_no, with_silence, "{calls:?}");
    }
}

/// A yes is told to who said yes too: up to then it is as silent as a no.
#[tokio::test]
async fn no_sequence_of_calls_tells_a_yes_from_silence_before_ones_own_on_both_databases() {
    let databases = TestDatabases::start().await;
    for mut calls in sequences() {
        let own_yes = calls.iter().position(|call| matches!(call, Call::Answer(true)));
        calls.truncate(own_yes.unwrap_or(calls.len()));
        // The other side has always said it when this one looks.
        calls.insert(0, Call::OtherAnswers { exclude: false });
        calls.push(Call::Get);
        let with_yes = shown_by(&databases, &calls, Some(IntroductionAnswer::Yes)).await;
        let with_silence = shown_by(&databases, &calls, None).await;
        assert_eq!(with_yes, with_silence, "{calls:?}");
    }
}

#[tokio::test]
async fn a_yes_shows_only_to_who_said_yes_too() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    let before = (
        shown(get(&world, centre(), &id).await),
        shown(get(&world, coordinator(), &id).await),
    );
    say(&world, welfare(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    let after = (
        shown(get(&world, centre(), &id).await),
        shown(get(&world, coordinator(), &id).await),
    );
    assert_eq!(before, after);
    say(&world, centre(), &id, IntroductionAnswer::No, false)
        .await
        .unwrap();
    assert_eq!(
        get(&world, welfare(), &id).await.unwrap().state(),
        IntroductionState::Waiting
    );
    world.clock.advance(14 * DAY);
    for caller in [welfare(), coordinator()] {
        assert_eq!(
            get(&world, caller, &id).await.unwrap().state(),
            IntroductionState::Closed
        );
    }
    world.end().await;
}

#[tokio::test]
async fn exclusions_hold_both_ways_and_on_new_cards_on_both_databases() {
    let databases = TestDatabases::start().await;
    for excluder in [welfare(), centre()] {
        for database in databases.each().await {
            let world = World::start_on(database.config()).await;
            let it = two(&world).await;
            let id = proposed(&world, &it).await;
            say(&world, excluder, &id, IntroductionAnswer::No, true)
                .await
                .unwrap();
            // Long after anything else was forgotten, on new cards under new grants.
            world.clock.advance(400 * DAY);
            let (seeks, offers) = (
                world.grant(welfare(), coordinator()),
                world.grant(centre(), coordinator()),
            );
            let again = [
                world.enrol(seeks, it.seeks_tag, 1).await,
                world.enrol(offers, it.offers_tag, 2).await,
            ];
            for cards in [again, [again[1], again[0]], [it.seeks_card, again[1]]] {
                let void = propose(&world, coordinator(), world.request_id(), cards)
                    .await
                    .unwrap();
                for side in [welfare(), centre()] {
                    let asked = get(&world, side, &void.introduction_id).await;
                    assert_eq!(
                        refusal(asked),
                        sluis_proto::options::v1::ErrorReason::NotAvailable
                    );
                }
                assert!(list(&world, welfare(), Some(again[0])).await.unwrap().is_empty());
                assert!(list(&world, centre(), Some(again[1])).await.unwrap().is_empty());
                // To the coordinator it looks like two who stay silent.
                assert_eq!(void.state(), IntroductionState::Offered);
                world.clock.advance(14 * DAY);
                let later = get(&world, coordinator(), &void.introduction_id).await.unwrap();
                assert_eq!(later.state(), IntroductionState::Closed);
            }
            // The same people may meet others.
            let other = world
                .enrol(world.grant(centre(), coordinator()), world.tag(), 2)
                .await;
            let fine = propose(&world, coordinator(), world.request_id(), [again[0], other])
                .await
                .unwrap();
            assert_eq!(
                get(&world, welfare(), &fine.introduction_id)
                    .await
                    .unwrap()
                    .state(),
                IntroductionState::Offered
            );
            world.end().await;
        }
    }
}

#[tokio::test]
async fn a_card_that_was_taken_back_looks_like_silence() {
    let world = World::start().await;
    let it = two(&world).await;
    let id = proposed(&world, &it).await;
    say(&world, welfare(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    let remove = sluis_proto::matching::v1::RemoveCardRequest {
        request_id: world.request_id(),
        card_id: it.seeks_card.to_string(),
    };
    world.introductions(welfare()).remove_card(remove).await.unwrap();
    let seen = say(&world, centre(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    assert_eq!(seen.state(), IntroductionState::Waiting);
    world.end().await;
}
