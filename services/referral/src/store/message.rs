//! Messages: facts that never change (manifest and receipt) and a life that does.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Header, Manifest, Reader, Writer, limits};
use sluis_keyring::Location;
use sluis_store::{Row, Statement, Tx, args};
use sluis_types::{MessageId, Oin, Timestamp};

use super::blob::BlobRow;
use super::ciphertext::Ciphertext;
use super::sql;
use super::vault::{Fault, Vault};
use crate::domain::due::{Timed, stored_hour};
use crate::domain::message::{Ciphertext as Fate, MessageEvent, MessageLife, MessageState};
use crate::domain::thread::{Cause, Opening};

/// Facts are sealed in steps of this many bytes: the number of attachments does not show by itself.
pub(super) const FACTS_STEP: NonZeroUsize = NonZeroUsize::new(512).expect("512 is not zero");
/// A life is always shorter than this: all have one length.
pub(super) const LIFE_STEP: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");
/// Version, key id, body, signature.
const RECEIPT_BYTES_MAX: usize = 256;
const VERSION: u8 = 1;

/// A message as it is kept, without its ciphertext.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The manifest's bytes.
    pub(crate) manifest_bytes: Vec<u8>,
    /// The manifest; its signature was verified when it was submitted.
    pub(crate) manifest: Manifest,
    /// The submission receipt's bytes.
    pub(crate) receipt: Vec<u8>,
    /// When it was received.
    pub(crate) received_at: Timestamp,
    /// What changes.
    pub(crate) life: MessageLife,
}

impl Message {
    pub(crate) fn header(&self) -> &Header {
        self.manifest.header()
    }

    pub(crate) fn id(&self) -> MessageId {
        self.header().message_id()
    }

    /// What time may do to it; `opens` is the referral that it opens.
    pub(crate) fn timed(&self, opens: Option<Opening>) -> Timed {
        Timed {
            state: self.life.state,
            has_ciphertext: self.life.has_ciphertext,
            expires: self.header().expires(),
            respond_by: self.header().respond_by(),
            opens,
        }
    }

    /// Whether the recipient may still have the ciphertext at `now`: the clock decides, the timer only tidies up.
    pub(crate) fn is_readable(&self, now: Timestamp) -> bool {
        self.life.has_ciphertext && now < self.header().expires()
    }

    /// The state as it is shown at `now`.
    pub(crate) fn shown_state(&self, now: Timestamp) -> MessageState {
        if self.life.state.is_open_to_opening() && now >= self.header().expires() {
            MessageState::Expired
        } else {
            self.life.state
        }
    }

    /// Stores a new message. False when the id is taken; then nothing was written.
    pub(crate) async fn insert(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        opens: Option<Opening>,
    ) -> Result<bool, Fault> {
        let header = self.header();
        let id = header.message_id();
        let due = self.timed(opens).at(self.received_at).next.map(stored_hour);
        let (sender, recipient) = (header.sender(), header.recipient());
        let (facts, life) = (self.seal_facts(vault), self.seal_life(vault));
        let args = args![
            id.as_bytes(),
            &sender,
            &recipient,
            Some(self.life.position),
            due,
            &facts,
            &life
        ];
        Ok(tx.execute(sql::INSERT_MESSAGE, args).await? == 1)
    }

    /// A message, for the service itself.
    pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: MessageId) -> Result<Option<Self>, Fault> {
        let row = tx.fetch_optional(sql::LOAD_MESSAGE, args![id.as_bytes()]).await?;
        Self::of_found(vault, row.as_ref())
    }

    /// A message that a page names: it must be there.
    pub(crate) async fn load_known(vault: &Vault, tx: &mut Tx<'_>, id: MessageId) -> Result<Self, Fault> {
        Self::load(vault, tx, id)
            .await?
            .ok_or(Fault::Contradiction("a page names a message that is not there"))
    }

    /// A message that nobody else changes until this transaction ends.
    pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: MessageId) -> Result<Option<Self>, Fault> {
        let row = tx.fetch_optional(sql::LOCK_MESSAGE, args![id.as_bytes()]).await?;
        Self::of_found(vault, row.as_ref())
    }

    /// A message of which something is due at `now` and that no other replica is at.
    pub(crate) async fn lock_due(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        let row = tx
            .fetch_optional(sql::LOCK_DUE_MESSAGE, args![id.as_bytes(), now])
            .await?;
        Self::of_found(vault, row.as_ref())
    }

    /// A message of which `organisation` is sender or recipient.
    pub(crate) async fn of_party(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: MessageId,
        organisation: Oin,
    ) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOAD_MESSAGE_OF_PARTY, id, organisation).await
    }

    /// A message that is addressed to `organisation`.
    pub(crate) async fn for_recipient(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: MessageId,
        organisation: Oin,
    ) -> Result<Option<Self>, Fault> {
        Self::one(vault, tx, sql::LOAD_MESSAGE_FOR_RECIPIENT, id, organisation).await
    }

    async fn one(
        vault: &Vault,
        tx: &mut Tx<'_>,
        statement: Statement,
        id: MessageId,
        organisation: Oin,
    ) -> Result<Option<Self>, Fault> {
        let row = tx
            .fetch_optional(statement, args![id.as_bytes(), &organisation])
            .await?;
        Self::of_found(vault, row.as_ref())
    }

    /// The messages in an inbox after a place in it, oldest first.
    pub(crate) async fn inbox(
        vault: &Vault,
        tx: &mut Tx<'_>,
        recipient: Oin,
        after: (i64, MessageId),
        limit: u32,
    ) -> Result<Vec<Self>, Fault> {
        let args = args![&recipient, after.0, after.1.as_bytes(), limit];
        Self::many(vault, tx, sql::INBOX, args).await
    }

    /// The messages that an organisation sent before a message id, newest first.
    pub(crate) async fn sent(
        vault: &Vault,
        tx: &mut Tx<'_>,
        organisation: Oin,
        before: MessageId,
        limit: u32,
    ) -> Result<Vec<Self>, Fault> {
        Self::many(
            vault,
            tx,
            sql::SENT_BEFORE,
            args![&organisation, before.as_bytes(), limit],
        )
        .await
    }

    /// The messages that an organisation received before a message id, newest first.
    pub(crate) async fn received(
        vault: &Vault,
        tx: &mut Tx<'_>,
        organisation: Oin,
        before: MessageId,
        limit: u32,
    ) -> Result<Vec<Self>, Fault> {
        Self::many(
            vault,
            tx,
            sql::RECEIVED_BEFORE,
            args![&organisation, before.as_bytes(), limit],
        )
        .await
    }

    async fn many(
        vault: &Vault,
        tx: &mut Tx<'_>,
        statement: Statement,
        args: &[sluis_store::Arg<'_>],
    ) -> Result<Vec<Self>, Fault> {
        let rows = tx.fetch_all(statement, args).await?;
        rows.iter().map(|row| Self::of_row(vault, row)).collect()
    }

    /// The ids of messages of which something is due.
    pub(crate) async fn due(tx: &mut Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<MessageId>, Fault> {
        let rows = tx.fetch_all(sql::DUE_MESSAGES, args![now, limit]).await?;
        rows.iter()
            .map(|row| Ok(MessageId::from_bytes(row.get::<[u8; 16]>(0)?)))
            .collect()
    }

    /// Applies an event, writes what changed and takes the ciphertext away where the event says so. False when the
    /// event changes nothing. The message must be locked, or its referral be.
    pub(crate) async fn apply(
        &mut self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        event: MessageEvent,
        opens: Option<Opening>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let Some((life, fate)) = self.life.after(event, now) else {
            return Ok(false);
        };
        self.life = life;
        if fate == Fate::Goes {
            self.delete_ciphertext(vault, tx).await?;
        }
        self.save(vault, tx, opens, now).await?;
        Ok(true)
    }

    /// Takes shares, content and attachments away, and says so.
    pub(crate) async fn purge(
        &mut self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        opens: Option<Opening>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.life.has_ciphertext = false;
        self.delete_ciphertext(vault, tx).await?;
        self.save(vault, tx, opens, now).await
    }

    /// Names the message that took this one's place.
    pub(crate) fn set_replaced_by(&mut self, replacement: MessageId) {
        self.life.replaced_by = Some(replacement);
    }

    async fn delete_ciphertext(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let id = self.id();
        Ciphertext::delete(vault, tx, id).await?;
        for blob in self.manifest.blobs() {
            let tag = vault.blob_tag(self.header().sender(), id, blob.id);
            BlobRow::delete(vault, tx, &tag, u64::from(blob.ciphertext_length())).await?;
        }
        Ok(())
    }

    /// In an inbox stands what has not arrived in the recipient's system.
    fn inbox_position(&self) -> Option<i64> {
        (self.life.state == MessageState::Submitted).then_some(self.life.position)
    }

    async fn save(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        opens: Option<Opening>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let id = self.id();
        let due = self.timed(opens).at(now).next.map(stored_hour);
        let life = self.seal_life(vault);
        tx.execute(
            sql::SAVE_MESSAGE,
            args![id.as_bytes(), self.inbox_position(), due, &life],
        )
        .await?;
        Ok(())
    }

    /// Sets when to look at it again, and nothing else.
    pub(crate) async fn rearm(
        &self,
        tx: &mut Tx<'_>,
        opens: Option<Opening>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let due = self.timed(opens).at(now).next.map(stored_hour);
        tx.execute(sql::SAVE_MESSAGE_DUE, args![self.id().as_bytes(), due])
            .await?;
        Ok(())
    }

    fn seal_facts(&self, vault: &Vault) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .timestamp(self.received_at)
            .bytes16(&self.receipt)
            .bytes16(&self.manifest_bytes);
        let id = self.id();
        vault.seal(facts_location(&id), &writer.finish(), FACTS_STEP)
    }

    fn seal_life(&self, vault: &Vault) -> Vec<u8> {
        let life = &self.life;
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .u8(life.state as u8)
            .u8(life.cause as u8)
            .timestamp(life.changed_at)
            .i64(life.position)
            .bytes(&life.replaced_by.map_or([0; 16], |id| *id.as_bytes()))
            .u8(u8::from(life.has_ciphertext));
        let id = self.id();
        vault.seal(life_location(&id), &writer.finish(), LIFE_STEP)
    }

    fn of_found(vault: &Vault, row: Option<&Row>) -> Result<Option<Self>, Fault> {
        let Some(row) = row else {
            vault.absent(FACTS_STEP);
            vault.absent(LIFE_STEP);
            return Ok(None);
        };
        Self::of_row(vault, row).map(Some)
    }

    /// `message_id, facts, life`.
    fn of_row(vault: &Vault, row: &Row) -> Result<Self, Fault> {
        let id = MessageId::from_bytes(row.get::<[u8; 16]>(0)?);
        let facts = vault.open(facts_location(&id), &row.get::<Vec<u8>>(1)?)?;
        let mut reader = Reader::new(&facts);
        if reader.u8()? != VERSION {
            return Err(FormatError::Version.into());
        }
        let received_at = reader.timestamp()?;
        let receipt = reader.bytes16(RECEIPT_BYTES_MAX)?.to_vec();
        let manifest_bytes = reader.bytes16(limits::MANIFEST_BYTES_MAX)?.to_vec();
        reader.finish()?;
        let life = read_life(&vault.open(life_location(&id), &row.get::<Vec<u8>>(2)?)?)?;
        let manifest = Manifest::parse(&manifest_bytes)?;
        if manifest.header().message_id() != id {
            return Err(Fault::Contradiction("a message under another id"));
        }
        Ok(Self {
            manifest_bytes,
            manifest,
            receipt,
            received_at,
            life,
        })
    }
}

fn read_life(opened: &[u8]) -> Result<MessageLife, FormatError> {
    let invalid = FormatError::Invalid { field: "life" };
    let mut reader = Reader::new(opened);
    if reader.u8()? != VERSION {
        return Err(FormatError::Version);
    }
    let life = MessageLife {
        state: MessageState::from_number(reader.u8()?).ok_or(invalid)?,
        cause: Cause::from_number(reader.u8()?).ok_or(invalid)?,
        changed_at: reader.timestamp()?,
        position: reader.i64()?,
        replaced_by: match reader.array()? {
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] => None,
            bytes => Some(MessageId::from_bytes(bytes)),
        },
        has_ciphertext: reader.u8()? == 1,
    };
    reader.finish()?;
    Ok(life)
}

fn facts_location(id: &MessageId) -> Location<'_> {
    Location::new("message", "facts", id.as_bytes())
}

fn life_location(id: &MessageId) -> Location<'_> {
    Location::new("message", "life", id.as_bytes())
}
