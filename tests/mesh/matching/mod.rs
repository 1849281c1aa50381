//! The sociale kaart, places, introductions and homes, by the partner's command against a real mesh; and what of it all
//! goes over the wire.

mod cli;
mod homes;
mod introductions;
mod offers;
mod places;
mod wire;

use crate::fixture::{Backend, TestMesh};

/// The stories whose statements the two databases do differently: search by words, locked pages, shelves and counts.
/// They share one mesh, because starting one costs more than telling them.
#[tokio::test(flavor = "multi_thread")]
async fn offers_places_introductions_and_homes_on_postgresql() {
    let mesh = TestMesh::start(Backend::Postgres).await;
    // First, while the directory has no offers of others.
    Box::pin(offers::story(&mesh)).await;
    Box::pin(places::story(&mesh)).await;
    Box::pin(introductions::story(&mesh)).await;
    Box::pin(homes::story(&mesh)).await;
    mesh.mesh.stop().await;
}
