//! Contact boxes: under the tag until a match, then for their recipients.

use std::num::NonZeroUsize;

use sluis_envelope::{
    BoxPlace, ContactBox, EnvelopeError, FormatError, Reader, Signed, SubmissionReceipt, Writer,
};
use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::{BoxId, MatchId, Oin, Randomness};

use super::sql;
use super::under_tag::UnderTag;
use super::vault::{Fault, Vault};

/// Longer than every box with its statements: all have one length, so that none tells circles apart.
pub(super) const STEP: NonZeroUsize = NonZeroUsize::new(8704).expect("8704 is not zero");
/// Longest part of a matched box.
const PART_BYTES_MAX: usize = 8192;

/// A contact box with signalling's receipt for it.
pub(crate) struct TakenBox {
    pub(crate) contact_box: ContactBox,
    pub(crate) receipt: Signed<SubmissionReceipt>,
}

impl TakenBox {
    /// Keeps it under the tag. A fresh id of its own goes before it: each seal has another key.
    pub(crate) async fn save(
        &self,
        at: &UnderTag,
        tx: &mut Tx<'_>,
        (sender, recipient): (Oin, Oin),
        randomness: &dyn Randomness,
    ) -> Result<(), Fault> {
        let box_id = BoxId::random(randomness);
        let mut content = box_id.as_bytes().to_vec();
        content.extend(self.contact_box.seal_at_rest(&self.receipt, &at.place(box_id)));
        let key = at.box_key(sender, recipient);
        tx.execute(sql::SAVE_BOX, args![&key, at.epoch.number(), &content])
            .await?;
        Ok(())
    }

    /// A box under the tag; none where its sender posted none for this recipient.
    pub(crate) async fn load(
        at: &UnderTag,
        tx: &mut Tx<'_>,
        (sender, recipient): (Oin, Oin),
    ) -> Result<Option<Self>, Fault> {
        let key = at.box_key(sender, recipient);
        let Some(row) = tx.fetch_optional(sql::LOAD_BOX, args![&key]).await? else {
            return Ok(None);
        };
        let content: Vec<u8> = row.get(0)?;
        let mut reader = Reader::new(&content);
        let place = at.place(BoxId::from_bytes(reader.array()?));
        let sealed = reader.take(reader.rest_len())?;
        let (contact_box, receipt) = ContactBox::open_at_rest(sealed, &place).map_err(unopened)?;
        Ok(Some(Self { contact_box, receipt }))
    }
}

fn unopened(error: EnvelopeError) -> Fault {
    match error {
        EnvelopeError::Format(error) => error.into(),
        _ => Fault::Contradiction("a contact box that its tag does not open"),
    }
}

impl UnderTag {
    fn place(&self, box_id: BoxId) -> BoxPlace<'_> {
        BoxPlace {
            tag: self.tag(),
            epoch: self.epoch,
            box_id,
        }
    }
}

/// A contact box that a match opened, with its evidence, as it goes to its recipient.
pub(crate) struct MatchedBox {
    pub(crate) contact_box: Vec<u8>,
    pub(crate) receipt: Vec<u8>,
    pub(crate) statement: Vec<u8>,
}

impl MatchedBox {
    /// Keeps it for its recipient, where none is kept yet.
    pub(crate) async fn insert(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: MatchId,
        (sender, recipient): (Oin, Oin),
    ) -> Result<(), Fault> {
        let tag = vault.match_box_tag(id, sender, recipient);
        let mut writer = Writer::new();
        writer
            .bytes16(&self.contact_box)
            .bytes16(&self.receipt)
            .bytes16(&self.statement);
        let content = vault.seal(location(&tag), &writer.finish(), STEP);
        tx.execute(sql::INSERT_MATCH_BOX, args![&tag, &content]).await?;
        Ok(())
    }

    /// The box from one organisation to another.
    pub(crate) async fn load(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: MatchId,
        (sender, recipient): (Oin, Oin),
    ) -> Result<Option<Self>, Fault> {
        let tag = vault.match_box_tag(id, sender, recipient);
        let Some(row) = tx.fetch_optional(sql::LOAD_MATCH_BOX, args![&tag]).await? else {
            vault.absent(STEP);
            return Ok(None);
        };
        let opened = vault.open(location(&tag), &row.get::<Vec<u8>>(0)?)?;
        Ok(Some(Self::read(&opened)?))
    }

    fn read(opened: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(opened);
        let mut part = || Ok::<_, FormatError>(reader.bytes16(PART_BYTES_MAX)?.to_vec());
        let matched = Self {
            contact_box: part()?,
            receipt: part()?,
            statement: part()?,
        };
        reader.finish()?;
        Ok(matched)
    }

    /// Takes it away.
    pub(crate) async fn delete(
        vault: &Vault,
        tx: &mut Tx<'_>,
        id: MatchId,
        (sender, recipient): (Oin, Oin),
    ) -> Result<(), Fault> {
        let tag = vault.match_box_tag(id, sender, recipient);
        tx.execute(sql::DELETE_MATCH_BOX, args![&tag]).await?;
        Ok(())
    }
}

fn location(tag: &[u8; 32]) -> Location<'_> {
    Location::new("match_box", "content", tag)
}
