//! A signal without consent: housing tells the municipality of arrears, the resident sees it and objects; welfare hears
//! nothing.

use sluis_client::types::{
    BasisCheck, CodeSet, DataKind, GrantId, LegalArticle, LegalBasis, LifeDomain, MessageKind,
    OrganisationKind, ProfessionalRole, ReviewOutcome,
};
use sluis_client::{Environment, Error, NewLegalBasis, OutgoingSignal, Partner, Professional, Profile};
use sluis_proto::consent::v1 as consent;
use sluis_proto::options::v1::ErrorReason;
use zeroize::Zeroizing;

use crate::fixture::{Backend, TestMesh, TestPartner, TestResident, request_id};

const ARREARS: &[u8] = br#"{
    "version": 1, "signal": "RENT_ARREARS", "basis": "STATUTORY_DUTY", "article": "BGS_RENT_ARREARS",
    "resident": {"name": "Ans (verzonnen)", "telephone": "06-00000000"},
    "arrears": {"amount_band": "FROM_500_TO_1000", "months": 3},
    "sender": {"name": "K. Bakker", "function": "incasso", "callback": "0412-000000"},
    "resident_informed": {"informed": true, "on": "2026-11-20"}
}"#;

/// Somebody else of the same organisation.
fn colleague(of: &TestPartner, id: &str, role: ProfessionalRole) -> Partner {
    let profile = Profile::open(of.partner.profile().directory()).expect("a profile");
    let professional = Professional {
        id: id.to_owned(),
        role,
    };
    Partner::connect(profile, professional, Environment::system()).expect("a connection")
}

fn arrears(recipient: &TestPartner) -> NewLegalBasis {
    NewLegalBasis {
        basis: LegalBasis::StatutoryDuty,
        article: Some(LegalArticle::BgsRentArrears),
        recipient: recipient.oin(),
        life_domains: CodeSet::EMPTY.with(LifeDomain::Finances),
        data_kinds: CodeSet::EMPTY.with(DataKind::Contact).with(DataKind::Financial),
        checks: [
            BasisCheck::ContactSought,
            BasisCheck::HelpPointedOut,
            BasisCheck::RemindedInWriting,
            BasisCheck::MinimalData,
        ]
        .into_iter()
        .collect(),
        document_sha256: sluis_client::sha256(b"the grounds, which stay here"),
        valid_days: 0,
        deferral: None,
        ask_again_at: None,
    }
}

async fn arrears_reach_the_municipality_and_nobody_else(backend: Backend) {
    let mesh = TestMesh::start(backend).await;
    let housing = mesh
        .partner("00000099000000003000", OrganisationKind::Housing)
        .await;
    let municipality = mesh
        .partner("00000099000000004000", OrganisationKind::Municipality)
        .await;
    let welfare = mesh
        .partner("00000099000000001000", OrganisationKind::Welfare)
        .await;
    for other in [&municipality, &welfare] {
        housing.pin(other);
        other.pin(&housing);
    }
    let ans = mesh.resident("ans").await;
    let handle = housing.link(&ans).await;
    let signal = |recipient: &TestPartner, basis| OutgoingSignal {
        recipient: recipient.oin(),
        resident: handle,
        basis,
        form: Zeroizing::new(ARREARS.to_vec()),
    };

    // Welfare is no lawful recipient: the mesh records no such basis, and the SDK seals no such signal.
    let refused = housing
        .partner
        .record_legal_basis(&handle, &arrears(&welfare))
        .await;
    assert_eq!(
        refused.expect_err("welfare").reason(),
        Some(ErrorReason::InvalidField)
    );
    let record = housing
        .partner
        .record_legal_basis(&handle, &arrears(&municipality))
        .await
        .expect("recorded");
    let refused = housing
        .partner
        .send_signal(signal(&welfare, Some(record.id)))
        .await;
    assert!(
        matches!(refused, Err(Error::Invalid { field: "signal", .. })),
        "{refused:?}"
    );

    // Nobody alone: a colleague confirms it, and only then it goes.
    let early = housing
        .partner
        .send_signal(signal(&municipality, Some(record.id)))
        .await;
    assert!(early.expect_err("not yet").is_not_available());
    let alone = housing.partner.confirm_legal_basis(record.id).await;
    assert_eq!(
        alone.expect_err("alone").reason(),
        Some(ErrorReason::SecondPersonNeeded)
    );
    let second = colleague(&housing, "worker-2", ProfessionalRole::Professional);
    let record = second.confirm_legal_basis(record.id).await.expect("confirmed");
    assert_eq!(record.state, "ACTIVE");
    let sent = housing
        .partner
        .send_signal(signal(&municipality, Some(record.id)))
        .await
        .expect("sent");

    // It waits in the one mailbox, as a signal, and opens without any consent.
    assert!(welfare.partner.inbox().await.expect("an inbox").is_empty());
    let inbox = municipality.partner.inbox().await.expect("an inbox");
    assert_eq!((inbox.len(), inbox[0].kind), (1, MessageKind::Signal));
    let opened = municipality.partner.open(sent.message_id).await.expect("opened");
    assert_eq!(opened.content.body.as_slice(), ARREARS);
    let form = municipality.partner.read_signal(&opened).await.expect("a signal");
    assert_eq!(
        (form.signal.as_str(), form.basis.as_str()),
        ("RENT_ARREARS", "STATUTORY_DUTY")
    );

    sees_and_objects(&ans, &municipality, record.id).await;
    let signal = signal(&municipality, Some(record.id));
    ends_when_it_was_not_right(&housing, &municipality, record.id, signal).await;
}

/// The resident sees it, by which law and who opened it, and objects.
async fn sees_and_objects(ans: &TestResident, municipality: &TestPartner, record: GrantId) {
    let listed = ans
        .session
        .list_legal_bases(consent::ListLegalBasesRequest {})
        .await;
    let seen = listed.expect("a list").records.remove(0);
    assert_eq!(
        (seen.basis(), seen.article(), seen.legal_basis_id.clone()),
        (
            consent::LegalBasis::StatutoryDuty,
            consent::LegalArticle::BgsRentArrears,
            record.to_string()
        )
    );
    let log = ans
        .session
        .list_access(consent::ListAccessRequest::default())
        .await;
    let newest = log.expect("a log").entries.remove(0);
    assert_eq!(
        (newest.kind(), newest.organisation.clone(), newest.legal_basis()),
        (
            consent::AccessKind::Opened,
            municipality.oin().to_string(),
            consent::LegalBasis::StatutoryDuty
        )
    );
    let objection = consent::ObjectToLegalBasisRequest {
        request_id: request_id(),
        legal_basis_id: seen.legal_basis_id,
    };
    ans.session
        .object_to_legal_basis(objection)
        .await
        .expect("objected");
}

/// The privacy officer looks, finds that it was not right, and it ends: nothing more is sent or opened on it.
async fn ends_when_it_was_not_right(
    housing: &TestPartner,
    municipality: &TestPartner,
    record: GrantId,
    signal: OutgoingSignal,
) {
    let late = housing
        .partner
        .send_signal(signal.clone())
        .await
        .expect("sent meanwhile");
    let officer = colleague(housing, "fg", ProfessionalRole::PrivacyOfficer);
    let queue = officer.legal_bases(true).await.expect("a queue");
    assert_eq!(
        queue.iter().map(|own| own.record.id).collect::<Vec<_>>(),
        [record]
    );
    let ended = officer
        .review_legal_basis(record, ReviewOutcome::Unfounded)
        .await
        .expect("reviewed");
    assert_eq!(ended.state, "ENDED");
    let closed = municipality.partner.open(late.message_id).await;
    assert!(closed.is_err(), "what was not opened by then stays closed");
    let again = housing.partner.send_signal(signal).await;
    assert!(again.expect_err("over").is_not_available());
}

#[tokio::test]
async fn arrears_reach_the_municipality_and_nobody_else_on_sqlite() {
    Box::pin(arrears_reach_the_municipality_and_nobody_else(Backend::Sqlite)).await;
}

#[tokio::test]
async fn arrears_reach_the_municipality_and_nobody_else_on_postgresql() {
    Box::pin(arrears_reach_the_municipality_and_nobody_else(Backend::Postgres)).await;
}
