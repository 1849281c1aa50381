//! RecordLegalBasis, ConfirmLegalBasis, and what begins with them.

use sluis_proto::consent::v1::{
    self as proto, AccessKind, BasisCheck, DataKind, LegalArticle, LegalBasis, LegalBasisState,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::to_proto_timestamp;
use sluis_types::{Handle, MessageKind, ProfessionalRole};

use crate::basis_acts::{contact, signal_scope};
use crate::changing::NO_GRANT;
use crate::letters::{DAY, assert_reads};
use crate::representatives::{ONE, OTHER};
use crate::world::{World, refusal};

#[tokio::test]
async fn record_legal_basis_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.stranger).await;
    let record = world.record_basis(&world.stranger, world.arrears(&handle)).await;
    assert_eq!(record.state(), LegalBasisState::Recorded);
    assert_eq!(
        (record.basis(), record.article()),
        (LegalBasis::StatutoryDuty, LegalArticle::BgsRentArrears)
    );
    assert_eq!(
        (&record.discloser, &record.recipient),
        (
            &world.stranger.oin.to_string(),
            &world.municipality.oin.to_string()
        )
    );
    // The resident sees it, as what it is, and not as something they allowed.
    assert_eq!(world.seen_bases(&resident).await, std::slice::from_ref(&record));
    assert!(world.grants(&resident).await.is_empty() && world.circles(&resident).await.is_empty());
    let newest = world.log(&resident).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.legal_basis(), newest.allowed),
        (AccessKind::LegalBasisRecorded, LegalBasis::StatutoryDuty, true)
    );
    // Nothing can be sent on it before somebody else looked.
    let way = [&world.stranger, &world.municipality];
    let id = &record.legal_basis_id;
    let early = world
        .send_on(id, &handle, way, MessageKind::Signal, contact())
        .await;
    assert_eq!(refusal(early.map(drop)), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn record_legal_basis_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let request = world.danger(&handle);
    let mut one = world.basing(&world.welfare, ONE);
    let first = one
        .record_legal_basis(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = one
        .record_legal_basis(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.seen_bases(&resident).await.len(), 1);
    let other = proto::RecordLegalBasisRequest {
        valid_days: 3,
        ..request
    };
    assert_eq!(
        refusal(one.record_legal_basis(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn record_legal_basis_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    for role in [
        ProfessionalRole::Volunteer,
        ProfessionalRole::ExpertByExperience,
        ProfessionalRole::System,
        ProfessionalRole::PrivacyOfficer,
    ] {
        let mut client = world.bases(world.welfare.oin, ONE, role);
        let refused = client.record_legal_basis(world.danger(&handle)).await;
        assert_eq!(refusal(refused), ErrorReason::RoleRefused, "{role:?}");
    }
    // Welfare has no tenants, and hears of no arrears without consent.
    let arrears = world.arrears(&handle);
    let refused = world
        .basing(&world.welfare, ONE)
        .record_legal_basis(arrears.clone())
        .await;
    assert_eq!(refusal(refused), ErrorReason::InvalidField);
    let to_welfare = proto::RecordLegalBasisRequest {
        recipient: world.welfare.oin.to_string(),
        ..arrears
    };
    let refused = world
        .basing(&world.stranger, ONE)
        .record_legal_basis(to_welfare)
        .await;
    assert_eq!(refusal(refused), ErrorReason::InvalidField);
    assert!(world.seen_bases(&resident).await.is_empty());
}

#[tokio::test]
async fn record_legal_basis_answers_an_unknown_id_like_a_known_one() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let known = world.record_basis(&world.welfare, world.danger(&handle)).await;
    let nobody = Handle::from_bytes([8; 16]);
    let unknown = world.record_basis(&world.welfare, world.danger(&nobody)).await;
    let same_id = proto::LegalBasisRecord {
        legal_basis_id: known.legal_basis_id.clone(),
        ..unknown.clone()
    };
    assert_eq!(same_id, known, "but for its id");
    let id = &unknown.legal_basis_id;
    world.confirm_basis(&world.welfare, id).await;
    let sent = world.signal_on(id, &nobody).await;
    assert_eq!(
        refusal(sent.map(drop)),
        ErrorReason::NotAvailable,
        "nobody is behind it"
    );
    world.end_basis(&world.welfare, id).await;
    assert_eq!(world.seen_bases(&resident).await.len(), 1);
}

#[tokio::test]
async fn what_the_table_does_not_say_is_refused() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let (good, vital) = (world.danger(&handle), world.emergency(&handle));
    let bad = [
        proto::RecordLegalBasisRequest {
            checks: vec![BasisCheck::MinimalData.into()],
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            data_kinds: vec![DataKind::Medical.into()],
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            article: LegalArticle::Wmo2015.into(),
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            valid_days: 15,
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            document_sha256: vec![1; 31].into(),
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            recipient: world.welfare.oin.to_string(),
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            recipient: "00000099000000009900".into(),
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            deferral: Some(world.deferred(29)),
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            basis: 99,
            ..good.clone()
        },
        proto::RecordLegalBasisRequest {
            basis: LegalBasis::WamsCoordination.into(),
            ..good
        },
        proto::RecordLegalBasisRequest {
            ask_again_at: None,
            ..vital.clone()
        },
        proto::RecordLegalBasisRequest {
            ask_again_at: Some(to_proto_timestamp(world.now().plus(2 * DAY))),
            ..vital.clone()
        },
        proto::RecordLegalBasisRequest {
            valid_days: 1,
            ..vital
        },
    ];
    for request in bad {
        let refused = world
            .basing(&world.welfare, ONE)
            .record_legal_basis(request)
            .await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
    assert!(world.seen_bases(&resident).await.is_empty());
}

#[tokio::test]
async fn what_is_for_veilig_thuis_leaves_the_mesh_and_no_trace_at_anybody() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let before = world.log(&resident).await.len();
    let request = proto::RecordLegalBasisRequest {
        basis: LegalBasis::ReportingRight.into(),
        ..world.danger(&handle)
    };
    let mut one = world.basing(&world.welfare, ONE);
    for _ in 0..2 {
        let refused = one.record_legal_basis(request.clone()).await;
        assert_eq!(refusal(refused), ErrorReason::CallInstead);
    }
    assert_eq!(world.log(&resident).await.len(), before);
    assert!(world.seen_bases(&resident).await.is_empty());
}

#[tokio::test]
async fn confirm_legal_basis_works() {
    let world = World::start().await;
    let (resident, handle, record) = world.in_arrears("anna").await;
    assert_eq!(record.state(), LegalBasisState::Active);
    assert_eq!(record.valid_until.unwrap().seconds % 86_400, 0, "a whole day");
    assert_eq!(
        world.log(&resident).await[0].kind(),
        AccessKind::LegalBasisConfirmed
    );
    let id = &record.legal_basis_id;
    let way = [&world.stranger, &world.municipality];
    let scope = signal_scope(&[sluis_types::DataKind::Contact, sluis_types::DataKind::Financial]);
    let sent = world
        .send_on(id, &handle, way, MessageKind::Signal, scope)
        .await
        .unwrap();
    assert_eq!(sent.envelope.manifest.header().grant_id().to_string(), *id);
    let opened = world.open_by(&sent, &world.municipality).await.unwrap();
    assert_reads(&opened, &sent.envelope);
    assert!(!opened.assisted());
    let newest = world.log(&resident).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.legal_basis(), &newest.grant_id),
        (AccessKind::Opened, LegalBasis::StatutoryDuty, id)
    );
    // No more than the law lists, no other kind of message, and no other way round.
    let reasons = signal_scope(&[sluis_types::DataKind::Contact, sluis_types::DataKind::Situation]);
    for (kind, scope) in [(MessageKind::Signal, reasons), (MessageKind::Referral, contact())] {
        let sent = world.send_on(id, &handle, way, kind, scope).await;
        match sent {
            Err(status) => assert_eq!(refusal::<()>(Err(status)), ErrorReason::NotAvailable),
            Ok(sent) => {
                let opened = world.open_by(&sent, &world.municipality).await;
                assert_eq!(refusal(opened.map(drop)), ErrorReason::NotAvailable, "{kind:?}");
            }
        }
    }
    let back = [&world.municipality, &world.stranger];
    let theirs = *opened.handle();
    let answer = world
        .send_on(id, &theirs, back, MessageKind::Signal, contact())
        .await;
    assert_eq!(refusal(answer.map(drop)), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn confirm_legal_basis_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.stranger).await;
    let record = world.record_basis(&world.stranger, world.arrears(&handle)).await;
    let request = world.confirming_basis(&record.legal_basis_id);
    let mut other = world.basing(&world.stranger, OTHER);
    let first = other
        .confirm_legal_basis(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = other.confirm_legal_basis(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let twice = other
        .confirm_legal_basis(world.confirming_basis(&record.legal_basis_id))
        .await;
    assert_eq!(refusal(twice), ErrorReason::IllegalTransition);
}

#[tokio::test]
async fn confirm_legal_basis_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.stranger).await;
    let record = world.record_basis(&world.stranger, world.arrears(&handle)).await;
    let request = || world.confirming_basis(&record.legal_basis_id);
    let alone = world
        .basing(&world.stranger, ONE)
        .confirm_legal_basis(request())
        .await;
    assert_eq!(refusal(alone), ErrorReason::SecondPersonNeeded);
    let recipient = world
        .basing(&world.municipality, OTHER)
        .confirm_legal_basis(request())
        .await;
    assert_eq!(refusal(recipient), ErrorReason::NotAvailable);
    let mut volunteer = world.bases(world.stranger.oin, OTHER, ProfessionalRole::Volunteer);
    let refused = volunteer.confirm_legal_basis(request()).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    assert_eq!(
        world.seen_bases(&resident).await[0].state(),
        LegalBasisState::Recorded
    );
}

#[tokio::test]
async fn confirm_legal_basis_answers_an_unknown_id() {
    let world = World::start().await;
    let mut other = world.basing(&world.welfare, OTHER);
    let unknown = other.confirm_legal_basis(world.confirming_basis(NO_GRANT)).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    // A consent is no such record.
    let granted = world.granted("anna").await;
    let request = world.confirming_basis(&granted.grant.grant_id);
    let consent = other.confirm_legal_basis(request).await;
    assert_eq!(refusal(consent), ErrorReason::NotAvailable);
}
