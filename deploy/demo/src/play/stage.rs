//! What the audience hears: one line a step of what happened, one of what the operator could see.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use crate::DemoError;
use crate::dossier::{Database, Observer, RowId, STORES, Value};

/// Texts in clear that one line shows at most.
const TEXTS_MAX: usize = 4;

/// Tells the play, and looks into the databases as an operator could.
pub(super) struct Stage {
    quiet: bool,
    steps: usize,
    observer: Observer,
    databases: Vec<Database>,
}

impl Stage {
    pub(super) async fn open(quiet: bool, data_dir: &Path) -> Result<Self, DemoError> {
        let mut databases = Vec::new();
        for store in STORES {
            databases.push(Database::open(store, &data_dir.join(format!("{store}.sqlite"))).await?);
        }
        Ok(Self {
            quiet,
            steps: 0,
            observer: Observer::begin(data_dir).await?,
            databases,
        })
    }

    /// One step of the play that is over, and what it left in the databases.
    pub(super) async fn step(&mut self, what: &str) -> Result<(), DemoError> {
        let seen = self.seen().await?;
        self.steps += 1;
        self.say(&format!("{:>2}. {what}", self.steps));
        self.say(&format!("    The operator sees: {seen}."));
        Ok(())
    }

    /// A line that is no step.
    pub(super) fn say(&self, line: &str) {
        if !self.quiet {
            // Nobody listens any more: the play goes on for its verdict.
            let _gone = writeln!(std::io::stdout().lock(), "{line}");
        }
    }

    /// What is new in the databases: how many rows where, and what can be read in them.
    async fn seen(&mut self) -> Result<String, DemoError> {
        let fresh = self.observer.fresh().await?;
        if fresh.is_empty() {
            return Ok("no new row".to_owned());
        }
        let mut tables: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for id in &fresh {
            *tables.entry((id.store, &id.table)).or_default() += 1;
        }
        let rows: Vec<String> = STORES
            .iter()
            .filter_map(|store| {
                let of_store = tables.iter().filter(|((of, _), _)| of == store);
                let counts: Vec<_> = of_store
                    .map(|((_, table), count)| format!("{table} {count}"))
                    .collect();
                (!counts.is_empty()).then(|| format!("new rows in {store} ({})", counts.join(", ")))
            })
            .collect();
        let texts = self.texts(&fresh).await?;
        let readable = match texts.len() {
            0 => "nothing".to_owned(),
            count if count > TEXTS_MAX => format!(
                "{}, and {} more",
                texts[..TEXTS_MAX].join(", "),
                count - TEXTS_MAX
            ),
            _ => texts.join(", "),
        };
        Ok(format!("{}; to be read in them: {readable}", rows.join(", ")))
    }

    /// The texts in clear of these rows.
    async fn texts(&mut self, fresh: &[RowId]) -> Result<Vec<String>, DemoError> {
        let mut texts = Vec::new();
        for database in &mut self.databases {
            let mut tables: Vec<&str> = fresh
                .iter()
                .filter(|id| id.store == database.store())
                .map(|id| id.table.as_str())
                .collect();
            tables.sort_unstable();
            tables.dedup();
            for table in tables {
                for row in database
                    .rows_of(table)
                    .await?
                    .iter()
                    .filter(|row| fresh.contains(&row.id))
                {
                    for (column, value) in &row.columns {
                        if let Value::Text(text) = value {
                            texts.push(format!("{table}.{column} {text}"));
                        }
                    }
                }
            }
        }
        texts.sort_unstable();
        texts.dedup();
        Ok(texts)
    }
}
