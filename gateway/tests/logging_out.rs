//! Logging out at the provider, after the session here has ended.

use serde_json::json;
use sluis_gateway::OpenIdError;

use crate::logging_in::{Login, login, login_with};

const BACK: &str = "post_logout_redirect_uri = \"https://mijn.example/uitgelogd\"";

/// A gateway that may send people to a provider that lets them log out.
async fn with_logout() -> Login {
    let login = login_with(BACK).await;
    let page = format!("{}/end?theme=plain", login.provider.issuer);
    login.provider.discovery("end_session_endpoint", json!(page));
    login
}

#[tokio::test]
async fn the_provider_hears_which_client_asks_and_nothing_of_the_person() {
    let login = with_logout().await;
    let start = login.party().begin_logout().await.unwrap().expect("a page");
    let state = start.url.rsplit_once("&state=").expect("a state").1;
    let issuer = &login.provider.issuer;
    let expected = format!(
        "{issuer}/end?theme=plain&client_id=sluis&post_logout_redirect_uri=https%3A%2F%2Fmijn.example%2Fuitgelogd\
         &state={state}"
    );
    assert_eq!(start.url, expected);
    assert!(!start.cookie.contains(state), "the cookie is sealed");
    assert_eq!(format!("{start:?}"), "LogoutStart(…)");
}

#[tokio::test]
async fn only_the_browser_that_left_is_back() {
    let login = with_logout().await;
    let party = login.party();
    let start = party.begin_logout().await.unwrap().expect("a page");
    let other = party.begin_logout().await.unwrap().expect("a page");
    let state = start.url.rsplit_once("&state=").expect("a state").1;
    assert!(party.is_back_from_logout(&start.cookie, &format!("state={state}")));
    for (cookie, query) in [
        (&other.cookie, format!("state={state}")),
        (&start.cookie, String::new()),
        (&start.cookie, format!("state={state}&state={state}")),
        (&String::new(), format!("state={state}")),
    ] {
        assert!(!party.is_back_from_logout(cookie, &query), "{query}");
    }
    // The cookie of a login is none of a logout.
    let attempt = party.begin().await.unwrap();
    assert!(!party.is_back_from_logout(&attempt.cookie, &format!("state={state}")));
}

#[tokio::test]
async fn without_a_page_of_the_provider_or_a_way_back_there_is_nothing_to_do() {
    assert!(
        login_with(BACK)
            .await
            .party()
            .begin_logout()
            .await
            .unwrap()
            .is_none()
    );
    let login = login().await;
    let page = format!("{}/end", login.provider.issuer);
    login.provider.discovery("end_session_endpoint", json!(page));
    assert!(login.party().begin_logout().await.unwrap().is_none());
}

#[tokio::test]
async fn a_page_that_may_not_be_used_is_not() {
    let login = login_with(BACK).await;
    login
        .provider
        .discovery("end_session_endpoint", json!("http://login.example/end"));
    let answer = login.party().begin_logout().await;
    assert!(matches!(answer, Err(OpenIdError::Provider(_))), "{answer:?}");
}
