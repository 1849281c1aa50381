//! What holds for every page: both languages, its headers, and nothing for who is not logged in.

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY};

use super::browser::Answer;
use super::world::{
    World, both_ways, circle, circle_question, encounter, grant, introduction, peer_grant, world,
};

/// Pages for everybody.
const OPEN: [&str; 5] = [
    "/",
    "/hulp",
    "/privacy",
    "/toegankelijkheid",
    "/bewijzen/controleren",
];
/// Pages for who is logged in.
const CLOSED: [&str; 16] = [
    "/vragen",
    "/toestemmingen",
    "/gekeken",
    "/gekeken/afdrukken",
    "/verwijzingen",
    "/kringen",
    "/signalen",
    "/aanbod",
    "/kennismaken",
    "/plaatsen",
    "/zonder-toestemming",
    "/overleg",
    "/koppelen",
    "/bewijzen",
    "/namens-mij",
    "/berichten",
];

async fn populated() -> World {
    let world = world().await;
    world.proposals(both_ways());
    world.grants(vec![grant(1, false), grant(2, true), peer_grant()]);
    world.introductions(vec![introduction()]);
    world.circles(vec![circle_question()], vec![circle()]);
    world.matches(vec![encounter()]);
    world
}

#[track_caller]
fn is_protected(answer: &Answer) {
    let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' http://127.0.0.1"
    ));
    assert!(policy.ends_with("frame-ancestors 'none'; base-uri 'none'"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.headers[name], value);
    }
    assert!(answer.headers.contains_key("permissions-policy"));
    assert_eq!(answer.headers[STRICT_TRANSPORT_SECURITY], "max-age=63072000");
}

#[track_caller]
fn is_a_page(answer: &Answer, language: &str) {
    is_protected(answer);
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
    answer.says(&format!("<html lang=\"{language}\">"));
    assert_eq!(answer.body.matches("<h1>").count(), 1, "{}", answer.body);
    assert!(answer.body.contains("<main id=\"inhoud\"") && answer.body.contains("href=\"#inhoud\""));
    for forbidden in ["<script", "style=", "<style", "onclick", "http://", "https://"] {
        let body = answer.body.replace("http://www.w3.org/2000/svg", "");
        assert!(!body.contains(forbidden), "{forbidden} in {body}");
    }
    // Every field that somebody fills in has a label.
    for kind in [
        "type=\"radio\" id=\"",
        "type=\"checkbox\" id=\"",
        "type=\"text\" id=\"",
        "type=\"file\" id=\"",
        "<select id=\"",
        "<textarea id=\"",
    ] {
        for (at, _) in answer.body.match_indices(kind) {
            let rest = &answer.body[at + kind.len()..];
            let id = &rest[..rest.find('"').unwrap()];
            answer.says(&format!("<label for=\"{id}\">"));
        }
    }
}

#[tokio::test]
async fn each_comes_in_both_languages_and_protected() {
    let world = populated().await;
    let mut inside = world.inside().await;
    let mut pages: Vec<String> = OPEN.iter().chain(&CLOSED).map(|it| (*it).to_owned()).collect();
    pages.push(inside.get("/vragen").await.link("/vragen/antwoord?"));
    let grants = inside.get("/toestemmingen").await;
    pages.push(grants.link("/toestemmingen/wijzigen?"));
    pages.push(grants.link("/toestemmingen/stoppen?"));
    let circles = inside.get("/kringen").await;
    for start in ["/kringen/vraag?", "/kringen/wijzigen?", "/kringen/stoppen?"] {
        pages.push(circles.link(start));
    }
    let signals = inside.get("/signalen").await;
    for start in ["/signalen/antwoord?", "/signalen/bezwaar?"] {
        pages.push(signals.link(start));
    }
    pages.push(inside.get("/kennismaken").await.link("/kennismaken/antwoord?"));
    for path in &pages {
        let dutch = inside.get(path).await;
        assert_eq!(dutch.status, 200, "{path}");
        is_a_page(&dutch, "nl");
        let chosen = inside.post("/taal", &[("taal", "en"), ("terug", path)]).await;
        assert_eq!((chosen.status.as_u16(), chosen.location()), (303, path.as_str()));
        let english = inside.get(path).await;
        is_a_page(&english, "en");
        let title = |answer: &Answer| {
            answer
                .body
                .split("<h1>")
                .nth(1)
                .unwrap()
                .split('<')
                .next()
                .map(str::to_owned)
        };
        if path != "/privacy" {
            assert_ne!(title(&dutch), title(&english), "{path}");
        }
        inside.post("/taal", &[("taal", "nl"), ("terug", "/")]).await;
    }
}

#[tokio::test]
async fn who_is_not_logged_in_gets_nothing() {
    let world = populated().await;
    let mut browser = world.browser();
    for path in OPEN {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        is_a_page(&answer, "nl");
        assert!(!answer.body.contains("/uitloggen"));
    }
    for path in CLOSED
        .iter()
        .chain(&["/gekeken/bestand", "/vragen/antwoord", "/toestemmingen/stoppen"])
        .chain(&["/kringen/vraag", "/kringen/stoppen", "/signalen/antwoord"])
        .chain(&["/kennismaken/antwoord", "/kennismaken/stoppen"])
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 401, "{path}");
        is_a_page(&answer, "nl");
        answer.says("href=\"/inloggen\"");
    }
    for path in [
        "/vragen/antwoord",
        "/toestemmingen/stoppen",
        "/kringen/vraag",
        "/kringen/stoppen",
        "/signalen/antwoord",
        "/signalen/bezwaar",
        "/aanbod",
        "/kennismaken/antwoord",
        "/koppelen/code",
        "/uitloggen",
    ] {
        let answer = browser.post(path, &[("formulier", "x")]).await;
        assert_eq!(answer.status, 401, "{path}");
    }
    assert_eq!(world.mesh.records.count(), 0, "nothing was asked of any service");
}

#[tokio::test]
async fn errors_are_pages_too_and_say_nothing() {
    let world = world().await;
    let mut browser = world.browser();
    let absent = browser.get("/vragen/0123?geheim=1").await;
    let wrong_way = browser.get("/uitloggen").await;
    assert_eq!((absent.status.as_u16(), wrong_way.status.as_u16()), (404, 404));
    for answer in [&absent, &wrong_way] {
        is_a_page(answer, "nl");
        assert!(!answer.body.contains("0123") || !answer.body.contains("<p>0123"));
    }
    let request = http::Request::builder().method("POST").uri("/taal");
    let unread = browser
        .send(request.header("origin", "https://mijn.example"), "{}".into())
        .await;
    assert_eq!(unread.status, 400);
    is_a_page(&unread, "nl");
    let large = "a".repeat(100 * 1024);
    let too_large = browser.post("/taal", &[("taal", &large)]).await;
    assert_eq!(too_large.status, 413);
    is_a_page(&too_large, "nl");
}

#[tokio::test]
async fn a_service_that_is_gone_is_a_page_that_says_to_wait() {
    let mut world = world().await;
    let mut inside = world.inside().await;
    world.mesh.services_stop.request();
    for service in std::mem::take(&mut world.mesh.services) {
        service.drained().await;
    }
    let answer = inside.get("/vragen").await;
    assert_eq!(answer.status, 503);
    is_a_page(&answer, "nl");
}

#[tokio::test]
async fn the_language_is_what_was_chosen_or_else_what_the_browser_asks_for() {
    let world = world().await;
    let mut browser = world.browser();
    browser.extra = vec![(http::header::ACCEPT_LANGUAGE, "fr-FR,en-GB;q=0.8,nl;q=0.5")];
    browser.get("/hulp").await.says("<html lang=\"en\">");
    let chosen = browser
        .post("/taal", &[("taal", "nl"), ("terug", "//evil.example")])
        .await;
    assert_eq!(chosen.location(), "/", "never to another site");
    assert_eq!(
        chosen.set_cookies(),
        ["__Host-sluis-language=nl; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000"]
    );
    browser.get("/hulp").await.says("<html lang=\"nl\">");
    assert_eq!(browser.post("/taal", &[("taal", "xx")]).await.status, 400);
}

#[tokio::test]
async fn the_style_may_be_kept_for_good_under_its_hash() {
    let world = world().await;
    let mut browser = world.browser();
    let path = browser.get("/").await.link("/stijl.");
    let style = browser.get(&path).await;
    assert_eq!(
        style.headers[CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    is_protected(&style);
    let icon = browser.get("/").await.link("/icoon.");
    assert_eq!(browser.get(&icon).await.headers["content-type"], "image/svg+xml");
    // What anybody may keep must not bring somebody's session along.
    let kept = world.inside().await.get(&path).await;
    assert_eq!(kept.status, 200);
    assert!(kept.set_cookies().is_empty());
}

#[tokio::test]
async fn a_hostile_name_is_text() {
    let world = populated().await;
    world.organisation_is_called("<script>alert(1)</script>\"'&");
    let mut inside = world.inside().await;
    let mut pages = vec![
        "/vragen".to_owned(),
        "/toestemmingen".to_owned(),
        "/koppelen".to_owned(),
        "/kringen".to_owned(),
        "/signalen".to_owned(),
    ];
    pages.push(inside.get("/vragen").await.link("/vragen/antwoord?"));
    pages.push(inside.get("/toestemmingen").await.link("/toestemmingen/stoppen?"));
    for path in pages {
        let answer = inside.get(&path).await;
        assert!(!answer.body.contains("<script"), "{path}: {}", answer.body);
        answer.says("script");
    }
}

#[tokio::test]
async fn no_identifier_stands_in_any_address() {
    let world = populated().await;
    let mut inside = world.inside().await;
    for path in [
        "/vragen",
        "/toestemmingen",
        "/kringen",
        "/signalen",
        "/kennismaken",
    ] {
        let body = inside.get(path).await.body;
        for identifier in [
            grant(1, false).grant_id,
            both_ways()[0].proposal_id.clone(),
            circle_question().proposal_id,
            circle().grant.unwrap().grant_id,
            encounter().match_id,
            introduction().introduction_id,
        ] {
            assert!(!body.contains(&identifier), "{path}");
        }
    }
}
