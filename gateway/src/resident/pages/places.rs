//! *Plaatsen voor mij*: where a place is held for the resident or they wait for one, in plain words.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::consent::v1::{Grant, ListGrantsRequest};
use sluis_proto::matching::v1::{PlaceState, ResidentPlace};

use super::dates::{day, moment, time};
use super::frame::{Frame, Place, html};
use super::looking::{Reach, look_under};
use super::names::Names;
use super::problem::Problem;
use super::referring::FromHere;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// The page's address.
const PATH: &str = "/plaatsen";

#[derive(Template)]
#[template(path = "places.html")]
struct Page {
    frame: Frame,
    places: Vec<Entry>,
    reach: Reach,
}

struct Entry {
    /// What the offer is called.
    name: String,
    organisation: String,
    holder: String,
    now: String,
    since: String,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    _: FromHere,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let session = visit.session();
    let grants = session.list_grants(ListGrantsRequest {}).await?.grants;
    let here = (PATH, query.as_deref());
    let looked = look_under((&site, &visit), here, grants, Grant::clone, async |id| {
        Ok(session.list_places(id).await?.places)
    })
    .await?;
    let mut found: Vec<ResidentPlace> = looked
        .found
        .into_iter()
        .flat_map(|(_, _, places)| places)
        .collect();
    found.sort_by_key(|place| std::cmp::Reverse(moment(place.attached_at.as_ref())));
    let oins = found
        .iter()
        .flat_map(|place| [place.organisation.as_str(), place.holder.as_str()]);
    let names = Names::of(session, oins.collect()).await?;
    Ok(html(&Page {
        places: found
            .iter()
            .map(|place| entry(&site, place, &names, visit.t()))
            .collect(),
        reach: looked.reach,
        frame: visit.frame(&site, Place::Offers),
    }))
}

fn entry(site: &Site, place: &ResidentPlace, names: &Names, t: Language) -> Entry {
    Entry {
        name: place.offer_name.clone(),
        organisation: names.get(&place.organisation).to_owned(),
        holder: names.get(&place.holder).to_owned(),
        now: now(site, place, t),
        since: day(moment(place.attached_at.as_ref()), site.zone(), t),
    }
}

/// Where the place is, as a sentence.
fn now(site: &Site, place: &ResidentPlace, t: Language) -> String {
    match place.state() {
        PlaceState::Unspecified => t.something_else().to_owned(),
        PlaceState::Held => {
            let until = moment(place.held_until.as_ref());
            t.place_held(day(until, site.zone(), t), time(until, site.zone()))
        }
        PlaceState::Waiting if place.position == 1 => t.place_next().to_owned(),
        PlaceState::Waiting => t.place_waiting(place.position),
        PlaceState::Claimed => t.place_claimed().to_owned(),
        PlaceState::Ended => t.place_ended().to_owned(),
    }
}
