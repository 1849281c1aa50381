//! What stays closed: no consent, no pin, no link, the wrong organisation.

use sluis_client::Error;
use sluis_client::types::{Handle, OrganisationKind};
use sluis_proto::options::v1::ErrorReason;

use crate::fixture::{Backend, TestMesh, text_to};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sealed_without_consent_or_to_an_unpinned_organisation() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let housing = mesh
        .partner("00000099000000003000", OrganisationKind::Housing)
        .await;
    let resident = mesh.resident("cor").await;
    let handle = welfare.link(&resident).await;

    // Never asked, refused and unknown are one answer.
    let never_asked = welfare
        .try_send(text_to(ggz.oin(), handle, "x"))
        .await
        .expect_err("no consent");
    welfare.ask_both_ways(&handle, ggz.oin()).await;
    resident.refuse_all().await;
    let refused = welfare
        .try_send(text_to(ggz.oin(), handle, "x"))
        .await
        .expect_err("no consent");
    let nobody = Handle::from_bytes([9; 16]);
    let unknown = welfare
        .try_send(text_to(ggz.oin(), nobody, "x"))
        .await
        .expect_err("no consent");
    let said = |error: &Error| match error {
        Error::Refused(refused) => refused.clone(),
        other => panic!("{other}"),
    };
    assert_eq!(said(&never_asked).reason, ErrorReason::NotAvailable);
    assert_eq!(said(&never_asked), said(&refused));
    assert_eq!(said(&never_asked), said(&unknown));

    // With consent, but without having compared a fingerprint.
    welfare.ask_both_ways(&handle, housing.oin()).await;
    resident.grant_all().await;
    let unpinned = welfare
        .try_send(text_to(housing.oin(), handle, "x"))
        .await
        .expect_err("not pinned");
    let shown = housing.partner.profile().fingerprint();
    assert!(
        matches!(unpinned, Error::NotPinned { shown: found, .. } if found == shown),
        "{unpinned}"
    );
    mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_its_recipients_only_and_a_handle_its_owners_only() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let housing = mesh
        .partner("00000099000000003000", OrganisationKind::Housing)
        .await;
    let resident = mesh.resident("dirk").await;
    let handle = welfare.link(&resident).await;
    welfare.ask_both_ways(&handle, ggz.oin()).await;
    resident.grant_all().await;
    let sent = welfare.send(text_to(ggz.oin(), handle, "alleen voor ggz")).await;

    let foreign = housing
        .partner
        .open(sent.message_id)
        .await
        .expect_err("not theirs");
    assert_eq!(foreign.reason(), Some(ErrorReason::NotAvailable));
    let foreign = housing
        .partner
        .referral(sent.thread_id)
        .await
        .expect_err("not theirs");
    assert_eq!(foreign.reason(), Some(ErrorReason::NotAvailable));
    let stolen = housing
        .partner
        .consent_status(&handle, housing.oin(), ggz.oin())
        .await
        .expect_err("a handle of another organisation means nothing");
    assert_eq!(stolen.reason(), Some(ErrorReason::NotAvailable));
    // One resident, two organisations, two handles that have nothing in common.
    assert_ne!(housing.link(&resident).await, handle);
    mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_code_works_once_and_for_its_organisation_only() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let resident = mesh.resident("els").await;
    let code = resident.code_for(welfare.oin()).await;
    let other = ggz
        .partner
        .redeem_link_code(&code)
        .await
        .expect_err("not for them");
    assert_eq!(other.reason(), Some(ErrorReason::CodeRefused));
    let handle = welfare.partner.redeem_link_code(&code).await.expect("linked");
    let again = welfare.partner.redeem_link_code(&code).await.expect_err("used");
    assert_eq!(again.reason(), Some(ErrorReason::CodeRefused));
    // The same resident again is the same handle.
    assert_eq!(welfare.link(&resident).await, handle);
    mesh.mesh.stop().await;
}
