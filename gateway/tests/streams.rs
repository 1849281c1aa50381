//! What passes through: unchanged, to the end, and no longer than it may.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Drain, ManualTimer, MethodTable, Refusal};
use sluis_types::ProfessionalRole;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::{Code, Response, Status, Streaming};

use crate::mesh::{Client, Mesh, mesh, mesh_with, request, soon};
use crate::raw::RawCodec;
use crate::services::{BREAKS_OFF, HELD};

const SUBMIT_MESSAGES: &str = "/sluis.referral.v1.ReferralService/SubmitMessages";

type Opened = (mpsc::Sender<Bytes>, Response<Streaming<Bytes>>);

/// Opens a stream in both directions and sends a first message on it.
async fn open(client: &Client, token: &str) -> Result<Opened, Status> {
    let (send, messages) = mpsc::channel(8);
    send.send(Bytes::from_static(b"first")).await.unwrap();
    let asked = request(Some(token), ReceiverStream::new(messages));
    let mut grpc = Grpc::new(client.0.clone());
    grpc.ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let reply = grpc
        .streaming(asked, PathAndQuery::from_static(SUBMIT_MESSAGES), RawCodec)
        .await?;
    Ok((send, reply))
}

async fn next(reply: &mut Response<Streaming<Bytes>>) -> Result<Option<Bytes>, Status> {
    reply.get_mut().message().await
}

#[tokio::test]
async fn messages_pass_one_by_one_and_trailers_come_through() {
    let mesh = mesh().await;
    let (send, mut reply) = open(&mesh.as_one(), &mesh.one.token()).await.expect("let in");
    assert_eq!(reply.metadata().get("x-leading").unwrap(), "kept");
    assert_eq!(
        next(&mut reply).await.unwrap().unwrap(),
        Bytes::from_static(b"first")
    );
    // Each answer comes before the next message is sent: nothing waits for a whole body.
    for size in [0, 1, 16_384, 70_000] {
        let message = Bytes::from(
            (0..size)
                .map(|at| u8::try_from(at % 251).unwrap())
                .collect::<Vec<_>>(),
        );
        send.send(message.clone()).await.unwrap();
        assert_eq!(next(&mut reply).await.unwrap().unwrap(), message);
    }
    drop(send);
    assert_eq!(next(&mut reply).await.unwrap(), None);
    let trailers = reply.get_mut().trailers().await.unwrap().expect("it has some");
    assert_eq!(trailers.get("x-trailing").unwrap(), "kept");
    assert_eq!(
        trailers.get_bin("x-bytes-bin").unwrap().to_bytes().unwrap(),
        Bytes::from_static(&[0, 1, 2])
    );
    let seen = mesh.records.last();
    assert!(matches!(seen.caller, Caller::Partner(partner) if partner.organisation == mesh.one.oin));
}

#[tokio::test]
async fn every_message_of_a_stream_is_bounded() {
    let mesh = mesh().await;
    let (send, mut reply) = open(&mesh.as_one(), &mesh.one.token()).await.expect("let in");
    assert_eq!(
        next(&mut reply).await.unwrap().unwrap(),
        Bytes::from_static(b"first")
    );
    send.send(Bytes::from(vec![0; 20 * 1024 * 1024])).await.unwrap();
    let status = next(&mut reply).await.expect_err("too large");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TooLarge));
}

#[tokio::test]
async fn a_service_that_breaks_off_is_temporarily_closed() {
    let mesh = mesh().await;
    let client = mesh.as_one();
    let mut grpc = Grpc::new(client.0.clone());
    grpc.ready().await.unwrap();
    let asked = request(Some(&mesh.one.token()), Bytes::new());
    let path = PathAndQuery::from_static(BREAKS_OFF);
    let mut reply = grpc
        .server_streaming(asked, path, RawCodec)
        .await
        .expect("it began well");
    assert_eq!(next(&mut reply).await.unwrap().unwrap(), Bytes::from_static(&[7]));
    mesh.records.let_go.notify_one();
    let status = next(&mut reply).await.expect_err("broken off");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TemporarilyClosed));
}

#[tokio::test]
async fn a_service_that_is_gone_is_temporarily_closed() {
    let mut mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    client.get(&token).await.expect("it is there");
    mesh.services_stop.request();
    for service in std::mem::take(&mut mesh.services) {
        service.drained().await;
    }
    let status = client.get(&token).await.expect_err("gone");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TemporarilyClosed));
    assert_eq!(status.code(), Code::Unavailable);
}

#[tokio::test]
async fn who_gives_up_is_given_up_behind_too() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    let call = tokio::spawn(async move { client.call(HELD, Some(&token), Bytes::new()).await });
    mesh.records.arrived.notified().await;
    call.abort();
    mesh.records.given_up.notified().await;
}

#[tokio::test]
async fn a_call_ends_at_its_methods_deadline_and_the_work_with_it() {
    let timer = Arc::new(ManualTimer::new());
    let mesh = mesh_with("", timer.clone()).await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    let call = tokio::spawn(async move { client.call(HELD, Some(&token), Bytes::new()).await });
    mesh.records.arrived.notified().await;
    timer.advance(Duration::from_mins(5));
    let status = call.await.unwrap().expect_err("too long");
    assert_eq!(status.code(), Code::DeadlineExceeded);
    mesh.records.given_up.notified().await;
}

/// A mesh with a timer that stands still, and a stream that is open on it and was looked at.
async fn open_for_a_second() -> (Mesh, Arc<ManualTimer>, Opened) {
    let timer = Arc::new(ManualTimer::new());
    let mesh = mesh_with("", timer.clone()).await;
    let (send, mut reply) = open(&mesh.as_one(), &mesh.one.token()).await.expect("let in");
    assert_eq!(
        next(&mut reply).await.unwrap().unwrap(),
        Bytes::from_static(b"first")
    );
    let second = Duration::from_secs(1);
    timer.until_awaited(second).await;
    timer.advance(second);
    timer.until_awaited(2 * second).await;
    send.send(Bytes::from_static(b"still")).await.unwrap();
    assert_eq!(
        next(&mut reply).await.unwrap().unwrap(),
        Bytes::from_static(b"still")
    );
    (mesh, timer, (send, reply))
}

#[tokio::test]
async fn a_revocation_ends_open_streams() {
    let (mesh, timer, (_send, mut reply)) = open_for_a_second().await;
    mesh.feed.put(mesh.one.revoked()).unwrap();
    timer.advance(Duration::from_secs(1));
    let status = soon(next(&mut reply)).await.expect_err("revoked");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::CertificateRefused));
}

#[tokio::test]
async fn a_stale_directory_ends_open_streams() {
    let (mesh, timer, (_send, mut reply)) = open_for_a_second().await;
    mesh.feed.fall_silent();
    timer.advance(Duration::from_secs(1));
    let status = soon(next(&mut reply)).await.expect_err("stale");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TemporarilyClosed));
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_end() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    let call = tokio::spawn(async move { client.call(HELD, Some(&token), Bytes::from_static(b"x")).await });
    mesh.records.arrived.notified().await;
    mesh.stop.request();
    mesh.records.let_go.notify_one();
    assert_eq!(call.await.unwrap().expect("finished"), Bytes::from_static(b"x"));
    assert_eq!(mesh.end().await, Drain::Finished);
}

/// A method of referral that is unary and ticked as told.
fn unary(ticked: bool) -> &'static str {
    let table = MethodTable::of_mesh().unwrap();
    let mut rules = table.iter().filter(|rules| {
        let unary = !rules.streams_requests && !rules.streams_replies;
        let special = [HELD, BREAKS_OFF].contains(&rules.path.as_str());
        let referral = rules.path.starts_with("/sluis.referral.v1.ReferralService/");
        referral
            && unary
            && !special
            && rules.ticked == ticked
            && rules.roles.contains(ProfessionalRole::System)
    });
    rules.next().expect("there is one").path.clone().leak()
}

#[tokio::test]
async fn ticked_methods_wait_behind_the_gateway_only() {
    // The gateway's timer stands still: what it held until a tick would never come.
    let mesh = mesh_with("", Arc::new(ManualTimer::new())).await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    let ticked = unary(true);
    soon(client.call(ticked, Some(&token), Bytes::new()))
        .await
        .expect("let in");
    assert!(soon(client.call(ticked, None, Bytes::new())).await.is_err());
}

#[tokio::test]
async fn a_clients_own_limit_does_not_measure_ticked_work() {
    let mesh = mesh().await;
    let client = mesh.as_one();
    for (path, passed_on) in [(unary(true), false), (unary(false), true)] {
        let mut asked = request(Some(&mesh.one.token()), Bytes::new());
        asked.set_timeout(Duration::from_mins(1));
        client.send(path, asked).await.expect("in time");
        assert_eq!(
            mesh.records.last().headers.contains_key("grpc-timeout"),
            passed_on,
            "{path}"
        );
    }
}
