//! The steps, held against a table that is written out.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

fn wish() -> Housing {
    Housing {
        id: HousingId::from_bytes([1; 16]),
        companion: "00000099000000001000".parse().unwrap(),
        landlord: "00000099000000002000".parse().unwrap(),
        grant: GrantId::from_bytes([2; 16]),
        state: State::Wish,
        version: 1,
        lease: None,
        signed_at: None,
        contacts: 0,
        support_asked: None,
        steps: vec![(State::Wish, START)],
        need: Vec::new(),
    }
}

/// From, by whom (C or L), step, to. Everything else is refused.
const EXPECTED: &[(State, char, Move, State)] = &[
    (State::Wish, 'C', Move::Prepare, State::Ready),
    (State::Wish, 'C', Move::Stop, State::Stopped),
    (State::Ready, 'C', Move::Nominate, State::Nominated),
    (State::Ready, 'C', Move::Stop, State::Stopped),
    (State::Nominated, 'L', Move::Offer, State::Offered),
    (State::Nominated, 'C', Move::Stop, State::Stopped),
    (State::Offered, 'C', Move::View, State::Viewed),
    (State::Offered, 'C', Move::Accept, State::Accepted),
    (State::Offered, 'C', Move::Decline, State::Declined),
    (State::Offered, 'C', Move::Stop, State::Stopped),
    (State::Viewed, 'C', Move::Accept, State::Accepted),
    (State::Viewed, 'C', Move::Decline, State::Declined),
    (State::Viewed, 'C', Move::Stop, State::Stopped),
    (State::Accepted, 'L', Move::SignLease, State::Settling),
    (State::Accepted, 'C', Move::Stop, State::Stopped),
    (State::Declined, 'L', Move::Offer, State::Offered),
    (State::Declined, 'C', Move::Stop, State::Stopped),
    (State::Settling, 'C', Move::Contact, State::Settling),
    (State::Settling, 'L', Move::AskSupport, State::Settling),
    (State::Settling, 'C', Move::Return, State::Returned),
    (State::Settling, 'L', Move::Return, State::Returned),
    (State::Settled, 'L', Move::AskSupport, State::Settled),
    (State::Settled, 'C', Move::Return, State::Returned),
    (State::Settled, 'L', Move::Return, State::Returned),
];

#[test]
fn every_step_from_every_state_by_everyone() {
    for state in State::ALL {
        for step in Move::ALL {
            for (actor, letter) in [(Actor::Companion, 'C'), (Actor::Landlord, 'L')] {
                let housing = Housing { state, ..wish() };
                let expected = EXPECTED
                    .iter()
                    .find(|row| (row.0, row.1, row.2) == (state, letter, step))
                    .map(|row| row.3);
                let after = housing.after(step, Some(Lease::Own), actor, START);
                assert_eq!(
                    after.ok().map(|it| it.state),
                    expected,
                    "{state:?} {letter} {step:?}"
                );
            }
        }
    }
}

#[test]
fn a_home_is_settled_after_contact_at_3_6_and_12_months() {
    let mut housing = Housing {
        state: State::Accepted,
        ..wish()
    }
    .after(Move::SignLease, Some(Lease::Intermediary), Actor::Landlord, START)
    .unwrap();
    assert_eq!(housing.lease, Some(Lease::Intermediary));
    for days in CONTACT_DAYS {
        assert_eq!(housing.contact_due(), Some(START.plus(DAY * days)));
        assert!(!housing.permits(Move::Settle, Actor::Companion));
        housing = housing
            .after(Move::AskSupport, None, Actor::Landlord, START)
            .unwrap()
            .after(Move::Contact, None, Actor::Companion, START)
            .unwrap();
        assert_eq!(housing.support_asked, None, "a contact answers it");
    }
    assert_eq!(housing.contact_due(), None);
    assert!(
        !housing.permits(Move::Contact, Actor::Companion),
        "three, and no more"
    );
    let settled = housing
        .after(Move::Settle, None, Actor::Companion, START)
        .unwrap();
    assert_eq!(settled.state, State::Settled);
}

#[test]
fn a_landlord_is_nobody_before_the_nomination() {
    let housing = wish();
    assert_eq!(housing.actor(housing.landlord), None);
    assert_eq!(housing.actor(housing.companion), Some(Actor::Companion));
    let nominated = housing
        .after(Move::Prepare, None, Actor::Companion, START)
        .and_then(|it| it.after(Move::Nominate, None, Actor::Companion, START))
        .unwrap();
    assert_eq!(nominated.actor(nominated.landlord), Some(Actor::Landlord));
    let stopped = wish().after(Move::Stop, None, Actor::Companion, START).unwrap();
    assert_eq!(stopped.actor(stopped.landlord), None, "it never was asked");
}

proptest! {
    #[test]
    fn versions_grow_and_what_ended_stays(steps in proptest::collection::vec((0_usize..12, any::<bool>()), 0..200)) {
        let mut housing = wish();
        for (step, is_landlord) in steps {
            let actor = if is_landlord { Actor::Landlord } else { Actor::Companion };
            if let Ok(next) = housing.clone().after(Move::ALL[step], Some(Lease::Own), actor, START) {
                prop_assert!(!matches!(housing.state, State::Returned | State::Stopped));
                prop_assert_eq!(next.version, housing.version + 1);
                prop_assert!(next.steps.len() <= STEPS_MAX && next.steps[0].0 == State::Wish);
                prop_assert_eq!(next.steps.last().map(|step| step.0), Some(next.state));
                housing = next;
            }
        }
    }
}
