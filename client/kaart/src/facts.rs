//! What the ranking reads of offers, kept in memory from the first time that it is asked for: a question after that
//! reads and decodes no document but those that are shown.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluis_ranking::{Facts, Offer};
use sluis_types::OfferId;

use crate::error::Error;

/// The facts of offers that were asked for so far; at most one entry for each offer that there is, some 400 bytes each.
#[derive(Debug, Default)]
pub(crate) struct KnownFacts(Mutex<HashMap<OfferId, Option<Arc<Facts>>>>);

impl KnownFacts {
    /// The facts of these offers, in their order. What is not known yet is made of the whole offer; what cannot be
    /// read as one is remembered too, and left out.
    pub(crate) fn of(
        &self,
        ids: impl IntoIterator<Item = OfferId>,
        read: impl Fn(OfferId) -> Result<Option<Offer>, Error>,
    ) -> Result<Vec<Arc<Facts>>, Error> {
        let mut known = self.known();
        let mut all = Vec::new();
        for id in ids {
            let facts = match known.entry(id) {
                Entry::Occupied(facts) => facts.into_mut(),
                Entry::Vacant(place) => place.insert(read(id)?.map(|offer| Arc::new(Facts::from(&offer)))),
            };
            all.extend(facts.clone());
        }
        Ok(all)
    }

    /// Forgets what changed.
    pub(crate) fn forget(&mut self, ids: impl IntoIterator<Item = OfferId>) {
        let mut known = self.known();
        for id in ids {
            known.remove(&id);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, HashMap<OfferId, Option<Arc<Facts>>>> {
        // Whatever broke off left an entry or none.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
