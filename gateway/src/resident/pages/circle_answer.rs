//! Answering the question for a circle: yes, yes without somebody or some sort, no, or later.
//!
//! As with other questions, the form carries, sealed, the circle as it was shown with the hash of what was read.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_proto::consent::v1::{
    CircleTerms, DeferConsentRequest, GrantCircleRequest, ListCircleProposalsRequest, Notice, PendingCircle,
    RefuseConsentRequest,
};

use super::circle::{Boxes, boxes, classes, members, organisations, ticked, together};
use super::dates::{last_day, moment};
use super::faults::{Fault, Faults};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::notice::notice;
use super::problem::Problem;
use super::provisions::Ticked;
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// Which notice this is.
const NOTICE_ID: &str = "sluis-circle-consent";
/// Its version: grows with every change of its words.
const NOTICE_VERSION: u32 = 1;
/// Shorter times than what is asked, in days, from which the resident can choose.
const DAYS_OFFERED: [u32; 3] = [31, 92, 183];
/// The fields of the form.
const ANSWER: &str = "antwoord";
const DAYS: &str = "dagen";

#[derive(Template)]
#[template(path = "circle-answer.html")]
struct Page {
    frame: Frame,
    asked_by: String,
    shown: Shown,
    replaces: bool,
    boxes: Boxes,
    /// What was chosen before, where the page is shown again.
    chosen: String,
    days: Vec<(u32, bool)>,
    reference: String,
    request_id: String,
    faults: Faults,
}

impl Page {
    fn is_chosen(&self, answer: &str) -> bool {
        self.chosen == answer
    }
}

#[derive(Template)]
#[template(path = "circle-answered.html")]
struct Answered {
    frame: Frame,
    name: String,
    text: String,
    done: bool,
}

/// The notice of a circle, as shown.
struct Shown {
    question: &'static str,
    members: Vec<String>,
    classes: Vec<&'static str>,
    terms: Vec<String>,
}

impl Shown {
    fn of(pending: &PendingCircle, names: &Names, t: Language) -> Self {
        let terms = terms_of(pending);
        Self {
            question: t.circle_asks(),
            members: members(&terms.members, names),
            classes: classes(&terms, t),
            terms: vec![
                t.circle_notice_when().to_owned(),
                t.circle_notice_serious().to_owned(),
                t.circle_notice_seen().to_owned(),
                t.circle_notice_days(pending.valid_days),
                t.circle_notice_stop().to_owned(),
                t.circle_notice_known().to_owned(),
                t.circle_notice_refusing().to_owned(),
            ],
        }
    }

    fn to_proto(&self, t: Language) -> Notice {
        let lines = std::iter::once(self.question)
            .chain(self.members.iter().map(String::as_str))
            .chain(self.classes.iter().copied())
            .chain(self.terms.iter().map(String::as_str));
        notice(NOTICE_ID, NOTICE_VERSION, lines, t)
    }
}

/// A circle as it was asked for and shown.
struct Asked {
    pending: PendingCircle,
    notice: Notice,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let ids = site
        .references()
        .open(Kind::CircleQuestion, visit.key(), reference);
    let ids = ids.ok_or(Problem::NotFound)?;
    let id = ids.first().ok_or(Problem::NotFound)?;
    let list = ListCircleProposalsRequest {};
    let waiting = visit.session().list_circle_proposals(list).await?.proposals;
    let pending = waiting
        .into_iter()
        .find(|it| it.proposal_id.as_bytes() == id.as_slice())
        .ok_or(Problem::NotFound)?;
    let names = names_of(&visit, &pending).await?;
    let frame = visit.frame(&site, Place::Circles);
    let notice = Shown::of(&pending, &names, visit.t()).to_proto(visit.t());
    let asked = Asked { pending, notice };
    let request_id = site.fresh_request_id().to_string();
    Ok(form_page(&site, &visit, frame, &asked, &names, request_id, None))
}

async fn names_of(visit: &Visit, pending: &PendingCircle) -> Result<Names, Problem> {
    let mut oins = organisations(pending.terms.as_ref());
    oins.insert(pending.asked_by.as_str());
    Names::of(visit.session(), oins).await
}

/// The page with the form; `again` is what was sent, and what is missing in it.
fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    asked: &Asked,
    names: &Names,
    request_id: String,
    again: Option<(&Fields, Fault)>,
) -> Response {
    let (sent, fault) = again.unzip();
    let (pending, t) = (&asked.pending, visit.t());
    let parts = [pending.encode_to_vec(), asked.notice.encode_to_vec()];
    let chosen_days = sent.and_then(|sent| sent.one(DAYS)?.parse().ok());
    let shorter = DAYS_OFFERED.into_iter().filter(|days| *days < pending.valid_days);
    html(&Page {
        asked_by: names.get(&pending.asked_by).to_owned(),
        shown: Shown::of(pending, names, t),
        replaces: !pending.replaces.is_empty(),
        boxes: boxes(
            &terms_of(pending),
            names,
            sent.map_or(Ticked::Nothing, Ticked::AsSent),
            t,
        ),
        chosen: sent
            .and_then(|sent| sent.one(ANSWER))
            .unwrap_or_default()
            .to_owned(),
        days: std::iter::once(pending.valid_days)
            .chain(shorter)
            .map(|days| (days, chosen_days == Some(days)))
            .collect(),
        reference: site.references().seal(Kind::CircleAnswer, visit.key(), &parts),
        request_id,
        faults: fault.map(Faults::from).unwrap_or_default(),
        frame,
    })
}

fn terms_of(pending: &PendingCircle) -> CircleTerms {
    pending.terms.clone().unwrap_or_default()
}

fn opened(site: &Site, visit: &Visit, form: &Fields) -> Result<Asked, Problem> {
    let parts = site
        .references()
        .open(Kind::CircleAnswer, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let [pending, notice] = parts.as_slice() else {
        return Err(Problem::NotFound);
    };
    Ok(Asked {
        pending: PendingCircle::decode(pending.as_slice()).map_err(|_| Problem::NotFound)?,
        notice: Notice::decode(notice.as_slice()).map_err(|_| Problem::NotFound)?,
    })
}

/// What somebody answers.
enum Answer {
    Yes(CircleTerms),
    No,
    Later,
}

/// What was answered; else what is missing.
fn answer(pending: &PendingCircle, form: &Fields, t: Language) -> Result<Answer, Fault> {
    let terms = terms_of(pending);
    match form.one(ANSWER) {
        Some("ja") => Ok(Answer::Yes(terms)),
        Some("deel") => match ticked(&terms, form) {
            Ok(ticked) => Ok(Answer::Yes(ticked)),
            Err(few) => Err(few.fault(&terms, few.text(t))),
        },
        Some("nee") => Ok(Answer::No),
        Some("later") => Ok(Answer::Later),
        Some(_) | None => Err(Fault::in_group(
            ANSWER,
            format!("{ANSWER}-ja"),
            t.circle_choose_answer(),
        )),
    }
}

pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (asked, t) = (opened(&site, &visit, &form)?, visit.t());
    let request_id = form.request_id()?.to_string();
    let names = names_of(&visit, &asked.pending).await?;
    let frame = visit.answer_frame(&site, Place::Circles);
    let answer = match answer(&asked.pending, &form, t) {
        Ok(answer) => answer,
        Err(fault) => {
            let again = Some((&form, fault));
            return Ok(form_page(&site, &visit, frame, &asked, &names, request_id, again));
        }
    };
    let name = together(&terms_of(&asked.pending).members, &names, t);
    let (text, done) = match carry_out(&visit, asked, answer, request_id, &form).await {
        Ok(text) => (text, true),
        Err(Problem::NotFound) => (t.answered_gone().to_owned(), false),
        Err(problem) => return Err(problem),
    };
    Ok(html(&Answered {
        frame,
        name,
        text,
        done,
    }))
}

async fn carry_out(
    visit: &Visit,
    asked: Asked,
    answer: Answer,
    request_id: String,
    form: &Fields,
) -> Result<String, Problem> {
    let (session, t) = (visit.session(), visit.t());
    let proposal_id = asked.pending.proposal_id;
    Ok(match answer {
        Answer::Yes(terms) => {
            let days = form.one(DAYS).and_then(|days| days.parse().ok());
            let message = GrantCircleRequest {
                request_id,
                proposal_id,
                terms: Some(terms),
                valid_days: days.unwrap_or_default(),
                notice: Some(asked.notice),
            };
            let circle = session.grant_circle(message).await?.circle.unwrap_or_default();
            let grant = circle.grant.unwrap_or_default();
            t.circle_yes_done(last_day(moment(grant.valid_until.as_ref()), t))
        }
        Answer::No => {
            let message = RefuseConsentRequest {
                request_id,
                proposal_id,
            };
            session.refuse_consent(message).await?;
            t.circle_no_done().to_owned()
        }
        Answer::Later => {
            let message = DeferConsentRequest {
                request_id,
                proposal_id,
            };
            session.defer_consent(message).await?;
            t.circle_later_done().to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_hash_is_of_every_line_as_shown() {
        let pending = PendingCircle {
            terms: Some(CircleTerms {
                members: vec!["one".to_owned(), "two".to_owned()],
                match_classes: vec![1, 3],
            }),
            valid_days: 92,
            ..PendingCircle::default()
        };
        let shown = Shown::of(&pending, &Names::default(), Language::English);
        let mut lines = vec![shown.question.to_owned()];
        lines.extend(shown.members.clone());
        lines.extend(shown.classes.iter().map(ToString::to_string));
        lines.extend(shown.terms.clone());
        assert!(lines.iter().any(|line| line.contains("92 days")));
        let text = lines.join("\n") + "\n";
        let notice = shown.to_proto(Language::English);
        assert_eq!(&notice.sha256[..], &Sha256::digest(text.as_bytes())[..]);
        assert_eq!(
            (notice.notice_id.as_str(), notice.language.as_str()),
            (NOTICE_ID, "en")
        );
    }
}
