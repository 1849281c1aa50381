//! The mesh of the play, its provider, and its five partners.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use sluis_client::{Environment, Invitation, MailboxEvent, Partner, Professional, Profile};
use sluis_compose::{Ambient, Config, Invitee, Mesh};
use sluis_gateway::{PagesConfig, ResidentConfig};
use sluis_types::{Oin, ProfessionalRole};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::Scene;
use super::people::{ORGANISATIONS, Who};
use crate::DemoError;
use crate::attacker::DrawnRandomness;
use crate::calendar::Calendar;
use crate::provider::{Provider, resident_config};
use crate::tap::Tap;

/// Name of the play's mesh.
const MESH_ID: &str = "sluis.demo";
/// How long one waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(15);

/// The mesh of the play and who is in it.
pub(super) struct House {
    pub(super) mesh: Mesh,
    pub(super) config: Config,
    pub(super) provider: Provider,
    /// The address of the residents' pages, without a path.
    pub(super) site: String,
    partners: Vec<Arc<Partner>>,
    pub(super) tap: Tap,
    pub(super) drawn: DrawnRandomness,
    /// The clock of the mesh and its partners.
    pub(super) calendar: Arc<Calendar>,
    directory: TempDir,
}

impl House {
    /// Boots a mesh with these parts in a directory of its own.
    pub(super) async fn boot(
        scene: &Scene,
        ambient: &Ambient,
        calendar: &Arc<Calendar>,
    ) -> Result<Self, DemoError> {
        let directory = tempfile::Builder::new()
            .prefix("sluis-demo-")
            .tempdir()
            .map_err(DemoError::file("make a directory in", &std::env::temp_dir()))?;
        let keys_dir = directory.path().join("keys");
        let (clock, randomness) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
        let provider = Provider::start(0, &keys_dir, clock, randomness, ambient.stop.clone()).await?;
        let pages = free_address()?;
        let config = configuration(directory.path(), &provider, pages);
        let mesh = Mesh::start(&config, ambient.clone(), &scene.fittings).await?;
        let drawn = DrawnRandomness::default();
        let (partners, tap) = enrol(directory.path(), &mesh, scene, &drawn).await?;
        Ok(Self {
            mesh,
            config,
            provider,
            site: format!("http://{pages}"),
            partners,
            tap,
            drawn,
            calendar: Arc::clone(calendar),
            directory,
        })
    }

    pub(super) fn partner(&self, who: Who) -> &Arc<Partner> {
        &self.partners[who as usize]
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn profile(&self, who: Who) -> PathBuf {
        profile_dir(self.directory.path(), who as usize)
    }
}

/// The OIN of a partner.
pub(super) fn oin(who: Who) -> Oin {
    ORGANISATIONS[who as usize]
        .oin
        .parse()
        .expect("the table holds OINs")
}

fn profile_dir(directory: &Path, number: usize) -> PathBuf {
    directory.join("partners").join(ORGANISATIONS[number].folder)
}

/// A loopback address that nobody has now. The pages' address stands in their own configuration, so that they cannot
/// take just any.
fn free_address() -> Result<SocketAddr, DemoError> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bound = TcpListener::bind(any).and_then(|listener| listener.local_addr());
    bound.map_err(|source| DemoError::Io {
        what: "there is no free port for the pages".to_owned(),
        source,
    })
}

/// What a gateway must be configured with to serve pages there, with this provider.
fn with_pages(provider: &Provider, pages: SocketAddr) -> ResidentConfig {
    let site = format!("http://{pages}");
    let mut resident = resident_config(provider.port());
    resident.openid.redirect_uri = format!("{site}/terug");
    resident.openid.post_logout_redirect_uri = Some(format!("{site}/uitgelogd"));
    resident.pages = Some(PagesConfig {
        listen: pages,
        public_url: site,
        areas: areas(),
        tls: None,
        trusted_proxies: vec![],
        tcp_balancers: vec![],
    });
    resident
}

/// The gemeenten of the play.
fn areas() -> BTreeMap<String, String> {
    let areas = [
        ("GM0755", "Boekel"),
        ("GM0828", "Oss"),
        ("GM1721", "Bernheze"),
        ("GM1948", "Meierijstad"),
        ("GM1991", "Maashorst"),
    ];
    let owned = areas.map(|(code, name)| (code.to_owned(), name.to_owned()));
    owned.into_iter().collect()
}

fn configuration(directory: &Path, provider: &Provider, pages: SocketAddr) -> Config {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = Config {
        mesh_id: MESH_ID.to_owned(),
        data_dir: directory.join("data"),
        keys_dir: directory.join("keys"),
        bucket_dir: Some(directory.join("buckets")),
        ..Config::default()
    };
    config.gateway.listen = any;
    config.gateway.resident = Some(with_pages(provider, pages));
    config.registry.listen = Some(any);
    config.consent.listen = Some(any);
    config.referral.listen = Some(any);
    config.matching.listen = Some(any);
    config.signalling.listen = Some(any);
    config
}

/// Enrols the five partners from their invitations and lets them compare fingerprints, as on the telephone.
async fn enrol(
    directory: &Path,
    mesh: &Mesh,
    scene: &Scene,
    drawn: &DrawnRandomness,
) -> Result<(Vec<Arc<Partner>>, Tap), DemoError> {
    let mut fingerprints = Vec::new();
    for (number, organisation) in ORGANISATIONS.iter().enumerate() {
        let oin: Oin = organisation.oin.parse().expect("the table holds OINs");
        let invitee = Invitee {
            oin,
            display_name: organisation.name.to_owned(),
            kind: organisation.kind,
            contact: organisation.contact.to_owned(),
        };
        let invitation = mesh.invite(&invitee).await?;
        let invitation =
            Invitation::parse(invitation.as_bytes()).map_err(DemoError::partner("reading the invitation"))?;
        let folder = profile_dir(directory, number);
        let environment = environment(number, scene, drawn, mesh);
        let profile = sluis_client::enrol(&invitation, &folder, &environment).await;
        let profile = profile.map_err(DemoError::partner("enrolling"))?;
        fingerprints.push((oin, profile.fingerprint()));
    }
    let tap = Tap::before(&profile_dir(directory, Who::Ggz as usize), mesh.ambient()).await?;
    let mut partners = Vec::new();
    for number in 0..ORGANISATIONS.len() {
        let profile = Profile::open(&profile_dir(directory, number))
            .map_err(DemoError::partner("opening a profile"))?;
        for (oin, fingerprint) in &fingerprints {
            profile
                .pin(*oin, *fingerprint)
                .map_err(DemoError::partner("pinning a fingerprint"))?;
        }
        let professional = Professional {
            id: "medewerker-1".to_owned(),
            role: ProfessionalRole::Professional,
        };
        let partner = Partner::connect(profile, professional, environment(number, scene, drawn, mesh));
        partners.push(Arc::new(partner.map_err(DemoError::partner("connecting"))?));
    }
    Ok((partners, tap))
}

/// The recipient of the story remembers what it draws; its sender's chance can be exchanged by tests.
fn environment(number: usize, scene: &Scene, drawn: &DrawnRandomness, mesh: &Mesh) -> Environment {
    let mut environment = Environment::system();
    environment.clock = Arc::clone(&mesh.ambient().clock);
    if number == Who::Ggz as usize {
        environment.randomness = Arc::new(drawn.clone());
    } else if number == Who::Welfare as usize {
        environment.randomness = Arc::clone(&scene.sender_randomness);
    }
    environment
}

/// What a partner is told by its watch.
pub(super) struct Mailbox {
    events: mpsc::UnboundedReceiver<MailboxEvent>,
    task: tokio::task::JoinHandle<()>,
}

impl Mailbox {
    pub(super) fn of(partner: &Arc<Partner>) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let partner = Arc::clone(partner);
        let task = tokio::spawn(async move {
            let mut watch = std::pin::pin!(partner.watch());
            while let Some(Ok(event)) = watch.next().await {
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Self { events, task }
    }

    /// Waits until the watch tells something that is looked for.
    pub(super) async fn told<T>(&mut self, wanted: impl Fn(&MailboxEvent) -> Option<T>) -> Option<T> {
        let look = async {
            loop {
                if let Some(found) = wanted(&self.events.recv().await?) {
                    return Some(found);
                }
            }
        };
        tokio::time::timeout(PATIENCE, look).await.ok().flatten()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}
