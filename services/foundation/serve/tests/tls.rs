//! Over loopback, with TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls_pki_types::ServerName;
use sluis_envelope::KeyKind;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_serve::{
    Caller, Drain, MeshRole, Refusal, TlsIdentity, client_tls, install_crypto_provider, mesh_server_tls,
    tls_channel,
};
use sluis_types::ProfessionalRole;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::transport::Channel;

use crate::bench::{Bench, ORGANISATION, get, partner};
use crate::certificates::{Authority, SHORT_LIVED_EXPIRED_AFTER};

struct Served {
    bench: Bench,
    authority: Authority,
    address: SocketAddr,
    serving: JoinHandle<Drain>,
}

async fn serve() -> Served {
    install_crypto_provider();
    let (bench, authority) = (Bench::new(), Authority::new());
    let identity = authority.identity(&[MeshRole::Registry.server_name()]);
    let tls = mesh_server_tls(&identity, &authority.roots(), bench.clock()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = bench
        .host()
        .serve(listener, tls, bench.clock(), bench.stop.clone());
    let serving = tokio::spawn(serving);
    Served {
        bench,
        authority,
        address,
        serving,
    }
}

impl Served {
    fn channel(&self, authority: &Authority, identity: Option<&TlsIdentity>) -> Channel {
        let config = client_tls(&authority.roots(), identity, self.bench.clock()).unwrap();
        tls_channel(
            &self.address.to_string(),
            MeshRole::Registry.server_name(),
            config,
        )
        .unwrap()
    }

    fn as_role(&self, role: MeshRole) -> Channel {
        let identity = self.authority.identity(&[role.server_name()]);
        self.channel(&self.authority, Some(&identity))
    }

    async fn ask(&self, channel: Channel) -> Result<(), Status> {
        let client = self.bench.partner_client(channel);
        RegistryServiceClient::new(client)
            .get_organisation(get(ORGANISATION))
            .await
            .map(|_| ())
    }
}

#[tokio::test]
async fn a_role_calls_over_its_certificate_and_the_service_drains() {
    let served = serve().await;
    served.ask(served.as_role(MeshRole::Gateway)).await.unwrap();
    let consent = served.bench.client(
        served.as_role(MeshRole::Consent),
        KeyKind::MeshCaller,
        Caller::Mesh(MeshRole::Consent),
    );
    RegistryServiceClient::new(consent)
        .get_organisation(get(ORGANISATION))
        .await
        .unwrap();
    served.bench.stop.request();
    assert_eq!(served.serving.await.unwrap(), Drain::Finished);
    assert!(
        TcpStream::connect(served.address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_token_counts_over_its_holders_certificate_only() {
    let served = serve().await;
    let status = served.ask(served.as_role(MeshRole::Consent)).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::CallerRefused));
    assert!(served.bench.registry.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_a_good_role_certificate_there_is_no_connection() {
    let served = serve().await;
    let stranger = Authority::new();
    let gateway = MeshRole::Gateway.server_name();
    let identities = [
        None,
        Some(stranger.identity(&[gateway])),
        Some(served.authority.identity(&["gateway.example"])),
        Some(
            served
                .authority
                .identity(&[gateway, MeshRole::Consent.server_name()]),
        ),
        Some(served.authority.identity(&[])),
    ];
    for (index, identity) in identities.iter().enumerate() {
        let channel = served.channel(&served.authority, identity.as_ref());
        let status = served.ask(channel).await.unwrap_err();
        assert_eq!(
            Refusal::reason_of(&status),
            None,
            "case {index}: no answer at all"
        );
    }
    assert!(served.bench.registry.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_client_does_not_talk_to_another_role_or_authority() {
    let served = serve().await;
    let stranger = Authority::new();
    let identity = served.authority.identity(&[MeshRole::Gateway.server_name()]);
    assert!(
        served
            .ask(served.channel(&stranger, Some(&identity)))
            .await
            .is_err()
    );
    let config = client_tls(&served.authority.roots(), Some(&identity), served.bench.clock()).unwrap();
    let consent = MeshRole::Consent.server_name();
    let channel = tls_channel(&served.address.to_string(), consent, config).unwrap();
    assert!(served.ask(channel).await.is_err());
}

/// A handshake with this configuration, as far as TLS is concerned.
async fn handshake(
    served: &Served,
    config: Arc<rustls::ClientConfig>,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect(served.address).await?;
    let name = ServerName::try_from(MeshRole::Registry.server_name()).unwrap();
    tokio_rustls::TlsConnector::from(config)
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn the_handshake_is_tls_1_3_and_hybrid() {
    let served = serve().await;
    let identity = served.authority.identity(&[MeshRole::Gateway.server_name()]);
    let config = client_tls(&served.authority.roots(), Some(&identity), served.bench.clock()).unwrap();
    let stream = handshake(&served, config).await.unwrap();
    let (_, tls) = stream.get_ref();
    assert_eq!(tls.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert_eq!(
        tls.negotiated_key_exchange_group()
            .map(rustls::crypto::SupportedKxGroup::name),
        Some(rustls::NamedGroup::X25519MLKEM768)
    );
    assert_eq!(tls.alpn_protocol(), Some(b"h2".as_slice()));
}

#[tokio::test]
async fn an_expired_certificate_is_refused_on_a_resumed_session_too() {
    let served = serve().await;
    let identity = served.authority.short_lived(&[MeshRole::Gateway.server_name()]);
    let config = client_tls(&served.authority.roots(), Some(&identity), served.bench.clock()).unwrap();
    let mut byte = [0; 1];
    for resumed in [false, true] {
        let mut stream = handshake(&served, Arc::clone(&config)).await.unwrap();
        let kind = stream.get_ref().1.handshake_kind();
        assert_eq!(kind == Some(rustls::HandshakeKind::Resumed), resumed);
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1, "HTTP/2 begins");
    }
    served.bench.clock.advance(SHORT_LIVED_EXPIRED_AFTER);
    let mut stream = handshake(&served, config).await.unwrap();
    let kind = stream.get_ref().1.handshake_kind();
    assert_eq!(
        kind,
        Some(rustls::HandshakeKind::Resumed),
        "TLS itself lets it pass"
    );
    assert!(
        !matches!(stream.read(&mut byte).await, Ok(1)),
        "closed before HTTP/2 begins"
    );
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let served = serve().await;
    // Any verifier will do: the versions do not meet.
    let old = rustls::ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS12])
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let error = handshake(&served, Arc::new(old)).await.unwrap_err();
    assert!(error.to_string().contains("ProtocolVersion"), "{error}");
}

#[tokio::test]
async fn who_never_finishes_the_handshake_is_sent_away() {
    let served = serve().await;
    let mut silent = TcpStream::connect(served.address).await.unwrap();
    let handshake_max = std::time::Duration::from_secs(10);
    served.bench.timer.until_awaited(handshake_max).await;
    served.bench.timer.advance(handshake_max);
    let mut nothing = [0; 1];
    assert_eq!(
        silent.read(&mut nothing).await.unwrap(),
        0,
        "closed from the other end"
    );
    served.bench.stop.request();
    assert_eq!(served.serving.await.unwrap(), Drain::Finished);
}

#[tokio::test]
async fn a_caller_is_still_needed_over_tls() {
    let served = serve().await;
    let channel = served.as_role(MeshRole::Gateway);
    let status = RegistryServiceClient::new(channel)
        .get_organisation(get(ORGANISATION))
        .await
        .unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::CallerRefused));
    let volunteer = served.bench.client(
        served.as_role(MeshRole::Gateway),
        KeyKind::PartnerCaller,
        partner(ProfessionalRole::Volunteer),
    );
    let status = RegistryServiceClient::new(volunteer)
        .get_organisation(get(ORGANISATION))
        .await
        .unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::RoleRefused));
}
