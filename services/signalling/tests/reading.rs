//! An organisation's own signals, and nobody else's.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{GetSignalRequest, ListSignalsRequest, Severity};

use crate::signals::{drafted, shown, unknown};
use crate::world::{World, refusal};

#[tokio::test]
async fn get_signal_works_and_refuses_the_wrong_caller() {
    let world = World::start().await;
    let signal = world.signal(0, Severity::Worry).await;
    assert_eq!(shown(&world, 0, &signal).await, signal);
    for signal in [signal, unknown()] {
        let get = GetSignalRequest {
            signal_id: signal.signal_id,
        };
        let outcome = world.client(world.members[1].oin).get_signal(get).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    world.end().await;
}

#[tokio::test]
async fn list_signals_works_page_by_page() {
    let world = World::start().await;
    for _ in 0..5 {
        drafted(&world, 0, Severity::Attention).await;
    }
    let mut client = world.client(world.members[0].oin);
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListSignalsRequest {
            page_size: 2,
            page_token,
        };
        let page = client.list_signals(request).await.unwrap().into_inner();
        seen.extend(page.signals.into_iter().map(|signal| signal.signal_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted());
    world.end().await;
}

#[tokio::test]
async fn list_signals_refuses_the_wrong_caller() {
    let world = World::start().await;
    for _ in 0..2 {
        drafted(&world, 0, Severity::Attention).await;
    }
    let list = ListSignalsRequest {
        page_size: 1,
        ..Default::default()
    };
    let page = world
        .client(world.members[0].oin)
        .list_signals(list)
        .await
        .unwrap()
        .into_inner();
    let others = ListSignalsRequest {
        page_size: 1,
        page_token: page.next_page_token,
    };
    let mut stranger = world.as_stranger();
    assert_eq!(
        refusal(stranger.list_signals(others).await),
        ErrorReason::BadPageToken
    );
    let own = stranger
        .list_signals(ListSignalsRequest::default())
        .await
        .unwrap();
    assert!(
        own.into_inner().signals.is_empty(),
        "a list is its organisation's"
    );
    world.end().await;
}
