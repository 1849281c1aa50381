//! *Zonder toestemming gedeeld*: which organisation may tell which other one something on another legal basis than
//! consent, on which law, whether a second person confirmed it; and objecting.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_proto::consent::v1::{
    BasisCheck, DeferralReason, LegalArticle, LegalBasis, LegalBasisRecord, LegalBasisState,
    ListLegalBasesRequest, ObjectToLegalBasisRequest, ReviewOutcome,
};

use super::dates::{day, moment};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::provisions::{Term, told};
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "legal-bases.html")]
struct Page {
    frame: Frame,
    bases: Vec<Entry>,
}

/// A record in words.
struct Entry {
    discloser: String,
    recipient: String,
    basis: &'static str,
    /// By which law; empty where the basis asks for none.
    article: &'static str,
    /// Which kinds of data, over which life domains.
    told: Vec<Term>,
    /// What the organisation stated to be so.
    checks: Vec<&'static str>,
    now: Vec<String>,
    /// Stands only with what can be objected to.
    objection: Option<String>,
}

#[derive(Template)]
#[template(path = "legal-basis-object.html")]
struct Objection {
    frame: Frame,
    basis: Entry,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "legal-basis-objected.html")]
struct Objected {
    frame: Frame,
    basis: Entry,
}

async fn names_of(visit: &Visit, records: &[LegalBasisRecord]) -> Result<Names, Problem> {
    let oins = records
        .iter()
        .flat_map(|record| [record.discloser.as_str(), record.recipient.as_str()]);
    Names::of(visit.session(), oins.collect()).await
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let list = ListLegalBasesRequest {};
    let records = visit.session().list_legal_bases(list).await?.records;
    let names = names_of(&visit, &records).await?;
    Ok(html(&Page {
        frame: visit.frame(&site, Place::Signals),
        bases: records
            .iter()
            .map(|record| entry(&site, &visit, &names, record))
            .collect(),
    }))
}

fn entry(site: &Site, visit: &Visit, names: &Names, record: &LegalBasisRecord) -> Entry {
    let t = visit.t();
    let parts = [record.encode_to_vec()];
    let reference = || site.references().seal(Kind::LegalBasis, visit.key(), &parts);
    Entry {
        discloser: names.get(&record.discloser).to_owned(),
        recipient: names.get(&record.recipient).to_owned(),
        basis: basis(record.basis(), t),
        article: article(record.article(), t),
        told: told(&record.data_kinds, &record.life_domains, t),
        checks: record.checks().filter_map(|it| check(it, t)).collect(),
        now: now(site, record, t),
        objection: (!record.review_waits).then(reference),
    }
}

/// Why it may be told without consent.
fn basis(basis: LegalBasis, t: Language) -> &'static str {
    match basis {
        LegalBasis::StatutoryDuty => t.why_statutory_duty(),
        LegalBasis::PublicTask => t.why_public_task(),
        LegalBasis::TreatmentTeam => t.why_treatment_team(),
        LegalBasis::ConflictOfDuties => t.why_conflict_of_duties(),
        LegalBasis::VitalInterest => t.why_vital_interest(),
        LegalBasis::Unspecified | LegalBasis::ReportingRight | LegalBasis::WamsCoordination => {
            t.something_else()
        }
    }
}

fn article(article: LegalArticle, t: Language) -> &'static str {
    match article {
        LegalArticle::Unspecified => "",
        LegalArticle::BgsRentArrears => t.law_bgs(),
        LegalArticle::Wmo2015 => t.law_wmo(),
        LegalArticle::Jeugdwet => t.law_jeugdwet(),
        LegalArticle::Participatiewet => t.law_participatiewet(),
    }
}

fn check(check: BasisCheck, t: Language) -> Option<&'static str> {
    match check {
        BasisCheck::Unspecified => None,
        BasisCheck::TaskHolder => Some(t.check_task_holder()),
        BasisCheck::Necessary => Some(t.check_necessary()),
        BasisCheck::MinimalData => Some(t.check_minimal_data()),
        BasisCheck::ContactSought => Some(t.check_contact_sought()),
        BasisCheck::HelpPointedOut => Some(t.check_help_pointed_out()),
        BasisCheck::RemindedInWriting => Some(t.check_reminded()),
        BasisCheck::SameTreatment => Some(t.check_same_treatment()),
        BasisCheck::SeriousHarm => Some(t.check_serious_harm()),
        BasisCheck::NoOtherWay => Some(t.check_no_other_way()),
        BasisCheck::ConsentTried => Some(t.check_consent_tried()),
        BasisCheck::PeerConsulted => Some(t.check_peer_consulted()),
        BasisCheck::CannotBeAsked => Some(t.check_cannot_be_asked()),
    }
}

/// Where it is, one sentence a line.
fn now(site: &Site, record: &LegalBasisRecord, t: Language) -> Vec<String> {
    let day = |at: Option<&prost_types::Timestamp>| day(moment(at), site.zone(), t);
    let mut lines = vec![match record.state() {
        LegalBasisState::Unspecified => t.something_else().to_owned(),
        LegalBasisState::Recorded => t.basis_recorded(day(record.valid_until.as_ref())),
        LegalBasisState::Active => t.basis_active(day(record.valid_until.as_ref())),
        LegalBasisState::Suspended => t.basis_suspended().to_owned(),
        LegalBasisState::Ended => t.basis_ended(day(record.ended_at.as_ref())),
        LegalBasisState::Expired => t.basis_expired(day(record.valid_until.as_ref())),
    }];
    lines.push(t.basis_recorded_on(day(record.recorded_at.as_ref())));
    if record.confirmed_at.is_some() {
        lines.push(t.basis_confirmed_on(day(record.confirmed_at.as_ref())));
    }
    if let Some(deferral) = &record.deferral {
        let until = day(deferral.until.as_ref());
        lines.push(match deferral.reason() {
            DeferralReason::ResidentAtRisk => t.basis_deferred_you(until),
            DeferralReason::OthersAtRisk => t.basis_deferred_others(until),
            DeferralReason::Unspecified => t.basis_deferred(until),
        });
    }
    if record.review_waits {
        lines.push(t.basis_review_waits().to_owned());
    } else if record.reviewed_at.is_some() {
        lines.push(match record.review_outcome() {
            ReviewOutcome::Unfounded => t.basis_review_unfounded(day(record.reviewed_at.as_ref())),
            ReviewOutcome::Upheld | ReviewOutcome::Unspecified => {
                t.basis_review_upheld(day(record.reviewed_at.as_ref()))
            }
        });
    }
    lines
}

fn shown(site: &Site, visit: &Visit, reference: &str) -> Result<LegalBasisRecord, Problem> {
    let parts = site.references().open(Kind::LegalBasis, visit.key(), reference);
    let parts = parts.ok_or(Problem::NotFound)?;
    let record = parts.first().ok_or(Problem::NotFound)?;
    LegalBasisRecord::decode(record.as_slice()).map_err(|_| Problem::NotFound)
}

pub(super) async fn ask_to_object(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let record = shown(&site, &visit, reference)?;
    let names = names_of(&visit, std::slice::from_ref(&record)).await?;
    Ok(html(&Objection {
        frame: visit.frame(&site, Place::Signals),
        basis: entry(&site, &visit, &names, &record),
        reference: reference.to_owned(),
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn object(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let record = shown(&site, &visit, form.reference()?)?;
    let message = ObjectToLegalBasisRequest {
        request_id: form.request_id()?.to_string(),
        legal_basis_id: record.legal_basis_id,
    };
    let objected = visit.session().object_to_legal_basis(message).await?;
    let record = objected.record.ok_or(Problem::Fault)?;
    let names = names_of(&visit, std::slice::from_ref(&record)).await?;
    Ok(html(&Objected {
        frame: visit.answer_frame(&site, Place::Signals),
        basis: entry(&site, &visit, &names, &record),
    }))
}
