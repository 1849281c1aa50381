//! Who may know what; less, a pause, and the end.

use sluis_proto::consent::v1 as consent;

use super::browser::{Answer, Browser};
use super::world::{World, grant, provision, world};

const CHANGE: &str = "/toestemmingen/wijzigen";
const STOP: &str = "/toestemmingen/stoppen";

async fn granted() -> (World, Browser) {
    let world = world().await;
    world.grants(vec![grant(1, false), grant(2, true)]);
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
async fn the_table_says_it_in_words() {
    let (world, mut browser) = granted().await;
    let page = browser.get("/toestemmingen").await;
    assert_eq!(
        page.body
            .matches("<td role=\"cell\" class=\"yes\">Ja</td>")
            .count(),
        4
    );
    assert_eq!(
        page.body
            .matches("<td role=\"cell\" class=\"no\">Nee</td>")
            .count(),
        6
    );
    let mut paused = grant(1, false);
    paused.state = consent::GrantState::Suspended.into();
    let mut ended = grant(2, true);
    ended.state = consent::GrantState::Expired.into();
    ended.ended_at = super::world::at(0);
    world.grants(vec![paused, ended]);
    let page = browser.get("/toestemmingen").await;
    page.says("<td role=\"cell\" class=\"paused\">Pauze</td>");
    page.says("Dit staat op pauze");
    let told = page
        .body
        .split("<dl class=\"told\">")
        .nth(1)
        .expect("what is told");
    let told = told.split("</dl>").next().expect("its end");
    let names: Vec<_> = told
        .split("<dt>")
        .skip(1)
        .map(|it| it.split('<').next())
        .collect();
    assert_eq!(
        names,
        [Some("Wat:"), Some("Over:"), Some("Waarom:")],
        "a line each"
    );
    page.says("De tijd was om op 15 januari 2027");
}

#[tokio::test]
async fn the_end_is_one_page_and_one_confirmation() {
    let (world, mut browser) = granted().await;
    let link = browser
        .get("/toestemmingen")
        .await
        .link("/toestemmingen/stoppen?");
    let page = browser.get(&link).await;
    page.says("kan niemand meer openen");
    page.says("Dit kunnen wij niet terughalen");
    page.says("ook als u al uw toestemmingen stopt");
    page.says("<a href=\"/zonder-toestemming\">Zonder toestemming gedeeld</a>");
    assert!(
        !page.body.contains(" checked"),
        "the other direction is the resident's choice"
    );
    send(&mut browser, &page, STOP, &[]).await.says("Gestopt");
    let ended: Vec<consent::WithdrawGrantRequest> = world.seen("WithdrawGrant");
    assert_eq!(ended.len(), 1);

    send(&mut browser, &page, STOP, &[("andersom", "ja")])
        .await
        .says("Gestopt");
    let ended: Vec<consent::WithdrawGrantRequest> = world.seen("WithdrawGrant");
    assert_eq!((ended.len(), &ended[0]), (3, &ended[1]));
    assert_ne!(ended[1].grant_id, ended[2].grant_id);
    assert_ne!(ended[1].request_id, ended[2].request_id);
}

#[tokio::test]
async fn less_is_what_stays_ticked() {
    let (world, mut browser) = granted().await;
    let link = browser
        .get("/toestemmingen")
        .await
        .link("/toestemmingen/wijzigen?");
    let page = browser.get(&link).await;
    assert_eq!(
        page.body.matches(" checked").count(),
        4,
        "what is allowed now is ticked"
    );
    let now = consent::NarrowGrantResponse {
        grant: Some(grant(1, false)),
    };
    world.reply("/sluis.consent.v1.ResidentConsentService/NarrowGrant", &now);
    let kept = [("t-0-over", "2"), ("t-0-wat", "1"), ("t-0-wat", "3")];
    send(&mut browser, &page, CHANGE, &kept)
        .await
        .says("Er mag nu minder");
    let asked: Vec<consent::NarrowGrantRequest> = world.seen("NarrowGrant");
    assert_eq!(asked[0].provisions, [provision(1, &[2], &[1, 3])]);
    assert_eq!(asked[0].expected_version, 3);
}

#[tokio::test]
async fn nothing_left_is_no_change_but_an_end() {
    let (world, mut browser) = granted().await;
    let link = browser
        .get("/toestemmingen")
        .await
        .link("/toestemmingen/wijzigen?");
    let page = browser.get(&link).await;
    let answer = send(&mut browser, &page, CHANGE, &[]).await;
    answer.says("Kies dan voor stoppen");
    answer.says("<a href=\"#t-0-over-1\">");
    assert!(
        world
            .seen::<consent::NarrowGrantRequest>("NarrowGrant")
            .is_empty()
    );
}

#[tokio::test]
async fn a_pause_begins_and_ends() {
    let (world, mut browser) = granted().await;
    let mut paused = grant(2, true);
    paused.state = consent::GrantState::Suspended.into();
    let link = browser
        .get("/toestemmingen")
        .await
        .link("/toestemmingen/wijzigen?");
    let page = browser.get(&link).await;
    let reply = consent::SuspendGrantResponse {
        grant: Some(paused.clone()),
    };
    world.reply("/sluis.consent.v1.ResidentConsentService/SuspendGrant", &reply);
    let answer = send(&mut browser, &page, "/toestemmingen/pauze", &[]).await;
    answer.says("<h1>Dit staat op pauze</h1>");
    world.grants(vec![paused]);
    let page = browser.get(&link).await;
    let reply = consent::ResumeGrantResponse {
        grant: Some(grant(2, true)),
    };
    world.reply("/sluis.consent.v1.ResidentConsentService/ResumeGrant", &reply);
    let answer = send(&mut browser, &page, "/toestemmingen/verder", &[]).await;
    answer.says("<h1>Dit mag weer</h1>");
    assert_eq!(world.seen::<consent::ResumeGrantRequest>("ResumeGrant").len(), 1);
}

#[tokio::test]
async fn what_a_worker_recorded_is_marked_wherever_it_shows() {
    let world = world().await;
    let mut live = grant(1, false);
    live.assisted = true;
    let mut ended = grant(2, true);
    ended.state = consent::GrantState::Withdrawn.into();
    ended.assisted = true;
    world.grants(vec![live, ended]);
    let mut browser = world.inside().await;
    let page = browser.get("/toestemmingen").await;
    assert_eq!(page.body.matches("<strong>Met hulp:</strong>").count(), 2);
    for start in ["/toestemmingen/wijzigen?", "/toestemmingen/stoppen?"] {
        browser
            .get(&page.link(start))
            .await
            .says("<strong>Met hulp:</strong>");
    }
    world.grants(vec![grant(1, false)]);
    assert!(!browser.get("/toestemmingen").await.body.contains("Met hulp:"));
}

#[tokio::test]
async fn less_than_something_is_said_at_its_field() {
    let (world, mut browser) = granted().await;
    let link = browser
        .get("/toestemmingen")
        .await
        .link("/toestemmingen/wijzigen?");
    let page = browser.get(&link).await;
    for (ticked, field) in [(&[][..], "t-0-over"), (&[("t-0-over", "1")], "t-0-wat")] {
        let answer = send(&mut browser, &page, CHANGE, ticked).await;
        answer.says(&format!("<li><a href=\"#{field}-1\">"));
        answer.says(&format!("class=\"wrong\" aria-describedby=\"{field}-fout\""));
        answer.says(&format!("<p class=\"fault\" id=\"{field}-fout\">"));
        answer.says(&format!("id=\"{field}-1\" name=\"{field}\" value=\"1\""));
        assert!(answer.body.contains("aria-invalid=\"true\""));
    }
    assert!(
        world
            .seen::<consent::NarrowGrantRequest>("NarrowGrant")
            .is_empty()
    );
}
