//! Circles: the question, in whole and in part; less, a pause, and the end.

use sluis_proto::consent::v1 as consent;

use super::browser::{Answer, Browser};
use super::world::{CARE, HOUSING, WELFARE, World, at, circle, circle_question, world};

const ANSWER: &str = "/kringen/vraag";
const CHANGE: &str = "/kringen/wijzigen";
const STOP: &str = "/kringen/stoppen";

async fn asked_and_granted() -> (World, Browser) {
    let world = world().await;
    world.circles(vec![circle_question()], vec![circle()]);
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
async fn the_page_says_what_a_circle_is_who_is_in_it_and_until_when() {
    let (world, mut browser) = asked_and_granted().await;
    let page = browser.get("/kringen").await;
    page.says("Een kring is een groep organisaties die u zelf hebt goedgekeurd.");
    page.says("huurschuld");
    page.says("Deze kring duurt tot en met 15 april 2027.");
    assert_eq!(page.body.matches("/kringen/stoppen?").count(), 1);
    browser
        .get("/")
        .await
        .says("Er wacht 1 vraag voor een kring op u.");

    let mut paused = circle();
    paused.grant.as_mut().unwrap().state = consent::GrantState::Suspended.into();
    let mut ended = circle();
    let grant = ended.grant.as_mut().unwrap();
    grant.state = consent::GrantState::Withdrawn.into();
    grant.ended_at = at(0);
    world.circles(vec![], vec![paused, ended]);
    let page = browser.get("/kringen").await;
    page.says("Deze kring staat op pauze.");
    page.says("Dit is gestopt op 15 januari 2027");
    assert_eq!(
        page.body.matches("/kringen/stoppen?").count(),
        1,
        "what ended cannot be ended"
    );
}

#[tokio::test]
async fn a_circle_is_granted_without_somebody_and_some_sort() {
    let (world, mut browser) = asked_and_granted().await;
    let link = browser.get("/kringen").await.link("/kringen/vraag?");
    let page = browser.get(&link).await;
    page.says("Mogen deze organisaties samen een kring zijn?");
    assert!(!page.body.contains(" checked"), "nothing is ticked beforehand");

    // One member is no circle, and none of the sorts is no answer.
    let few = [("antwoord", "deel"), ("lid", "0"), ("zorg", "5"), ("dagen", "92")];
    let again = send(&mut browser, &page, ANSWER, &few).await;
    again.says("href=\"#lid-0\"");
    again.says("Kies ten minste twee organisaties");
    let none = [("antwoord", "deel"), ("lid", "0"), ("lid", "2")];
    send(&mut browser, &again, ANSWER, &none)
        .await
        .says("href=\"#zorg-1\"");
    send(&mut browser, &page, ANSWER, &[])
        .await
        .says("href=\"#antwoord-ja\"");
    assert!(
        world
            .seen::<consent::GrantCircleRequest>("GrantCircle")
            .is_empty()
    );

    let part = [
        ("antwoord", "deel"),
        ("lid", "0"),
        ("lid", "2"),
        ("zorg", "5"),
        ("dagen", "92"),
    ];
    for _ in 0..2 {
        send(&mut browser, &again, ANSWER, &part).await.says("U zei ja.");
    }
    let granted: Vec<consent::GrantCircleRequest> = world.seen("GrantCircle");
    assert_eq!((granted.len(), &granted[0]), (2, &granted[1]), "one act");
    let terms = granted[0].terms.clone().unwrap();
    assert_eq!(terms.members, [WELFARE, HOUSING]);
    assert_eq!(terms.match_classes, [5]);
    assert_eq!(granted[0].valid_days, 92);
    let notice = granted[0].notice.clone().unwrap();
    assert_eq!(
        (
            notice.notice_id.as_str(),
            notice.language.as_str(),
            notice.sha256.len()
        ),
        ("sluis-circle-consent", "nl", 32)
    );
}

#[tokio::test]
async fn a_circle_is_granted_whole_refused_or_put_aside() {
    let (world, mut browser) = asked_and_granted().await;
    let link = browser.get("/kringen").await.link("/kringen/vraag?");
    let page = browser.get(&link).await;
    send(&mut browser, &page, ANSWER, &[("antwoord", "ja")])
        .await
        .says("U zei ja.");
    let granted: Vec<consent::GrantCircleRequest> = world.seen("GrantCircle");
    assert_eq!(granted[0].terms, circle_question().terms);
    send(&mut browser, &page, ANSWER, &[("antwoord", "nee")])
        .await
        .says("U zei nee. Er komt geen kring.");
    send(&mut browser, &page, ANSWER, &[("antwoord", "later")])
        .await
        .says("U kiest later.");
    let refused: Vec<consent::RefuseConsentRequest> = world.seen("RefuseConsent");
    let deferred: Vec<consent::DeferConsentRequest> = world.seen("DeferConsent");
    let id = circle_question().proposal_id;
    assert_eq!((&refused[0].proposal_id, &deferred[0].proposal_id), (&id, &id));
}

#[tokio::test]
async fn somebody_is_left_out_and_two_must_stay() {
    let (world, mut browser) = asked_and_granted().await;
    let link = browser.get("/kringen").await.link("/kringen/wijzigen?");
    let page = browser.get(&link).await;
    assert_eq!(page.body.matches(" checked").count(), 5, "what is allowed now");
    let one = [("lid", "1"), ("zorg", "1")];
    send(&mut browser, &page, CHANGE, &one)
        .await
        .says("Kies dan voor stoppen");
    world.reply(
        "/sluis.consent.v1.ResidentCircleService/NarrowCircle",
        &consent::NarrowCircleResponse {
            circle: Some(circle()),
        },
    );
    let two = [("lid", "1"), ("lid", "2"), ("zorg", "1"), ("zorg", "5")];
    send(&mut browser, &page, CHANGE, &two)
        .await
        .says("Uw kring is kleiner");
    let narrowed: Vec<consent::NarrowCircleRequest> = world.seen("NarrowCircle");
    assert_eq!((narrowed.len(), narrowed[0].expected_version), (1, 3));
    assert_eq!(narrowed[0].terms.clone().unwrap().members, [CARE, HOUSING]);
}

#[tokio::test]
async fn a_circle_pauses_and_goes_on() {
    let (world, mut browser) = asked_and_granted().await;
    let link = browser.get("/kringen").await.link("/kringen/wijzigen?");
    let page = browser.get(&link).await;
    let mut paused = circle();
    paused.grant.as_mut().unwrap().state = consent::GrantState::Suspended.into();
    world.reply(
        "/sluis.consent.v1.ResidentConsentService/SuspendGrant",
        &consent::SuspendGrantResponse {
            grant: paused.grant.clone(),
        },
    );
    let answer = send(&mut browser, &page, "/kringen/pauze", &[]).await;
    answer.says("Uw kring staat op pauze");
    answer.says("De organisaties horen nu niets van elkaar.");
    world.circles(vec![], vec![paused]);
    world.reply(
        "/sluis.consent.v1.ResidentConsentService/ResumeGrant",
        &consent::ResumeGrantResponse {
            grant: circle().grant,
        },
    );
    let link = browser.get("/kringen").await.link("/kringen/wijzigen?");
    let page = browser.get(&link).await;
    send(&mut browser, &page, "/kringen/verder", &[])
        .await
        .says("Uw kring gaat weer door");
    let id = circle().grant.unwrap().grant_id;
    let (suspended, resumed): (
        Vec<consent::SuspendGrantRequest>,
        Vec<consent::ResumeGrantRequest>,
    ) = (world.seen("SuspendGrant"), world.seen("ResumeGrant"));
    assert_eq!((&suspended[0].grant_id, &resumed[0].grant_id), (&id, &id));
}

#[tokio::test]
async fn the_end_is_one_page_and_one_confirmation() {
    let (world, mut browser) = asked_and_granted().await;
    let link = browser.get("/kringen").await.link("/kringen/stoppen?");
    let page = browser.get(&link).await;
    page.says("kan niemand meer openen");
    page.says("Dit kunnen wij niet terughalen");
    for _ in 0..2 {
        send(&mut browser, &page, STOP, &[])
            .await
            .says("De kring is gestopt");
    }
    let ended: Vec<consent::WithdrawGrantRequest> = world.seen("WithdrawGrant");
    assert_eq!((ended.len(), &ended[0]), (2, &ended[1]));
    assert_eq!(ended[0].grant_id, circle().grant.unwrap().grant_id);
    // In another session the same form is about nothing.
    let mut other = world.inside().await;
    let foreign = other.get(&link).await;
    assert_eq!(foreign.status, 404);
}
