//! Whether a receipt is genuine, for anybody.

use http::Request;
use prost::Message as _;
use sluis_envelope::{KeyKind, SigningKey, consent_receipt_jwk, sign_consent_receipt};
use sluis_proto::consent::v1 as consent;

use super::browser::{Answer, Browser, PUBLIC_URL};
use super::world::{CARE, WELFARE, World, world};

const PATH: &str = "/bewijzen/controleren";
const KEYS: &str = "/bewijzen/sleutels.json";
const METHOD: &str = "/sluis.consent.v1.ReceiptKeyService/GetReceiptKeys";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(KeyKind::ConsentReceipt, &[seed; 32])
}

async fn with_keys() -> World {
    let world = world().await;
    let jwk_set = format!("{{\"keys\":[{}]}}", consent_receipt_jwk(key(1).verifying_key()));
    world.reply(METHOD, &consent::GetReceiptKeysResponse { jwk_set });
    world
}

/// A receipt of a grant that ended on its day, with an objection in it.
fn receipt(seed: u8) -> String {
    let payload = format!(
        r#"{{"consent":{{"provisions":[{{"data_kinds":["SITUATION"],"life_domains":["FINANCES"],"objection":false,"purpose":"REFERRAL"}},{{"data_kinds":["MEDICAL"],"life_domains":["FINANCES"],"objection":true,"purpose":"REFERRAL"}}],"valid_until":"2027-03-01T00:00:00Z"}},"created_at":"2027-01-15T08:00:00Z","event":{{"assisted":true,"expressed_by":"WORKER","type":"GRANTED"}},"parties":{{"discloser":{{"identifier":"urn:nld:oin:{WELFARE}"}},"recipient":{{"identifier":"urn:nld:oin:{CARE}"}}}}}}"#
    );
    sign_consent_receipt(payload.as_bytes(), &key(seed))
}

/// Sends the form as a browser does, each field a part.
async fn send(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        let file = if *name == "bestand" {
            "; filename=\"bewijs.jws\""
        } else {
            ""
        };
        let head = format!("--grens\r\nContent-Disposition: form-data; name=\"{name}\"{file}");
        body.extend([&head, "\r\n\r\n", value, "\r\n"]);
    }
    body += "--grens--\r\n";
    let request = Request::builder()
        .method("POST")
        .uri(PATH)
        .header("origin", PUBLIC_URL)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=grens");
    browser.send(request, body).await
}

#[tokio::test]
async fn a_genuine_receipt_is_told_in_words_to_anybody() {
    let world = with_keys().await;
    let mut browser = world.browser();
    browser.get(PATH).await.says("U hoeft niet in te loggen");
    let receipt = receipt(1);
    // Pasted text has line breaks in it, and a file ends with one.
    let wrapped = receipt
        .as_bytes()
        .chunks(60)
        .map(|it| std::str::from_utf8(it).unwrap());
    let wrapped = wrapped.collect::<Vec<_>>().join("\r\n");
    let in_file = format!("{receipt}\n");
    for fields in [
        [("bestand", ""), ("tekst", wrapped.as_str())],
        [("bestand", in_file.as_str()), ("tekst", "")],
    ] {
        let answer = send(&mut browser, &fields).await;
        assert_eq!(answer.status, 200);
        answer.says("<h1>Dit bewijs is echt</h1>");
        answer.says("15 januari 2027, 09:00");
        answer.says("Er is toestemming gegeven.");
        answer.says("Een medewerker, voor de inwoner");
        answer.says("Met hulp:");
        answer.says("<dd>28 februari 2027</dd>");
        answer.says(&format!("nummer {WELFARE}"));
        answer.says("<dt>Wat:</dt><dd>hoe het met u gaat</dd>");
        answer.says("<dt>Over:</dt><dd>uw geld</dd>");
        answer.says("<dt>Waarom:</dt><dd>om u te verwijzen naar hulp</dd>");
        let (_, not) = answer.body.split_once("Mag niet:").expect("what is not allowed");
        let first = not.split_once("<dd>").expect("a line").1;
        assert!(first.starts_with("medische gegevens</dd>"), "{first}");
        assert!(!answer.body.contains(&receipt), "what was sent stands nowhere");
        assert!(answer.set_cookies().is_empty());
    }
    assert_eq!(
        world.mesh.records.count(),
        1,
        "the keys were asked for once, and nothing else"
    );
}

#[tokio::test]
async fn a_receipt_of_a_circle_says_who_is_in_it_and_what_may_meet() {
    let world = with_keys().await;
    let payload = format!(
        r#"{{"consent":{{"match_classes":["HOME_AT_RISK"],"provisions":[],"valid_until":"2027-03-01T00:00:00Z"}},"created_at":"2027-01-15T08:00:00Z","event":{{"assisted":false,"expressed_by":"RESIDENT","type":"GRANTED"}},"parties":{{"members":[{{"identifier":"urn:nld:oin:{WELFARE}"}},{{"identifier":"urn:nld:oin:{CARE}"}}]}}}}"#
    );
    let receipt = sign_consent_receipt(payload.as_bytes(), &key(1));
    let mut browser = world.browser();
    let answer = send(&mut browser, &[("tekst", &receipt)]).await;
    answer.says("<dt>Kring van</dt>");
    answer.says(&format!("nummer {CARE}"));
    answer.says("<li>uw woning loopt gevaar");
}

#[tokio::test]
async fn a_key_that_was_replaced_vouches_for_its_own_time_only() {
    let world = world().await;
    let made = 1_800_000_000;
    for (exp, title) in [
        (made, "<h1>Dit bewijs is echt</h1>"),
        (made - 1, "<h1>Dit bewijs is niet echt</h1>"),
    ] {
        let [new, old] = [2, 1].map(|seed| consent_receipt_jwk(key(seed).verifying_key()));
        let old = old.replace("{\"alg\"", &format!("{{\"exp\":{exp},\"nbf\":1,\"alg\""));
        let jwk_set = format!("{{\"keys\":[{new},{old}]}}");
        world.reply(METHOD, &consent::GetReceiptKeysResponse { jwk_set });
        let mut browser = world.browser();
        send(&mut browser, &[("tekst", &receipt(1))]).await.says(title);
        send(&mut browser, &[("tekst", &receipt(2))])
            .await
            .says("<h1>Dit bewijs is echt</h1>");
        // Keys are believed for five minutes.
        world.mesh.clock.advance(std::time::Duration::from_mins(5));
    }
}

#[tokio::test]
async fn what_is_not_genuine_is_called_so() {
    let world = with_keys().await;
    let mut browser = world.browser();
    let good = receipt(1);
    let parts: Vec<&str> = good.split('.').collect();
    let other = receipt(2);
    let theirs: Vec<&str> = other.split('.').collect();
    let exchanged = format!("{}.{}.{}", parts[0], theirs[1], theirs[2]);
    for forged in [other.clone(), exchanged, format!("{}.{}.", parts[0], parts[1])] {
        let answer = send(&mut browser, &[("tekst", &forged)]).await;
        answer.says("<h1>Dit bewijs is niet echt</h1>");
        assert!(!answer.body.contains("Er is toestemming gegeven"));
    }
    for unreadable in ["{\"consent\":1}", "<b>vals</b>", "a.b"] {
        let answer = send(&mut browser, &[("tekst", unreadable)]).await;
        answer.says("<h1>Dit kunnen wij niet lezen</h1>");
        assert!(!answer.body.contains(unreadable));
    }
}

#[tokio::test]
async fn what_is_missing_or_too_large_is_said_at_its_field() {
    let world = with_keys().await;
    let mut browser = world.browser();
    let large = "a".repeat(65 * 1024);
    for (fields, field) in [
        (vec![("bestand", ""), ("tekst", "")], "bestand"),
        (vec![("bestand", "a"), ("tekst", "b")], "bestand"),
        (vec![("tekst", large.as_str())], "tekst"),
        (vec![("bestand", large.as_str())], "bestand"),
    ] {
        let answer = send(&mut browser, &fields).await;
        assert_eq!(answer.status, 200);
        answer.says(&format!("<li><a href=\"#{field}\">"));
        answer.says(&format!("<p class=\"fault\" id=\"{field}-fout\">"));
        answer.says(&format!(
            "aria-invalid=\"true\" aria-describedby=\"{field}-uitleg {field}-fout\""
        ));
        answer.says("<title>Dit is nog niet goed: ");
    }
    let huge = "a".repeat(300 * 1024);
    assert_eq!(send(&mut browser, &[("tekst", &huge)]).await.status, 413);
    let many = vec![("x", "y"); 20];
    assert_eq!(send(&mut browser, &many).await.status, 413);
    let no_form = Request::builder()
        .method("POST")
        .uri(PATH)
        .header("origin", PUBLIC_URL);
    assert_eq!(browser.send(no_form, "a=b".into()).await.status, 400);
    assert_eq!(world.mesh.records.count(), 0);
}

#[tokio::test]
async fn the_public_keys_may_be_kept_for_an_hour() {
    let world = with_keys().await;
    let mut inside = world.inside().await;
    inside.get(PATH).await.says("href=\"/bewijzen/sleutels.json\"");
    let before = world.mesh.records.count();
    let keys = inside.get(KEYS).await;
    assert_eq!(keys.status, 200);
    assert_eq!(keys.headers["content-type"], "application/jwk-set+json");
    assert_eq!(keys.headers["cache-control"], "public, max-age=3600");
    assert!(keys.set_cookies().is_empty());
    let set: serde_json::Value = serde_json::from_str(&keys.body).unwrap();
    assert_eq!(set["keys"][0]["kid"], key(1).verifying_key().id().to_string());
    inside.get(KEYS).await;
    assert_eq!(
        world.mesh.records.count(),
        before + 1,
        "asked for once in five minutes"
    );
    world.mesh.clock.advance(std::time::Duration::from_mins(5));
    inside.get(KEYS).await;
    assert_eq!(world.mesh.records.count(), before + 2);
    let asked = consent::GetReceiptKeysRequest {}.encode_to_vec();
    assert_eq!(&world.mesh.records.last().body[5..], asked);
}
