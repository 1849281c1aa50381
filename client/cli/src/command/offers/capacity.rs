//! `sluis offers capacity`: whether an offer has room, and how many places may be held.

use clap::Args;
use serde::Serialize;
use sluis_client::Room;
use sluis_ranking::{WAIT_WEEKS_MAX, Weeks};
use sluis_types::{CapacityStatus, OfferId};

use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Tell whether an offer of your organisation has room
///
/// After 14 days it is shown as unknown: tell it again from a timer. Room promises nobody that they are eligible.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which offer
    #[arg(value_name = "OFFER")]
    offer: OfferId,
    /// Whether there is room
    #[arg(long, value_name = "CODE", value_parser = codes::capacity_statuses(), ignore_case = true)]
    status: CapacityStatus,
    /// How many weeks one waits, for a waiting list: 4, or 2-6
    #[arg(long, value_name = "WEEKS", value_parser = weeks)]
    weeks: Option<Weeks>,
    /// How many places may be held from now on, those that are held now counted; 0 closes it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=40))]
    places: u32,
}

#[derive(Serialize)]
struct Told {
    offer_id: String,
    version: u32,
    status: &'static str,
    places: u32,
    #[serde(skip)]
    name: String,
}

impl Report for Told {
    fn human(&self, _dates: &Dates) -> String {
        format!(
            "{}: {}, {} places to hold.\n",
            plain(&self.name),
            codes::words(self.status),
            self.places
        )
    }
}

/// Reads `4` or `2-6`.
fn weeks(text: &str) -> Result<Weeks, String> {
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u16>().ok();
    number(min)
        .zip(number(max))
        .and_then(|(min, max)| Weeks::new(min, max).ok())
        .ok_or_else(|| format!("weeks are 4, or 2-6, up to {WAIT_WEEKS_MAX}"))
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    if arguments.weeks.is_some() && arguments.status != CapacityStatus::Waitlist {
        return Err(Failure::usage("only a waiting list has --weeks"));
    }
    let partner = context.connect()?;
    let room = Room {
        status: arguments.status,
        wait: arguments.weeks,
        places: arguments.places,
    };
    let listed = partner.report_capacity(arguments.offer, room).await?;
    context.screen.report(&Told {
        offer_id: arguments.offer.to_string(),
        version: listed.version,
        status: arguments.status.name(),
        places: arguments.places,
        name: listed.offer.name.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_a_number_or_a_range() {
        let read = |text| weeks(text).map(|weeks| (weeks.min(), weeks.max()));
        assert_eq!(read("4"), Ok((4, 4)));
        assert_eq!(read("2-6"), Ok((2, 6)));
        for bad in ["", "-", "6-2", "521", "two", "-3"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
