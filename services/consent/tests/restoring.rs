//! A backup that was put back, and key files that were lost.

use sluis_consent::StartError;
use sluis_proto::consent::v1::{self as proto, GrantState, LevelOfAssurance};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::MeshRole;
use sluis_store::StoreConfig;

use crate::acts::Granted;
use crate::world::{Remains, World, every_file, refusal};

fn resuming(world: &World, granted: &Granted) -> proto::ResumeGrantRequest {
    proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: granted.grant.grant_id.clone(),
    }
}

/// Copies what lies in the home but the bucket keys, which no backup holds.
fn back_up(remains: &Remains) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let buckets = remains.home.path().join("buckets");
    every_file(remains.home.path())
        .into_iter()
        .filter(|(path, _)| !path.starts_with(&buckets))
        .collect()
}

fn put_back(remains: &Remains, backup: &[(std::path::PathBuf, Vec<u8>)]) {
    for entry in std::fs::read_dir(remains.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::remove_file(path).unwrap();
        }
    }
    for (path, bytes) in backup {
        if path.parent() == Some(remains.home.path()) {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

#[tokio::test]
async fn p2_a_backup_revives_no_grant_that_was_withdrawn_after_it() {
    let world = World::start().await;
    let (anna, bert) = (world.granted("anna").await, world.granted("bert").await);
    let (of_anna, of_bert) = (world.send(&anna.handle).await, world.send(&bert.handle).await);
    let remains = world.end().await;
    let backup = back_up(&remains);

    let world = remains.start().await;
    let anna = world.again("anna", anna).await;
    world.withdraw(&anna).await;
    let remains = world.end().await;
    put_back(&remains, &backup);

    let world = remains.start().await;
    for sent in [&of_anna, &of_bert] {
        assert_eq!(refusal(world.open(sent).await), ErrorReason::NotAvailable);
    }
    let anna = world.again("anna", anna).await;
    assert_eq!(
        world.grants(&anna.resident).await[0].state(),
        GrantState::Suspended
    );
    assert_eq!(
        refusal(world.authorize(&anna.handle).await),
        ErrorReason::NotAvailable
    );
    // Whoever watches hears of the pause of both.
    let mut stream = {
        let request = proto::WatchGrantsRequest::default();
        world
            .events(MeshRole::Referral)
            .watch_grants(request)
            .await
            .unwrap()
            .into_inner()
    };
    for _ in 0..2 {
        let event = stream.message().await.unwrap().unwrap().event.unwrap();
        let proto::watch_grants_response::Event::Grant(event) = event else {
            panic!("an event")
        };
        assert_eq!(event.change(), proto::GrantChange::Paused);
    }
    // Who withdrew stays out of it by doing nothing, or withdraws again.
    world.withdraw(&anna).await;
    // Who did not confirms, with the assurance that granting takes, and gets a new version with a new key.
    let unsure = world.log_in_as(world.login("bert", LevelOfAssurance::Low)).await;
    let refused = unsure.client.clone().resume_grant(resuming(&world, &bert)).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    let bert = world.again("bert", bert).await;
    let mut client = bert.resident.client.clone();
    let confirmed = client
        .resume_grant(resuming(&world, &bert))
        .await
        .unwrap()
        .into_inner()
        .grant
        .unwrap();
    assert_eq!((confirmed.version, confirmed.state()), (2, GrantState::Active));
    let sent = world.send(&bert.handle).await;
    world.open(&sent).await.unwrap();
    assert_eq!(
        refusal(world.open(&of_bert).await),
        ErrorReason::NotAvailable,
        "version 1 is gone for good"
    );
}

#[tokio::test]
async fn losing_the_bucket_keys_loses_no_grant() {
    let world = World::start().await;
    let anna = world.granted("anna").await;
    let sent = world.send(&anna.handle).await;
    let remains = world.end().await;
    std::fs::remove_dir_all(remains.home.path().join("buckets")).unwrap();
    let world = remains.start().await;
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
    let anna = world.again("anna", anna).await;
    let mut client = anna.resident.client.clone();
    client.resume_grant(resuming(&world, &anna)).await.unwrap();
    let sent = world.send(&anna.handle).await;
    world.open(&sent).await.unwrap();
    // A restart finds everything in line.
    let world = world.end().await.start().await;
    world.open(&sent).await.unwrap();
}

#[tokio::test]
async fn a_paused_grant_without_a_key_is_not_resumed_by_itself() {
    let world = World::start().await;
    let anna = world.granted("anna").await;
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: anna.grant.grant_id.clone(),
    };
    anna.resident.client.clone().suspend_grant(pause).await.unwrap();
    let remains = world.end().await;
    std::fs::remove_dir_all(remains.home.path().join("buckets")).unwrap();
    let world = remains.start().await;
    let anna = world.again("anna", anna).await;
    let mut client = anna.resident.client.clone();
    let resumed = client
        .resume_grant(resuming(&world, &anna))
        .await
        .unwrap()
        .into_inner()
        .grant
        .unwrap();
    assert_eq!(resumed.version, 2, "a new version: the old key is not there");
    world.open(&world.send(&anna.handle).await).await.unwrap();
}

/// An empty database in the same home.
fn other_store(remains: &Remains) -> StoreConfig {
    let path = remains.home.path().join("other.db");
    StoreConfig::parse(&format!("sqlite:{}", path.display())).unwrap()
}

#[tokio::test]
async fn a_wrong_database_destroys_no_bucket_key() {
    let world = World::start().await;
    let anna = world.granted("anna").await;
    let sent = world.send(&anna.handle).await;
    let mut remains = world.end().await;
    let keys = every_file(&remains.home.path().join("buckets"));
    let right = remains.store.clone();
    // An empty database, and one of another mesh.
    remains.store = other_store(&remains);
    let refused = remains.refused().await;
    assert!(matches!(refused, StartError::OtherBucketKeys), "{refused:?}");
    let other = World::start().await.end().await;
    remains.store = other.store.clone();
    let refused = remains.refused().await;
    assert!(matches!(refused, StartError::OtherBucketKeys), "{refused:?}");
    assert_eq!(every_file(&remains.home.path().join("buckets")), keys);
    // With the right one everything is as it was.
    remains.store = right;
    let world = remains.start().await;
    world.open(&sent).await.unwrap();
}

#[tokio::test]
async fn a_wrong_key_store_suspends_no_grant() {
    let world = World::start().await;
    let anna = world.granted("anna").await;
    let sent = world.send(&anna.handle).await;
    let remains = world.end().await;
    // Another's, without a key yet.
    let mut other = World::start().await.end().await;
    other.store = remains.store.clone();
    let refused = other.refused().await;
    assert!(matches!(refused, StartError::OtherBucketKeys), "{refused:?}");
    let world = remains.start().await;
    world.open(&sent).await.unwrap();
}
