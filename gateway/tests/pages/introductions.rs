//! Introductions: the other's card, answering, ending; a no that looks like silence.

use sluis_proto::consent::v1 as consent;
use sluis_proto::matching::v1 as matching;
use sluis_proto::matching::v1::IntroductionState;

use super::browser::{Answer, Browser};
use super::world::{CARE, World, at, grant, introduction, peer_grant, world};

const PAGE: &str = "/kennismaken";
const ANSWER: &str = "/kennismaken/antwoord";
const END: &str = "/kennismaken/stoppen";

async fn with(introductions: Vec<matching::Introduction>) -> (World, Browser) {
    let world = world().await;
    world.grants(vec![grant(1, false), peer_grant()]);
    world.introductions(introductions);
    let browser = world.inside().await;
    (world, browser)
}

fn in_state(state: IntroductionState) -> matching::Introduction {
    matching::Introduction {
        state: state.into(),
        trial_until: at(7 * 86_400),
        other_organisation: CARE.to_owned(),
        ..introduction()
    }
}

async fn send(browser: &mut Browser, page: &Answer, action: &str, more: &[(&str, &str)]) -> Answer {
    let hidden = page.form(action);
    let hidden = hidden.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = hidden.chain(more.iter().copied()).collect();
    browser.post(action, &fields).await
}

#[tokio::test]
async fn each_state_is_said_in_plain_words_with_what_one_can_do() {
    let (world, mut browser) = with(vec![]).await;
    browser.get(PAGE).await.says("Er is niemand voorgesteld.");
    for (state, words, can_answer, can_end) in [
        (
            IntroductionState::Offered,
            "U kunt kiezen tot en met 25 januari 2027.",
            true,
            false,
        ),
        (
            IntroductionState::Waiting,
            "ziet u niet of de ander al koos",
            false,
            false,
        ),
        (
            IntroductionState::Declined,
            "U zei nee. Niemand hoort dat.",
            false,
            false,
        ),
        (
            IntroductionState::Trial,
            "Het is van beide kanten ja.",
            false,
            true,
        ),
        (IntroductionState::Active, "U kent elkaar nu.", false, true),
        (
            IntroductionState::Closed,
            "niet tot een kennismaking",
            false,
            false,
        ),
        (IntroductionState::Ended, "Dit is gestopt.", false, false),
    ] {
        world.introductions(vec![in_state(state)]);
        let page = browser.get(PAGE).await;
        page.says(words);
        page.says("Uit: Boekel");
        page.says("Kan: maandagmiddag");
        page.says("Houdt van of helpt bij: wandelen");
        let has = |path: &str| page.body.contains(&format!("href=\"{path}?"));
        assert_eq!((has(ANSWER), has(END)), (can_answer, can_end), "{state:?}");
        assert_eq!(
            page.body.contains("helpt u om contact te krijgen"),
            can_end,
            "{state:?}"
        );
    }
    // Only grants for it cost a ticket.
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert!(tickets.iter().all(|it| it.grant_id == peer_grant().grant_id));
}

#[tokio::test]
async fn yes_and_no_are_one_page_and_only_a_no_excludes() {
    for (value, answer, excludes) in [
        ("ja", matching::IntroductionAnswer::Yes, false),
        ("nee", matching::IntroductionAnswer::No, true),
    ] {
        let (world, mut browser) = with(vec![introduction()]).await;
        let link = browser.get(PAGE).await.link("/kennismaken/antwoord?");
        let page = browser.get(&link).await;
        page.says("Niemand hoort dat u nee zei.");
        world.reply(
            "/sluis.matching.v1.ResidentMatchingService/AnswerResidentIntroduction",
            &matching::AnswerResidentIntroductionResponse {
                introduction: Some(in_state(IntroductionState::Waiting)),
            },
        );
        assert_eq!(send(&mut browser, &page, ANSWER, &[]).await.status, 400);
        for _ in 0..2 {
            let done = send(
                &mut browser,
                &page,
                ANSWER,
                &[("antwoord", value), ("nooit-meer", "ja")],
            )
            .await;
            assert_eq!(done.status, 200);
        }
        let seen: Vec<matching::AnswerResidentIntroductionRequest> = world.seen("AnswerResidentIntroduction");
        assert_eq!((seen.len(), &seen[0]), (2, &seen[1]), "one act");
        assert_eq!((seen[0].answer(), seen[0].exclude), (answer, excludes));
    }
}

#[tokio::test]
async fn an_introduction_ends_on_one_page() {
    let (world, mut browser) = with(vec![in_state(IntroductionState::Active)]).await;
    let link = browser.get(PAGE).await.link("/kennismaken/stoppen?");
    let page = browser.get(&link).await;
    page.says("niet door wie en niet waarom");
    world.reply(
        "/sluis.matching.v1.ResidentMatchingService/EndResidentIntroduction",
        &matching::EndResidentIntroductionResponse {
            introduction: Some(in_state(IntroductionState::Ended)),
        },
    );
    send(&mut browser, &page, END, &[]).await.says("Dit is gestopt");
    let seen: Vec<matching::EndResidentIntroductionRequest> = world.seen("EndResidentIntroduction");
    assert!(seen.len() == 1 && !seen[0].exclude);
}

#[tokio::test]
async fn another_site_cannot_make_tickets_in_the_residents_log() {
    let (world, mut browser) = with(vec![introduction()]).await;
    browser.extra = vec![(http::HeaderName::from_static("sec-fetch-site"), "cross-site")];
    let answer = browser.get(PAGE).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert!(tickets.is_empty());
}
