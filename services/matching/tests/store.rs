//! The same on both databases, and what stands or falls with the log.

use std::sync::Arc;

use prost_reflect::{DescriptorPool, Kind};
use sluis_matching::{MIGRATIONS, schema, statements};
use sluis_proto::matching::v1::HoldPlaceRequest;
use sluis_proto::options::v1::ErrorReason;
use sluis_store_testing::{
    RefusingJournal, assert_migrations_agree, assert_schemas_agree, assert_statements_prepare,
};

use crate::world::{World, centre, refusal, welfare};

#[tokio::test]
async fn migrations_and_statements_fit_both_databases() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &MIGRATIONS);
    assert_schemas_agree(&schema()).await;
    assert_statements_prepare(&schema(), statements()).await;
}

#[tokio::test]
async fn p4_no_leaf_no_act() {
    let world = World::start_changed(Box::new(|parts| parts.journal = Arc::new(RefusingJournal))).await;
    let request = HoldPlaceRequest {
        request_id: world.request_id(),
        offer_id: world.unknown_id(),
        wait: false,
    };
    let outcome = world.places(centre()).hold_place(request).await;
    assert_eq!(refusal(outcome), ErrorReason::Internal);
    world.end().await;
}

#[tokio::test]
async fn what_is_kept_survives_the_process() {
    let world = World::start().await;
    let offer = world.offer(welfare(), 1).await;
    let request = HoldPlaceRequest {
        request_id: world.request_id(),
        offer_id: offer.to_string(),
        wait: false,
    };
    world.places(centre()).hold_place(request).await.unwrap();
    let (url, keys) = (world.home.path().join("matching.db"), world.keys.clone());
    let parts = sluis_store::Parts {
        journal: Arc::new(world.ledger.clone()),
        column_keys: keys.columns().clone(),
        index: keys.blind_index(),
        clock: world.clock.clone(),
        randomness: world.randomness.clone(),
    };
    let home = world.end().await;
    let config = sluis_store::StoreConfig::parse(&format!("sqlite:{}", url.display())).unwrap();
    let store = sluis_store::Store::open(&config, &schema(), parts).await.unwrap();
    let mut read = store.read("test").await.unwrap();
    let rows = read.tx().fetch_all("SELECT tag FROM page", &[]).await.unwrap();
    assert_eq!(rows.len(), 1, "the places of one offer");
    drop(read);
    store.close().await;
    drop(home);
}

/// Before a hold nothing in any call can carry a person: every text and every byte string of these services, by name.
#[test]
fn calls_before_a_hold_have_no_room_for_a_person() {
    let pool = DescriptorPool::decode(sluis_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut texts = std::collections::BTreeSet::new();
    let mut open = Vec::new();
    for name in ["DirectoryService", "PlaceService"] {
        let service = pool
            .get_service_by_name(&format!("sluis.matching.v1.{name}"))
            .unwrap();
        for method in service.methods() {
            open.extend([method.input(), method.output()]);
        }
    }
    while let Some(message) = open.pop() {
        for field in message.fields() {
            match field.kind() {
                Kind::String | Kind::Bytes => {
                    texts.insert(field.name().to_owned());
                }
                Kind::Message(inner) if inner.full_name().starts_with("sluis.") => open.push(inner),
                _ => {}
            }
        }
    }
    let expected = [
        // A gemeente or wijk, never a buurt.
        "area",
        // The offer itself: public.
        "document",
        // Signed, over all offers.
        "head",
        "next_page_token",
        "offer_id",
        "offer_ids",
        // Whose offer it is.
        "organisation",
        "page_token",
        // Random, and unrelated to a person until a sealed referral carries it.
        "place_id",
        "question_id",
        "request_id",
        // What a thin client looks for, in words: at most twelve. Others rank at home.
        "words",
    ];
    let found: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(found, expected);
}

/// A landlord gets no text: what could carry a diagnosis is not there.
#[test]
fn what_a_landlord_sees_has_no_room_for_words() {
    let pool = DescriptorPool::decode(sluis_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut texts = Vec::new();
    let mut open = vec!["sluis.matching.v1.Housing".to_owned()];
    while let Some(name) = open.pop() {
        for field in pool.get_message_by_name(&name).unwrap().fields() {
            match field.kind() {
                Kind::String | Kind::Bytes => texts.push(field.name().to_owned()),
                Kind::Message(message) if message.full_name().starts_with("sluis.") => {
                    open.push(message.full_name().to_owned());
                }
                _ => {}
            }
        }
    }
    texts.sort();
    // An id, codes of areas, and an OIN that only who began it is shown.
    assert_eq!(texts, ["areas", "housing_id", "landlord"]);
}
