//! Deadline, silence and tick: with an inner service that does what the test says, and over gRPC.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use sluis_envelope::KeyKind;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_serve::{
    Admit, Caller, Chassis, ManualTimer, MeshRole, MethodRules, MethodTable, Refusal, TICK, Timer, refuse,
};
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::ServiceExt as _;

use crate::bench::{Bench, GET, HELD, get};

const TICKED: &str = "/sluis.consent.v1.ConsentService/Authorize";
const CLIENT_STREAM: &str = "/sluis.referral.v1.ReferralService/UploadBlob";

/// Lets everybody in.
struct Everybody;

impl Admit for Everybody {
    async fn admit(&self, request: Request<Body>, _: &MethodRules) -> Result<Request<Body>, Refusal> {
        Ok(request)
    }
}

/// Calls a chassis around `answer`.
fn call<F>(
    timer: &Arc<ManualTimer>,
    request: Request<Body>,
    answer: impl Fn(Request<Body>) -> F + Clone + Send + 'static,
) -> JoinHandle<Response<Body>>
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let table = MethodTable::of_mesh().unwrap();
    let inner = tower::service_fn(move |request| {
        let answering = answer(request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let timer = Arc::clone(timer) as Arc<dyn Timer>;
    let chassis = Chassis::new(table, timer, Everybody, inner);
    tokio::spawn(async move { chassis.oneshot(request).await.unwrap() })
}

fn request(path: &str, body: Body) -> Request<Body> {
    Request::post(path).body(body).unwrap()
}

fn code(response: &Response<Body>) -> Code {
    Status::from_header_map(response.headers())
        .expect("answered in headers")
        .code()
}

#[tokio::test]
async fn a_ticked_answer_leaves_on_the_tick_whatever_it_is_and_however_long_it_took() {
    for took in [
        Duration::ZERO,
        Duration::from_millis(7),
        Duration::from_millis(19),
    ] {
        for refusing in [false, true] {
            let timer = Arc::new(ManualTimer::new());
            // Not on a tick itself.
            timer.advance(Duration::from_millis(40));
            let working = Arc::clone(&timer);
            let answered = call(&timer, request(TICKED, Body::empty()), move |_| {
                let working = Arc::clone(&working);
                async move {
                    working.advance(took);
                    if refusing {
                        refuse(Refusal::not_available())
                    } else {
                        Status::ok("").into_http()
                    }
                }
            });
            timer.until_awaited(3 * TICK).await;
            timer.advance(Duration::from_millis(19).checked_sub(took).unwrap());
            tokio::task::yield_now().await;
            assert!(!answered.is_finished(), "{took:?} {refusing}");
            timer.advance(Duration::from_millis(1));
            let expected = if refusing { Code::NotFound } else { Code::Ok };
            assert_eq!(code(&answered.await.unwrap()), expected);
        }
    }
}

#[tokio::test]
async fn a_forwarder_does_not_hold_a_reply_twice() {
    let inner = tower::service_fn(|_| async { Ok::<_, Infallible>(Status::ok("").into_http()) });
    let timer = Arc::new(ManualTimer::new()) as Arc<dyn Timer>;
    let chassis = Chassis::new(MethodTable::of_mesh().unwrap(), timer, Everybody, inner);
    let forwarder = chassis.leaving_the_tick_to_the_service();
    // The timer never moves: an answer that waited for it would not come.
    let answered = forwarder.oneshot(request(TICKED, Body::empty())).await.unwrap();
    assert_eq!(code(&answered), Code::Ok);
}

#[tokio::test]
async fn other_answers_leave_at_once() {
    let timer = Arc::new(ManualTimer::new());
    let answered = call(&timer, request(GET, Body::empty()), |_| async {
        Status::ok("").into_http()
    });
    assert_eq!(code(&answered.await.unwrap()), Code::Ok);
}

#[tokio::test]
async fn the_client_may_ask_for_less_time_but_not_on_the_tick() {
    let table = MethodTable::of_mesh().unwrap();
    for (path, patience) in [
        (GET, Duration::from_millis(15)),
        (TICKED, table.get(TICKED).unwrap().deadline),
    ] {
        let timer = Arc::new(ManualTimer::new());
        let mut request = request(path, Body::empty());
        request
            .headers_mut()
            .insert("grpc-timeout", "15m".parse().unwrap());
        let answered = call(&timer, request, |_| std::future::pending());
        timer.until_awaited(patience).await;
        timer.advance(patience.saturating_sub(Duration::from_millis(1)));
        tokio::task::yield_now().await;
        assert!(!answered.is_finished(), "{path}");
        timer.advance(Duration::from_millis(1));
        if path == TICKED {
            timer.until_awaited(patience + TICK).await;
            timer.advance(TICK);
        }
        assert_eq!(code(&answered.await.unwrap()), Code::DeadlineExceeded, "{path}");
    }
}

#[tokio::test]
async fn a_stream_may_last_but_not_fall_silent() {
    let silence = MethodTable::of_mesh()
        .unwrap()
        .get(CLIENT_STREAM)
        .unwrap()
        .deadline;
    let timer = Arc::new(ManualTimer::new());
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let frames = futures_util::stream::unfold(receiver, |mut receiver| async {
        let data = receiver.recv().await?;
        Some((Ok::<_, Status>(Frame::data(data)), receiver))
    });
    let body = Body::new(StreamBody::new(Box::pin(frames)));
    let answered = call(&timer, request(CLIENT_STREAM, body), |request| async {
        match request.into_body().collect().await {
            Ok(_) => Status::ok("").into_http(),
            Err(status) => status.into_http(),
        }
    });
    let mut waited = Duration::ZERO;
    for _ in 0..3 {
        timer.until_awaited(waited + silence).await;
        let nearly = silence.saturating_sub(Duration::from_millis(1));
        timer.advance(nearly);
        waited += nearly;
        sender.send(Bytes::from_static(b"chunk")).await.unwrap();
    }
    assert!(
        !answered.is_finished(),
        "three times the deadline in all, never silent for one"
    );
    timer.until_awaited(waited + silence).await;
    timer.advance(silence);
    assert_eq!(code(&answered.await.unwrap()), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_call_beyond_its_deadline_is_answered_and_its_work_dropped() {
    let bench = Bench::new();
    let deadline = bench.table.get(GET).unwrap().deadline;
    let client = bench.partner_client(bench.in_memory().channel());
    let call = tokio::spawn(async move {
        RegistryServiceClient::new(client)
            .get_organisation(get(HELD))
            .await
    });
    bench.registry.arrived.notified().await;
    bench.timer.until_awaited(deadline).await;
    bench.timer.advance(deadline);
    let status = call.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    bench.registry.given_up.notified().await;
}

#[tokio::test]
async fn a_request_that_never_comes_is_given_up_at_the_deadline() {
    // The admission waits for the first message: that counts too.
    let bench = Bench::new();
    let deadline = bench.table.get(GET).unwrap().deadline;
    let body = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Status>>());
    let mut request = request(GET, Body::new(body));
    let token = bench
        .signer(KeyKind::OperatorCaller)
        .sign(&Caller::Operator, MeshRole::Registry, GET, &[0; 32])
        .unwrap();
    let token = STANDARD_NO_PAD.encode(token);
    request
        .headers_mut()
        .insert("sluis-caller-bin", token.parse().unwrap());
    let call = tokio::spawn(bench.in_memory().channel().oneshot(request));
    bench.timer.until_awaited(deadline).await;
    bench.timer.advance(deadline);
    let response = call.await.unwrap().unwrap();
    assert_eq!(response.headers()["grpc-status"], "4");
}

#[tokio::test]
async fn who_asks_nothing_of_an_open_service_is_sent_away() {
    let timer = Arc::new(ManualTimer::new());
    let body = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Status>>());
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let answered = call(&timer, request(path, Body::new(body)), |_| async {
        Status::ok("").into_http()
    });
    let silence = Duration::from_mins(1);
    timer.until_awaited(silence).await;
    timer.advance(silence);
    assert_eq!(code(&answered.await.unwrap()), Code::InvalidArgument);
}
