//! Offers and the version of the directory.

use sluis_ranking::{Area, Offer as Listed};
use sluis_store::{Row, Tx, args};
use sluis_types::{LifeDomain, OfferId, Oin};

use super::sql;
use super::vault::Fault;
use crate::domain::words;

/// An offer as the directory has it.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) id: OfferId,
    pub(crate) organisation: Oin,
    pub(crate) version: u32,
    /// The directory's version at its last change.
    pub(crate) changed: u64,
    pub(crate) retired: bool,
    /// What it is, as it was published; empty once it is retired.
    pub(crate) document: Vec<u8>,
}

/// Moves the directory on and gives its new version. Others that change it wait for this transaction.
async fn next_version(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    let version = tx.fetch_one(sql::LOCK_DIRECTORY, &[]).await?.get::<i64>(0)? + 1;
    tx.execute(sql::SAVE_DIRECTORY, args![version]).await?;
    Ok(version)
}

/// A CBS code without its two letters: an area within another begins as it does.
fn characters(area: Area) -> String {
    area.to_string().split_off(2)
}

fn words_of(listed: &Listed) -> String {
    let mut texts = vec![listed.name.as_str(), listed.description.as_str()];
    texts.extend(listed.tags.iter().map(sluis_ranking::Tag::as_str));
    words::of_offer(&texts)
}

impl Offer {
    /// An offer, whosever it is, retired or not.
    pub(crate) async fn load(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Self>, Fault> {
        let row = tx.fetch_optional(sql::LOAD_OFFER, args![id.as_bytes()]).await?;
        row.map(|row| Self::of(&row)).transpose()
    }

    /// The same, and nobody else changes it until this transaction ends.
    pub(crate) async fn lock(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Self>, Fault> {
        let row = tx.fetch_optional(sql::LOCK_OFFER, args![id.as_bytes()]).await?;
        row.map(|row| Self::of(&row)).transpose()
    }

    /// Stores a new offer. False when there is one of this id; then nothing of it was written.
    pub(crate) async fn insert(&mut self, tx: &mut Tx<'_>, listed: &Listed) -> Result<bool, Fault> {
        let changed = next_version(tx).await?;
        self.changed = unsigned(changed)?;
        let words = words_of(listed);
        let arguments = args![
            self.id.as_bytes(),
            &self.organisation,
            self.version,
            changed,
            changed,
            self.retired,
            listed.life_domains.bits(),
            &self.document,
            &words,
        ];
        let is_new = tx.execute(sql::INSERT_OFFER, arguments).await? == 1;
        if is_new {
            self.put_in_areas(tx, listed).await?;
        }
        Ok(is_new)
    }

    /// Writes a new version of an offer that is locked; without a listing it is found no more.
    pub(crate) async fn save(&mut self, tx: &mut Tx<'_>, listed: Option<&Listed>) -> Result<(), Fault> {
        let changed = next_version(tx).await?;
        self.changed = unsigned(changed)?;
        let words = listed.map(words_of).unwrap_or_default();
        let arguments = args![
            self.id.as_bytes(),
            self.version,
            changed,
            self.retired,
            listed.map_or(0, |listed| listed.life_domains.bits()),
            &self.document,
            &words,
        ];
        tx.execute(sql::SAVE_OFFER, arguments).await?;
        tx.execute(sql::DELETE_AREAS, args![self.id.as_bytes()]).await?;
        match listed {
            Some(listed) => self.put_in_areas(tx, listed).await,
            None => Ok(()),
        }
    }

    async fn put_in_areas(&self, tx: &mut Tx<'_>, listed: &Listed) -> Result<(), Fault> {
        let mut areas: Vec<String> = listed.areas.iter().copied().map(characters).collect();
        if areas.is_empty() {
            // For the whole country.
            areas.push(String::new());
        }
        for area in &areas {
            tx.execute(sql::INSERT_AREA, args![self.id.as_bytes(), area])
                .await?;
        }
        Ok(())
    }

    fn of(row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            id: OfferId::from_bytes(row.get(0)?),
            organisation: row.get(1)?,
            version: u32::try_from(row.get::<i64>(2)?)
                .map_err(|_| Fault::Contradiction("a version out of range"))?,
            changed: unsigned(row.get(3)?)?,
            retired: row.get(4)?,
            document: row.get(5)?,
        })
    }
}

fn unsigned(version: i64) -> Result<u64, Fault> {
    u64::try_from(version).map_err(|_| Fault::Contradiction("a negative version of the directory"))
}

/// The directory's version.
pub(crate) async fn directory_version(tx: &mut Tx<'_>) -> Result<u64, Fault> {
    unsigned(tx.fetch_one(sql::LOAD_DIRECTORY, &[]).await?.get(0)?)
}

/// Offers that changed after a version of the directory, retired ones among them, oldest change first.
pub(crate) async fn changed_after(tx: &mut Tx<'_>, version: u64, limit: u32) -> Result<Vec<Offer>, Fault> {
    // A version that cannot be is after all changes.
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    let rows = tx.fetch_all(sql::CHANGED_OFFERS, args![version, limit]).await?;
    rows.iter().map(Offer::of).collect()
}

/// What the coarse search looks for.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// A gemeente or wijk.
    pub(crate) area: Area,
    pub(crate) domain: LifeDomain,
    /// As [`words::of_question`] gives them.
    pub(crate) words: Option<String>,
}

/// Offers after an id, in order of their ids.
pub(crate) async fn search(
    tx: &mut Tx<'_>,
    search: &Search,
    after: &[u8],
    limit: u32,
) -> Result<Vec<Offer>, Fault> {
    let domain = 1_i64 << search.domain.number();
    let area = characters(search.area);
    // The first text after all that begin so: a code holds digits and capitals only.
    let end = format!("{area}[");
    let gemeente = &area[..4];
    let rows = match &search.words {
        None => {
            let arguments = args![after, domain, &area, &end, gemeente, limit];
            tx.fetch_all(sql::SEARCH_OFFERS, arguments).await?
        }
        Some(words) => {
            let arguments = args![after, domain, &area, &end, gemeente, limit, words];
            tx.fetch_all(sql::SEARCH_OFFERS_BY_WORDS, arguments).await?
        }
    };
    rows.iter().map(Offer::of).collect()
}
