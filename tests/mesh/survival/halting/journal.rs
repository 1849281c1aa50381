//! A journal that goes wrong around the leaf of a withdrawal, and is the real one otherwise.

use std::sync::Arc;

use async_trait::async_trait;
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Tx};

use crate::halt::{Failed, Halt};
use crate::step::Step;

const WITHDRAWAL: &str = "sluis.consent.v1.ResidentConsentService/WithdrawGrant";

/// The real journal, with one step that goes wrong.
pub(crate) struct HaltingJournal {
    pub(crate) real: Arc<dyn Journal>,
    pub(crate) halt: Halt,
}

impl HaltingJournal {
    async fn pass(&self, step: Step, event: &LogEvent) -> Result<(), StoreError> {
        if event.method != WITHDRAWAL {
            return Ok(());
        }
        self.halt
            .pass(step)
            .await
            .map_err(|Failed| StoreError::journal("the test wants no leaf"))
    }
}

#[async_trait]
impl Journal for HaltingJournal {
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        self.pass(Step::BeforeLeaf, event).await?;
        let leaf = self.real.append(tx, event).await?;
        self.pass(Step::BeforeCommit, event).await?;
        Ok(leaf)
    }
}
