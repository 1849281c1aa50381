use std::time::Duration;

use proptest::prelude::*;
use sluis_types::{
    AgendaItemId, CodeSet, GrantId, MeetingId, Oin, ProfessionalRole, SignalId, ThreadId, Timestamp,
};

use super::*;
use crate::domain::life::Outcome;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const DAY: Duration = Duration::from_hours(24);
fn oin(number: u8) -> Oin {
    format!("000000990000000{number:02}000").parse().unwrap()
}

fn person(organisation: u8, role: ProfessionalRole) -> Person {
    Person {
        organisation: oin(organisation),
        professional: [organisation; 32],
        role,
    }
}

fn worker(organisation: u8) -> Person {
    person(organisation, ProfessionalRole::Professional)
}

fn coordinator() -> Person {
    person(1, ProfessionalRole::Coordinator)
}

fn roles() -> CodeSet<ProfessionalRole> {
    CodeSet::EMPTY
        .with(ProfessionalRole::Professional)
        .with(ProfessionalRole::Coordinator)
}

fn seat(organisation: u8) -> Seat {
    Seat {
        organisation: oin(organisation),
        roles: roles(),
        answer: Answer::Open,
    }
}

fn plan() -> Plan {
    Plan {
        id: MeetingId::from_bytes([1; 16]),
        area: "WK079600".to_owned(),
        starts_at: NOW.plus(DAY),
        frequency: Frequency::Monthly,
        chair: oin(2),
        participants: (1..=4).map(seat).collect(),
    }
}

fn planned() -> Meeting {
    Meeting::plan(plan(), &coordinator(), NOW).unwrap()
}

/// An item of organisation 3, to which 4 is invited.
fn item(number: u8) -> Item {
    Item {
        id: AgendaItemId::from_bytes([number; 16]),
        presenter: oin(3),
        question: QuestionKind::WhoTakesItUp,
        minutes: 10,
        is_deidentified: false,
        invited: vec![Invited {
            organisation: oin(4),
            roles: roles(),
            consent: Some(Consent {
                grant: GrantId::from_bytes([number; 16]),
                version: 2,
            }),
        }],
        references: References {
            signals: vec![SignalId::from_bytes([number; 16])],
            ..References::default()
        },
        circles: Vec::new(),
        resident_informed: true,
        resident_invited: false,
        presence: Presence::Silent,
        state: ItemState::OnAgenda,
        taken_off: None,
        decision: None,
        actions: Vec::new(),
    }
}

fn action(owner: u8) -> Action {
    Action {
        kind: ActionKind::ContactResident,
        owner: oin(owner),
        due: NOW.plus(10 * DAY),
        outcome: None,
        thread: None,
    }
}

/// A meeting in session with two items; 2 chairs.
fn in_session() -> Meeting {
    let mut meeting = planned();
    meeting.put(&worker(3), item(1)).unwrap();
    meeting.put(&worker(3), item(2)).unwrap();
    meeting.open(&worker(2)).unwrap();
    meeting
}

fn first() -> AgendaItemId {
    item(1).id
}

#[test]
fn a_plan_that_does_not_hold_is_refused() {
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan();
        change(&mut plan);
        Meeting::plan(plan, &coordinator(), NOW).unwrap_err()
    };
    for area in ["", "WK07960", "WK0796000", "BU079600", "WK07960a"] {
        let refused = with(&|plan| area.clone_into(&mut plan.area));
        assert_eq!(refused, Refused::Field("area"), "{area}");
    }
    assert_eq!(with(&|plan| plan.starts_at = NOW), Refused::Field("starts_at"));
    let late = with(&|plan| plan.starts_at = NOW.plus(367 * DAY));
    assert_eq!(late, Refused::Field("starts_at"));
    assert_eq!(with(&|plan| plan.chair = oin(9)), Refused::Field("chair"));
    let twice = with(&|plan| plan.participants.push(seat(2)));
    assert_eq!(twice, Refused::Field("participants"));
    let without_us = with(&|plan| plan.participants.retain(|seat| seat.organisation != oin(1)));
    assert_eq!(without_us, Refused::Field("participants"));
    let volunteers =
        with(&|plan| plan.participants[3].roles = CodeSet::EMPTY.with(ProfessionalRole::Volunteer));
    assert_eq!(volunteers, Refused::Field("roles"));
    let nobody = with(&|plan| plan.participants[3].roles = CodeSet::EMPTY);
    assert_eq!(nobody, Refused::Field("roles"));
}

#[test]
fn an_item_is_for_those_it_names_and_who_is_not_named_sees_nothing() {
    let meeting = in_session();
    let shown = |person: &Person| meeting.item_for(first(), person).is_some();
    assert!(
        shown(&worker(3)) && shown(&worker(4)),
        "who put it on, who is invited"
    );
    assert!(
        shown(&worker(2)) && shown(&coordinator()),
        "chair and coordinator"
    );
    assert!(
        !shown(&worker(1)),
        "the coordinator's organisation is not its coordinator"
    );
    assert!(
        !shown(&person(4, ProfessionalRole::HousingOfficer)),
        "another role"
    );
    let mut other = item(3);
    other.presenter = oin(4);
    other.invited[0].organisation = oin(2);
    let mut meeting = in_session();
    meeting.put(&worker(4), other).unwrap();
    assert!(
        meeting.item_for(item(3).id, &worker(3)).is_none(),
        "at the meeting, and not invited to it"
    );
}

#[test]
fn an_item_that_does_not_hold_is_refused() {
    let with = |change: &dyn Fn(&mut Item)| {
        let mut item = item(1);
        change(&mut item);
        planned().put(&worker(3), item).unwrap_err()
    };
    assert_eq!(with(&|item| item.minutes = 0), Refused::Field("minutes"));
    assert_eq!(with(&|item| item.minutes = 16), Refused::Field("minutes"));
    assert_eq!(with(&|item| item.invited.clear()), Refused::Field("invited"));
    let itself = with(&|item| item.invited[0].organisation = oin(3));
    assert_eq!(itself, Refused::Field("invited"));
    let stranger = with(&|item| item.invited[0].organisation = oin(9));
    assert_eq!(stranger, Refused::Field("invited"));
    let other_role =
        with(&|item| item.invited[0].roles = CodeSet::EMPTY.with(ProfessionalRole::HousingOfficer));
    assert_eq!(other_role, Refused::Field("invited"));
    let unasked = with(&|item| item.invited[0].consent = None);
    assert_eq!(unasked, Refused::Field("messages"));
    let untold = with(&|item| item.resident_informed = false);
    assert_eq!(untold, Refused::Field("resident_informed"));
    let named = with(&|item| {
        item.is_deidentified = true;
        item.invited[0].consent = None;
        item.references.threads.push(ThreadId::from_bytes([1; 16]));
    });
    assert_eq!(named, Refused::Field("references"));
    let told = with(&|item| item.is_deidentified = true);
    assert_eq!(
        told,
        Refused::Field("messages"),
        "de-identified, and yet about somebody"
    );
}

#[test]
fn one_item_at_a_time_and_only_the_chair_decides() {
    let mut meeting = in_session();
    meeting.start(&worker(2), first()).unwrap();
    let second = meeting.start(&worker(2), item(2).id);
    assert!(matches!(
        second,
        Err(Refused::Illegal {
            state: "IN_SESSION",
            ..
        })
    ));
    let act = || (Decision::Act, vec![action(4)]);
    let mut other = worker(2);
    other.professional = [9; 32];
    for somebody in [worker(3), worker(4), coordinator(), other] {
        let refused = meeting.decide(&somebody, first(), act(), NOW);
        assert!(matches!(refused, Err(Refused::Illegal { .. })), "{somebody:?}");
    }
    let effects = meeting.decide(&worker(2), first(), act(), NOW).unwrap();
    assert_eq!(effects.steps, [(first(), Step::FollowUp)]);
    assert_eq!(meeting.items[0].state, ItemState::Decided);
    meeting.start(&worker(2), item(2).id).unwrap();
}

#[test]
fn who_left_gets_no_action() {
    let mut meeting = in_session();
    meeting.leave(&worker(4)).unwrap();
    meeting.start(&worker(2), first()).unwrap();
    let act = |owner| (Decision::Act, vec![action(owner)]);
    let refused = meeting.decide(&worker(2), first(), act(4), NOW);
    assert_eq!(refused, Err(Refused::Field("actions")));
    meeting.decide(&worker(2), first(), act(3), NOW).unwrap();
}

#[test]
fn actions_belong_to_those_at_the_item_and_end_within_30_days() {
    let mut meeting = in_session();
    meeting.start(&worker(2), first()).unwrap();
    let mut late = action(4);
    late.due = NOW.plus(31 * DAY);
    for (decision, actions) in [
        (Decision::Act, vec![]),
        (Decision::Act, vec![action(1)]),
        (Decision::Act, vec![late]),
        (Decision::Act, vec![action(4); 7]),
        (Decision::NoAction, vec![action(4)]),
    ] {
        let refused = meeting.decide(&worker(2), first(), (decision, actions), NOW);
        assert_eq!(refused, Err(Refused::Field("actions")));
    }
    let two = (Decision::Act, vec![action(3), action(4)]);
    meeting.decide(&worker(2), first(), two, NOW).unwrap();
    let finish = |meeting: &mut Meeting, by: u8, number, outcome, thread| {
        meeting.finish(&worker(by), (first(), number), (outcome, thread))
    };
    let wrong = finish(&mut meeting, 3, 2, Outcome::Resolved, None);
    assert_eq!(wrong, Err(Refused::Field("action_number")), "another's");
    assert!(
        finish(&mut meeting, 2, 1, Outcome::Resolved, None).is_err(),
        "the chair owns none"
    );
    let unnamed = finish(&mut meeting, 3, 1, Outcome::Referred, None);
    assert_eq!(unnamed, Err(Refused::Field("thread_id")));
    let thread = Some(ThreadId::from_bytes([7; 16]));
    assert!(
        finish(&mut meeting, 3, 1, Outcome::Referred, thread)
            .unwrap()
            .steps
            .is_empty()
    );
    assert_eq!(
        finish(&mut meeting, 3, 1, Outcome::Referred, thread),
        Err(Refused::Field("action_number")),
        "once"
    );
    let last = finish(&mut meeting, 4, 2, Outcome::Resolved, None).unwrap();
    assert_eq!(last.steps, [(first(), Step::CloseSignals(Outcome::Resolved))]);
    assert_eq!(meeting.items[0].state, ItemState::Done);
}

#[test]
fn an_objection_hides_an_item_from_everyone_but_who_put_it_on() {
    let mut meeting = in_session();
    meeting.say_presence(first(), Presence::Comes).unwrap();
    let effects = meeting.object(first()).unwrap();
    assert_eq!(
        (effects.erased, effects.steps),
        (vec![first()], vec![(first(), Step::Back)])
    );
    for hidden in [worker(4), worker(2), coordinator()] {
        assert!(meeting.item_for(first(), &hidden).is_none());
        assert_eq!(meeting.start(&hidden, first()), Err(Refused::NotThere));
    }
    assert!(meeting.item_for(first(), &worker(3)).is_some());
    assert!(meeting.object(first()).is_err(), "twice is once");
    assert!(meeting.consent_over(first(), TakenOff::ConsentEnded).is_err());
}

#[test]
fn who_does_not_come_sees_no_item_and_may_change_its_mind() {
    let mut meeting = in_session();
    meeting.answer(&worker(4), false).unwrap();
    assert!(meeting.knows(&worker(4)) && meeting.item_for(first(), &worker(4)).is_none());
    let refused = meeting.put(&worker(4), item(5));
    assert!(matches!(refused, Err(Refused::Illegal { .. })));
    meeting.answer(&worker(4), true).unwrap();
    assert!(meeting.item_for(first(), &worker(4)).is_some());
    assert_eq!(meeting.answer(&worker(9), true), Err(Refused::NotThere));
}

#[test]
fn the_order_names_every_item_that_waits_and_no_other() {
    let mut meeting = in_session();
    meeting.start(&worker(2), first()).unwrap();
    meeting.put(&worker(3), item(3)).unwrap();
    let ids = |numbers: &[u8]| numbers.iter().map(|number| item(*number).id).collect::<Vec<_>>();
    for wrong in [&[1, 2, 3][..], &[2], &[2, 3, 3], &[2, 9]] {
        let refused = meeting.order(&coordinator(), &ids(wrong));
        assert_eq!(refused, Err(Refused::Field("item_ids")));
    }
    meeting.order(&coordinator(), &ids(&[3, 2])).unwrap();
    let order: Vec<_> = meeting.items.iter().map(|item| item.id).collect();
    assert_eq!(order, ids(&[1, 3, 2]));
    assert!(matches!(
        meeting.order(&worker(3), &ids(&[2, 3])),
        Err(Refused::Illegal { .. })
    ));
}

#[test]
fn a_meeting_that_nobody_closes_closes_itself_and_is_erased_30_days_later() {
    let mut meeting = in_session();
    let over = meeting.starts_at.plus(7 * DAY);
    assert_eq!(meeting.due_act(Timestamp::from_micros(over.micros() - 1)), None);
    assert_eq!(meeting.due_act(over), Some(DueAct::Close));
    let effects = meeting.time_out(over).unwrap();
    assert_eq!(effects.erased, [item(1).id, item(2).id]);
    assert_eq!(meeting.items[0].taken_off, Some(TakenOff::NotTreated));
    assert_eq!(meeting.due(), over.plus(30 * DAY));
    assert_eq!(meeting.due_act(over.plus(30 * DAY)), Some(DueAct::Erase));
    assert!(meeting.time_out(over).is_err());
}

/// Any act of a walk.
fn step(meeting: &mut Meeting, (act, who, which): (u8, u8, u8)) -> Result<Effects, Refused> {
    let by = if who == 1 { coordinator() } else { worker(who) };
    let id = AgendaItemId::from_bytes([which; 16]);
    match act {
        0 => meeting.put(&by, item(which)),
        1 => meeting.take_off(&by, id),
        2 => meeting.open(&by),
        3 => meeting.start(&by, id),
        4 => meeting.decide(&by, id, (Decision::Act, vec![action(4)]), NOW),
        5 => meeting.decide(&by, id, (Decision::NoAction, vec![]), NOW),
        6 => meeting.finish(&by, (id, 1), (Outcome::Resolved, None)),
        7 => meeting.object(id),
        8 => meeting.consent_over(id, TakenOff::ConsentEnded),
        9 => meeting.close(&by, NOW),
        _ => meeting.answer(&by, which % 2 == 0),
    }
}

proptest! {
    #[test]
    fn a_walk_of_any_acts_keeps_its_promises(
        steps in proptest::collection::vec((0_u8..11, 1_u8..6, 1_u8..6), 0..80)
    ) {
        let mut meeting = planned();
        for walk in steps {
            let before = meeting.clone();
            match step(&mut meeting, walk) {
                // A refusal changes nothing.
                Err(_) => prop_assert_eq!(&meeting, &before),
                Ok(effects) => {
                    // What is over stays over, and closed stays closed.
                    for old in before.items.iter().filter(|item| !item.goes_on()) {
                        prop_assert_eq!(meeting.item(old.id).map(|item| item.state), Some(old.state));
                    }
                    prop_assert!(before.state != MeetingState::Closed || meeting.state == MeetingState::Closed);
                    // Only who opened it decides.
                    let decided = |meeting: &Meeting| meeting.items.iter().filter(|item| item.decision.is_some()).count();
                    if decided(&meeting) > decided(&before) {
                        prop_assert_eq!(meeting.chair_person, Some([walk.1; 32]));
                    }
                    // What comes to an end is erased, and nothing that still goes on.
                    for old in before.items.iter().filter(|item| item.goes_on()) {
                        let over = !meeting.item(old.id).is_some_and(Item::goes_on);
                        prop_assert_eq!(over, effects.erased.contains(&old.id));
                    }
                    for erased in &effects.erased {
                        prop_assert!(!meeting.item(*erased).is_some_and(Item::goes_on));
                    }
                }
            }
            let treated = meeting.items.iter().filter(|item| item.state == ItemState::InTreatment).count();
            prop_assert!(treated <= 1);
            prop_assert!(meeting.state != MeetingState::Closed || treated == 0);
        }
    }
}
