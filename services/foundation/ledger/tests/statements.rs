//! What the log does to the database does not tell whose record an act concerns.

use std::sync::{Arc, Mutex};

use sluis_store::Subject;
use sluis_store_testing::TestDatabases;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{Log, grant, open};

/// Keeps the SQL of every statement that the store runs.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sluis_store::statement"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for &Statements {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" && value.contains("log_") {
            self.0
                .lock()
                .expect("nobody panics with it")
                .push(value.to_owned());
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// The statements on the log's tables of one act.
async fn statements_of(log: &Log, subject: Subject) -> Vec<String> {
    let statements = Statements::default();
    let listening = tracing::subscriber::set_default(statements.clone());
    log.act(subject).await;
    drop(listening);
    std::mem::take(&mut *statements.0.lock().expect("nobody panics with it"))
}

#[tokio::test]
async fn p6_a_known_and_an_unknown_grant_cost_the_same_statements() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        for _ in 0..20 {
            log.act(Subject::Grant(grant(1))).await;
        }
        let known = statements_of(&log, Subject::Grant(grant(1))).await;
        let unknown = statements_of(&log, Subject::Grant(grant(2))).await;
        assert_eq!(known.len(), 4, "{known:?}");
        assert_eq!(known, unknown);
    }
}

#[tokio::test]
async fn p6_a_resident_and_nobody_cost_the_same_statements() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let resident = statements_of(&log, Subject::Tag([5; 32])).await;
        let nobody = statements_of(&log, Subject::None).await;
        assert_eq!(resident.len(), 2, "{resident:?}");
        assert_eq!(resident, nobody);
    }
}
