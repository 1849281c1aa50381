//! How sure the provider is of who logs in, and how sure it must be.

use serde_json::json;
use sluis_gateway::IdTokenFault;
use sluis_proto::consent::v1::LevelOfAssurance;

use crate::logging_in::{fault, login, login_with};

#[tokio::test]
async fn a_level_below_the_required_one_is_no_login() {
    let login = login().await;
    let answer = login.with_claim("acr", json!("urn:example:loa2")).await;
    assert_eq!(fault(answer), IdTokenFault::LevelTooLow);
}

#[tokio::test]
async fn a_low_level_stays_low_where_it_may_log_in() {
    let login = login_with("required_level = \"low\"").await;
    let who = login
        .with_claim("acr", json!("urn:example:loa2"))
        .await
        .expect("a login all the same");
    assert_eq!(who.level_of_assurance(), LevelOfAssurance::Low);
}
