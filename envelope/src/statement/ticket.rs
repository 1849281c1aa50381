//! The resident ticket: consent's word, towards another service, that a resident may read or stop one grant's part.

use sluis_types::{GrantId, Service, Timestamp};

use super::signed::{Statement, StatementError, read_life, within};
use crate::hash::Digest;
use crate::key::KeyKind;
use crate::limits::RESIDENT_TICKET_MINUTES_MAX;
use crate::wire::{FormatError, Reader, Writer};

/// What a ticket allows: at least one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketActions(u8);

impl TicketActions {
    /// Seeing what happens under the grant.
    pub const READ: Self = Self(1);
    /// Stopping what happens under the grant.
    pub const STOP: Self = Self(2);
    /// Answering what is asked under the grant: yes or no, coming or not.
    pub const DECIDE: Self = Self(4);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bit field on the wire.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether every action of `asked` is allowed.
    pub const fn allow(self, asked: Self) -> bool {
        self.0 & asked.0 == asked.0
    }
}

/// Body of a resident ticket: the only authority of a resident outside consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentTicket {
    /// The grant that it is about.
    pub grant_id: GrantId,
    /// What it allows.
    pub actions: TicketActions,
    /// The one service that takes it.
    pub audience: Service,
    /// The session that it was made in ([`session_hash`](crate::session_hash)).
    pub session_hash: Digest,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends: at most 5 minutes later.
    pub not_after: Timestamp,
}

impl Statement for ResidentTicket {
    const TAG: &'static str = "sluis/v1/resident-ticket";
    const SIGNER: KeyKind = KeyKind::Ticket;
    const BODY_BYTES_MAX: usize = 16 + 1 + 1 + 32 + 8 + 8;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.grant_id.as_bytes())
            .u8(self.actions.0)
            .u8(self.audience.number())
            .digest(&self.session_hash)
            .timestamp(self.issued_at)
            .timestamp(self.not_after);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let grant_id = GrantId::from_bytes(reader.array()?);
        let actions = match reader.u8()? {
            bits @ 1..=7 => TicketActions(bits),
            _ => return Err(FormatError::Invalid { field: "actions" }),
        };
        let audience =
            Service::from_number(reader.u8()?).map_err(|_| FormatError::Invalid { field: "audience" })?;
        let session_hash = reader.digest()?;
        let (issued_at, not_after) = read_life(reader, RESIDENT_TICKET_MINUTES_MAX)?;
        Ok(Self {
            grant_id,
            actions,
            audience,
            session_hash,
            issued_at,
            not_after,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        within(self.issued_at, self.not_after, now)
    }
}

impl super::Verified<ResidentTicket> {
    /// Whether this ticket lets a session do `asked` at `service`. The grant is for the service to compare.
    ///
    /// # Errors
    /// [`StatementError::Mismatch`] with the first field that differs.
    pub fn permits(
        &self,
        service: Service,
        session: &Digest,
        asked: TicketActions,
    ) -> Result<(), StatementError> {
        let checks = [
            ("audience", self.audience == service),
            ("session", self.session_hash == *session),
            ("actions", self.actions.allow(asked)),
        ];
        match checks.iter().find(|(_, same)| !same) {
            Some((field, _)) => Err(StatementError::Mismatch { field }),
            None => Ok(()),
        }
    }
}
