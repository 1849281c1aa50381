//! Who looked: on the page, on paper, as a file.

use serde_json::Value;
use sluis_proto::consent::v1 as consent;

use super::world::{CARE, World, at, world};

const LIST: &str = "/sluis.consent.v1.ResidentConsentService/ListAccess";

fn entry(kind: consent::AccessKind, seconds: i64, allowed: bool) -> consent::AccessEntry {
    consent::AccessEntry {
        kind: kind.into(),
        at: at(seconds),
        organisation: CARE.to_owned(),
        role: "PROFESSIONAL".to_owned(),
        allowed,
        grant_id: "0101".to_owned(),
        scope: Some(consent::Scope {
            purposes: vec![1],
            life_domains: vec![2],
            data_kinds: vec![1],
        }),
        leaf_hash: vec![0xab; 32].into(),
        by_representative: false,
        assisted: true,
        grant_version: 2,
        legal_basis: consent::LegalBasis::Unspecified.into(),
    }
}

fn listed(world: &World, next: &str) {
    let mut own = entry(consent::AccessKind::Granted, -90_000, true);
    own.organisation = String::new();
    own.scope = None;
    let mut looked = own.clone();
    looked.kind = consent::AccessKind::TicketIssued.into();
    let entries = vec![
        entry(consent::AccessKind::Opened, 0, true),
        entry(consent::AccessKind::Opened, -60, false),
        own,
        looked,
    ];
    let next_page_token = next.to_owned();
    world.reply(
        LIST,
        &consent::ListAccessResponse {
            entries,
            next_page_token,
        },
    );
}

#[tokio::test]
async fn what_happened_without_consent_is_marked_and_an_emergency_more() {
    let world = world().await;
    let on = |basis: consent::LegalBasis| consent::AccessEntry {
        legal_basis: basis.into(),
        ..entry(consent::AccessKind::Opened, 0, true)
    };
    let entries = vec![
        on(consent::LegalBasis::VitalInterest),
        on(consent::LegalBasis::StatutoryDuty),
    ];
    world.reply(
        LIST,
        &consent::ListAccessResponse {
            entries,
            next_page_token: String::new(),
        },
    );
    let mut browser = world.inside().await;
    let page = browser.get("/gekeken").await;
    page.says(
        "<strong class=\"mark\">Noodtoegang, zonder uw toestemming:</strong> er was gevaar voor een leven",
    );
    page.says("<strong>Zonder uw toestemming:</strong> een wet schrijft dit voor.");
}

#[tokio::test]
async fn stopping_everything_is_said_not_to_end_what_rests_on_a_law() {
    let world = world().await;
    let entries = vec![entry(consent::AccessKind::WithdrewAll, 0, true)];
    world.reply(
        LIST,
        &consent::ListAccessResponse {
            entries,
            next_page_token: String::new(),
        },
    );
    let page = world.inside().await.get("/gekeken").await;
    page.says("legde vast dat u al uw toestemmingen stopt.");
    page.says("Dat gaat door, ook als u al uw toestemmingen stopt.");
    page.says("<a href=\"/zonder-toestemming\">Zonder toestemming gedeeld</a>");
}

#[tokio::test]
async fn each_day_says_who_did_what_and_why() {
    let world = world().await;
    listed(&world, "");
    let mut browser = world.inside().await;
    let page = browser.get("/gekeken").await;
    page.says("<h2>15 januari 2027</h2>");
    page.says("<h2>14 januari 2027</h2>");
    page.says("Een hulpverlener van Welzijn Noord opende een bericht over u.");
    page.says("Reden: om u te verwijzen naar hulp.");
    page.says("U gaf toestemming.");
    page.says("dit ging om een toestemming die een medewerker voor u opschreef.");
    assert_eq!(
        page.body
            .matches("<strong class=\"mark\">Geweigerd</strong>")
            .count(),
        1
    );
    assert_eq!(
        page.body.matches("<span class=\"time\">").count(),
        3,
        "who looked at it themself is not among them"
    );
    assert!(!page.body.contains("/gekeken?"));
}

#[tokio::test]
async fn the_next_page_is_named_in_this_session_only() {
    let world = world().await;
    listed(&world, "secret-token");
    let mut browser = world.inside().await;
    let page = browser.get("/gekeken").await;
    assert!(!page.body.contains("secret-token"));
    let link = page.link("/gekeken?");
    assert_eq!(browser.get(&link).await.status, 200);
    let asked: Vec<consent::ListAccessRequest> = world.seen("ListAccess");
    assert_eq!(asked[1].page_token, "secret-token");
    assert_eq!(world.inside().await.get(&link).await.status, 404);
}

#[tokio::test]
async fn the_file_holds_everything() {
    let world = world().await;
    listed(&world, "");
    let mut browser = world.inside().await;
    let file = browser.get("/gekeken/bestand").await;
    assert_eq!(file.headers["content-type"], "application/json");
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"wie-heeft-gekeken.json\""
    );
    let value: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(value["whole"], true);
    assert_eq!(value["entries"].as_array().unwrap().len(), 4);
    assert_eq!(value["entries"][1]["allowed"], false);
    assert_eq!(value["entries"][1]["assisted"], true);
    assert_eq!(value["entries"][0]["purposes"][0], "PURPOSE_REFERRAL");
    assert_eq!(value["entries"][0]["at"], "2027-01-15T08:00:00Z");
    assert_eq!(value["entries"][0]["leaf_hash"], "ab".repeat(32));
}
