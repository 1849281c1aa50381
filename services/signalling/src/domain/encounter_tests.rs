use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const DAY: Duration = Duration::from_hours(24);

fn oin(number: u8) -> Oin {
    format!("000000990000000{number:02}000").parse().unwrap()
}

fn party(number: u8) -> Party {
    Party {
        organisation: oin(number),
        signal: SignalId::from_bytes([number; 16]),
        grant: GrantId::from_bytes([9; 16]),
        acknowledged: false,
    }
}

fn lead(number: u8) -> Lead {
    Lead {
        organisation: oin(number),
        professional: [number; 32],
    }
}

fn met() -> Encounter {
    Encounter::new(
        MatchId::from_bytes([1; 16]),
        KeyId::from_bytes([2; 32]),
        vec![party(1), party(3)],
        NOW,
    )
}

#[test]
fn each_organisation_acknowledges_once_and_the_first_who_did_may_lead() {
    assert!(met().led_by(lead(1)).is_err(), "nobody has seen it");
    let one = met().acknowledged(oin(1)).unwrap();
    assert_eq!(one.stage, Stage::Open(Open::Acknowledged));
    assert!(one.clone().acknowledged(oin(1)).is_err(), "once");
    assert!(one.clone().acknowledged(oin(2)).is_err(), "a stranger");
    assert!(one.clone().led_by(lead(3)).is_err(), "it has not seen it");
    let both = one.acknowledged(oin(3)).unwrap();
    let led = both.led_by(lead(3)).unwrap();
    assert!(led.clone().led_by(lead(1)).is_err(), "it has a lead");
    assert_eq!((led.lead, led.version), (Some(lead(3)), 4));
}

#[test]
fn it_is_put_on_an_agenda_by_who_has_seen_it_and_closed_there_among_those_it_is_of() {
    let one = met().acknowledged(oin(1)).unwrap();
    assert!(one.clone().on_agenda(oin(3), NOW).is_err(), "it has not seen it");
    assert!(one.clone().on_agenda(oin(2), NOW).is_err(), "a stranger");
    assert_eq!(
        one.clone().on_agenda(oin(1), NOW).unwrap().stage,
        Stage::OnAgenda {
            before: Open::Acknowledged
        }
    );
    assert!(one.may_close_among(|_| true) && !one.may_close_among(|there| there == oin(1)));
    let led = one.led_by(lead(1)).unwrap();
    assert!(led.may_close_among(|there| there == oin(1)) && !led.may_close_among(|there| there == oin(3)));
}

#[test]
fn who_joins_stands_in_order_and_is_not_there_twice() {
    let joined = met().joined(&[party(2), party(3)], KeyId::from_bytes([3; 32]));
    let organisations: Vec<_> = joined.parties.iter().map(|party| party.organisation).collect();
    assert_eq!(organisations, [oin(1), oin(2), oin(3)]);
    let signals = |numbers: &[u8]| -> Vec<_> {
        numbers
            .iter()
            .map(|number| SignalId::from_bytes([*number; 16]))
            .collect()
    };
    assert!(met().holds(&signals(&[1, 3])) && !met().holds(&signals(&[1, 2])));
    assert!(met().is_within(&signals(&[1, 2, 3])) && !met().is_within(&signals(&[1, 2])));
}

#[test]
fn time_escalates_once_decides_on_objections_and_ends_it() {
    let met = met();
    assert_eq!(met.due(), Some(met.acknowledge_by()));
    assert_eq!(met.due_act(NOW), None);
    let late = met.acknowledge_by();
    assert_eq!(met.due_act(late), Some(DueAct::Escalate));
    let overdue = met.clone().timed(DueAct::Escalate, late).unwrap();
    assert!(overdue.is_overdue && overdue.due_act(late).is_none());
    assert_eq!(overdue.due_act(NOW.plus(180 * DAY)), Some(DueAct::Expire));

    let objected = met.clone().after(Event::Object, Actor::Resident, NOW).unwrap();
    let until = objected.due().unwrap();
    assert!(until > NOW.plus(13 * DAY) && until < NOW.plus(17 * DAY));
    let closed = objected.timed(DueAct::UpholdObjection, until).unwrap();
    assert_eq!(closed.stage, Stage::Closed(Outcome::ObjectionUpheld));
    assert_eq!(closed.objected_at, None);
    assert_eq!(closed.due(), Some(until.plus(30 * DAY)), "then it is forgotten");
    assert_eq!(closed.due_act(until.plus(30 * DAY)), None);

    let seen = met.acknowledged(oin(1)).unwrap();
    assert_eq!(seen.due_act(late), None, "it was seen in time");
}
