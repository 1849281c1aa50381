//! Residents log in with a certified provider that others made, and out again.

mod provider;
mod representing;

use serde_json::json;
use sluis_demo::browser::Browser;
use sluis_gateway::{Callback, IdTokenFault, OpenIdError, RelyingParty, VerifiedLogin};
use sluis_proto::consent::v1::{LevelOfAssurance, ListGrantsRequest};

use crate::fixture::TestMesh;
use provider::{CLIENT, LOW, Person, ThirdParty, log_in_at, query_back};

/// A mesh whose residents log in with the provider.
async fn mesh_with(provider: &ThirdParty) -> TestMesh {
    TestMesh::start_with_login(provider.config()).await
}

fn party(mesh: &TestMesh) -> &RelyingParty {
    mesh.mesh.gateway().login().expect("a provider is configured")
}

async fn try_log_in(party: &RelyingParty, who: Person<'_>) -> Result<VerifiedLogin, OpenIdError> {
    let start = party.begin().await?;
    let back = log_in_at(&mut Browser::new(), &start.url, who).await;
    party.finish(&start.cookie, &Callback::from_query(&back)).await
}

fn fault(answer: Result<VerifiedLogin, OpenIdError>) -> IdTokenFault {
    match answer {
        Err(OpenIdError::IdToken(fault)) => fault,
        other => panic!("not a fault of the ID token: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_logs_in_with_a_certified_provider() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let login = try_log_in(party(&mesh), Person::named("Noor"))
        .await
        .expect("logged in");
    assert_eq!(login.level_of_assurance(), LevelOfAssurance::Substantial);
    assert_eq!(login.represents(), None);
    assert!(!login.subject().contains("Noor"), "a pairwise subject is no name");
    let side = mesh.mesh.gateway().resident();
    let token = side.log_in(&login).await.expect("a session").token;
    let session = side.session(&token).await.expect("a session");
    let grants = session
        .list_grants(ListGrantsRequest {})
        .await
        .expect("an answer");
    assert!(grants.grants.is_empty());
    side.log_out(&token).await.expect("logged out");
    assert!(side.session(&token).await.is_err(), "the session ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_at_the_provider_ends_what_it_remembers_of_the_browser() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let (party, mut browser) = (party(&mesh), Browser::new());
    let start = party.begin().await.expect("the provider is there");
    log_in_at(&mut browser, &start.url, Person::named("Noor")).await;
    // The provider knows its browser: nobody is asked again.
    let again = party.begin().await.expect("the provider is there");
    let back = query_back(&browser.leave(&again.url).await.expect("straight back"));
    assert!(
        party
            .finish(&again.cookie, &Callback::from_query(&back))
            .await
            .is_ok()
    );

    let out = party.begin_logout().await.expect("an answer").expect("a page");
    let page = browser.open(&out.url).await.expect("the provider's page");
    let form = page
        .form("to log out", |form| form.has("logout"))
        .expect("a form");
    let form = form.press("logout", "yes");
    let back = browser.send_and_leave(&page, &form).await.expect("back");
    let query = back.split_once('?').expect("a query").1;
    assert!(party.is_back_from_logout(&out.cookie, query));

    let after = party.begin().await.expect("the provider is there");
    log_in_at(&mut browser, &after.url, Person::named("Noor")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_answers_another_attempt_is_refused() {
    let provider = ThirdParty::start_with(&json!({"wrongNonce": true}));
    let mesh = mesh_with(&provider).await;
    let answer = try_log_in(party(&mesh), Person::named("Noor")).await;
    assert_eq!(fault(answer), IdTokenFault::Nonce);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_ended_is_refused() {
    let provider = ThirdParty::start_with(&json!({"clockBehindSeconds": 3600}));
    let mesh = mesh_with(&provider).await;
    let answer = try_log_in(party(&mesh), Person::named("Noor")).await;
    assert_eq!(fault(answer), IdTokenFault::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_low_a_level_of_assurance_is_refused() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let low = Person {
        level: LOW,
        ..Person::named("Noor")
    };
    assert_eq!(
        fault(try_log_in(party(&mesh), low).await),
        IdTokenFault::LevelTooLow
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_insists_on_pkce() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let party = party(&mesh);
    let stolen = party.begin().await.expect("the provider is there");
    let own = party.begin().await.expect("the provider is there");
    let back = log_in_at(&mut Browser::new(), &stolen.url, Person::named("Noor")).await;
    let own_state = parameter(&own.url, "state");
    let slipped = back.replace(&parameter(&stolen.url, "state"), &own_state);
    // Another attempt's code, brought with this attempt's verifier.
    let answer = party.finish(&own.cookie, &Callback::from_query(&slipped)).await;
    assert!(matches!(answer, Err(OpenIdError::CodeRefused)), "{answer:?}");

    let challenge = format!("&code_challenge={}", parameter(&own.url, "code_challenge"));
    let without = own
        .url
        .replace(&challenge, "")
        .replace("&code_challenge_method=S256", "");
    let back = Browser::new().leave(&without).await.expect("sent back");
    assert_eq!(parameter(&back, "error"), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_somebody_else_to_every_client() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let mut config = provider.config();
    "another".clone_into(&mut config.openid.client_id);
    assert_ne!(config.openid.client_id, CLIENT);
    let other_mesh = TestMesh::start_with_login(config).await;
    let noor = Person::named("Noor");
    let login = try_log_in(party(&mesh), noor).await.expect("logged in");
    let again = try_log_in(party(&mesh), noor).await.expect("logged in");
    let elsewhere = try_log_in(party(&other_mesh), noor).await.expect("logged in");
    assert_eq!(login.subject(), again.subject());
    assert_ne!(login.subject(), elsewhere.subject());
    assert_eq!(login.issuer(), elsewhere.issuer());
}

/// A parameter of an address, as it stands there.
fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').expect("a query").1;
    let found = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("{name} in {address}")).to_owned()
}
