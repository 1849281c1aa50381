//! A mesh in a process of its own, with the people around it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluis_client::types::{OrganisationKind, OsRandomness, Randomness as _};
use sluis_compose::{Ambient, Config, Invitee, invite_from_outside, resident_gateway};
use sluis_demo::provider::{Provider, resident_config};
use sluis_gateway::Gateway;
use sluis_store_testing::{TestDatabase, TestDatabases};
use tempfile::TempDir;

use super::daemon::{Daemon, sluisd};
use super::step::{Mishap, Step};
use crate::fixture::{Backend, TestPartner, TestResident};

/// Where `sluisd` listens: gateway, registry, consent, referral, signalling, matching.
const PORTS: usize = 6;

/// A mesh in a process of its own, on directories that outlive it.
pub(super) struct Town {
    pub(super) config: Config,
    pub(super) ambient: Ambient,
    daemon: Option<Daemon>,
    gateway: Option<Gateway>,
    provider: Provider,
    file: PathBuf,
    directory: TempDir,
    /// Kept so that they live as long as the town does.
    _databases: Vec<TestDatabase>,
}

impl Town {
    /// A mesh that runs for the first time.
    pub(super) async fn build(backend: Backend) -> Self {
        sluis_client::install_crypto_provider();
        let directory = tempfile::tempdir().expect("a directory");
        let databases = match backend {
            Backend::Sqlite => Vec::new(),
            Backend::Postgres => {
                let server = TestDatabases::start().await;
                (0..5).map(|_| server.postgres()).collect()
            }
        };
        let file = directory.path().join("sluis.toml");
        std::fs::write(&file, configuration(directory.path(), &databases)).expect("written");
        let config = Config::load(Some(&file)).expect("a configuration");
        let ambient = Ambient::system().expect("rules");
        let (clock, randomness) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
        let stop = ambient.stop.clone();
        let provider = Provider::start(0, &directory.path().join("login"), clock, randomness, stop)
            .await
            .expect("the login provider starts");
        let mut town = Self {
            config,
            ambient,
            daemon: None,
            gateway: None,
            provider,
            file,
            directory,
            _databases: databases,
        };
        // The first start makes the keys that the gateway beside it uses.
        town.start().await;
        let login = resident_config(town.provider.port());
        let gateway = resident_gateway(&town.config, &town.ambient, login).await;
        town.gateway = Some(gateway.expect("a gateway for residents"));
        town
    }

    /// Starts the real `sluisd` on what is there.
    pub(super) async fn start(&mut self) {
        let arguments = [
            "--config".into(),
            self.file.clone().into_os_string(),
            "all".into(),
        ];
        self.run(&sluisd(), &arguments).await;
    }

    /// Starts the mesh in which one step of ending a grant goes wrong.
    pub(super) async fn start_halting(&mut self, step: Step, mishap: Mishap) {
        let arguments = [
            self.file.clone().into_os_string(),
            step.name().into(),
            mishap.name().into(),
        ];
        self.run(Path::new(env!("CARGO_BIN_EXE_sluis-halting-mesh")), &arguments)
            .await;
    }

    async fn run(&mut self, program: &Path, arguments: &[OsString]) {
        assert!(self.daemon.is_none(), "it runs already");
        let log = self.aside("log");
        self.daemon = Some(Daemon::start(program, arguments, &log).await);
    }

    /// Waits until the process says something.
    pub(super) async fn said(&mut self, words: &str) {
        self.daemon.as_mut().expect("it runs").said(words).await;
    }

    /// What the processes logged.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.aside("log")).unwrap_or_default()
    }

    /// kill -9.
    pub(super) fn kill(&mut self) {
        self.daemon.take().expect("it runs").kill();
    }

    fn gateway(&self) -> &Gateway {
        self.gateway.as_ref().expect("build started it")
    }

    /// Invites and enrols an organisation.
    pub(super) async fn partner(&self, oin: &str, kind: OrganisationKind) -> TestPartner {
        let invitee = Invitee {
            oin: oin.parse().expect("an OIN"),
            display_name: format!("Organisation {oin}"),
            kind,
            contact: String::new(),
        };
        let invitation = invite_from_outside(&self.config, &self.ambient, &invitee)
            .await
            .expect("invited");
        TestPartner::enrol(&invitation, &self.directory.path().join("partners").join(oin)).await
    }

    /// Welfare and GGZ, each with the other's fingerprint pinned.
    pub(super) async fn welfare_and_ggz(&self) -> (TestPartner, TestPartner) {
        let welfare = self
            .partner("00000099000000001000", OrganisationKind::Welfare)
            .await;
        let ggz = self
            .partner("00000099000000002000", OrganisationKind::MentalHealth)
            .await;
        welfare.pin(&ggz);
        ggz.pin(&welfare);
        (welfare, ggz)
    }

    /// Logs a resident in.
    pub(super) async fn resident(&self, name: &str) -> TestResident {
        TestResident::log_in(self.gateway(), name).await
    }

    /// The bucket keys that are on disk now.
    pub(super) fn bucket_keys(&self) -> BTreeSet<PathBuf> {
        bucket_keys_in(&self.config.bucket_dir())
    }

    /// A directory beside the databases that is the test's own.
    pub(super) fn aside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// The files that hold a bucket key.
pub(super) fn bucket_keys_in(directory: &Path) -> BTreeSet<PathBuf> {
    let list = |directory: &Path| {
        std::fs::read_dir(directory)
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path())
            .collect::<Vec<_>>()
    };
    list(directory)
        .into_iter()
        .filter(|path| path.is_dir())
        .flat_map(|bucket| list(&bucket))
        .filter(|path| path.extension().is_some_and(|ending| ending == "key"))
        .collect()
}

fn configuration(directory: &Path, databases: &[TestDatabase]) -> String {
    let [gateway, registry, consent, referral, signalling, matching] = free_ports();
    let database = |index: usize| {
        databases.get(index).map_or_else(String::new, |database| {
            format!("database = '{}'\n", database.url())
        })
    };
    let directory = directory.display();
    format!(
        "mesh_id = 'mesh.test'\ndata_dir = '{directory}/data'\nkeys_dir = '{directory}/keys'\n\
         [gateway]\nlisten = '127.0.0.1:{gateway}'\n\
         [registry]\nlisten = '127.0.0.1:{registry}'\n{}\
         [consent]\nlisten = '127.0.0.1:{consent}'\nsingle_node = true\n{}\
         [referral]\nlisten = '127.0.0.1:{referral}'\n{}\
         [signalling]\nlisten = '127.0.0.1:{signalling}'\n{}\
         [matching]\nlisten = '127.0.0.1:{matching}'\n{}\
         [log]\nfilter = 'warn'\n",
        database(0),
        database(1),
        database(2),
        database(3),
        database(4)
    )
}

/// Ports that stay free while the process is down: below those that the operating system gives out by itself.
fn free_ports() -> [u16; PORTS] {
    let mut held = Vec::new();
    while held.len() < PORTS {
        let mut bytes = [0; 2];
        OsRandomness.fill(&mut bytes);
        let port = 10_000 + u16::from_be_bytes(bytes) % 22_000;
        held.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
    }
    let port = |listener: &TcpListener| listener.local_addr().expect("it is bound").port();
    std::array::from_fn(|index| port(&held[index]))
}
