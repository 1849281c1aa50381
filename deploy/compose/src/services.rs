//! Starting each part, wherever its neighbours are.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use sluis_consent::Consent;
use sluis_envelope::KeyKind;
use sluis_gateway::Gateway;
use sluis_keyring::{FileBucketKeys, FileEpochKeys, ServiceKeys, refuse_nested};
use sluis_matching::Matching;
use sluis_referral::Referral;
use sluis_registry::Registry;
use sluis_registry::ca::MeshCa;
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, Directory, MeshClient, MeshRole, MethodTable, Stamped,
    Stop, Timer, TlsIdentity, TlsRoots, TokioTimer,
};
use sluis_signalling::Signalling;
use sluis_types::{Clock, OsRandomness, Randomness, SystemClock};
use tokio::net::TcpListener;
use tonic::transport::Channel;

use crate::config::Config;
use crate::error::ComposeError;
use crate::fittings::Fittings;
use crate::trust::Trust;

/// Time, chance, the rules of the interface and the wish to stop: what every part is given.
#[derive(Clone, Debug)]
pub struct Ambient {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub randomness: Arc<dyn Randomness>,
    /// The timer.
    pub timer: Arc<dyn Timer>,
    /// The rules on methods.
    pub table: MethodTable,
    /// Ends everything.
    pub stop: Stop,
}

impl Ambient {
    /// This machine's clock, randomness and timer.
    ///
    /// # Errors
    /// [`ComposeError::Rules`] when a method has no rules.
    pub fn system() -> Result<Self, ComposeError> {
        Ok(Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(OsRandomness),
            timer: Arc::new(TokioTimer::new()),
            table: MethodTable::of_mesh()?,
            stop: Stop::new(),
        })
    }

    /// A client that speaks as one part to another.
    pub(crate) fn client(
        &self,
        channel: Channel,
        signer: CallerTokenSigner,
        caller: Caller,
        audience: MeshRole,
    ) -> MeshClient {
        Stamped::new(channel, self.table.clone(), signer, caller, audience)
    }

    /// Who is in the mesh, as the registry tells one part.
    fn directory(&self, registry: Channel, signer: CallerTokenSigner, role: MeshRole) -> Directory {
        let client = self.client(registry, signer, Caller::Mesh(role), MeshRole::Registry);
        Directory::follow(
            client,
            Arc::clone(&self.clock),
            Arc::clone(&self.timer),
            self.stop.clone(),
        )
    }
}

/// Starts the registry on a migrated database. `advertise` is the gateway's address for invitations.
pub(crate) async fn registry(
    config: &Config,
    keys: &ServiceKeys,
    trust: &Trust,
    ca: MeshCa,
    advertise: String,
    ambient: &Ambient,
) -> Result<Registry, ComposeError> {
    let settings = sluis_registry::Config {
        mesh_id: config.mesh_id.clone(),
        gateway: advertise,
        gateway_name: config.gateway.names[0].clone(),
        ca: config.ca.clone(),
    };
    let pins = sluis_registry::MeshPins {
        grant_token: trust.grant_token.verifying(KeyKind::GrantToken)?,
        receipt: trust.receipt.verifying(KeyKind::Receipt)?,
        consent_log: trust.consent_log.verifying(KeyKind::Log)?,
        referral_log: trust.referral_log.verifying(KeyKind::Log)?,
        circle: trust.circle.verifying(KeyKind::Circle)?,
        directory: trust.directory.verifying(KeyKind::Directory)?,
        signalling_receipt: trust.signalling_receipt.verifying(KeyKind::Receipt)?,
        match_statement: trust.match_statement.verifying(KeyKind::Match)?,
        matching_log: trust.matching_log.verifying(KeyKind::Log)?,
        signalling_log: trust.signalling_log.verifying(KeyKind::Log)?,
    };
    let parts = sluis_registry::Parts {
        store: config.registry_store()?,
        keys: keys.clone(),
        ca,
        pins,
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
        timer: Arc::clone(&ambient.timer),
        verifier: verifier(MeshRole::Registry, trust.registry_issuers()?, ambient),
        table: ambient.table.clone(),
        stop: ambient.stop.clone(),
    };
    let registry = Registry::start(settings, parts).await?;
    tokio::spawn(registry.jobs());
    Ok(registry)
}

/// Starts consent on a migrated database.
pub(crate) async fn consent(
    config: &Config,
    keys: &ServiceKeys,
    trust: &Trust,
    registry: Channel,
    ambient: &Ambient,
    fittings: &Fittings,
) -> Result<Consent, ComposeError> {
    refuse_backed_up(config)?;
    let bucket_keys = FileBucketKeys::open(&config.bucket_dir(), Arc::clone(&ambient.randomness))?;
    let ledger = sluis_consent::ledger(keys, &config.mesh_id, Arc::clone(&ambient.randomness))?;
    let signer = sluis_consent::mesh_signer(keys, Arc::clone(&ambient.clock))?;
    let notices = config.consent.notices.as_ref().map(|settings| {
        let (clock, randomness) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
        sluis_consent::mail_sender(settings, clock, randomness).map(|sender| sluis_consent::Notices {
            sender,
            pages_url: settings.pages_url.clone(),
        })
    });
    let parts = sluis_consent::Parts {
        store: config.consent_store()?,
        keys: keys.clone(),
        codec: (fittings.consent_codec)(keys.row_codec()),
        index: (fittings.consent_index)(keys.blind_index()),
        journal: (fittings.consent_journal)(Arc::new(ledger.clone())),
        ledger,
        bucket_keys: (fittings.bucket_keys)(Arc::new(bucket_keys)),
        liveness: Arc::clone(&fittings.liveness),
        directory: ambient.directory(registry, signer, MeshRole::Consent),
        receipt_key: trust.receipt.verifying(KeyKind::Receipt)?,
        signalling: Some(sluis_consent::SignallingKeys {
            receipt: trust.signalling_receipt.verifying(KeyKind::Receipt)?,
            matches: trust.match_statement.verifying(KeyKind::Match)?,
        }),
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
        timer: Arc::clone(&ambient.timer),
        verifier: verifier(MeshRole::Consent, trust.consent_issuers()?, ambient),
        table: ambient.table.clone(),
        stop: ambient.stop.clone(),
        notices: notices.transpose()?,
    };
    let settings = sluis_consent::Config {
        single_node: config.consent.single_node,
    };
    let consent = Consent::start(settings, parts).await?;
    tokio::spawn(consent.jobs());
    Ok(consent)
}

/// Refuses bucket keys that lie where backups are made of: such a backup would reopen what was withdrawn.
fn refuse_backed_up(config: &Config) -> Result<(), ComposeError> {
    refuse_nested(&config.data_dir, &config.bucket_dir())?;
    refuse_nested(&config.keys_dir, &config.bucket_dir())?;
    let sqlite = config
        .consent
        .database
        .as_ref()
        .and_then(|url| url.expose().strip_prefix("sqlite:"));
    match sqlite.and_then(|file| Path::new(file).parent()) {
        Some(folder) if !folder.as_os_str().is_empty() => Ok(refuse_nested(folder, &config.bucket_dir())?),
        _ => Ok(()),
    }
}

/// Starts referral on a migrated database.
pub(crate) async fn referral(
    config: &Config,
    keys: &ServiceKeys,
    trust: &Trust,
    registry: Channel,
    consent: Channel,
    ambient: &Ambient,
    fittings: &Fittings,
) -> Result<Referral, ComposeError> {
    let ledger = sluis_referral::ledger(keys, &config.mesh_id, Arc::clone(&ambient.randomness))?;
    let signer = sluis_referral::mesh_signer(keys, Arc::clone(&ambient.clock))?;
    let role = Caller::Mesh(MeshRole::Referral);
    let parts = sluis_referral::Parts {
        store: config.referral_store()?,
        keys: keys.clone(),
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
        timer: Arc::clone(&ambient.timer),
        verifier: verifier(MeshRole::Referral, trust.referral_issuers()?, ambient),
        table: ambient.table.clone(),
        stop: ambient.stop.clone(),
        directory: ambient.directory(registry, signer.clone(), MeshRole::Referral),
        consent: ambient.client(consent, signer, role, MeshRole::Consent),
        consent_keys: sluis_referral::ConsentKeys {
            grant_token: vec![trust.grant_token.verifying(KeyKind::GrantToken)?],
            ticket: vec![trust.ticket.verifying(KeyKind::Ticket)?],
        },
        journal: Arc::new(ledger.clone()),
        ledger,
        codec: (fittings.referral_codec)(keys.row_codec()),
        index: (fittings.referral_index)(keys.blind_index()),
    };
    let mut settings = sluis_referral::Config::default();
    if let Some(days) = config.referral.mailbox_event_days {
        settings.mailbox_event_days = days;
    }
    let referral = Referral::start(settings, parts).await?;
    tokio::spawn(referral.jobs());
    Ok(referral)
}

/// Starts matching on a migrated database.
pub(crate) async fn matching(
    config: &Config,
    keys: &ServiceKeys,
    trust: &Trust,
    consent: Channel,
    ambient: &Ambient,
    fittings: &Fittings,
) -> Result<Matching, ComposeError> {
    let ledger = sluis_matching::ledger(keys, &config.mesh_id, Arc::clone(&ambient.randomness))?;
    let signer = sluis_matching::mesh_signer(keys, Arc::clone(&ambient.clock))?;
    let role = Caller::Mesh(MeshRole::Matching);
    let parts = sluis_matching::Parts {
        store: config.matching_store()?,
        keys: keys.clone(),
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
        timer: Arc::clone(&ambient.timer),
        verifier: verifier(MeshRole::Matching, trust.matching_issuers()?, ambient),
        table: ambient.table.clone(),
        stop: ambient.stop.clone(),
        consent: ambient.client(consent, signer, role, MeshRole::Consent),
        consent_keys: sluis_matching::ConsentKeys {
            grant_token: vec![trust.grant_token.verifying(KeyKind::GrantToken)?],
            ticket: vec![trust.ticket.verifying(KeyKind::Ticket)?],
        },
        journal: Arc::new(ledger.clone()),
        ledger,
        codec: (fittings.matching_codec)(keys.row_codec()),
        index: (fittings.matching_index)(keys.blind_index()),
    };
    let matching = Matching::start(parts).await?;
    tokio::spawn(matching.jobs());
    Ok(matching)
}

/// Starts signalling on a migrated database.
pub(crate) async fn signalling(
    config: &Config,
    keys: &ServiceKeys,
    trust: &Trust,
    registry: Channel,
    consent: Channel,
    ambient: &Ambient,
    fittings: &Fittings,
) -> Result<Signalling, ComposeError> {
    // A backup of a pepper would find again what its epoch's end made unfindable.
    refuse_nested(&config.data_dir, &config.epoch_dir())?;
    refuse_nested(&config.keys_dir, &config.epoch_dir())?;
    let epochs = FileEpochKeys::open(&config.epoch_dir(), Arc::clone(&ambient.randomness))?;
    let ledger = sluis_signalling::ledger(keys, &config.mesh_id, Arc::clone(&ambient.randomness))?;
    let signer = sluis_signalling::mesh_signer(keys, Arc::clone(&ambient.clock))?;
    let role = Caller::Mesh(MeshRole::Signalling);
    let parts = sluis_signalling::Parts {
        store: config.signalling_store()?,
        keys: keys.clone(),
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
        timer: Arc::clone(&ambient.timer),
        verifier: verifier(MeshRole::Signalling, trust.signalling_issuers()?, ambient),
        table: ambient.table.clone(),
        stop: ambient.stop.clone(),
        directory: ambient.directory(registry, signer.clone(), MeshRole::Signalling),
        consent: ambient.client(consent, signer, role, MeshRole::Consent),
        consent_keys: sluis_signalling::ConsentKeys {
            grant_token: vec![trust.grant_token.verifying(KeyKind::GrantToken)?],
            circle: vec![trust.circle.verifying(KeyKind::Circle)?],
            ticket: vec![trust.ticket.verifying(KeyKind::Ticket)?],
        },
        epochs: (fittings.signalling_epochs)(Arc::new(epochs)),
        journal: Arc::new(ledger.clone()),
        ledger,
        codec: (fittings.signalling_codec)(keys.row_codec()),
        index: (fittings.signalling_index)(keys.blind_index()),
    };
    let mut settings = sluis_signalling::Config::default();
    if let Some(days) = config.signalling.match_event_days {
        settings.match_event_days = days;
    }
    let signalling = Signalling::start(settings, parts).await?;
    tokio::spawn(signalling.jobs());
    Ok(signalling)
}

/// Where a gateway listens.
pub(crate) struct GatewayListeners {
    /// For partners.
    pub(crate) partners: TcpListener,
    /// For residents' browsers, where pages are configured.
    pub(crate) pages: Option<TcpListener>,
}

impl GatewayListeners {
    /// Binds what the configuration says.
    pub(crate) async fn bind(config: &Config) -> Result<Self, ComposeError> {
        let resident = config.gateway.resident.as_ref();
        let pages = match resident.and_then(|resident| resident.pages.as_ref()) {
            Some(pages) => Some(bind(pages.listen).await?),
            None => None,
        };
        Ok(Self {
            partners: bind(config.gateway.listen).await?,
            pages,
        })
    }
}

/// Starts the gateway on bound listeners.
pub(crate) fn gateway(
    config: &Config,
    (keys, trust): (&ServiceKeys, &Trust),
    listeners: GatewayListeners,
    identity: TlsIdentity,
    partner_roots: TlsRoots,
    channels: sluis_gateway::Channels,
    ambient: &Ambient,
) -> Result<Gateway, ComposeError> {
    let signer = sluis_gateway::mesh_signer(keys, Arc::clone(&ambient.clock))?;
    let parts = sluis_gateway::Parts {
        listener: listeners.partners,
        pages: listeners.pages,
        identity,
        partner_roots,
        directory: ambient.directory(channels.registry.clone(), signer, MeshRole::Gateway),
        offers_key: Some(trust.directory.verifying(KeyKind::Directory)?),
        channels,
        keys: keys.clone(),
        table: ambient.table.clone(),
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
        timer: Arc::clone(&ambient.timer),
        stop: ambient.stop.clone(),
    };
    Ok(Gateway::start(config.gateway_settings(), parts)?)
}

/// Binds an address.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, ComposeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ComposeError::Listen {
            address: address.to_string(),
            source,
        })
}

fn verifier(
    audience: MeshRole,
    issuers: Vec<sluis_serve::TrustedIssuer>,
    ambient: &Ambient,
) -> CallerTokenVerifier {
    CallerTokenVerifier::new(audience, issuers, Arc::clone(&ambient.clock))
}
