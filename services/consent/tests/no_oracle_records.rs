//! What workers record is answered alike for a resident who is there, for nobody, and for another one's handle (P6).

use sluis_proto::consent::v1 as proto;
use sluis_store_testing::{Watcher, assert_all_alike};
use sluis_types::{Handle, ProfessionalRole};

use crate::changing::NO_GRANT;
use crate::no_oracle::watched;
use crate::representatives::{ONE, OTHER};

#[tokio::test]
async fn p6_recording_about_nobody_looks_like_recording_about_somebody() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    let known = world.link(&anna, &world.welfare).await;
    let foreign = world.link(&bert, &world.stranger).await;
    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("there", &known),
        ("foreign", &foreign),
    ] {
        let ((), work) = watcher
            .work_of(async {
                let request = world.record(handle, proto::MandateKind::Mentor);
                world.worker(ONE).record_mandate(request).await.unwrap();
                world.recorded(handle).await;
                let request = world.withdrawing_all(handle);
                world.helping(ONE).withdraw_all(request).await.unwrap();
            })
            .await;
        all.push((what, work));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_confirming_what_is_not_there_looks_like_confirming_anothers() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let anna = world.log_in("anna").await;
    let handle = world.link(&anna, &world.welfare).await;
    let request = world.record(&handle, proto::MandateKind::Mentor);
    let recorded = world.worker(ONE).record_mandate(request).await.unwrap();
    let id = recorded.into_inner().mandate_id;
    let mut all = Vec::new();
    for (what, id) in [("absent", NO_GRANT), ("foreign", id.as_str())] {
        let mut stranger = world.recording(world.stranger.oin, OTHER, ProfessionalRole::Professional);
        let request = world.confirm(id);
        all.push((what, watcher.refused(stranger.confirm_mandate(request)).await));
    }
    assert_all_alike(&all);
    let record = world.recorded(&handle).await;
    let mut all = Vec::new();
    for (what, id) in [("absent", NO_GRANT), ("foreign", record.as_str())] {
        let mut stranger = world.helper(world.stranger.oin, OTHER, ProfessionalRole::Professional);
        let request = world.confirming(id, "");
        all.push((what, watcher.refused(stranger.confirm_consent(request)).await));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_asking_tells_nobody_whether_somebody_has_notices_mailed() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    let with = world.link(&anna, &world.welfare).await;
    let without = world.link(&bert, &world.welfare).await;
    world.subscribed(&anna, "anna@post.planted.example").await;
    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("without notices", &without),
        ("with notices", &with),
        ("with one on its way", &with),
    ] {
        let ((), work) = watcher
            .work_of(async {
                world.ask_unseen(handle).await;
                let request = world.record(handle, proto::MandateKind::Mentor);
                world.worker(ONE).record_mandate(request).await.unwrap();
            })
            .await;
        all.push((what, work));
    }
    assert_all_alike(&all);
}
