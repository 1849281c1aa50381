//! The resident changes their mind: withdraws, pauses, narrows.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _};
use sluis_client::types::Handle;
use sluis_client::{Error, MailboxEvent, MessageNotice, Partner};
use sluis_proto::consent::v1::{Grant, NarrowGrantRequest};
use sluis_proto::options::v1::ErrorReason;

use crate::fixture::{Backend, TestMesh, TestPartner, TestResident, request_id, text_to};

/// A mesh with a live grant from welfare to GGZ.
struct Shared {
    mesh: TestMesh,
    welfare: TestPartner,
    ggz: TestPartner,
    resident: TestResident,
    handle: Handle,
    grant: Grant,
}

async fn shared(backend: Backend) -> Shared {
    let mesh = TestMesh::start(backend).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let resident = mesh.resident("bas").await;
    let handle = welfare.link(&resident).await;
    welfare.ask_both_ways(&handle, ggz.oin()).await;
    resident.grant_all().await;
    let grant = resident.grant_between(welfare.oin(), ggz.oin()).await;
    Shared {
        mesh,
        welfare,
        ggz,
        resident,
        handle,
        grant,
    }
}

/// What a partner is told from now on.
struct Ear<'a>(Pin<Box<dyn Stream<Item = Result<MailboxEvent, Error>> + 'a>>);

impl<'a> Ear<'a> {
    /// Begins to listen; what happens after this returns is heard.
    async fn open(partner: &'a Partner) -> Self {
        let mut ear = Self(Box::pin(partner.watch()));
        while ear.next().await != MailboxEvent::Begun {}
        ear
    }

    async fn next(&mut self) -> MailboxEvent {
        self.0.next().await.expect("no end").expect("no error")
    }

    /// Waits until it is told that a message came to a state.
    async fn hears(&mut self, state: &str) -> MessageNotice {
        loop {
            if let MailboxEvent::Message(notice) = self.next().await
                && notice.state == state
            {
                return notice;
            }
        }
    }
}

async fn p2_what_was_not_opened_before_a_withdrawal_never_opens(backend: Backend) {
    let shared = Box::pin(shared(backend)).await;
    let (welfare, ggz) = (&shared.welfare, &shared.ggz);
    let first = welfare.send(text_to(ggz.oin(), shared.handle, "geopend")).await;
    let second = welfare.send(text_to(ggz.oin(), shared.handle, "nog dicht")).await;
    ggz.partner
        .open(first.message_id)
        .await
        .expect("opened while the grant is live");

    let (mut welfare_hears, mut ggz_hears) =
        (Ear::open(&welfare.partner).await, Ear::open(&ggz.partner).await);
    let ended = shared.resident.withdraw(&shared.grant).await;
    assert!(ended.ended_at.is_some());
    let refused = ggz.partner.open(second.message_id).await.expect_err("closed");
    assert!(
        refused.is_not_available() || matches!(refused, Error::NothingToOpen { .. }),
        "{refused}"
    );
    let refused = welfare
        .try_send(text_to(ggz.oin(), shared.handle, "te laat"))
        .await
        .expect_err("no consent any more");
    assert_eq!(refused.reason(), Some(ErrorReason::NotAvailable));

    // Both sides are told.
    let notice = welfare_hears.hears("CANCELLED").await;
    assert_eq!(
        (notice.message_id, notice.cause),
        (second.message_id, "CONSENT_WITHDRAWN")
    );
    assert_eq!(ggz_hears.hears("CANCELLED").await.message_id, second.message_id);
    // Withdrawing again is fine, and says the same.
    assert_eq!(
        shared.resident.withdraw(&shared.grant).await.ended_at,
        ended.ended_at
    );
    drop((welfare_hears, ggz_hears));
    shared.mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_what_was_not_opened_before_a_withdrawal_never_opens_on_sqlite() {
    Box::pin(p2_what_was_not_opened_before_a_withdrawal_never_opens(
        Backend::Sqlite,
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_what_was_not_opened_before_a_withdrawal_never_opens_on_postgres() {
    Box::pin(p2_what_was_not_opened_before_a_withdrawal_never_opens(
        Backend::Postgres,
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_refuses_and_a_resumed_grant_opens_again() {
    let shared = Box::pin(shared(Backend::Sqlite)).await;
    let sent = shared
        .welfare
        .send(text_to(shared.ggz.oin(), shared.handle, "even wachten"))
        .await;
    shared.resident.suspend(&shared.grant).await;
    let refused = shared
        .ggz
        .partner
        .open(sent.message_id)
        .await
        .expect_err("paused");
    assert_eq!(refused.reason(), Some(ErrorReason::NotAvailable));
    shared.resident.resume(&shared.grant).await;
    let opened = shared.ggz.partner.open(sent.message_id).await.expect("opened");
    assert_eq!(opened.content.body.as_slice(), b"even wachten");
    shared.mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrowed_grant_makes_the_sender_seal_again() {
    let shared = Box::pin(shared(Backend::Sqlite)).await;
    let (welfare, ggz) = (&shared.welfare, &shared.ggz);
    let sent = welfare.send(text_to(ggz.oin(), shared.handle, "past nog")).await;

    // Leaves out the plan, which the message does not need.
    let mut provisions = shared.grant.provisions.clone();
    for provision in &mut provisions {
        provision
            .data_kinds
            .retain(|kind| *kind != i32::from(sluis_client::types::DataKind::Plan.number()));
    }
    let narrow = NarrowGrantRequest {
        request_id: request_id(),
        grant_id: shared.grant.grant_id.clone(),
        expected_version: shared.grant.version,
        provisions,
    };
    let mut welfare_hears = Ear::open(&welfare.partner).await;
    let narrowed = shared
        .resident
        .session
        .narrow_grant(narrow)
        .await
        .expect("narrowed");
    assert_eq!(narrowed.grant.expect("a grant").version, shared.grant.version + 1);

    let notice = welfare_hears.hears("RESEAL_NEEDED").await;
    assert!(notice.wants_sealing_again() && notice.message_id == sent.message_id);
    let again = welfare
        .partner
        .seal_again(sent.message_id, &|_| {})
        .await
        .expect("sealed again");
    assert_eq!(again.thread_id, sent.thread_id);
    let opened = ggz.partner.open(again.message_id).await.expect("opened");
    assert_eq!(opened.content.body.as_slice(), b"past nog");
    assert!(
        ggz.partner.open(sent.message_id).await.is_err(),
        "the first one is gone"
    );
    shared.mesh.mesh.stop().await;
}
