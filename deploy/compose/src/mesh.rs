//! The whole mesh in one process: the services are reached over in-memory channels, so small and large run the same
//! code.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use sluis_consent::Consent;
use sluis_gateway::{Channels, Gateway};
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_proto::registry::v1::{CreateInvitationRequest, OrganisationKind as WireKind};
use sluis_referral::Referral;
use sluis_registry::Registry;
use sluis_registry::ca::MeshCa;
use sluis_serve::{
    Caller, CallerTokenSigner, Drain, InMemory, MeshRole, TlsIdentity, TlsRoots, mesh_server_tls,
};
use sluis_types::{Oin, OrganisationKind, RequestId};
use tonic::transport::Channel;

use crate::config::Config;
use crate::error::ComposeError;
use crate::fittings::Fittings;
use crate::keys::{CA_FILE, ca_folder};
use crate::services::{self, Ambient};
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
    registry: Registry,
    consent: Consent,
    referral: Referral,
    /// Kept so that the services live as long as the mesh does.
    in_memory: Vec<InMemory>,
    registry_channel: Channel,
    operator: CallerTokenSigner,
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

        let listener = services::bind(config.gateway.listen).await?;
        let address = listener.local_addr().map_err(|source| ComposeError::Listen {
            address: config.gateway.listen.to_string(),
            source,
        })?;
        let advertise = config.gateway.advertise.clone().unwrap_or_else(|| address.to_string());
        let roots = TlsRoots::from_pem(ca.certificate_pem().as_bytes())?;
        let issued = ca.issue_gateway_certificate(&config.gateway.names)?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes())?;

        let registry = services::registry(config, &keys.registry, &trust, ca.clone(), advertise, &ambient).await?;
        let registry_memory = registry.host().in_memory(ambient.stop.clone());
        let consent =
            services::consent(config, &keys.consent, &trust, registry_memory.channel(), &ambient, fittings).await?;
        let consent_memory = consent.host().in_memory(ambient.stop.clone());
        let referral = services::referral(
            config,
            &keys.referral,
            &trust,
            registry_memory.channel(),
            consent_memory.channel(),
            &ambient,
            fittings,
        )
        .await?;
        let referral_memory = referral.host().in_memory(ambient.stop.clone());
        let channels = Channels {
            registry: registry_memory.channel(),
            consent: consent_memory.channel(),
            referral: referral_memory.channel(),
        };
        let gateway =
            services::gateway(config, &keys.gateway, listener, identity, roots.clone(), channels, &ambient)?;
        let operator = operator_key(&keys.operator)?;
        let mesh = Self {
            gateway,
            address,
            registry_channel: registry_memory.channel(),
            in_memory: vec![registry_memory, consent_memory, referral_memory],
            operator: CallerTokenSigner::new(Arc::new(operator), Arc::clone(&ambient.clock)),
            ambient,
            registry,
            consent,
            referral,
        };
        mesh.listen_for_operator(config, &ca, &roots).await?;
        Ok(mesh)
    }

    /// Lets the operator's commands in: the registry, over mTLS with role certificates.
    async fn listen_for_operator(&self, config: &Config, ca: &MeshCa, roots: &TlsRoots) -> Result<(), ComposeError> {
        let Some(address) = config.registry.listen else {
            return Ok(());
        };
        let listener = services::bind(address).await?;
        let issued = ca.issue_role_certificate(MeshRole::Registry)?;
        let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes())?;
        let tls = mesh_server_tls(&identity, roots, Arc::clone(&self.ambient.clock))?;
        let host = self.registry.host();
        let (clock, stop) = (Arc::clone(&self.ambient.clock), self.ambient.stop.clone());
        tokio::spawn(async move {
            if let Err(error) = host.serve(listener, tls, clock, stop).await {
                tracing::error!(error = %error, "the operator's listener ended");
            }
        });
        Ok(())
    }

    /// Where partners connect.
    pub fn address(&self) -> SocketAddr {
        self.address
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
        &self.consent
    }

    /// Invites an organisation; the reply is the only copy of the invitation's code.
    ///
    /// # Errors
    /// [`ComposeError::Refused`] when the registry refuses, for instance because it is a member already.
    pub async fn invite(&self, invitee: &Invitee) -> Result<String, ComposeError> {
        invite(&self.ambient, self.registry_channel.clone(), self.operator.clone(), invitee).await
    }

    /// Asks every part to stop and waits until what was in flight is done.
    ///
    /// # Errors
    /// [`ComposeError::Serve`] when the public listener ended with an error.
    pub async fn stop(self) -> Result<Drain, ComposeError> {
        self.ambient.stop.request();
        self.ended().await
    }

    /// Waits until the mesh was asked to stop, then until what was in flight is done.
    ///
    /// # Errors
    /// [`ComposeError::Serve`] when the public listener ended with an error.
    pub async fn ended(self) -> Result<Drain, ComposeError> {
        let drain = self.gateway.ended().await;
        for service in self.in_memory {
            service.drained().await;
        }
        self.referral.close().await;
        self.consent.close().await;
        self.registry.close().await;
        Ok(drain?)
    }
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mesh({})", self.address)
    }
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
    let kind = WireKind::try_from(i32::from(invitee.kind.number())).expect("both lists have the same numbers");
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
