//! What is no gRPC, or no TLS, on the public listener.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use sluis_serve::client_tls;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::mesh::{GATEWAY_NAME, GET_ORGANISATION, Mesh, mesh};

async fn handshake(mesh: &Mesh, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
    let tls = client_tls(&mesh.authority.roots(), None, mesh.clock()).unwrap();
    let mut tls = ClientConfig::clone(&tls);
    tls.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(mesh.address).await.unwrap();
    TlsConnector::from(Arc::new(tls))
        .connect(ServerName::try_from(GATEWAY_NAME).unwrap(), stream)
        .await
}

#[tokio::test]
async fn clear_text_gets_no_answer_in_clear_text() {
    let mesh = mesh().await;
    for hello in [
        &b"GET / HTTP/1.1\r\nHost: gateway.example\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(mesh.address).await.unwrap();
        stream.write_all(hello).await.unwrap();
        let mut answer = Vec::new();
        // The end may come as a reset: there were bytes left that nobody read.
        let _ended = stream.read_to_end(&mut answer).await;
        assert!(
            answer.is_empty() || answer[0] == 0x15,
            "nothing but a TLS alert: {answer:?}"
        );
    }
    mesh.as_one()
        .get(&mesh.one.token())
        .await
        .expect("others are served on");
}

#[tokio::test]
async fn http_1_is_turned_away() {
    let mesh = mesh().await;
    assert!(
        handshake(&mesh, &["http/1.1"]).await.is_err(),
        "no protocol in common"
    );
    // Without naming a protocol the handshake succeeds; HTTP/1.1 is still none that is spoken.
    let mut stream = handshake(&mesh, &[]).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: gateway.example\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ended = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1"), "{answer:?}");
    mesh.as_one()
        .get(&mesh.one.token())
        .await
        .expect("others are served on");
}

#[tokio::test]
async fn http_2_that_is_no_grpc_hears_so() {
    let mesh = mesh().await;
    let io = TokioIo::new(handshake(&mesh, &["h2"]).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), io)
            .await
            .unwrap();
    let driving = tokio::spawn(connection);
    let cases = [
        (
            Method::GET,
            Some("application/grpc"),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            Method::POST,
            Some("application/json"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            Method::POST,
            Some("application/grpc-web"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (Method::POST, None, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Method::POST, Some("application/grpc"), StatusCode::OK),
    ];
    for (method, content_type, expected) in cases {
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = format!("https://{GATEWAY_NAME}{GET_ORGANISATION}")
            .parse()
            .unwrap();
        if let Some(content_type) = content_type {
            request
                .headers_mut()
                .insert("content-type", content_type.parse().unwrap());
        }
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), expected, "{content_type:?}");
        let grpc_status = response
            .headers()
            .get("grpc-status")
            .map(|value| value.to_str().unwrap().to_owned());
        let unauthenticated = (expected == StatusCode::OK).then(|| "16".to_owned());
        assert_eq!(grpc_status, unauthenticated);
    }
    drop(sender);
    driving.await.unwrap().unwrap();
    assert_eq!(mesh.records.count(), 0);
}

#[tokio::test]
async fn health_is_open_to_balancers() {
    let mesh = mesh().await;
    let mut health = HealthClient::new(mesh.connect(None).0);
    let answer = health
        .check(HealthCheckRequest {
            service: String::new(),
        })
        .await
        .unwrap();
    assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
}
