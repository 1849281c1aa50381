//! Who may speak for the resident.

use serde_json::json;
use sluis_proto::consent::v1 as consent;
use sluis_proto::options::v1::ErrorReason;

use super::browser::{Answer, Browser};
use super::world::{CARE, World, at, world};

fn mandate(kind: consent::MandateKind, recorded_by: &str) -> consent::Mandate {
    consent::Mandate {
        mandate_id: "0303".to_owned(),
        kind: kind.into(),
        acts: vec![1, 3],
        life_domains: vec![2],
        data_kinds: vec![6],
        state: consent::MandateState::Active.into(),
        recorded_by: recorded_by.to_owned(),
        verification: consent::MandateVerification::Resident.into(),
        recorded_at: at(0),
        valid_until: at(90 * 86_400),
        label: if recorded_by.is_empty() {
            "mijn zus".to_owned()
        } else {
            String::new()
        },
        ..Default::default()
    }
}

fn listed(world: &World, mandates: Vec<consent::Mandate>) {
    let reply = consent::ListMandatesResponse { mandates };
    world.reply(
        "/sluis.consent.v1.ResidentRepresentationService/ListMandates",
        &reply,
    );
}

async fn send(browser: &mut Browser, page: &Answer, action: &str, more: &[(&str, &str)]) -> Answer {
    let mark = format!("action=\"{action}\"");
    let token = page.hidden_after(&mark, "formulier");
    let act = page.hidden_after(&mark, "poging");
    let mut fields = vec![("formulier", token.as_str()), ("poging", &act)];
    fields.extend_from_slice(more);
    browser.post(action, &fields).await
}

#[tokio::test]
async fn a_resident_ends_what_they_gave_and_disputes_what_others_recorded() {
    let world = world().await;
    listed(
        &world,
        vec![
            mandate(consent::MandateKind::Proxy, ""),
            mandate(consent::MandateKind::Administrator, CARE),
        ],
    );
    let mut browser = world.inside().await;
    let page = browser.get("/namens-mij").await;
    page.says("<h2>mijn zus</h2>");
    page.says("Vastgelegd door Welzijn Noord");
    page.says("Bewindvoerder: alleen over geld");
    for (action, method) in [
        ("/namens-mij/stoppen", "EndMandate"),
        ("/namens-mij/klopt-niet", "DisputeMandate"),
    ] {
        let mark = format!("action=\"{action}\"");
        let reference = page.hidden_after(&mark, "waarover");
        let answer = send(&mut browser, &page, action, &[("waarover", &reference)]).await;
        assert_eq!(answer.status, 200, "{action}");
        let asked: Vec<consent::EndMandateRequest> = world.seen(method);
        assert_eq!((asked.len(), asked[0].mandate_id.as_str()), (1, "0303"));
    }
}

#[tokio::test]
async fn somebody_is_authorised_for_what_was_ticked_and_nothing_is_ticked_beforehand() {
    let world = world().await;
    let mut browser = world.inside().await;
    let page = browser.get("/namens-mij").await;
    assert!(!page.body.contains(" checked"));
    let made = consent::CreateProxyResponse {
        code: "ABCDE-FGHJK".to_owned(),
        qr_code: "0123456789ABCDEFGHJKMNPQRS".to_owned(),
        code_expires_at: at(900),
        ..Default::default()
    };
    world.reply(
        "/sluis.consent.v1.ResidentRepresentationService/CreateProxy",
        &made,
    );
    let half = send(
        &mut browser,
        &page,
        "/namens-mij/machtigen",
        &[("wie", "mijn zus"), ("mag", "1"), ("dagen", "183")],
    )
    .await;
    half.says("<title>Dit is nog niet goed: Namens mij");
    half.says("tabindex=\"-1\" autofocus>");
    for field in ["over", "wat"] {
        half.says(&format!("class=\"wrong\" aria-describedby=\"{field}-fout\""));
        half.says(&format!("<p class=\"fault\" id=\"{field}-fout\">"));
    }
    half.says("id=\"over-1\" name=\"over\" value=\"1\" aria-invalid=\"true\"");
    assert!(!half.body.contains("mag-fout") && !half.body.contains("wie-fout"));
    half.says("<option value=\"183\" selected>");
    half.says("<a href=\"#over-1\">");
    half.says("<a href=\"#wat-1\">");
    half.says("value=\"mijn zus\"");
    let whole = [
        ("wie", "mijn zus"),
        ("mag", "1"),
        ("over", "2"),
        ("wat", "6"),
        ("dagen", "92"),
    ];
    send(&mut browser, &half, "/namens-mij/machtigen", &whole)
        .await
        .says("ABCDE-FGHJK");
    let asked: Vec<consent::CreateProxyRequest> = world.seen("CreateProxy");
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].label.as_str(), asked[0].valid_days), ("mijn zus", 92));
    assert_eq!(
        (&asked[0].acts, &asked[0].life_domains, &asked[0].data_kinds),
        (&vec![1], &vec![2], &vec![6])
    );
}

#[tokio::test]
async fn a_representative_brings_a_code_and_can_authorise_nobody() {
    let world = world().await;
    let mut browser = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    listed(&world, vec![mandate(consent::MandateKind::Proxy, "")]);
    let page = browser.get("/namens-mij").await;
    assert!(!page.body.contains("/namens-mij/machtigen") && !page.body.contains("/namens-mij/stoppen"));
    let answer = send(
        &mut browser,
        &page,
        "/namens-mij/code",
        &[("code", " abcde-fghjk ")],
    )
    .await;
    answer.says("U bent nu gemachtigd");
    let asked: Vec<consent::RedeemMandateCodeRequest> = world.seen("RedeemMandateCode");
    assert_eq!(asked[0].code, "abcde-fghjk");
}

#[tokio::test]
async fn a_code_that_is_empty_or_wrong_is_said_at_its_field() {
    let world = world().await;
    let mut browser = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    world.refuse(
        "/sluis.consent.v1.ResidentRepresentationService/RedeemMandateCode",
        ErrorReason::CodeRefused,
    );
    let page = browser.get("/namens-mij").await;
    for (code, text) in [("  ", "Vul de code in"), ("ABCDE-FGHJK", "Deze code werkt niet.")] {
        let answer = send(&mut browser, &page, "/namens-mij/code", &[("code", code)]).await;
        assert_eq!(answer.status, 200);
        answer.says("<li><a href=\"#code\">");
        answer.says(&format!("<p class=\"fault\" id=\"code-fout\">{text}"));
        answer.says("aria-invalid=\"true\" aria-describedby=\"code-uitleg code-fout\"");
        answer.says(&format!("name=\"code\" value=\"{}\"", code.trim()));
    }
    let asked: Vec<consent::RedeemMandateCodeRequest> = world.seen("RedeemMandateCode");
    assert_eq!(asked.len(), 1, "an empty code is not tried");
}

#[tokio::test]
async fn a_representative_without_a_mandate_is_told_what_to_do() {
    let world = world().await;
    let mut browser = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    for method in [
        "/sluis.consent.v1.ResidentConsentService/ListProposals",
        "/sluis.consent.v1.ResidentConsentService/ListGrants",
        "/sluis.consent.v1.ResidentRepresentationService/ListMandates",
    ] {
        world.refuse(method, ErrorReason::NotAvailable);
    }
    let start = browser.get("/").await;
    assert_eq!(start.status, 200);
    start.says("<h1>Eerst een code</h1>");
    start.says("<a class=\"button\" href=\"/namens-mij\">");
    let closed = browser.get("/vragen").await;
    assert_eq!(closed.status, 404);
    closed.says("<a class=\"button\" href=\"/namens-mij\">");
    browser
        .get("/namens-mij")
        .await
        .says("action=\"/namens-mij/code\"");
    // A resident has nobody's code to fill in.
    let mut resident = world.inside().await;
    let absent = resident.get("/").await;
    assert_eq!(absent.status, 404);
    assert!(!absent.body.contains("class=\"button\" href=\"/namens-mij\""));
}

/// What the mandate does not allow is no fault of ours, and the page says what it is.
#[tokio::test]
async fn what_a_mandate_does_not_allow_is_said_plainly() {
    let world = world().await;
    let mut browser = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    world.refuse(
        "/sluis.consent.v1.ResidentConsentService/ListProposals",
        ErrorReason::MandateRefused,
    );
    let refused = browser.get("/vragen").await;
    assert_eq!(refused.status, 403);
    refused.says("<h1>Dit mag u niet voor een ander doen</h1>");
    refused.says("Er is niets veranderd. Uw machtiging staat dit niet toe");
}
