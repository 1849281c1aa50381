//! Watches over gRPC.

use std::time::Duration;

use sluis_envelope::KeyKind;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::WatchOrganisationsRequest;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_proto::registry::v1::watch_organisations_response::Event;
use sluis_serve::{Caller, Drain, HEARTBEAT_EVERY, MeshRole, Refusal};

use crate::bench::Bench;

#[tokio::test]
async fn a_watch_tells_everything_then_beats_and_ends_with_the_service() {
    let bench = Bench::new();
    let server = bench.in_memory();
    let caller = Caller::Mesh(MeshRole::Consent);
    let client = bench.client(server.channel(), KeyKind::MeshCaller, caller);
    let mut watched = RegistryServiceClient::new(client)
        .watch_organisations(WatchOrganisationsRequest::default())
        .await
        .unwrap()
        .into_inner();
    for _ in 0..3 {
        let message = watched.message().await.unwrap().unwrap();
        assert!(matches!(message.event, Some(Event::Organisation(_))));
    }
    for beat in 1..=2 {
        let step = Duration::from_millis(500);
        for part in 1..=4 {
            bench
                .timer
                .until_awaited((beat - 1) * HEARTBEAT_EVERY + part * step)
                .await;
            bench.timer.advance(step);
        }
        let message = watched.message().await.unwrap().unwrap();
        assert!(matches!(message.event, Some(Event::Heartbeat(_))));
    }
    bench.stop.request();
    let status = watched.message().await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TemporarilyClosed));
    assert_eq!(server.drained().await, Drain::Finished);
}
