//! How often an organisation may call.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use tonic_types::StatusExt as _;

use crate::mesh::{Mesh, mesh};
use crate::partner::{RENEW, reason};

#[tokio::test]
async fn who_calls_too_often_hears_when_to_come_back() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    let renew = async |mesh: &Mesh| client.call(RENEW, Some(&mesh.one.token()), Bytes::new()).await;
    for _ in 0..10 {
        renew(&mesh).await.expect("within the burst");
    }
    let status = renew(&mesh).await.expect_err("too often");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::RateLimited));
    let delay = status
        .get_error_details()
        .retry_info()
        .expect("says when")
        .retry_delay;
    assert_eq!(delay, Some(Duration::from_secs(6)));
    // Counted per organisation and method: the same from another connection, not for another organisation or method.
    let elsewhere = mesh.as_one().call(RENEW, Some(&token), Bytes::new()).await;
    assert_eq!(reason(elsewhere), ErrorReason::RateLimited);
    client.get(&token).await.expect("another method");
    let other = mesh.connect(Some(&mesh.other.certificate.identity));
    other
        .call(RENEW, Some(&mesh.other.token()), Bytes::new())
        .await
        .expect("another organisation");
    mesh.clock.advance(Duration::from_secs(6));
    renew(&mesh).await.expect("as it was told");
    assert!(renew(&mesh).await.is_err());
}

#[tokio::test]
async fn a_refused_role_costs_nobody_a_call() {
    let mesh = mesh().await;
    let client = mesh.as_one();
    let volunteer = mesh.one.token_with("role", json!("VOLUNTEER"));
    for _ in 0..20 {
        assert_eq!(
            reason(client.call(RENEW, Some(&volunteer), Bytes::new()).await),
            ErrorReason::RoleRefused
        );
    }
    client
        .call(RENEW, Some(&mesh.one.token()), Bytes::new())
        .await
        .expect("the burst is whole");
}
