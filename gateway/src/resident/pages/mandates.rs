//! *Namens mij*: who may speak for the resident; giving that, ending it, and disputing what an organisation recorded.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{
    CreateProxyRequest, DataKind, DisputeMandateRequest, EndMandateRequest, ListMandatesRequest, Mandate,
    MandateAct, MandateKind, MandateState, RedeemMandateCodeRequest,
};

use super::dates::{day, last_day, moment, time};
use super::faults::{Fault, Faults};
use super::form::{Fields, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::picture::Picture;
use super::problem::Problem;
use super::provisions::{Term, told};
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;
use super::who::Actor;
use super::words;

/// The fields of the form that authorises somebody.
const LABEL: &str = "wie";
const ACTS: &str = "mag";
const LIFE_DOMAINS: &str = "over";
const DATA_KINDS: &str = "wat";
const DAYS: &str = "dagen";
/// The field with a code.
const CODE: &str = "code";
/// Longest words for a person, in characters.
const LABEL_CHARACTERS_MAX: usize = 60;
/// How long one can authorise somebody, in days.
const DAYS_OFFERED: [u32; 3] = [92, 183, 366];

#[derive(Template)]
#[template(path = "mandates.html")]
struct Page {
    frame: Frame,
    mandates: Vec<Line>,
    acts: Vec<Choice>,
    life_domains: Vec<Choice>,
    data_kinds: Vec<Choice>,
    days: Vec<u32>,
    chosen_days: u32,
    label: String,
    /// The code that was filled in and does not work.
    code: String,
    request_id: String,
    represents: bool,
    faults: Faults,
}

struct Choice {
    value: i32,
    label: &'static str,
    ticked: bool,
}

struct Line {
    reference: String,
    who: String,
    kind: &'static str,
    /// What they may, about which data, over which life domains.
    told: Vec<Term>,
    state: String,
    /// What was declared of the resident; of a relative only.
    declared: String,
    until: String,
    can_end: bool,
    can_dispute: bool,
}

#[derive(Template)]
#[template(path = "mandate-code.html")]
struct MandateCode {
    frame: Frame,
    who: String,
    code: String,
    picture: Picture,
    until: String,
}

#[derive(Template)]
#[template(path = "mandate-changed.html")]
struct Changed {
    frame: Frame,
    title: &'static str,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let frame = visit.frame(&site, Place::Mandates);
    form_page(&site, &visit, frame, None, Faults::none()).await
}

async fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    sent: Option<&Fields>,
    faults: Faults,
) -> Result<Response, Problem> {
    let listed = visit.session().list_mandates(ListMandatesRequest {}).await;
    let mandates = match listed.map_err(Problem::from) {
        Ok(listed) => listed.mandates,
        // A representative without a mandate sees nothing, and can bring a code.
        Err(Problem::NotFound | Problem::NotSure) if visit.session().represents_somebody() => vec![],
        Err(problem) => return Err(problem),
    };
    let oins = mandates.iter().map(|it| it.recorded_by.as_str()).collect();
    let names = Names::of(visit.session(), oins).await?;
    let t = visit.t();
    let acts = [MandateAct::See, MandateAct::Decide, MandateAct::Stop];
    let kinds = (1..=DATA_KINDS_COUNT).filter(|number| DataKind::try_from(*number).is_ok());
    Ok(html(&Page {
        mandates: mandates.iter().map(|it| line(site, visit, it, &names)).collect(),
        acts: choices(acts.into_iter().map(i32::from), ACTS, sent, t, words::mandate_act),
        life_domains: choices(
            words::LIFE_DOMAINS.into_iter().map(i32::from),
            LIFE_DOMAINS,
            sent,
            t,
            words::life_domain,
        ),
        data_kinds: choices(kinds, DATA_KINDS, sent, t, words::data_kind),
        days: DAYS_OFFERED.to_vec(),
        chosen_days: sent.map_or(DAYS_OFFERED[0], days),
        label: text_of(sent, LABEL),
        code: text_of(sent, CODE),
        request_id: site.fresh_request_id().to_string(),
        represents: visit.session().represents_somebody(),
        faults,
        frame,
    }))
}

/// What was filled in, to be mended.
fn text_of(sent: Option<&Fields>, field: &str) -> String {
    let value = sent.and_then(|sent| sent.one(field));
    value.unwrap_or_default().trim().to_owned()
}

/// For how long, as it was chosen.
fn days(sent: &Fields) -> u32 {
    let chosen = sent.one(DAYS).and_then(|days| days.parse().ok());
    chosen.unwrap_or(DAYS_OFFERED[0])
}

/// How many kinds of data there are.
const DATA_KINDS_COUNT: i32 = DataKind::Document as i32;

fn choices(
    numbers: impl Iterator<Item = i32>,
    field: &str,
    sent: Option<&Fields>,
    t: Language,
    word: fn(i32, Language) -> &'static str,
) -> Vec<Choice> {
    let is_sent =
        |number: i32| sent.is_some_and(|sent| sent.all(field).any(|value| value == number.to_string()));
    numbers
        .map(|value| Choice {
            value,
            label: word(value, t),
            ticked: is_sent(value),
        })
        .collect()
}

fn line(site: &Site, visit: &Visit, mandate: &Mandate, names: &Names) -> Line {
    let t = visit.t();
    let parts = [mandate.mandate_id.clone().into_bytes()];
    let is_resident = !visit.session().represents_somebody();
    let lives = matches!(
        mandate.state(),
        MandateState::Recorded | MandateState::Offered | MandateState::Active | MandateState::Suspended
    );
    let own = mandate.recorded_by.is_empty();
    Line {
        reference: site.references().seal(Kind::Mandate, visit.key(), &parts),
        who: match (own, mandate.label.is_empty()) {
            (true, false) => mandate.label.clone(),
            (true, true) => t.mandate_somebody().to_owned(),
            (false, _) => t.mandate_recorded_by(names.get(&mandate.recorded_by)),
        },
        kind: words::mandate_kind(mandate.kind(), t),
        told: std::iter::once(Term {
            name: t.mandate_may(),
            words: words::list(&mandate.acts, t, words::mandate_act),
        })
        .chain(told(&mandate.data_kinds, &mandate.life_domains, t))
        .collect(),
        state: words::mandate_state(mandate.state(), visit.called(Actor::Resident), t),
        declared: if mandate.kind() == MandateKind::Relative {
            t.mandate_declared(
                words::relation(mandate.relation(), t),
                words::assessor(mandate.assessed_by(), t),
                day(moment(mandate.assessed_at.as_ref()), site.zone(), t),
            )
        } else {
            String::new()
        },
        until: last_day(moment(mandate.valid_until.as_ref()), t),
        can_end: is_resident && own && lives,
        can_dispute: is_resident && !own && lives,
    }
}

/// Authorises somebody, and gives the code for them.
pub(super) async fn create(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (t, frame) = (visit.t(), visit.answer_frame(&site, Place::Mandates));
    let label = form.one(LABEL).unwrap_or_default().trim().to_owned();
    let numbers = |field| -> Vec<i32> { form.all(field).filter_map(|value| value.parse().ok()).collect() };
    let (acts, life_domains, data_kinds) = (numbers(ACTS), numbers(LIFE_DOMAINS), numbers(DATA_KINDS));
    let is_label = (1..=LABEL_CHARACTERS_MAX).contains(&label.chars().count());
    let faults: Faults = [
        (!is_label, LABEL, "wie", t.proxy_who_missing()),
        (acts.is_empty(), ACTS, "mag-1", t.proxy_acts_missing()),
        (
            life_domains.is_empty(),
            LIFE_DOMAINS,
            "over-1",
            t.proxy_domains_missing(),
        ),
        (
            data_kinds.is_empty(),
            DATA_KINDS,
            "wat-1",
            t.proxy_kinds_missing(),
        ),
    ]
    .into_iter()
    .filter(|(missing, ..)| *missing)
    .map(|(_, field, at, text)| Fault::in_group(field, at, text))
    .collect();
    if !faults.is_empty() {
        return form_page(&site, &visit, frame, Some(&form), faults).await;
    }
    let message = CreateProxyRequest {
        request_id: form.request_id()?.to_string(),
        label: label.clone(),
        acts,
        life_domains,
        data_kinds,
        valid_days: days(&form),
    };
    let made = visit.session().create_proxy(message).await?;
    let until = moment(made.code_expires_at.as_ref());
    Ok(html(&MandateCode {
        who: label,
        picture: Picture::of(&made.qr_code).ok_or(Problem::Fault)?,
        code: made.code,
        until: format!("{}, {}", day(until, site.zone(), t), time(until, site.zone())),
        frame,
    }))
}

/// A representative brings the code of a mandate.
pub(super) async fn redeem(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (t, frame) = (visit.t(), visit.answer_frame(&site, Place::Mandates));
    let wrong = |text: &str| Faults::from(Fault::in_field(CODE, text));
    let code = text_of(Some(&form), CODE);
    if code.is_empty() {
        return form_page(&site, &visit, frame, Some(&form), wrong(t.code_missing())).await;
    }
    let message = RedeemMandateCodeRequest {
        request_id: form.request_id()?.to_string(),
        code,
    };
    match visit
        .session()
        .redeem_mandate_code(message)
        .await
        .map_err(Problem::from)
    {
        Ok(_) => Ok(html(&Changed {
            frame,
            title: visit.t().mandate_redeemed(),
        })),
        Err(Problem::CodeRefused | Problem::BadForm) => {
            form_page(&site, &visit, frame, Some(&form), wrong(t.code_refused())).await
        }
        Err(problem) => Err(problem),
    }
}

/// Ends a mandate that the resident gave.
pub(super) async fn end(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let message = EndMandateRequest {
        request_id: form.request_id()?.to_string(),
        mandate_id: named(&site, &visit, &form)?,
    };
    visit.session().end_mandate(message).await?;
    Ok(html(&Changed {
        frame: visit.answer_frame(&site, Place::Mandates),
        title: visit.t().mandate_ended(),
    }))
}

/// Disputes a mandate that an organisation recorded.
pub(super) async fn dispute(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let message = DisputeMandateRequest {
        request_id: form.request_id()?.to_string(),
        mandate_id: named(&site, &visit, &form)?,
    };
    visit.session().dispute_mandate(message).await?;
    Ok(html(&Changed {
        frame: visit.answer_frame(&site, Place::Mandates),
        title: visit.t().mandate_disputed(),
    }))
}

fn named(site: &Site, visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let parts = site
        .references()
        .open(Kind::Mandate, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let id = parts.into_iter().next().ok_or(Problem::NotFound)?;
    String::from_utf8(id).map_err(|_| Problem::NotFound)
}
