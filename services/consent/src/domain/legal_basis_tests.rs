use proptest::prelude::*;

use super::*;
use crate::domain::grant::tests::example;
use crate::domain::legal_basis_rule::RULES;
use crate::domain::life::KeyFate;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const RECORDER: [u8; 32] = [1; 32];
const SECOND: [u8; 32] = [2; 32];
const OFFICER: [u8; 32] = [3; 32];

/// Arrears of rent, recorded and not confirmed.
pub(crate) fn arrears() -> Basis {
    Basis {
        legal: LegalBasis::StatutoryDuty,
        article: Some(LegalArticle::BgsRentArrears),
        checks: CodeSet::all(),
        document_sha256: [9; 32],
        recorded: Act {
            by: RECORDER,
            at: NOW,
        },
        confirmed: None,
        valid_days: 92,
        deferral: None,
        ask_again_at: None,
        objected_at: None,
        reviewed: None,
    }
}

/// What a line of the table just lets through.
fn stated(rule: &Rule) -> Stated {
    Stated {
        legal: rule.basis,
        article: rule.article,
        discloser: rule.disclosers[0],
        recipient: rule.recipients[0],
        life_domains: rule.life_domains(),
        data_kinds: rule.data_kinds(),
        checks: rule.checks(),
        document_sha256: [9; 32],
        valid_days: 0,
        deferral: None,
        ask_again_at: rule.asks_again.then(|| NOW.plus(Duration::from_hours(12))),
    }
}

fn grant_of(admitted: &Admitted) -> Grant {
    Grant {
        version: u32::from(admitted.state == State::Active),
        state: admitted.state,
        valid_until: admitted.valid_until,
        allowed: admitted.allowed,
        basis: Some(admitted.basis.clone()),
        ..example()
    }
}

#[test]
fn every_line_lets_through_what_it_says_between_those_it_says() {
    for rule in RULES {
        for &discloser in OrganisationKind::ALL {
            for &recipient in OrganisationKind::ALL {
                let asked = Stated {
                    discloser,
                    recipient,
                    ..stated(rule)
                };
                let fits = rule.disclosers.contains(&discloser) && rule.recipients.contains(&recipient);
                let admitted = admit(&asked, RECORDER, NOW);
                assert_eq!(
                    admitted.is_ok(),
                    fits,
                    "{:?} {discloser:?} {recipient:?}",
                    rule.basis
                );
            }
        }
    }
}

#[test]
fn what_a_line_does_not_say_is_refused() {
    for rule in RULES {
        let good = stated(rule);
        let refused = |asked: Stated, field: &str| {
            let Err(Unfit(named, _)) = admit(&asked, RECORDER, NOW) else {
                panic!("{:?}: {field} is let through", rule.basis)
            };
            assert_eq!(named, field, "{:?}", rule.basis);
        };
        for check in rule.checks().iter() {
            let checks = CodeSet::<BasisCheck>::all().without(check);
            refused(Stated { checks, ..good }, "checks");
        }
        for kind in DataKind::ALL
            .iter()
            .filter(|kind| !rule.data_kinds().contains(**kind))
        {
            let data_kinds = rule.data_kinds().with(*kind);
            refused(Stated { data_kinds, ..good }, "data_kinds");
        }
        for domain in LifeDomain::ALL
            .iter()
            .filter(|it| !rule.life_domains().contains(**it))
        {
            let life_domains = CodeSet::EMPTY.with(*domain);
            refused(Stated { life_domains, ..good }, "life_domains");
        }
        for (life_domains, data_kinds, field) in [
            (CodeSet::EMPTY, good.data_kinds, "life_domains"),
            (good.life_domains, CodeSet::EMPTY, "data_kinds"),
        ] {
            let asked = Stated {
                life_domains,
                data_kinds,
                ..good
            };
            refused(asked, field);
        }
        let valid_days = rule.days_max + 1;
        refused(Stated { valid_days, ..good }, "valid_days");
        for article in [
            None,
            Some(LegalArticle::Participatiewet),
            Some(LegalArticle::BgsRentArrears),
        ] {
            if RULES
                .iter()
                .all(|other| (other.basis, other.article) != (rule.basis, article))
            {
                refused(Stated { article, ..good }, "article");
            }
        }
        // Asking again belongs to emergency access, and to nothing else.
        let again = |hours| Some(NOW.plus(Duration::from_hours(hours)));
        let wrong = if rule.asks_again { None } else { again(2) };
        for ask_again_at in [wrong, again(25), Some(NOW)] {
            refused(Stated { ask_again_at, ..good }, "ask_again_at");
        }
    }
}

#[test]
fn a_resident_is_told_later_only_where_that_is_allowed_and_not_for_long() {
    for rule in RULES {
        let deferred = |until| {
            let deferral = Some(Deferral {
                until,
                reason: DeferralReason::ResidentAtRisk,
            });
            admit(
                &Stated {
                    deferral,
                    ..stated(rule)
                },
                RECORDER,
                NOW,
            )
        };
        let longest = NOW.plus(DEFERRED_MAX);
        assert_eq!(deferred(longest).is_ok(), rule.may_defer, "{:?}", rule.basis);
        assert!(deferred(Timestamp::from_micros(longest.micros() + 1)).is_err());
        assert!(deferred(NOW).is_err(), "not in the past");
        if let Ok(admitted) = deferred(longest) {
            let basis = admitted.basis;
            assert!(basis.review_waits(), "somebody looks at each that is told later");
            assert!(!basis.is_shown(Timestamp::from_micros(longest.micros() - 1)));
            assert!(basis.is_shown(longest));
        }
    }
}

#[test]
fn bases_begin_as_their_second_eyes_say() {
    for rule in RULES {
        let admitted = admit(&stated(rule), RECORDER, NOW).unwrap();
        let (state, life) = match rule.second_eyes {
            SecondEyes::Before => (State::Recorded, RECORD_LIFE),
            SecondEyes::After | SecondEyes::Never => (State::Active, AT_ONCE),
        };
        assert_eq!(admitted.state, state, "{:?}", rule.basis);
        let until = admitted.valid_until;
        assert!(until <= NOW.plus(life) && NOW.plus(life) < until.plus(Duration::from_hours(1)));
        assert_eq!(until.seconds() % 3600, 0, "a whole hour");
        assert_eq!(admitted.basis.review_waits(), rule.always_reviewed);
    }
}

#[test]
fn a_second_person_confirms_and_nobody_alone() {
    for rule in RULES {
        let admitted = admit(&stated(rule), RECORDER, NOW).unwrap();
        let (mut grant, later) = (grant_of(&admitted), NOW.plus(Duration::from_hours(3)));
        let before = grant.clone();
        if rule.second_eyes == SecondEyes::Never {
            let refused = confirm(&mut grant, SECOND, later).err();
            assert_eq!(
                refused,
                Some(NoStep::Illegal(Stage::Active)),
                "it cannot be made to last"
            );
            continue;
        }
        assert_eq!(
            confirm(&mut grant, RECORDER, later).err(),
            Some(NoStep::SamePerson)
        );
        assert_eq!(grant, before);
        let line = confirm(&mut grant, SECOND, later).unwrap();
        let waited = rule.second_eyes == SecondEyes::Before;
        let fate = if waited { KeyFate::Replaced } else { KeyFate::Stays };
        assert_eq!((line.key, grant.state, grant.version), (fate, State::Active, 1));
        let from = if waited { later } else { NOW };
        assert_eq!(grant.valid_until, end_of_day(from, rule.days_max));
        assert!(confirm(&mut grant, OFFICER, later).is_err(), "once");
    }
}

#[test]
fn what_was_not_confirmed_in_time_cannot_be() {
    for rule in RULES {
        let admitted = admit(&stated(rule), RECORDER, NOW).unwrap();
        let mut grant = grant_of(&admitted);
        let late = confirm(&mut grant, SECOND, admitted.valid_until).err();
        assert_eq!(late, Some(NoStep::Illegal(Stage::Expired)), "{:?}", rule.basis);
    }
}

#[test]
fn an_objection_waits_for_a_review_by_somebody_else() {
    let rule = &RULES[0];
    let mut grant = grant_of(&admit(&stated(rule), RECORDER, NOW).unwrap());
    confirm(&mut grant, SECOND, NOW).unwrap();
    let upheld = ReviewOutcome::Upheld;
    let nothing = review(&mut grant, OFFICER, upheld, NOW).err();
    assert_eq!(nothing, Some(NoStep::Illegal(Stage::Active)), "nothing waits");

    let at = |hours| NOW.plus(Duration::from_hours(hours));
    assert!(object(grant.basis.as_mut().unwrap(), at(1)));
    assert!(!object(grant.basis.as_mut().unwrap(), at(2)), "it waits already");
    assert_eq!(grant.state, State::Active, "nothing stops by it");
    for own in [RECORDER, SECOND] {
        let refused = review(&mut grant, own, upheld, at(3)).err();
        assert_eq!(refused, Some(NoStep::SamePerson));
    }
    assert!(review(&mut grant, OFFICER, upheld, at(3)).unwrap().is_none());
    assert!(!grant.basis.as_ref().unwrap().review_waits());
    // Again, and now it was not right: it ends.
    assert!(object(grant.basis.as_mut().unwrap(), at(4)));
    let line = review(&mut grant, OFFICER, ReviewOutcome::Unfounded, at(5)).unwrap();
    assert_eq!(line.unwrap().key, KeyFate::Destroyed);
    assert_eq!(grant.state, State::Withdrawn { at: at(5) });
    assert!(grant.gate_key.is_empty());
}

#[test]
fn a_review_after_the_end_is_written_down_and_revives_nothing() {
    let rule = RULES.iter().find(|rule| rule.always_reviewed).unwrap();
    for outcome in [ReviewOutcome::Upheld, ReviewOutcome::Unfounded] {
        let mut grant = grant_of(&admit(&stated(rule), RECORDER, NOW).unwrap());
        let end = grant.valid_until;
        grant.step(Command::Expire, end).unwrap();
        review(&mut grant, OFFICER, outcome, end).unwrap();
        assert_eq!(grant.state, State::Expired { at: end });
        assert!(!grant.basis.as_ref().unwrap().review_waits());
    }
}

proptest! {
    /// Whatever is done in whatever order: nothing that waits for a second person is active before somebody else
    /// confirmed it, and emergency access never lasts longer than a day.
    #[test]
    fn no_order_of_steps_gets_round_the_brakes(
        line in 0..RULES.len(),
        steps in proptest::collection::vec((0..6_u8, 0..4_u8, 0..40_u64), 0..30),
    ) {
        let rule = &RULES[line];
        let mut grant = grant_of(&admit(&stated(rule), RECORDER, NOW).unwrap());
        let mut now = NOW;
        for (step, who, hours) in steps {
            now = now.plus(Duration::from_hours(hours));
            let by = [who; 32];
            match step {
                0 => _ = confirm(&mut grant, by, now),
                1 => _ = review(&mut grant, by, ReviewOutcome::Upheld, now),
                2 => _ = review(&mut grant, by, ReviewOutcome::Unfounded, now),
                3 => _ = grant.step(Command::Withdraw, now),
                4 => _ = object(grant.basis.as_mut().unwrap(), now),
                _ if now >= grant.valid_until => _ = grant.step(Command::Expire, now),
                _ => {}
            }
            let basis = grant.basis.as_ref().unwrap();
            prop_assert!(basis.confirmed.is_none_or(|act| act.by != basis.recorded.by));
            if rule.second_eyes == SecondEyes::Before && basis.confirmed.is_none() {
                prop_assert!(grant.state != State::Active);
            }
            if basis.confirmed.is_none() && rule.second_eyes != SecondEyes::Before {
                prop_assert!(grant.valid_until <= NOW.plus(AT_ONCE));
            }
        }
    }
}
