//! The certificates of the mesh CA in real handshakes.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey};
use sluis_proto::registry::v1::ListOrganisationsRequest;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_serve::{
    Caller, CallerTokenSigner, Drain, MeshClient, MeshRole, MethodTable, Stop, TlsIdentity, TlsRoots,
    client_tls, install_crypto_provider, mesh_server_tls, tls_channel,
};
use tokio::net::TcpListener;

use crate::newcomer::Newcomer;
use crate::world::World;

#[tokio::test]
async fn role_certificates_open_the_mesh_and_partner_certificates_do_not() {
    install_crypto_provider();
    let world = World::start().await;
    let member = Newcomer::new(1);
    let enrolled = world.enrol(&member).await;

    let roots = TlsRoots::from_pem(world.ca.certificate_pem().as_bytes()).unwrap();
    let identity = |role: MeshRole| {
        let issued = world.ca.issue_role_certificate(role).unwrap();
        TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes()).unwrap()
    };
    let server = mesh_server_tls(&identity(MeshRole::Registry), &roots, world.clock.clone()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new();
    let serving = tokio::spawn(world.registry.host().serve(
        listener,
        server,
        world.clock.clone(),
        stop.clone(),
    ));

    let call = |identity: TlsIdentity| {
        let tls = client_tls(&roots, Some(&identity), world.clock.clone()).unwrap();
        let channel = tls_channel(address.as_str(), MeshRole::Registry.server_name(), tls).unwrap();
        let key = SigningKey::from_seed(KeyKind::MeshCaller, &[KeyKind::MeshCaller as u8; 32]);
        let signer = CallerTokenSigner::new(Arc::new(key), world.clock.clone());
        let caller = Caller::Mesh(MeshRole::Consent);
        let table = MethodTable::of_mesh().unwrap();
        let mut client = RegistryServiceClient::new(MeshClient::new(
            channel,
            table,
            signer,
            caller,
            MeshRole::Registry,
        ));
        async move {
            client
                .list_organisations(ListOrganisationsRequest::default())
                .await
        }
    };
    let listed = call(identity(MeshRole::Consent)).await.unwrap().into_inner();
    assert_eq!(listed.organisations.len(), 1);
    // A token of consent over another role's certificate is worth nothing.
    assert!(call(identity(MeshRole::Referral)).await.is_err());
    let partner = TlsIdentity::from_pem(
        enrolled.certificate_chain.as_bytes(),
        member.tls.serialize_pem().as_bytes(),
    );
    assert!(
        call(partner.unwrap()).await.is_err(),
        "an organisation is no part of the mesh"
    );

    stop.request();
    assert_eq!(serving.await.unwrap(), Drain::Finished);
    world.end().await;
}
