//! Answering a question: each direction apart, whole, in part, not, or later.
//!
//! The form carries, sealed, the questions as they were shown with the hash of what was read. Sending it twice is
//! therefore the same act, also after the questions are gone from the list; and nobody agrees to what they did not see.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_envelope::hash;
use sluis_proto::consent::v1::{
    DeferConsentRequest, GrantConsentRequest, ListProposalsRequest, ListProposalsResponse, Notice,
    PendingProposal, Provision, RefuseConsentRequest,
};
use sluis_types::RequestId;

use super::dates::{last_day, moment};
use super::faults::{Fault, Faults};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::notice::Shown;
use super::problem::Problem;
use super::provisions::{Boxes, Ticked, boxes, ticked};
use super::questions::organisations;
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// Shorter times than what is asked, in days, from which the resident can choose.
const DAYS_OFFERED: [u32; 3] = [31, 92, 183];

#[derive(Template)]
#[template(path = "answer.html")]
struct Page {
    frame: Frame,
    asked_by: String,
    directions: Vec<Direction>,
    reference: String,
    request_id: String,
    faults: Faults,
}

struct Direction {
    /// Keeps the fields of the directions apart.
    prefix: String,
    discloser: String,
    recipient: String,
    /// Whether a worker wrote down that the resident agreed, and it waits for its confirmation.
    recorded: bool,
    shown: Shown,
    boxes: Vec<Boxes>,
    /// What was chosen before, where the page is shown again.
    chosen: String,
    days: Vec<Days>,
}

impl Direction {
    /// Whether this answer was chosen before.
    fn is_chosen(&self, answer: &str) -> bool {
        self.chosen == answer
    }
}

struct Days {
    days: u32,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "answered.html")]
struct Answered {
    frame: Frame,
    outcomes: Vec<Outcome>,
}

/// What an answer to one direction came to.
struct Outcome {
    discloser: String,
    recipient: String,
    text: String,
    done: bool,
}

/// What somebody answers to one direction.
enum Answer {
    Yes(Vec<Provision>),
    No,
    Later,
}

/// Questions as they were shown, with what was read of each.
struct Asked {
    proposals: Vec<PendingProposal>,
    notices: Vec<Notice>,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let ids = site.references().open(Kind::Questions, visit.key(), reference);
    let ids = ids.ok_or(Problem::NotFound)?;
    let mut proposals = visit
        .session()
        .list_proposals(ListProposalsRequest {})
        .await?
        .proposals;
    proposals.retain(|pending| ids.iter().any(|id| id == pending.proposal_id.as_bytes()));
    if proposals.is_empty() {
        return Err(Problem::NotFound);
    }
    let names = Names::of(visit.session(), organisations(&proposals)).await?;
    let frame = visit.frame(&site, Place::Questions);
    let notices = proposals
        .iter()
        .map(|pending| Shown::of(pending, &names, visit.t()).to_proto(visit.t()))
        .collect();
    let asked = Asked { proposals, notices };
    let request_id = site.fresh_request_id().to_string();
    let again = (None, Faults::none());
    Ok(form_page(&site, &visit, frame, &asked, &names, request_id, again))
}

/// The page with the form; `again` is what was sent before and what was missing in it.
fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    asked: &Asked,
    names: &Names,
    request_id: String,
    again: (Option<&Fields>, Faults),
) -> Response {
    let (sent, faults) = again;
    let first = &asked.proposals[0];
    html(&Page {
        asked_by: names.get(&first.asked_by).to_owned(),
        directions: asked
            .proposals
            .iter()
            .enumerate()
            .map(|(number, pending)| direction(number, pending, names, sent, visit.t()))
            .collect(),
        reference: site
            .references()
            .seal(Kind::Answer, visit.key(), &asked.to_parts()),
        request_id,
        faults,
        frame,
    })
}

fn direction(
    number: usize,
    pending: &PendingProposal,
    names: &Names,
    sent: Option<&Fields>,
    t: Language,
) -> Direction {
    let prefix = prefix(number);
    let proposal = pending.proposal.clone().unwrap_or_default();
    let chosen = sent.and_then(|sent| sent.one(&answer_field(&prefix)));
    let chosen_days = sent.and_then(|sent| sent.one(&days_field(&prefix))?.parse().ok());
    let shorter = DAYS_OFFERED
        .into_iter()
        .filter(|days| *days < proposal.valid_days);
    Direction {
        discloser: names.get(&proposal.discloser).to_owned(),
        recipient: names.get(&proposal.recipient).to_owned(),
        recorded: pending.recorded,
        shown: Shown::of(pending, names, t),
        boxes: boxes(
            &proposal.provisions,
            &prefix,
            sent.map_or(Ticked::Nothing, Ticked::AsSent),
            t,
        ),
        chosen: chosen.unwrap_or_default().to_owned(),
        days: [proposal.valid_days]
            .into_iter()
            .chain(shorter)
            .map(|days| Days {
                days,
                chosen: chosen_days == Some(days),
            })
            .collect(),
        prefix,
    }
}

fn prefix(number: usize) -> String {
    format!("v{number}")
}

fn answer_field(prefix: &str) -> String {
    format!("{prefix}-antwoord")
}

fn days_field(prefix: &str) -> String {
    format!("{prefix}-dagen")
}

impl Asked {
    fn to_parts(&self) -> Vec<Vec<u8>> {
        let list = ListProposalsResponse {
            proposals: self.proposals.clone(),
        };
        let notices = self.notices.iter().map(prost::Message::encode_to_vec);
        std::iter::once(list.encode_to_vec()).chain(notices).collect()
    }

    fn from_parts(parts: &[Vec<u8>]) -> Option<Self> {
        let (list, notices) = parts.split_first()?;
        let proposals = ListProposalsResponse::decode(list.as_slice()).ok()?.proposals;
        let notices: Result<Vec<_>, _> = notices.iter().map(|it| Notice::decode(it.as_slice())).collect();
        let notices = notices.ok()?;
        (!proposals.is_empty() && notices.len() == proposals.len()).then_some(Self { proposals, notices })
    }
}

pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let parts = site
        .references()
        .open(Kind::Answer, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let asked = Asked::from_parts(&parts).ok_or(Problem::NotFound)?;
    let request_id = form.request_id()?;
    let names = Names::of(visit.session(), organisations(&asked.proposals)).await?;
    let frame = visit.answer_frame(&site, Place::Questions);
    let answers = match answers(&asked, &names, &form, visit.t()) {
        Ok(answers) => answers,
        Err(faults) => {
            let again = (Some(&form), faults);
            let request_id = request_id.to_string();
            return Ok(form_page(&site, &visit, frame, &asked, &names, request_id, again));
        }
    };
    let mut outcomes = Vec::new();
    for (number, answer) in answers.into_iter().enumerate() {
        let act = act_of(request_id, number);
        outcomes.push(carry_out(&visit, &asked, number, answer, act, &form, &names).await?);
    }
    Ok(html(&Answered { frame, outcomes }))
}

/// The id of the act in one direction: the same each time that the form is sent.
fn act_of(form: RequestId, number: usize) -> RequestId {
    let number = u64::try_from(number).expect("a form has few directions");
    let id = hash("sluis/v1/pages-answer", &[form.as_bytes(), &number.to_be_bytes()]);
    RequestId::from_slice(&id[..16]).expect("16 bytes are a request id")
}

/// What was answered in each direction, or all that is missing.
fn answers(asked: &Asked, names: &Names, form: &Fields, t: Language) -> Result<Vec<Answer>, Faults> {
    let (mut answers, mut faults) = (Vec::new(), Vec::new());
    for (number, pending) in asked.proposals.iter().enumerate() {
        let prefix = prefix(number);
        match answer(&prefix, pending, names, form, t) {
            Ok(answer) => answers.push(answer),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(answers)
    } else {
        Err(faults.into_iter().collect())
    }
}

/// What was answered in one direction; else where something is missing, and what.
fn answer(
    prefix: &str,
    pending: &PendingProposal,
    names: &Names,
    form: &Fields,
    t: Language,
) -> Result<Answer, Fault> {
    let proposal = pending.proposal.clone().unwrap_or_default();
    let field = answer_field(prefix);
    match form.one(&field) {
        Some("ja") => Ok(Answer::Yes(proposal.provisions)),
        Some("deel") => match ticked(&proposal.provisions, prefix, form) {
            Ok(ticked) if ticked.is_empty() => Err(Fault::in_group(
                prefix,
                format!("{field}-deel"),
                t.tick_something(),
            )),
            Ok(ticked) => Ok(Answer::Yes(ticked)),
            Err(half) => Err(half.fault(t)),
        },
        Some("nee") => Ok(Answer::No),
        Some("later") => Ok(Answer::Later),
        Some(_) | None => {
            let (discloser, recipient) = (names.get(&proposal.discloser), names.get(&proposal.recipient));
            Err(Fault::in_group(
                prefix,
                format!("{field}-ja"),
                t.choose_answer(discloser, recipient),
            ))
        }
    }
}

async fn carry_out(
    visit: &Visit,
    asked: &Asked,
    number: usize,
    answer: Answer,
    act: RequestId,
    form: &Fields,
    names: &Names,
) -> Result<Outcome, Problem> {
    let (session, t) = (visit.session(), visit.t());
    let pending = &asked.proposals[number];
    let proposal = pending.proposal.clone().unwrap_or_default();
    let (request_id, proposal_id) = (act.to_string(), pending.proposal_id.clone());
    let answered = match answer {
        Answer::Yes(provisions) => {
            let days = form.one(&days_field(&prefix(number)));
            let message = GrantConsentRequest {
                request_id,
                proposal_id,
                provisions,
                valid_days: days.and_then(|days| days.parse().ok()).unwrap_or_default(),
                notice: Some(asked.notices[number].clone()),
            };
            session.grant_consent(message).await.map(|reply| {
                let grant = reply.grant.unwrap_or_default();
                t.answered_yes(last_day(moment(grant.valid_until.as_ref()), t))
            })
        }
        Answer::No => {
            let message = RefuseConsentRequest {
                request_id,
                proposal_id,
            };
            let refused = session.refuse_consent(message).await;
            refused.map(|_| t.answered_no().to_owned())
        }
        Answer::Later => {
            let message = DeferConsentRequest {
                request_id,
                proposal_id,
            };
            let deferred = session.defer_consent(message).await;
            deferred.map(|_| t.answered_later().to_owned())
        }
    };
    let (text, done) = match answered.map_err(Problem::from) {
        Ok(text) => (text, true),
        // The other direction may have been answered already: one page says what came of each.
        Err(Problem::NotFound) => (t.answered_gone().to_owned(), false),
        Err(Problem::NotSure) => (t.not_sure().to_owned(), false),
        Err(problem) => return Err(problem),
    };
    Ok(Outcome {
        discloser: names.get(&proposal.discloser).to_owned(),
        recipient: names.get(&proposal.recipient).to_owned(),
        text,
        done,
    })
}
