//! One run: the yardsticks and the mesh in turn, again and again, so that both see the same machine.

use std::path::{Path, PathBuf};

use sluis_serve::Stop;

use crate::error::{BenchError, failed};
use crate::figure::{Figure, Samples};
use crate::measure::acts::Acts;
use crate::measure::messages::Batch;
use crate::measure::whole;
use crate::mesh::{Shortcut, World};
use crate::place::Place;
use crate::profile;
use crate::report::{Facts, Report};
use crate::yardstick::commits::Commits;
use crate::yardstick::crypto::Crypto;
use crate::yardstick::disk::fdatasync;
use crate::yardstick::echo::BareEcho;
use crate::yardstick::haproxy::Haproxy;

/// Bytes of a message's body.
const BODY_BYTES: usize = 4096;
/// Bytes of a message's body where it counts how many there are.
const SMALL_BODY_BYTES: usize = 256;
/// Pairs of organisations: a single one would meet the mesh's rate limits.
const PAIRS: usize = 8;
/// Messages of the mesh that holds few.
const FEW: usize = 1000;
/// Messages that are sealed at once while a mesh is filled, for each client.
const FILL_EACH: usize = 500;

/// What is measured, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Options {
    /// A PostgreSQL to measure on too, as a user who may create databases.
    pub postgres: Option<String>,
    /// Numbers of clients.
    pub clients: Vec<usize>,
    /// How often everything is measured.
    pub repetitions: usize,
    /// How many messages the mesh that holds many has.
    pub many: usize,
    /// Only as much as shows that everything runs; the figures mean nothing.
    pub quick: bool,
    /// Measure HAProxy beside it.
    pub haproxy: bool,
    /// Sample the processor with `perf`.
    pub profile: bool,
    /// Where databases and keys are put, in a directory that is removed at the end; the system's own when not set.
    pub directory: Option<PathBuf>,
}

/// Measures on SQLite, and on PostgreSQL where there is one. `told` gets a line on what is being done.
///
/// # Errors
/// [`BenchError`] for what keeps it from a result: there are no results with holes.
pub async fn run(options: &Options, told: &(dyn Fn(String) + Sync)) -> Result<Vec<Report>, BenchError> {
    if options.repetitions == 0 || options.clients.is_empty() || options.clients.contains(&0) {
        return Err(BenchError::Option(
            "at least one repetition and one client".to_owned(),
        ));
    }
    sluis_serve::install_crypto_provider();
    let mut reports = Vec::new();
    for postgres in [None, options.postgres.as_deref()]
        .into_iter()
        .take(1 + usize::from(options.postgres.is_some()))
    {
        let home = match &options.directory {
            Some(directory) => tempfile::tempdir_in(directory),
            None => tempfile::tempdir(),
        };
        let home = home.map_err(failed("a directory"))?;
        let mut place = match postgres {
            // Apart from everything else: bucket keys may not lie beside a database.
            None => Place::sqlite(home.path().join("databases")).map_err(failed("a directory"))?,
            Some(url) => Place::postgres(url),
        };
        let run = Run {
            options,
            home: home.path(),
            told,
        };
        let measured = Box::pin(run.measure(&mut place)).await;
        // What went wrong first is what counts.
        let removed = place.remove().await;
        reports.push(measured?);
        removed?;
    }
    Ok(reports)
}

struct Run<'a> {
    options: &'a Options,
    home: &'a Path,
    told: &'a (dyn Fn(String) + Sync),
}

/// Everything that is measured, running.
struct Bench {
    world: World,
    shortcut: Shortcut,
    echo: BareEcho,
    haproxy: Option<Haproxy>,
    commits: Commits,
    acts: Acts,
    crypto: std::sync::Arc<Crypto>,
}

impl Run<'_> {
    async fn measure(&self, place: &mut Place) -> Result<Report, BenchError> {
        let (options, stop) = (self.options, Stop::new());
        let told = |what: &str| (self.told)(format!("{}: {what}", place.name()));
        told("starting a mesh and the yardsticks");
        let database = place.name();
        let pairs = if options.quick { 1 } else { PAIRS };
        let world = Box::pin(World::start(place, &self.home.join("mesh"), "mesh", pairs)).await?;
        let echo = BareEcho::start(&self.home.join("echo"), &stop).await?;
        let bench = Bench {
            shortcut: world.shortcut().await?,
            world,
            haproxy: if options.haproxy {
                Some(Haproxy::start(&self.home.join("haproxy"), &echo).await?)
            } else {
                None
            },
            echo,
            commits: Commits::open(&place.database("rows").await?).await?,
            acts: Acts::open(&place.database("acts").await?).await?,
            crypto: Crypto::new(),
        };
        let mut samples = Samples::default();
        if !options.quick {
            // What is only slow the first time is no sample.
            for &clients in &options.clients {
                self.repetition(&bench, 0, clients, &mut Samples::default())
                    .await?;
            }
        }
        for repetition in 0..options.repetitions {
            (self.told)(format!(
                "{database}: repetition {} of {}",
                repetition + 1,
                options.repetitions
            ));
            for &clients in &options.clients {
                self.repetition(&bench, repetition, clients, &mut samples).await?;
            }
        }
        let most = options.clients.iter().copied().max().unwrap_or(1);
        let profile = if options.profile {
            (self.told)(format!("{database}: sampling the processor"));
            Some(profile::look(&bench.world, self.home, most, BODY_BYTES).await?)
        } else {
            None
        };
        let clients_stored = if options.quick { 2 } else { PAIRS };
        let throttled = bench.world.throttled();
        bench.acts.close().await;
        drop(bench.haproxy);
        stop.request();
        bench.world.stop().await;
        let throttled =
            throttled + Box::pin(self.compare_stored(place, clients_stored, &mut samples)).await?;
        let facts = Facts {
            database,
            repetitions: options.repetitions,
            clients_most: most,
            clients_stored,
            throttled,
        };
        Ok(Report::new(facts, &samples, profile))
    }

    /// Everything once, at one number of clients.
    async fn repetition(
        &self,
        bench: &Bench,
        turn: usize,
        clients: usize,
        samples: &mut Samples,
    ) -> Result<(), BenchError> {
        let (calls, messages, jobs) = self.each(clients);
        let world = &bench.world;
        let batch = Batch::seal(world, turn, clients, messages, BODY_BYTES).await?;
        let request = batch.first();
        let mut add = |figure, value| samples.add(figure, clients, value);

        let load = bench
            .echo
            .measure(bench.echo.address, clients, calls, &request)
            .await?;
        add(Figure::EchoRate, load.rate);
        add(Figure::EchoP50, load.p50_ms);
        if let Some(haproxy) = &bench.haproxy {
            let load = bench
                .echo
                .measure(haproxy.address, clients, calls, &request)
                .await?;
            add(Figure::HaproxyEchoRate, load.rate);
            add(Figure::HaproxyEchoP50, load.p50_ms);
        }
        let load = bench
            .shortcut
            .directly(&world.pairs[0].sender, clients, calls, &request)
            .await?;
        add(Figure::HostEchoRate, load.rate);
        add(Figure::HostEchoP50, load.p50_ms);
        let load = bench
            .shortcut
            .through_gateway(world, clients, calls, &request)
            .await?;
        add(Figure::GatewayEchoRate, load.rate);
        add(Figure::GatewayEchoP50, load.p50_ms);

        add(Figure::Fdatasync, fdatasync(self.home, calls.min(200)).await?);
        let load = batch.send(world).await?;
        add(Figure::SendRate, load.rate);
        add(Figure::SendP50, load.p50_ms);
        add(
            Figure::CommitRate,
            bench.commits.measure(clients, calls).await?.rate,
        );
        add(Figure::ActRate, bench.acts.measure(clients, calls).await?.rate);

        let batch = Batch::seal(world, turn, clients, messages, BODY_BYTES).await?;
        add(Figure::DeliverRate, batch.deliver(world).await?);

        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        add(
            Figure::CryptoRate,
            bench
                .crypto
                .measure(clients.min(cores), jobs * 8, BODY_BYTES)
                .await?,
        );
        add(
            Figure::WholeRate,
            whole::measure(world, clients, jobs, BODY_BYTES).await?.rate,
        );
        Ok(())
    }

    /// How many calls, messages and whole jobs each client does: more in all where there are more clients.
    fn each(&self, clients: usize) -> (usize, usize, usize) {
        if self.options.quick {
            return (5, 4, 1);
        }
        (
            (400 + 110 * clients) / clients,
            (300 + 80 * clients) / clients,
            12,
        )
    }

    /// Two more meshes side by side, one with few messages and one with many.
    async fn compare_stored(
        &self,
        place: &mut Place,
        clients: usize,
        samples: &mut Samples,
    ) -> Result<usize, BenchError> {
        let pairs = if self.options.quick { 1 } else { PAIRS };
        let few = Box::pin(World::start(place, &self.home.join("few"), "few", pairs)).await?;
        let many = Box::pin(World::start(place, &self.home.join("many"), "many", pairs)).await?;
        (self.told)(format!(
            "{}: filling a mesh with {} messages",
            place.name(),
            self.options.many
        ));
        let (few_count, each) = if self.options.quick { (4, 4) } else { (FEW, 100) };
        fill(&few, clients, few_count).await?;
        fill(&many, clients, self.options.many).await?;
        // Being held back while it is filled falsifies nothing.
        let filling = few.throttled() + many.throttled();
        for turn in 0..self.options.repetitions {
            for (world, figure) in [(&few, Figure::FewStoredRate), (&many, Figure::ManyStoredRate)] {
                let batch = Batch::seal(world, turn, clients, each, SMALL_BODY_BYTES).await?;
                samples.add(figure, clients, batch.deliver(world).await?);
            }
        }
        let throttled = few.throttled() + many.throttled() - filling;
        few.stop().await;
        many.stop().await;
        Ok(throttled)
    }
}

/// Stores this many acknowledged messages, or a few more.
async fn fill(world: &World, clients: usize, messages: usize) -> Result<(), BenchError> {
    let mut stored = 0;
    while stored < messages {
        let each = (messages - stored).div_ceil(clients).min(FILL_EACH);
        Batch::seal(world, 0, clients, each, SMALL_BODY_BYTES)
            .await?
            .send(world)
            .await?;
        stored += each * clients;
    }
    Ok(())
}
