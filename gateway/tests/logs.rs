//! What calls and logins leave in the log: nothing of a person.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::json;
use sluis_proto::consent::v1 as consent;
use sluis_serve::{LogFormat, subscriber};

use crate::logging_in::login;
use crate::mesh::GET_ORGANISATION;
use crate::services::BREAKS_OFF;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_of_a_person_is_logged_whatever_goes_wrong() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = subscriber(LogFormat::Json, "trace", move || writer.clone()).unwrap();
    // This runtime has one thread, so every task of the test writes here.
    let _guard = tracing::subscriber::set_default(subscriber);

    let login = login().await;
    let mesh = &login.mesh;
    let (client, good) = (
        mesh.as_one(),
        mesh.one.token_with("sub", json!("planted-professional")),
    );
    let late = mesh.one.token_with("exp", json!(1));
    for (path, token) in [
        (GET_ORGANISATION, &good),
        (GET_ORGANISATION, &late),
        (BREAKS_OFF, &good),
    ] {
        mesh.records.let_go.notify_one();
        let _answered = client
            .call(path, Some(token), Bytes::from_static(b"planted-message"))
            .await;
    }
    let _unknown = client
        .call("/planted.Path/Method", Some(&good), Bytes::new())
        .await;
    let nameless = mesh.connect(Some(&mesh.authority.nameless().identity));
    let _refused = nameless.get(&good).await;
    let _refused = login.with_claim("sub", json!("planted-subject\n")).await;
    let who = login.with_claim("sub", json!("planted-subject")).await.unwrap();
    let side = mesh.gateway.resident();
    let token = side.log_in(&who).await.unwrap().token;
    let session = side.session(&token).await.unwrap();
    session.list_grants(consent::ListGrantsRequest {}).await.unwrap();
    mesh.services_stop.request();
    let _closed = session.list_grants(consent::ListGrantsRequest {}).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("GetOrganisation") && text.contains(mesh.one.oin.as_str()),
        "{text}"
    );
    assert!(
        text.contains("expired token") && text.contains("names no organisation"),
        "{text}"
    );
    // The first token of each kind of JWT part, the session in its two forms, and what was planted.
    let session: String = "01".repeat(32);
    for secret in [
        "planted",
        "eyJ",
        "Bearer",
        "sluis-caller-bin",
        &session,
        "AQEBAQEB",
        "127.0.0.1",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
