//! `sluis hold`: a place of an offer, held, claimed or given back. Nothing of it is about a person, until a resident is
//! let see it.

use clap::{Args, Subcommand};
use serde::Serialize;
use sluis_client::{Partner, Place, PlaceState};
use sluis_types::{OfferId, PlaceId, Purpose, Timestamp};

use crate::codes::ScopeArguments;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::Report;

/// Places of offers: held, waited for, claimed
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Place(PlaceArguments),
    /// Give a place back, or a number on the waiting list
    Release(Named),
    /// Take a place of your own offer, for the resident whose referral named it
    Claim(Named),
    /// Show a place that you hold or wait for
    Show(Named),
    Attach(AttachArguments),
}

/// Hold a place of an offer for 72 hours
///
/// Put its id into the sealed referral: in our form as `place`. The offering organisation then claims it.
#[derive(Args, Debug)]
pub(crate) struct PlaceArguments {
    /// Which offer
    #[arg(value_name = "OFFER")]
    offer: OfferId,
    /// Where no place is free, take the next number of the waiting list
    #[arg(long)]
    wait: bool,
}

/// Which place.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Named {
    /// Of which offer
    #[arg(value_name = "OFFER")]
    offer: OfferId,
    /// Which place
    #[arg(value_name = "PLACE")]
    place: PlaceId,
}

/// Let a resident see a place that you hold or wait for for them
///
/// It then stands on their page, with the number that they wait at. Needs their consent from you to whoever offers the
/// place: say by --domain and --data a part of what it allows. The mesh learns that the grant and the offer belong
/// together, and nothing else of the resident.
#[derive(Args, Debug)]
pub(crate) struct AttachArguments {
    #[command(flatten)]
    named: Named,
    /// For whom: the resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    #[command(flatten)]
    about: ScopeArguments,
}

#[derive(Serialize)]
struct PlaceView {
    offer_id: String,
    place_id: String,
    /// `HELD`, `WAITING`, `CLAIMED`, or `RELEASED` when it was just given back.
    state: &'static str,
    #[serde(serialize_with = "dates::serialize_optional")]
    held_until: Option<Timestamp>,
    /// Null where it is not waited for.
    position: Option<u32>,
}

impl PlaceView {
    fn of(place: &Place) -> Self {
        let (held_until, position) = match place.state {
            PlaceState::Held { until } => (Some(until), None),
            PlaceState::Waiting { position } => (None, Some(position)),
            PlaceState::Claimed => (None, None),
        };
        Self {
            offer_id: place.offer_id.to_string(),
            place_id: place.place_id.to_string(),
            state: place.state.name(),
            held_until,
            position,
        }
    }

    fn released(named: &Named) -> Self {
        Self {
            offer_id: named.offer.to_string(),
            place_id: named.place.to_string(),
            state: "RELEASED",
            held_until: None,
            position: None,
        }
    }
}

impl Report for PlaceView {
    fn human(&self, dates: &Dates) -> String {
        let standing = match (self.held_until, self.position) {
            (Some(until), _) => format!("held until {}", dates.moment(until)),
            (_, Some(1)) => "next on the waiting list".to_owned(),
            (_, Some(position)) => format!("number {position} on the waiting list"),
            _ => self.state.to_lowercase(),
        };
        format!(
            "{standing}\n  offer {}\n  place {}\n",
            self.offer_id, self.place_id
        )
    }
}

pub(crate) async fn run(command: &Command, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let view = match command {
        Command::Place(arguments) => {
            PlaceView::of(&partner.hold_place(arguments.offer, arguments.wait).await?)
        }
        Command::Release(named) => {
            partner.release_place(named.offer, named.place).await?;
            PlaceView::released(named)
        }
        Command::Claim(named) => PlaceView::of(&partner.claim_place(named.offer, named.place).await?),
        Command::Show(named) => PlaceView::of(&partner.place(named.offer, named.place).await?),
        Command::Attach(arguments) => PlaceView::of(&attach(arguments, &partner).await?),
    };
    context.screen.report(&view)
}

async fn attach(arguments: &AttachArguments, partner: &Partner) -> Result<Place, Failure> {
    let Named { offer, place } = arguments.named;
    let scope = arguments.about.scope(Purpose::Referral);
    let scope = scope.ok_or_else(|| Failure::usage("which consent? Give --domain and --data"))?;
    let resident = partner.profile().resident(&arguments.resident)?;
    let offering = partner.offer(offer).await?.offer.publisher;
    Ok(partner
        .attach_place(&resident, offering, &scope, offer, place)
        .await?)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_how_a_place_stands() {
        let said = |state| {
            let place = Place {
                place_id: PlaceId::from_bytes([2; 16]),
                offer_id: OfferId::from_bytes([1; 16]),
                state,
            };
            let view = PlaceView::of(&place);
            let json = serde_json::to_value(&view).expect("JSON");
            let text = view.human(&Dates(TimeZone::UTC));
            (text.lines().next().expect("a line").to_owned(), json)
        };
        let until = Timestamp::from_seconds(1_795_446_600);
        let (text, json) = said(PlaceState::Held { until });
        assert_eq!(text, "held until Mon 23 Nov 2026, 15:10");
        assert_eq!(
            (&json["state"], &json["held_until"], &json["position"]),
            (
                &"HELD".into(),
                &"2026-11-23T15:10:00Z".into(),
                &serde_json::Value::Null
            )
        );
        assert_eq!(
            said(PlaceState::Waiting { position: 1 }).0,
            "next on the waiting list"
        );
        let (text, json) = said(PlaceState::Waiting { position: 3 });
        assert_eq!(
            (text.as_str(), &json["position"]),
            ("number 3 on the waiting list", &3.into())
        );
        assert_eq!(said(PlaceState::Claimed).0, "claimed");
    }
}
