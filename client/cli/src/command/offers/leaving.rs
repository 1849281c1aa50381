//! What left a source's directory since it was last published: retired, unless it is so much that something is amiss.

use std::collections::BTreeMap;

use sluis_client::Partner;
use sluis_ranking::Offer;
use sluis_types::OfferId;

use super::published::Record;
use super::shelf::Shelf;
use crate::failure::Failure;

/// Share of a source's offers that may leave at once where nobody says otherwise, in percent. A directory that was read
/// by half leaves more.
pub(super) const RETIRE_PERCENT: u8 = 20;

/// What is published of a source now, and what of it is no longer there.
pub(super) struct Leaving {
    record: Record,
    newer: BTreeMap<OfferId, String>,
    gone: BTreeMap<OfferId, String>,
    percent_max: u8,
}

impl Leaving {
    /// Holds the last import against what was published of its source before.
    pub(super) fn of(partner: &Partner, offers: &[Offer], percent_max: u8) -> Result<Self, Failure> {
        let profile = partner.profile().directory();
        let record = Record::load(profile, &Shelf::of(profile).source_name()?)?;
        let newer: BTreeMap<OfferId, String> = offers
            .iter()
            .map(|offer| (offer.id, offer.name.to_string()))
            .collect();
        Ok(Self {
            gone: record.gone(&newer),
            record,
            newer,
            percent_max,
        })
    }

    /// Whether more left than may.
    pub(super) fn is_too_many(&self) -> bool {
        self.gone.len() * 100 > self.record.len() * usize::from(self.percent_max)
    }

    /// Notes what is about to be published, or refuses before anything is.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        if self.is_too_many() {
            return Err(Failure::local(
                format!(
                    "{} of {} offers that were published of this source are no longer in its directory, more than \
                     {} %: nothing was published",
                    self.gone.len(),
                    self.record.len(),
                    self.percent_max
                ),
                "See which with --dry-run. Where the directory is right, publish with --retire-up-to 100.",
            ));
        }
        self.record.begin(&self.newer)
    }

    /// Retires what left, and gives it.
    pub(super) async fn retire(
        mut self,
        partner: &Partner,
        dry_run: bool,
    ) -> Result<BTreeMap<OfferId, String>, Failure> {
        let mut retired = BTreeMap::new();
        for (offer, name) in self.gone {
            let is_there = match partner.offer(offer).await {
                Ok(listed) if !dry_run => {
                    partner.retire_offer(offer, listed.version).await?;
                    true
                }
                Ok(_) => true,
                // Somebody retired it by hand.
                Err(error) if error.is_not_available() => false,
                Err(error) => return Err(error.into()),
            };
            if !dry_run {
                self.record.forget(offer)?;
            }
            if is_there {
                retired.insert(offer, name);
            }
        }
        Ok(retired)
    }
}
