//! Worries, by the SDK: a circle, posting by itself while weeks pass, a match, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use sluis_client::ranking::Area;
use sluis_client::types::{
    Clock as _, CodeSet, Epoch, GrantId, Handle, MatchClass, OrganisationKind, SignalId, SignalType,
};
use sluis_client::{
    Checklist, CircleQuestion, Error, Match, MatchCommand, MatchOutcome, Posted, Quarter, ResidentTold,
    Severity, SignalsTended, Worry,
};
use sluis_compose::Fittings;
use sluis_demo::calendar::Calendar;
use sluis_proto::consent::v1 as consent;
use sluis_proto::options::v1::ErrorReason;
use zeroize::Zeroizing;

use crate::fixture::{Backend, TestMesh, TestPartner, TestResident, request_id};

const WEEK: Duration = Duration::from_hours(168);
const CLASSES: [MatchClass; 2] = [MatchClass::HomeAtRisk, MatchClass::NeglectAndSilence];

/// A mesh in which time passes, housing and welfare in it, and a resident.
struct Town {
    mesh: TestMesh,
    calendar: Arc<Calendar>,
    housing: TestPartner,
    welfare: TestPartner,
}

impl Town {
    async fn begin(backend: Backend) -> Self {
        let calendar = Arc::new(Calendar::default());
        let mesh = TestMesh::start_at(backend, &Fittings::real(), &calendar).await;
        let housing = mesh
            .partner("00000099000000003000", OrganisationKind::Housing)
            .await;
        let welfare = mesh
            .partner("00000099000000001000", OrganisationKind::Welfare)
            .await;
        housing.pin(&welfare);
        welfare.pin(&housing);
        let (housing, welfare) = (housing.at(calendar.clone()), welfare.at(calendar.clone()));
        // The middle of a week: what is posted later in it is posted soon. The certificates are of today.
        calendar.pass_until(Epoch::of(calendar.now()).later(1).starts().plus(WEEK / 2));
        Self {
            mesh,
            calendar,
            housing,
            welfare,
        }
    }

    /// The resident, logged in again: hours pass here, and a session does not last that long.
    async fn resident(&self) -> TestResident {
        self.mesh.resident("fien").await
    }

    /// Welfare asks for a circle, the resident allows it; its id.
    async fn circle(&self, resident: &Handle) -> GrantId {
        let question = CircleQuestion {
            members: vec![self.housing.oin(), self.welfare.oin()],
            match_classes: CLASSES.into_iter().collect(),
            valid_days: 90,
            replaces: None,
        };
        self.welfare
            .partner
            .propose_circle(resident, &question)
            .await
            .expect("asked");
        let list = consent::ListCircleProposalsRequest {};
        let session = self.resident().await.session;
        let pending = session.list_circle_proposals(list).await.expect("proposals");
        let pending = &pending.proposals[0];
        let grant = consent::GrantCircleRequest {
            request_id: request_id(),
            proposal_id: pending.proposal_id.clone(),
            terms: pending.terms.clone(),
            valid_days: 0,
            notice: Some(consent::Notice {
                notice_id: "share-circle".to_owned(),
                version: 1,
                language: "nl".to_owned(),
                sha256: vec![7; 32].into(),
            }),
        };
        let granted = session.grant_circle(grant).await.expect("granted");
        let grant = granted.circle.expect("a circle").grant.expect("its grant");
        grant.grant_id.parse().expect("a grant id")
    }

    /// Looks after a partner's signals, again and again, until nothing is due for a day.
    async fn tend(&self, who: &TestPartner) -> (Vec<Posted>, Vec<(MatchClass, Option<ErrorReason>)>) {
        let (mut posted, mut failed) = (Vec::new(), Vec::new());
        let until = self.calendar.now().plus(Duration::from_hours(25));
        loop {
            let SignalsTended {
                posted: more,
                not_posted,
                again_at,
                ..
            } = who.partner.tend_signals().await.expect("looked after");
            posted.extend(more);
            failed.extend(not_posted.iter().map(|it| (it.class, it.error.reason())));
            assert!(again_at > self.calendar.now(), "it goes on");
            // A system looks every minute; here, as often as the mesh's limits let it.
            let next = again_at.max(self.calendar.now().plus(Duration::from_mins(40)));
            if next > until {
                return (posted, failed);
            }
            self.calendar.pass_until(next);
        }
    }
}

/// A worry, written down and weighed.
async fn worry(
    town: &Town,
    who: &TestPartner,
    resident: Handle,
    (kind, severity): (SignalType, Severity),
) -> SignalId {
    let observed_at = town.calendar.now();
    let worry = Worry {
        kind,
        resident,
        severity,
        observed_at,
        fact: Zeroizing::new("de post ligt op de mat".to_owned()),
        interpretation: Some(Zeroizing::new("misschien opgenomen".to_owned())),
        function: "wijkwerker".to_owned(),
        callback: "0412-000001, ma-do".to_owned(),
        area: Some(Area::parse("WK079600").expect("a wijk")),
    };
    let draft = who.partner.draft_signal(&worry).await.expect("written down");
    let checklist = Checklist {
        first_hand: true,
        consent_tried: true,
        least_intrusive: true,
        danger: false,
        told: ResidentTold::At(observed_at),
    };
    let weighed = who
        .partner
        .weigh_signal(draft.signal_id, draft.version, &checklist)
        .await
        .expect("weighed");
    assert!(weighed.is_posted());
    weighed.signal_id
}

async fn only_match(who: &TestPartner) -> Match {
    let mut matches = who.partner.matches().await.expect("a list");
    matches.retain(|found| !found.has_ended());
    assert_eq!(matches.len(), 1);
    matches.remove(0)
}

async fn step(who: &TestPartner, found: &Match, command: MatchCommand) -> Match {
    who.partner
        .match_command(found.match_id, found.version, command)
        .await
        .expect("done")
}

async fn worries_meet_by_themselves(backend: Backend) {
    let town = Town::begin(backend).await;
    let (housing, welfare) = (&town.housing, &town.welfare);
    let at_welfare = welfare.link(&town.resident().await).await;
    let circle = town.circle(&at_welfare).await;

    // Each member hears whom a circle is about by its own handle, also who did not know the resident.
    let fetched = welfare.partner.fetch_circles().await.expect("fetched");
    assert_eq!((fetched.len(), fetched[0].resident), (1, at_welfare));
    let fetched = housing.partner.fetch_circles().await.expect("fetched");
    let at_housing = fetched[0].resident;
    assert_ne!(at_housing, at_welfare);
    assert_eq!(housing.link(&town.resident().await).await, at_housing);
    assert!(housing.partner.fetch_circles().await.expect("fetched").is_empty());

    // Both worry; their systems post by themselves, at moments of their own, in this very week.
    let eviction = (SignalType::EvictionRisk, Severity::Attention);
    worry(&town, housing, at_housing, eviction).await;
    let no_contact = (SignalType::NoContact, Severity::Worry);
    let no_contact = worry(&town, welfare, at_welfare, no_contact).await;
    let (posted, failed) = town.tend(housing).await;
    assert_eq!(
        (posted.len(), failed.len()),
        (1, 0),
        "eviction risk meets in one class"
    );
    assert!(housing.partner.matches().await.expect("a list").is_empty());
    let (posted, failed) = town.tend(welfare).await;
    assert_eq!((posted.len(), failed.len()), (2, 0), "no contact meets in two");
    let (found, theirs) = (only_match(housing).await, only_match(welfare).await);
    assert_eq!((found.match_id, found.parties.len()), (theirs.match_id, 2));

    // Whom to call, at both sides; a second look does not ask the gate again.
    let before = town.resident().await.access().await.entries.len();
    let (about, contacts) = housing
        .partner
        .open_contacts(found.match_id)
        .await
        .expect("opened");
    assert_eq!((about, contacts.len()), (at_housing, 1));
    assert_eq!(contacts[0].organisation, welfare.oin());
    assert_eq!(contacts[0].card.function, "wijkwerker");
    let opened = town.resident().await.access().await.entries.len();
    assert_eq!(opened, before + 1, "the resident sees it");
    let again = housing.partner.open_contacts(found.match_id).await.expect("kept");
    assert_eq!(again.1, contacts);
    assert_eq!(town.resident().await.access().await.entries.len(), opened);
    let (about, _) = welfare
        .partner
        .open_contacts(found.match_id)
        .await
        .expect("opened");
    assert_eq!(about, at_welfare);
    let texts = welfare.partner.signal_texts(no_contact).expect("kept");
    assert_eq!(texts.fact.as_str(), "de post ligt op de mat");

    followed_up(&town, circle, &found).await;
    town.mesh.mesh.stop().await;
}

/// Acknowledged, led, spoken about, agreed to, closed with a referral.
async fn followed_up(town: &Town, circle: GrantId, found: &Match) {
    let (housing, welfare) = (&town.housing, &town.welfare);
    let seen = step(housing, found, MatchCommand::Acknowledge).await;
    let seen = step(welfare, &seen, MatchCommand::Acknowledge).await;
    let led = step(welfare, &seen, MatchCommand::TakeLead).await;
    assert_eq!(led.lead, Some(welfare.oin()));
    let asked = step(welfare, &led, MatchCommand::ContactResident).await;
    let request = sluis_client::types::RequestId::random(&sluis_client::types::OsRandomness);
    let agreed = town
        .resident()
        .await
        .session
        .answer_match(request, circle, asked.match_id, true)
        .await
        .expect("answered");
    assert_eq!(agreed.r#match.expect("a match").version, asked.version + 1);
    let now = only_match(welfare).await;
    assert_eq!(now.state, "FOLLOW_UP");
    let closed = step(welfare, &now, MatchCommand::Close(MatchOutcome::Referred)).await;
    assert_eq!((closed.state, closed.outcome), ("CLOSED", "REFERRED"));
    // What was followed up is over: nothing of it is posted any more.
    town.calendar.pass(WEEK);
    let (posted, failed) = town.tend(welfare).await;
    assert_eq!((posted.len(), failed.len()), (0, 0));
    only_a_count_stays(town).await;
}

/// A month after a signal ended nothing is kept of it but that there was one.
async fn only_a_count_stays(town: &Town) {
    let partner = &town.welfare.partner;
    let counted = partner.ended_signals().expect("counts");
    let (ended, count) = counted[0];
    assert_eq!(
        (counted.len(), count),
        (1, 1),
        "once, however often it was looked at"
    );
    assert_eq!((ended.kind, ended.ending), (SignalType::NoContact, "REFERRED"));
    assert_eq!(
        ended.area.map(|area| area.to_string()).as_deref(),
        Some("WK079600")
    );
    let quarter = ended.month.quarter();
    assert_eq!(quarter, Quarter::of(town.calendar.now()));
    assert!(partner.hand_on_counts(quarter).is_err(), "it is not over");
    let kept = |name: &str| partner.profile().directory().join(name);
    let files = |name: &str| std::fs::read_dir(kept(name)).expect("a folder").count();
    assert_eq!(files("signals"), 1);
    town.calendar.pass(4 * WEEK + WEEK / 2);
    for _ in 0..2 {
        partner.tend_signals().await.expect("looked after");
    }
    assert_eq!((files("signals"), files("matches")), (0, 0), "the month is over");
    let statistics = std::fs::read_to_string(kept("statistics/signals.json")).expect("a file");
    assert!(statistics.contains("\"counted\": []"), "{statistics}");
    assert_eq!(partner.ended_signals().expect("counts"), counted);
    // The quarter ends; one is too few to be told, and what was handed on stays as it is.
    town.calendar.pass(14 * WEEK);
    let handed_on = partner.hand_on_counts(quarter).expect("handed on");
    assert_eq!(handed_on.ended, None);
    assert_eq!(partner.hand_on_counts(quarter).expect("kept"), handed_on);
}

async fn every_week_and_every_version(backend: Backend) {
    let town = Town::begin(backend).await;
    let welfare = &town.welfare;
    let at_welfare = welfare.link(&town.resident().await).await;
    let circle = town.circle(&at_welfare).await;
    let no_contact = (SignalType::NoContact, Severity::Worry);
    worry(&town, welfare, at_welfare, no_contact).await;
    assert_eq!(town.tend(welfare).await.0.len(), 2, "this week");
    assert_eq!(town.tend(welfare).await.0.len(), 0, "once");
    let next = Epoch::of(town.calendar.now()).later(1);
    town.calendar.pass_until(next.starts());
    let (posted, _) = town.tend(welfare).await;
    assert_eq!(posted.len(), 2, "the next week, early");
    assert_eq!(Epoch::of(town.calendar.now()), next);

    // The resident leaves a class out: a new version, posted in at once, and in that class only.
    let narrow = consent::NarrowCircleRequest {
        request_id: request_id(),
        grant_id: circle.to_string(),
        expected_version: 1,
        terms: Some(consent::CircleTerms {
            members: vec![town.welfare.oin().to_string(), town.housing.oin().to_string()],
            match_classes: vec![consent::MatchClass::HomeAtRisk.into()],
        }),
    };
    let session = town.resident().await.session;
    session.narrow_circle(narrow).await.expect("narrowed");
    let at_once = welfare.partner.tend_signals().await.expect("looked after");
    assert_eq!((at_once.circles.len(), at_once.circles[0].version), (1, 2));
    let classes: CodeSet<MatchClass> = at_once.posted.iter().map(|posted| posted.class).collect();
    assert_eq!(classes, CodeSet::EMPTY.with(MatchClass::HomeAtRisk));

    // The resident ends it: nothing is posted any more, and it is tried twice in a week at most.
    let withdraw = consent::WithdrawGrantRequest {
        request_id: request_id(),
        grant_id: circle.to_string(),
    };
    let session = town.resident().await.session;
    session.withdraw_grant(withdraw).await.expect("ended");
    town.calendar
        .pass_until(Epoch::of(town.calendar.now()).later(1).starts());
    let (posted, refused) = town.tend(welfare).await;
    assert!(posted.is_empty());
    assert!(!refused.is_empty() && refused.len() <= 2, "{refused:?}");
    for (class, reason) in refused {
        assert_eq!(
            (class, reason),
            (MatchClass::HomeAtRisk, Some(ErrorReason::PostRefused))
        );
    }
    town.mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_posts_by_itself_until_worries_meet_on_sqlite() {
    Box::pin(worries_meet_by_themselves(Backend::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_posts_by_itself_until_worries_meet_on_postgresql() {
    Box::pin(worries_meet_by_themselves(Backend::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_posts_every_week_and_in_every_version_and_never_in_an_ended_circle() {
    Box::pin(every_week_and_every_version(Backend::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acute_or_not_ones_to_send_goes_nowhere() {
    let town = Town::begin(Backend::Sqlite).await;
    let resident = town.welfare.link(&town.resident().await).await;
    let worry = |kind, severity| Worry {
        kind,
        resident,
        severity,
        observed_at: town.calendar.now(),
        fact: Zeroizing::new("geschreeuw achter de deur".to_owned()),
        interpretation: None,
        function: "wijkwerker".to_owned(),
        callback: "0412-000001".to_owned(),
        area: None,
    };
    let partner = &town.welfare.partner;
    let acute = partner
        .draft_signal(&worry(SignalType::NoContact, Severity::Acute))
        .await
        .expect_err("call instead");
    assert!(matches!(acute, Error::CallInstead));
    assert!(acute.hint().contains("112") && acute.hint().contains("0800-2000"));
    let foreign = partner
        .draft_signal(&worry(SignalType::RentArrears, Severity::Worry))
        .await
        .expect_err("housing's to send");
    assert!(matches!(foreign, Error::Invalid { field: "kind", .. }));
    assert!(
        partner.signals().await.expect("a list").is_empty(),
        "nothing was sent"
    );
    town.mesh.mesh.stop().await;
}
