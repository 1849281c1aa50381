use proptest::prelude::*;

use super::*;

const ACTORS: [Actor; 6] = [
    Actor::Sender,
    Actor::Lead,
    Actor::Chair,
    Actor::PrivacyOfficer,
    Actor::Resident,
    Actor::Mesh,
];

/// The domain's table, as (state, event, who, state after), written by hand and apart from [`TABLE`]: what is not here
/// is illegal.
const EXPECTED: &[(State, Kind, Actor, State)] = &[
    (State::Draft, Kind::Weigh, Actor::Sender, State::Registered),
    (State::Registered, Kind::Match, Actor::Mesh, State::Matched),
    (
        State::Matched,
        Kind::Acknowledge,
        Actor::Sender,
        State::Acknowledged,
    ),
    (
        State::Acknowledged,
        Kind::ContactResident,
        Actor::Lead,
        State::ResidentContacted,
    ),
    (
        State::ResidentContacted,
        Kind::Agree,
        Actor::Resident,
        State::FollowUp,
    ),
    (
        State::ResidentContacted,
        Kind::Decline,
        Actor::Resident,
        State::Closed,
    ),
    (
        State::Registered,
        Kind::PutOnAgenda,
        Actor::Sender,
        State::OnAgenda,
    ),
    (State::Registered, Kind::PutOnAgenda, Actor::Lead, State::OnAgenda),
    (
        State::Acknowledged,
        Kind::PutOnAgenda,
        Actor::Sender,
        State::OnAgenda,
    ),
    (
        State::Acknowledged,
        Kind::PutOnAgenda,
        Actor::Lead,
        State::OnAgenda,
    ),
    (
        State::OnAgenda,
        Kind::RecordDecision,
        Actor::Chair,
        State::FollowUp,
    ),
    (State::OnAgenda, Kind::Close, Actor::Chair, State::Closed),
    (State::OnAgenda, Kind::Withdraw, Actor::Sender, State::Withdrawn),
    (State::FollowUp, Kind::Close, Actor::Lead, State::Closed),
    (State::Registered, Kind::Withdraw, Actor::Sender, State::Withdrawn),
    (State::Matched, Kind::Withdraw, Actor::Sender, State::Withdrawn),
    (
        State::Acknowledged,
        Kind::Withdraw,
        Actor::Sender,
        State::Withdrawn,
    ),
    (
        State::ResidentContacted,
        Kind::Withdraw,
        Actor::Sender,
        State::Withdrawn,
    ),
    (State::FollowUp, Kind::Withdraw, Actor::Sender, State::Withdrawn),
    (State::Disputed, Kind::Close, Actor::PrivacyOfficer, State::Closed),
    (State::Disputed, Kind::Close, Actor::Mesh, State::Closed),
];

fn opens() -> impl Iterator<Item = Stage> {
    Open::ALL.into_iter().map(Stage::Open)
}

fn on_agenda() -> impl Iterator<Item = Stage> {
    [Open::Registered, Open::Acknowledged]
        .into_iter()
        .map(|before| Stage::OnAgenda { before })
}

fn disputed() -> impl Iterator<Item = Stage> {
    Open::ALL.into_iter().map(|before| Stage::Disputed { before })
}

fn finals() -> impl Iterator<Item = Stage> {
    Outcome::ALL
        .into_iter()
        .map(Stage::Closed)
        .chain([Stage::Withdrawn, Stage::Expired])
}

fn events() -> Vec<Event> {
    vec![
        Event::Weigh,
        Event::Match,
        Event::Acknowledge,
        Event::ContactResident,
        Event::Agree,
        Event::Decline,
        Event::PutOnAgenda,
        Event::TakeOffAgenda,
        Event::RecordDecision,
        Event::Close(Outcome::Resolved),
        Event::Withdraw,
        Event::Object,
        Event::Uphold,
        Event::Expire,
    ]
}

/// The rows that say "any open": they hold for every open state alike.
fn of_any_open(stage: Stage, event: Event, actor: Actor) -> Option<State> {
    match (stage, event, actor) {
        (Stage::Open(_) | Stage::OnAgenda { .. }, Event::Object, Actor::Resident) => Some(State::Disputed),
        (Stage::Open(_) | Stage::OnAgenda { .. }, Event::Expire, Actor::Mesh) => Some(State::Expired),
        (Stage::Open(_) | Stage::OnAgenda { .. }, Event::Close(_), Actor::Mesh) => Some(State::Closed),
        (Stage::OnAgenda { before }, Event::TakeOffAgenda, Actor::Mesh)
        | (Stage::Disputed { before }, Event::Uphold, Actor::PrivacyOfficer) => Some(before.state()),
        _ => None,
    }
}

#[test]
fn every_triple_of_state_event_and_actor_is_as_the_domain_says() {
    for stage in opens().chain(on_agenda()).chain(disputed()) {
        for event in events() {
            for actor in ACTORS {
                let listed = EXPECTED
                    .iter()
                    .find(|row| (row.0, row.1, row.2) == (stage.state(), event.kind(), actor))
                    .map(|row| row.3);
                let expected = listed.or(of_any_open(stage, event, actor));
                let after = stage.after(event, actor);
                assert_eq!(
                    after.ok().map(Stage::state),
                    expected,
                    "{stage:?} {event:?} {actor:?}"
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
                let illegal = Illegal {
                    state: stage.state(),
                    allowed: Vec::new(),
                };
                assert_eq!(stage.after(event, actor), Err(illegal));
            }
        }
        assert!(stage.is_final() && !stage.is_posted());
    }
}

#[test]
fn an_objection_hides_and_gives_back_what_it_took() {
    for open in Open::ALL {
        let hidden = Stage::Open(open).after(Event::Object, Actor::Resident).unwrap();
        assert!(!hidden.is_posted() && !hidden.is_final());
        assert!(
            hidden.after(Event::Object, Actor::Resident).is_err(),
            "twice is once"
        );
        assert_eq!(
            hidden.after(Event::Uphold, Actor::PrivacyOfficer),
            Ok(Stage::Open(open))
        );
    }
}

#[test]
fn a_refusal_says_what_that_actor_may_do() {
    let matched = Stage::Open(Open::Matched);
    let illegal = matched.after(Event::ContactResident, Actor::Sender).unwrap_err();
    assert_eq!(illegal.allowed, ["ACKNOWLEDGE", "WITHDRAW"]);
    assert_eq!(matched.allowed(Actor::Resident), ["OBJECT"]);
}

#[test]
fn every_stage_comes_back_as_it_was() {
    for stage in opens().chain(on_agenda()).chain(disputed()).chain(finals()) {
        assert_eq!(Stage::decode(stage.encode()), Some(stage));
    }
    for wrong in [
        [0, 0],
        [6, 0],
        [6, 1],
        [6, 3],
        [1, 1],
        [8, 0],
        [8, 9],
        [9, 1],
        [10, 0],
        [10, 6],
        [12, 0],
    ] {
        assert_eq!(Stage::decode(wrong), None, "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn a_walk_of_any_events_keeps_its_promises(
        steps in proptest::collection::vec((0_usize..14, 0_usize..6), 0..60)
    ) {
        let mut stage = Stage::Open(Open::Draft);
        let (mut weighed, mut was_met, mut was_asked) = (false, false, false);
        for (event, actor) in steps {
            let (event, actor) = (events()[event], ACTORS[actor]);
            let allowed = stage.permits(event.kind(), actor);
            match stage.after(event, actor) {
                Ok(next) => {
                    prop_assert!(allowed && !stage.is_final());
                    weighed |= event == Event::Weigh;
                    was_met |= event == Event::Match;
                    was_asked |= matches!(event, Event::Agree | Event::Decline) && actor == Actor::Resident;
                    // Nothing unweighed takes part; nobody follows up without the resident's word.
                    prop_assert!(weighed || !next.is_posted());
                    if next == Stage::Open(Open::ResidentContacted) {
                        prop_assert!(was_met);
                    }
                    if event == Event::Agree {
                        prop_assert!(was_asked && was_met);
                    }
                    stage = next;
                }
                Err(illegal) => {
                    prop_assert!(!allowed);
                    prop_assert_eq!(illegal.state, stage.state());
                }
            }
        }
    }
}
