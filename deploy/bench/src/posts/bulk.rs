//! A service in which few posts live beside one in which many do.
//!
//! What lives is put there through the store, in the tables and lengths of real posts: their keys are HMACs and their
//! contents ciphertexts, and to a database such a value and a random one are the same.

use std::path::Path;
use std::sync::LazyLock;

use sluis_proto::signalling::v1::Severity;
use sluis_store::{Arg, Statement, Store, StoreError, Tx, Upkeep};
use sluis_types::{Clock as _, Epoch, Oin, OsRandomness, Randomness as _, SystemClock, Timestamp};

use super::parties::{Circle, Organisation};
use super::service::{Service, Waiting, store_of};
use super::{PostOptions, timing};
use crate::error::{BenchError, failed};
use crate::figure::Spread;
use crate::place::Place;

/// Rows that one statement inserts.
const ROWS_EACH: usize = 50;
/// Posts that one transaction puts there.
const POSTS_EACH: usize = 5000;
/// Real posts whose rows are taken for the measure of all.
const REAL: usize = 3;

const DAY_MICROS: i64 = 86_400_000_000;

/// The lengths of the contents of real rows: a cell, a contact box, a signal.
#[derive(Clone, Copy)]
struct Lengths([usize; 3]);

/// The tables of a post, with what stands in their rows beside key and content.
const TABLES: [(&str, &str); 3] = [
    ("cell", "tag, epoch, content"),
    ("contact_box", "tag, epoch, content"),
    ("signal", "signal_id, organisation, due, content"),
];

/// One INSERT for each table.
static INSERTS: LazyLock<[&'static str; 3]> = LazyLock::new(|| {
    TABLES.map(|(table, columns)| {
        let width = columns.split(',').count();
        let row = |row: usize| {
            let places: Vec<String> = (1..=width).map(|at| format!("${}", row * width + at)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..ROWS_EACH).map(row).collect();
        let sql = format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "));
        // Three texts, once, for as long as the program runs.
        &*Box::leak(sql.into_boxed_str())
    })
});

/// A service with this many live posts.
struct Filled {
    service: Service,
    members: [Organisation; 2],
}

/// Fills two services and measures posts in both, in turn: a post where few live, one where many do, and the ratio.
pub(super) async fn compare(
    options: &PostOptions,
    (place, home): (&mut Place, &Path),
) -> Result<[Spread; 3], BenchError> {
    let mut few = fill((&mut *place, home), "few_posts", options.few).await?;
    let mut many = fill((place, home), "many_posts", options.many).await?;
    let (mut of_few, mut of_many, mut cost) = (Vec::new(), Vec::new(), Vec::new());
    // What is only slow the first time is no sample.
    few.mean(options.each).await?;
    many.mean(options.each).await?;
    for _ in 0..options.repetitions {
        let (one, other) = (few.mean(options.each).await?, many.mean(options.each).await?);
        of_few.push(one);
        of_many.push(other);
        cost.push(other / one);
    }
    few.service.stop().await;
    many.service.stop().await;
    let spread =
        |values| Spread::of(values).ok_or_else(|| BenchError::Option("at least one of each".to_owned()));
    Ok([spread(of_few)?, spread(of_many)?, spread(cost)?])
}

async fn fill((place, home): (&mut Place, &Path), name: &str, posts: usize) -> Result<Filled, BenchError> {
    let home = home.join(name);
    std::fs::create_dir_all(&home).map_err(failed("a directory"))?;
    let url = place.database(name).await?;
    let members = timing::pair(0)?;
    let mut real = Filled {
        service: Service::start(&url, &home, Waiting::Not, &members).await?,
        members,
    };
    real.mean(REAL).await?;
    real.service.stop().await;
    let store = store_of(&url, &home).await?;
    let lengths = Lengths::look(&store).await?;
    let organisation = real.members[0].oin;
    // In the order of their keys, so that filling does not take longer than measuring.
    let mut keys = vec![[0; 32]; posts.saturating_sub(2 * REAL).next_multiple_of(ROWS_EACH)];
    for key in &mut keys {
        OsRandomness.fill(key);
    }
    keys.sort_unstable();
    for keys in keys.chunks(POSTS_EACH) {
        let live = Live {
            keys: keys.to_vec(),
            lengths,
            organisation,
            now: SystemClock.now(),
        };
        store
            .upkeep("bench.fill", live)
            .await
            .map_err(|error| BenchError::Step {
                what: "filling a service",
                source: format!("{error:?}").into(),
            })?;
    }
    store.close().await;
    Ok(Filled {
        service: Service::start(&url, &home, Waiting::Not, &real.members).await?,
        members: real.members,
    })
}

impl Filled {
    /// The mean time of so many posts where another's weak post lies, in milliseconds.
    async fn mean(&mut self, posts: usize) -> Result<f64, BenchError> {
        let [one, other] = &self.members;
        let ours = self.service.signal(one.oin, Severity::Attention).await?;
        let theirs = self.service.signal(other.oin, Severity::Attention).await?;
        let mut sum = 0.0;
        for _ in 0..posts {
            let circle = Circle::new();
            let post = circle.posting((other, one), (&theirs, false))?;
            self.service.post(other.oin, post).await?;
            let post = circle.posting((one, other), (&ours, false))?;
            sum += self.service.post(one.oin, post).await?;
        }
        Ok(sum / crate::load::count(posts))
    }
}

impl Lengths {
    async fn look(store: &Store) -> Result<Self, BenchError> {
        const SELECTS: [&str; 3] = [
            "SELECT content FROM cell LIMIT 1",
            "SELECT content FROM contact_box LIMIT 1",
            "SELECT content FROM signal LIMIT 1",
        ];
        let mut read = store.read("bench.lengths").await.map_err(failed("a read"))?;
        let mut tx = read.tx();
        let mut lengths = [0; 3];
        for (length, select) in lengths.iter_mut().zip(SELECTS) {
            let row = tx.fetch_one(select, &[]).await.map_err(failed("a real post"))?;
            *length = row.get::<Vec<u8>>(0).map_err(failed("a real post"))?.len();
        }
        Ok(Self(lengths))
    }
}

/// Live posts, each in a cell of its own, with a box and a signal.
struct Live {
    keys: Vec<[u8; 32]>,
    lengths: Lengths,
    organisation: Oin,
    now: Timestamp,
}

impl Upkeep for Live {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (epoch, organisation) = (i64::from(Epoch::of(self.now).number()), self.organisation);
        // Signals end on whole days: these in two months.
        let due = (self.now.micros() / DAY_MICROS + 60) * DAY_MICROS;
        for keys in self.keys.chunks(ROWS_EACH) {
            for (table, (sql, length)) in INSERTS.iter().zip(self.lengths.0).enumerate() {
                let mut contents = vec![0; length * ROWS_EACH];
                OsRandomness.fill(&mut contents);
                let mut args: Vec<Arg<'_>> = Vec::with_capacity(4 * ROWS_EACH);
                for (key, content) in keys.iter().zip(contents.chunks_exact(length)) {
                    if table == 2 {
                        args.push(Arg::from(&key[..16]));
                        args.push(Arg::from(&organisation));
                        args.push(Arg::from(due));
                    } else {
                        args.push(Arg::from(&key[..]));
                        args.push(Arg::from(epoch));
                    }
                    args.push(Arg::from(content));
                }
                tx.execute(Statement::same(sql), &args).await?;
            }
        }
        Ok(())
    }
}
