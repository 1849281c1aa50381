//! A referral goes out, is opened, worked on and answered.

use std::pin::pin;

use futures_util::StreamExt as _;
use sluis_client::envelope::MediaType;
use sluis_client::types::{DataKind, Handle, MessageKind, Purpose};
use sluis_client::{Command, MailboxEvent, OutgoingAttachment, Sent};
use sluis_proto::consent::v1::AccessKind;

use crate::fixture::{Backend, TestMesh, TestPartner, referral_scope, text_to};

async fn a_referral_is_sent_opened_worked_on_and_answered(backend: Backend) {
    let mesh = TestMesh::start(backend).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let resident = mesh.resident("ans").await;
    let handle = welfare.link(&resident).await;
    welfare.ask_both_ways(&handle, ggz.oin()).await;
    assert_eq!(
        resident.proposals().await.len(),
        2,
        "both directions, ticked apart"
    );
    resident.grant_all().await;

    // An attachment that is longer than one chunk, and no multiple of one.
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("plan.pdf");
    let bytes: Vec<u8> = (0..150_001_u32).map(|index| (index % 251) as u8).collect();
    std::fs::write(&plan, &bytes).expect("written");
    let mut outgoing = text_to(ggz.oin(), handle, "Ans zoekt iemand die meedenkt.");
    let pdf = MediaType::new("application/pdf").expect("a media type");
    outgoing
        .attachments
        .push(OutgoingAttachment::from_file(&plan, pdf, DataKind::Document).expect("an attachment"));
    let sent = welfare.send(outgoing).await;

    // The watch tells, and what it told can be acknowledged.
    let arrived = {
        let mut watch = pin!(ggz.partner.watch());
        loop {
            if let MailboxEvent::Arrived(item) = watch.next().await.expect("no end").expect("no error") {
                break item;
            }
        }
    };
    assert_eq!(
        (arrived.message_id, arrived.sender),
        (sent.message_id, welfare.oin())
    );
    ggz.partner
        .acknowledge(&[arrived.message_id])
        .await
        .expect("acknowledged");

    // What comes out is what went in.
    let opened = ggz.partner.open(sent.message_id).await.expect("opened");
    assert_eq!(
        opened.content.body.as_slice(),
        "Ans zoekt iemand die meedenkt.".as_bytes()
    );
    assert_ne!(
        opened.handle(),
        handle,
        "each organisation has a handle of its own"
    );
    let mut saved = Vec::new();
    ggz.partner
        .save_attachment(&opened, &opened.content.attachments[0], &mut saved, &|_| {})
        .await
        .expect("saved");
    assert_eq!(saved, bytes);

    let handle = opened.handle();
    the_closed_loop(&welfare, &ggz, handle, sent).await;

    // The resident sees who opened.
    let opened_by = |oin: &str| {
        let oin = oin.to_owned();
        move |entry: &&sluis_proto::consent::v1::AccessEntry| {
            entry.kind() == AccessKind::Opened && entry.organisation == oin && entry.allowed
        }
    };
    let access = resident.access().await.entries;
    assert_eq!(access.iter().filter(opened_by(ggz.oin().as_str())).count(), 1);
    assert_eq!(access.iter().filter(opened_by(welfare.oin().as_str())).count(), 1);
    mesh.mesh.stop().await;
}

/// Accepted, answered under the grant of the other direction, started, completed.
async fn the_closed_loop(welfare: &TestPartner, ggz: &TestPartner, handle: Handle, sent: Sent) {
    let state = |referral: &sluis_client::Referral| (referral.state, referral.version);
    let referral = ggz.partner.referral(sent.thread_id).await.expect("a referral");
    assert_eq!(referral.state, "IN_REVIEW");
    let referral = ggz
        .partner
        .command(sent.thread_id, referral.version, Command::Accept)
        .await
        .expect("accepted");
    assert_eq!(
        state(&welfare.partner.referral(sent.thread_id).await.expect("seen")),
        state(&referral)
    );
    let mut feedback = text_to(welfare.oin(), handle, "Eerste gesprek was goed.");
    feedback.kind = MessageKind::Feedback;
    feedback.thread = Some(sent.thread_id);
    feedback.based_on = Some(sent.message_id);
    feedback.scope = referral_scope(Purpose::Feedback);
    let feedback = ggz.send(feedback).await;
    let read = welfare.partner.open(feedback.message_id).await.expect("opened");
    assert_eq!(read.content.based_on, Some(sent.message_id));
    let referral = ggz
        .partner
        .command(sent.thread_id, referral.version, Command::Start)
        .await
        .expect("started");
    let referral = ggz
        .partner
        .command(sent.thread_id, referral.version, Command::Complete)
        .await
        .expect("completed");
    assert_eq!(referral.state, "COMPLETED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_on_sqlite() {
    Box::pin(a_referral_is_sent_opened_worked_on_and_answered(Backend::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_on_postgres() {
    Box::pin(a_referral_is_sent_opened_worked_on_and_answered(
        Backend::Postgres,
    ))
    .await;
}
