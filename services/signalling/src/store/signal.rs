//! Signals as they are kept.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Row, Statement, Tx, args};
use sluis_types::{MatchId, Oin, ProfessionalRole, SignalId, Timestamp};

use super::sql;
use super::vault::{Fault, Vault};
use crate::domain::life::Stage;
use crate::domain::observation::{Observation, Severity};
use crate::domain::signal::{MATCHES_MAX, Signal};
use crate::domain::weighing::Drafter;

/// Longer than every signal: all have one length.
pub(super) const STEP: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");
/// A signal that is as serious as it was seen to be.
const VERSION: u8 = 1;
/// A signal that became more serious: with one byte more, how serious it was seen to be.
const VERSION_ESCALATED: u8 = 2;

impl Signal {
    /// Stores a new signal. False when the id is taken; then nothing was written.
    pub(crate) async fn insert(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let content = self.seal(vault);
        let args = args![self.id.as_bytes(), &self.organisation, self.due(), &content];
        Ok(tx.execute(sql::INSERT_SIGNAL, args).await? == 1)
    }

    /// A signal of `organisation`.
    pub(crate) async fn of(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: SignalId,
        organisation: Oin,
    ) -> Result<Option<Self>, Fault> {
        Self::one(
            vault,
            tx,
            sql::LOAD_SIGNAL_OF,
            args![id.as_bytes(), &organisation],
        )
        .await
    }

    /// The same, and nobody else changes it until this transaction ends.
    pub(crate) async fn lock_of(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: SignalId,
        organisation: Oin,
    ) -> Result<Option<Self>, Fault> {
        Self::one(
            vault,
            tx,
            sql::LOCK_SIGNAL_OF,
            args![id.as_bytes(), &organisation],
        )
        .await
    }

    /// A signal that nobody else changes until this transaction ends.
    pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: SignalId) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOCK_SIGNAL, args![id.as_bytes()]).await
    }

    /// A signal of which something is due at `now` and that no other replica is at.
    pub(crate) async fn lock_due(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: SignalId,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOCK_DUE_SIGNAL, args![id.as_bytes(), now]).await
    }

    async fn one(
        vault: &Vault,
        tx: &mut Tx<'_>,
        statement: Statement,
        args: &[sluis_store::Arg<'_>],
    ) -> Result<Option<Self>, Fault> {
        let Some(row) = tx.fetch_optional(statement, args).await? else {
            vault.absent(STEP);
            return Ok(None);
        };
        Self::of_row(vault, &row).map(Some)
    }

    /// The signals of an organisation after one of them.
    pub(crate) async fn page(
        vault: &Vault,
        tx: &mut Tx<'_>,
        organisation: Oin,
        after: SignalId,
        limit: u32,
    ) -> Result<Vec<Self>, Fault> {
        let args = args![&organisation, after.as_bytes(), limit];
        let rows = tx.fetch_all(sql::SIGNALS_AFTER, args).await?;
        rows.iter().map(|row| Self::of_row(vault, row)).collect()
    }

    /// The ids of signals of which something is due.
    pub(crate) async fn due_ids(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<SignalId>, Fault> {
        let rows = tx.fetch_all(sql::DUE_SIGNALS, args![now, limit]).await?;
        rows.iter()
            .map(|row| Ok(SignalId::from_bytes(row.get::<[u8; 16]>(0)?)))
            .collect()
    }

    /// Writes it. It must be locked.
    pub(crate) async fn save(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let content = self.seal(vault);
        tx.execute(sql::SAVE_SIGNAL, args![self.id.as_bytes(), self.due(), &content])
            .await?;
        Ok(())
    }

    /// Forgets it. It must be locked.
    pub(crate) async fn erase(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        tx.execute(sql::DELETE_SIGNAL, args![self.id.as_bytes()]).await?;
        Ok(())
    }

    fn seal(&self, vault: &Vault) -> Vec<u8> {
        let seen = self.observation;
        let escalated = (seen.seen_as != seen.severity).then_some(seen.seen_as);
        let mut writer = Writer::new();
        writer
            .u8(escalated.map_or(VERSION, |_| VERSION_ESCALATED))
            .bytes(self.organisation.as_bytes())
            .bytes(&self.drafter.professional)
            .u8(self.drafter.role.number())
            .bytes(&self.stage.encode())
            .u8(self.observation.severity as u8)
            .timestamp(self.observation.first_at)
            .timestamp(self.observation.last_at)
            .u32(self.version)
            .u8(u8::try_from(self.matches.len()).expect("a signal remembers few matches"));
        for id in &self.matches {
            writer.bytes(id.as_bytes());
        }
        if let Some(seen_as) = escalated {
            writer.u8(seen_as as u8);
        }
        vault.seal(location(&self.id), &writer.finish(), STEP)
    }

    /// `signal_id, content`.
    fn of_row(vault: &Vault, row: &Row) -> Result<Self, Fault> {
        let id = SignalId::from_bytes(row.get::<[u8; 16]>(0)?);
        let opened = vault.open(location(&id), &row.get::<Vec<u8>>(1)?)?;
        Ok(Self::read(id, &opened)?)
    }

    fn read(id: SignalId, opened: &[u8]) -> Result<Self, FormatError> {
        let invalid = |field| FormatError::Invalid { field };
        let mut reader = Reader::new(opened);
        let layout = reader.u8()?;
        if ![VERSION, VERSION_ESCALATED].contains(&layout) {
            return Err(FormatError::Version);
        }
        let organisation = reader.oin()?;
        let drafter = Drafter {
            professional: reader.array()?,
            role: ProfessionalRole::from_number(reader.u8()?).map_err(|_| invalid("role"))?,
        };
        let stage = Stage::decode(reader.array()?).ok_or(invalid("stage"))?;
        let severity = Severity::from_number(reader.u8()?).ok_or(invalid("severity"))?;
        let mut observation = Observation {
            severity,
            seen_as: severity,
            first_at: reader.timestamp()?,
            last_at: reader.timestamp()?,
        };
        let version = reader.u32()?;
        let count = usize::from(reader.u8()?);
        if count > MATCHES_MAX {
            return Err(FormatError::TooLong { field: "matches" });
        }
        let matches = (0..count)
            .map(|_| Ok(MatchId::from_bytes(reader.array()?)))
            .collect::<Result<_, FormatError>>()?;
        if layout == VERSION_ESCALATED {
            observation.seen_as = Severity::from_number(reader.u8()?).ok_or(invalid("severity"))?;
        }
        reader.finish()?;
        Ok(Self {
            id,
            organisation,
            drafter,
            stage,
            observation,
            version,
            matches,
        })
    }
}

fn location(id: &SignalId) -> Location<'_> {
    Location::new("signal", "content", id.as_bytes())
}
