//! Meetings as they are kept, and which organisation is invited to which.

use std::num::NonZeroUsize;

use sluis_keyring::Location;
use sluis_store::{Row, Statement, Tx, args};
use sluis_types::{MeetingId, Oin, Timestamp};

use super::agenda::{AgendaList, AgendaMessage};
use super::sql;
use super::vault::{Fault, Tag, Vault};
use crate::domain::meeting::{Item, Meeting};

/// Longer than a full agenda: all meetings have one length.
pub(super) const STEP: NonZeroUsize = NonZeroUsize::new(102_400).expect("102400 is not zero");
const SEAT_STEP: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not zero");
const HOUR_MICROS: i64 = 3_600_000_000;

impl Meeting {
    /// Stores a new meeting. False when the id is taken; then nothing was written.
    pub(crate) async fn insert(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let tag = vault.meeting_tag(self.id);
        let content = self.seal(vault, &tag);
        let written = tx
            .execute(sql::INSERT_MEETING, args![&tag, self.due_hour(), &content])
            .await?;
        if written == 1 {
            self.list_seats(vault, tx).await?;
        }
        Ok(written == 1)
    }

    async fn list_seats(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for seat in &self.participants {
            let tag = vault.seat_tag(self.id, seat.organisation);
            let content = vault.seal(seat_location(&tag), self.id.as_bytes(), SEAT_STEP);
            tx.execute(sql::INSERT_SEAT, args![&tag, &seat.organisation, &content])
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: MeetingId) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOAD_MEETING, args![&vault.meeting_tag(id)]).await
    }

    /// A meeting that nobody else changes until this transaction ends.
    pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: MeetingId) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOCK_MEETING, args![&vault.meeting_tag(id)]).await
    }

    /// A meeting of which something is due at `now` and that no other replica is at.
    pub(crate) async fn lock_due(
        vault: &Vault,
        tx: &mut Tx<'_>,
        tag: &Tag,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOCK_DUE_MEETING, args![tag, now]).await
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

    /// The tags of meetings of which something is due.
    pub(crate) async fn due_tags(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<Tag>, Fault> {
        let rows = tx.fetch_all(sql::DUE_MEETINGS, args![now, limit]).await?;
        rows.iter().map(|row| Ok(row.get::<Tag>(0)?)).collect()
    }

    /// The meetings of an organisation after a position, and the position of each.
    pub(crate) async fn page(
        vault: &Vault,
        tx: &mut Tx<'_>,
        organisation: Oin,
        after: &Tag,
        limit: u32,
    ) -> Result<Vec<(Tag, Self)>, Fault> {
        let rows = tx
            .fetch_all(sql::SEATS_AFTER, args![&organisation, after, limit])
            .await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in &rows {
            let tag: Tag = row.get(0)?;
            let opened = vault.open(seat_location(&tag), &row.get::<Vec<u8>>(1)?)?;
            let id = MeetingId::from_slice(&opened)
                .map_err(|_| Fault::Contradiction("a seat without a meeting"))?;
            let meeting = Self::load(vault, tx, id)
                .await?
                .ok_or(Fault::Contradiction("a seat at a meeting that is not there"))?;
            page.push((tag, meeting));
        }
        Ok(page)
    }

    /// Writes it, and the seats that are new. It must be locked.
    pub(crate) async fn save(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let tag = vault.meeting_tag(self.id);
        let content = self.seal(vault, &tag);
        tx.execute(sql::SAVE_MEETING, args![&tag, self.due_hour(), &content])
            .await?;
        self.list_seats(vault, tx).await
    }

    /// Takes the seat of an organisation away that left. It must be locked.
    pub(crate) async fn delete_seat(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        organisation: Oin,
    ) -> Result<(), Fault> {
        let tag = vault.seat_tag(self.id, organisation);
        tx.execute(sql::DELETE_SEAT, args![&tag]).await?;
        Ok(())
    }

    /// Erases it and everything beside it. It must be locked.
    pub(crate) async fn erase(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for item in &self.items {
            item.erase_messages(vault, tx, self.id).await?;
            for list in item.lists() {
                list.forget(vault, tx, self.id).await?;
            }
        }
        for seat in &self.participants {
            self.delete_seat(vault, tx, seat.organisation).await?;
        }
        tx.execute(sql::DELETE_MEETING, args![&vault.meeting_tag(self.id)])
            .await?;
        Ok(())
    }

    /// A due time as it is stored: the full hour at or after it.
    fn due_hour(&self) -> Timestamp {
        let micros = self.due().micros().saturating_add(HOUR_MICROS - 1);
        Timestamp::from_micros(micros.div_euclid(HOUR_MICROS).saturating_mul(HOUR_MICROS))
    }

    fn seal(&self, vault: &Vault, tag: &Tag) -> Vec<u8> {
        vault.seal(location(tag), &self.encode(), STEP)
    }

    /// `tag, content`.
    fn of_row(vault: &Vault, row: &Row) -> Result<Self, Fault> {
        let tag: Tag = row.get(0)?;
        Ok(Self::decode(
            &vault.open(location(&tag), &row.get::<Vec<u8>>(1)?)?,
        )?)
    }
}

impl Item {
    /// Erases the messages to everybody who is invited to this item of a meeting.
    pub(crate) async fn erase_messages(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        meeting: MeetingId,
    ) -> Result<(), Fault> {
        for invited in &self.invited {
            AgendaMessage::erase(vault, tx, (meeting, self.id), invited.organisation).await?;
        }
        Ok(())
    }

    /// Every list that it stands on, in one order.
    pub(crate) fn lists(&self) -> Vec<AgendaList> {
        let grants = self.grants().into_iter().map(AgendaList::Grant);
        let mut keys: Vec<_> = self.circles.iter().map(|(_, key)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        grants.chain(keys.into_iter().map(AgendaList::GateKey)).collect()
    }
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("meeting", "content", tag)
}

fn seat_location(tag: &Tag) -> Location<'_> {
    Location::new("meeting_seat", "content", tag)
}
