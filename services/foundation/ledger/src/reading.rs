//! Reading one subject's events back: *wie heeft gekeken*.

use std::fmt;

use sluis_store::{Tx, args};
use sluis_types::GrantId;

use crate::canonical::{self, LoggedEvent, SALT_BYTES};
use crate::ledger::event_location;
use crate::{Ledger, LedgerError, sql};

/// The most events in one page.
pub const EVENTS_PAGE_MAX: u32 = 100;

/// An event with what is needed to verify it: its leaf is `H("sluis/v1/leaf", salt, canonical event)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What happened.
    pub event: LoggedEvent,
    /// The event in its canonical form, as the leaf commits to it.
    pub canonical: Vec<u8>,
    /// The salt.
    pub salt: [u8; SALT_BYTES],
    /// The leaf.
    pub leaf: [u8; 32],
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// Some events of one grant, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events; those that retention took are left out.
    pub events: Vec<Recorded>,
    /// Where the next page goes on; none when there are no older events.
    pub next: Option<u64>,
}

impl Ledger {
    /// The events of a grant, newest first: from the newest, or from where the page before ended. Retention leaves
    /// holes, so a page may have fewer events than `limit` (which is coerced between 1 and [`EVENTS_PAGE_MAX`]).
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn events_of_grant(
        &self,
        tx: &mut Tx<'_>,
        grant: GrantId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<EventPage, LedgerError> {
        let count_key = self.count_key(grant);
        let count = match tx.fetch_optional(sql::COUNT, args![&count_key]).await? {
            None => 0,
            Some(row) => self.open_count(&count_key, &row.get::<Vec<u8>>(0)?)?,
        };
        let end = before.unwrap_or(count).min(count);
        let start = end.saturating_sub(u64::from(limit.clamp(1, EVENTS_PAGE_MAX)));
        let mut events = Vec::new();
        for number in (start..end).rev() {
            events.extend(self.event_at(tx, &self.event_key(grant, number)).await?);
        }
        // Retention takes the oldest first: below a page without events there are none.
        let next = (start > 0 && !events.is_empty()).then_some(start);
        Ok(EventPage { events, next })
    }

    /// The event under one tag; none when there never was one, or retention took it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn event_under(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
    ) -> Result<Option<Recorded>, LedgerError> {
        self.event_at(tx, tag).await
    }

    async fn event_at(&self, tx: &mut Tx<'_>, event_key: &[u8; 32]) -> Result<Option<Recorded>, LedgerError> {
        let Some(row) = tx.fetch_optional(sql::EVENT, args![event_key]).await? else {
            return Ok(None);
        };
        let opened = self
            .columns()
            .open(event_location(event_key), &row.get::<Vec<u8>>(0)?)
            .map_err(|_| DOES_NOT_OPEN)?;
        let (salt, canonical) = opened.split_first_chunk().ok_or(DOES_NOT_OPEN)?;
        Ok(Some(Recorded {
            event: canonical::decode(canonical).map_err(|_| DOES_NOT_OPEN)?,
            canonical: canonical.to_vec(),
            salt: *salt,
            leaf: canonical::leaf(salt, canonical),
        }))
    }
}

const DOES_NOT_OPEN: LedgerError = LedgerError::Damaged {
    what: "an event that does not open",
};
