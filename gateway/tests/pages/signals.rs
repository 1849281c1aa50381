//! Matches of signals: what is said of each, answering the offer of help, objecting.

use sluis_proto::consent::v1 as consent;
use sluis_proto::signalling::v1 as signalling;
use sluis_proto::signalling::v1::{Outcome, SignalState};

use super::browser::{Answer, Browser};
use super::world::{World, circle, encounter, world};

const ANSWER: &str = "/signalen/antwoord";
const OBJECT: &str = "/signalen/bezwaar";

async fn with(matches: Vec<signalling::Match>) -> (World, Browser) {
    let world = world().await;
    world.circles(vec![], vec![circle()]);
    world.matches(matches);
    let browser = world.inside().await;
    (world, browser)
}

fn in_state(state: SignalState, outcome: Outcome) -> signalling::Match {
    signalling::Match {
        state: state.into(),
        outcome: outcome.into(),
        ..encounter()
    }
}

async fn send(browser: &mut Browser, page: &Answer, action: &str, more: &[(&str, &str)]) -> Answer {
    let hidden = page.form(action);
    let hidden = hidden.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = hidden.chain(more.iter().copied()).collect();
    browser.post(action, &fields).await
}

/// What is said of a state, and whether one can answer and object there.
const SAID: [(SignalState, Outcome, &str, bool, bool); 13] = [
    (
        SignalState::Matched,
        Outcome::Unspecified,
        "uiterlijk op 21 januari 2027",
        false,
        true,
    ),
    (
        SignalState::Acknowledged,
        Outcome::Unspecified,
        "neemt contact met u op",
        false,
        true,
    ),
    (
        SignalState::ResidentContacted,
        Outcome::Unspecified,
        "Kiest u ja of nee?",
        true,
        true,
    ),
    (
        SignalState::OnAgenda,
        Outcome::Unspecified,
        "op de agenda van een overleg",
        false,
        true,
    ),
    (
        SignalState::FollowUp,
        Outcome::Unspecified,
        "Er wordt hulp geregeld.",
        false,
        true,
    ),
    (
        SignalState::Disputed,
        Outcome::Unspecified,
        "binnen 10 werkdagen",
        false,
        false,
    ),
    (
        SignalState::Withdrawn,
        Outcome::Unspecified,
        "nam haar zorg terug",
        false,
        false,
    ),
    (
        SignalState::Expired,
        Outcome::Unspecified,
        "De tijd was om.",
        false,
        false,
    ),
    (
        SignalState::Closed,
        Outcome::Declined,
        "Nee zeggen heeft geen gevolgen.",
        false,
        false,
    ),
    (
        SignalState::Closed,
        Outcome::Referred,
        "Er kwam een verwijzing",
        false,
        false,
    ),
    (
        SignalState::Closed,
        Outcome::Unfounded,
        "Er bleek niets aan de hand.",
        false,
        false,
    ),
    (
        SignalState::Closed,
        Outcome::ObjectionUpheld,
        "Het bezwaar was terecht.",
        false,
        false,
    ),
    (
        SignalState::Closed,
        Outcome::CircleEnded,
        "omdat de kring stopte of de tijd om was",
        false,
        false,
    ),
];

#[tokio::test]
async fn each_state_is_said_in_plain_words_with_what_one_can_do() {
    let (world, mut browser) = with(vec![]).await;
    browser
        .get("/signalen")
        .await
        .says("Er zijn geen signalen over u.");
    for (state, outcome, words, can_answer, can_object) in SAID {
        world.matches(vec![in_state(state, outcome)]);
        let page = browser.get("/signalen").await;
        page.says(words);
        page.says("Zij horen dit van elkaar sinds 14 januari 2027.");
        page.says("Welke, weten wij niet");
        let has = |path: &str| page.body.contains(&format!("href=\"{path}?"));
        assert_eq!((has(ANSWER), has(OBJECT)), (can_answer, can_object), "{state:?}");
    }
    let mut late = in_state(SignalState::Matched, Outcome::Unspecified);
    (late.overdue, late.lead) = (true, String::new());
    world.matches(vec![late]);
    let page = browser.get("/signalen").await;
    page.says("keken niet op tijd");
    page.says("heeft dit nog niet gezien.");
    page.says("nog geen organisatie die de leiding heeft");
}

#[tokio::test]
async fn help_is_accepted_or_declined_in_one_page() {
    for (value, agree, state, outcome, words) in [
        (
            "ja",
            true,
            SignalState::FollowUp,
            Outcome::Unspecified,
            "U zei ja",
        ),
        (
            "nee",
            false,
            SignalState::Closed,
            Outcome::Declined,
            "Nee zeggen heeft geen gevolgen.",
        ),
    ] {
        let (world, mut browser) = with(vec![encounter()]).await;
        let link = browser.get("/signalen").await.link("/signalen/antwoord?");
        let page = browser.get(&link).await;
        page.says("Nee zeggen heeft geen gevolgen.");
        world.reply(
            "/sluis.signalling.v1.ResidentSignallingService/AnswerMatch",
            &signalling::AnswerMatchResponse {
                r#match: Some(in_state(state, outcome)),
            },
        );
        assert_eq!(send(&mut browser, &page, ANSWER, &[]).await.status, 400);
        for _ in 0..2 {
            send(&mut browser, &page, ANSWER, &[("antwoord", value)])
                .await
                .says(words);
        }
        let seen: Vec<signalling::AnswerMatchRequest> = world.seen("AnswerMatch");
        assert_eq!((seen.len(), &seen[0]), (2, &seen[1]), "one act");
        assert_eq!((seen[0].agree, &seen[0].match_id), (agree, &encounter().match_id));
        let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
        let decides = [i32::from(consent::TicketAction::Decide)];
        assert_eq!(tickets.last().unwrap().actions, decides);
    }
}

#[tokio::test]
async fn an_objection_says_who_decides_and_until_when() {
    let (world, mut browser) = with(vec![encounter()]).await;
    let link = browser.get("/signalen").await.link("/signalen/bezwaar?");
    let page = browser.get(&link).await;
    page.says("meteen verborgen");
    page.says("binnen 10 werkdagen");
    world.reply(
        "/sluis.signalling.v1.ResidentSignallingService/ObjectToMatch",
        &signalling::ObjectToMatchResponse {
            r#match: Some(in_state(SignalState::Disputed, Outcome::Unspecified)),
        },
    );
    send(&mut browser, &page, OBJECT, &[])
        .await
        .says("Uw bezwaar is ontvangen");
    let seen: Vec<signalling::ObjectToMatchRequest> = world.seen("ObjectToMatch");
    assert_eq!(seen[0].match_id, encounter().match_id);
    // The ticket is for this circle, and stops.
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    let last = tickets.last().unwrap();
    assert_eq!(last.grant_id, circle().grant.unwrap().grant_id);
    assert_eq!(last.actions, [i32::from(consent::TicketAction::Stop)]);
}

#[tokio::test]
async fn another_site_cannot_make_tickets_in_the_residents_log() {
    let (world, mut browser) = with(vec![encounter()]).await;
    browser.extra = vec![(http::HeaderName::from_static("sec-fetch-site"), "cross-site")];
    let answer = browser.get("/signalen").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert!(tickets.is_empty());
}
