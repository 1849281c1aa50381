//! Counts of signals: this organisation's own, and those of a quarter that are handed on.
//!
//! What is handed on is made once per quarter, when the quarter is over, and never again in another form: two forms could
//! be subtracted. Quarters share no signal and no total, so neither can two files be.

use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_types::{OrganisationKind, SignalType};

use super::handed_on::HandedOn;
use super::quarter::Quarter;
use super::statistics::{self, Ended};
use crate::partner::Partner;
use crate::profile::{read_json, write_json};
use crate::{Error, private_file};

/// What became of the signals that were first seen in one quarter, as the mesh counts them for this organisation alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalQuarter {
    /// Year.
    pub year: u32,
    /// Quarter of the year, 1 to 4, by UTC.
    pub quarter: u32,
    /// How many were weighed and found to be signals.
    pub registered: u32,
    /// How many of these met another.
    pub met: u32,
    /// How many were closed.
    pub closed: u32,
    /// How many of the closed ones were unfounded: the false positives.
    pub unfounded: u32,
    /// How many were taken back.
    pub withdrawn: u32,
    /// How many ended by time.
    pub expired: u32,
    /// How many the resident's objection closed.
    pub objected: u32,
    /// How many professionals wrote them down.
    pub drafters: u32,
    /// How many of them the one professional wrote down who wrote most.
    pub most_by_one: u32,
}

impl Partner {
    /// What became of this organisation's signals, by the quarter in which they were first seen, newest first: for its
    /// own coordinator or privacy officer, and for nobody else. The mesh knows neither type nor area.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `ROLE_REFUSED` for other roles.
    pub async fn count_signals(&self) -> Result<Vec<SignalQuarter>, Error> {
        let counted = self
            .connection
            .call(wire::CountSignalsRequest {}, |channel, request| async move {
                SignallingServiceClient::new(channel).count_signals(request).await
            })
            .await?;
        let quarters = counted.quarters.into_iter().map(|it| SignalQuarter {
            year: it.year,
            quarter: it.quarter,
            registered: it.registered,
            met: it.met,
            closed: it.closed,
            unfounded: it.unfounded,
            withdrawn: it.withdrawn,
            expired: it.expired,
            objected: it.objected,
            drafters: it.drafters,
            most_by_one: it.most_by_one,
        });
        Ok(quarters.collect())
    }

    /// How the signals ended that were written down with this profile, by month, type and area: all that is kept of
    /// them, of two years. For this organisation alone; what may be handed on gives
    /// [`hand_on_counts`](Self::hand_on_counts).
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::File`] when they cannot be read.
    pub fn ended_signals(&self) -> Result<Vec<(Ended, u32)>, Error> {
        statistics::load(self.profile.directory())
    }

    /// What may be handed on of a quarter that is over. The first time makes it; after that it stays as it is.
    ///
    /// Counts are those of this profile: an organisation that writes signals down with several profiles hands on none of
    /// one, because others could subtract.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a quarter that is not over, or too long ago.
    pub fn hand_on_counts(&self, quarter: Quarter) -> Result<HandedOn, Error> {
        let now = Quarter::of(self.environment.now());
        if quarter >= now {
            return Err(Error::invalid(
                "quarter",
                "it is not over: what is counted by then can still grow",
            ));
        }
        let directory = self.profile.directory();
        let path = statistics::handed_on(directory, quarter);
        if path.exists() {
            return read_json(&path);
        }
        if quarter < now.earlier(statistics::QUARTERS_MAX) {
            return Err(Error::invalid("quarter", "counts are kept for eight quarters"));
        }
        let counts: Vec<_> = statistics::load(directory)?
            .into_iter()
            .filter(|(ended, _)| ended.month.quarter() == quarter)
            .collect();
        let kind = OrganisationKind::from_name(self.profile.kind())
            .map_err(|error| Error::malformed("profile.json", error))?;
        // What it may not send it cannot have; the last types are withheld first.
        let types: Vec<SignalType> = SignalType::ALL
            .iter()
            .rev()
            .copied()
            .filter(|it| it.senders().contains(kind) || counts.iter().any(|(ended, _)| ended.kind == *it))
            .collect();
        let handed_on = HandedOn::of(self.profile.oin.as_str(), quarter, &types, &counts);
        let _guard = private_file::lock(directory)?;
        if path.exists() {
            return read_json(&path);
        }
        statistics::make_folder(directory)?;
        write_json(&path, &handed_on)?;
        Ok(handed_on)
    }
}
