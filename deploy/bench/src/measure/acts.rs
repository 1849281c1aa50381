//! Durable acts of the store by itself: request id, event, and the leaf of the log, in one transaction each.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::{ColumnKeys, IndexKey, Key32};
use sluis_ledger::{Ledger, LedgerParts, Sequencer};
use sluis_store::{
    Command, LogEvent, LoggedId, OutboxEvent, Outcome, Parts, Request, Schema, Store, StoreConfig,
    StoreError, Subject, Tx, migrate,
};
use sluis_types::{Clock as _, GrantId, MessageId, OsRandomness, Randomness as _, RequestId, SystemClock};
use tokio_util::sync::CancellationToken;

use crate::error::{BenchError, failed};
use crate::load::{Load, drive};

const METHOD: &str = "bench.Act";

/// A store with its log, and the sequencer that gives leaves their places meanwhile.
pub(crate) struct Acts {
    store: Store,
    stop: CancellationToken,
}

struct Act {
    message: MessageId,
    grant: GrantId,
}

impl Command for Act {
    type Reply = Vec<u8>;
    type Refusal = ();
    type Error = StoreError;

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Outcome<Vec<u8>, ()>, StoreError> {
        let log = LogEvent {
            kind: 1,
            outcome: 0,
            at: SystemClock.now(),
            organisation: None,
            user: vec![1; 32],
            subject: Subject::Grant(self.grant),
            method: METHOD,
            ids: vec![LoggedId::Message(self.message)],
            details: Vec::new(),
        };
        let event = OutboxEvent {
            topic: "act",
            recipient: Vec::new(),
            payload: vec![5; 64],
        };
        Ok(Outcome::done(vec![3; 100], log).with_event(event))
    }
}

impl Acts {
    pub(crate) async fn open(url: &str) -> Result<Self, BenchError> {
        let random = Arc::new(OsRandomness);
        let columns = ColumnKeys::new(Key32::generate(&*random), Vec::new(), random.clone());
        let index = Arc::new(IndexKey::new(Key32::generate(&*random)));
        let ledger = Ledger::new(LedgerParts {
            columns: columns.clone(),
            index: index.clone(),
            signing_key: SigningKey::generate(KeyKind::Log, &*random),
            origin: "mesh.bench/acts".to_owned(),
            kept: sluis_ledger::ACCESS_LOG_KEPT,
            randomness: random.clone(),
        })
        .map_err(failed("a log"))?;
        let schema = Schema::of(&[&sluis_ledger::MIGRATIONS]);
        let config = StoreConfig::parse(url).map_err(failed("the store of the acts"))?;
        migrate(&config, &schema)
            .await
            .map_err(failed("the store of the acts"))?;
        let parts = Parts {
            journal: Arc::new(ledger.clone()),
            column_keys: columns,
            index,
            clock: Arc::new(SystemClock),
            randomness: random,
        };
        let store = Store::open(&config, &schema, parts)
            .await
            .map_err(failed("the store of the acts"))?;
        let stop = CancellationToken::new();
        let (sequencer, ending) = (Sequencer::new(&ledger, store.clone()), stop.clone());
        tokio::spawn(async move { sequencer.run(ending).await });
        Ok(Self { store, stop })
    }

    pub(crate) async fn measure(&self, clients: usize, each: usize) -> Result<Load, BenchError> {
        let store = self.store.clone();
        drive(clients, each, move |_, _| {
            let store = store.clone();
            async move {
                let random = &OsRandomness;
                let mut body_hash = [0; 32];
                random.fill(&mut body_hash);
                let request = Request {
                    method: METHOD,
                    caller: b"bench".to_vec(),
                    id: RequestId::random(random),
                    body_hash,
                };
                let act = Act {
                    message: MessageId::fresh(SystemClock.now(), random),
                    grant: GrantId::random(random),
                };
                store
                    .write(request, act)
                    .await
                    .map(|_| ())
                    .map_err(failed("a durable act"))
            }
        })
        .await
    }

    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.store.close().await;
    }
}
