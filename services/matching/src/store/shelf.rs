//! Shelves: which things belong to an organisation or a grant, as ids on pages that are gap-free from 0. The first page
//! says how many there are in all.

use std::marker::PhantomData;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;

use super::page::{self, OnPage, read_count, write_count};
use super::vault::{Fault, Vault};

/// Ids on one page.
const IDS_PER_PAGE: usize = 250;

/// What a shelf is of; gives its pages their label.
pub(crate) trait ShelfKind {
    /// See [`OnPage::LABEL`].
    const LABEL: &'static str;
}

struct ShelfPage<K> {
    /// How many there are on all pages; on the first page only.
    total: u32,
    ids: Vec<[u8; 16]>,
    kind: PhantomData<K>,
}

impl<K> ShelfPage<K> {
    const fn new() -> Self {
        Self {
            total: 0,
            ids: Vec::new(),
            kind: PhantomData,
        }
    }
}

impl<K: ShelfKind> OnPage for ShelfPage<K> {
    const LABEL: &'static str = K::LABEL;
    const KIND: u8 = 1;

    fn write(&self, writer: &mut Writer) {
        writer.u32(self.total);
        write_count(writer, self.ids.len());
        for id in &self.ids {
            writer.bytes(id);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let total = reader.u32()?;
        let count = read_count(reader, IDS_PER_PAGE)?;
        let ids = (0..count).map(|_| reader.array()).collect::<Result<_, _>>()?;
        Ok(Self {
            total,
            ids,
            kind: PhantomData,
        })
    }
}

/// Puts an id on the shelf of `owner`, after all others.
pub(crate) async fn append<K: ShelfKind>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    owner: &[u8],
    id: [u8; 16],
) -> Result<(), Fault> {
    let first_key: [&[u8]; 2] = [owner, &0_u32.to_be_bytes()];
    let mut first = page::lock_or_begin(vault, tx, &first_key, ShelfPage::<K>::new()).await?;
    let number = first.total / u32::try_from(IDS_PER_PAGE).expect("a small constant");
    first.total += 1;
    if number == 0 {
        first.ids.push(id);
    } else {
        let key: [&[u8]; 2] = [owner, &number.to_be_bytes()];
        let mut last = page::lock_or_begin(vault, tx, &key, ShelfPage::<K>::new()).await?;
        last.ids.push(id);
        page::save(vault, tx, &key, &last).await?;
    }
    page::save(vault, tx, &first_key, &first).await
}

/// The newest ids on the shelf of `owner`, oldest of them first; at most about `limit` and one page.
pub(crate) async fn newest<K: ShelfKind>(
    vault: &Vault,
    tx: &mut Tx<'_>,
    owner: &[u8],
    limit: usize,
) -> Result<Vec<[u8; 16]>, Fault> {
    let key: [&[u8]; 2] = [owner, &0_u32.to_be_bytes()];
    let Some(first) = page::load::<ShelfPage<K>>(vault, tx, &key).await? else {
        return Ok(Vec::new());
    };
    let last = first.total.saturating_sub(1) / u32::try_from(IDS_PER_PAGE).expect("a small constant");
    let mut pages = Vec::new();
    let mut found = 0;
    for number in (1..=last).rev() {
        if found >= limit {
            break;
        }
        let key: [&[u8]; 2] = [owner, &number.to_be_bytes()];
        let page = page::load::<ShelfPage<K>>(vault, tx, &key)
            .await?
            .ok_or(Fault::Contradiction("a shelf with a page missing"))?;
        found += page.ids.len();
        pages.push(page.ids);
    }
    if found < limit {
        pages.push(first.ids);
    }
    Ok(pages.into_iter().rev().flatten().collect())
}
