use proptest::prelude::*;

use super::*;

const ACTORS: [Actor; 4] = [Actor::Sender, Actor::Recipient, Actor::Resident, Actor::Mesh];

/// The rows of the domain's table that this version has, as (state, event, who, state after), written by hand and
/// apart from [`TABLE`]: what is not here is illegal.
const EXPECTED: &[(State, Kind, Actor, State)] = &[
    (
        State::Submitted,
        Kind::Deliver,
        Actor::Recipient,
        State::Delivered,
    ),
    (State::Submitted, Kind::Open, Actor::Recipient, State::InReview),
    (State::Delivered, Kind::Open, Actor::Recipient, State::InReview),
    (State::InReview, Kind::Accept, Actor::Recipient, State::Accepted),
    (
        State::InReview,
        Kind::Waitlist,
        Actor::Recipient,
        State::Waitlisted,
    ),
    (
        State::Waitlisted,
        Kind::Waitlist,
        Actor::Recipient,
        State::Waitlisted,
    ),
    (State::InReview, Kind::Reject, Actor::Recipient, State::Rejected),
    (State::Accepted, Kind::Start, Actor::Recipient, State::InProgress),
    (
        State::Waitlisted,
        Kind::Start,
        Actor::Recipient,
        State::InProgress,
    ),
    (
        State::InProgress,
        Kind::Complete,
        Actor::Recipient,
        State::Completed,
    ),
    (State::Submitted, Kind::Cancel, Actor::Sender, State::Cancelled),
    (State::Delivered, Kind::Cancel, Actor::Sender, State::Cancelled),
    (State::InReview, Kind::Cancel, Actor::Sender, State::Cancelled),
    (State::Accepted, Kind::Cancel, Actor::Sender, State::Cancelled),
    (State::Waitlisted, Kind::Cancel, Actor::Sender, State::Cancelled),
    (State::Accepted, Kind::Stop, Actor::Sender, State::Cancelled),
    (State::Waitlisted, Kind::Stop, Actor::Sender, State::Cancelled),
    (State::InProgress, Kind::Stop, Actor::Sender, State::Cancelled),
    (State::Accepted, Kind::Stop, Actor::Recipient, State::Cancelled),
    (State::Waitlisted, Kind::Stop, Actor::Recipient, State::Cancelled),
    (State::InProgress, Kind::Stop, Actor::Recipient, State::Cancelled),
    (State::Submitted, Kind::Stop, Actor::Resident, State::Cancelled),
    (State::Delivered, Kind::Stop, Actor::Resident, State::Cancelled),
    (State::InReview, Kind::Stop, Actor::Resident, State::Cancelled),
    (State::Accepted, Kind::Stop, Actor::Resident, State::Cancelled),
    (State::Waitlisted, Kind::Stop, Actor::Resident, State::Cancelled),
    (State::InProgress, Kind::Stop, Actor::Resident, State::Cancelled),
    (State::Submitted, Kind::Expire, Actor::Mesh, State::Expired),
    (State::Delivered, Kind::Expire, Actor::Mesh, State::Expired),
    (State::InReview, Kind::Expire, Actor::Mesh, State::Expired),
    (
        State::Submitted,
        Kind::ConsentEnded,
        Actor::Mesh,
        State::Cancelled,
    ),
    (
        State::Delivered,
        Kind::ConsentEnded,
        Actor::Mesh,
        State::Cancelled,
    ),
    (State::InReview, Kind::ConsentEnded, Actor::Mesh, State::OnHold),
    (State::Accepted, Kind::ConsentEnded, Actor::Mesh, State::OnHold),
    (State::Waitlisted, Kind::ConsentEnded, Actor::Mesh, State::OnHold),
    (State::InProgress, Kind::ConsentEnded, Actor::Mesh, State::OnHold),
    (State::Submitted, Kind::ConsentPaused, Actor::Mesh, State::OnHold),
    (State::Delivered, Kind::ConsentPaused, Actor::Mesh, State::OnHold),
    (State::InReview, Kind::ConsentPaused, Actor::Mesh, State::OnHold),
    (State::Accepted, Kind::ConsentPaused, Actor::Mesh, State::OnHold),
    (State::Waitlisted, Kind::ConsentPaused, Actor::Mesh, State::OnHold),
    (State::InProgress, Kind::ConsentPaused, Actor::Mesh, State::OnHold),
];

fn actives() -> Vec<Active> {
    vec![
        Active::Submitted,
        Active::Delivered,
        Active::InReview,
        Active::Accepted,
        Active::Waitlisted { expected_weeks: 6 },
        Active::InProgress,
    ]
}

fn finals() -> Vec<Stage> {
    vec![
        Stage::Rejected { no_capacity: true },
        Stage::Rejected { no_capacity: false },
        Stage::Completed,
        Stage::Cancelled(Cause::Sender),
        Stage::Expired,
    ]
}

fn events() -> Vec<Event> {
    vec![
        Event::Deliver,
        Event::Open,
        Event::Accept,
        Event::Waitlist { expected_weeks: 8 },
        Event::Reject { no_capacity: true },
        Event::Reject { no_capacity: false },
        Event::Start,
        Event::Complete,
        Event::Cancel,
        Event::Stop,
        Event::Expire,
        Event::ConsentEnded,
        Event::ConsentPaused,
        Event::ConsentResumed,
    ]
}

#[test]
fn every_pair_of_state_and_event_is_as_the_domain_says() {
    for active in actives() {
        for event in events() {
            for actor in ACTORS {
                let expected = EXPECTED
                    .iter()
                    .find(|row| (row.0, row.1, row.2) == (active.state(), event.kind(), actor))
                    .map(|row| row.3);
                let after = Stage::Active(active).after(event, actor);
                assert_eq!(
                    after.ok().map(Stage::state),
                    expected,
                    "{active:?} {event:?} {actor:?}"
                );
            }
        }
    }
}

#[test]
fn what_has_ended_never_opens_again() {
    for stage in finals() {
        for event in events() {
            for actor in ACTORS {
                assert_eq!(
                    stage.after(event, actor),
                    Err(Illegal {
                        state: stage.state(),
                        allowed: Vec::new()
                    })
                );
            }
        }
    }
}

#[test]
fn a_pause_gives_back_what_it_took() {
    for active in actives() {
        let paused = Stage::Active(active)
            .after(Event::ConsentPaused, Actor::Mesh)
            .unwrap();
        assert_eq!(
            (paused.state(), paused.cause()),
            (State::OnHold, Cause::ConsentPaused)
        );
        assert_eq!(
            paused.after(Event::ConsentResumed, Actor::Mesh),
            Ok(Stage::Active(active))
        );
        assert!(
            paused.after(Event::ConsentPaused, Actor::Mesh).is_err(),
            "twice is once"
        );
    }
}

#[test]
fn what_goes_on_below_a_hold() {
    let held = |before| Stage::OnHold {
        before,
        hold: Hold::Paused,
    };
    let delivered = held(Active::Submitted).after(Event::Deliver, Actor::Recipient);
    assert_eq!(delivered, Ok(held(Active::Delivered)));
    assert_eq!(
        held(Active::Delivered).after(Event::Open, Actor::Recipient),
        Ok(held(Active::InReview))
    );
    assert_eq!(
        held(Active::InReview).after(Event::Expire, Actor::Mesh),
        Ok(Stage::Expired)
    );
    assert_eq!(
        held(Active::InProgress).after(Event::Complete, Actor::Recipient),
        Ok(Stage::Completed)
    );
    assert!(
        held(Active::Accepted)
            .after(Event::Complete, Actor::Recipient)
            .is_err()
    );
    assert!(
        held(Active::InReview)
            .after(Event::Accept, Actor::Recipient)
            .is_err()
    );
    assert!(
        held(Active::InReview)
            .after(Event::Cancel, Actor::Sender)
            .is_err()
    );
    for before in actives() {
        for actor in [Actor::Sender, Actor::Recipient, Actor::Resident] {
            assert_eq!(
                held(before).after(Event::Stop, actor).map(Stage::state),
                Ok(State::Cancelled)
            );
        }
    }
}

#[test]
fn an_ended_consent_does_not_come_back() {
    let held = Stage::Active(Active::Accepted)
        .after(Event::ConsentEnded, Actor::Mesh)
        .unwrap();
    assert_eq!(held.cause(), Cause::ConsentWithdrawn);
    for event in [Event::ConsentResumed, Event::ConsentPaused, Event::ConsentEnded] {
        assert!(held.after(event, Actor::Mesh).is_err(), "{event:?}");
    }
    let paused = Stage::Active(Active::Delivered)
        .after(Event::ConsentPaused, Actor::Mesh)
        .unwrap();
    assert_eq!(
        paused.after(Event::ConsentEnded, Actor::Mesh),
        Ok(Stage::Cancelled(Cause::ConsentWithdrawn))
    );
}

#[test]
fn a_refusal_says_what_that_side_may_do() {
    let in_review = Stage::Active(Active::InReview);
    assert_eq!(
        in_review
            .after(Event::Start, Actor::Recipient)
            .unwrap_err()
            .allowed,
        ["ACCEPT", "WAITLIST", "REJECT"]
    );
    assert_eq!(
        in_review.after(Event::Accept, Actor::Sender).unwrap_err().allowed,
        ["CANCEL"]
    );
    assert_eq!(in_review.allowed(Actor::Resident), ["STOP"]);
}

proptest! {
    #[test]
    fn a_walk_of_any_events_keeps_its_promises(
        steps in proptest::collection::vec((0_usize..14, 0_usize..4), 0..60)
    ) {
        let mut stage = Stage::Active(Active::Submitted);
        let mut was_opened = false;
        for (event, actor) in steps {
            let (event, actor) = (events()[event], ACTORS[actor]);
            let allowed = stage.permits(event.kind(), actor);
            match stage.after(event, actor) {
                Ok(next) => {
                    prop_assert!(allowed);
                    prop_assert!(stage.active().is_some(), "a final stage was left");
                    was_opened |= event == Event::Open;
                    // Nobody decides about what was not opened.
                    if matches!(next.state(), State::Accepted | State::Waitlisted | State::Rejected
                        | State::InProgress | State::Completed) {
                        prop_assert!(was_opened);
                    }
                    stage = next;
                }
                Err(illegal) => {
                    prop_assert!(!allowed);
                    prop_assert_eq!(illegal.state, stage.state());
                    for name in illegal.allowed {
                        let event = events().into_iter().find(|event| event.kind().name() == name);
                        prop_assert!(stage.after(event.expect("a name of the table"), actor).is_ok());
                    }
                }
            }
        }
    }
}
