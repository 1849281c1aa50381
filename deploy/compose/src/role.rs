//! One part alone, its neighbours over mTLS with role certificates.
//!
//! Its keys directory holds its own folder, `trust.json` and the CA's certificate, as `sluisd keys` made them; no
//! other part's secrets.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use sluis_keyring::ServiceKeys;
use sluis_registry::ca::MeshCa;
use sluis_serve::{
    CallerTokenSigner, Drain, MeshRole, ServiceHost, TlsIdentity, client_tls, mesh_server_tls, tls_channel,
};
use sluis_types::Randomness;
use tonic::transport::Channel;

use crate::config::Config;
use crate::error::ComposeError;
use crate::fittings::Fittings;
use crate::keys::{ca_folder, folder, role_identity, roots};
use crate::mesh::{Invitee, certificate_authority, create_directory, invite};
use crate::services::{self, Ambient, GatewayListeners};
use crate::trust::{AllKeys, Trust, operator_key};

/// Runs one part until it is asked to stop. Its database must be migrated (`sluisd migrate`).
///
/// # Errors
/// [`ComposeError`] for what keeps it from starting.
pub async fn run_role(config: &Config, role: MeshRole, ambient: &Ambient) -> Result<Drain, ComposeError> {
    let trust = Trust::load(&config.keys_dir)?;
    let keys = ServiceKeys::load(&folder(&config.keys_dir, role), Arc::clone(&ambient.randomness))?;
    let near = Neighbours {
        config,
        role,
        ambient,
    };
    match role {
        MeshRole::Registry => {
            let ca = certificate_authority(config, ambient)?;
            let advertise = config.gateway.advertise.clone().ok_or(ComposeError::Where {
                key: "gateway.advertise",
                part: "gateway",
            })?;
            let registry = services::registry(config, &keys, &trust, ca, advertise, ambient).await?;
            let listen = config.registry.listen;
            let drain = near.serve(registry.host(), listen, "registry.listen").await;
            registry.close().await;
            drain
        }
        MeshRole::Consent => {
            let fittings = Fittings::real();
            let registry = near.registry()?;
            let consent = services::consent(config, &keys, &trust, registry, ambient, &fittings).await?;
            let drain = near
                .serve(consent.host(), config.consent.listen, "consent.listen")
                .await;
            consent.close().await;
            drain
        }
        MeshRole::Referral => {
            let (registry, consent, fittings) = (near.registry()?, near.consent()?, Fittings::real());
            let referral =
                services::referral(config, &keys, &trust, registry, consent, ambient, &fittings).await?;
            let drain = near
                .serve(referral.host(), config.referral.listen, "referral.listen")
                .await;
            referral.close().await;
            drain
        }
        MeshRole::Matching => {
            let (consent, fittings) = (near.consent()?, Fittings::real());
            let matching = services::matching(config, &keys, &trust, consent, ambient, &fittings).await?;
            let drain = near
                .serve(matching.host(), config.matching.listen, "matching.listen")
                .await;
            matching.close().await;
            drain
        }
        MeshRole::Signalling => {
            let (registry, consent, fittings) = (near.registry()?, near.consent()?, Fittings::real());
            let signalling =
                services::signalling(config, &keys, &trust, registry, consent, ambient, &fittings).await?;
            let drain = near
                .serve(signalling.host(), config.signalling.listen, "signalling.listen")
                .await;
            signalling.close().await;
            drain
        }
        MeshRole::Gateway => {
            let channels = sluis_gateway::Channels {
                registry: near.registry()?,
                consent: near.consent()?,
                referral: near.referral()?,
                matching: near.matching()?,
                signalling: near.signalling()?,
            };
            let folder = folder(&config.keys_dir, role);
            let identity = TlsIdentity::load(&folder.join("public.pem"), &folder.join("public.key"))?;
            let listeners = GatewayListeners::bind(config).await?;
            let partner_roots = roots(&config.keys_dir)?;
            let gateway = services::gateway(
                config,
                (&keys, &trust),
                listeners,
                identity,
                partner_roots,
                channels,
                ambient,
            )?;
            Ok(gateway.ended().await)
        }
        MeshRole::Operator => Err(ComposeError::Where {
            key: "role",
            part: role.name(),
        }),
    }
}

/// Makes the keys of all parts, `trust.json`, and the certificates of one part: its role certificate, and for the
/// gateway its public one. Run it where the CA is; then carry the part's folder, `trust.json` and `ca.pem` to where it
/// runs.
///
/// # Errors
/// [`ComposeError`] when something can be neither read nor made.
pub fn make_role_keys(config: &Config, role: MeshRole, ambient: &Ambient) -> Result<(), ComposeError> {
    create_directory(&config.keys_dir)?;
    let keys = AllKeys::load_or_create(&config.keys_dir, &ambient.randomness)?;
    Trust::of(&keys)?.store(&config.keys_dir)?;
    let ca = certificate_authority(config, ambient)?;
    let folder = folder(&config.keys_dir, role);
    let issued = ca.issue_role_certificate(role)?;
    write_private(&folder.join("role.pem"), issued.chain_pem.as_bytes())?;
    write_private(&folder.join("role.key"), issued.key_pem.as_bytes())?;
    if role == MeshRole::Gateway {
        let public = ca.issue_gateway_certificate(&config.gateway.names)?;
        write_private(&folder.join("public.pem"), public.chain_pem.as_bytes())?;
        write_private(&folder.join("public.key"), public.key_pem.as_bytes())?;
    }
    Ok(())
}

/// Invites an organisation from another process than the mesh's: over the registry's listener, as the operator.
///
/// # Errors
/// [`ComposeError::Where`] when the registry has no listener, [`ComposeError::Refused`] when it refuses.
pub async fn invite_from_outside(
    config: &Config,
    ambient: &Ambient,
    invitee: &Invitee,
) -> Result<String, ComposeError> {
    let randomness: Arc<dyn Randomness> = Arc::clone(&ambient.randomness);
    let operator = ServiceKeys::load(&folder(&config.keys_dir, MeshRole::Operator), randomness)?;
    let (clock, randomness) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
    let ca = match &config.ca {
        Some(files) => MeshCa::load(files, clock, randomness)?,
        None => MeshCa::load_or_create(&ca_folder(&config.keys_dir), clock, randomness)?,
    };
    let issued = ca.issue_role_certificate(MeshRole::Operator)?;
    let identity = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes())?;
    let address = config
        .registry
        .address
        .clone()
        .or(config.registry.listen.map(|listen| listen.to_string()));
    let address = address.ok_or(ComposeError::Where {
        key: "registry.listen",
        part: "registry",
    })?;
    let tls = client_tls(
        &roots(&config.keys_dir)?,
        Some(&identity),
        Arc::clone(&ambient.clock),
    )?;
    let channel = tls_channel(&address, MeshRole::Registry.server_name(), tls)?;
    let signer = CallerTokenSigner::new(Arc::new(operator_key(&operator)?), Arc::clone(&ambient.clock));
    invite(ambient, channel, signer, invitee).await
}

/// A further gateway beside a running mesh, on a port of its own, for a command that acts as a resident: its services
/// are reached over mTLS with the gateway's role certificate, where their listeners are. Run it where the CA is.
///
/// # Errors
/// [`ComposeError::Where`] when a service has no listener, and what keeps a gateway from starting.
pub async fn resident_gateway(
    config: &Config,
    ambient: &Ambient,
    resident: sluis_gateway::ResidentConfig,
) -> Result<sluis_gateway::Gateway, ComposeError> {
    let role = MeshRole::Gateway;
    let keys = ServiceKeys::load(&folder(&config.keys_dir, role), Arc::clone(&ambient.randomness))?;
    let ca = certificate_authority(config, ambient)?;
    let issued = ca.issue_role_certificate(role)?;
    let own = TlsIdentity::from_pem(issued.chain_pem.as_bytes(), issued.key_pem.as_bytes())?;
    let roots = roots(&config.keys_dir)?;
    let tls = client_tls(&roots, Some(&own), Arc::clone(&ambient.clock))?;
    let channel = |address: &Option<String>, listen: Option<SocketAddr>, key, to: MeshRole| {
        let address = address.clone().or(listen.map(|listen| listen.to_string()));
        let address = address.ok_or(ComposeError::Where { key, part: to.name() })?;
        Ok::<_, ComposeError>(tls_channel(&address, to.server_name(), Arc::clone(&tls))?)
    };
    let (registry, consent) = (&config.registry, &config.consent);
    let (referral, matching) = (&config.referral, &config.matching);
    let channels = sluis_gateway::Channels {
        registry: channel(
            &registry.address,
            registry.listen,
            "registry.listen",
            MeshRole::Registry,
        )?,
        consent: channel(
            &consent.address,
            consent.listen,
            "consent.listen",
            MeshRole::Consent,
        )?,
        referral: channel(
            &referral.address,
            referral.listen,
            "referral.listen",
            MeshRole::Referral,
        )?,
        matching: channel(
            &matching.address,
            matching.listen,
            "matching.listen",
            MeshRole::Matching,
        )?,
        signalling: channel(
            &config.signalling.address,
            config.signalling.listen,
            "signalling.listen",
            MeshRole::Signalling,
        )?,
    };
    let mut config = config.clone();
    // Residents' browsers have their gateway already.
    config.gateway.resident = Some(sluis_gateway::ResidentConfig {
        pages: None,
        ..resident
    });
    let public = ca.issue_gateway_certificate(&config.gateway.names)?;
    let public = TlsIdentity::from_pem(public.chain_pem.as_bytes(), public.key_pem.as_bytes())?;
    config.gateway.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let listeners = GatewayListeners::bind(&config).await?;
    let trust = Trust::load(&config.keys_dir)?;
    services::gateway(
        &config,
        (&keys, &trust),
        listeners,
        public,
        roots,
        channels,
        ambient,
    )
}

struct Neighbours<'a> {
    config: &'a Config,
    role: MeshRole,
    ambient: &'a Ambient,
}

impl Neighbours<'_> {
    fn registry(&self) -> Result<Channel, ComposeError> {
        self.channel(
            self.config.registry.address.as_ref(),
            "registry.address",
            MeshRole::Registry,
        )
    }

    fn consent(&self) -> Result<Channel, ComposeError> {
        self.channel(
            self.config.consent.address.as_ref(),
            "consent.address",
            MeshRole::Consent,
        )
    }

    fn referral(&self) -> Result<Channel, ComposeError> {
        self.channel(
            self.config.referral.address.as_ref(),
            "referral.address",
            MeshRole::Referral,
        )
    }

    fn matching(&self) -> Result<Channel, ComposeError> {
        self.channel(
            self.config.matching.address.as_ref(),
            "matching.address",
            MeshRole::Matching,
        )
    }

    fn signalling(&self) -> Result<Channel, ComposeError> {
        self.channel(
            self.config.signalling.address.as_ref(),
            "signalling.address",
            MeshRole::Signalling,
        )
    }

    fn channel(
        &self,
        address: Option<&String>,
        key: &'static str,
        to: MeshRole,
    ) -> Result<Channel, ComposeError> {
        let part = to.name();
        let address = address.ok_or(ComposeError::Where { key, part })?;
        let identity = role_identity(&self.config.keys_dir, self.role)?;
        let roots = roots(&self.config.keys_dir)?;
        let tls = client_tls(&roots, Some(&identity), Arc::clone(&self.ambient.clock))?;
        Ok(tls_channel(address, to.server_name(), tls)?)
    }

    async fn serve(
        &self,
        host: ServiceHost,
        listen: Option<SocketAddr>,
        key: &'static str,
    ) -> Result<Drain, ComposeError> {
        let part = self.role.name();
        let listener = services::bind(listen.ok_or(ComposeError::Where { key, part })?).await?;
        let identity = role_identity(&self.config.keys_dir, self.role)?;
        let clock = Arc::clone(&self.ambient.clock);
        let tls = mesh_server_tls(&identity, &roots(&self.config.keys_dir)?, Arc::clone(&clock))?;
        Ok(host.serve(listener, tls, clock, self.ambient.stop.clone()).await)
    }
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, contents: &[u8]) -> Result<(), ComposeError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |source| ComposeError::File {
        path: path.display().to_string(),
        source,
    };
    let _ = std::fs::remove_file(path);
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(contents))
        .map_err(failed)
}
