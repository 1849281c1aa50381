//! Pages: what is known of a grant or a thread, and which messages belong to it.
//!
//! A *book* is one grant or one thread. Its pages are found by HMAC(index key, "grant" or "thread", id, i), i
//! gap-free from 0; page 0 holds the head, and every page holds up to [`ENTRIES_PER_PAGE`] message ids. All pages of
//! all books have one length, so that neither the kind of a book nor how much is in it can be seen.

use std::num::NonZeroUsize;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::Location;
use sluis_store::{Tx, args};
use sluis_types::{GrantId, MessageId, ThreadId};

use super::sql;
use super::vault::{Fault, Tag, Vault};
use crate::domain::grant::Standing;
use crate::domain::thread::Thread;

/// Message ids on one page.
pub(crate) const ENTRIES_PER_PAGE: usize = 16;
/// Length of a page before sealing; the longest content is shorter.
pub(super) const PAGE_BYTES: NonZeroUsize = NonZeroUsize::new(512).expect("512 is not zero");
const VERSION: u8 = 1;

/// What a book is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Grant(GrantId),
    Thread(ThreadId),
}

impl Subject {
    fn tag(self, vault: &Vault, page: u32) -> Tag {
        match self {
            Self::Grant(id) => vault.grant_tag(id, page),
            Self::Thread(id) => vault.thread_tag(id, page),
        }
    }
}

/// What stands on page 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    Grant { id: GrantId, standing: Standing },
    Thread(Thread),
}

impl Head {
    fn subject(&self) -> Subject {
        match self {
            Self::Grant { id, .. } => Subject::Grant(*id),
            Self::Thread(thread) => Subject::Thread(thread.id),
        }
    }
}

/// One grant or thread with its first page.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) head: Head,
    /// How many messages belong to it, on all pages.
    entries: u32,
    first: Vec<MessageId>,
}

impl Book {
    /// A book without messages.
    pub(crate) const fn new(head: Head) -> Self {
        Self {
            head,
            entries: 0,
            first: Vec::new(),
        }
    }

    /// The book of a grant or thread.
    pub(crate) async fn load(
        vault: &Vault,
        tx: &mut Tx<'_>,
        subject: Subject,
    ) -> Result<Option<Self>, Fault> {
        let tag = subject.tag(vault, 0);
        let Some(row) = tx.fetch_optional(sql::LOAD_PAGE, args![&tag]).await? else {
            vault.absent(PAGE_BYTES);
            return Ok(None);
        };
        Self::open(vault, &tag, &row.get::<Vec<u8>>(0)?, subject).map(Some)
    }

    /// The book of a grant or thread, which nobody else changes until this transaction ends.
    pub(crate) async fn lock(
        vault: &Vault,
        tx: &mut Tx<'_>,
        subject: Subject,
    ) -> Result<Option<Self>, Fault> {
        let tag = subject.tag(vault, 0);
        let Some(row) = tx.fetch_optional(sql::LOCK_PAGE, args![&tag]).await? else {
            vault.absent(PAGE_BYTES);
            return Ok(None);
        };
        Self::open(vault, &tag, &row.get::<Vec<u8>>(0)?, subject).map(Some)
    }

    /// As [`Book::lock`]; where there is none, begins one with `head`. Two who begin at once get the same.
    pub(crate) async fn lock_or_begin(vault: &Vault, tx: &mut Tx<'_>, head: Head) -> Result<Self, Fault> {
        let subject = head.subject();
        if let Some(book) = Self::lock(vault, tx, subject).await? {
            return Ok(book);
        }
        let fresh = Self::new(head);
        let tag = subject.tag(vault, 0);
        if tx
            .execute(sql::INSERT_PAGE, args![&tag, &fresh.seal(vault, &tag)])
            .await?
            == 1
        {
            return Ok(fresh);
        }
        Self::lock(vault, tx, subject)
            .await?
            .ok_or(Fault::Contradiction("a page that is there and is not"))
    }

    /// Begins a book with its first message. False when there is one already; then nothing was written.
    pub(crate) async fn begin(
        &mut self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        message: MessageId,
    ) -> Result<bool, Fault> {
        self.entries = 1;
        self.first = vec![message];
        let tag = self.head.subject().tag(vault, 0);
        Ok(tx
            .execute(sql::INSERT_PAGE, args![&tag, &self.seal(vault, &tag)])
            .await?
            == 1)
    }

    /// Writes page 0.
    pub(crate) async fn save(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let tag = self.head.subject().tag(vault, 0);
        tx.execute(sql::SAVE_PAGE, args![&tag, &self.seal(vault, &tag)])
            .await?;
        Ok(())
    }

    /// Adds a message and writes page 0, and the last page where that is another one. The book must be locked.
    pub(crate) async fn append(
        &mut self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        message: MessageId,
    ) -> Result<(), Fault> {
        let per_page = u32::try_from(ENTRIES_PER_PAGE).expect("a small constant");
        let page = self.entries / per_page;
        if page == 0 {
            self.first.push(message);
        } else {
            let mut entries = match self.entries % per_page {
                0 => Vec::new(),
                _ => self.load_page(vault, tx, page).await?,
            };
            entries.push(message);
            let tag = self.head.subject().tag(vault, page);
            let sealed = seal_page(vault, &tag, &encode_further(page, &entries));
            tx.execute(sql::SAVE_PAGE, args![&tag, &sealed]).await?;
        }
        self.entries += 1;
        self.save(vault, tx).await
    }

    /// The first message that belonged to it.
    pub(crate) fn first_message(&self) -> Option<MessageId> {
        self.first.first().copied()
    }

    /// Every message that belongs to it, oldest first.
    pub(crate) async fn messages(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<Vec<MessageId>, Fault> {
        let mut messages = self.first.clone();
        let mut page = 1;
        while messages.len() < self.entries as usize {
            messages.extend(self.load_page(vault, tx, page).await?);
            page += 1;
        }
        Ok(messages)
    }

    async fn load_page(&self, vault: &Vault, tx: &mut Tx<'_>, page: u32) -> Result<Vec<MessageId>, Fault> {
        let tag = self.head.subject().tag(vault, page);
        let row = tx.fetch_one(sql::LOAD_PAGE, args![&tag]).await?;
        let opened = open_page(vault, &tag, &row.get::<Vec<u8>>(0)?)?;
        let mut reader = Reader::new(&opened);
        if reader.u8()? != VERSION || reader.u8()? != 0 || reader.u32()? != page {
            return Err(Fault::Contradiction("a page of another book or number"));
        }
        let entries = read_entries(&mut reader)?;
        reader.finish()?;
        if entries.is_empty() {
            return Err(Fault::Contradiction("an empty page"));
        }
        Ok(entries)
    }

    fn seal(&self, vault: &Vault, tag: &Tag) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(VERSION);
        match &self.head {
            Head::Grant { id, standing } => {
                writer.u8(1).u32(self.entries).bytes(id.as_bytes());
                writer
                    .u8(u8::from(standing.ended))
                    .u32(standing.live_from)
                    .u8(u8::from(standing.paused));
            }
            Head::Thread(thread) => {
                writer.u8(2).u32(self.entries);
                super::thread::write(thread, &mut writer);
            }
        }
        write_entries(&self.first, &mut writer);
        seal_page(vault, tag, &writer.finish())
    }

    fn open(vault: &Vault, tag: &Tag, sealed: &[u8], subject: Subject) -> Result<Self, Fault> {
        let book = Self::read(&open_page(vault, tag, sealed)?)?
            .ok_or(Fault::Contradiction("a further page where the first must be"))?;
        if book.head.subject() == subject {
            Ok(book)
        } else {
            Err(Fault::Contradiction("a page of another book"))
        }
    }

    /// A first page; none when it is a further one.
    fn read(page: &[u8]) -> Result<Option<Self>, Fault> {
        let mut reader = Reader::new(page);
        if reader.u8()? != VERSION {
            return Err(FormatError::Version.into());
        }
        let kind = reader.u8()?;
        let entries = reader.u32()?;
        let head = match kind {
            0 => return Ok(None),
            1 => Head::Grant {
                id: GrantId::from_bytes(reader.array()?),
                standing: Standing {
                    ended: reader.u8()? == 1,
                    live_from: reader.u32()?,
                    paused: reader.u8()? == 1,
                },
            },
            2 => Head::Thread(super::thread::read(&mut reader)?),
            _ => return Err(FormatError::Invalid { field: "page" }.into()),
        };
        let first = read_entries(&mut reader)?;
        reader.finish()?;
        Ok(Some(Self { head, entries, first }))
    }
}

/// The grants that hold messages and have not ended, among the pages after `after`; and where to go on, if anywhere.
/// For whoever missed events: it opens every page of the service, one stretch at a time.
pub(crate) async fn grants_after(
    vault: &Vault,
    tx: &mut Tx<'_>,
    after: &[u8],
    limit: u32,
) -> Result<(Vec<GrantId>, Option<Tag>), Fault> {
    let rows = tx.fetch_all(sql::PAGES_AFTER, args![after, limit]).await?;
    let mut grants = Vec::new();
    let mut last = None;
    for row in &rows {
        let tag: Tag = row.get(0)?;
        let book = Book::read(&open_page(vault, &tag, &row.get::<Vec<u8>>(1)?)?)?;
        if let Some(Book {
            head: Head::Grant { id, standing },
            entries: 1..,
            ..
        }) = book
            && !standing.ended
        {
            grants.push(id);
        }
        last = Some(tag);
    }
    Ok((grants, last.filter(|_| rows.len() == limit as usize)))
}

fn encode_further(page: u32, entries: &[MessageId]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.u8(VERSION).u8(0).u32(page);
    write_entries(entries, &mut writer);
    writer.finish()
}

fn write_entries(entries: &[MessageId], writer: &mut Writer) {
    writer.u16(u16::try_from(entries.len()).expect("a page holds few entries"));
    for entry in entries {
        writer.bytes(entry.as_bytes());
    }
}

fn read_entries(reader: &mut Reader<'_>) -> Result<Vec<MessageId>, Fault> {
    let count = usize::from(reader.u16()?);
    if count > ENTRIES_PER_PAGE {
        return Err(FormatError::TooLong { field: "page" }.into());
    }
    (0..count)
        .map(|_| Ok(MessageId::from_bytes(reader.array()?)))
        .collect()
}

fn location(tag: &Tag) -> Location<'_> {
    Location::new("page", "content", tag)
}

fn seal_page(vault: &Vault, tag: &Tag, content: &[u8]) -> Vec<u8> {
    vault.seal(location(tag), content, PAGE_BYTES)
}

fn open_page(vault: &Vault, tag: &Tag, sealed: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, Fault> {
    Ok(vault.open(location(tag), sealed)?)
}
