//! Matches as they are kept, and which organisation has which.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Row, Statement, Tx, args};
use sluis_types::{CIRCLE_MEMBERS_MAX, GrantId, KeyId, MatchId, Oin, SignalId, Timestamp};

use super::boxes::MatchedBox;
use super::place::List;
use super::sql;
use super::vault::{Fault, Tag, Vault};
use crate::domain::encounter::{Encounter, Lead, Party};
use crate::domain::life::Stage;

/// Longer than every match: all have one length.
pub(super) const STEP: NonZeroUsize = NonZeroUsize::new(768).expect("768 is not zero");
const PARTY_STEP: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not zero");
const HOUR_MICROS: i64 = 3_600_000_000;
const VERSION: u8 = 2;

/// The position before every organisation's first match.
pub(crate) const FIRST: Tag = [0; 32];

impl Encounter {
    /// Stores a new match.
    pub(crate) async fn insert(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let tag = vault.match_tag(self.id);
        let content = self.seal(vault, &tag);
        tx.execute(sql::INSERT_MATCH, args![&tag, self.due_hour(), &content])
            .await?;
        Ok(())
    }

    /// Says that every party has it.
    pub(crate) async fn list_parties(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for party in &self.parties {
            let tag = vault.party_tag(self.id, party.organisation);
            let content = vault.seal(party_location(&tag), self.id.as_bytes(), PARTY_STEP);
            tx.execute(sql::INSERT_PARTY, args![&tag, &party.organisation, &content])
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: MatchId) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOAD_MATCH, args![&vault.match_tag(id)]).await
    }

    /// A match that nobody else changes until this transaction ends.
    pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: MatchId) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOCK_MATCH, args![&vault.match_tag(id)]).await
    }

    /// A match of which something is due at `now` and that no other replica is at.
    pub(crate) async fn lock_due(
        vault: &Vault,
        tx: &mut Tx<'_>,
        tag: &Tag,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOCK_DUE_MATCH, args![tag, now]).await
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

    /// The tags of matches of which something is due.
    pub(crate) async fn due_tags(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Tag>, Fault> {
        let rows = tx.fetch_all(sql::DUE_MATCHES, args![now, limit]).await?;
        rows.iter().map(|row| Ok(row.get::<Tag>(0)?)).collect()
    }

    /// The matches after a position, and the position of each.
    pub(crate) async fn page_of_all(
        vault: &Vault,
        tx: &mut Tx<'_>,
        after: &Tag,
        limit: u32,
    ) -> Result<Vec<(Tag, Self)>, Fault> {
        let rows = tx.fetch_all(sql::MATCHES_AFTER, args![after, limit]).await?;
        rows.iter()
            .map(|row| Ok((row.get(0)?, Self::of_row(vault, row)?)))
            .collect()
    }

    /// The matches of an organisation after a position, and the position of each.
    pub(crate) async fn page(
        vault: &Vault,
        tx: &mut Tx<'_>,
        organisation: Oin,
        after: &Tag,
        limit: u32,
    ) -> Result<Vec<(Tag, Self)>, Fault> {
        let rows = tx
            .fetch_all(sql::PARTIES_AFTER, args![&organisation, after, limit])
            .await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in &rows {
            let tag: Tag = row.get(0)?;
            let opened = vault.open(party_location(&tag), &row.get::<Vec<u8>>(1)?)?;
            let id =
                MatchId::from_slice(&opened).map_err(|_| Fault::Contradiction("a party without a match"))?;
            let encounter = Self::load(vault, tx, id)
                .await?
                .ok_or(Fault::Contradiction("a party of a match that is not there"))?;
            page.push((tag, encounter));
        }
        Ok(page)
    }

    /// Writes it, and takes its boxes away when it has ended. It must be locked.
    pub(crate) async fn save(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let tag = vault.match_tag(self.id);
        let content = self.seal(vault, &tag);
        tx.execute(sql::SAVE_MATCH, args![&tag, self.due_hour(), &content])
            .await?;
        if self.stage.is_final() {
            self.delete_boxes(vault, tx).await?;
        }
        Ok(())
    }

    /// Forgets it and everything beside it. It must be locked.
    pub(crate) async fn erase(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.delete_boxes(vault, tx).await?;
        for party in &self.parties {
            let tag = vault.party_tag(self.id, party.organisation);
            tx.execute(sql::DELETE_PARTY, args![&tag]).await?;
        }
        tx.execute(sql::DELETE_MATCH, args![&vault.match_tag(self.id)])
            .await?;
        for grant in self.grants() {
            List::Grant(grant).forget_if_over(vault, tx).await?;
        }
        List::GateKey(self.gate_key).forget_if_over(vault, tx).await
    }

    /// Takes all its boxes away.
    pub(crate) async fn delete_boxes(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for (sender, recipient) in self.pairs() {
            MatchedBox::delete(vault, tx, self.id, (sender, recipient)).await?;
        }
        Ok(())
    }

    /// Every ordered pair of its organisations.
    pub(crate) fn pairs(&self) -> Vec<(Oin, Oin)> {
        let all = self.parties.iter().map(|party| party.organisation);
        all.clone()
            .flat_map(|one| all.clone().map(move |other| (one, other)))
            .filter(|(one, other)| one != other)
            .collect()
    }

    /// A due time as it is stored: the full hour at or after it.
    fn due_hour(&self) -> Option<Timestamp> {
        self.due().map(|at| {
            let hours = at
                .micros()
                .saturating_add(HOUR_MICROS - 1)
                .div_euclid(HOUR_MICROS);
            Timestamp::from_micros(hours.saturating_mul(HOUR_MICROS))
        })
    }

    fn seal(&self, vault: &Vault, tag: &Tag) -> Vec<u8> {
        vault.seal(location(tag), &self.encode(), STEP)
    }

    /// The layout, at rest and in events.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .bytes(self.id.as_bytes())
            .bytes(self.gate_key.as_bytes())
            .bytes(&self.stage.encode())
            .u32(self.version)
            .timestamp(self.matched_at)
            .optional_timestamp(self.objected_at)
            .optional_timestamp(self.ended_at)
            .u8(u8::from(self.is_overdue))
            .u8(u8::from(self.lead.is_some()));
        if let Some(lead) = &self.lead {
            writer
                .bytes(lead.organisation.as_bytes())
                .bytes(&lead.professional);
        }
        writer.u8(u8::try_from(self.parties.len()).expect("a match holds a circle"));
        for party in &self.parties {
            writer
                .bytes(party.organisation.as_bytes())
                .bytes(party.signal.as_bytes())
                .bytes(party.grant.as_bytes())
                .u8(u8::from(party.acknowledged));
        }
        writer.finish()
    }

    /// Reads what [`Encounter::encode`] wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let encounter = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(encounter)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        if reader.u8()? != VERSION {
            return Err(FormatError::Version);
        }
        let invalid = FormatError::Invalid { field: "stage" };
        let mut encounter = Self {
            id: MatchId::from_bytes(reader.array()?),
            gate_key: KeyId::from_bytes(reader.array()?),
            stage: Stage::decode(reader.array()?).ok_or(invalid)?,
            version: reader.u32()?,
            matched_at: reader.timestamp()?,
            objected_at: reader.optional_timestamp()?,
            ended_at: reader.optional_timestamp()?,
            is_overdue: reader.u8()? == 1,
            lead: None,
            parties: Vec::new(),
        };
        if reader.u8()? == 1 {
            encounter.lead = Some(Lead {
                organisation: reader.oin()?,
                professional: reader.array()?,
            });
        }
        let count = usize::from(reader.u8()?);
        if count > CIRCLE_MEMBERS_MAX {
            return Err(FormatError::TooLong { field: "parties" });
        }
        for _ in 0..count {
            encounter.parties.push(Party {
                organisation: reader.oin()?,
                signal: SignalId::from_bytes(reader.array()?),
                grant: GrantId::from_bytes(reader.array()?),
                acknowledged: reader.u8()? == 1,
            });
        }
        Ok(encounter)
    }

    /// `tag, content`.
    fn of_row(vault: &Vault, row: &Row) -> Result<Self, Fault> {
        let tag: Tag = row.get(0)?;
        Ok(Self::decode(
            &vault.open(location(&tag), &row.get::<Vec<u8>>(1)?)?,
        )?)
    }
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("signal_match", "content", tag)
}

fn party_location(tag: &Tag) -> Location<'_> {
    Location::new("match_party", "content", tag)
}
