//! *Wie mag wat weten*: organisations by the five life domains, and what lies behind each cell.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{Grant, GrantState, ListGrantsRequest};

use super::dates::{day, last_day, moment};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::provisions::{Line, lines};
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;
use super::words::{LIFE_DOMAINS, life_domain_short};

/// Ended grants that are shown, newest first.
const ENDED_MAX: usize = 20;

#[derive(Template)]
#[template(path = "grants.html")]
struct Grants {
    frame: Frame,
    columns: Vec<&'static str>,
    recipients: Vec<Recipient>,
    ended: Vec<Ended>,
}

/// An organisation that may know something.
struct Recipient {
    /// Id of the part of the page that says more.
    anchor: String,
    name: String,
    cells: Vec<Cell>,
    grants: Vec<Live>,
}

/// What an organisation may know of one life domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Nothing,
    Something,
    /// It may, but for now everything is refused.
    Paused,
}

/// A grant that lives.
pub(super) struct Live {
    pub(super) reference: String,
    pub(super) discloser: String,
    pub(super) recipient: String,
    pub(super) lines: Vec<Line>,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) paused: bool,
    /// Whether a worker recorded it for the resident.
    pub(super) assisted: bool,
}

struct Ended {
    discloser: String,
    recipient: String,
    at: String,
    expired: bool,
    assisted: bool,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let grants = visit.session().list_grants(ListGrantsRequest {}).await?.grants;
    let names = Names::of(visit.session(), organisations(&grants)).await?;
    let t = visit.t();
    let (live, over): (Vec<_>, Vec<_>) = grants.into_iter().partition(is_live);
    let ended = over.iter().take(ENDED_MAX).map(|grant| Ended {
        discloser: names.get(&grant.discloser).to_owned(),
        recipient: names.get(&grant.recipient).to_owned(),
        at: day(moment(grant.ended_at.as_ref()), site.zone(), t),
        expired: grant.state() == GrantState::Expired,
        assisted: grant.assisted,
    });
    Ok(html(&Grants {
        frame: visit.frame(&site, Place::Grants),
        columns: LIFE_DOMAINS.map(|domain| life_domain_short(domain, t)).to_vec(),
        ended: ended.collect(),
        recipients: recipients(&site, &visit, &live, &names),
    }))
}

/// Whether a grant lives: paused is alive.
pub(super) fn is_live(grant: &Grant) -> bool {
    matches!(grant.state(), GrantState::Active | GrantState::Suspended)
}

/// Every organisation that these grants name.
pub(super) fn organisations(grants: &[Grant]) -> BTreeSet<&str> {
    grants
        .iter()
        .flat_map(|grant| [grant.discloser.as_str(), grant.recipient.as_str()])
        .collect()
}

/// The organisations that may know something, by name.
fn recipients(site: &Site, visit: &Visit, live: &[Grant], names: &Names) -> Vec<Recipient> {
    let mut oins: Vec<&str> = live.iter().map(|grant| grant.recipient.as_str()).collect();
    oins.sort_unstable();
    oins.dedup();
    oins.sort_by_key(|oin| names.get(oin).to_lowercase());
    let of = |(number, oin): (usize, &str)| {
        let grants: Vec<&Grant> = live.iter().filter(|grant| grant.recipient == oin).collect();
        Recipient {
            anchor: format!("organisatie-{}", number + 1),
            name: names.get(oin).to_owned(),
            cells: cells(&grants),
            grants: grants
                .into_iter()
                .map(|grant| describe(site, visit, grant, names))
                .collect(),
        }
    };
    oins.into_iter().enumerate().map(of).collect()
}

/// A grant in words.
pub(super) fn describe(site: &Site, visit: &Visit, grant: &Grant, names: &Names) -> Live {
    let t: Language = visit.t();
    let id = grant.grant_id.clone().into_bytes();
    Live {
        reference: site.references().seal(Kind::Grant, visit.key(), &[id]),
        discloser: names.get(&grant.discloser).to_owned(),
        recipient: names.get(&grant.recipient).to_owned(),
        lines: lines(&grant.provisions, t),
        since: day(moment(grant.since.as_ref()), site.zone(), t),
        until: last_day(moment(grant.valid_until.as_ref()), t),
        paused: grant.state() == GrantState::Suspended,
        assisted: grant.assisted,
    }
}

/// What these grants allow on each life domain. An objection takes nothing away here: it is of single kinds of data,
/// and stands with the grant.
fn cells(grants: &[&Grant]) -> Vec<Cell> {
    let on = |domain: i32, state: GrantState| {
        grants.iter().any(|grant| {
            let mut allowed = grant.provisions.iter().filter(|it| !it.objection);
            grant.state() == state && allowed.any(|it| it.life_domains.contains(&domain))
        })
    };
    let cell = |domain: i32| {
        if on(domain, GrantState::Active) {
            Cell::Something
        } else if on(domain, GrantState::Suspended) {
            Cell::Paused
        } else {
            Cell::Nothing
        }
    };
    LIFE_DOMAINS
        .into_iter()
        .map(|domain| cell(domain.into()))
        .collect()
}

/// The grant behind a reference, as it is now.
pub(super) async fn find(
    site: &Site,
    visit: &Visit,
    reference: &str,
) -> Result<(Grant, Vec<Grant>), Problem> {
    let parts = site.references().open(Kind::Grant, visit.key(), reference);
    let parts = parts.ok_or(Problem::NotFound)?;
    let id = parts.first().ok_or(Problem::NotFound)?;
    let grants = visit.session().list_grants(ListGrantsRequest {}).await?.grants;
    let found = grants
        .iter()
        .find(|grant| grant.grant_id.as_bytes() == id.as_slice() && is_live(grant));
    Ok((found.cloned().ok_or(Problem::NotFound)?, grants))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_proto::consent::v1::Provision;

    #[test]
    fn a_cell_says_whether_something_may_be_known_now() {
        let grant = |state: GrantState, domains: &[i32], objection| Grant {
            state: state.into(),
            provisions: vec![Provision {
                purpose: 1,
                life_domains: domains.to_vec(),
                data_kinds: vec![1],
                objection,
            }],
            ..Grant::default()
        };
        let active = grant(GrantState::Active, &[1], false);
        let paused = grant(GrantState::Suspended, &[1, 3], false);
        let objection = grant(GrantState::Active, &[5], true);
        assert_eq!(
            cells(&[&active, &paused, &objection]),
            [
                Cell::Something,
                Cell::Nothing,
                Cell::Paused,
                Cell::Nothing,
                Cell::Nothing
            ]
        );
    }
}
