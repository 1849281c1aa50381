//! What time does.

use sluis_envelope::TicketActions;
use sluis_proto::signalling::v1::{
    AcknowledgeMatchRequest, GetSignalRequest, ListSignalsRequest, ObjectToMatchRequest, Outcome, Severity,
    SignalState,
};

use crate::circles::{DAY, HOUR};
use crate::world::{SESSION, World};

#[tokio::test]
async fn a_signal_expires_untouched_and_tells_nobody() {
    let world = World::start().await;
    let signal = world.signal(0, Severity::Attention).await;
    world.clock.advance(59 * DAY);
    world.signalling.run_timers().await.unwrap();
    let get = || GetSignalRequest {
        signal_id: signal.signal_id.clone(),
    };
    let mut client = world.client(world.members[0].oin);
    let shown = client
        .get_signal(get())
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!(shown.state(), SignalState::Registered);
    world.clock.advance(DAY);
    assert!(world.signalling.run_timers().await.unwrap() > 0);
    let shown = client
        .get_signal(get())
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!(
        (shown.state(), shown.outcome()),
        (SignalState::Expired, Outcome::Unspecified)
    );
    assert_eq!(
        world.signalling.run_timers().await.unwrap(),
        0,
        "nothing is done twice"
    );
    assert!(world.matches(0).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_match_that_nobody_saw_in_time_is_told_once_more_and_ends_after_half_a_year() {
    let world = World::start().await;
    let (seen, unseen) = (world.circle(), world.circle());
    let (first, _) = world.met(&seen).await;
    let acknowledge = AcknowledgeMatchRequest {
        request_id: world.request_id(),
        match_id: first.match_id.clone(),
        expected_version: 1,
    };
    world
        .client(world.members[0].oin)
        .acknowledge_match(acknowledge)
        .await
        .unwrap();
    world.met(&unseen).await;
    world.clock.advance(9 * DAY);
    world.signalling.run_timers().await.unwrap();
    let escalated = signals_of(&world, 0).await;
    assert_eq!(
        escalated,
        [(Severity::Attention, false), (Severity::Worry, true)],
        "the signal whose match was seen stays as it was"
    );
    let overdue: Vec<_> = world
        .matches(0)
        .await
        .into_iter()
        .filter(|it| it.overdue)
        .collect();
    assert_eq!(overdue.len(), 1);
    assert_ne!(overdue[0].match_id, first.match_id);
    assert_eq!(overdue[0].state(), SignalState::Matched);
    world.signalling.run_timers().await.unwrap();
    assert_eq!(
        world.got(0, &overdue[0].match_id).await.r#match.unwrap(),
        overdue[0],
        "once"
    );
    assert_eq!(signals_of(&world, 0).await, escalated, "raised once");
    world.clock.advance(180 * DAY);
    world.signalling.run_timers().await.unwrap();
    for ended in world.matches(0).await {
        assert_eq!(ended.state(), SignalState::Expired);
        assert!(world.got(1, &ended.match_id).await.boxes.is_empty());
    }
    world.end().await;
}

/// How serious the signals of a member are, and whether their match is overdue; by severity.
async fn signals_of(world: &World, member: usize) -> Vec<(Severity, bool)> {
    let list = ListSignalsRequest::default();
    let mut client = world.client(world.members[member].oin);
    let signals = client.list_signals(list).await.unwrap().into_inner().signals;
    let matches = world.matches(member).await;
    let mut severities: Vec<_> = signals
        .iter()
        .map(|signal| {
            let mut met = matches
                .iter()
                .filter(|it| signal.match_ids.contains(&it.match_id));
            (signal.severity(), met.any(|it| it.overdue))
        })
        .collect();
    severities.sort_unstable();
    severities
}

#[tokio::test]
async fn an_objection_that_nobody_decided_on_counts_as_right() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, _) = world.met(&circle).await;
    let object = ObjectToMatchRequest {
        request_id: world.request_id(),
        ticket: circle.ticket(TicketActions::STOP, SESSION, world.now()).into(),
        match_id: matched.match_id.clone(),
    };
    world.as_resident(SESSION).object_to_match(object).await.unwrap();
    world.clock.advance(13 * DAY);
    world.signalling.run_timers().await.unwrap();
    let shown = world.got(0, &matched.match_id).await.r#match.unwrap();
    assert_eq!(shown.state(), SignalState::Disputed);
    world.clock.advance(4 * DAY + HOUR);
    world.signalling.run_timers().await.unwrap();
    let shown = world.got(0, &matched.match_id).await.r#match.unwrap();
    assert_eq!(
        (shown.state(), shown.outcome()),
        (SignalState::Closed, Outcome::ObjectionUpheld)
    );
    world.end().await;
}
