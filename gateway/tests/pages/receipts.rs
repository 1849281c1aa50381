//! What one has in hand of each choice.

use sluis_proto::consent::v1 as consent;

use super::world::{CARE, WELFARE, at, world};

#[tokio::test]
async fn a_receipt_can_be_read_and_kept_as_it_was_signed() {
    let world = world().await;
    let summary = consent::ReceiptSummary {
        receipt_id: "0101".to_owned(),
        event: consent::ReceiptEvent::Withdrawn.into(),
        at: at(0),
        grant_id: "0202".to_owned(),
        grant_version: 2,
        discloser: WELFARE.to_owned(),
        recipient: CARE.to_owned(),
        assisted: true,
        expressed_by: consent::ReceiptSpeaker::Resident.into(),
        members: vec![],
    };
    let listed = consent::ListReceiptsResponse {
        receipts: vec![summary.clone()],
    };
    world.reply("/sluis.consent.v1.ResidentReceiptService/ListReceipts", &listed);
    let receipt = consent::GetReceiptResponse {
        summary: Some(summary),
        signed_receipt: "head.body.signature".to_owned(),
        payload: "{\"record\":\"<b>\"}".to_owned(),
    };
    world.reply("/sluis.consent.v1.ResidentReceiptService/GetReceipt", &receipt);
    let mut browser = world.inside().await;
    let list = browser.get("/bewijzen").await;
    list.says("U stopte een toestemming.");
    list.says("Van een nee is er geen bewijs.");
    list.says("15 januari 2027, 09:00");
    assert!(!list.body.contains("0101"));
    list.says("Met hulp:");
    list.says("href=\"/bewijzen/controleren\"");
    let one = browser.get(&list.link("/bewijzen/bekijken?")).await;
    assert!(one.body.contains("record") && !one.body.contains("<b>"));
    one.says("Met hulp:");
    one.says("mijn.example/bewijzen/controleren");
    let file = browser.get(&one.link("/bewijzen/bestand?")).await;
    assert_eq!(file.body, "head.body.signature");
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"bewijs.jws\""
    );
    let asked: Vec<consent::GetReceiptRequest> = world.seen("GetReceipt");
    assert!(asked.len() == 2 && asked.iter().all(|it| it.receipt_id == "0101"));
    let mut other = world.inside().await;
    assert_eq!(other.get(&list.link("/bewijzen/bekijken?")).await.status, 404);
}

#[tokio::test]
async fn a_circle_is_named_by_all_its_members() {
    let world = world().await;
    let summary = consent::ReceiptSummary {
        receipt_id: "0101".to_owned(),
        event: consent::ReceiptEvent::Granted.into(),
        at: at(0),
        members: vec![WELFARE.to_owned(), CARE.to_owned()],
        expressed_by: consent::ReceiptSpeaker::Resident.into(),
        ..Default::default()
    };
    let listed = consent::ListReceiptsResponse {
        receipts: vec![summary],
    };
    world.reply("/sluis.consent.v1.ResidentReceiptService/ListReceipts", &listed);
    let page = world.inside().await.get("/bewijzen").await;
    page.says("<p>Kring van Welzijn Noord en Welzijn Noord</p>");
}
