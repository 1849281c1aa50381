//! ProposeConsent: an organisation asks a resident. What is answered says nothing about whether there is one.

use std::sync::Arc;

use sluis_proto::consent::v1::{self as proto, ProposeConsentRequest, ProposeConsentResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, oin, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Handle, Oin, Randomness, Timestamp};
use tonic::Request;

use super::convert;
use crate::desk::{Desk, store_request};
use crate::domain::Allowance;
use crate::domain::access_kind::Happening;
use crate::domain::grant::hour_after;
use crate::domain::proposal::{
    PROPOSAL_LIFE, Proposal, ProposalId, Question, VALID_DAYS_MAX, WAITING_MAX, Waiting, rests,
};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, RowKind};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.ConsentService/ProposeConsent";
/// Questions in one request at most.
const QUESTIONS_MAX: usize = 8;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ProposeConsentRequest>,
) -> Result<ProposeConsentResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let handle = convert::handle(&asked.handle)?;
    if asked.proposals.is_empty() || asked.proposals.len() > QUESTIONS_MAX {
        return Err(Refusal::invalid_field("proposals", "must be 1 to 8"));
    }
    let mut questions = Vec::new();
    for stated in &asked.proposals {
        questions.push(question(desk, &caller.organisation, stated)?);
    }
    let propose = Propose {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle,
        questions,
        now: desk.now(),
    };
    Ok(desk
        .store
        .write(attempt, propose)
        .await
        .map_err(write_refusal)?
        .answer?)
}

fn question(desk: &Desk, caller: &Oin, stated: &proto::Proposal) -> Result<Question, Refusal> {
    let question = stated_question(desk, stated)?;
    if *caller != question.discloser && *caller != question.recipient {
        return Err(Refusal::invalid_field(
            "proposals.discloser",
            "the caller must be one of the two",
        ));
    }
    Ok(question)
}

/// One question, whoever asks it.
pub(super) fn stated_question(desk: &Desk, stated: &proto::Proposal) -> Result<Question, Refusal> {
    let discloser = oin("proposals.discloser", &stated.discloser)?;
    let recipient = oin("proposals.recipient", &stated.recipient)?;
    if discloser == recipient {
        return Err(Refusal::invalid_field(
            "proposals.recipient",
            "must not be the discloser",
        ));
    }
    desk.require_member("proposals.discloser", &discloser)?;
    desk.require_member("proposals.recipient", &recipient)?;
    let ticked = convert::ticked(&stated.provisions)?;
    if !ticked.objected.is_empty() {
        return Err(Refusal::invalid_field(
            "proposals.provisions",
            "must have no objections",
        ));
    }
    let valid_days = convert::proposed_days(stated.valid_days);
    if valid_days > VALID_DAYS_MAX {
        return Err(Refusal::invalid_field(
            "proposals.valid_days",
            "must be at most 366",
        ));
    }
    Ok(Question {
        discloser,
        recipient,
        circle: None,
        allowed: ticked.allowed,
        valid_days,
    })
}

struct Propose {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    questions: Vec<Question>,
    now: Timestamp,
}

impl Propose {
    /// Which of the questions the resident refused so lately that they are not to be asked again.
    async fn unwanted(&self, tx: &mut Tx<'_>, resident: &ResidentKey) -> Result<Vec<bool>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let mut unwanted = Vec::new();
        for Question {
            discloser, recipient, ..
        } in &self.questions
        {
            let refusal = Name::RefusalOf {
                resident,
                discloser,
                recipient,
            };
            let refusal = rows.access(tx, &rows.key(&refusal)).await?;
            unwanted.push(
                matches!(refusal, Some(Access { pointer: Pointer::RefusedAt(at), .. }) if rests(at, now)),
            );
        }
        Ok(unwanted)
    }
}

impl Command for Propose {
    type Reply = ProposeConsentResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ProposeConsentResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let organisation = &self.caller.organisation;
        let link = rows
            .access(
                tx,
                &rows.key(&Name::Link {
                    organisation,
                    handle: &self.handle,
                }),
            )
            .await?;
        let known = link.is_some();
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);

        let unwanted = self.unwanted(tx, &resident).await?;
        let mut head = Head::lock(rows, tx, &resident).await?;
        let mut shown = false;
        for (question, unwanted) in self.questions.iter().zip(unwanted) {
            let waiting = head.counts().proposals - head.counts().proposals_from;
            let proposal = Proposal {
                id: ProposalId::random(&*self.randomness),
                asked_by: *organisation,
                question: *question,
                asked_at: now,
                waiting: Waiting::Asked,
                record: None,
            };
            // What nobody is to see is written all the same, under a key that is thrown away: the caller must not
            // learn from anything that it was not shown.
            let (access, tag) = if known && !unwanted && waiting < WAITING_MAX {
                shown = true;
                let (i, tag) = head.next(RowKind::Proposal);
                (
                    Access {
                        resident: resident.clone(),
                        pointer: Pointer::Row(i),
                    },
                    tag,
                )
            } else {
                let nobody = ResidentKey::generate(&*self.randomness);
                let tag = nobody.tag(RowKind::Proposal, 0);
                (
                    Access {
                        resident: nobody,
                        pointer: Pointer::NobodysRow(0),
                    },
                    tag,
                )
            };
            rows.insert_proposal(tx, &tag, &proposal).await?;
            rows.insert_access(tx, &rows.key(&Name::Proposal(proposal.id)), &access)
                .await?;
            rows.schedule(
                tx,
                hour_after(proposal.lapses_at()),
                &Due::ProposalLapses(proposal.id),
            )
            .await?;
        }

        let asked = self
            .questions
            .iter()
            .fold(Allowance::EMPTY, |all, one| all.union(&one.allowed));
        let mut entry = Entry::by_partner(Happening::Proposed, METHOD, &self.caller, now);
        if let Some(scope) = convert::spanned(&asked) {
            entry = entry.declaring(scope);
        }
        let tag = head.next_log();
        head.save(rows, tx).await?;
        // Nobody hears of what they are not shown.
        let told = if shown {
            resident
        } else {
            ResidentKey::generate(&*self.randomness)
        };
        rows.announce(tx, &told, now).await?;
        let log = if shown {
            entry.done(tag)
        } else {
            entry.refused(tag, Denial::NotAvailable)
        };
        let lapses_at = Some(to_proto_timestamp(now.plus(PROPOSAL_LIFE)));
        Ok(Outcome::done(ProposeConsentResponse { lapses_at }, log))
    }
}
