//! What each side can tell, by every sequence of calls.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

fn party(number: u8) -> Party {
    Party {
        person: Person {
            organisation: format!("000000990000000{number:02}000").parse().unwrap(),
            tag: [number; 32],
        },
        card: CardId::from_bytes([number; 16]),
        grant: GrantId::from_bytes([number; 16]),
        answer: Answer::None,
    }
}

fn introduction() -> Introduction {
    Introduction {
        id: IntroductionId::from_bytes([9; 16]),
        coordinator: "00000099000000009000".parse().unwrap(),
        parties: [party(1), party(2)],
        offered_at: START,
        is_void: false,
        introduced_at: None,
        reviewed_at: None,
        ended_at: None,
    }
}

#[test]
fn two_yeses_introduce_and_a_trial_comes_first() {
    let mut it = introduction();
    assert_eq!(it.shown_to(Viewer::Side(0), true, START), State::Offered);
    it.answer(0, Answer::Yes, true, START).unwrap();
    assert_eq!(it.shown_to(Viewer::Side(0), true, START), State::Waiting);
    assert_eq!(it.shown_to(Viewer::Side(1), true, START), State::Offered);
    assert_eq!(it.shown_to(Viewer::Coordinator, true, START), State::Offered);
    it.answer(1, Answer::Yes, true, START).unwrap();
    for viewer in [Viewer::Side(0), Viewer::Side(1), Viewer::Coordinator] {
        assert_eq!(it.shown_to(viewer, true, START), State::Trial);
        assert_eq!(it.shown_to(viewer, true, START.plus(TRIAL_LIFE)), State::Active);
        assert_eq!(
            it.shown_to(viewer, false, START),
            State::Ended,
            "without consent nothing goes on"
        );
    }
    assert_eq!(it.review_by(), Some(START.plus(REVIEW_EVERY)));
    let later = START.plus(REVIEW_EVERY);
    it.review(Viewer::Side(1), true, later).unwrap();
    assert_eq!(it.review_by(), Some(later.plus(REVIEW_EVERY)));
    it.end(Viewer::Side(0), true, later).unwrap();
    assert_eq!(it.shown_to(Viewer::Side(1), true, later), State::Ended);
    assert_eq!(it.end(Viewer::Side(1), true, later).unwrap_err().state, "ENDED");
}

#[test]
fn an_answer_is_final_and_comes_in_time() {
    let mut it = introduction();
    it.answer(0, Answer::No, true, START).unwrap();
    let refused = it.answer(0, Answer::Yes, true, START).unwrap_err();
    assert_eq!((refused.state, refused.allowed.len()), ("DECLINED", 0));
    let late = it.answer(1, Answer::Yes, true, it.answer_by()).unwrap_err();
    assert_eq!(late.state, "CLOSED");
    assert!(it.end(Viewer::Coordinator, true, START).is_err());
}

#[test]
fn a_yes_without_consent_introduces_nobody() {
    let mut it = introduction();
    it.answer(0, Answer::Yes, true, START).unwrap();
    it.answer(1, Answer::Yes, false, START).unwrap();
    assert_eq!(it.introduced_at, None);
    assert_eq!(it.shown_to(Viewer::Side(1), false, START), State::Waiting);
}

#[test]
fn where_the_two_may_not_meet_nobody_is_a_side() {
    let it = Introduction {
        is_void: true,
        ..introduction()
    };
    assert_eq!(it.side_of(it.parties[0].person.organisation), None);
    assert_eq!(it.side_under(it.parties[1].grant), None);
    for at in [START, it.answer_by()] {
        let silent = introduction().shown_to(Viewer::Coordinator, true, at);
        assert_eq!(it.shown_to(Viewer::Coordinator, true, at), silent);
    }
}

#[test]
fn pairs_rest_and_exclusions_stay() {
    let cooling = Pair {
        excluded: false,
        cools_until: Some(START),
    };
    assert!(Pair::default().may_meet(START) && cooling.may_meet(START));
    assert!(!cooling.may_meet(START.minus(Duration::from_secs(1))));
    let excluded = Pair {
        excluded: true,
        ..cooling
    };
    assert!(!excluded.may_meet(START.plus(COOL_DOWN)));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Answer(usize, Answer),
    Review(usize),
    End(usize),
    Pass(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_usize..2, any::<bool>())
            .prop_map(|(side, yes)| { Step::Answer(side, if yes { Answer::Yes } else { Answer::No }) }),
        (0_usize..2).prop_map(Step::Review),
        (0_usize..2).prop_map(Step::End),
        (0_u8..200).prop_map(Step::Pass),
    ]
}

/// What a step gave side 1, if it was its own; and what side 1 and the coordinator are shown after it.
type Seen = (Option<Result<(), String>>, State, State);

/// Everything that side 1 and the coordinator see of it after each step.
fn seen(steps: &[Step], others_answer: impl Fn(Answer) -> Option<Answer>) -> Vec<Seen> {
    let (mut it, mut now, mut seen) = (introduction(), START, Vec::new());
    for step in steps {
        let own = match *step {
            Step::Answer(0, answer) => {
                if let Some(answer) = others_answer(answer) {
                    let _ = it.answer(0, answer, true, now);
                }
                None
            }
            Step::Review(0) => {
                let _ = it.review(Viewer::Side(0), true, now);
                None
            }
            Step::End(0) => {
                let _ = it.end(Viewer::Side(0), true, now);
                None
            }
            Step::Answer(_, answer) => Some(it.answer(1, answer, true, now)),
            Step::Review(_) => Some(it.review(Viewer::Side(1), true, now)),
            Step::End(_) => Some(it.end(Viewer::Side(1), true, now)),
            Step::Pass(hours) => {
                now = now.plus(Duration::from_hours(hours.into()));
                None
            }
        };
        seen.push((
            own.map(|own| own.map_err(|illegal| format!("{illegal:?}"))),
            it.shown_to(Viewer::Side(1), true, now),
            it.shown_to(Viewer::Coordinator, true, now),
        ));
    }
    seen
}

proptest! {
    /// A no of the other is silence to everybody else, whatever is called in whatever order.
    #[test]
    fn a_no_cannot_be_told_from_silence(steps in proptest::collection::vec(step(), 0..40)) {
        let as_it_is = seen(&steps, |answer| (answer == Answer::No).then_some(answer));
        let silent = seen(&steps, |_| None);
        prop_assert_eq!(as_it_is, silent);
    }

    /// Before a side says yes itself, a yes of the other is silence too.
    #[test]
    fn a_yes_cannot_be_told_from_silence_before_ones_own(steps in proptest::collection::vec(step(), 0..40)) {
        let until = steps.iter().position(|step| matches!(step, Step::Answer(1, Answer::Yes)));
        let before = &steps[..until.unwrap_or(steps.len())];
        prop_assert_eq!(seen(before, Some), seen(before, |_| None));
    }

    #[test]
    fn only_two_yeses_introduce(steps in proptest::collection::vec(step(), 0..40)) {
        let (mut it, mut now) = (introduction(), START);
        for step in steps {
            match step {
                Step::Answer(side, answer) => { let _ = it.answer(side, answer, true, now); }
                Step::Review(side) => { let _ = it.review(Viewer::Side(side), true, now); }
                Step::End(side) => { let _ = it.end(Viewer::Side(side), true, now); }
                Step::Pass(hours) => now = now.plus(Duration::from_hours(hours.into())),
            }
            let both = it.parties.iter().all(|party| party.answer == Answer::Yes);
            prop_assert_eq!(it.introduced_at.is_some(), both);
            prop_assert!(it.ended_at.is_none() || both);
        }
    }
}
