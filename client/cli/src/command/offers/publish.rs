//! `sluis offers publish`: offers of this organisation go into the sociale kaart.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use sluis_client::{ListedOffer, Partner};
use sluis_ranking::Offer;
use sluis_types::ProfessionalRole;

use super::leaving::{Leaving, RETIRE_PERCENT};
use super::shelf::{Shelf, read_file};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Publish offers of your organisation: what was imported last, or documents of offers
///
/// What is there already and says the same stays as it is. Room that you reported stays, unless the document knows
/// better. What was published of the same source before and is no longer in its import is retired; places that are held
/// stay held. Acts as COORDINATOR unless you say another role.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Documents of offers (JSON) [default: the last import]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing: only tell what would be published and retired
    #[arg(long)]
    dry_run: bool,
    /// Publish nothing where more of the source's offers than this, in percent, left its directory
    #[arg(long, value_name = "PERCENT", default_value_t = RETIRE_PERCENT, conflicts_with = "files", value_parser = clap::value_parser!(u8).range(0..=100))]
    retire_up_to: u8,
}

#[derive(Serialize)]
struct Published {
    offers: Vec<Line>,
    dry_run: bool,
    /// Whether so much would be retired that publishing is refused; in a dry run only.
    too_many_retired: bool,
}

#[derive(Serialize)]
struct Line {
    offer_id: String,
    name: String,
    /// `NEW`, `CHANGED`, `SAME` or `RETIRED`.
    outcome: Outcome,
    /// Null where nothing was published.
    version: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Outcome {
    New,
    Changed,
    Same,
    Retired,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "as it was",
            Self::Retired => "retired",
        }
    }
}

impl Report for Published {
    fn human(&self, _dates: &Dates) -> String {
        let count = |outcome| self.offers.iter().filter(|line| line.outcome == outcome).count();
        let mut text = String::new();
        for line in self.offers.iter().filter(|line| line.outcome != Outcome::Same) {
            let word = line.outcome.word();
            let _ = writeln!(text, "{}  {word}  {}", line.offer_id, plain(&line.name));
        }
        let _ = writeln!(
            text,
            "{} new, {} changed, {} as they were, {} retired.",
            count(Outcome::New),
            count(Outcome::Changed),
            count(Outcome::Same),
            count(Outcome::Retired)
        );
        if self.dry_run {
            text.push_str("Nothing was published.\n");
        }
        if self.too_many_retired {
            text.push_str("So much is no longer there that publishing is refused without --retire-up-to.\n");
        }
        text
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect_as(Some(ProfessionalRole::Coordinator))?;
    let offers = read(arguments, &partner)?;
    let dry_run = arguments.dry_run;
    // Documents that were named are of no source: nothing can have left it.
    let mut leaving = if arguments.files.is_empty() {
        Some(Leaving::of(&partner, &offers, arguments.retire_up_to)?)
    } else {
        None
    };
    let too_many_retired = dry_run && leaving.as_ref().is_some_and(Leaving::is_too_many);
    if let Some(leaving) = leaving.as_mut().filter(|_| !dry_run) {
        leaving.begin()?;
    }
    let mut lines = Vec::with_capacity(offers.len());
    for offer in offers {
        lines.push(publish(&partner, offer, dry_run).await?);
    }
    if let Some(leaving) = leaving {
        let retired = leaving.retire(&partner, dry_run).await?.into_iter();
        lines.extend(retired.map(|(offer, name)| Line {
            offer_id: offer.to_string(),
            name,
            outcome: Outcome::Retired,
            version: None,
        }));
    }
    context.screen.report(&Published {
        offers: lines,
        dry_run,
        too_many_retired,
    })
}

/// The offers that are to be published, each this organisation's own.
fn read(arguments: &Arguments, partner: &Partner) -> Result<Vec<Offer>, Failure> {
    let profile = partner.profile();
    let documents = if arguments.files.is_empty() {
        Shelf::of(profile.directory()).documents()?
    } else {
        let files = arguments.files.iter().map(|path| read_file(path));
        files.collect::<Result<Vec<_>, _>>()?
    };
    if documents.is_empty() {
        return Err(Failure::local(
            "there are no offers to publish",
            "`sluis offers import FILE|DIR` makes offers of a directory; or name documents of offers.",
        ));
    }
    let mut offers = Vec::with_capacity(documents.len());
    for (name, document) in documents {
        let offer = Offer::decode(&document)
            .map_err(|error| Failure::local(format!("{name} is no offer: {error}"), ""))?;
        if offer.publisher != profile.oin() {
            return Err(Failure::local(
                format!(
                    "{name} is an offer of {}, not of this organisation",
                    offer.publisher
                ),
                "`publisher` must be your own OIN.",
            ));
        }
        offers.push(offer);
    }
    Ok(offers)
}

async fn publish(partner: &Partner, offer: Offer, dry_run: bool) -> Result<Line, Failure> {
    let listed = match partner.offer(offer.id).await {
        Ok(listed) => Some(listed),
        Err(error) if error.is_not_available() => None,
        Err(error) => return Err(error.into()),
    };
    let offer = keeping_room(offer, listed.as_ref());
    let outcome = match &listed {
        None => Outcome::New,
        Some(listed) if listed.offer == offer => Outcome::Same,
        Some(_) => Outcome::Changed,
    };
    let before = listed.as_ref().map_or(0, |listed| listed.version);
    let version = match outcome {
        Outcome::Same => Some(before),
        _ if dry_run => None,
        _ => Some(partner.publish_offer(&offer, before).await?.version),
    };
    Ok(Line {
        offer_id: offer.id.to_string(),
        name: offer.name.to_string(),
        outcome,
        version,
    })
}

/// What was last told of the room counts, in the mesh or in the document.
fn keeping_room(mut offer: Offer, listed: Option<&ListedOffer>) -> Offer {
    let told = listed.and_then(|listed| listed.offer.capacity.as_ref());
    if let Some(told) = told
        && offer
            .capacity
            .as_ref()
            .is_none_or(|known| known.updated_at < told.updated_at)
    {
        offer.capacity = Some(told.clone());
    }
    offer
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_ranking::{Capacity, ShortText};
    use sluis_types::{CapacityStatus, Timestamp};

    use super::*;

    fn offer(told: Option<i64>) -> Offer {
        let document = r#"{"id":"6b1de1ee-3b39-4f5f-9f2e-0d0a43b6d001","publisher":"00000099000000001000",
            "organisation":"De Brug","name":"Inloop","kind":"ACTIVITY","provision":"GENERAL","law":"GENERAL",
            "life_domains":["SURROUNDINGS"],"entrance":"DROP_IN","updated_at_seconds":1}"#;
        let mut offer = Offer::decode(document.as_bytes()).expect("an offer");
        offer.capacity = told.map(|seconds| Capacity {
            status: CapacityStatus::Capacity,
            wait: None,
            updated_at: Timestamp::from_seconds(seconds),
            note: ShortText::default(),
        });
        offer
    }

    #[test]
    fn the_newest_word_on_room_stays() {
        let listed = |told| ListedOffer {
            version: 2,
            offer: offer(told),
        };
        let kept = |document, mesh: Option<i64>| {
            keeping_room(offer(document), Some(&listed(mesh)))
                .capacity
                .map(|capacity| capacity.updated_at.seconds())
        };
        assert_eq!(kept(None, Some(5)), Some(5));
        assert_eq!(kept(Some(3), Some(5)), Some(5));
        assert_eq!(kept(Some(7), Some(5)), Some(7));
        assert_eq!(kept(None, None), None);
        assert_eq!(keeping_room(offer(None), None), offer(None));
    }

    #[test]
    fn it_says_what_became_of_each() {
        let line = |outcome, version| Line {
            offer_id: "6b1d".to_owned(),
            name: "Inloop".to_owned(),
            outcome,
            version,
        };
        let mut published = Published {
            offers: vec![line(Outcome::New, None), line(Outcome::Same, Some(2))],
            dry_run: true,
            too_many_retired: false,
        };
        let dates = Dates(TimeZone::UTC);
        assert_eq!(
            published.human(&dates),
            "6b1d  new  Inloop\n1 new, 0 changed, 1 as they were, 0 retired.\nNothing was published.\n"
        );
        published.offers.push(line(Outcome::Retired, None));
        published.too_many_retired = true;
        let text = published.human(&dates);
        assert!(
            text.contains("6b1d  retired  Inloop\n") && text.contains("--retire-up-to"),
            "{text}"
        );
        let json = serde_json::to_value(&published).expect("JSON");
        assert_eq!(json["offers"][2]["outcome"], "RETIRED");
        assert_eq!(
            (&json["offers"][1]["outcome"], &json["offers"][0]["version"]),
            (&"SAME".into(), &serde_json::Value::Null)
        );
    }
}
