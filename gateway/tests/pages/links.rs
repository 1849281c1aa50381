//! A code to give to a worker.

use sluis_proto::consent::v1 as consent;
use sluis_proto::options::v1::ErrorReason;

use super::world::{WELFARE, at, world};

#[tokio::test]
async fn a_code_comes_as_letters_and_as_a_picture_and_in_no_address() {
    let world = world().await;
    let mut browser = world.inside().await;
    let made = consent::CreateLinkCodeResponse {
        code: "ABCDE-FGHJK".to_owned(),
        qr_code: "0123456789ABCDEFGHJKMNPQRS".to_owned(),
        expires_at: at(900),
    };
    world.reply("/sluis.consent.v1.ResidentConsentService/CreateLinkCode", &made);
    let page = browser.get("/koppelen").await;
    let token = page.hidden_after("action=\"/koppelen/code\"", "formulier");
    let act = page.hidden_after("action=\"/koppelen/code\"", "poging");
    let fields = [
        ("formulier", token.as_str()),
        ("poging", &act),
        ("organisatie", WELFARE),
    ];
    for _ in 0..2 {
        let answer = browser.post("/koppelen/code", &fields).await;
        assert_eq!(answer.status, 200);
        answer.says("ABCDE-FGHJK");
        answer.says("<svg class=\"qr\" role=\"img\" aria-label=");
        answer.says("tot 09:15 uur");
    }
    let asked: Vec<consent::CreateLinkCodeRequest> = world.seen("CreateLinkCode");
    assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
    assert_eq!(asked[0].oin, WELFARE);
}

#[tokio::test]
async fn without_an_organisation_there_is_no_code() {
    let world = world().await;
    let mut browser = world.inside().await;
    let page = browser.get("/koppelen").await;
    let token = page.hidden_after("action=\"/koppelen/code\"", "formulier");
    let act = page.hidden_after("action=\"/koppelen/code\"", "poging");
    let answer = browser
        .post(
            "/koppelen/code",
            &[("formulier", &token), ("poging", &act), ("organisatie", "")],
        )
        .await;
    answer.says("<li><a href=\"#organisatie\">");
    answer.says("aria-invalid=\"true\" aria-describedby=\"organisatie-fout\"");
    answer.says("<p class=\"fault\" id=\"organisatie-fout\">");
    assert!(
        world
            .seen::<consent::CreateLinkCodeRequest>("CreateLinkCode")
            .is_empty()
    );
}

#[tokio::test]
async fn who_is_linked_already_stands_in_the_list_and_not_in_the_choice() {
    let world = world().await;
    let links = consent::ListLinksResponse {
        links: vec![consent::Link {
            oin: WELFARE.to_owned(),
            since: at(0),
        }],
    };
    world.reply("/sluis.consent.v1.ResidentConsentService/ListLinks", &links);
    let mut browser = world.inside().await;
    let page = browser.get("/koppelen").await;
    page.says("Welzijn Noord, sinds 15 januari 2027");
    assert!(!page.body.contains("<option"));

    let ask = browser.get(&page.link("/koppelen/verbreken?")).await;
    ask.says("De koppeling met Welzijn Noord verbreken");
    let fields = ask.form("/koppelen/verbreken");
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    for _ in 0..2 {
        let done = browser.post("/koppelen/verbreken", &fields).await;
        done.says("U bent niet meer gekoppeld met Welzijn Noord");
    }
    let asked: Vec<consent::DisconnectOrganisationRequest> = world.seen("DisconnectOrganisation");
    assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
    assert_eq!(asked[0].oin, WELFARE);
}

#[tokio::test]
async fn the_code_of_a_letter_is_brought_once() {
    let world = world().await;
    let mut browser = world.inside().await;
    let page = browser.get("/koppelen").await;
    let mark = "action=\"/koppelen/brief\"";
    let (token, act) = (
        page.hidden_after(mark, "formulier"),
        page.hidden_after(mark, "poging"),
    );
    let fields = [
        ("formulier", token.as_str()),
        ("poging", &act),
        ("code", "ABCDE-FGHJK"),
    ];
    browser
        .post("/koppelen/brief", &fields)
        .await
        .says("De code uit uw brief is gebruikt");
    let asked: Vec<consent::RedeemLetterCodeRequest> = world.seen("RedeemLetterCode");
    assert_eq!(asked[0].code, "ABCDE-FGHJK");
}

#[tokio::test]
async fn the_code_of_a_letter_that_does_not_work_is_said_at_its_field() {
    let world = world().await;
    world.refuse(
        "/sluis.consent.v1.ResidentAssistedService/RedeemLetterCode",
        ErrorReason::CodeRefused,
    );
    let mut browser = world.inside().await;
    let page = browser.get("/koppelen").await;
    let mark = "action=\"/koppelen/brief\"";
    let (token, act) = (
        page.hidden_after(mark, "formulier"),
        page.hidden_after(mark, "poging"),
    );
    for (code, text) in [("", "Vul de code in"), ("ABCDE-FGHJK", "Deze code werkt niet.")] {
        let fields = [("formulier", token.as_str()), ("poging", &act), ("code", code)];
        let answer = browser.post("/koppelen/brief", &fields).await;
        assert_eq!(answer.status, 200);
        answer.says("<li><a href=\"#code\">");
        answer.says(&format!("<p class=\"fault\" id=\"code-fout\">{text}"));
        answer.says("aria-invalid=\"true\" aria-describedby=\"code-uitleg code-fout\"");
    }
}
