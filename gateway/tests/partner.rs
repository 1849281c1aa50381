//! Who is let in on the public side, and who is not.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::KeyPair;
use serde_json::json;
use sluis_envelope::{KeyKind, SigningKey, jwt_hash};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{
    Caller, CallerTokenSigner, MeshRole, PartnerCaller, Refusal, message_hash, professional_pseudonym,
};
use sluis_types::{ProfessionalRole, SeededRandomness};
use tonic::metadata::{BinaryMetadataValue, MetadataValue};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::authority::Authority;
use crate::mesh::{GET_ORGANISATION, mesh, request};

const ENROL: &str = "/sluis.registry.v1.RegistryService/Enrol";
pub(crate) const RENEW: &str = "/sluis.registry.v1.RegistryService/RenewCertificate";

pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> ErrorReason {
    let status = answer.expect_err("refused");
    Refusal::reason_of(&status).unwrap_or_else(|| panic!("a reason in {status:?}"))
}

fn check_of(status: &Status) -> String {
    status
        .get_error_details()
        .error_info()
        .expect("always there")
        .metadata["check"]
        .clone()
}

#[tokio::test]
async fn a_partner_reaches_a_service_and_is_known_there() {
    let mesh = mesh().await;
    mesh.records
        .replies
        .lock()
        .unwrap()
        .insert(GET_ORGANISATION, b"the reply".to_vec());
    let token = mesh.one.token();
    let reply = mesh
        .as_one()
        .call(GET_ORGANISATION, Some(&token), Bytes::from_static(b"the request"))
        .await;
    assert_eq!(reply.unwrap(), Bytes::from_static(b"the reply"));
    let seen = mesh.records.last();
    let partner = PartnerCaller {
        organisation: mesh.one.oin,
        professional: professional_pseudonym(mesh.one.oin, "jansen"),
        role: ProfessionalRole::System,
        jwt_hash: jwt_hash(&token),
    };
    assert_eq!(
        (seen.path.as_str(), &seen.caller),
        (GET_ORGANISATION, &Caller::Partner(partner))
    );
    assert_eq!(seen.first, message_hash(b"the request"));
    assert_eq!(&seen.body[5..], b"the request");
}

#[tokio::test]
async fn what_a_client_sends_beside_its_message_stays_outside() {
    let mesh = mesh().await;
    let token = mesh.one.token();
    let mut asked = request(Some(&token), Bytes::new());
    // A caller token that would be good if the key were one that services trust, and one that is nonsense.
    let key = Arc::new(SigningKey::generate(
        KeyKind::PartnerCaller,
        &SeededRandomness::new(9),
    ));
    let forged = CallerTokenSigner::new(key, mesh.clock());
    let victim = Caller::Partner(PartnerCaller {
        organisation: mesh.other.oin,
        professional: [0; 32],
        role: ProfessionalRole::OrganisationAdmin,
        jwt_hash: [0; 32],
    });
    let forged = forged
        .sign(&victim, MeshRole::Registry, GET_ORGANISATION, &message_hash(&[]))
        .unwrap();
    let metadata = asked.metadata_mut();
    metadata.append_bin("sluis-caller-bin", BinaryMetadataValue::from_bytes(&forged));
    metadata.append_bin("sluis-caller-bin", BinaryMetadataValue::from_bytes(b"nonsense"));
    metadata.insert("x-forwarded-for", MetadataValue::from_static("192.0.2.1"));
    mesh.as_one()
        .send(GET_ORGANISATION, asked)
        .await
        .expect("let in as itself");
    let seen = mesh.records.last();
    assert_eq!(seen.caller.organisation(), Some(mesh.one.oin));
    for dropped in [
        "authorization",
        "x-forwarded-for",
        "sluis-caller-bin",
        "grpc-accept-encoding",
    ] {
        assert!(!seen.headers.contains_key(dropped), "{dropped}");
    }
}

#[tokio::test]
async fn no_certificate_is_no_partner_but_may_enrol() {
    let mesh = mesh().await;
    let stranger = mesh.connect(None);
    let token = mesh.one.token();
    assert_eq!(
        reason(stranger.get(&token).await),
        ErrorReason::CertificateRefused
    );
    stranger
        .call(ENROL, None, Bytes::new())
        .await
        .expect("a newcomer has none");
    assert!(matches!(mesh.records.last().caller, Caller::Enrolment(_)));
    // Somebody who has one may enrol too, as a newcomer like any other.
    mesh.as_one()
        .call(ENROL, Some(&token), Bytes::new())
        .await
        .expect("let in");
    assert!(matches!(mesh.records.last().caller, Caller::Enrolment(_)));
    assert_eq!(mesh.records.count(), 2);
}

#[tokio::test]
async fn certificate_and_token_must_name_the_same_organisation() {
    let mesh = mesh().await;
    let foreign = mesh.other.token();
    assert_eq!(
        reason(mesh.as_one().get(&foreign).await),
        ErrorReason::TokenNotBound
    );
    // Also when the other organisation makes a token for this certificate, or names this organisation in it.
    let bound = mesh
        .other
        .sign(&mesh.other.claims(&mesh.one.certificate.fingerprint));
    assert_eq!(
        reason(mesh.as_one().get(&bound).await),
        ErrorReason::TokenNotBound
    );
    let posing = mesh
        .other
        .sign(&mesh.one.claims(&mesh.one.certificate.fingerprint));
    assert_eq!(
        reason(mesh.as_one().get(&posing).await),
        ErrorReason::TokenRefused
    );
    assert_eq!(mesh.records.count(), 0);
}

#[tokio::test]
async fn a_token_works_over_its_own_certificate_only() {
    let mesh = mesh().await;
    let second = mesh.authority.organisation(mesh.one.oin, &mesh.one.tls_key);
    let both = [mesh.one.certificate.fingerprint, second.fingerprint];
    mesh.feed.put(mesh.one.entry(&both).with_version(2)).unwrap();
    let token = mesh.one.token();
    mesh.as_one().get(&token).await.expect("over its own");
    // Verified and remembered on one connection says nothing on another.
    let over_second = mesh.connect(Some(&second.identity));
    assert_eq!(reason(over_second.get(&token).await), ErrorReason::TokenNotBound);
    let own = mesh.one.sign(&mesh.one.claims(&second.fingerprint));
    over_second.get(&own).await.expect("over its own");
}

#[tokio::test]
async fn a_bad_token_is_refused_and_the_check_is_named() {
    let mesh = mesh().await;
    let (client, one) = (mesh.as_one(), &mesh.one);
    let now = crate::mesh::START.seconds();
    let cases = [
        ("exp", json!(now - 1)),
        ("exp", json!(now + 301)),
        ("iat", json!(now + 120)),
        ("aud", json!("another.example")),
        ("role", json!("DIRECTOR")),
        ("sub", json!("")),
    ];
    for (claim, value) in cases {
        let status = client
            .get(&one.token_with(claim, value.clone()))
            .await
            .expect_err(claim);
        assert_eq!(
            Refusal::reason_of(&status),
            Some(ErrorReason::TokenRefused),
            "{claim} {value}"
        );
        assert_eq!(check_of(&status), claim);
        assert_eq!(status.code(), Code::Unauthenticated);
    }
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = one.claims(&one.certificate.fingerprint);
    let kid = one.jwt_key().id().to_string();
    let unsigned = format!(
        "{}.{}.",
        part(json!({"alg": "none", "kid": kid})),
        part(claims.clone())
    );
    assert_eq!(reason(client.get(&unsigned).await), ErrorReason::TokenRefused);
    let signed = format!("{}.{}", part(json!({"alg": "HS256", "kid": kid})), part(claims));
    let public_as_secret = EncodingKey::from_secret(one.jwt_key().public());
    let mac = jsonwebtoken::crypto::sign(signed.as_bytes(), &public_as_secret, Algorithm::HS256).unwrap();
    let status = client
        .get(&format!("{signed}.{mac}"))
        .await
        .expect_err("confused");
    assert_eq!(
        (Refusal::reason_of(&status), check_of(&status)),
        (Some(ErrorReason::TokenRefused), "alg".into())
    );
    for token in ["", "x", &"x".repeat(10_000)] {
        assert_eq!(reason(client.get(token).await), ErrorReason::TokenRefused);
    }
    assert_eq!(
        reason(client.call(GET_ORGANISATION, None, Bytes::new()).await),
        ErrorReason::TokenRefused
    );
    let mut twice = request(Some(&one.token()), Bytes::new());
    twice.metadata_mut().append(
        "authorization",
        format!("Bearer {}", one.token()).parse().unwrap(),
    );
    assert_eq!(
        reason(client.send(GET_ORGANISATION, twice).await),
        ErrorReason::TokenRefused
    );
    assert_eq!(mesh.records.count(), 0);
}

#[tokio::test]
async fn a_remembered_token_ends_when_it_ends() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    client.get(&token).await.expect("fresh");
    mesh.clock.advance(Duration::from_secs(299));
    client.get(&token).await.expect("a second left");
    mesh.clock.advance(Duration::from_secs(1));
    assert_eq!(reason(client.get(&token).await), ErrorReason::TokenRefused);
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_with_the_directorys_change() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    client.get(&token).await.expect("live");
    mesh.feed.put(mesh.one.revoked()).unwrap();
    // On the open connection, with a token that is remembered, and on a new connection.
    assert_eq!(reason(client.get(&token).await), ErrorReason::CertificateRefused);
    assert_eq!(
        reason(mesh.as_one().get(&token).await),
        ErrorReason::CertificateRefused
    );
    let other = mesh.connect(Some(&mesh.other.certificate.identity));
    other.get(&mesh.other.token()).await.expect("the other's is live");
}

#[tokio::test]
async fn ended_keys_end_what_was_remembered_under_them() {
    for (kind, expected) in [
        (KeyKind::Jwt, ErrorReason::TokenRefused),
        (KeyKind::Tls, ErrorReason::CertificateRefused),
    ] {
        let mesh = mesh().await;
        let (client, token) = (mesh.as_one(), mesh.one.token());
        client.get(&token).await.expect("live");
        mesh.clock.advance(Duration::from_secs(1));
        mesh.feed.put(mesh.one.without_keys(kind)).unwrap();
        assert_eq!(reason(client.get(&token).await), expected);
    }
}

#[tokio::test]
async fn certificates_that_nobody_listed_are_refused() {
    let mesh = mesh().await;
    let token = mesh.one.token();
    let unlisted_key = mesh
        .authority
        .organisation(mesh.one.oin, &KeyPair::generate().unwrap());
    let unlisted = mesh.authority.organisation(mesh.one.oin, &mesh.one.tls_key);
    let stranger = mesh.authority.organisation(
        "00000099000000009000".parse().unwrap(),
        &KeyPair::generate().unwrap(),
    );
    for certificate in [unlisted_key, unlisted, stranger, mesh.authority.nameless()] {
        let client = mesh.connect(Some(&certificate.identity));
        assert_eq!(reason(client.get(&token).await), ErrorReason::CertificateRefused);
    }
    // Listed, but the organisation itself never stated its key.
    let key = KeyPair::generate().unwrap();
    let listed = mesh.authority.organisation(mesh.one.oin, &key);
    mesh.feed
        .put(mesh.one.entry(&[listed.fingerprint]).with_version(2))
        .unwrap();
    let client = mesh.connect(Some(&listed.identity));
    let token = mesh.one.sign(&mesh.one.claims(&listed.fingerprint));
    assert_eq!(reason(client.get(&token).await), ErrorReason::CertificateRefused);
    // Signed by somebody else: the handshake ends it.
    let foreign = Authority::new().organisation(mesh.one.oin, &mesh.one.tls_key);
    let status = mesh
        .connect(Some(&foreign.identity))
        .get(&token)
        .await
        .expect_err("no connection");
    assert_eq!(Refusal::reason_of(&status), None);
    assert_eq!(mesh.records.count(), 0);
}

#[tokio::test]
async fn an_expired_certificate_is_refused_on_an_open_connection() {
    let mesh = mesh().await;
    let client = mesh.as_one();
    client.get(&mesh.one.token()).await.expect("live");
    mesh.clock.advance(Duration::from_hours(24));
    assert_eq!(
        reason(client.get(&mesh.one.token()).await),
        ErrorReason::CertificateRefused
    );
}

#[tokio::test]
async fn a_stale_directory_closes_the_gateway() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    client.get(&token).await.expect("fresh");
    mesh.feed.fall_silent();
    let status = client.get(&token).await.expect_err("remembered or not");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TemporarilyClosed));
    assert!(status.get_error_details().retry_info().is_some());
    mesh.feed.speak();
    client.get(&token).await.expect("fresh again");
    mesh.feed.remove(&mesh.one.oin);
    assert_eq!(reason(client.get(&token).await), ErrorReason::CertificateRefused);
}

#[tokio::test]
async fn a_role_that_may_not_call_is_refused() {
    let mesh = mesh().await;
    let client = mesh.as_one();
    for role in ["VOLUNTEER", "PROFESSIONAL"] {
        let token = mesh.one.token_with("role", json!(role));
        assert_eq!(
            reason(client.call(RENEW, Some(&token), Bytes::new()).await),
            ErrorReason::RoleRefused
        );
    }
    let volunteer = mesh.one.token_with("role", json!("VOLUNTEER"));
    assert_eq!(reason(client.get(&volunteer).await), ErrorReason::RoleRefused);
    client
        .get(&mesh.one.token_with("role", json!("PROFESSIONAL")))
        .await
        .expect("may");
    assert_eq!(mesh.records.count(), 1);
}

#[tokio::test]
async fn what_is_not_public_does_not_exist_here() {
    let mesh = mesh().await;
    let client = mesh.as_one();
    let mut answers = Vec::new();
    for path in [
        "/sluis.registry.v1.RegistryService/Nothing",
        "/sluis.registry.v1.RegistryService/CreateInvitation",
        "/sluis.consent.v1.ResidentSessionService/StartSession",
        "/sluis.consent.v1.ResidentConsentService/ListGrants",
        "/sluis.consent.v1.GrantEventService/WatchGrants",
        "/other.Service/Method",
    ] {
        let with = client
            .call(path, Some(&mesh.one.token()), Bytes::new())
            .await
            .expect_err(path);
        let without = mesh
            .connect(None)
            .call(path, None, Bytes::new())
            .await
            .expect_err(path);
        assert_eq!((with.code(), with.message()), (without.code(), without.message()));
        answers.push((with.code(), with.message().to_owned(), with.details().to_vec()));
    }
    assert!(
        answers
            .iter()
            .all(|answer| *answer == answers[0] && answer.0 == Code::Unimplemented)
    );
    assert_eq!(mesh.records.count(), 0);
}

#[tokio::test]
async fn a_message_that_is_too_large_goes_no_further() {
    let mesh = mesh().await;
    let (client, token) = (mesh.as_one(), mesh.one.token());
    let call = async |bytes| client.call(GET_ORGANISATION, Some(&token), vec![0; bytes]).await;
    call(4096).await.expect("as large as it may be");
    assert_eq!(reason(call(4097).await), ErrorReason::TooLarge);
    assert_eq!(reason(call(1_000_000).await), ErrorReason::TooLarge);
    assert_eq!(mesh.records.count(), 1);
}
