//! Logging in, staying logged in, and leaving.

use std::time::Duration;

use serde_json::json;
use sluis_gateway::SessionToken;
use sluis_proto::options::v1::ErrorReason;

use super::browser::PUBLIC_URL;
use super::world::{world, world_with};

const SESSION: &str = "__Host-sluis-session";
const ATTEMPT: &str = "__Host-sluis-login";

#[tokio::test]
async fn a_login_begins_a_session_in_a_sealed_cookie() {
    let world = world().await;
    let mut browser = world.browser();
    let back = world.way_back(&mut browser, json!({})).await;
    assert!(browser.cookies.contains_key(ATTEMPT));
    let answer = browser.get(&back).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    let lines = answer.set_cookies();
    let line = lines.iter().find(|line| line.starts_with(SESSION)).unwrap();
    assert!(
        line.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{line}"
    );
    assert!(!browser.cookies.contains_key(ATTEMPT), "an attempt is used once");
    // The token of the session's service stands in no readable form in the browser.
    let token = "AQEB";
    assert!(!browser.cookies[SESSION].contains(token));
    browser.get("/").await.says("action=\"/uitloggen\"");
    let again = browser.get(&back).await;
    assert_eq!(again.status, 400, "a code works once");
}

#[tokio::test]
async fn a_new_login_ends_the_session_before_it() {
    let world = world().await;
    let mut browser = world.inside().await;
    let mut thief = browser.clone();
    let old = browser.cookies[SESSION].clone();
    world.log_in(&mut browser, json!({})).await;
    assert_ne!(browser.cookies[SESSION], old);
    assert_eq!(browser.get("/vragen").await.status, 200);
    assert_eq!(thief.get("/vragen").await.status, 401);
}

#[tokio::test]
async fn an_answer_to_another_attempt_is_no_login() {
    let world = world().await;
    let (mut mine, mut theirs) = (world.browser(), world.browser());
    let back = world.way_back(&mut theirs, json!({})).await;
    world.way_back(&mut mine, json!({})).await;
    let answer = mine.get(&back).await;
    assert_eq!(answer.status, 400);
    assert!(!mine.cookies.contains_key(SESSION));
    let refused = theirs.get("/terug?error=access_denied&state=x").await;
    assert_eq!(refused.status, 400, "not of this attempt either");
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert!(
        !answer.body.contains(code),
        "what the provider said is on no page"
    );
}

#[tokio::test]
async fn a_login_that_is_not_good_enough_is_none() {
    let world = world().await;
    let mut browser = world.browser();
    let answer = world
        .log_in(&mut browser, json!({"acr": "urn:example:loa1"}))
        .await;
    assert_eq!(answer.status, 403);
    answer.says("href=\"/inloggen\"");
    assert!(!browser.cookies.contains_key(SESSION));
    let answer = world.log_in(&mut browser, json!({"nonce": "another"})).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_session_ends_when_nothing_happens() {
    let world = world().await;
    let mut browser = world.inside().await;
    let quarter = Duration::from_mins(15);
    for _ in 0..3 {
        world.mesh.clock.advance(quarter);
        assert_eq!(browser.get("/vragen").await.status, 200);
    }
    world.mesh.clock.advance(quarter + Duration::from_secs(1));
    let answer = browser.get("/vragen").await;
    assert_eq!(answer.status, 401);
    answer.says("href=\"/inloggen\"");
    assert!(!browser.cookies.contains_key(SESSION), "it is taken away");
}

#[tokio::test]
async fn a_session_that_consent_ended_is_over() {
    let world = world().await;
    let mut browser = world.inside().await;
    let token = SessionToken::from_bytes(&[1; 32]).unwrap();
    world.mesh.gateway.resident().log_out(&token).await.unwrap();
    assert_eq!(browser.get("/vragen").await.status, 401);
    assert!(!browser.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn leaving_ends_the_session_for_every_copy_of_the_cookie() {
    let world = world().await;
    let mut browser = world.inside().await;
    let mut copy = browser.clone();
    let token = browser
        .get("/")
        .await
        .hidden_after("action=\"/uitloggen\"", "formulier");
    let left = browser.post("/uitloggen", &[("formulier", &token)]).await;
    assert_eq!(left.status, 200);
    left.says("U bent uitgelogd");
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(copy.get("/vragen").await.status, 401);
}

#[tokio::test]
async fn leaving_works_in_this_browser_when_consent_is_gone() {
    let mut world = world().await;
    let mut browser = world.inside().await;
    let token = browser
        .get("/")
        .await
        .hidden_after("action=\"/uitloggen\"", "formulier");
    world.mesh.services_stop.request();
    for service in std::mem::take(&mut world.mesh.services) {
        service.drained().await;
    }
    let looked = browser.get("/vragen").await;
    assert_eq!(looked.status, 503);
    assert!(browser.cookies.contains_key(SESSION), "only leaving forgets it");
    let left = browser.post("/uitloggen", &[("formulier", &token)]).await;
    assert_eq!(left.status, 503);
    left.says("Deze browser is uitgelogd");
    assert!(!browser.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn leaving_works_in_this_browser_whatever_consent_says() {
    for reason in [
        ErrorReason::RateLimited,
        ErrorReason::VersionConflict,
        ErrorReason::Internal,
    ] {
        let world = world().await;
        let mut browser = world.inside().await;
        let token = browser
            .get("/")
            .await
            .hidden_after("action=\"/uitloggen\"", "formulier");
        *world.mesh.sessions.ends_none.lock().unwrap() = Some(reason);
        let forged = browser.post("/uitloggen", &[("formulier", "x")]).await;
        assert!(browser.cookies.contains_key(SESSION), "{}", forged.status);
        let left = browser.post("/uitloggen", &[("formulier", &token)]).await;
        assert_eq!(left.status, 503);
        left.says("Deze browser is uitgelogd");
        assert!(!browser.cookies.contains_key(SESSION), "{reason:?}");
    }
}

#[tokio::test]
async fn leaving_goes_on_to_the_provider_where_that_is_configured() {
    let world = world_with(&format!("post_logout_redirect_uri = \"{PUBLIC_URL}/uitgelogd\"")).await;
    let end = format!("{}/end", world.provider.issuer);
    world.provider.discovery("end_session_endpoint", json!(end));
    let mut browser = world.inside().await;
    let token = browser
        .get("/")
        .await
        .hidden_after("action=\"/uitloggen\"", "formulier");
    let left = browser.post("/uitloggen", &[("formulier", &token)]).await;
    assert_eq!(left.status, 303);
    assert!(left.location().starts_with(&end));
    assert!(!browser.cookies.contains_key(SESSION));
    assert!(browser.cookies.contains_key("__Host-sluis-logout"));
    let state = left.location().split("state=").nth(1).unwrap().to_owned();
    let back = browser.get(&format!("/uitgelogd?state={state}")).await;
    back.says("ook uitgelogd bij de dienst");
    assert!(!browser.cookies.contains_key("__Host-sluis-logout"));
    let again = browser.get(&format!("/uitgelogd?state={state}")).await;
    assert!(!again.body.contains("ook uitgelogd bij de dienst"));
}

#[tokio::test]
async fn a_changed_cookie_is_no_session() {
    let world = world().await;
    let mut browser = world.inside().await;
    let sealed = browser.cookies.get_mut(SESSION).unwrap();
    let last = sealed.pop().unwrap();
    sealed.push(if last == 'A' { 'B' } else { 'A' });
    let middle = sealed.len() / 2;
    let flipped = if &sealed[middle..=middle] == "A" { "B" } else { "A" };
    sealed.replace_range(middle..=middle, flipped);
    assert_eq!(browser.get("/vragen").await.status, 401);
}

#[tokio::test]
async fn a_representative_sees_it_on_every_page() {
    let world = world().await;
    let mut browser = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    for path in ["/", "/vragen", "/toestemmingen", "/hulp"] {
        browser.get(path).await.says(
            "U bent ingelogd voor iemand anders"
                .replace("U bent", "u bent")
                .as_str(),
        );
    }
    let mut resident = world.inside().await;
    assert!(!resident.get("/").await.body.contains("voor iemand anders"));
}
