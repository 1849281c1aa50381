//! Meetings: that one is or was on an agenda, who is there, coming, objecting.

use sluis_proto::consent::v1 as consent;
use sluis_proto::signalling::v1 as signalling;
use sluis_proto::signalling::v1::{AgendaItemState, Decision, ResidentPresence};

use super::browser::{Answer, Browser};
use super::world::{CARE, HOUSING, WELFARE, World, at, circle, grant, provision, world};

const PAGE: &str = "/overleg";
const ANSWER: &str = "/overleg/antwoord";
const OBJECT: &str = "/overleg/bezwaar";

fn meeting_grant() -> consent::Grant {
    consent::Grant {
        provisions: vec![provision(consent::Purpose::CaseMeeting.into(), &[1], &[2])],
        ..grant(0xc7, false)
    }
}

pub(crate) fn item(state: AgendaItemState) -> signalling::ResidentAgendaItem {
    signalling::ResidentAgendaItem {
        meeting_id: "c8".repeat(16),
        item_id: sluis_types::AgendaItemId::from_bytes([0xc9; 16]).to_string(),
        area: "WK075500".to_owned(),
        meets_at: at(7 * 86_400),
        state: state.into(),
        presenter: WELFARE.to_owned(),
        invited: vec![CARE.to_owned(), HOUSING.to_owned()],
        question: signalling::QuestionKind::WhichHelpFits.into(),
        invited_to_come: true,
        presence: ResidentPresence::Silent.into(),
        ..Default::default()
    }
}

async fn with(items: Vec<signalling::ResidentAgendaItem>) -> (World, Browser) {
    let world = world().await;
    world.grants(vec![grant(1, false), meeting_grant()]);
    world.matches(vec![]);
    world.reply(
        "/sluis.signalling.v1.ResidentMeetingService/ListResidentAgendaItems",
        &signalling::ListResidentAgendaItemsResponse { items },
    );
    let browser = world.inside().await;
    (world, browser)
}

async fn send(browser: &mut Browser, page: &Answer, action: &str, more: &[(&str, &str)]) -> Answer {
    let hidden = page.form(action);
    let hidden = hidden.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = hidden.chain(more.iter().copied()).collect();
    browser.post(action, &fields).await
}

#[tokio::test]
async fn one_sees_that_one_is_or_was_on_an_agenda() {
    let (_world, mut browser) = with(vec![]).await;
    let page = browser.get(PAGE).await;
    page.says("Er staat nu niets over u op een agenda.");
    page.says("langer dan 30 dagen klaar");
    let mut done = item(AgendaItemState::Done);
    done.decision = Decision::Act.into();
    done.actions = vec![signalling::MeetingAction {
        number: 1,
        kind: signalling::ActionKind::HomeVisit.into(),
        owner: CARE.to_owned(),
        due: at(14 * 86_400),
        ..Default::default()
    }];
    for (state, words, can_answer, can_object) in [
        (
            item(AgendaItemState::OnAgenda),
            "U bent uitgenodigd. Komt u?",
            true,
            true,
        ),
        (
            item(AgendaItemState::InTreatment),
            "Er wordt nu over gepraat.",
            false,
            true,
        ),
        (
            item(AgendaItemState::Objected),
            "Er wordt niet over gepraat.",
            false,
            false,
        ),
        (
            done,
            "komt bij u langs, en u weet daarvan, uiterlijk op 29 januari 2027.",
            false,
            false,
        ),
    ] {
        let (world, mut browser) = with(vec![state]).await;
        let page = browser.get(PAGE).await;
        page.says(words);
        page.says("Overleg op 22 januari 2027");
        page.says("Plaats: Boekel.");
        page.says("welke hulp past?");
        let has = |path: &str| page.body.contains(&format!("href=\"{path}?"));
        assert_eq!((has(ANSWER), has(OBJECT)), (can_answer, can_object), "{words}");
        let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
        assert!(tickets.iter().all(|it| it.grant_id == meeting_grant().grant_id));
    }
}

#[tokio::test]
async fn coming_sending_somebody_and_staying_away_are_one_page() {
    for (value, presence, words) in [
        ("kom", ResidentPresence::Comes, "U zei dat u komt."),
        (
            "stuur",
            ResidentPresence::SendsSomebody,
            "U zei dat er iemand namens u komt.",
        ),
        ("nee", ResidentPresence::DoesNotCome, "Dat heeft geen gevolgen."),
    ] {
        let (world, mut browser) = with(vec![item(AgendaItemState::OnAgenda)]).await;
        let link = browser.get(PAGE).await.link("/overleg/antwoord?");
        let page = browser.get(&link).await;
        let changed = signalling::ResidentAgendaItem {
            presence: presence.into(),
            ..item(AgendaItemState::OnAgenda)
        };
        world.reply(
            "/sluis.signalling.v1.ResidentMeetingService/AnswerAgendaItem",
            &signalling::AnswerAgendaItemResponse { item: Some(changed) },
        );
        assert_eq!(send(&mut browser, &page, ANSWER, &[]).await.status, 400);
        for _ in 0..2 {
            let answer = send(&mut browser, &page, ANSWER, &[("antwoord", value)]).await;
            answer.says(words);
            assert!(!answer.body.contains("Komt u?"), "it is not asked again");
        }
        let seen: Vec<signalling::AnswerAgendaItemRequest> = world.seen("AnswerAgendaItem");
        assert_eq!((seen.len(), &seen[0]), (2, &seen[1]), "one act");
        assert_eq!(seen[0].presence(), presence);
        let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
        let decides = [i32::from(consent::TicketAction::Decide)];
        assert_eq!(tickets.last().unwrap().actions, decides);
    }
}

#[tokio::test]
async fn an_objection_hides_the_item_at_once() {
    let (world, mut browser) = with(vec![item(AgendaItemState::OnAgenda)]).await;
    world.circles(vec![], vec![circle()]);
    let link = browser.get(PAGE).await.link("/overleg/bezwaar?");
    let page = browser.get(&link).await;
    page.says("meteen verborgen");
    world.reply(
        "/sluis.signalling.v1.ResidentMeetingService/ObjectToAgendaItem",
        &signalling::ObjectToAgendaItemResponse {
            item: Some(item(AgendaItemState::Objected)),
        },
    );
    send(&mut browser, &page, OBJECT, &[])
        .await
        .says("Uw bezwaar is ontvangen");
    let seen: Vec<signalling::ObjectToAgendaItemRequest> = world.seen("ObjectToAgendaItem");
    assert_eq!(seen[0].item_id, item(AgendaItemState::OnAgenda).item_id);
}

#[tokio::test]
async fn who_fetched_the_item_can_open_it_until_the_consent_stops() {
    let (_world, mut browser) = with(vec![item(AgendaItemState::Decided)]).await;
    let link = browser.get(PAGE).await.link("/overleg/bezwaar?");
    let page = browser.get(&link).await;
    page.says("Dan kan die het nog openen, tot u de toestemming voor die organisatie stopt.");
    page.says("<a href=\"/toestemmingen\">Een toestemming stoppen</a>");
    let page = browser.get("/toestemmingen").await;
    page.link("/toestemmingen/stoppen?");
}

#[tokio::test]
async fn an_item_that_rests_on_several_consents_stands_there_once() {
    let (world, mut browser) = with(vec![item(AgendaItemState::OnAgenda)]).await;
    let other = consent::Grant {
        grant_id: grant(0xca, false).grant_id,
        recipient: HOUSING.to_owned(),
        ..meeting_grant()
    };
    world.grants(vec![meeting_grant(), other]);
    let page = browser.get(PAGE).await;
    assert_eq!(page.body.matches("href=\"/overleg/bezwaar?").count(), 1);
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert_eq!(tickets.len(), 2);
}

#[tokio::test]
async fn a_live_circle_is_looked_under_however_many_consents_there_were() {
    let (world, mut browser) = with(vec![]).await;
    let ended = |id: u8| consent::Grant {
        grant_id: grant(id, false).grant_id,
        state: consent::GrantState::Withdrawn.into(),
        ..meeting_grant()
    };
    let live = meeting_grant();
    world.grants((1..=30).map(ended).chain([live.clone()]).collect());
    world.circles(vec![], vec![circle()]);
    browser.get(PAGE).await.says("Laat de rest zien");
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    let circle = circle().grant.expect("a grant").grant_id;
    assert_eq!(tickets.len(), 24);
    assert_eq!(
        [&tickets[0].grant_id, &tickets[1].grant_id],
        [&circle, &live.grant_id]
    );
}

#[tokio::test]
async fn what_ended_is_not_said_to_be_the_residents_doing() {
    for (reason, words) in [
        (
            signalling::TakenOffReason::ConsentEnded,
            "omdat een toestemming stopte of de tijd daarvan om was",
        ),
        (
            signalling::TakenOffReason::ConsentChanged,
            "omdat een toestemming veranderde",
        ),
    ] {
        let mut taken_off = item(AgendaItemState::TakenOff);
        taken_off.taken_off_reason = reason.into();
        let (_world, mut browser) = with(vec![taken_off]).await;
        browser.get(PAGE).await.says(words);
    }
}

#[tokio::test]
async fn another_site_cannot_make_tickets_in_the_residents_log() {
    let (world, mut browser) = with(vec![item(AgendaItemState::OnAgenda)]).await;
    browser.extra = vec![(http::HeaderName::from_static("sec-fetch-site"), "cross-site")];
    let answer = browser.get(PAGE).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert!(tickets.is_empty());
}
