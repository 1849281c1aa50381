//! Who is let in, and who is not.

use prost::Message as _;
use sluis_envelope::KeyKind;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1 as proto;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_serve::{Caller, CallerTokenSigner, Hash, MeshRole, Refusal, message_hash};
use sluis_types::ProfessionalRole;
use std::time::Duration;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tower::ServiceExt as _;

use crate::bench::{Bench, GET, ORGANISATION, get, newcomer, partner, resident};

/// Calls `GetOrganisation` with these tokens, put there by hand.
async fn call_with(channel: Channel, tokens: &[Vec<u8>]) -> Result<(), Status> {
    let mut request = Request::new(get(ORGANISATION));
    for token in tokens {
        request
            .metadata_mut()
            .append_bin("sluis-caller-bin", MetadataValue::from_bytes(token));
    }
    RegistryServiceClient::new(channel)
        .get_organisation(request)
        .await
        .map(|_| ())
}

fn right_hash() -> Hash {
    message_hash(&get(ORGANISATION).encode_to_vec())
}

fn token(signer: &CallerTokenSigner, audience: MeshRole, method: &str, hash: &Hash) -> Vec<u8> {
    signer
        .sign(&partner(ProfessionalRole::Intaker), audience, method, hash)
        .unwrap()
}

fn reason(result: Result<(), Status>) -> Option<ErrorReason> {
    Refusal::reason_of(&result.unwrap_err())
}

#[tokio::test]
async fn the_handler_learns_who_calls_and_what_was_asked() {
    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    let callers = [
        (KeyKind::PartnerCaller, partner(ProfessionalRole::Professional)),
        (KeyKind::ResidentCaller, resident()),
        (KeyKind::MeshCaller, Caller::Mesh(MeshRole::Consent)),
        (KeyKind::OperatorCaller, Caller::Operator),
    ];
    for (kind, caller) in callers {
        let client = bench.client(channel.clone(), kind, caller.clone());
        let reply = RegistryServiceClient::new(client)
            .get_organisation(get(ORGANISATION))
            .await;
        assert_eq!(
            reply.unwrap().into_inner().organisation.unwrap().oin,
            ORGANISATION
        );
        let seen = bench.registry.seen.lock().unwrap().pop().unwrap();
        assert_eq!(seen, (caller, right_hash()));
    }
}

#[tokio::test]
async fn a_token_must_be_there_once_and_for_this_call() {
    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    let signer = bench.signer(KeyKind::PartnerCaller);
    let right = || token(&signer, MeshRole::Registry, GET, &right_hash());
    assert!(call_with(channel.clone(), &[right()]).await.is_ok());
    let other_method = "/sluis.registry.v1.RegistryService/ListOrganisations";
    let mut forged = right();
    *forged.last_mut().unwrap() ^= 1;
    let wrong: [&[Vec<u8>]; 7] = [
        &[],
        &[right(), right()],
        &[b"no token at all".to_vec()],
        &[forged],
        &[token(&signer, MeshRole::Consent, GET, &right_hash())],
        &[token(&signer, MeshRole::Registry, other_method, &right_hash())],
        &[token(
            &signer,
            MeshRole::Registry,
            GET,
            &message_hash(b"another message"),
        )],
    ];
    for (index, tokens) in wrong.into_iter().enumerate() {
        let refused = call_with(channel.clone(), tokens).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "case {index}");
        assert_eq!(
            Refusal::reason_of(&refused),
            Some(ErrorReason::CallerRefused),
            "case {index}"
        );
    }
    assert_eq!(
        bench.registry.seen.lock().unwrap().len(),
        1,
        "no handler ran for the wrong ones"
    );
}

#[tokio::test]
async fn a_token_expires() {
    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    let signer = bench.signer(KeyKind::PartnerCaller);
    let old = token(&signer, MeshRole::Registry, GET, &right_hash());
    bench.clock.advance(Duration::from_secs(36));
    assert_eq!(
        reason(call_with(channel, &[old]).await),
        Some(ErrorReason::CallerRefused)
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let (bench, stranger) = (Bench::new(), Bench::new());
    let unknown = sluis_envelope::SigningKey::from_seed(KeyKind::PartnerCaller, &[42; 32]);
    let signer = CallerTokenSigner::new(std::sync::Arc::new(unknown), stranger.clock());
    let foreign = token(&signer, MeshRole::Registry, GET, &right_hash());
    let channel = bench.in_memory().channel();
    assert_eq!(
        reason(call_with(channel, &[foreign]).await),
        Some(ErrorReason::CallerRefused)
    );
}

#[tokio::test]
async fn sides_and_roles_are_those_of_the_method() {
    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    let volunteer = bench.client(
        channel.clone(),
        KeyKind::PartnerCaller,
        partner(ProfessionalRole::Volunteer),
    );
    let refused = RegistryServiceClient::new(volunteer)
        .get_organisation(get(ORGANISATION))
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(Refusal::reason_of(&refused), Some(ErrorReason::RoleRefused));
    for (kind, caller, allowed) in [
        (KeyKind::OperatorCaller, Caller::Operator, true),
        (
            KeyKind::PartnerCaller,
            partner(ProfessionalRole::OrganisationAdmin),
            false,
        ),
        (KeyKind::PartnerCaller, newcomer(), false),
        (KeyKind::ResidentCaller, resident(), false),
        (KeyKind::MeshCaller, Caller::Mesh(MeshRole::Consent), false),
    ] {
        let client = bench.client(channel.clone(), kind, caller.clone());
        let result = RegistryServiceClient::new(client)
            .create_invitation(proto::CreateInvitationRequest::default())
            .await
            .map(|_| ());
        if allowed {
            assert!(result.is_ok(), "{caller:?}");
        } else {
            assert_eq!(reason(result), Some(ErrorReason::RoleRefused), "{caller:?}");
        }
    }
}

#[tokio::test]
async fn a_message_beyond_the_methods_limit_is_refused_on_both_ends() {
    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    let large = get(&"0".repeat(5000));
    let client = bench.partner_client(channel.clone());
    let refused = RegistryServiceClient::new(client)
        .get_organisation(large.clone())
        .await;
    assert_eq!(reason(refused.map(|_| ())), Some(ErrorReason::TooLarge));

    // And by the service, for a caller who does not keep to it.
    let signer = bench.signer(KeyKind::PartnerCaller);
    let hash = message_hash(&large.encode_to_vec());
    let mut request = Request::new(large);
    let token = token(&signer, MeshRole::Registry, GET, &hash);
    request
        .metadata_mut()
        .insert_bin("sluis-caller-bin", MetadataValue::from_bytes(&token));
    let refused = RegistryServiceClient::new(channel)
        .get_organisation(request)
        .await;
    assert_eq!(reason(refused.map(|_| ())), Some(ErrorReason::TooLarge));
}

#[tokio::test]
async fn a_compressed_request_is_refused() {
    let bench = Bench::new();
    let client = bench.partner_client(bench.in_memory().channel());
    let refused = RegistryServiceClient::new(client)
        .send_compressed(tonic::codec::CompressionEncoding::Gzip)
        .get_organisation(get(ORGANISATION))
        .await;
    assert_eq!(reason(refused.map(|_| ())), Some(ErrorReason::InvalidField));
}

#[tokio::test]
async fn a_token_that_the_caller_brought_along_never_gets_further() {
    let bench = Bench::new();
    let client = bench.partner_client(bench.in_memory().channel());
    let mut request = Request::new(get(ORGANISATION));
    let operator = bench
        .signer(KeyKind::OperatorCaller)
        .sign(&Caller::Operator, MeshRole::Registry, GET, &right_hash())
        .unwrap();
    request
        .metadata_mut()
        .insert_bin("sluis-caller-bin", MetadataValue::from_bytes(&operator));
    RegistryServiceClient::new(client)
        .get_organisation(request)
        .await
        .unwrap();
    let (caller, _) = bench.registry.seen.lock().unwrap().pop().unwrap();
    assert_eq!(caller, partner(ProfessionalRole::Professional));
}

#[tokio::test]
async fn one_client_speaks_for_many_of_its_side_and_for_no_other() {
    let bench = Bench::new();
    let client = bench.partner_client(bench.in_memory().channel());
    let intaker = client.speaking_as(partner(ProfessionalRole::Intaker));
    RegistryServiceClient::new(intaker)
        .get_organisation(get(ORGANISATION))
        .await
        .unwrap();
    let (caller, _) = bench.registry.seen.lock().unwrap().pop().unwrap();
    assert_eq!(caller, partner(ProfessionalRole::Intaker));
    let refused = RegistryServiceClient::new(client.speaking_as(resident()))
        .get_organisation(get(ORGANISATION))
        .await;
    assert!(refused.is_err());
    assert!(bench.registry.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented_whoever_asks() {
    let bench = Bench::new();
    let channel = bench.in_memory().channel();
    for path in [
        "/sluis.registry.v1.RegistryService/Nothing",
        "/sluis.registry.v1.RegistryService/getorganisation",
        "/other.Service/Method",
        "/",
        "/grpc.health.v1.HealthX/Check",
    ] {
        let request = http::Request::post(path)
            .header("content-type", "application/grpc")
            .body(tonic::body::Body::empty())
            .unwrap();
        let response = channel.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["grpc-status"], "12", "{path}");
    }
}

#[tokio::test]
async fn a_service_of_the_mesh_that_is_not_hosted_here_is_behind_the_admission_too() {
    let bench = Bench::new();
    let request = http::Request::post("/sluis.consent.v1.ConsentService/Authorize")
        .header("content-type", "application/grpc")
        .body(tonic::body::Body::empty())
        .unwrap();
    // This one is on the tick, so time must pass.
    let call = tokio::spawn(bench.in_memory().channel().oneshot(request));
    bench.timer.until_awaited(sluis_serve::TICK).await;
    bench.timer.advance(sluis_serve::TICK);
    let response = call.await.unwrap().unwrap();
    assert_eq!(response.headers()["grpc-status"], "16");
}
