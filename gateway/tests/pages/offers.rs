//! What fits: the card, offers with their reasons, and nothing of a need anywhere but on the page.

use serde_json::json;
use sluis_proto::matching::v1 as matching;

use super::browser::{Answer, Browser};
use super::world::{World, offer, world};
use crate::mesh::START;

const FIND: &str = "/aanbod";

/// Three offers that are believed, and somebody who looks.
async fn with_offers() -> (World, Browser) {
    let world = world().await;
    world.offers(&[
        offer(
            1,
            "Samen eten",
            &json!({
                "tags": ["samen-eten", "prikkelarm"],
                "areas": ["GM0755"],
                "costs": "3 euro",
                "openings": [{ "days": 1, "from_minutes": 1020, "to_minutes": 1140 }],
                "address": { "line": "Kade 1", "postal_code": "5427 AA", "town": "Boekel" },
                "contact": { "function": "de gastvrouw", "phone": "0413 000 000", "page": "https://kade.example/" },
                "vulnerability_proof": {
                    "checked_by": "Stichting Verzonnen Ervaring",
                    "checked_at_seconds": START.seconds() - 30 * 86_400,
                    "criteria": ["HOST_PRESENT"],
                },
                "capacity": { "status": "CAPACITY", "updated_at_seconds": START.seconds() - 86_400 },
            }),
        ),
        offer(
            2,
            "Opvang aan de rand",
            &json!({
                "address_is_confidential": true,
                "age_max": 17,
                "capacity": { "status": "CAPACITY", "updated_at_seconds": START.seconds() - 30 * 86_400 },
            }),
        ),
        offer(3, "Wandelen", &json!({ "tags": ["wandelen"], "areas": ["GM0828"] })),
    ]);
    let browser = world.inside().await;
    (world, browser)
}

async fn find(browser: &mut Browser, ticked: &[(&str, &str)]) -> Answer {
    let page = browser.get(FIND).await;
    let token = page.hidden_after("action=\"/aanbod\"", "formulier");
    let fields: Vec<_> = std::iter::once(("formulier", token.as_str()))
        .chain(ticked.iter().copied())
        .collect();
    let answer = browser.post(FIND, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

#[tokio::test]
async fn the_card_asks_nothing_that_must_be_answered() {
    let (_world, mut browser) = with_offers().await;
    let page = browser.get(FIND).await;
    page.says("Wij bewaren uw antwoorden niet");
    page.says("<option value=\"GM0755\">Boekel</option>");
    assert!(!page.body.contains(" checked") && !page.body.contains(" required"));
    let all = find(&mut browser, &[]).await;
    for name in ["Samen eten", "Opvang aan de rand", "Wandelen"] {
        all.says(&format!("<h3>{name}</h3>"));
    }
}

#[tokio::test]
async fn offers_come_in_order_with_why_each_fits() {
    let (_world, mut browser) = with_offers().await;
    let ticked = [
        ("wil", "wandelen"),
        ("nodig", "prikkelarm"),
        ("leeftijd", "27-66"),
        ("waar", "GM0755"),
    ];
    let answer = find(&mut browser, &ticked).await;
    answer.says("U hebt nodig: een rustige plek, met weinig geluid en drukte.");
    answer.says("Het is voor uw gemeente.");
    answer.says("Er is plek.");
    answer.says("1 × het is voor een andere leeftijd");
    answer.says("1 × het is voor een andere plaats");
    assert!(!answer.body.contains("<h3>Wandelen</h3>"));
    // The card stands below, as it was ticked.
    answer.says("id=\"wil-wandelen\" name=\"wil\" value=\"wandelen\" checked");
    answer.says("<option value=\"GM0755\" selected>");
    let words = find(&mut browser, &[("woorden", "wandel")]).await;
    assert_eq!(words.body.matches("<h3>").count(), 1);
    let none = find(&mut browser, &[("woorden", "bestaat niet hier")]).await;
    none.says("Er is niets dat bij al uw keuzes past.");
}

#[tokio::test]
async fn what_there_is_to_know_stands_folded_in_the_same_page() {
    let (_world, mut browser) = with_offers().await;
    let answer = find(&mut browser, &[("nodig", "prikkelarm")]).await;
    for words in [
        "maandag: 17.00 tot 19.00 uur",
        "3 euro",
        "Kade 1",
        "5427 AA Boekel",
        "de gastvrouw",
        "0413 000 000",
        "kade.example",
        "Kwetsbaarproof: Stichting Verzonnen Ervaring ging kijken op 16 december 2026.",
        "een gastheer of gastvrouw",
        "U kunt zo binnenlopen.",
        // What was told a month ago is not believed; a confidential address is told to be so.
        "Of er plek is, weten wij nu niet.",
        "Het adres is geheim",
    ] {
        answer.says(words);
    }
    for forbidden in ["http://", "https://", "<script"] {
        assert!(!answer.body.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn p3_a_need_reaches_no_service_no_address_and_no_cookie() {
    let (world, mut browser) = with_offers().await;
    find(&mut browser, &[]).await;
    let before = world.mesh.records.count();
    let fetched = world
        .seen::<matching::SyncDirectoryRequest>("SyncDirectory")
        .len();
    let cookies = browser.cookies.clone();
    let needs = [
        ("nodig", "hulp-bij-schulden"),
        ("nodig", "hulp-bij-stoppen"),
        ("woorden", "opvang"),
        ("waar", "GM0755"),
    ];
    let answer = find(&mut browser, &needs).await;
    assert!(!answer.headers.contains_key(http::header::LOCATION));
    let seen = world.mesh.records.seen.lock().unwrap().clone();
    assert_eq!(
        world.mesh.records.count(),
        before,
        "no service hears that somebody looks"
    );
    // What matching was asked for names no resident and says how far the directory was fetched.
    let asked: Vec<matching::SyncDirectoryRequest> = world.seen("SyncDirectory");
    assert_eq!(asked.len(), fetched, "looking fetches nothing");
    assert!(asked.iter().all(|it| it.since_version == 0));
    let as_gateway = sluis_serve::Caller::Mesh(sluis_serve::MeshRole::Gateway);
    for it in seen.iter().filter(|it| it.path.ends_with("/SyncDirectory")) {
        assert_eq!(it.caller, as_gateway);
    }
    // The cookies hold the session and nothing longer than before; no address of the page holds what was ticked.
    for (name, value) in &browser.cookies {
        assert_eq!(value.len(), cookies[name].len(), "{name}");
    }
    for (at, _) in answer.body.match_indices("href=\"") {
        let address = answer.body[at + 6..].split('"').next().unwrap();
        for word in ["schulden", "stoppen", "opvang", "GM0755"] {
            assert!(!address.contains(word), "{address}");
        }
    }
    // Asking by an address does nothing: what stands there is passed over.
    let by_address = browser
        .get("/aanbod?nodig=hulp-bij-schulden&woorden=opvang")
        .await;
    assert!(!by_address.body.contains(" checked") && !by_address.body.contains("nodig=hulp"));
}

#[tokio::test]
async fn a_directory_that_was_not_signed_for_is_not_shown() {
    let world = world().await;
    world.reply(
        "/sluis.matching.v1.DirectoryService/SyncDirectory",
        &matching::SyncDirectoryResponse {
            changes: vec![matching::DirectoryChange {
                version: 1,
                offer_id: super::world::offer_id(1).to_string(),
                document: offer(1, "Nep", &json!({})).into(),
            }],
            head: vec![7; 120].into(),
            more: false,
        },
    );
    let mut browser = world.inside().await;
    let page = browser.get(FIND).await;
    let token = page.hidden_after("action=\"/aanbod\"", "formulier");
    let answer = browser.post(FIND, &[("formulier", &token)]).await;
    assert_eq!(answer.status, 503);
    assert!(!answer.body.contains("Nep"));
}
