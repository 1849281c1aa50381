//! What the gateway does behind its face, done by hand: speaking for residents and partners to a service's own
//! listener. The operator of a mesh can do this; the benchmark runs as one.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluis_compose::Ambient;
use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::ServiceKeys;
use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::resident_consent_service_client::ResidentConsentServiceClient;
use sluis_proto::consent::v1::resident_session_service_client::ResidentSessionServiceClient;
use sluis_registry::ca::MeshCa;
use sluis_serve::{
    Caller, CallerTokenSigner, MeshClient, MeshRole, ResidentCaller, Stamped, TlsIdentity, TlsRoots,
    client_tls, session_hash, tls_channel,
};
use sluis_types::{Oin, RequestId};

use crate::error::{BenchError, failed, refused};

/// How often it is looked whether a new organisation is known everywhere, and how far apart.
const NEWS_TRIES: u32 = 200;
const NEWS_PAUSE: Duration = Duration::from_millis(50);

/// The gateway's keys and role certificate.
pub(crate) struct Backstage {
    pub(crate) ambient: Ambient,
    pub(crate) keys: ServiceKeys,
    pub(crate) ca: MeshCa,
    pub(crate) roots: TlsRoots,
    identity: TlsIdentity,
}

/// A fictional resident with a session.
pub(crate) struct Resident {
    client: ResidentConsentServiceClient<MeshClient>,
    ambient: Ambient,
}

impl Backstage {
    pub(crate) fn open(keys_dir: &Path, ambient: Ambient) -> Result<Self, BenchError> {
        let (clock, random) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
        let ca =
            MeshCa::load_or_create(&keys_dir.join("ca"), clock, random).map_err(failed("the mesh's CA"))?;
        let issued = ca
            .issue_role_certificate(MeshRole::Gateway)
            .map_err(failed("a role certificate"))?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes());
        Ok(Self {
            keys: ServiceKeys::load(
                &keys_dir.join(MeshRole::Gateway.name()),
                Arc::clone(&ambient.randomness),
            )
            .map_err(failed("the gateway's keys"))?,
            roots: TlsRoots::from_pem(ca.certificate_pem().as_bytes()).map_err(failed("the mesh's CA"))?,
            identity: identity.map_err(failed("a role certificate"))?,
            ca,
            ambient,
        })
    }

    /// A service's own listener, over mTLS.
    pub(crate) fn channel(
        &self,
        address: SocketAddr,
        role: MeshRole,
    ) -> Result<tonic::transport::Channel, BenchError> {
        let tls = client_tls(&self.roots, Some(&self.identity), Arc::clone(&self.ambient.clock));
        tls.and_then(|tls| tls_channel(&address.to_string(), role.server_name(), tls))
            .map_err(failed("a channel to a service"))
    }

    /// What signs for the gateway itself.
    pub(crate) fn mesh_signer(&self) -> Result<CallerTokenSigner, BenchError> {
        sluis_gateway::mesh_signer(&self.keys, Arc::clone(&self.ambient.clock))
            .map_err(failed("the gateway's keys"))
    }

    /// What signs for one side of the gateway.
    pub(crate) fn signer(&self, secret: &str, kind: KeyKind) -> Result<CallerTokenSigner, BenchError> {
        let seed = self.keys.secret(secret).map_err(failed("the gateway's keys"))?;
        let key = SigningKey::from_seed(kind, seed.expose());
        Ok(CallerTokenSigner::new(
            Arc::new(key),
            Arc::clone(&self.ambient.clock),
        ))
    }

    /// A client that speaks as somebody to one of the services.
    pub(crate) fn client(
        &self,
        address: SocketAddr,
        audience: MeshRole,
        signer: CallerTokenSigner,
        caller: Caller,
    ) -> Result<MeshClient, BenchError> {
        let channel = self.channel(address, audience)?;
        Ok(Stamped::new(
            channel,
            self.ambient.table.clone(),
            signer,
            caller,
            audience,
        ))
    }

    /// Begins a session of a fictional resident.
    pub(crate) async fn resident(&self, consent: SocketAddr) -> Result<Resident, BenchError> {
        let caller = Caller::Mesh(MeshRole::Gateway);
        let client = self.client(consent, MeshRole::Consent, self.mesh_signer()?, caller)?;
        let (issuer, subject) = ("https://login.example".to_owned(), "bench".to_owned());
        let begin = wire::StartSessionRequest {
            request_id: request_id(&self.ambient),
            issuer: issuer.clone(),
            subject: subject.clone(),
            represents: String::new(),
            level_of_assurance: wire::LevelOfAssurance::Substantial.into(),
        };
        let session = ResidentSessionServiceClient::new(client)
            .start_session(begin)
            .await
            .map_err(refused("a session"))?
            .into_inner();
        let caller = Caller::Resident(ResidentCaller {
            issuer,
            subject,
            represents: None,
            session: session_hash(&session.session_token),
        });
        let signer = self.signer("resident-caller", KeyKind::ResidentCaller)?;
        let client = self.client(consent, MeshRole::Consent, signer, caller)?;
        Ok(Resident {
            client: ResidentConsentServiceClient::new(client),
            ambient: self.ambient.clone(),
        })
    }
}

impl Resident {
    /// A link code for an organisation, as soon as consent has heard from the registry that it is there.
    pub(crate) async fn code_for(&self, organisation: Oin) -> Result<String, BenchError> {
        let mut tries = 0;
        loop {
            let ask = wire::CreateLinkCodeRequest {
                request_id: request_id(&self.ambient),
                oin: organisation.to_string(),
            };
            match self.client.clone().create_link_code(ask).await {
                Ok(reply) => return Ok(reply.into_inner().code),
                Err(status) if tries == NEWS_TRIES => return Err(refused("a link code")(status)),
                Err(_) => tokio::time::sleep(NEWS_PAUSE).await,
            }
            tries += 1;
        }
    }

    /// Grants everything that is asked.
    pub(crate) async fn grant_all(&self) -> Result<(), BenchError> {
        let mut client = self.client.clone();
        let asked = client
            .list_proposals(wire::ListProposalsRequest {})
            .await
            .map_err(refused("the proposals"))?;
        for pending in asked.into_inner().proposals {
            let grant = wire::GrantConsentRequest {
                request_id: request_id(&self.ambient),
                proposal_id: pending.proposal_id,
                provisions: pending
                    .proposal
                    .map(|proposal| proposal.provisions)
                    .unwrap_or_default(),
                valid_days: 0,
                notice: Some(wire::Notice {
                    notice_id: "share-consent".to_owned(),
                    version: 1,
                    language: "nl".to_owned(),
                    sha256: vec![7; 32].into(),
                }),
            };
            client.grant_consent(grant).await.map_err(refused("granting"))?;
        }
        Ok(())
    }
}

fn request_id(ambient: &Ambient) -> String {
    RequestId::random(&*ambient.randomness).to_string()
}
