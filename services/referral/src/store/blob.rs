//! Attachments: stored in pieces as they come in, so that none ever stands in memory whole.

use std::num::NonZeroUsize;

use bytes::Bytes;
use sluis_envelope::{Digest, FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Row, Tx, args};
use sluis_types::Timestamp;

use super::sql;
use super::vault::{Fault, Tag, Vault};
use crate::domain::due::stored_hour;

/// Ciphertext bytes in one piece; the last may have fewer.
pub(crate) const PIECE_BYTES: usize = 256 * 1024;
pub(super) const FACTS_STEP: NonZeroUsize = NonZeroUsize::new(128).expect("128 is not zero");
const VERSION: u8 = 1;

/// What is known of an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobRow {
    /// Length of the ciphertext.
    pub(crate) length: u64,
    /// Its SHA-256.
    pub(crate) sha256: Digest,
    /// The attempt that may write pieces: a later one takes over.
    pub(crate) attempt: [u8; 16],
    /// Whether all of it is there, and hashes to `sha256`.
    pub(crate) is_complete: bool,
    /// When it goes if no message claims it.
    pub(crate) unclaimed_until: Timestamp,
}

/// How many pieces a ciphertext of this length has.
pub(crate) fn piece_count(length: u64) -> u32 {
    u32::try_from(length.div_ceil(PIECE_BYTES as u64)).unwrap_or(u32::MAX)
}

impl BlobRow {
    pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, tag: &Tag) -> Result<Option<Self>, Fault> {
        let row = tx.fetch_optional(sql::LOAD_BLOB, args![tag]).await?;
        Self::of_found(vault, tag, row.as_ref())
    }

    pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, tag: &Tag) -> Result<Option<Self>, Fault> {
        let row = tx.fetch_optional(sql::LOCK_BLOB, args![tag]).await?;
        Self::of_found(vault, tag, row.as_ref())
    }

    /// Begins an upload, or takes over one that is not complete.
    pub(crate) async fn begin(&self, vault: &Vault, tx: &mut Tx<'_>, tag: &Tag) -> Result<Begun, Fault> {
        let due = stored_hour(self.unclaimed_until);
        let sealed = self.seal(vault, tag);
        if tx.execute(sql::INSERT_BLOB, args![tag, due, &sealed]).await? == 1 {
            return Ok(Begun::Anew);
        }
        let earlier = Self::lock(vault, tx, tag).await?;
        match earlier {
            Some(earlier) if earlier.is_complete => Ok(Begun::WasComplete(earlier)),
            Some(earlier) => {
                delete_pieces(vault, tx, tag, earlier.length).await?;
                tx.execute(sql::SAVE_BLOB, args![tag, due, &sealed]).await?;
                Ok(Begun::Anew)
            }
            None => Err(Fault::Contradiction("a blob that is there and is not")),
        }
    }

    /// Writes what changed of an attachment that nobody claimed yet.
    pub(crate) async fn save(&self, vault: &Vault, tx: &mut Tx<'_>, tag: &Tag) -> Result<(), Fault> {
        let sealed = self.seal(vault, tag);
        tx.execute(
            sql::SAVE_BLOB,
            args![tag, stored_hour(self.unclaimed_until), &sealed],
        )
        .await?;
        Ok(())
    }

    /// A message claims it: from now on it goes with the message.
    pub(crate) async fn claim(tx: &mut Tx<'_>, tag: &Tag) -> Result<(), Fault> {
        tx.execute(sql::CLAIM_BLOB, args![tag]).await?;
        Ok(())
    }

    /// Takes an attachment of this length away, with its pieces. Repeating is fine.
    pub(crate) async fn delete(vault: &Vault, tx: &mut Tx<'_>, tag: &Tag, length: u64) -> Result<(), Fault> {
        delete_pieces(vault, tx, tag, length).await?;
        tx.execute(sql::DELETE_BLOB, args![tag]).await?;
        Ok(())
    }

    /// Takes away attachments that nobody claimed by `now`, and tells how many.
    pub(crate) async fn delete_unclaimed(
        vault: &Vault,
        tx: &mut Tx<'_>,
        now: Timestamp,
        limit: u32,
    ) -> Result<u32, Fault> {
        let mut deleted = 0;
        for row in tx.fetch_all(sql::DUE_BLOBS, args![now, limit]).await? {
            let tag: Tag = row.get(0)?;
            let blob = Self::open(vault, &tag, &row.get::<Vec<u8>>(1)?)?;
            Self::delete(vault, tx, &tag, blob.length).await?;
            deleted += 1;
        }
        Ok(deleted)
    }

    fn seal(&self, vault: &Vault, tag: &Tag) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .u64(self.length)
            .digest(&self.sha256)
            .bytes(&self.attempt)
            .u8(u8::from(self.is_complete))
            .timestamp(self.unclaimed_until);
        vault.seal(location(tag), &writer.finish(), FACTS_STEP)
    }

    fn of_found(vault: &Vault, tag: &Tag, row: Option<&Row>) -> Result<Option<Self>, Fault> {
        let Some(row) = row else {
            vault.absent(FACTS_STEP);
            return Ok(None);
        };
        Self::open(vault, tag, &row.get::<Vec<u8>>(0)?).map(Some)
    }

    fn open(vault: &Vault, tag: &Tag, sealed: &[u8]) -> Result<Self, Fault> {
        let opened = vault.open(location(tag), sealed)?;
        let mut reader = Reader::new(&opened);
        if reader.u8()? != VERSION {
            return Err(FormatError::Version.into());
        }
        let blob = Self {
            length: reader.u64()?,
            sha256: reader.digest()?,
            attempt: reader.array()?,
            is_complete: reader.u8()? == 1,
            unclaimed_until: reader.timestamp()?,
        };
        reader.finish()?;
        Ok(blob)
    }
}

/// What a beginning upload found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Pieces may be written.
    Anew,
    /// All of it is there already.
    WasComplete(BlobRow),
}

/// Writes one piece, in the place of an earlier attempt's.
pub(crate) async fn save_piece(
    vault: &Vault,
    tx: &mut Tx<'_>,
    blob: &Tag,
    piece: u32,
    bytes: &[u8],
) -> Result<(), Fault> {
    tx.execute(sql::SAVE_PIECE, args![&vault.piece_tag(blob, piece), bytes])
        .await?;
    Ok(())
}

/// One piece; none when the attachment is gone.
pub(crate) async fn load_piece(
    vault: &Vault,
    tx: &mut Tx<'_>,
    blob: &Tag,
    piece: u32,
) -> Result<Option<Bytes>, Fault> {
    let row = tx
        .fetch_optional(sql::LOAD_PIECE, args![&vault.piece_tag(blob, piece)])
        .await?;
    Ok(row.map(|row| row.get::<Vec<u8>>(0)).transpose()?.map(Bytes::from))
}

async fn delete_pieces(vault: &Vault, tx: &mut Tx<'_>, blob: &Tag, length: u64) -> Result<(), Fault> {
    for piece in 0..piece_count(length) {
        tx.execute(sql::DELETE_PIECE, args![&vault.piece_tag(blob, piece)])
            .await?;
    }
    Ok(())
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("blob", "facts", tag)
}
