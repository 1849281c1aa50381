//! GetNoticeAddress, SetNoticeAddress, ConfirmNoticeAddress, RemoveNoticeAddress.

use std::time::Duration;

use sluis_proto::consent::v1::{self as proto, AccessKind, LevelOfAssurance, NoticeLanguage};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller};
use sluis_types::ProfessionalRole;

use crate::letters::JWT_HASH;
use crate::mailbox::{NoticeClient, PAGES};
use crate::representatives::{ONE, everything};
use crate::world::{World, refusal};

const ANNA: &str = "anna@post.planted.example";

fn partner(world: &World) -> NoticeClient {
    NoticeClient::new(world.mesh_client(Caller::Partner(PartnerCaller {
        organisation: world.welfare.oin,
        professional: ONE,
        role: ProfessionalRole::Professional,
        jwt_hash: JWT_HASH,
    })))
}

#[tokio::test]
async fn get_notice_address_works() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let before = world.noticed_at(&anna).await;
    assert!(before.sends_notices && before.address.is_empty() && before.waiting_address.is_empty());
    world.subscribed(&anna, ANNA).await;
    let after = world.noticed_at(&anna).await;
    assert_eq!(after.address, "a•••@post.planted.example", "masked");
    assert_eq!(after.language(), NoticeLanguage::Dutch);
    assert!(after.waiting_address.is_empty() && after.code_expires_at.is_none());
    // Another one waits beside it.
    let mut client = world.notices(&anna);
    client
        .set_notice_address(world.setting("b@post.planted.example"))
        .await
        .unwrap();
    let both = world.noticed_at(&anna).await;
    assert_eq!(
        (both.address.as_str(), both.waiting_address.as_str()),
        ("a•••@post.planted.example", "b•••@post.planted.example")
    );
    world.clock.advance(Duration::from_hours(1));
    let anna = world.log_in("anna").await;
    assert!(
        world.noticed_at(&anna).await.waiting_address.is_empty(),
        "its time is over"
    );
    assert_eq!(world.noticed_at(&world.log_in("bert").await).await.address, "");
}

#[tokio::test]
async fn get_notice_address_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let asked = proto::GetNoticeAddressRequest {};
    let by_proxy = world
        .notices(&represented.representative)
        .get_notice_address(asked)
        .await;
    assert_eq!(refusal(by_proxy), ErrorReason::MandateRefused);
    let by_partner = partner(&world).get_notice_address(asked).await;
    assert_eq!(refusal(by_partner), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn set_notice_address_works() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let english = proto::SetNoticeAddressRequest {
        language: NoticeLanguage::English.into(),
        ..world.setting(ANNA)
    };
    let reply = world.notices(&anna).set_notice_address(english).await.unwrap();
    let ends = world.now().plus(Duration::from_hours(1));
    assert_eq!(
        reply.into_inner().code_expires_at.unwrap().seconds,
        ends.seconds()
    );
    assert_eq!(world.mail().await.sent, 1);
    let mails = world.mailboxes.take();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, ANNA));
    assert!(mails[0].body.contains("one hour") && mails[0].body.contains(PAGES));
    assert_eq!(world.mail().await.sent, 0, "once");
    let kinds: Vec<_> = world
        .log(&anna)
        .await
        .iter()
        .map(proto::AccessEntry::kind)
        .collect();
    assert_eq!(kinds, [AccessKind::NoticeSent, AccessKind::NoticeAddressSet]);
}

#[tokio::test]
async fn set_notice_address_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    let request = world.setting(ANNA);
    let first = client
        .set_notice_address(request.clone())
        .await
        .unwrap()
        .into_inner();
    world.clock.advance(Duration::from_secs(20));
    let again = client
        .set_notice_address(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    world.mail().await;
    assert_eq!(world.mailboxes.take().len(), 1, "one code");
    let other = proto::SetNoticeAddressRequest {
        address: "other@post.planted.example".into(),
        ..request
    };
    assert_eq!(
        refusal(client.set_notice_address(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn set_notice_address_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let by_proxy = world
        .notices(&represented.representative)
        .set_notice_address(world.setting(ANNA))
        .await;
    assert_eq!(refusal(by_proxy), ErrorReason::MandateRefused);
    let low = world.log_in_as(world.login("anna", LevelOfAssurance::Low)).await;
    let unsure = world.notices(&low).set_notice_address(world.setting(ANNA)).await;
    assert_eq!(refusal(unsure), ErrorReason::RoleRefused);
    let by_partner = partner(&world).set_notice_address(world.setting(ANNA)).await;
    assert_eq!(refusal(by_partner), ErrorReason::RoleRefused);
    world.mail().await;
    assert!(world.mailboxes.take().is_empty());
}

/// There is no id to be unknown: what can be wrong is what it says.
#[tokio::test]
async fn set_notice_address_answers_an_unknown_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    for address in [
        "",
        "anna",
        "anna@localhost",
        "a@post.example\r\nBcc: b@post.example",
    ] {
        let refused = client.set_notice_address(world.setting(address)).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField, "{address:?}");
    }
    let unknown = proto::SetNoticeAddressRequest {
        language: 3,
        ..world.setting(ANNA)
    };
    assert_eq!(
        refusal(client.set_notice_address(unknown).await),
        ErrorReason::InvalidField
    );
    assert_eq!(world.noticed_at(&anna).await.waiting_address, "");
}

#[tokio::test]
async fn where_a_mesh_sends_no_notices_no_address_can_be_given() {
    let world = World::start_changed(Box::new(|parts| parts.notices = None)).await;
    let anna = world.log_in("anna").await;
    let refused = world.notices(&anna).set_notice_address(world.setting(ANNA)).await;
    assert_eq!(refusal(refused), ErrorReason::NoticesOff);
    assert!(!world.noticed_at(&anna).await.sends_notices);
    let mut client = world.notices(&anna);
    client.remove_notice_address(world.removing()).await.unwrap();
}

#[tokio::test]
async fn a_mailbox_gets_five_codes_a_day_whatever_is_done_between() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    for _ in 0..5 {
        client.set_notice_address(world.setting(ANNA)).await.unwrap();
        client.remove_notice_address(world.removing()).await.unwrap();
    }
    let sixth = client.set_notice_address(world.setting(ANNA)).await;
    assert_eq!(refusal(sixth), ErrorReason::RateLimited);
    world.clock.advance(Duration::from_hours(24));
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    client.set_notice_address(world.setting(ANNA)).await.unwrap();
}

#[tokio::test]
async fn confirm_notice_address_works() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    world.subscribed(&anna, ANNA).await;
    assert_eq!(world.noticed_at(&anna).await.address, "a•••@post.planted.example");
    let newest = world.log(&anna).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.allowed),
        (AccessKind::NoticeAddressConfirmed, true)
    );
}

#[tokio::test]
async fn confirm_notice_address_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    client.set_notice_address(world.setting(ANNA)).await.unwrap();
    let code = world.mailed_code(ANNA).await;
    let request = world.entering(&code);
    client.confirm_notice_address(request.clone()).await.unwrap();
    client.confirm_notice_address(request).await.unwrap();
    let anew = client.confirm_notice_address(world.entering(&code)).await;
    assert_eq!(refusal(anew), ErrorReason::CodeRefused, "a code works once");
}

#[tokio::test]
async fn confirm_notice_address_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    let anna = &represented.granted.resident;
    world
        .notices(anna)
        .set_notice_address(world.setting(ANNA))
        .await
        .unwrap();
    let code = world.mailed_code(ANNA).await;
    let by_proxy = world
        .notices(&represented.representative)
        .confirm_notice_address(world.entering(&code))
        .await;
    assert_eq!(refusal(by_proxy), ErrorReason::MandateRefused);
    // Somebody else's code is no code of one's own.
    let bert = world.log_in("bert").await;
    let mut of_bert = world.notices(&bert);
    of_bert
        .set_notice_address(world.setting("bert@post.planted.example"))
        .await
        .unwrap();
    let wrong = of_bert.confirm_notice_address(world.entering(&code)).await;
    assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    let by_partner = partner(&world)
        .confirm_notice_address(world.entering(&code))
        .await;
    assert_eq!(refusal(by_partner), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn confirm_notice_address_answers_an_unknown_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    let none_waits = client.confirm_notice_address(world.entering("00000-00000")).await;
    assert_eq!(refusal(none_waits), ErrorReason::CodeRefused);
    let malformed = client.confirm_notice_address(world.entering("short")).await;
    assert_eq!(refusal(malformed), ErrorReason::InvalidField);
    client.set_notice_address(world.setting(ANNA)).await.unwrap();
    let code = world.mailed_code(ANNA).await;
    for _ in 0..5 {
        let wrong = client.confirm_notice_address(world.entering("00000-00000")).await;
        assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    }
    let right = client.confirm_notice_address(world.entering(&code)).await;
    assert_eq!(refusal(right), ErrorReason::CodeRefused, "five wrong ones end it");
    client.set_notice_address(world.setting(ANNA)).await.unwrap();
    let code = world.mailed_code(ANNA).await;
    world.clock.advance(Duration::from_mins(59));
    let late = world.log_in("anna").await;
    world.clock.advance(Duration::from_mins(1));
    let late = world
        .notices(&late)
        .confirm_notice_address(world.entering(&code))
        .await;
    assert_eq!(refusal(late), ErrorReason::CodeRefused, "an hour is over");
}

#[tokio::test]
async fn remove_notice_address_works() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    world.subscribed(&anna, ANNA).await;
    let handle = world.link(&anna, &world.welfare).await;
    world.ask_unseen(&handle).await;
    let mut client = world.notices(&anna);
    client.remove_notice_address(world.removing()).await.unwrap();
    assert_eq!(world.noticed_at(&anna).await.address, "");
    world.clock.advance(Duration::from_hours(2));
    assert_eq!(
        world.mail().await.sent,
        0,
        "what was on its way does not go out either"
    );
    let anna = world.log_in("anna").await;
    assert_eq!(world.log(&anna).await[0].kind(), AccessKind::NoticeAddressRemoved);
}

#[tokio::test]
async fn remove_notice_address_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    world.subscribed(&anna, ANNA).await;
    let mut client = world.notices(&anna);
    let request = world.removing();
    client.remove_notice_address(request.clone()).await.unwrap();
    world.subscribed(&anna, ANNA).await;
    client.remove_notice_address(request).await.unwrap();
    assert_ne!(
        world.noticed_at(&anna).await.address,
        "",
        "a repeat removes nothing anew"
    );
}

#[tokio::test]
async fn remove_notice_address_refuses_the_wrong_caller() {
    let world = World::start().await;
    let represented = world.represented(everything(&world)).await;
    world.subscribed(&represented.granted.resident, ANNA).await;
    let by_proxy = world
        .notices(&represented.representative)
        .remove_notice_address(world.removing())
        .await;
    assert_eq!(refusal(by_proxy), ErrorReason::MandateRefused);
    let by_partner = partner(&world).remove_notice_address(world.removing()).await;
    assert_eq!(refusal(by_partner), ErrorReason::RoleRefused);
    assert_ne!(world.noticed_at(&represented.granted.resident).await.address, "");
}

#[tokio::test]
async fn remove_notice_address_answers_an_unknown_id() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let mut client = world.notices(&anna);
    client.remove_notice_address(world.removing()).await.unwrap();
    assert_eq!(
        world.noticed_at(&anna).await.address,
        "",
        "there was none, and that is fine"
    );
}
