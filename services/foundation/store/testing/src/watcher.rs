//! What one answer could be told from another by (promise P6): what is said, and the work that was done for it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sluis_envelope::operation_counts;
use sluis_keyring::RowCodec;
use tonic::Status;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::DefaultGuard;

use crate::codec::{CountedCodec, RowWork};

/// Sees every statement that a store runs, and counts cryptography and rows.
///
/// Statements are seen of this thread, and cryptography of the whole process: so the test's runtime has one thread, and
/// the test has its process to itself (`cargo nextest`).
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    statements: Arc<Mutex<Vec<String>>>,
    rows: Arc<RowWork>,
}

/// The work that was done while something ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The texts of the statements, in order.
    pub statements: Vec<String>,
    /// HPKE seals and opens, signatures made and verified.
    pub operations: [u64; 4],
    /// Rows sealed and opened, of a service whose codec is [`Watcher::counting`].
    pub rows: [u64; 2],
}

/// All that an answer shows to somebody outside, or with a look at the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Code, text and details of a refusal.
    pub refusal: Option<(tonic::Code, String, Vec<u8>)>,
    /// What it cost.
    pub work: Work,
}

impl Watcher {
    /// Begins to watch, until the guard is dropped.
    pub fn start() -> (Self, DefaultGuard) {
        let watcher = Self::default();
        let guard = tracing::subscriber::set_default(Recorder(Arc::clone(&watcher.statements)));
        (watcher, guard)
    }

    /// The codec, with its seals and openings counted here.
    pub fn counting(&self, codec: Arc<dyn RowCodec>) -> Arc<dyn RowCodec> {
        Arc::new(CountedCodec {
            codec,
            work: Arc::clone(&self.rows),
        })
    }

    /// Runs something, with nothing else going on, and says what it gave and cost.
    ///
    /// # Panics
    /// When no statement was seen: then a comparison would say nothing.
    pub async fn work_of<T>(&self, run: impl Future<Output = T>) -> (T, Work) {
        self.take();
        let (before, rows_before) = (operation_counts(), self.rows.counts());
        let outcome = run.await;
        let (after, rows) = (operation_counts(), self.rows.counts());
        let work = Work {
            statements: self.take(),
            operations: [
                after.hpke_seal - before.hpke_seal,
                after.hpke_open - before.hpke_open,
                after.sign - before.sign,
                after.verify - before.verify,
            ],
            rows: [rows[0] - rows_before[0], rows[1] - rows_before[1]],
        };
        assert!(!work.statements.is_empty(), "statements are seen");
        (outcome, work)
    }

    /// Runs a call, with nothing else going on. What a call that succeeds answers is left out.
    pub async fn seen<T>(&self, call: impl Future<Output = Result<T, Status>>) -> Seen {
        let (outcome, work) = self.work_of(call).await;
        let refusal = outcome.err().map(|status| {
            let (message, details) = (status.message().to_owned(), status.details().to_vec());
            (status.code(), message, details)
        });
        Seen { refusal, work }
    }

    /// Runs a call that is refused.
    ///
    /// # Panics
    /// When it is not.
    pub async fn refused<T>(&self, call: impl Future<Output = Result<T, Status>>) -> Seen {
        let seen = self.seen(call).await;
        assert!(seen.refusal.is_some(), "the call is refused");
        seen
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Asserts that nothing tells one from another.
///
/// # Panics
/// When something does.
pub fn assert_all_alike<T: fmt::Debug + PartialEq>(all: &[(&str, T)]) {
    let (first, expected) = &all[0];
    for (what, seen) in &all[1..] {
        assert_eq!(seen, expected, "{what} is told from {first}");
    }
}

/// Writes down the statements of a store, which it tells `tracing` as it runs them.
struct Recorder(Arc<Mutex<Vec<String>>>);

struct Text(Option<String>);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "sql" {
            self.0 = Some(format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            self.0 = Some(value.to_owned());
        }
    }
}

impl tracing::Subscriber for Recorder {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sluis_store::statement"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(None);
        event.record(&mut text);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(text.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
