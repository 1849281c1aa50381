//! Counts of an organisation's own signals.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    CountSignalsRequest, CountSignalsResponse, Decision, Severity, SignalQuarter, WithdrawSignalRequest,
};
use sluis_types::ProfessionalRole;

use crate::circles::DAY;
use crate::decisions::decided_on;
use crate::meeting_world::PRESENTER;
use crate::signals::drafted;
use crate::world::{World, refusal};

async fn counted(world: &World, member: usize) -> CountSignalsResponse {
    let oin = world.members[member].oin;
    let mut client = world.as_person(oin, 5, ProfessionalRole::Coordinator);
    client
        .count_signals(CountSignalsRequest {})
        .await
        .unwrap()
        .into_inner()
}

#[tokio::test]
async fn count_signals_works_for_ones_own_and_tells_what_was_unfounded() {
    let world = World::start().await;
    world.met(&world.circle()).await;
    decided_on(&world, Decision::Unfounded).await;
    drafted(&world, PRESENTER, Severity::Worry).await;
    let signal = world.signal(PRESENTER, Severity::Worry).await;
    let withdraw = WithdrawSignalRequest {
        request_id: world.request_id(),
        signal_id: signal.signal_id,
        expected_version: signal.version,
    };
    let mut client = world.client(world.members[PRESENTER].oin);
    client.withdraw_signal(withdraw).await.unwrap();
    let expected = SignalQuarter {
        year: 2026,
        quarter: 3,
        registered: 3,
        met: 1,
        closed: 1,
        unfounded: 1,
        withdrawn: 1,
        drafters: 1,
        most_by_one: 3,
        ..SignalQuarter::default()
    };
    let counts = counted(&world, PRESENTER).await;
    assert_eq!(
        (counts.quarters, counts.incomplete),
        (vec![expected], false),
        "a draft is none"
    );
    assert_eq!(counted(&world, 1).await.quarters[0].registered, 1, "each its own");
    assert!(counted(&world, 2).await.quarters.is_empty());
    // In the next quarter what is left has expired; a draft that nobody weighed still is none.
    world.clock.advance(200 * DAY);
    world.signalling.run_timers().await.unwrap();
    world.signal(PRESENTER, Severity::Worry).await;
    let counts = counted(&world, PRESENTER).await.quarters;
    let shown: Vec<_> = counts
        .iter()
        .map(|it| (it.year, it.quarter, it.registered, it.expired))
        .collect();
    assert_eq!(shown, [(2027, 2, 1, 0), (2026, 3, 3, 1)]);
    world.end().await;
}

#[tokio::test]
async fn count_signals_refuses_the_wrong_caller() {
    let world = World::start().await;
    let mut client = world.client(world.members[0].oin);
    let outcome = client.count_signals(CountSignalsRequest {}).await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    world.end().await;
}
