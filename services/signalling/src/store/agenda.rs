//! What lies beside a meeting: the sealed messages of its items, and which items are under a grant.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::{AgendaItemId, GrantId, KeyId, MeetingId, Oin};

use super::sql;
use super::vault::{Fault, Tag, Vault};

/// Longest message with its receipt: all have one length at rest.
pub(crate) const MESSAGE_BYTES_MAX: usize = 12_000;
const MESSAGE_STEP: NonZeroUsize = NonZeroUsize::new(12_288).expect("12288 is not zero");
/// Most items under one grant at a time.
const LIST_MAX: usize = 24;
/// Longer than a full list.
const LIST_STEP: NonZeroUsize = NonZeroUsize::new(1024).expect("1024 is not zero");

/// An item's message to one organisation, with signalling's receipt for it.
#[derive(Clone)]
pub(crate) struct AgendaMessage {
    pub(crate) recipient: Oin,
    pub(crate) manifest: Vec<u8>,
    pub(crate) sealed_r: Vec<u8>,
    pub(crate) sealed_c: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) receipt: Vec<u8>,
}

impl AgendaMessage {
    /// Bytes of all its parts.
    pub(crate) fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    fn parts(&self) -> [&[u8]; 5] {
        [
            &self.manifest,
            &self.sealed_r,
            &self.sealed_c,
            &self.content,
            &self.receipt,
        ]
    }

    /// Keeps it for its recipient.
    pub(crate) async fn insert(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        item: AgendaItemId,
    ) -> Result<(), Fault> {
        let tag = vault.agenda_message_tag(item, self.recipient);
        let mut writer = Writer::new();
        for part in self.parts() {
            writer.bytes16(part);
        }
        let content = vault.seal(message_location(&tag), &writer.finish(), MESSAGE_STEP);
        tx.execute(sql::INSERT_AGENDA_MESSAGE, args![&tag, &content])
            .await?;
        Ok(())
    }

    /// The message of an item to an organisation.
    pub(crate) async fn load(
        vault: &Vault,
        tx: &mut Tx<'_>,
        item: AgendaItemId,
        recipient: Oin,
    ) -> Result<Option<Self>, Fault> {
        let tag = vault.agenda_message_tag(item, recipient);
        let Some(row) = tx.fetch_optional(sql::LOAD_AGENDA_MESSAGE, args![&tag]).await? else {
            return Ok(None);
        };
        let opened = vault.open(message_location(&tag), &row.get::<Vec<u8>>(0)?)?;
        Ok(Some(Self::read(recipient, &opened)?))
    }

    fn read(recipient: Oin, opened: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(opened);
        let mut part = || Ok::<_, FormatError>(reader.bytes16(MESSAGE_BYTES_MAX)?.to_vec());
        let message = Self {
            recipient,
            manifest: part()?,
            sealed_r: part()?,
            sealed_c: part()?,
            content: part()?,
            receipt: part()?,
        };
        reader.finish()?;
        Ok(message)
    }

    /// Erases the message of an item to an organisation.
    pub(crate) async fn erase(
        vault: &Vault,
        tx: &mut Tx<'_>,
        item: AgendaItemId,
        recipient: Oin,
    ) -> Result<(), Fault> {
        let tag = vault.agenda_message_tag(item, recipient);
        tx.execute(sql::DELETE_AGENDA_MESSAGE, args![&tag]).await?;
        Ok(())
    }
}

/// Where an item stands.
pub(crate) type Place = (MeetingId, AgendaItemId);

/// Whose list of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgendaList {
    /// For its resident, and for its end.
    Grant(GrantId),
    /// For the end of a circle.
    GateKey(KeyId),
}

impl AgendaList {
    fn tag(self, vault: &Vault) -> Tag {
        match self {
            Self::Grant(grant) => vault.agenda_of_grant_tag(grant),
            Self::GateKey(key) => vault.agenda_of_gate_key_tag(key),
        }
    }

    /// The items, oldest first.
    pub(crate) async fn all(self, vault: &Vault, tx: &mut Tx<'_>) -> Result<Vec<Place>, Fault> {
        let tag = self.tag(vault);
        let row = tx.fetch_optional(sql::LOAD_AGENDA_LIST, args![&tag]).await?;
        match row {
            Some(row) => read(vault, &tag, &row.get::<Vec<u8>>(0)?),
            None => Ok(Vec::new()),
        }
    }

    /// Whether one more item has room; nobody else adds one to a list that is there until this transaction ends.
    pub(crate) async fn lock_room(self, vault: &Vault, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let tag = self.tag(vault);
        let row = tx.fetch_optional(sql::LOCK_AGENDA_LIST, args![&tag]).await?;
        match row {
            Some(row) => Ok(read(vault, &tag, &row.get::<Vec<u8>>(0)?)?.len() < LIST_MAX),
            None => Ok(true),
        }
    }

    /// Adds an item. There must be room: [`AgendaList::lock_room`].
    pub(crate) async fn append(self, vault: &Vault, tx: &mut Tx<'_>, place: Place) -> Result<(), Fault> {
        let tag = self.tag(vault);
        let empty = seal(vault, &tag, &[]);
        tx.execute(sql::BEGIN_AGENDA_LIST, args![&tag, &empty]).await?;
        let row = tx.fetch_one(sql::LOCK_AGENDA_LIST, args![&tag]).await?;
        let mut places = read(vault, &tag, &row.get::<Vec<u8>>(0)?)?;
        if places.len() >= LIST_MAX {
            return Err(Fault::Contradiction("a list of items that filled up meanwhile"));
        }
        places.push(place);
        tx.execute(sql::SAVE_AGENDA_LIST, args![&tag, &seal(vault, &tag, &places)])
            .await?;
        Ok(())
    }

    /// Takes the items of a meeting away, and the list when nothing is left on it.
    pub(crate) async fn forget(
        self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        meeting: MeetingId,
    ) -> Result<(), Fault> {
        let tag = self.tag(vault);
        let Some(row) = tx.fetch_optional(sql::LOCK_AGENDA_LIST, args![&tag]).await? else {
            return Ok(());
        };
        let mut places = read(vault, &tag, &row.get::<Vec<u8>>(0)?)?;
        places.retain(|(id, _)| *id != meeting);
        if places.is_empty() {
            tx.execute(sql::DELETE_AGENDA_LIST, args![&tag]).await?;
        } else {
            tx.execute(sql::SAVE_AGENDA_LIST, args![&tag, &seal(vault, &tag, &places)])
                .await?;
        }
        Ok(())
    }
}

fn seal(vault: &Vault, tag: &Tag, places: &[Place]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.u8(u8::try_from(places.len()).expect("a list is short"));
    for (meeting, item) in places {
        writer.bytes(meeting.as_bytes()).bytes(item.as_bytes());
    }
    vault.seal(list_location(tag), &writer.finish(), LIST_STEP)
}

fn read(vault: &Vault, tag: &Tag, sealed: &[u8]) -> Result<Vec<Place>, Fault> {
    let opened = vault.open(list_location(tag), sealed)?;
    let mut reader = Reader::new(&opened);
    let count = usize::from(reader.u8()?);
    if count > LIST_MAX {
        return Err(FormatError::TooLong { field: "agenda list" }.into());
    }
    let places = (0..count)
        .map(|_| {
            Ok((
                MeetingId::from_bytes(reader.array()?),
                AgendaItemId::from_bytes(reader.array()?),
            ))
        })
        .collect::<Result<_, FormatError>>()?;
    reader.finish()?;
    Ok(places)
}

fn message_location(tag: &Tag) -> Location<'_> {
    Location::new("agenda_message", "content", tag)
}

fn list_location(tag: &Tag) -> Location<'_> {
    Location::new("agenda_list", "content", tag)
}
