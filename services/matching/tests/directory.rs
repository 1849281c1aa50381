//! SearchOffers and SyncDirectory: the same on both databases.

use sluis_envelope::{DirectoryHead, DirectoryTree, KeyKind, Signed, Verified, directory_entry_hash};
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_proto::matching::v1::{PublishOfferRequest, SearchOffersRequest, SyncDirectoryRequest};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, MeshRole};
use sluis_store_testing::TestDatabases;
use sluis_types::OfferId;

use crate::world::{World, document, refusal, stranger, welfare};

/// Publishes an offer under this name for these areas.
async fn list(world: &World, name: &str, areas: &[&str]) -> OfferId {
    let id = OfferId::random(world.randomness.as_ref());
    let mut document = document(id, welfare(), name);
    document.areas = areas.iter().map(|area| (*area).to_owned()).collect();
    let request = PublishOfferRequest {
        request_id: world.request_id(),
        document: serde_json::to_vec(&document).unwrap().into(),
        expected_version: 0,
    };
    world.directory(welfare()).publish_offer(request).await.unwrap();
    id
}

fn asked(area: &str, words: &str) -> SearchOffersRequest {
    SearchOffersRequest {
        area: area.into(),
        life_domain: 3,
        words: words.into(),
        ..Default::default()
    }
}

async fn found(world: &World, mut request: SearchOffersRequest) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let reply = world
            .directory(stranger())
            .search_offers(request.clone())
            .await
            .unwrap()
            .into_inner();
        ids.extend(reply.offers.into_iter().map(|offer| offer.offer_id));
        if reply.next_page_token.is_empty() {
            return ids;
        }
        request.page_token = reply.next_page_token;
    }
}

fn sorted(ids: &[OfferId]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn search_offers_works_the_same_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let wijk = list(&world, "Samen koken in de Schakel", &["WK082803"]).await;
        let buurt = list(&world, "Koken met de buren", &["BU08280301"]).await;
        let gemeente = list(&world, "Hulp bij geldzaken", &["GM0828"]).await;
        let country = list(&world, "Luisterlijn", &[]).await;
        let elsewhere = list(&world, "Samen koken", &["GM0546"]).await;
        let name = database.name();
        assert_eq!(
            found(&world, asked("WK082803", "")).await,
            sorted(&[wijk, buurt, gemeente, country]),
            "{name}"
        );
        assert_eq!(
            found(&world, asked("WK082804", "")).await,
            sorted(&[gemeente, country]),
            "{name}"
        );
        assert_eq!(
            found(&world, asked("GM0546", "")).await,
            sorted(&[country, elsewhere]),
            "{name}"
        );
        // Page by page, each once.
        let by_one = SearchOffersRequest {
            page_size: 1,
            ..asked("GM0828", "")
        };
        assert_eq!(
            found(&world, by_one).await,
            sorted(&[wijk, buurt, gemeente, country]),
            "{name}"
        );
        // Words, whatever their case, and never commands of the engine.
        assert_eq!(
            found(&world, asked("GM0828", "KOKEN")).await,
            sorted(&[wijk, buurt]),
            "{name}"
        );
        assert_eq!(
            found(&world, asked("GM0828", "koken schakel")).await,
            sorted(&[wijk]),
            "{name}"
        );
        for nothing in [
            "koken NOT buren",
            "dansen",
            "koken OR dansen",
            "kok*",
            "\"samen\" AND x",
        ] {
            assert_eq!(
                found(&world, asked("GM0828", nothing)).await,
                Vec::<String>::new(),
                "{name} {nothing}"
            );
        }
        for words in [
            "'; DROP TABLE offer; --",
            "NEAR(",
            "a\"b",
            "^koken",
            "{koken}:x",
            "é ñ 漢",
        ] {
            found(&world, asked("GM0828", words)).await;
        }
        let other_domain = SearchOffersRequest {
            life_domain: 1,
            ..asked("GM0828", "")
        };
        assert!(found(&world, other_domain).await.is_empty(), "{name}");
        world.end().await;
    }
}

#[tokio::test]
async fn what_changed_or_was_retired_is_found_as_it_is_now() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let id = list(&world, "Samen koken", &["GM0828"]).await;
        let mut changed = document(id, welfare(), "Samen dansen");
        changed.areas = vec!["GM0546".into()];
        let request = PublishOfferRequest {
            request_id: world.request_id(),
            document: serde_json::to_vec(&changed).unwrap().into(),
            expected_version: 1,
        };
        world.directory(welfare()).publish_offer(request).await.unwrap();
        assert!(found(&world, asked("GM0828", "")).await.is_empty());
        assert!(found(&world, asked("GM0546", "koken")).await.is_empty());
        assert_eq!(found(&world, asked("GM0546", "dansen")).await, sorted(&[id]));
        let retire = sluis_proto::matching::v1::RetireOfferRequest {
            request_id: world.request_id(),
            offer_id: id.to_string(),
            expected_version: 2,
        };
        world.directory(welfare()).retire_offer(retire).await.unwrap();
        assert!(found(&world, asked("GM0546", "")).await.is_empty());
        world.end().await;
    }
}

#[tokio::test]
async fn search_offers_refuses_the_wrong_caller_and_questions_that_say_too_much() {
    let world = World::start().await;
    list(&world, "Samen koken", &["GM0828"]).await;
    list(&world, "Samen eten", &["GM0828"]).await;
    let request = SearchOffersRequest {
        page_size: 1,
        ..asked("GM0828", "")
    };
    let reply = world
        .directory(stranger())
        .search_offers(request.clone())
        .await
        .unwrap();
    let stolen = SearchOffersRequest {
        page_token: reply.into_inner().next_page_token,
        ..request
    };
    let outcome = world.directory(welfare()).search_offers(stolen).await;
    assert_eq!(refusal(outcome), ErrorReason::BadPageToken);
    let long = "w".repeat(81);
    let wrong = [
        asked("BU08280301", ""),
        asked("Oss", ""),
        asked("", ""),
        asked("GM0828", &long),
        asked("GM0828", "a\0b"),
        SearchOffersRequest {
            life_domain: 0,
            ..asked("GM0828", "")
        },
        SearchOffersRequest {
            life_domain: 9,
            ..asked("GM0828", "")
        },
        SearchOffersRequest {
            page_size: -1,
            ..asked("GM0828", "")
        },
    ];
    for request in wrong {
        let outcome = world.directory(stranger()).search_offers(request).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

/// Brings a copy up to date, and says how many changes came and what the head says.
async fn sync(world: &World, copy: &mut DirectoryTree, mut since: u64) -> (usize, Verified<DirectoryHead>) {
    let mut count = 0;
    loop {
        let request = SyncDirectoryRequest { since_version: since };
        let reply = world
            .directory(stranger())
            .sync_directory(request)
            .await
            .unwrap()
            .into_inner();
        for change in reply.changes {
            let id: OfferId = change.offer_id.parse().unwrap();
            assert!(change.version > since, "changes rise");
            since = change.version;
            count += 1;
            if change.document.is_empty() {
                copy.remove(&id);
            } else {
                copy.put(id, directory_entry_hash(&id, &change.document));
            }
        }
        if !reply.more {
            let key = sluis_matching::public_keys(&world.keys).unwrap().directory;
            let head = Signed::<DirectoryHead>::parse(&reply.head).unwrap();
            return (count, head.verify(&key, world.now()).unwrap());
        }
    }
}

#[tokio::test]
async fn sync_directory_works_and_costs_what_changed_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let mut copy = DirectoryTree::new();
        let (count, empty) = sync(&world, &mut copy, 0).await;
        assert!(count == 0 && copy.matches(&empty), "{}", database.name());
        let mut ids = Vec::new();
        for number in 0..520 {
            ids.push(list(&world, &format!("Aanbod {number}"), &["GM0828"]).await);
        }
        let (count, full) = sync(&world, &mut copy, 0).await;
        assert!(count == 520 && copy.matches(&full), "{}", database.name());
        // One changes, one goes: two changes come, whatever the size of the rest.
        let mut changed = document(ids[7], welfare(), "Anders");
        changed.areas = vec!["GM0828".into()];
        let request = PublishOfferRequest {
            request_id: world.request_id(),
            document: serde_json::to_vec(&changed).unwrap().into(),
            expected_version: 1,
        };
        world.directory(welfare()).publish_offer(request).await.unwrap();
        let retire = sluis_proto::matching::v1::RetireOfferRequest {
            request_id: world.request_id(),
            offer_id: ids[9].to_string(),
            expected_version: 1,
        };
        world.directory(welfare()).retire_offer(retire).await.unwrap();
        assert!(
            !copy.matches(&sync(&world, &mut copy.clone(), u64::MAX).await.1),
            "a stale copy is seen"
        );
        let (count, newest) = sync(&world, &mut copy, full.version).await;
        assert!(count == 2 && copy.matches(&newest), "{}", database.name());
        assert_eq!((copy.len(), newest.version), (519, full.version + 2));
        world.end().await;
    }
}

#[tokio::test]
async fn sync_directory_works_for_the_gateway_in_its_own_name() {
    let world = World::start().await;
    let id = list(&world, "Samen koken", &["GM0828"]).await;
    let request = SyncDirectoryRequest::default();
    let gateway = world.mesh_client(KeyKind::MeshCaller, Caller::Mesh(MeshRole::Gateway));
    let reply = DirectoryServiceClient::new(gateway).sync_directory(request).await;
    let reply = reply.unwrap().into_inner();
    assert_eq!(
        (reply.changes.len(), reply.changes[0].offer_id.clone()),
        (1, id.to_string())
    );
    world.end().await;
}

#[tokio::test]
async fn sync_directory_refuses_the_wrong_caller() {
    let world = World::start().await;
    list(&world, "Samen koken", &["GM0828"]).await;
    // A resident's side has no such method: the gateway fetches in its own name, so that nobody's search is seen.
    let outcome = world
        .as_resident_of_the_directory()
        .sync_directory(SyncDirectoryRequest::default())
        .await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    world.end().await;
}
