//! *Berichten*: giving an address, entering the code, and taking the address away.

use serde_json::json;
use sluis_proto::consent::v1 as consent;

use super::browser::{Answer, Browser};
use super::world::{World, at, world};

fn kept(world: &World, address: &str, waiting: &str) {
    let reply = consent::GetNoticeAddressResponse {
        sends_notices: true,
        address: address.to_owned(),
        waiting_address: waiting.to_owned(),
        code_expires_at: at(3600).filter(|_| !waiting.is_empty()),
        language: consent::NoticeLanguage::English.into(),
    };
    world.reply("/sluis.consent.v1.ResidentNoticeService/GetNoticeAddress", &reply);
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
async fn an_address_is_given_in_the_language_of_the_page_and_stands_on_no_page_again() {
    let world = world().await;
    kept(&world, "", "");
    let mut browser = world.inside().await;
    browser.get("/").await.says("href=\"/berichten\"");
    let page = browser.get("/berichten").await;
    page.says("Alleen dat er iets veranderd is");
    page.says("Nooit wat er veranderd is");
    assert!(!page.body.contains("/berichten/code") && !page.body.contains("/berichten/stoppen"));
    kept(&world, "", "a•••@post.example");
    let answer = send(
        &mut browser,
        &page,
        "/berichten/adres",
        &[("adres", " anna@post.example ")],
    )
    .await;
    assert_eq!(answer.status, 200);
    answer.says("a•••@post.example");
    assert!(!answer.body.contains("anna@post.example"));
    let asked: Vec<consent::SetNoticeAddressRequest> = world.seen("SetNoticeAddress");
    assert_eq!(
        (asked.len(), asked[0].address.as_str(), asked[0].language()),
        (1, "anna@post.example", consent::NoticeLanguage::Dutch)
    );
    browser
        .post("/taal", &[("taal", "en"), ("terug", "/berichten")])
        .await;
    let page = browser.get("/berichten").await;
    send(
        &mut browser,
        &page,
        "/berichten/adres",
        &[("adres", "anna@post.example")],
    )
    .await;
    let asked: Vec<consent::SetNoticeAddressRequest> = world.seen("SetNoticeAddress");
    assert_eq!(asked[1].language(), consent::NoticeLanguage::English);
}

#[tokio::test]
async fn the_code_is_entered_as_it_was_mailed_and_the_address_can_go() {
    let world = world().await;
    kept(&world, "b•••@post.example", "a•••@post.example");
    let mut browser = world.inside().await;
    let page = browser.get("/berichten").await;
    page.says("Ze gaan naar b•••@post.example, in het Engels.");
    let done = send(
        &mut browser,
        &page,
        "/berichten/code",
        &[("code", " abcde-fghjk ")],
    )
    .await;
    done.says("U krijgt voortaan berichten");
    let asked: Vec<consent::ConfirmNoticeAddressRequest> = world.seen("ConfirmNoticeAddress");
    assert_eq!(asked[0].code, "abcde-fghjk");
    let gone = send(&mut browser, &page, "/berichten/stoppen", &[]).await;
    gone.says("Uw mailadres is gewist");
    let asked: Vec<consent::RemoveNoticeAddressRequest> = world.seen("RemoveNoticeAddress");
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn where_no_notices_are_sent_and_for_somebody_else_there_is_no_form() {
    let world = world().await;
    let mut browser = world.inside().await;
    let page = browser.get("/berichten").await;
    page.says("Hier worden geen berichten per mail gestuurd");
    assert!(!page.body.contains("/berichten/adres"));
    kept(&world, "a•••@post.example", "");
    let mut other = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    let page = other.get("/berichten").await;
    page.says("Alleen die persoon zelf kan hier een mailadres opgeven");
    assert!(!page.body.contains("post.example") && !page.body.contains("/berichten/adres"));
    let asked: Vec<consent::GetNoticeAddressRequest> = world.seen("GetNoticeAddress");
    assert_eq!(asked.len(), 1, "it is not even asked for somebody else");
}
