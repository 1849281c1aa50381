//! The whole mesh in one process: the services are reached over in-memory channels, so small and large run the same
//! code.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use sluis_consent::Consent;
use sluis_gateway::Gateway;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_proto::registry::v1::{CreateInvitationRequest, OrganisationKind as WireKind};
use sluis_registry::ca::MeshCa;
use sluis_serve::{Caller, CallerTokenSigner, Drain, MeshRole, TlsIdentity, TlsRoots, mesh_server_tls};
use sluis_types::{Oin, OrganisationKind, RequestId};
use tokio::net::TcpListener;
use tonic::transport::Channel;

use crate::config::Config;
use crate::error::ComposeError;
use crate::fittings::Fittings;
use crate::in_process::{InProcess, Materials};
use crate::keys::{CA_FILE, ca_folder};
use crate::services::{self, Ambient, GatewayListeners};
use crate::trust::{AllKeys, Trust, operator_key};

/// An organisation that is to be invited.
#[derive(Clone, Debug)]
pub struct Invitee {
    /// Its OIN.
    pub oin: Oin,
    /// Its name as people know it.
    pub display_name: String,
    /// What it is to the mesh.
    pub kind: OrganisationKind,
    /// Contact function and telephone number; no names of people.
    pub contact: String,
}

/// A running mesh, all in one process.
pub struct Mesh {
    ambient: Ambient,
    gateway: Gateway,
    address: SocketAddr,
    services: InProcess,
    operator: CallerTokenSigner,
    listeners: Listeners,
}

/// Where the services listen for the operator's commands and for roles that run apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listeners {
    /// The registry.
    pub registry: Option<SocketAddr>,
    /// Consent.
    pub consent: Option<SocketAddr>,
    /// Referral.
    pub referral: Option<SocketAddr>,
    /// Matching.
    pub matching: Option<SocketAddr>,
    /// Signalling.
    pub signalling: Option<SocketAddr>,
}

impl Mesh {
    /// Makes what is missing (directories, keys, CA), migrates, and starts every part.
    ///
    /// # Errors
    /// [`ComposeError`] for the first part that does not start.
    pub async fn start(config: &Config, ambient: Ambient, fittings: &Fittings) -> Result<Self, ComposeError> {
        create_directory(&config.data_dir)?;
        create_directory(&config.keys_dir)?;
        let keys = AllKeys::load_or_create(&config.keys_dir, &ambient.randomness)?;
        let trust = Trust::of(&keys)?;
        trust.store(&config.keys_dir)?;
        let ca = certificate_authority(config, &ambient)?;
        migrate(config).await?;

        let listeners = GatewayListeners::bind(config).await?;
        let address = bound(&listeners.partners, config.gateway.listen)?;
        let advertise = config
            .gateway
            .advertise
            .clone()
            .unwrap_or_else(|| address.to_string());
        let roots = TlsRoots::from_pem(ca.certificate_pem().as_bytes())?;
        let issued = ca.issue_gateway_certificate(&config.gateway.names)?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes())?;

        let services = InProcess::start(
            config,
            Materials {
                keys: &keys,
                trust: &trust,
                ca: &ca,
                advertise,
                ambient: &ambient,
                fittings,
            },
        )
        .await?;
        let gateway = services::gateway(
            config,
            (&keys.gateway, &trust),
            listeners,
            identity,
            roots.clone(),
            services.channels(),
            &ambient,
        )?;
        let operator = operator_key(&keys.operator)?;
        let mut mesh = Self {
            gateway,
            address,
            operator: CallerTokenSigner::new(Arc::new(operator), Arc::clone(&ambient.clock)),
            ambient,
            services,
            listeners: Listeners::default(),
        };
        mesh.listeners = mesh.listen_where_asked(config, &ca, &roots).await?;
        Ok(mesh)
    }

    async fn listen_where_asked(
        &self,
        config: &Config,
        ca: &MeshCa,
        roots: &TlsRoots,
    ) -> Result<Listeners, ComposeError> {
        let listen = |role, address| self.listen(role, address, ca, roots);
        Ok(Listeners {
            registry: listen(MeshRole::Registry, config.registry.listen).await?,
            consent: listen(MeshRole::Consent, config.consent.listen).await?,
            referral: listen(MeshRole::Referral, config.referral.listen).await?,
            matching: listen(MeshRole::Matching, config.matching.listen).await?,
            signalling: listen(MeshRole::Signalling, config.signalling.listen).await?,
        })
    }

    /// Lets the operator's commands and roles that run apart in, over mTLS with role certificates.
    async fn listen(
        &self,
        role: MeshRole,
        address: Option<SocketAddr>,
        ca: &MeshCa,
        roots: &TlsRoots,
    ) -> Result<Option<SocketAddr>, ComposeError> {
        let Some(address) = address else {
            return Ok(None);
        };
        let listener = services::bind(address).await?;
        let bound = bound(&listener, address)?;
        let issued = ca.issue_role_certificate(role)?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes())?;
        let tls = mesh_server_tls(&identity, roots, Arc::clone(&self.ambient.clock))?;
        let host = self.services.host(role);
        let (clock, stop) = (Arc::clone(&self.ambient.clock), self.ambient.stop.clone());
        tokio::spawn(host.serve(listener, tls, clock, stop));
        Ok(Some(bound))
    }

    /// Where partners connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the services listen beside the gateway.
    pub fn listeners(&self) -> Listeners {
        self.listeners
    }

    /// The gateway: its resident side, and the login.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// What every part was given.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// The consent service, for its timers.
    pub fn consent(&self) -> &Consent {
        self.services.consent()
    }

    /// Invites an organisation; the reply is the only copy of the invitation's code.
    ///
    /// # Errors
    /// [`ComposeError::Refused`] when the registry refuses, for instance because it is a member already.
    pub async fn invite(&self, invitee: &Invitee) -> Result<String, ComposeError> {
        invite(
            &self.ambient,
            self.services.registry_channel(),
            self.operator.clone(),
            invitee,
        )
        .await
    }

    /// Asks every part to stop and waits until what was in flight is done.
    pub async fn stop(self) -> Drain {
        self.ambient.stop.request();
        self.ended().await
    }

    /// Waits until the mesh was asked to stop, then until what was in flight is done.
    pub async fn ended(self) -> Drain {
        let drain = self.gateway.ended().await;
        self.services.ended().await;
        drain
    }
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mesh({})", self.address)
    }
}

/// Where a listener really listens: port 0 asks for any.
fn bound(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, ComposeError> {
    listener.local_addr().map_err(|source| ComposeError::Listen {
        address: asked.to_string(),
        source,
    })
}

/// Brings every database to the newest schema. Returns what was applied.
///
/// # Errors
/// [`ComposeError::Migrate`] when one cannot be.
pub async fn migrate(config: &Config) -> Result<Vec<String>, ComposeError> {
    let mut applied = Vec::new();
    for (store, schema) in [
        (config.registry_store()?, sluis_registry::schema()),
        (config.consent_store()?, sluis_consent::schema()),
        (config.referral_store()?, sluis_referral::schema()),
        (config.matching_store()?, sluis_matching::schema()),
        (config.signalling_store()?, sluis_signalling::schema()),
    ] {
        applied.extend(sluis_store::migrate(&store, &schema).await?);
    }
    Ok(applied)
}

/// The configured certificate authority, or one in the keys directory. Its certificate is put beside the keys.
pub(crate) fn certificate_authority(config: &Config, ambient: &Ambient) -> Result<MeshCa, ComposeError> {
    let (clock, randomness) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
    let ca = match &config.ca {
        Some(files) => MeshCa::load(files, clock, randomness)?,
        None => MeshCa::load_or_create(&ca_folder(&config.keys_dir), clock, randomness)?,
    };
    let path = config.keys_dir.join(CA_FILE);
    std::fs::write(&path, ca.certificate_pem()).map_err(|source| ComposeError::File {
        path: path.display().to_string(),
        source,
    })?;
    Ok(ca)
}

/// Makes a directory that only its owner can enter.
pub(crate) fn create_directory(path: &Path) -> Result<(), ComposeError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| ComposeError::Directory {
            path: path.display().to_string(),
            source,
        })
}

pub(crate) async fn invite(
    ambient: &Ambient,
    registry: Channel,
    operator: CallerTokenSigner,
    invitee: &Invitee,
) -> Result<String, ComposeError> {
    let client = ambient.client(registry, operator, Caller::Operator, MeshRole::Registry);
    let kind =
        WireKind::try_from(i32::from(invitee.kind.number())).expect("both lists have the same numbers");
    let reply = RegistryServiceClient::new(client)
        .create_invitation(CreateInvitationRequest {
            request_id: RequestId::random(&*ambient.randomness).to_string(),
            oin: invitee.oin.to_string(),
            display_name: invitee.display_name.clone(),
            kind: kind.into(),
            contact: invitee.contact.clone(),
        })
        .await
        .map_err(|status| ComposeError::Refused(status.message().to_owned()))?;
    Ok(reply.into_inner().invitation)
}
