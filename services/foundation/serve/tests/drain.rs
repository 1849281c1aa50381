//! Health, reflection, and the orderly end.

use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_serve::{DRAIN_MAX, Drain};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::bench::{Bench, HELD, ORGANISATION, get};

const SERVICE: &str = "sluis.registry.v1.RegistryService";

#[tokio::test]
async fn health_is_told_without_a_caller() {
    let bench = Bench::new();
    let mut health = HealthClient::new(bench.in_memory().channel());
    for service in ["", SERVICE] {
        let asked = HealthCheckRequest {
            service: service.into(),
        };
        let status = health.check(asked).await.unwrap().into_inner().status();
        assert_eq!(status, ServingStatus::Serving);
    }
    let unknown = health
        .check(HealthCheckRequest { service: "x".into() })
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn the_interface_can_be_explored() {
    let bench = Bench::new();
    let mut reflection = ServerReflectionClient::new(bench.in_memory().channel());
    let asked = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut replies = reflection
        .server_reflection_info(tokio_stream::once(asked))
        .await
        .unwrap()
        .into_inner();
    let Some(ServerReflectionResponse {
        message_response: Some(MessageResponse::ListServicesResponse(listed)),
        ..
    }) = replies.message().await.unwrap()
    else {
        panic!("a list of services")
    };
    assert!(listed.service.iter().any(|service| service.name == SERVICE));
}

#[tokio::test]
async fn what_is_under_way_finishes_and_nothing_new_begins() {
    let bench = Bench::new();
    let server = bench.in_memory();
    let client = bench.partner_client(server.channel());
    let mut health = HealthClient::new(server.channel());
    let mut watched = health
        .watch(HealthCheckRequest {
            service: SERVICE.into(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        watched.message().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );
    let calling = client.clone();
    let call = tokio::spawn(async move {
        RegistryServiceClient::new(calling)
            .get_organisation(get(HELD))
            .await
    });
    bench.registry.arrived.notified().await;

    bench.stop.request();
    assert_eq!(
        watched.message().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    assert!(
        watched.message().await.unwrap().is_none(),
        "who watches health does not hold it up"
    );
    let late = bench.partner_client(server.channel());
    assert!(
        RegistryServiceClient::new(late)
            .get_organisation(get(ORGANISATION))
            .await
            .is_err()
    );
    assert!(!call.is_finished());
    bench.registry.let_go.notify_one();
    assert!(call.await.unwrap().is_ok());
    assert_eq!(server.drained().await, Drain::Finished);
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off() {
    let bench = Bench::new();
    let server = bench.in_memory();
    let client = bench.partner_client(server.channel());
    let call = tokio::spawn(async move {
        RegistryServiceClient::new(client)
            .get_organisation(get(HELD))
            .await
    });
    bench.registry.arrived.notified().await;
    bench.stop.request();
    let drained = tokio::spawn(server.drained());
    bench.timer.until_awaited(DRAIN_MAX).await;
    // Longer than the method's own deadline would have been: the drain is what this is about.
    let before = bench.table.get(crate::bench::GET).unwrap().deadline;
    assert!(before < DRAIN_MAX);
    bench.timer.advance(DRAIN_MAX);
    assert!(matches!(drained.await.unwrap(), Drain::CutOff { tasks } if tasks > 0));
    assert!(call.await.unwrap().is_err());
    bench.registry.given_up.notified().await;
}

#[tokio::test]
async fn several_channels_lead_to_one_service() {
    let bench = Bench::new();
    let server = bench.in_memory();
    for _ in 0..3 {
        let client = bench.partner_client(server.channel());
        RegistryServiceClient::new(client)
            .get_organisation(get(ORGANISATION))
            .await
            .unwrap();
    }
    bench.stop.request();
    assert_eq!(server.drained().await, Drain::Finished);
}
