//! Whose row is whose: what nobody outside knows, learned by looking at the databases between acts.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::STORES;
use super::rows::{Database, RowId, Value};
use crate::DemoError;

/// One act of one person, in order.
pub type ActId = usize;

/// Which act each row came with.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Rows that came with an act.
    pub rows: HashMap<RowId, ActId>,
}

/// Looks at the running databases between acts.
#[derive(Debug)]
pub struct Observer {
    databases: Vec<Database>,
    known: HashSet<RowId>,
    /// Leaves that wait for their place, and the act they came with: they come back in another table.
    leaves: HashMap<Value, ActId>,
}

impl Observer {
    /// Begins to look: what is there now belongs to no act.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn begin(data_dir: &Path) -> Result<Self, DemoError> {
        let mut databases = Vec::new();
        for store in STORES {
            databases.push(Database::open(store, &data_dir.join(format!("{store}.sqlite"))).await?);
        }
        Self::of(databases).await
    }

    /// Begins to look at these databases.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn of(databases: Vec<Database>) -> Result<Self, DemoError> {
        let mut observer = Self {
            databases,
            known: HashSet::new(),
            leaves: HashMap::new(),
        };
        observer.fresh().await?;
        Ok(observer)
    }

    /// The rows that came since the last look.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn fresh(&mut self) -> Result<Vec<RowId>, DemoError> {
        let mut fresh = Vec::new();
        for database in &mut self.databases {
            for id in database.ids().await? {
                if self.known.insert(id.clone()) {
                    fresh.push(id);
                }
            }
        }
        Ok(fresh)
    }

    /// Writes the rows that came since the last look down to an act.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn note(&mut self, act: ActId, truth: &mut Truth) -> Result<(), DemoError> {
        let mut fresh = self.fresh().await?;
        // A leaf's own row first: the same leaf moves into the tree within a second, perhaps during a later act.
        fresh.sort_by_key(|id| id.table != "log_waiting");
        for id in fresh {
            let leaf = match id.table.as_str() {
                "log_waiting" => self.waiting_leaf(&id).await?,
                "log_leaf" => id.key.first().cloned(),
                _ => None,
            };
            let act = leaf.map_or(act, |leaf| *self.leaves.entry(leaf).or_insert(act));
            truth.rows.insert(id, act);
        }
        Ok(())
    }

    async fn waiting_leaf(&mut self, id: &RowId) -> Result<Option<Value>, DemoError> {
        for database in &mut self.databases {
            for row in database.rows_of("log_waiting").await? {
                if row.id == *id {
                    return Ok(row.get("leaf").cloned());
                }
            }
        }
        Ok(None)
    }
}
