//! *Mijn verwijzingen*: where each referral is, in plain words; and stopping one.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::consent::v1::{Grant, ListGrantsRequest};
use sluis_proto::referral::v1::{Referral, ReferralState};
use sluis_types::{GrantId, ThreadId};

use super::dates::{day, moment};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::looking::{Reach, look_under};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::referring::{FromHere, refer, referred};
use super::site::Site;
use super::text::Language;
use super::visit::Visit;
use super::words;

#[derive(Template)]
#[template(path = "referrals.html")]
struct Page {
    frame: Frame,
    referrals: Vec<Entry>,
    reach: Reach,
}

struct Entry {
    sender: String,
    recipient: String,
    state: &'static str,
    weeks: u32,
    changed_at: String,
    /// Stands only with what can be stopped.
    reference: Option<String>,
}

#[derive(Template)]
#[template(path = "referral-stop.html")]
struct Stop {
    frame: Frame,
    sender: String,
    recipient: String,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "referral-stopped.html")]
struct Stopped {
    frame: Frame,
    sender: String,
    recipient: String,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    _: FromHere,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let session = visit.session();
    let grants = session.list_grants(ListGrantsRequest {}).await?.grants;
    let here = (Place::Referrals.path(), query.as_deref());
    let looked = look_under((&site, &visit), here, grants, Grant::clone, async |id| {
        Ok(session.list_referrals(id).await?.referrals)
    })
    .await?;
    let mut found = Vec::new();
    for (grant, id, referrals) in looked.found {
        // Feedback runs under the grant of the other direction: a referral stands with the grant that it was sent under.
        let sent = referrals.into_iter().filter(|it| it.sender == grant.discloser);
        found.extend(sent.map(|referral| (id, referral)));
    }
    found.sort_by_key(|(_, referral)| std::cmp::Reverse(moment(referral.changed_at.as_ref())));
    let oins = found
        .iter()
        .flat_map(|(_, it)| [it.sender.as_str(), it.recipient.as_str()]);
    let names = Names::of(visit.session(), oins.collect()).await?;
    let entry = |(grant, referral): &(GrantId, Referral)| entry(&site, &visit, &names, *grant, referral);
    Ok(html(&Page {
        referrals: found.iter().map(entry).collect(),
        reach: looked.reach,
        frame: visit.frame(&site, Place::Referrals),
    }))
}

fn entry(site: &Site, visit: &Visit, names: &Names, grant: GrantId, referral: &Referral) -> Entry {
    let t: Language = visit.t();
    let reference = || refer(site, visit, Kind::Referral, grant, referral);
    Entry {
        sender: names.get(&referral.sender).to_owned(),
        recipient: names.get(&referral.recipient).to_owned(),
        state: words::referral_state(referral.state(), t),
        weeks: referral.expected_weeks,
        changed_at: day(moment(referral.changed_at.as_ref()), site.zone(), t),
        reference: can_stop(referral.state()).then(reference),
    }
}

/// Whether there is anything to stop.
fn can_stop(state: ReferralState) -> bool {
    match state {
        ReferralState::Submitted
        | ReferralState::Delivered
        | ReferralState::InReview
        | ReferralState::Accepted
        | ReferralState::Waitlisted
        | ReferralState::InProgress
        | ReferralState::OnHold => true,
        ReferralState::Unspecified
        | ReferralState::Rejected
        | ReferralState::Completed
        | ReferralState::Cancelled
        | ReferralState::Expired => false,
    }
}

/// One referral, as its reference names it.
struct Named {
    grant: GrantId,
    thread: ThreadId,
    sender: String,
    recipient: String,
}

async fn named(site: &Site, visit: &Visit, reference: &str) -> Result<Named, Problem> {
    let (grant, shown): (_, Referral) = referred(site, visit, Kind::Referral, reference)?;
    let oins = [shown.sender.as_str(), shown.recipient.as_str()];
    let names = Names::of(visit.session(), oins.into()).await?;
    Ok(Named {
        grant,
        thread: shown.thread_id.parse().map_err(|_| Problem::NotFound)?,
        sender: names.get(&shown.sender).to_owned(),
        recipient: names.get(&shown.recipient).to_owned(),
    })
}

pub(super) async fn ask_to_stop(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let named = named(&site, &visit, reference).await?;
    Ok(html(&Stop {
        frame: visit.frame(&site, Place::Referrals),
        sender: named.sender,
        recipient: named.recipient,
        reference: reference.to_owned(),
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn stop(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let named = named(&site, &visit, form.reference()?).await?;
    visit
        .session()
        .stop_referral(form.request_id()?, named.grant, named.thread)
        .await?;
    Ok(html(&Stopped {
        frame: visit.answer_frame(&site, Place::Referrals),
        sender: named.sender,
        recipient: named.recipient,
    }))
}
