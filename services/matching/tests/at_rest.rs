//! P3: what stands in the files of a database, without its keys.

use std::path::Path;
use std::sync::Arc;

use sluis_keyring::BlindIndex;
use sluis_proto::matching::v1::{
    AttachPlaceRequest, HoldPlaceRequest, IntroductionAnswer, OpenHousingRequest,
};
use sluis_store_testing::ClearCodec;

use crate::introductions::{Two, proposed, say, two};
use crate::world::{World, centre, coordinator, oin, welfare};

/// Every byte of a database: the file with its free pages, and the WAL.
fn dump(home: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for suffix in ["", "-wal"] {
        bytes.extend(std::fs::read(home.join(format!("matching.db{suffix}"))).unwrap_or_default());
    }
    bytes
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Whatever of this life may not be found at rest: as bytes and as text.
struct Planted(Vec<(&'static str, Vec<u8>)>);

impl Planted {
    fn found_in(&self, bytes: &[u8]) -> Vec<&'static str> {
        self.0
            .iter()
            .filter(|(_, needle)| contains(bytes, needle))
            .map(|(name, _)| *name)
            .collect()
    }
}

/// A held place that its resident sees, an introduction with a no that excludes, and a way to a home.
async fn live(world: &World) -> Planted {
    let offer = world.offer(welfare(), 2).await;
    let request = HoldPlaceRequest {
        request_id: world.request_id(),
        offer_id: offer.to_string(),
        wait: false,
    };
    let held = world
        .places(centre())
        .hold_place(request)
        .await
        .unwrap()
        .into_inner()
        .place
        .unwrap();
    let of_place = world.grant(centre(), welfare());
    let request = AttachPlaceRequest {
        request_id: world.request_id(),
        grant_token: world.token(of_place),
        offer_id: offer.to_string(),
        place_id: held.place_id.clone(),
    };
    world
        .attached_places(centre())
        .attach_place(request)
        .await
        .unwrap();
    let it: Two = two(world).await;
    let id = proposed(world, &it).await;
    say(world, welfare(), &id, IntroductionAnswer::Yes, false)
        .await
        .unwrap();
    say(world, centre(), &id, IntroductionAnswer::No, true)
        .await
        .unwrap();
    let home = world.grant(welfare(), oin(4));
    let request = OpenHousingRequest {
        request_id: world.request_id(),
        grant_token: world.token(home),
        need: Some(sluis_proto::matching::v1::HousingNeed {
            areas: vec!["WK082899".into()],
            ..Default::default()
        }),
    };
    world.homes(welfare()).open_housing(request).await.unwrap();
    let uuid = |text: &str| text.parse::<sluis_types::GrantId>().unwrap().as_bytes().to_vec();
    Planted(vec![
        ("place id", uuid(&held.place_id)),
        ("place id as text", held.place_id.into_bytes()),
        ("grant of the place", of_place.id.as_bytes().to_vec()),
        ("introduction id", uuid(&id)),
        ("introduction id as text", id.into_bytes()),
        ("grant of who seeks", it.seeks.id.as_bytes().to_vec()),
        ("grant of who offers", it.offers.id.as_bytes().to_vec()),
        ("grant of the home", home.id.as_bytes().to_vec()),
        ("card id", it.seeks_card.as_bytes().to_vec()),
        ("person tag of who seeks", it.seeks_tag.to_vec()),
        ("person tag of who offers", it.offers_tag.to_vec()),
        ("coordinator", coordinator().as_str().as_bytes().to_vec()),
        ("landlord", oin(4).as_str().as_bytes().to_vec()),
        ("area of the home", b"WK082899".to_vec()),
        ("what stands on a card", b"wandelen".to_vec()),
    ])
}

#[tokio::test]
async fn p3_no_file_of_matching_names_a_person_a_grant_or_who_met_whom() {
    let world = World::start().await;
    let planted = live(&world).await;
    let open = dump(world.home.path());
    assert_eq!(planted.found_in(&open), Vec::<&str>::new());
    let home = world.end().await;
    let closed = dump(home.path());
    assert!(closed.len() > 50_000, "there is something to look through");
    assert_eq!(planted.found_in(&closed), Vec::<&str>::new());
}

/// An index that leaves what it hides in clear.
#[derive(Debug)]
struct ClearIndex(Arc<dyn BlindIndex>);

impl BlindIndex for ClearIndex {
    fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        if label != "introduction" {
            return self.0.index(label, parts);
        }
        let mut key = [0; 32];
        let bytes = parts.concat();
        key[..bytes.len()].copy_from_slice(&bytes);
        key
    }
}

#[tokio::test]
async fn p3_the_search_finds_what_a_faulty_index_or_codec_of_matching_leaves_in_clear() {
    let world = World::start_changed(Box::new(|parts| {
        parts.index = Arc::new(ClearIndex(Arc::clone(&parts.index)));
    }))
    .await;
    let planted = live(&world).await;
    let found = planted.found_in(&dump(world.home.path()));
    assert_eq!(found, ["introduction id"]);
    world.end().await;

    let world = World::start_changed(Box::new(|parts| parts.codec = Arc::new(ClearCodec))).await;
    let planted = live(&world).await;
    let found = planted.found_in(&dump(world.home.path()));
    for name in [
        "place id",
        "grant of the place",
        "grant of who offers",
        "person tag of who seeks",
        "landlord",
        "area of the home",
    ] {
        assert!(found.contains(&name), "{name}: {found:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn p3_pages_share_no_value_and_have_one_length() {
    let world = World::start().await;
    for _ in 0..3 {
        live(&world).await;
    }
    let url = format!("sqlite:{}", world.home.path().join("matching.db").display());
    let parts = sluis_store::Parts {
        journal: Arc::new(world.ledger.clone()),
        column_keys: world.keys.columns().clone(),
        index: world.keys.blind_index(),
        clock: world.clock.clone(),
        randomness: world.randomness.clone(),
    };
    let home = world.end().await;
    let config = sluis_store::StoreConfig::parse(&url).unwrap();
    let store = sluis_store::Store::open(&config, &sluis_matching::schema(), parts)
        .await
        .unwrap();
    let mut read = store.read("test").await.unwrap();
    let pages = read
        .tx()
        .fetch_all("SELECT tag, content FROM page", &[])
        .await
        .unwrap();
    drop(read);
    let rows: Vec<(Vec<u8>, Vec<u8>)> = pages
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
        .collect();
    assert!(rows.len() > 20);
    assert!(
        rows.iter()
            .all(|(tag, content)| tag.len() == 32 && content.len() == rows[0].1.len())
    );
    let mut beginnings: Vec<&[u8]> = rows.iter().map(|(tag, _)| tag.as_slice()).collect();
    // After version and key number, which are the same for all, a sealed value begins with a random nonce.
    beginnings.extend(rows.iter().map(|(_, content)| &content[5..37]));
    let count = beginnings.len();
    beginnings.sort_unstable();
    beginnings.dedup();
    assert_eq!(beginnings.len(), count, "no two are alike");
    store.close().await;
    drop(home);
}
