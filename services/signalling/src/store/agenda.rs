//! What lies beside a meeting: the sealed messages of its items, and which items are under a grant.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::{AgendaItemId, CIRCLE_MEMBERS_MAX, GrantId, KeyId, MeetingId, OIN_BYTES, Oin};

use super::sql;
use super::vault::{Fault, Tag, Vault};

/// Longest message with its receipt: all have one length at rest.
pub(crate) const MESSAGE_BYTES_MAX: usize = 12_000;
pub(super) const MESSAGE_STEP: NonZeroUsize = NonZeroUsize::new(12_288).expect("12288 is not zero");
/// Most items of one presenter under one grant at a time. Each has its own: nobody uses up what others need, or learns
/// from a full list what others put on.
const LIST_PRESENTER_MAX: usize = 12;
/// Most items under one grant at a time: as many presenters as a circle has members, and as many again that left it.
const LIST_MAX: usize = 2 * CIRCLE_MEMBERS_MAX * LIST_PRESENTER_MAX;
/// Longer than a full list.
const LIST_STEP: NonZeroUsize = NonZeroUsize::new(10_240).expect("10240 is not zero");

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
    pub(crate) async fn insert(&self, vault: &Vault, tx: &mut Tx<'_>, place: Place) -> Result<(), Fault> {
        let tag = vault.agenda_message_tag(place, self.recipient);
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
        place: Place,
        recipient: Oin,
    ) -> Result<Option<Self>, Fault> {
        let tag = vault.agenda_message_tag(place, recipient);
        let Some(row) = tx.fetch_optional(sql::LOAD_AGENDA_MESSAGE, args![&tag]).await? else {
            vault.absent(MESSAGE_STEP);
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
        place: Place,
        recipient: Oin,
    ) -> Result<(), Fault> {
        let tag = vault.agenda_message_tag(place, recipient);
        tx.execute(sql::DELETE_AGENDA_MESSAGE, args![&tag]).await?;
        Ok(())
    }
}

/// Where an item stands.
pub(crate) type Place = (MeetingId, AgendaItemId);

/// An item on a list, and who put it on its agenda.
#[derive(Clone, Copy)]
struct Entry {
    place: Place,
    presenter: Oin,
}

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
            Some(row) => {
                let entries = read(vault, &tag, &row.get::<Vec<u8>>(0)?)?;
                Ok(entries.into_iter().map(|entry| entry.place).collect())
            }
            None => Ok(Vec::new()),
        }
    }

    /// Whether one more item of a presenter has room; nobody else adds one to a list that is there until this transaction
    /// ends.
    pub(crate) async fn lock_room(
        self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        presenter: Oin,
    ) -> Result<bool, Fault> {
        let tag = self.tag(vault);
        let row = tx.fetch_optional(sql::LOCK_AGENDA_LIST, args![&tag]).await?;
        match row {
            Some(row) => Ok(has_room(&read(vault, &tag, &row.get::<Vec<u8>>(0)?)?, presenter)),
            None => Ok(true),
        }
    }

    /// Adds an item of a presenter that is not on it yet. There must be room: [`AgendaList::lock_room`].
    pub(crate) async fn append(
        self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        (place, presenter): (Place, Oin),
    ) -> Result<(), Fault> {
        let tag = self.tag(vault);
        let empty = seal(vault, &tag, &[]);
        tx.execute(sql::BEGIN_AGENDA_LIST, args![&tag, &empty]).await?;
        let row = tx.fetch_one(sql::LOCK_AGENDA_LIST, args![&tag]).await?;
        let mut entries = read(vault, &tag, &row.get::<Vec<u8>>(0)?)?;
        if entries.iter().any(|entry| entry.place == place) {
            return Ok(());
        }
        if !has_room(&entries, presenter) {
            return Err(Fault::Contradiction("a list of items that filled up meanwhile"));
        }
        entries.push(Entry { place, presenter });
        tx.execute(sql::SAVE_AGENDA_LIST, args![&tag, &seal(vault, &tag, &entries)])
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
        self.keep(vault, tx, |(id, _)| *id != meeting).await
    }

    /// Takes one item away, and the list when nothing is left on it.
    pub(crate) async fn remove(self, vault: &Vault, tx: &mut Tx<'_>, place: Place) -> Result<(), Fault> {
        self.keep(vault, tx, |other| *other != place).await
    }

    async fn keep(
        self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        is_kept: impl Fn(&Place) -> bool + Send,
    ) -> Result<(), Fault> {
        let tag = self.tag(vault);
        let Some(row) = tx.fetch_optional(sql::LOCK_AGENDA_LIST, args![&tag]).await? else {
            return Ok(());
        };
        let mut entries = read(vault, &tag, &row.get::<Vec<u8>>(0)?)?;
        entries.retain(|entry| is_kept(&entry.place));
        if entries.is_empty() {
            tx.execute(sql::DELETE_AGENDA_LIST, args![&tag]).await?;
        } else {
            tx.execute(sql::SAVE_AGENDA_LIST, args![&tag, &seal(vault, &tag, &entries)])
                .await?;
        }
        Ok(())
    }
}

fn has_room(entries: &[Entry], presenter: Oin) -> bool {
    let own = entries.iter().filter(|entry| entry.presenter == presenter);
    own.count() < LIST_PRESENTER_MAX && entries.len() < LIST_MAX
}

fn seal(vault: &Vault, tag: &Tag, entries: &[Entry]) -> Vec<u8> {
    // What is written, and the count before it.
    const { assert!(LIST_MAX * (16 + 16 + OIN_BYTES) < LIST_STEP.get()) };
    let mut writer = Writer::new();
    writer.u8(u8::try_from(entries.len()).expect("a list is short"));
    for entry in entries {
        let (meeting, item) = &entry.place;
        writer
            .bytes(meeting.as_bytes())
            .bytes(item.as_bytes())
            .bytes(entry.presenter.as_bytes());
    }
    vault.seal(list_location(tag), &writer.finish(), LIST_STEP)
}

fn read(vault: &Vault, tag: &Tag, sealed: &[u8]) -> Result<Vec<Entry>, Fault> {
    let opened = vault.open(list_location(tag), sealed)?;
    let mut reader = Reader::new(&opened);
    let count = usize::from(reader.u8()?);
    if count > LIST_MAX {
        return Err(FormatError::TooLong { field: "agenda list" }.into());
    }
    let entries = (0..count)
        .map(|_| {
            Ok(Entry {
                place: (
                    MeetingId::from_bytes(reader.array()?),
                    AgendaItemId::from_bytes(reader.array()?),
                ),
                presenter: reader.oin()?,
            })
        })
        .collect::<Result<_, FormatError>>()?;
    reader.finish()?;
    Ok(entries)
}

fn message_location(tag: &Tag) -> Location<'_> {
    Location::new("agenda_message", "content", tag)
}

fn list_location(tag: &Tag) -> Location<'_> {
    Location::new("agenda_list", "content", tag)
}
