//! The checker of the demonstration, on the real mesh and on meshes with one faulty part each.

use std::sync::Arc;

use sluis_compose::Fittings;
use sluis_demo::play::{Expectation, Promise, Scene, Verdict, check, check_scene};

use super::bucket_keys::Keeping;
use super::codec::Clear;
use super::index::ClearIds;
use super::journal::Forgetful;
use super::liveness::AlwaysLive;
use super::randomness::Guessable;

/// A play without the many residents: for faults that the story alone shows.
fn story() -> Scene {
    Scene {
        residents: 0,
        quiet: true,
        ..Scene::real()
    }
}

async fn verdict_of(scene: Scene) -> Verdict {
    sluis_serve::install_crypto_provider();
    check_scene(scene).await.expect("the mesh starts")
}

/// The fault shows, and in this promise only.
fn assert_breaks(verdict: &Verdict, expectation: Expectation) {
    assert!(verdict.failed(expectation), "{verdict}");
    for promise in [
        Promise::Works,
        Promise::Sealed,
        Promise::Gated,
        Promise::NoDossier,
        Promise::Accountable,
        Promise::NoOracle,
    ] {
        assert!(
            promise == expectation.promise() || verdict.keeps(promise),
            "{verdict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_mesh_is_as_it_ought() {
    sluis_serve::install_crypto_provider();
    let verdict = check(Fittings::real(), true).await.expect("the mesh starts");
    assert!(verdict.is_as_it_ought(), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p1_a_sender_without_chance_is_noticed() {
    let verdict = verdict_of(Scene {
        sender_randomness: Arc::new(Guessable),
        ..story()
    })
    .await;
    assert!(verdict.failed(Expectation::OperatorDoesNotOpen), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_bucket_keys_that_keep_are_noticed() {
    let mut scene = story();
    scene.fittings.bucket_keys = Box::new(|keys| Arc::new(Keeping(keys)));
    assert_breaks(&verdict_of(scene).await, Expectation::WithdrawnStaysClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_a_gate_that_skips_liveness_is_noticed() {
    let mut scene = story();
    scene.fittings.liveness = Arc::new(AlwaysLive);
    assert!(
        verdict_of(scene)
            .await
            .failed(Expectation::NothingOpensWhilePaused)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_a_codec_that_stores_clear_is_noticed() {
    let mut scene = Scene {
        quiet: true,
        ..Scene::real()
    };
    scene.fittings.consent_codec = Box::new(|_| Arc::new(Clear));
    let verdict = verdict_of(scene).await;
    assert!(verdict.failed(Expectation::NothingStandsInClear), "{verdict}");
    assert!(verdict.failed(Expectation::RowsDoNotGroup), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_a_referral_codec_that_stores_clear_is_noticed() {
    let mut scene = Scene {
        quiet: true,
        ..Scene::real()
    };
    scene.fittings.referral_codec = Box::new(|_| Arc::new(Clear));
    let verdict = verdict_of(scene).await;
    assert!(verdict.failed(Expectation::NothingStandsInClear), "{verdict}");
    assert!(verdict.failed(Expectation::RowsDoNotGroup), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_a_table_that_keeps_grant_ids_clear_is_noticed() {
    let mut scene = Scene {
        quiet: true,
        ..Scene::real()
    };
    scene.fittings.consent_index = Box::new(|index| Arc::new(ClearIds(index)));
    scene.fittings.referral_index = Box::new(|index| Arc::new(ClearIds(index)));
    let verdict = verdict_of(scene).await;
    assert!(verdict.failed(Expectation::NothingStandsInClear), "{verdict}");
    assert!(verdict.failed(Expectation::RowsDoNotGroup), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p4_a_gate_that_releases_without_a_leaf_is_noticed() {
    let mut scene = story();
    scene.fittings.consent_journal = Box::new(|_| Arc::new(Forgetful));
    let verdict = verdict_of(scene).await;
    assert_breaks(&verdict, Expectation::OpeningIsLogged);
    assert!(verdict.failed(Expectation::RefusalIsLogged), "{verdict}");
}
