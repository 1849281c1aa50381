//! RenewCertificate and RevokeCertificate.

use std::time::Duration;

use rcgen::KeyPair;
use sha2::{Digest as _, Sha256};
use sluis_envelope::Signed;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::{
    GetOrganisationRequest, Organisation, PublishKeyRequest, RenewCertificateRequest,
    RevokeCertificateRequest,
};
use sluis_types::{Oin, ProfessionalRole};

use crate::newcomer::{Newcomer, csr, tls_entry};
use crate::world::{NOW, World, enrolling, oin, partner, refusal, resident};

fn renewal(world: &World, key: &KeyPair) -> RenewCertificateRequest {
    RenewCertificateRequest {
        request_id: world.request_id(),
        certificate_request: csr(key).into(),
    }
}

fn fingerprint(pem: &str) -> Vec<u8> {
    let der = x509_parser::pem::parse_x509_pem(pem.as_bytes())
        .unwrap()
        .1
        .contents;
    Sha256::digest(der).to_vec()
}

fn revocation(world: &World, oin: Oin, fingerprint: &[u8]) -> RevokeCertificateRequest {
    RevokeCertificateRequest {
        request_id: world.request_id(),
        oin: oin.to_string(),
        fingerprint: fingerprint.to_vec().into(),
    }
}

async fn listed(world: &World, number: u8) -> Organisation {
    let request = GetOrganisationRequest {
        oin: oin(number).to_string(),
    };
    world
        .consent()
        .get_organisation(request)
        .await
        .unwrap()
        .into_inner()
        .organisation
        .unwrap()
}

#[tokio::test]
async fn renew_certificate_works() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    // The same key again.
    world
        .admin(oin(1))
        .renew_certificate(renewal(&world, &member.tls))
        .await
        .unwrap();
    // Another key, once it is stated.
    let fresh = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let outcome = world
        .admin(oin(1))
        .renew_certificate(renewal(&world, &fresh))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::KeyRefused);
    let mut entries = member.entries(NOW);
    entries.push(tls_entry(&fresh, NOW));
    let next = Signed::sign(member.verified(NOW).next(entries, NOW), &member.identity);
    let publish = PublishKeyRequest {
        request_id: world.request_id(),
        key_statement: next.encode().into(),
    };
    world.admin(oin(1)).publish_key(publish).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let reply = world
        .admin(oin(1))
        .renew_certificate(renewal(&world, &fresh))
        .await
        .unwrap()
        .into_inner();

    let organisation = listed(&world, 1).await;
    assert_eq!(organisation.certificates.len(), 3, "the old ones stay");
    let newest = organisation.certificates.last().unwrap();
    assert_eq!(newest.fingerprint, fingerprint(&reply.certificate_chain));
    assert_eq!(organisation.version, 4);
    world.end().await;
}

#[tokio::test]
async fn renew_certificate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    let request = renewal(&world, &member.tls);
    let first = world
        .admin(oin(1))
        .renew_certificate(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .admin(oin(1))
        .renew_certificate(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(listed(&world, 1).await.certificates.len(), 2);
    let other_key = csr(&KeyPair::generate().unwrap());
    let other = RenewCertificateRequest {
        certificate_request: other_key.into(),
        ..request
    };
    let outcome = world.admin(oin(1)).renew_certificate(other).await;
    assert_eq!(refusal(outcome), ErrorReason::RequestIdReused);
    world.end().await;
}

#[tokio::test]
async fn renew_certificate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    for caller in [
        partner(oin(1), ProfessionalRole::Professional),
        enrolling(),
        resident(),
    ] {
        let outcome = world
            .client(caller)
            .renew_certificate(renewal(&world, &member.tls))
            .await;
        assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    }
    // Another member cannot have a certificate for this one's key.
    world.enrol(&Newcomer::new(2)).await;
    let outcome = world
        .admin(oin(2))
        .renew_certificate(renewal(&world, &member.tls))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::KeyRefused);
    world.end().await;
}

#[tokio::test]
async fn renew_certificate_answers_an_unknown_id() {
    let world = World::start().await;
    let stranger = Newcomer::new(1);
    let outcome = world
        .admin(oin(1))
        .renew_certificate(renewal(&world, &stranger.tls))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let malformed = RenewCertificateRequest {
        request_id: world.request_id(),
        certificate_request: b"x".as_slice().into(),
    };
    let outcome = world.admin(oin(1)).renew_certificate(malformed).await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    world.end().await;
}

#[tokio::test]
async fn there_is_an_end_to_the_certificates_of_one_organisation() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    let mut admin = world.admin(oin(1));
    for _ in 1..128 {
        admin
            .renew_certificate(renewal(&world, &member.tls))
            .await
            .unwrap();
    }
    let outcome = admin.renew_certificate(renewal(&world, &member.tls)).await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition);
    world.end().await;
}

#[tokio::test]
async fn revoke_certificate_works() {
    let world = World::start().await;
    let enrolled = world.enrol(&Newcomer::new(1)).await;
    let first = fingerprint(&enrolled.certificate_chain);
    let reply = world
        .admin(oin(1))
        .revoke_certificate(revocation(&world, oin(1), &first))
        .await
        .unwrap();
    let revoked_at = reply.into_inner().revoked_at.unwrap();
    assert_eq!(revoked_at.seconds, NOW.seconds());
    assert_eq!(
        listed(&world, 1).await.certificates[0].revoked_at,
        Some(revoked_at)
    );

    // The operator says it again, later: the first word stands, and nothing changes.
    world.clock.advance(Duration::from_mins(1));
    let version = listed(&world, 1).await.version;
    let again = world
        .operator()
        .revoke_certificate(revocation(&world, oin(1), &first))
        .await
        .unwrap();
    assert_eq!(again.into_inner().revoked_at, Some(revoked_at));
    assert_eq!(listed(&world, 1).await.version, version);

    // The operator may revoke anybody's.
    let other = world.enrol(&Newcomer::new(2)).await;
    let other = fingerprint(&other.certificate_chain);
    world
        .operator()
        .revoke_certificate(revocation(&world, oin(2), &other))
        .await
        .unwrap();
    assert!(listed(&world, 2).await.certificates[0].revoked_at.is_some());
    world.end().await;
}

#[tokio::test]
async fn revoke_certificate_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let enrolled = world.enrol(&Newcomer::new(1)).await;
    let request = revocation(&world, oin(1), &fingerprint(&enrolled.certificate_chain));
    let first = world
        .admin(oin(1))
        .revoke_certificate(request.clone())
        .await
        .unwrap()
        .into_inner();
    world.clock.advance(Duration::from_mins(1));
    let again = world
        .admin(oin(1))
        .revoke_certificate(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let other = RevokeCertificateRequest {
        fingerprint: vec![0; 32].into(),
        ..request
    };
    assert_eq!(
        refusal(world.admin(oin(1)).revoke_certificate(other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn revoke_certificate_refuses_the_wrong_caller() {
    let world = World::start().await;
    let enrolled = world.enrol(&Newcomer::new(1)).await;
    let first = fingerprint(&enrolled.certificate_chain);
    for caller in [partner(oin(1), ProfessionalRole::System), enrolling(), resident()] {
        let outcome = world
            .client(caller)
            .revoke_certificate(revocation(&world, oin(1), &first))
            .await;
        assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    }
    assert!(listed(&world, 1).await.certificates[0].revoked_at.is_none());
    world.end().await;
}

#[tokio::test]
async fn revoke_certificate_answers_an_unknown_id() {
    let world = World::start().await;
    let enrolled = world.enrol(&Newcomer::new(1)).await;
    world.enrol(&Newcomer::new(2)).await;
    let foreign = fingerprint(&enrolled.certificate_chain);
    let mut admin = world.admin(oin(2));
    let mut answers = Vec::new();
    for (whose, which) in [
        (oin(2), vec![0; 32]),
        (oin(1), foreign.clone()),
        (oin(2), foreign),
        (oin(9), vec![0; 32]),
    ] {
        let request = revocation(&world, whose, &which);
        answers.push(admin.revoke_certificate(request).await.expect_err("refused"));
    }
    for answer in &answers {
        assert_eq!(
            answer.details(),
            answers[0].details(),
            "absent and foreign are one answer"
        );
    }
    assert_eq!(refusal::<()>(Err(answers.remove(0))), ErrorReason::NotAvailable);
    assert!(listed(&world, 1).await.certificates[0].revoked_at.is_none());
    let short = revocation(&world, oin(2), &[0; 31]);
    assert_eq!(
        refusal(admin.revoke_certificate(short).await),
        ErrorReason::InvalidField
    );
    world.end().await;
}
