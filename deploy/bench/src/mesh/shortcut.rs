//! An echo in the place of the referral service: once behind a gateway, once alone on its own listener.
//!
//! Certificate, JWT, rate limit, caller token and chassis are all there; handler and store are not.

use std::net::SocketAddr;
use std::sync::Arc;

use prost::Message as _;
use sluis_compose::Mesh;
use sluis_envelope::KeyKind;
use sluis_gateway::{Channels, Gateway};
use sluis_proto::referral::v1::SubmitMessageRequest;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, Directory, InMemory, MeshRole, PartnerCaller,
    ServiceHost, TlsIdentity, jwt_hash, mesh_server_tls, message_hash, professional_pseudonym,
};
use sluis_types::ProfessionalRole;
use tokio::net::TcpListener;
use tonic::metadata::{MetadataMap, MetadataValue};

use super::backstage::Backstage;
use super::{Seat, World, listener};
use crate::connect::Credentials;
use crate::error::{BenchError, failed};
use crate::load::Load;
use crate::yardstick::echo::{self, Echo};

/// The metadata that a caller token travels in.
const CALLER_TOKEN: &str = "sluis-caller-bin";
const SUBMIT: &str = "/sluis.referral.v1.ReferralService/SubmitMessage";

/// The echo, and the two ways to it.
pub(crate) struct Shortcut {
    gateway: SocketAddr,
    host: SocketAddr,
    client: Credentials,
    signer: CallerTokenSigner,
    /// Kept so that it goes on serving.
    _running: (Gateway, InMemory),
}

impl Shortcut {
    pub(super) async fn start(backstage: &Backstage, mesh: &Mesh) -> Result<Self, BenchError> {
        let ambient = &backstage.ambient;
        let host = || -> Result<ServiceHost, BenchError> {
            let issuers = sluis_gateway::public_keys(&backstage.keys)
                .map_err(failed("the gateway's keys"))?
                .issuers();
            let verifier = CallerTokenVerifier::new(MeshRole::Referral, issuers, Arc::clone(&ambient.clock));
            Ok(
                ServiceHost::new(ambient.table.clone(), verifier, Arc::clone(&ambient.timer))
                    .add_service(Echo),
            )
        };
        let memory = host()?.in_memory(ambient.stop.clone());
        let issued = backstage
            .ca
            .issue_role_certificate(MeshRole::Referral)
            .map_err(failed("a role certificate"))?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes());
        let tls = identity
            .and_then(|identity| mesh_server_tls(&identity, &backstage.roots, Arc::clone(&ambient.clock)))
            .map_err(failed("the TLS of the echo's host"))?;
        let (bound, direct) = bind().await?;
        let serving = host()?.serve(bound, tls, Arc::clone(&ambient.clock), ambient.stop.clone());
        tokio::spawn(serving);

        let registry = listener(mesh.listeners().registry)?;
        let us = Caller::Mesh(MeshRole::Gateway);
        let client = backstage.client(registry, MeshRole::Registry, backstage.mesh_signer()?, us)?;
        let directory = Directory::follow(
            client,
            Arc::clone(&ambient.clock),
            Arc::clone(&ambient.timer),
            ambient.stop.clone(),
        );
        directory.ready().await;
        let consent = listener(mesh.listeners().consent)?;
        let issued = backstage
            .ca
            .issue_gateway_certificate(&[super::seat::GATEWAY_NAME])
            .map_err(failed("a certificate"))?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes());
        let (bound, address) = bind().await?;
        let parts = sluis_gateway::Parts {
            listener: bound,
            pages: None,
            identity: identity.map_err(failed("a certificate"))?,
            partner_roots: backstage.roots.clone(),
            directory,
            offers_key: None,
            channels: Channels {
                registry: backstage.channel(registry, MeshRole::Registry)?,
                consent: backstage.channel(consent, MeshRole::Consent)?,
                referral: memory.channel(),
                matching: memory.channel(),
                signalling: memory.channel(),
            },
            keys: backstage.keys.clone(),
            table: ambient.table.clone(),
            clock: Arc::clone(&ambient.clock),
            randomness: Arc::clone(&ambient.randomness),
            timer: Arc::clone(&ambient.timer),
            stop: ambient.stop.clone(),
        };
        let settings = sluis_gateway::Config {
            mesh_id: "mesh.bench".to_owned(),
            resident: None,
        };
        let gateway = Gateway::start(settings, parts).map_err(failed("a gateway before the echo"))?;
        let role = backstage
            .ca
            .issue_role_certificate(MeshRole::Gateway)
            .map_err(failed("a role certificate"))?;
        Ok(Self {
            gateway: address,
            host: direct,
            client: Credentials {
                ca: backstage.ca.certificate_pem().to_owned(),
                chain: role.chain_pem,
                key: role.key_pem.to_string(),
            },
            signer: backstage.signer("partner-caller", KeyKind::PartnerCaller)?,
            _running: (gateway, memory),
        })
    }

    /// The echo through the gateway, as partners call.
    pub(crate) async fn through_gateway(
        &self,
        world: &World,
        clients: usize,
        each: usize,
        request: &Arc<SubmitMessageRequest>,
    ) -> Result<Load, BenchError> {
        let mut callers = Vec::with_capacity(clients);
        for client in 0..clients {
            let seat = &world.pairs[client % world.pairs.len()].sender;
            let channel = seat.connect(self.gateway).await?;
            callers.push(echo::Caller::new(
                ReferralServiceClient::new(channel),
                seat.metadata()?,
            ));
        }
        echo::call_all(callers, each, request).await
    }

    /// The echo on its own listener, as the gateway would call it from another machine. The caller token is made
    /// before the clock starts: making it is the gateway's work.
    pub(crate) async fn directly(
        &self,
        seat: &Seat,
        clients: usize,
        each: usize,
        request: &Arc<SubmitMessageRequest>,
    ) -> Result<Load, BenchError> {
        let caller = Caller::Partner(PartnerCaller {
            organisation: seat.oin,
            professional: professional_pseudonym(seat.oin, "bench"),
            role: ProfessionalRole::Professional,
            jwt_hash: jwt_hash("bench"),
        });
        let hash = message_hash(&request.encode_to_vec());
        let mut callers = Vec::with_capacity(clients);
        for _ in 0..clients {
            let token = self
                .signer
                .sign(&caller, MeshRole::Referral, SUBMIT, &hash)
                .map_err(failed("a caller token"))?;
            let mut metadata = MetadataMap::new();
            metadata.insert_bin(CALLER_TOKEN, MetadataValue::from_bytes(&token));
            let channel = self
                .client
                .connect(self.host, MeshRole::Referral.server_name())
                .await?;
            callers.push(echo::Caller::new(ReferralServiceClient::new(channel), metadata));
        }
        echo::call_all(callers, each, request).await
    }
}

async fn bind() -> Result<(TcpListener, SocketAddr), BenchError> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(failed("a port"))?;
    let address = listener.local_addr().map_err(failed("a port"))?;
    Ok((listener, address))
}
