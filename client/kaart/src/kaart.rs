//! The kept directory and its index together.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use sluis_envelope::{DirectoryHead, Signed, VerifyingKey};
use sluis_ranking::{Facts, Offer, Question, Ranking, rank};
use sluis_types::{OfferId, Timestamp};

use crate::change::Change;
use crate::error::Error;
use crate::facts::KnownFacts;
use crate::index::TextIndex;
use crate::shelf::Shelf;

/// The directory on this disk.
pub struct Kaart {
    shelf: Shelf,
    index: TextIndex,
    facts: KnownFacts,
}

impl std::fmt::Debug for Kaart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kaart")
            .field("head", &self.head())
            .finish_non_exhaustive()
    }
}

impl Kaart {
    /// Opens the directory that is kept in a folder, or an empty one. `key` is matching's, from the pins. What is kept
    /// and does not match its head is forgotten. Another process that has it open is waited for.
    ///
    /// # Errors
    /// [`Error`] when the disk refuses.
    pub fn open(folder: &Path, key: VerifyingKey, now: Timestamp) -> Result<Self, Error> {
        let shelf = Shelf::open(folder, key, now)?;
        let index = TextIndex::open(&folder.join("index"))?;
        let facts = KnownFacts::default();
        let mut kaart = Self { shelf, index, facts };
        if kaart.index.state() != Some(kaart.state()) {
            kaart.index_anew()?;
        }
        Ok(kaart)
    }

    /// What was last signed for; nothing where the directory was never fetched.
    pub fn head(&self) -> Option<&DirectoryHead> {
        self.shelf.head()
    }

    /// The version after which to ask for changes; 0 where the directory was never fetched.
    pub fn version(&self) -> u64 {
        self.head().map_or(0, |head| head.version)
    }

    /// Takes an increment: what changed after [`Kaart::version`], and the head that came with it. The work is
    /// proportional to the change.
    ///
    /// # Errors
    /// [`Error::Head`] when the head is not matching's, goes back, or says something else than what came; nothing has
    /// changed then, and who fetched from [`Kaart::version`] on should [`Kaart::forget`] and fetch from 0.
    pub fn apply(
        &mut self,
        changes: &[Change],
        head: Signed<DirectoryHead>,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Err(error) = self.shelf.apply(changes, head, now) {
            // It may have been read anew.
            self.facts.clear();
            return Err(error);
        }
        self.facts.forget(changes.iter().map(Change::offer_id));
        let (shelf, state) = (&self.shelf, self.state());
        let gone = changes.iter().map(Change::offer_id);
        let there = changes.iter().filter_map(|change| match change {
            Change::Put { offer_id, .. } => Some(offer_of(shelf, *offer_id)),
            Change::Remove { .. } => None,
        });
        self.index.change(gone, there, false, &state)
    }

    /// Forgets everything, to fetch it from the beginning.
    ///
    /// # Errors
    /// [`Error`] when the disk refuses.
    pub fn forget(&mut self) -> Result<(), Error> {
        self.facts.clear();
        self.shelf.forget()?;
        self.index_anew()
    }

    /// One offer, if it is there and this version of the SDK can read it.
    ///
    /// # Errors
    /// [`Error`] when the disk refuses.
    pub fn offer(&self, offer_id: OfferId) -> Result<Option<Offer>, Error> {
        offer_of(&self.shelf, offer_id)
    }

    /// Every offer, in order of its id.
    ///
    /// # Errors
    /// [`Error`] when the disk refuses.
    pub fn offers(&self) -> Result<Vec<Offer>, Error> {
        let mut ids: Vec<OfferId> = self.shelf.ids().collect();
        ids.sort_unstable();
        self.read(ids)
    }

    /// What may fit a question, and has the words: without words everything that may fit, with words at most the 1000
    /// that have them best. Nothing of the question is written anywhere. Of the whole offers only those need be read
    /// that are shown, by [`Kaart::offer`].
    ///
    /// # Errors
    /// [`Error`] when the disk refuses.
    pub fn find(&self, question: &Question, words: &str) -> Result<Found, Error> {
        let ids = self.index.find(question, words)?;
        Ok(Found {
            offers: self.facts.of(ids, |id| self.offer(id))?,
        })
    }

    /// What the bare engine finds for the words, up to a limit: the benchmark's yardstick.
    ///
    /// # Errors
    /// [`Error`] when the disk refuses.
    pub fn bare_search(&self, words: &str, limit: usize) -> Result<usize, Error> {
        self.index.bare(words, limit)
    }

    fn read(&self, ids: Vec<OfferId>) -> Result<Vec<Offer>, Error> {
        ids.into_iter()
            .filter_map(|id| self.offer(id).transpose())
            .collect()
    }

    fn index_anew(&mut self) -> Result<(), Error> {
        let (shelf, state) = (&self.shelf, self.state());
        let there = shelf.ids().map(|id| offer_of(shelf, id));
        self.index.change([], there, true, &state)
    }

    /// The name of what the shelf holds.
    fn state(&self) -> String {
        let Some(head) = self.head() else {
            return "nothing".to_owned();
        };
        head.root
            .iter()
            .fold(format!("{}-", head.version), |mut text, byte| {
                // Writing to a text does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

fn offer_of(shelf: &Shelf, offer_id: OfferId) -> Result<Option<Offer>, Error> {
    let document = shelf.document(offer_id)?;
    // What a later version of the document says in a way that this one cannot read is passed over, and a document
    // that speaks for another id is none.
    let offer = document.and_then(|document| Offer::decode(&document).ok());
    Ok(offer.filter(|offer| offer.id == offer_id))
}

/// What was found, to be ranked.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What the ranking reads of the offers, unranked.
    pub offers: Vec<Arc<Facts>>,
}

impl Found {
    /// The offers in the order in which they fit, with the reasons.
    pub fn rank(&self, question: &Question, now: Timestamp) -> Ranking<'_, Facts> {
        rank(self.offers.iter().map(Arc::as_ref), question, now)
    }
}
