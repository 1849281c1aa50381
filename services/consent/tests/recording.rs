//! RecordMandate, ConfirmMandate.

use std::time::Duration;

use sluis_proto::consent::v1::{self as proto, MandateKind, MandateState};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{Handle, ProfessionalRole};

use crate::changing::NO_GRANT;
use crate::representatives::{ONE, OTHER};
use crate::world::{World, refusal};

#[tokio::test]
async fn record_mandate_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.record(&granted.handle, MandateKind::Mentor);
    let recorded = world
        .worker(ONE)
        .record_mandate(request)
        .await
        .unwrap()
        .into_inner();
    let listed = world.mandates(&granted.resident).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].mandate_id, recorded.mandate_id);
    assert_eq!(listed[0].state(), MandateState::Recorded);
    assert_eq!(listed[0].recorded_by, world.welfare.oin.to_string());
    assert!(!listed[0].data_kinds.contains(&proto::DataKind::Financial.into()));
    // Nobody's until a second person confirmed it.
    let carla = world.log_in_for("carla", "anna").await;
    let early = world
        .representation(&carla)
        .redeem_mandate_code(world.redeem(&recorded.code))
        .await;
    assert_eq!(refusal(early), ErrorReason::CodeRefused);
    // The code is not used up by that.
    let confirm = world.confirm(&recorded.mandate_id);
    world.worker(OTHER).confirm_mandate(confirm).await.unwrap();
    world.redeemed("carla", "anna", &recorded.code).await;
}

#[tokio::test]
async fn record_mandate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.record(&granted.handle, MandateKind::Mentor);
    let mut worker = world.worker(ONE);
    let first = worker.record_mandate(request.clone()).await.unwrap().into_inner();
    world.clock.advance(Duration::from_secs(30));
    let again = worker.record_mandate(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(world.mandates(&granted.resident).await.len(), 1);
    let other = proto::RecordMandateRequest {
        valid_days: 10,
        ..request
    };
    assert_eq!(
        refusal(worker.record_mandate(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn record_mandate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.record(&granted.handle, MandateKind::Mentor);
    let mut volunteer = world.recording(world.welfare.oin, ONE, ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(volunteer.record_mandate(request).await),
        ErrorReason::RoleRefused
    );
    let request = world.record(&granted.handle, MandateKind::Proxy);
    let refused = world.worker(ONE).record_mandate(request).await;
    assert_eq!(
        refusal(refused),
        ErrorReason::InvalidField,
        "a proxy is the resident's to give"
    );
}

/// An unknown handle is answered like a known one, and so is what follows.
#[tokio::test]
async fn record_mandate_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let nobody = Handle::random(world.randomness.as_ref());
    let request = world.record(&nobody, MandateKind::Guardian);
    let recorded = world
        .worker(ONE)
        .record_mandate(request)
        .await
        .unwrap()
        .into_inner();
    world
        .worker(OTHER)
        .confirm_mandate(world.confirm(&recorded.mandate_id))
        .await
        .unwrap();
    // A handle is its organisation's only.
    let mut stranger = world.recording(world.stranger.oin, ONE, ProfessionalRole::Professional);
    let stolen = world.record(&granted.handle, MandateKind::Guardian);
    stranger.record_mandate(stolen).await.unwrap();
    assert!(world.mandates(&granted.resident).await.is_empty());
    let dora = world.redeemed("dora", "nobody-known", &recorded.code).await;
    assert!(world.grants(&dora).await.is_empty());
    assert!(world.log(&dora).await.is_empty());
}

#[tokio::test]
async fn confirm_mandate_works() {
    let world = World::start().await;
    let represented = world.represented_by_court(MandateKind::Guardian).await;
    let listed = world.mandates(&represented.granted.resident).await;
    assert_eq!(listed[0].state(), MandateState::Active);
    assert_eq!(world.grants(&represented.representative).await.len(), 1);
    let own = world.mandates(&represented.representative).await;
    assert_eq!((own.len(), own[0].kind()), (1, MandateKind::Guardian));
}

#[tokio::test]
async fn confirm_mandate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.record(&granted.handle, MandateKind::Mentor);
    let recorded = world
        .worker(ONE)
        .record_mandate(request)
        .await
        .unwrap()
        .into_inner();
    let confirm = world.confirm(&recorded.mandate_id);
    let mut other = world.worker(OTHER);
    other.confirm_mandate(confirm.clone()).await.unwrap();
    other.confirm_mandate(confirm).await.unwrap();
    let anew = other.confirm_mandate(world.confirm(&recorded.mandate_id)).await;
    assert_eq!(refusal(anew), ErrorReason::IllegalTransition);
}

#[tokio::test]
async fn confirm_mandate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.record(&granted.handle, MandateKind::Mentor);
    let recorded = world
        .worker(ONE)
        .record_mandate(request)
        .await
        .unwrap()
        .into_inner();
    let confirm = || world.confirm(&recorded.mandate_id);
    let same = world.worker(ONE).confirm_mandate(confirm()).await;
    assert_eq!(refusal(same), ErrorReason::SecondPersonNeeded);
    let mut stranger = world.recording(world.stranger.oin, OTHER, ProfessionalRole::Professional);
    assert_eq!(
        refusal(stranger.confirm_mandate(confirm()).await),
        ErrorReason::NotAvailable
    );
    let mut volunteer = world.recording(world.welfare.oin, OTHER, ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(volunteer.confirm_mandate(confirm()).await),
        ErrorReason::RoleRefused
    );
    assert_eq!(
        world.mandates(&granted.resident).await[0].state(),
        MandateState::Recorded
    );
}

#[tokio::test]
async fn confirm_mandate_answers_an_unknown_id() {
    let world = World::start().await;
    let mut worker = world.worker(OTHER);
    assert_eq!(
        refusal(worker.confirm_mandate(world.confirm(NO_GRANT)).await),
        ErrorReason::NotAvailable
    );
    assert_eq!(
        refusal(worker.confirm_mandate(world.confirm("x")).await),
        ErrorReason::InvalidField
    );
}
