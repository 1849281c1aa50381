//! Looking after signals: what a system does by itself, so that nobody has to think of the week.

use std::time::Duration;

use sluis_types::{GrantId, MatchId, SignalId, Timestamp};

use super::circles::KeptCircle;
use super::kept_circle;
use super::kept_signal::KeptSignal;
use super::posting::{NotPosted, Posted, places};
use super::quarter::Month;
use super::schedule::{Slot, next_look};
use super::signals::Signal;
use super::statistics::{self, Ended};
use crate::Error;
use crate::partner::Partner;

/// How long at most until the next look: a new version of a circle is posted in within this time.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// How long what is kept of a signal outlives it, for whoever still speaks with the resident about it.
const KEPT_AFTER: Duration = Duration::from_hours(30 * 24);

/// What was done for the signals of an organisation.
#[derive(Debug)]
pub struct SignalsTended {
    /// Circles, or versions of them, whose bundles were fetched.
    pub circles: Vec<KeptCircle>,
    /// Posts that were due and are made.
    pub posted: Vec<Posted>,
    /// Posts that were due and are not made.
    pub not_posted: Vec<NotPosted>,
    /// When to look again.
    pub again_at: Timestamp,
}

impl Partner {
    /// Looks after this organisation's signals: fetches bundles, posts what is due (each live signal in every week that
    /// it lives in, early and at a moment that chance chose once; again at once in a new version of its circle), forgets
    /// what is over. Call it again at [`SignalsTended::again_at`].
    ///
    /// A member whose system sleeps through a week has not posted in it.
    ///
    /// # Errors
    /// [`Error`] of a look-up or of the files. What could not be posted is in the list, not an error.
    pub async fn tend_signals(&self) -> Result<SignalsTended, Error> {
        let directory = self.profile.directory();
        let circles = self.fetch_circles().await?;
        // Listed before the mesh is asked: what is written down meanwhile is not taken for what the mesh forgot.
        let kept = KeptSignal::list(directory)?;
        let signals = self.signals().await?;
        let bundles = kept_circle::list(directory)?;
        let ids: Vec<GrantId> = bundles.iter().map(|bundle| bundle.circle().grant_id).collect();
        let mut tended = SignalsTended {
            circles,
            posted: Vec::new(),
            not_posted: Vec::new(),
            again_at: self.environment.now(),
        };
        statistics::tidy_up(directory)?;
        let mut planned = Vec::new();
        for id in kept {
            let Some(signal) = signals.iter().find(|signal| signal.signal_id == id) else {
                // Never drafted, or no longer known to the mesh.
                self.end(id, &[])?;
                continue;
            };
            if signal.has_ended() {
                self.count_ended(signal)?;
                self.end(id, &signal.matches)?;
                continue;
            }
            // The month after its end begins at its end, not at a look that came before the mesh heard of it.
            if KeptSignal::load(directory, id)?.goes_on() {
                KeptSignal::change(directory, id, |kept| {
                    kept.goes_on();
                })?;
            }
            if signal.is_posted() {
                if KeptSignal::load(directory, id)?.keep_slots_of(&ids) {
                    KeptSignal::change(directory, id, |kept| {
                        kept.keep_slots_of(&ids);
                    })?;
                }
                self.post_due(signal, &bundles, &mut tended, &mut planned).await?;
            }
        }
        tended.again_at = next_look(self.environment.now(), planned.into_iter(), LOOK_AGAIN);
        Ok(tended)
    }

    /// Posts one signal wherever it is due, and notes where it will be.
    async fn post_due(
        &self,
        signal: &Signal,
        bundles: &[sluis_envelope::CircleBundle],
        tended: &mut SignalsTended,
        planned: &mut Vec<Timestamp>,
    ) -> Result<(), Error> {
        let directory = self.profile.directory();
        let kept = KeptSignal::load(directory, signal.signal_id)?;
        for place in places(signal, &kept, bundles)? {
            let now = self.environment.now();
            let (circle, class) = (place.circle(), place.class);
            let before = kept.slot(circle, class);
            let slot = Slot::of(before, now, &*self.environment.randomness);
            if before != Some(slot) {
                // Kept before anything is done by it: it is chosen once.
                KeptSignal::change(directory, signal.signal_id, |kept| {
                    kept.set_slot(circle, class, slot);
                })?;
            }
            match slot.due(place.version()) {
                Some(at) if at <= now => match self.post_at(place).await {
                    Ok(posted) => tended.posted.push(posted),
                    Err(failed) => tended.not_posted.push(failed),
                },
                Some(at) => planned.push(at),
                None => {}
            }
        }
        Ok(())
    }

    /// Counts a signal that ended: all that stays of it when the rest is forgotten. A draft that time ended is none.
    fn count_ended(&self, signal: &Signal) -> Result<(), Error> {
        let (Some(ending), Some(kind)) = (signal.ending(), signal.kind) else {
            return Ok(());
        };
        let directory = self.profile.directory();
        let ended = Ended {
            // Of when it is seen, so that what is over stays as it was counted.
            month: Month::of(self.environment.now()),
            kind,
            area: KeptSignal::load(directory, signal.signal_id)?.area()?,
            ending,
        };
        statistics::count(directory, signal.signal_id, ended)
    }

    /// Notes that a signal ended, and forgets it a month later with what was opened of its matches.
    fn end(&self, id: SignalId, matches: &[MatchId]) -> Result<(), Error> {
        let (directory, now) = (self.profile.directory(), self.environment.now());
        let kept = match KeptSignal::load(directory, id) {
            // A draft that was refused meanwhile.
            Err(Error::Unknown { .. }) => return Ok(()),
            other => other?,
        };
        match kept.ended() {
            None => KeptSignal::change(directory, id, |kept| kept.end(now)),
            Some(ended) if now.since(ended) >= KEPT_AFTER => {
                for found in matches {
                    self.forget_match(*found)?;
                }
                KeptSignal::forget(directory, id)
            }
            Some(_) => Ok(()),
        }
    }
}
