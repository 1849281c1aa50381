//! Pages: one thing each, sealed, all of one length, found by HMAC of what they are about. Neither what a page is about
//! nor how much stands on it can be seen.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Tx, args};

use super::sql;
use super::vault::{Fault, Tag, Vault};

/// Length of a page before sealing.
pub(super) const PAGE_BYTES: NonZeroUsize = NonZeroUsize::new(4096).expect("4096 is not zero");
/// What a page holds at most: the sealing keeps four bytes for the length.
pub(crate) const CONTENT_BYTES_MAX: usize = PAGE_BYTES.get() - 4;
const VERSION: u8 = 1;

/// Something that stands on a page of its own.
pub(crate) trait OnPage: Sized {
    /// What the key of its page is made with, and what no other kind of page begins with.
    const LABEL: &'static str;
    /// Tells kinds of pages apart inside the seal.
    const KIND: u8;

    /// Writes it.
    fn write(&self, writer: &mut Writer);

    /// Reads it.
    ///
    /// # Errors
    /// [`FormatError`] for what this program does not write.
    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError>;
}

/// What stands on the page of `key`.
pub(crate) async fn load<P: OnPage>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    key: &[&[u8]],
) -> Result<Option<P>, Fault> {
    let tag = vault.tag(P::LABEL, key);
    let Some(row) = tx.fetch_optional(sql::LOAD_PAGE, args![&tag]).await? else {
        vault.absent(PAGE_BYTES);
        return Ok(None);
    };
    open(vault, &tag, &row.get::<Vec<u8>>(0)?).map(Some)
}

/// The same, and nobody else changes it until this transaction ends.
pub(crate) async fn lock<P: OnPage>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    key: &[&[u8]],
) -> Result<Option<P>, Fault> {
    let tag = vault.tag(P::LABEL, key);
    let Some(row) = tx.fetch_optional(sql::LOCK_PAGE, args![&tag]).await? else {
        vault.absent(PAGE_BYTES);
        return Ok(None);
    };
    open(vault, &tag, &row.get::<Vec<u8>>(0)?).map(Some)
}

/// Begins a page. False when there is one already; then nothing was written.
pub(crate) async fn insert<P: OnPage>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    key: &[&[u8]],
    page: &P,
) -> Result<bool, Fault> {
    let tag = vault.tag(P::LABEL, key);
    let sealed = seal(vault, &tag, page);
    Ok(tx.execute(sql::INSERT_PAGE, args![&tag, &sealed]).await? == 1)
}

/// Writes a page that is there.
pub(crate) async fn save<P: OnPage>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    key: &[&[u8]],
    page: &P,
) -> Result<(), Fault> {
    let tag = vault.tag(P::LABEL, key);
    let sealed = seal(vault, &tag, page);
    match tx.execute(sql::SAVE_PAGE, args![&tag, &sealed]).await? {
        1 => Ok(()),
        _ => Err(Fault::Contradiction("a page that was read is gone")),
    }
}

/// As [`lock`]; where there is none, begins one. Two who begin at once get the same.
pub(crate) async fn lock_or_begin<P: OnPage>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    key: &[&[u8]],
    fresh: P,
) -> Result<P, Fault> {
    if let Some(page) = lock(vault, tx, key).await? {
        return Ok(page);
    }
    if insert(vault, tx, key, &fresh).await? {
        return Ok(fresh);
    }
    lock(vault, tx, key)
        .await?
        .ok_or(Fault::Contradiction("a page that is there and is not"))
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("page", "content", tag)
}

fn seal<P: OnPage>(vault: &Vault, tag: &Tag, page: &P) -> Vec<u8> {
    let mut writer = Writer::with_capacity(CONTENT_BYTES_MAX);
    writer.u8(VERSION).u8(P::KIND);
    page.write(&mut writer);
    let content = zeroize::Zeroizing::new(writer.finish());
    assert!(
        content.len() <= CONTENT_BYTES_MAX,
        "the limits of a page's parts keep it in its length"
    );
    vault.seal(location(tag), &content, PAGE_BYTES)
}

fn open<P: OnPage>(vault: &Vault, tag: &Tag, sealed: &[u8]) -> Result<P, Fault> {
    let content = vault.open(location(tag), sealed)?;
    let mut reader = Reader::new(&content);
    if reader.u8()? != VERSION {
        return Err(FormatError::Version.into());
    }
    if reader.u8()? != P::KIND {
        return Err(Fault::Contradiction("a page of another kind"));
    }
    let page = P::read(&mut reader)?;
    reader.finish()?;
    Ok(page)
}

/// How many of something follow, at most `max`.
pub(crate) fn read_count(reader: &mut Reader<'_>, max: usize) -> Result<usize, FormatError> {
    let count = usize::from(reader.u16()?);
    if count > max {
        return Err(FormatError::TooLong { field: "page" });
    }
    Ok(count)
}

/// The counterpart of [`read_count`].
pub(crate) fn write_count(writer: &mut Writer, count: usize) {
    writer.u16(u16::try_from(count).expect("a page holds few of anything"));
}
