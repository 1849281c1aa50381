//! CreateInvitation and Enrol.

use std::time::Duration;

use sluis_envelope::KeyKind;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::{CreateInvitationRequest, EnrolRequest};
use sluis_types::{KeyId, ProfessionalRole};

use crate::newcomer::Newcomer;
use crate::world::{NOW, World, code, enrolling, oin, partner, pins, refusal, resident};

const VALIDITY: Duration = Duration::from_hours(14 * 24);

type Spoil = fn(&mut CreateInvitationRequest);

fn hex(bytes: &[u8]) -> String {
    KeyId::from_slice(bytes).unwrap().to_string()
}

#[tokio::test]
async fn create_invitation_works() {
    let world = World::start().await;
    let reply = world
        .operator()
        .create_invitation(world.invitation_of(oin(1)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(reply.expires_at.unwrap().seconds, NOW.plus(VALIDITY).seconds());
    let document: serde_json::Value = serde_json::from_str(&reply.invitation).unwrap();
    let text = |field: &str| document[field].as_str().unwrap().to_owned();
    assert_eq!(document["version"], 1);
    assert_eq!(text("mesh_id"), "mesh.example");
    assert_eq!(text("gateway"), "gateway.example:8443");
    assert_eq!(text("gateway_name"), "gateway.example");
    assert_eq!(text("ca"), world.ca.certificate_pem());
    assert_eq!(text("oin"), oin(1).to_string());
    assert_eq!(text("display_name"), "Welzijn Noord");
    assert_eq!(text("kind"), "WELFARE");
    assert_eq!(text("expires_at"), "2026-10-05T14:13:20Z");
    assert_eq!(text("code").len(), 39);
    let keys = &document["keys"];
    let pins = pins();
    for (name, key) in [
        ("grant_token", &pins.grant_token),
        ("receipt", &pins.receipt),
        ("consent_log", &pins.consent_log),
        ("referral_log", &pins.referral_log),
        ("circle", &pins.circle),
        ("directory", &pins.directory),
        ("signalling_receipt", &pins.signalling_receipt),
        ("match_statement", &pins.match_statement),
        ("matching_log", &pins.matching_log),
        ("signalling_log", &pins.signalling_log),
    ] {
        assert_eq!(keys[name], hex(key.as_bytes()), "{name}");
    }
    assert_eq!(keys["registry_log"].as_str().unwrap().len(), 64);
    world.end().await;
}

#[tokio::test]
async fn create_invitation_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let request = world.invitation_of(oin(1));
    let mut operator = world.operator();
    let first = operator
        .create_invitation(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = operator
        .create_invitation(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again, "the same code");
    let other = CreateInvitationRequest {
        display_name: "Another".into(),
        ..request
    };
    assert_eq!(
        refusal(operator.create_invitation(other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn create_invitation_refuses_the_wrong_caller() {
    let world = World::start().await;
    for caller in [
        partner(oin(1), ProfessionalRole::OrganisationAdmin),
        enrolling(),
        resident(),
    ] {
        let outcome = world
            .client(caller)
            .create_invitation(world.invitation_of(oin(1)))
            .await;
        assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    }
    let outcome = world
        .consent()
        .create_invitation(world.invitation_of(oin(1)))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    world.end().await;
}

#[tokio::test]
async fn create_invitation_answers_an_unknown_id() {
    let world = World::start().await;
    let good = world.invitation_of(oin(1));
    let faults: [(&str, Spoil); 9] = [
        ("no OIN", |it| it.oin = "123".into()),
        ("no name", |it| it.display_name.clear()),
        ("NUL", |it| it.display_name = "a\0b".into()),
        ("long name", |it| it.display_name = "x".repeat(121)),
        ("long contact", |it| it.contact = "x".repeat(201)),
        ("no kind", |it| it.kind = 0),
        ("unknown kind", |it| it.kind = 99),
        ("negative kind", |it| it.kind = -1),
        ("no request id", |it| it.request_id.clear()),
    ];
    for (name, spoil) in faults {
        let mut request = good.clone();
        spoil(&mut request);
        let outcome = world.operator().create_invitation(request).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField, "{name}");
    }
    let huge = CreateInvitationRequest {
        contact: "x".repeat(1_000_000),
        ..good
    };
    assert_eq!(
        refusal(world.operator().create_invitation(huge).await),
        ErrorReason::TooLarge
    );

    world.enrol(&Newcomer::new(1)).await;
    let outcome = world
        .operator()
        .create_invitation(world.invitation_of(oin(1)))
        .await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::IllegalTransition,
        "a member is not invited again"
    );
    world.end().await;
}

#[tokio::test]
async fn enrol_works() {
    let world = World::start().await;
    let newcomer = Newcomer::new(1);
    let reply = world.enrol(&newcomer).await;
    assert!(reply.certificate_chain.starts_with("-----BEGIN CERTIFICATE-----"));
    let organisation = reply.organisation.unwrap();
    assert_eq!(organisation.oin, oin(1).to_string());
    assert_eq!(organisation.display_name, "Welzijn Noord");
    assert_eq!(organisation.contact, "Aanmeldpunt, 010 000 0000");
    assert_eq!(
        organisation.key_statements,
        vec![newcomer.first_statement(NOW).encode()]
    );
    assert_eq!(organisation.certificates.len(), 1);
    assert_eq!(organisation.version, 1);
    let request = sluis_proto::registry::v1::GetOrganisationRequest {
        oin: oin(1).to_string(),
    };
    let listed = world
        .consent()
        .get_organisation(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.organisation.unwrap(), organisation);
    world.end().await;
}

#[tokio::test]
async fn enrol_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let newcomer = Newcomer::new(1);
    let code = world.invite(newcomer.oin).await;
    let request = newcomer.enrol_request(&world.request_id(), &code, NOW);
    let first = world
        .newcomer()
        .enrol(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .newcomer()
        .enrol(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again, "the same certificate");
    let other = EnrolRequest {
        code: "0".repeat(32),
        ..request.clone()
    };
    assert_eq!(
        refusal(world.newcomer().enrol(other).await),
        ErrorReason::RequestIdReused
    );
    let used = EnrolRequest {
        request_id: world.request_id(),
        ..request
    };
    assert_eq!(
        refusal(world.newcomer().enrol(used).await),
        ErrorReason::InvitationRefused,
        "single use"
    );
    world.end().await;
}

#[tokio::test]
async fn enrol_refuses_the_wrong_caller() {
    let world = World::start().await;
    let newcomer = Newcomer::new(1);
    let code = world.invite(newcomer.oin).await;
    for caller in [partner(oin(2), ProfessionalRole::OrganisationAdmin), resident()] {
        let request = newcomer.enrol_request(&world.request_id(), &code, NOW);
        assert_eq!(
            refusal(world.client(caller).enrol(request).await),
            ErrorReason::RoleRefused
        );
    }
    world.end().await;
}

#[tokio::test]
async fn enrol_answers_an_unknown_id() {
    let world = World::start().await;
    let (newcomer, stranger) = (Newcomer::new(1), Newcomer::new(2));
    let replaced = world.invite(newcomer.oin).await;
    let right = world.invite(newcomer.oin).await;
    let mut answers = Vec::new();
    let unknown = "0".repeat(32);
    for (who, code) in [(&newcomer, &unknown), (&newcomer, &replaced), (&stranger, &right)] {
        let request = who.enrol_request(&world.request_id(), code, NOW);
        answers.push(world.newcomer().enrol(request).await.expect_err("refused"));
    }
    // The invitation ends; and afterwards a fresh one works.
    world.clock.advance(VALIDITY);
    let late = world.clock_now();
    let request = newcomer.enrol_request(&world.request_id(), &right, late);
    answers.push(world.newcomer().enrol(request).await.expect_err("refused"));
    for answer in &answers {
        assert_eq!(
            answer.details(),
            answers[0].details(),
            "one answer to every code that does not open"
        );
        assert_eq!(refusal::<()>(Err(answer.clone())), ErrorReason::InvitationRefused);
    }
    let fresh = world.invite(newcomer.oin).await;
    let request = newcomer.enrol_request(&world.request_id(), &fresh.to_lowercase().replace('-', " "), late);
    world.newcomer().enrol(request).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn enrol_refuses_what_does_not_fit_together_and_leaves_the_invitation_open() {
    let world = World::start().await;
    let (newcomer, other) = (Newcomer::new(1), Newcomer::new(2));
    let code = world.invite(newcomer.oin).await;
    let good = || newcomer.enrol_request(&world.request_id(), &code, NOW);
    let without = |kind: KeyKind| {
        let mut entries = newcomer.entries(NOW);
        entries.retain(|entry| entry.key.kind() != kind);
        newcomer.statement_of(entries, NOW).encode()
    };
    let second = newcomer.verified(NOW).next(newcomer.entries(NOW), NOW);
    let second = sluis_envelope::Signed::sign(second, &newcomer.identity).encode();
    let mut forged = newcomer.first_statement(NOW).encode();
    *forged.last_mut().unwrap() ^= 1;
    let ahead = newcomer
        .first_statement(NOW.plus(Duration::from_secs(61)))
        .encode();
    let statement = |bytes: Vec<u8>| EnrolRequest {
        key_statement: bytes.into(),
        ..good()
    };
    let request = |bytes: Vec<u8>| EnrolRequest {
        certificate_request: bytes.into(),
        ..good()
    };
    let cases = [
        (
            "no signing key",
            statement(without(KeyKind::Signing)),
            ErrorReason::InvalidField,
        ),
        (
            "no sealing key",
            statement(without(KeyKind::Sealing)),
            ErrorReason::InvalidField,
        ),
        (
            "no JWT key",
            statement(without(KeyKind::Jwt)),
            ErrorReason::InvalidField,
        ),
        (
            "no TLS key",
            statement(without(KeyKind::Tls)),
            ErrorReason::InvalidField,
        ),
        ("not the first", statement(second), ErrorReason::InvalidField),
        (
            "malformed",
            statement(b"x".to_vec()),
            ErrorReason::MalformedEnvelope,
        ),
        (
            "trailing byte",
            statement([forged.clone(), vec![0]].concat()),
            ErrorReason::MalformedEnvelope,
        ),
        ("forged", statement(forged), ErrorReason::BadSignature),
        ("from the future", statement(ahead), ErrorReason::ClockSkew),
        (
            "another's request",
            request(crate::newcomer::csr(&other.tls)),
            ErrorReason::InvalidField,
        ),
        ("no request", request(Vec::new()), ErrorReason::InvalidField),
        (
            "no code",
            EnrolRequest {
                code: String::new(),
                ..good()
            },
            ErrorReason::InvalidField,
        ),
        (
            "long code",
            EnrolRequest {
                code: "0".repeat(33),
                ..good()
            },
            ErrorReason::InvalidField,
        ),
    ];
    for (name, request, expected) in cases {
        assert_eq!(refusal(world.newcomer().enrol(request).await), expected, "{name}");
    }
    world
        .newcomer()
        .enrol(good())
        .await
        .expect("the invitation is still open");
    world.end().await;
}

#[tokio::test]
async fn enrol_accepts_a_clock_that_is_a_little_ahead() {
    let world = World::start().await;
    let newcomer = Newcomer::new(1);
    let code = world.invite(newcomer.oin).await;
    let ahead = NOW.plus(Duration::from_secs(50));
    let mut entries = newcomer.entries(ahead);
    for entry in &mut entries {
        entry.not_before = ahead;
    }
    let request = EnrolRequest {
        key_statement: newcomer.statement_of(entries, ahead).encode().into(),
        ..newcomer.enrol_request(&world.request_id(), &code, NOW)
    };
    world.newcomer().enrol(request).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn the_code_is_not_in_the_database() {
    let world = World::start().await;
    let reply = world
        .operator()
        .create_invitation(world.invitation_of(oin(1)))
        .await
        .unwrap()
        .into_inner();
    let planted = code(&reply);
    let plain = planted.replace('-', "");
    let mut read = Vec::new();
    for file in ["registry.db", "registry.db-wal"] {
        read.extend(std::fs::read(world.home.path().join(file)).unwrap_or_default());
    }
    let found = |text: &str| read.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(found("Welzijn Noord"), "the search finds what is there");
    assert!(!found(&planted) && !found(&plain));
    world.end().await;
}
