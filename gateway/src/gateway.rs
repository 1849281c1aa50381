//! A gateway, put together and running.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use sluis_envelope::VerifyingKey;
use sluis_keyring::ServiceKeys;
use sluis_serve::{
    Caller, CallerTokenSigner, Chassis, ClientCertificate, ConnectionLimits, Directory, Drain, MeshClient,
    MeshRole, MethodTable, Side, Stamped, Stop, Timer, TlsIdentity, TlsRoots, client_verifier,
    serve_connections, server_tls,
};
use sluis_types::{Clock, Randomness};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::forward::{Forward, Front};
use crate::partner::{PartnerAdmission, arrive};
use crate::resident::Ways;
use crate::resident::offers::{Offers, Source};
use crate::resident::openid::RelyingParty;
use crate::resident::pages::{RunningPages, Site};
use crate::{Config, ResidentSide, StartError, keys};

/// What a gateway is made of besides its configuration.
pub struct Parts {
    /// The public listener, bound.
    pub listener: TcpListener,
    /// The listener of the residents' pages, bound; where they are configured and only there.
    pub pages: Option<TcpListener>,
    /// The certificate that the public listener shows.
    pub identity: TlsIdentity,
    /// Who signs the certificates of partners: the mesh's CA.
    pub partner_roots: TlsRoots,
    /// Who is in the mesh.
    pub directory: Directory,
    /// The key that matching signs the service directory with. Needed where pages are served.
    pub offers_key: Option<VerifyingKey>,
    /// The ways to the services.
    pub channels: Channels,
    /// The gateway's keys.
    pub keys: ServiceKeys,
    /// The rules of every method.
    pub table: MethodTable,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub randomness: Arc<dyn Randomness>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Ends the gateway.
    pub stop: Stop,
}

/// The ways to the services, in memory or over TLS with the gateway's role certificate.
#[derive(Clone, Debug)]
pub struct Channels {
    /// To registry.
    pub registry: Channel,
    /// To consent.
    pub consent: Channel,
    /// To referral.
    pub referral: Channel,
    /// To matching.
    pub matching: Channel,
    /// To signalling.
    pub signalling: Channel,
}

impl Channels {
    fn by_package(&self) -> [(&'static str, MeshRole, &Channel); 5] {
        [
            ("sluis.registry.v1", MeshRole::Registry, &self.registry),
            ("sluis.consent.v1", MeshRole::Consent, &self.consent),
            ("sluis.referral.v1", MeshRole::Referral, &self.referral),
            ("sluis.matching.v1", MeshRole::Matching, &self.matching),
            ("sluis.signalling.v1", MeshRole::Signalling, &self.signalling),
        ]
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    address: Option<SocketAddr>,
    resident: ResidentSide,
    login: Option<RelyingParty>,
    pages: Option<RunningPages>,
    serving: JoinHandle<Drain>,
}

impl Gateway {
    /// Starts to serve. Nobody is asked anything while starting: a service, the directory or the provider of logins
    /// that is out of reach makes calls fail closed, not the start.
    ///
    /// # Errors
    /// [`StartError`] when the configuration, the keys or the certificates cannot be.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn start(config: Config, mut parts: Parts) -> Result<Self, StartError> {
        config.check()?;
        let login = match &config.resident {
            Some(resident) => Some(RelyingParty::new(
                resident.openid.clone(),
                parts.keys.columns().clone(),
                Arc::clone(&parts.clock),
                Arc::clone(&parts.randomness),
                Arc::clone(&parts.timer),
            )?),
            None => None,
        };
        let resident = resident_side(&parts)?;
        let configured = config
            .resident
            .as_ref()
            .and_then(|resident| resident.pages.as_ref());
        let pages = match (configured, parts.pages.take(), &login) {
            (Some(pages), Some(listener), Some(login)) => {
                let site = Site::new(&resident, login, offers(&parts)?, &config, &parts)?;
                Some(RunningPages::start(pages, listener, &site, &parts)?)
            }
            (None, None, _) => None,
            _ => return Err(StartError::PagesListener),
        };
        let (open, mut health) = open_services()?;
        let public = parts
            .table
            .restricted_to([Side::Partner, Side::Enrolment].into_iter().collect());
        let signer = keys::partner_signer(&parts.keys, Arc::clone(&parts.clock))?;
        let services = parts.channels.by_package().map(|(package, role, channel)| {
            // The signer cannot speak for the operator: every request has to name its own caller.
            (
                package.to_owned(),
                way(channel, &parts.table, &signer, Caller::Operator, role),
            )
        });
        let forward = Forward::new(HashMap::from(services), open, public.clone())?;
        let admission = PartnerAdmission::new(
            config.mesh_id,
            parts.directory.clone(),
            Arc::clone(&parts.clock),
            Arc::clone(&parts.timer),
            parts.randomness.as_ref(),
        );
        let chassis = Chassis::new(public, Arc::clone(&parts.timer), admission, forward);
        let service = Front::new(chassis.leaving_the_tick_to_the_service());
        let verifier = client_verifier(&parts.partner_roots, ClientCertificate::Optional)?;
        let tls = server_tls(&parts.identity, verifier, Arc::clone(&parts.clock))?;
        let address = parts.listener.local_addr().ok();
        let stop = parts.stop.clone();
        let serving = serve_connections(
            parts.listener,
            tls,
            ConnectionLimits::PUBLIC,
            |peer| Ok(arrive(peer)),
            service,
            parts.timer,
            parts.stop,
        );
        let serving = tokio::spawn(async move {
            let silence = async {
                stop.requested().await;
                health.set_service_status("", ServingStatus::NotServing).await;
                // Whoever watches sees the status and then the end of the stream, instead of holding up the drain.
                health.clear_service_status("").await;
                std::future::pending::<()>().await;
            };
            tokio::select! {
                drain = serving => drain,
                () = silence => Drain::Finished,
            }
        });
        Ok(Self {
            address,
            resident,
            login,
            pages,
            serving,
        })
    }

    /// Where the public listener is bound, if the operating system says.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where the residents' pages are bound, if they are served.
    pub fn pages_address(&self) -> Option<SocketAddr> {
        self.pages.as_ref().and_then(RunningPages::address)
    }

    /// What residents may do.
    pub fn resident(&self) -> &ResidentSide {
        &self.resident
    }

    /// How residents log in; none where no provider is configured.
    pub fn login(&self) -> Option<&RelyingParty> {
        self.login.as_ref()
    }

    /// Waits until the listener has drained after its stop was requested.
    pub async fn ended(self) -> Drain {
        if let Some(pages) = self.pages {
            pages.ended().await;
        }
        // A panic of the accepting loop ends with nothing under way that could be waited for.
        self.serving.await.unwrap_or(Drain::CutOff { tasks: 0 })
    }
}

fn way(
    channel: &Channel,
    table: &MethodTable,
    signer: &CallerTokenSigner,
    caller: Caller,
    audience: MeshRole,
) -> MeshClient {
    Stamped::new(channel.clone(), table.clone(), signer.clone(), caller, audience)
}

fn resident_side(parts: &Parts) -> Result<ResidentSide, StartError> {
    let Channels {
        registry,
        consent,
        referral,
        matching,
        signalling,
    } = &parts.channels;
    let residents = keys::resident_signer(&parts.keys, Arc::clone(&parts.clock))?;
    let own = keys::mesh_signer(&parts.keys, Arc::clone(&parts.clock))?;
    let table = &parts.table;
    let for_residents = |channel, role| way(channel, table, &residents, Caller::Operator, role);
    let gateway = Caller::Mesh(MeshRole::Gateway);
    Ok(ResidentSide::new(
        way(consent, table, &own, gateway, MeshRole::Consent),
        Ways {
            consent: for_residents(consent, MeshRole::Consent),
            referral: for_residents(referral, MeshRole::Referral),
            matching: for_residents(matching, MeshRole::Matching),
            signalling: for_residents(signalling, MeshRole::Signalling),
            registry: for_residents(registry, MeshRole::Registry),
        },
        table.clone(),
        Arc::clone(&parts.clock),
        Arc::clone(&parts.randomness),
    ))
}

/// The service directory, fetched in the gateway's own name.
fn offers(parts: &Parts) -> Result<Offers, StartError> {
    let own = keys::mesh_signer(&parts.keys, Arc::clone(&parts.clock))?;
    let gateway = Caller::Mesh(MeshRole::Gateway);
    Ok(Offers::follow(Source {
        matching: way(
            &parts.channels.matching,
            &parts.table,
            &own,
            gateway,
            MeshRole::Matching,
        ),
        key: parts.offers_key.clone().ok_or(StartError::OffersKey)?,
        table: parts.table.clone(),
        clock: Arc::clone(&parts.clock),
        timer: Arc::clone(&parts.timer),
        stop: parts.stop.clone(),
    }))
}

/// What anybody may ask without a certificate: whether the gateway serves, and how the interface looks.
fn open_services() -> Result<(Routes, HealthReporter), StartError> {
    let reporter = HealthReporter::new();
    let health = tonic_health::server::HealthService::from_health_reporter(reporter.clone());
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(sluis_proto::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(StartError::Descriptors)?;
    let routes =
        Routes::new(tonic_health::pb::health_server::HealthServer::new(health)).add_service(reflection);
    Ok((routes, reporter))
}
