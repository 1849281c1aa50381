//! *Wat past bij mij*: the resident fills in a card, and gets offers of the service directory with why each fits.
//!
//! The answer is made in this process, from a directory that was fetched before. What was ticked is dropped with the
//! request: there is no row, no line in a log and no address that holds it. What there is to know of an offer stands
//! folded in the same page, so that which offer somebody reads more of is told to nobody.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_ranking::Misfit;

use super::form::{Fields, Submitted};
use super::frame::{Frame, Place, html};
use super::offer_card::{Shown, shown};
use super::offer_question::{Card, card, search};
use super::problem::Problem;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;
use crate::resident::offers::{Found, NoAnswer};

#[derive(Template)]
#[template(path = "offers.html")]
struct Page {
    frame: Frame,
    card: Card,
    answer: Option<Answer>,
}

/// What fits.
struct Answer {
    offers: Vec<Shown>,
    /// How many more fit than are shown.
    more: usize,
    /// Why others do not fit, with how many.
    passed_over: Vec<String>,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    Ok(show(&site, &visit, None, None))
}

pub(super) async fn find(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let asked = search(site.areas(), &form);
    let found = site.offers().search(visit.key(), asked).await;
    let found = found.map_err(|why| match why {
        NoAnswer::NoDirectory => Problem::Closed,
        NoAnswer::TooMany => Problem::TooOften,
    })?;
    let answer = answer(&site, &visit, &found);
    Ok(show(&site, &visit, Some(&form), Some(answer)))
}

fn show(site: &Site, visit: &Visit, sent: Option<&Fields>, answer: Option<Answer>) -> Response {
    html(&Page {
        frame: visit.answer_frame(site, Place::Offers),
        card: card(site.areas(), sent, visit.t()),
        answer,
    })
}

fn answer(site: &Site, visit: &Visit, found: &Found) -> Answer {
    let t = visit.t();
    let offers = found.offers.iter();
    Answer {
        offers: offers
            .map(|(offer, reasons)| shown(offer, reasons, site.now(), site.zone(), t))
            .collect(),
        more: found.fitting.saturating_sub(found.offers.len()),
        passed_over: passed_over(&found.passed_over, t),
    }
}

fn passed_over(counts: &BTreeMap<Misfit, usize>, t: Language) -> Vec<String> {
    let line = |(misfit, count): (&Misfit, &usize)| {
        let why = match misfit {
            Misfit::Kind => t.misfit_kind(),
            Misfit::LifeDomain => t.misfit_life_domain(),
            Misfit::Area => t.misfit_area(),
            Misfit::Age => t.misfit_age(),
            Misfit::Language => t.misfit_language(),
            Misfit::Accessibility => t.misfit_accessibility(),
            Misfit::Entrance => t.misfit_entrance(),
            Misfit::Proof => t.misfit_proof(),
            Misfit::Full => t.misfit_full(),
        };
        t.misfit(count, why)
    };
    counts.iter().map(line).collect()
}
