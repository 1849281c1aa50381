//! Places never oversold, and nobody passed.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

fn oin(number: u8) -> Oin {
    format!("000000990000000{number:02}000").parse().unwrap()
}

fn id(number: u8) -> PlaceId {
    PlaceId::from_bytes([number; 16])
}

#[test]
fn a_place_that_comes_free_goes_to_the_first_in_line_at_that_moment() {
    let mut places = Places::default();
    places.open(1, START).unwrap();
    assert_eq!(
        places.hold(id(1), oin(1), false, START),
        Ok(Standing::Held(START.plus(HOLD_LIFE)))
    );
    assert_eq!(places.hold(id(2), oin(2), false, START), Err(Taken));
    assert_eq!(places.hold(id(2), oin(2), true, START), Ok(Standing::Waiting(1)));
    assert_eq!(places.hold(id(3), oin(3), true, START), Ok(Standing::Waiting(2)));
    let mut later = places.clone();
    let ended = START.plus(HOLD_LIFE);
    later.settle(ended);
    assert_eq!(later.standing(id(1), oin(1)), None, "ended");
    assert_eq!(
        later.standing(id(2), oin(2)),
        Some(Standing::Held(ended.plus(HOLD_LIFE)))
    );
    assert_eq!(later.standing(id(3), oin(3)), Some(Standing::Waiting(1)));
    // Who did not look in time lost their turn to the next, at the moment it ended.
    later.settle(ended.plus(HOLD_LIFE));
    assert_eq!(later.standing(id(2), oin(2)), None);
    let until = ended.plus(HOLD_LIFE).plus(HOLD_LIFE);
    assert_eq!(later.standing(id(3), oin(3)), Some(Standing::Held(until)));
    assert!(places.release(id(1), oin(1), START) && !places.release(id(1), oin(1), START));
    assert_eq!(places.standing(id(2), oin(2)), Some(Standing::Held(ended)));
}

#[test]
fn what_is_anothers_is_not_there() {
    let mut places = Places::default();
    places.open(2, START).unwrap();
    places.hold(id(1), oin(1), false, START).unwrap();
    assert_eq!(places.standing(id(1), oin(2)), None);
    assert!(!places.release(id(1), oin(2), START));
    assert!(places.claim(id(1), START) && !places.claim(id(1), START));
    assert_eq!(places.open, 1);
    assert_eq!(places.open(0, START), Ok(()), "nothing is held any more");
}

#[test]
fn what_was_promised_is_kept_and_nobody_takes_all() {
    let mut places = Places::default();
    places.open(9, START).unwrap();
    for number in (0_u8..).take(PER_ORGANISATION_MAX) {
        places.hold(id(number), oin(1), false, START).unwrap();
    }
    assert_eq!(places.hold(id(99), oin(1), true, START), Err(Taken));
    assert!(places.hold(id(99), oin(2), false, START).is_ok());
    assert_eq!(places.open(8, START), Err(Taken));
    assert_eq!(places.open, 9);
}

#[derive(Clone, Debug)]
enum Step {
    Hold { id: u8, holder: u8, wait: bool },
    Release { id: u8, holder: u8 },
    Claim { id: u8 },
    Open(u16),
    Pass { hours: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u8>(), 0_u8..12, any::<bool>()).prop_map(|(id, holder, wait)| Step::Hold { id, holder, wait }),
        2 => (any::<u8>(), 0_u8..12).prop_map(|(id, holder)| Step::Release { id, holder }),
        2 => any::<u8>().prop_map(|id| Step::Claim { id }),
        1 => (0_u16..8).prop_map(Step::Open),
        1 => any::<u8>().prop_map(|hours| Step::Pass { hours }),
    ]
}

proptest! {
    #[test]
    fn places_are_never_oversold_and_nobody_is_passed(steps in proptest::collection::vec(step(), 0..200)) {
        let (mut places, mut now) = (Places::default(), START);
        let mut line: Vec<PlaceId> = Vec::new();
        // What the offering organisation opened, minus what it claimed since.
        let mut promised = 0_u16;
        for step in steps {
            match step {
                Step::Hold { id: number, holder, wait } => {
                    let known = places.held.iter().any(|hold| hold.id == id(number))
                        || places.waiting.iter().any(|waiting| waiting.id == id(number));
                    if !known && matches!(places.hold(id(number), oin(holder), wait, now), Ok(Standing::Waiting(_))) {
                        line.push(id(number));
                    }
                }
                Step::Release { id: number, holder } => {
                    if places.release(id(number), oin(holder), now) {
                        line.retain(|it| *it != id(number));
                    }
                }
                Step::Claim { id: number } => {
                    if places.claim(id(number), now) {
                        promised -= 1;
                        line.retain(|it| *it != id(number));
                    }
                }
                Step::Open(count) => {
                    if places.open(count, now).is_ok() {
                        promised = count;
                    }
                }
                Step::Pass { hours } => now = now.plus(Duration::from_hours(hours.into())),
            }
            places.settle(now);
            prop_assert_eq!(places.open, promised);
            prop_assert!(places.held.len() <= usize::from(promised), "oversold");
            prop_assert!(places.waiting.is_empty() || places.free() == 0, "a free place and somebody who waits");
            prop_assert!(places.held.iter().all(|hold| hold.until > now));
            // Those that still wait are in the order in which they came, and came after all that were served.
            line.retain(|it| places.waiting.iter().any(|waiting| waiting.id == *it));
            let waiting: Vec<PlaceId> = places.waiting.iter().map(|waiting| waiting.id).collect();
            prop_assert_eq!(&waiting, &line);
        }
    }
}
