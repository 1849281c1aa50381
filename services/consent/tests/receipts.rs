//! ListReceipts, GetReceipt, GetReceiptKeys.

use sluis_envelope::verify_consent_receipt;
use sluis_proto::consent::v1::receipt_key_service_client::ReceiptKeyServiceClient;
use sluis_proto::consent::v1::resident_receipt_service_client::ResidentReceiptServiceClient;
use sluis_proto::consent::v1::{self as proto, DataKind, MandateKind, Purpose, ReceiptEvent};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, MeshClient, MeshRole};

use crate::acts::{Resident, provision_of};
use crate::changing::NO_GRANT;
use crate::representatives::everything;
use crate::world::{World, refusal};

type Receipts = ResidentReceiptServiceClient<MeshClient>;

impl World {
    fn receipts(&self, who: &Resident) -> Receipts {
        Receipts::new(self.mesh_client(who.caller.clone()))
    }

    pub(crate) async fn receipts_of(&self, who: &Resident) -> Vec<proto::ReceiptSummary> {
        let reply = self
            .receipts(who)
            .list_receipts(proto::ListReceiptsRequest {})
            .await;
        reply.unwrap().into_inner().receipts
    }
}

fn wanting(receipt_id: &str) -> proto::GetReceiptRequest {
    proto::GetReceiptRequest {
        receipt_id: receipt_id.into(),
    }
}

#[tokio::test]
async fn list_receipts_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let narrow = proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: granted.grant.grant_id.clone(),
        expected_version: 1,
        provisions: vec![provision_of(Purpose::Referral, &[DataKind::Plan])],
    };
    world.clock.advance(std::time::Duration::from_secs(1));
    granted
        .resident
        .client
        .clone()
        .narrow_grant(narrow)
        .await
        .unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));
    world.withdraw(&granted).await;
    world.withdraw(&granted).await;
    let listed = world.receipts_of(&granted.resident).await;
    let events: Vec<_> = listed.iter().map(|it| (it.event(), it.grant_version)).collect();
    let expected = [
        (ReceiptEvent::Withdrawn, 2),
        (ReceiptEvent::Narrowed, 2),
        (ReceiptEvent::Granted, 1),
    ];
    assert_eq!(events, expected, "what changed nothing has no receipt");
    assert!(world.receipts_of(&world.log_in("bert").await).await.is_empty());
}

#[tokio::test]
async fn list_receipts_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.granted("anna").await;
    let carla = world.log_in_for("carla", "anna").await;
    let refused = world
        .receipts(&carla)
        .list_receipts(proto::ListReceiptsRequest {})
        .await;
    assert_eq!(refusal(refused), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn get_receipt_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = world.receipts_of(&granted.resident).await[0].receipt_id.clone();
    let mut anna = world.receipts(&granted.resident);
    let receipt = anna.get_receipt(wanting(&id)).await.unwrap().into_inner();
    assert_eq!(
        anna.get_receipt(wanting(&id)).await.unwrap().into_inner(),
        receipt
    );
    let key = sluis_consent::public_keys(&world.keys).unwrap().consent_receipt;
    let payload = verify_consent_receipt(&receipt.signed_receipt, &key).unwrap();
    assert_eq!(payload, receipt.payload.as_bytes());
    let read: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(read["receipt_id"], id);
    assert_eq!(read["consent"]["record_id"], granted.grant.grant_id);
    assert_eq!(read["event"]["expressed_by"], "RESIDENT");
    // Nothing in it names the resident.
    for secret in ["anna".to_owned(), granted.handle.expose()] {
        assert!(!receipt.payload.contains(&secret));
    }
}

#[tokio::test]
async fn get_receipt_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = world.receipts_of(&granted.resident).await[0].receipt_id.clone();
    let bert = world.log_in("bert").await;
    assert_eq!(
        refusal(world.receipts(&bert).get_receipt(wanting(&id)).await),
        ErrorReason::NotAvailable
    );
    assert_eq!(
        refusal(world.receipts(&bert).get_receipt(wanting(NO_GRANT)).await),
        ErrorReason::NotAvailable
    );
    // Care is not an administrator's to see.
    let dora = world
        .appointed("dora", "anna", &granted.handle, MandateKind::Administrator)
        .await;
    assert!(world.receipts_of(&dora).await.is_empty());
    assert_eq!(
        refusal(world.receipts(&dora).get_receipt(wanting(&id)).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn a_grant_that_ran_out_leaves_one_receipt_that_nobody_decided() {
    let world = World::start().await;
    world.granted("anna").await;
    world.clock.advance(200 * crate::letters::DAY);
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    assert_eq!(world.consent.expire().await.unwrap().grants, 0);
    let anna = world.log_in("anna").await;
    let listed = world.receipts_of(&anna).await;
    let events: Vec<_> = listed.iter().map(|it| (it.event(), it.assisted)).collect();
    assert_eq!(
        events,
        [(ReceiptEvent::Expired, false), (ReceiptEvent::Granted, false)]
    );
    let receipt = world
        .receipts(&anna)
        .get_receipt(wanting(&listed[0].receipt_id))
        .await;
    let receipt = receipt.unwrap().into_inner();
    let key = sluis_consent::public_keys(&world.keys).unwrap().consent_receipt;
    let payload = verify_consent_receipt(&receipt.signed_receipt, &key).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(read["event"]["type"], "EXPIRED");
    assert_eq!(read["event"]["expressed_by"], "CLOCK");
    assert_eq!(read["event"]["dpv_status"], "ConsentExpired");
    assert_eq!(read["event"]["state"], "EXPIRED");
}

#[tokio::test]
async fn a_receipt_of_recorded_consent_is_marked_in_the_list() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    let anna = world.taken_over("anna", &helped.letter).await;
    let listed = world.receipts_of(&anna).await;
    assert_eq!((listed.len(), listed[0].assisted), (1, true));
    let grant = world.grants(&anna).await.remove(0);
    let ends = grant.valid_until.unwrap().seconds - world.now().seconds();
    world
        .clock
        .advance(std::time::Duration::from_secs(u64::try_from(ends).unwrap()));
    world.consent.expire().await.unwrap();
    let anna = world.log_in("anna").await;
    let newest = world.receipts_of(&anna).await.remove(0);
    assert_eq!((newest.event(), newest.assisted), (ReceiptEvent::Expired, true));
}

#[tokio::test]
async fn a_receipt_says_that_a_representative_decided() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let request = world.withdrawing(&represented.granted.grant);
    represented
        .representative
        .client
        .clone()
        .withdraw_grant(request)
        .await
        .unwrap();
    let anna = &represented.granted.resident;
    let listed = world.receipts_of(anna).await;
    let newest = listed
        .iter()
        .find(|it| it.event() == ReceiptEvent::Withdrawn)
        .unwrap();
    assert_eq!(newest.expressed_by(), proto::ReceiptSpeaker::Representative);
    let receipt = world
        .receipts(anna)
        .get_receipt(wanting(&newest.receipt_id))
        .await;
    let payload = receipt.unwrap().into_inner().payload;
    let read: serde_json::Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(read["event"]["expressed_by"], "REPRESENTATIVE");
    assert_eq!(read["event"]["dpv_status"], "ConsentWithdrawn");
}

fn keys_as(world: &World, role: MeshRole) -> ReceiptKeyServiceClient<MeshClient> {
    ReceiptKeyServiceClient::new(world.mesh_client(Caller::Mesh(role)))
}

#[tokio::test]
async fn a_circle_has_a_receipt_of_what_it_was_at_each_change() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let fewer = [world.welfare.oin, world.stranger.oin];
    let kept = crate::circle_acts::terms(&fewer, &[crate::circle_acts::HOME]);
    let narrow = world.leaving_out(&encircled.circle, kept);
    world.clock.advance(std::time::Duration::from_secs(1));
    let mut circles = world.circles_of(&encircled.resident);
    circles.narrow_circle(narrow).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));
    world.withdraw_circle(&encircled).await;
    let listed = world.receipts_of(&encircled.resident).await;
    let said: Vec<_> = listed.iter().map(|it| (it.event(), it.members.len())).collect();
    let expected = [
        (ReceiptEvent::Withdrawn, 2),
        (ReceiptEvent::Narrowed, 2),
        (ReceiptEvent::Granted, 3),
    ];
    assert_eq!(said, expected);
    assert!(
        listed
            .iter()
            .all(|it| it.discloser.is_empty() && it.recipient.is_empty())
    );
    let receipt = world
        .receipts(&encircled.resident)
        .get_receipt(wanting(&listed[0].receipt_id))
        .await;
    let receipt = receipt.unwrap().into_inner();
    let key = sluis_consent::public_keys(&world.keys).unwrap().consent_receipt;
    let payload = verify_consent_receipt(&receipt.signed_receipt, &key).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(read["parties"]["members"].as_array().unwrap().len(), 2);
    assert_eq!(
        read["consent"]["match_classes"],
        serde_json::json!(["STATE_OF_HOME"])
    );
    assert_eq!(read["event"]["dpv_status"], "ConsentWithdrawn");
}

#[tokio::test]
async fn a_circle_that_ran_out_has_a_receipt_that_nobody_decided() {
    let world = World::start().await;
    world.encircled("anna").await;
    world.clock.advance(200 * crate::letters::DAY);
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    let anna = world.log_in("anna").await;
    let newest = world.receipts_of(&anna).await.remove(0);
    assert_eq!(
        (newest.event(), newest.expressed_by(), newest.members.len()),
        (ReceiptEvent::Expired, proto::ReceiptSpeaker::Clock, 3)
    );
}

async fn published(world: &World) -> Vec<serde_json::Value> {
    let reply = keys_as(world, MeshRole::Gateway)
        .get_receipt_keys(proto::GetReceiptKeysRequest {})
        .await;
    let set: serde_json::Value = serde_json::from_str(&reply.unwrap().into_inner().jwk_set).unwrap();
    set["keys"].as_array().unwrap().clone()
}

async fn a_receipt(world: &World, who: &Resident) -> String {
    let id = world.receipts_of(who).await.remove(0).receipt_id;
    let receipt = world.receipts(who).get_receipt(wanting(&id)).await;
    receipt.unwrap().into_inner().signed_receipt
}

#[tokio::test]
async fn get_receipt_keys_works() {
    let world = World::start().await;
    let keys = published(&world).await;
    let key = sluis_consent::public_keys(&world.keys).unwrap().consent_receipt;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["kid"], key.id().to_string());
    assert_eq!(keys[0]["nbf"], world.now().seconds());
    assert!(keys[0].get("exp").is_none(), "it signs");
    // A restart with the same key changes nothing.
    let world = world.end().await.start().await;
    assert_eq!(published(&world).await, keys);
}

#[tokio::test]
async fn a_receipt_of_a_key_that_was_replaced_is_still_known() {
    let world = World::start().await;
    let anna = world.granted("anna").await;
    let old = sluis_consent::public_keys(&world.keys).unwrap().consent_receipt;
    let receipt = a_receipt(&world, &anna.resident).await;
    world.clock.advance(std::time::Duration::from_hours(1));
    let remains = world.end().await;
    let file = remains.home.path().join("keys/secret-consent-receipt.key");
    std::fs::remove_file(file).expect("the secret that is replaced");
    let world = remains.start().await;
    let new = sluis_consent::public_keys(&world.keys).unwrap().consent_receipt;
    let keys = published(&world).await;
    let kids: Vec<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids, [new.id().to_string(), old.id().to_string()]);
    assert_eq!(keys[1]["exp"], world.now().seconds());
    assert_eq!(keys[1]["exp"], keys[0]["nbf"]);
    verify_consent_receipt(&receipt, &old).expect("as it was signed");
    let anna = world.again("anna", anna).await;
    let again = a_receipt(&world, &anna.resident).await;
    verify_consent_receipt(&again, &new).expect("signed with the key of today");
}

#[tokio::test]
async fn get_receipt_keys_refuses_the_wrong_caller() {
    let world = World::start().await;
    let refused = keys_as(&world, MeshRole::Referral)
        .get_receipt_keys(proto::GetReceiptKeysRequest {})
        .await;
    assert_eq!(refusal(refused), ErrorReason::CallerRefused);
}
