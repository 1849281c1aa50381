//! GrantConsent: a resident says yes to a proposal, whole or in part.

use std::fmt;
use std::sync::Arc;

use sluis_proto::consent::v1::{self as proto, GrantConsentRequest, GrantConsentResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller, id};
use sluis_store::{Command as StoreCommand, Outcome, Request as Attempt, Tx, WriteError};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;

use super::begin_grant::{self, Beginning, Terms};
use super::change_grant::PREPARATIONS_MAX;
use super::owned::Owned;
use super::{convert, owned};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::{Assurance, GRANTING_NEEDS};
use crate::domain::circle::Circle;
use crate::domain::grant::{Grant, Notice, Ticked, end_of_day};
use crate::domain::proposal::{Proposal, ProposalId};
use crate::error::{CommandError, Denial, write_refusal};
use crate::gate::{GateKeys, Plan, Prepared};
use crate::identity::{Entry, Head, Reach, reach, view};
use crate::store::Lock;

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/GrantConsent";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GrantConsentRequest>,
) -> Result<GrantConsentResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        proposal: id_of("proposal_id", &asked.proposal_id)?,
        ticked: convert::ticked(&asked.provisions)?,
        circle: None,
        days: asked.valid_days,
        notice: convert::notice(asked.notice.as_ref())?,
        method: METHOD,
    };
    Ok(GrantConsentResponse {
        grant: Some(grant(desk, attempt, wanted).await?),
    })
}

/// Grants a proposal: prepares what the key store must do first, writes, and only then gives the answer.
pub(super) async fn grant(desk: &Desk, attempt: Attempt, wanted: Wanted) -> Result<proto::Grant, Refusal> {
    let now = desk.now();
    for _ in 0..PREPARATIONS_MAX {
        let plan = plan(desk, &wanted, now).await?;
        let (store, attempt) = (desk.store.clone(), attempt.clone());
        let template = GrantProposal {
            keys: desk.gate.keys.clone(),
            randomness: Arc::clone(&desk.randomness),
            wanted: wanted.clone(),
            prepared: Prepared::Nothing,
            now,
        };
        let write =
            move |prepared| async move { store.write(attempt, GrantProposal { prepared, ..template }).await };
        match desk.gate.run(plan, write).await {
            Err(WriteError::Command(CommandError::Moved)) => {}
            Err(error) => return Err(write_refusal(error)),
            Ok(written) => {
                let grant = written.answer?;
                if written.replayed {
                    // What an earlier attempt left is destroyed before it is answered again.
                    desk.gate.settle_grant(id("grant_id", &grant.grant_id)?).await?;
                }
                return Ok(grant);
            }
        }
    }
    Err(CommandError::Moved.into())
}

/// A proposal's id in its text form.
pub(super) fn id_of(field: &'static str, text: &str) -> Result<ProposalId, Refusal> {
    id(field, text)
}

#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) caller: ResidentCaller,
    pub(super) proposal: ProposalId,
    pub(super) ticked: Ticked,
    /// Who and what stays of the circle that is asked for; none where it is no circle.
    pub(super) circle: Option<Circle>,
    /// 0: as many as were proposed.
    pub(super) days: u32,
    pub(super) notice: Notice,
    pub(super) method: &'static str,
}

/// What the key store must do, by what is there now. A grant between the two that ran out of time is ended first.
async fn plan(desk: &Desk, wanted: &Wanted, now: Timestamp) -> Result<Plan, Refusal> {
    let (rows, random) = (&desk.rows, &*desk.randomness);
    let existing = {
        let mut read = desk
            .store
            .read("GrantConsent.plan")
            .await
            .map_err(CommandError::Store)?;
        let mut tx = read.tx();
        let reach = view(rows, &mut tx, &wanted.caller, now).await?;
        let found = owned::read_proposal(rows, &mut tx, &reach, wanted.proposal, now, random).await;
        let Some(found) = found.map_err(CommandError::Store)? else {
            return Ok(Plan::Nothing);
        };
        if decide(&found, wanted, &reach).is_err() {
            return Ok(Plan::Nothing);
        }
        begin_grant::existing(rows, &mut tx, &found, Lock::None).await?
    };
    Ok(begin_grant::plan(desk, existing, now).await?)
}

/// Whether the proposal may be granted so.
fn decide(proposal: &Owned<Proposal>, wanted: &Wanted, reach: &Reach) -> Result<(), Denial> {
    if reach.assurance < GRANTING_NEEDS {
        return Err(Denial::AssuranceTooLow);
    }
    let question = &proposal.row.question;
    let about = question.allowed.union(&wanted.ticked.objected);
    if !reach.may_give(&proposal.resident, &about, &question.recipient) {
        return Err(Denial::NotMandated);
    }
    let asked = question.circle.map(|asked| asked.circle);
    let circle_fits = match (&wanted.circle, &asked) {
        (Some(wanted), Some(asked)) => wanted.is_within(asked),
        (wanted, asked) => wanted == asked,
    };
    if circle_fits && wanted.ticked.allowed.is_within(&question.allowed) && wanted.days <= question.valid_days
    {
        Ok(())
    } else {
        Err(Denial::NotWithin)
    }
}

struct GrantProposal {
    keys: GateKeys,
    randomness: Arc<dyn Randomness>,
    wanted: Wanted,
    prepared: Prepared,
    now: Timestamp,
}

impl fmt::Debug for GrantProposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GrantProposal(…)")
    }
}

impl StoreCommand for GrantProposal {
    type Reply = proto::Grant;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Grant, Denial>, CommandError> {
        let (rows, now, wanted) = (self.keys.rows(), self.now, &self.wanted);
        let reach = reach(rows, tx, &wanted.caller, now).await?;
        let random = &*self.randomness;
        let proposal = owned::proposal(rows, tx, &reach, wanted.proposal, now, random).await?;
        let decided = match &proposal {
            None => Err(Denial::NotAvailable),
            Some(proposal) => decide(proposal, wanted, &reach),
        };
        let mut entry = Entry::by_resident(Happening::Granted, wanted.method, now).acting(&reach);
        if let Some(scope) = convert::spanned(&wanted.ticked.allowed) {
            entry = entry.declaring(scope);
        }
        let beginning = Beginning {
            keys: &self.keys,
            randomness: random,
            prepared: &self.prepared,
            now,
        };
        let begun = match (&proposal, decided) {
            (Some(proposal), Ok(())) => {
                let may_add_to =
                    |grant: &Grant| reach.may_give(&proposal.resident, &grant.whole(), &grant.recipient);
                let terms = wanted.terms(&proposal.row, reach.assurance, now);
                beginning.begin(tx, proposal, &terms, may_add_to).await?
            }
            (_, decided) => Err(decided.err().unwrap_or(Denial::NotAvailable)),
        };
        match (proposal, begun) {
            (Some(proposal), Ok(begun)) => {
                let reply = |grant: &Grant| convert::grant(grant, now);
                beginning
                    .finish(tx, &proposal, begun, entry, reach.speaker(), reply)
                    .await
            }
            (_, begun) => {
                let denial = begun.err().unwrap_or(Denial::NotAvailable);
                let mut head = Head::lock(rows, tx, reach.first()?).await?;
                let tag = head.next_log();
                head.save(rows, tx).await?;
                Ok(Outcome::refused(denial, entry.refused(tag, denial)))
            }
        }
    }
}

impl Wanted {
    /// What is granted, on the resident's own word.
    fn terms(&self, proposal: &Proposal, assurance: Assurance, now: Timestamp) -> Terms {
        let days = convert::days_or(self.days, proposal.question.valid_days);
        Terms {
            ticked: self.ticked,
            valid_until: end_of_day(now, days),
            notice: self.notice.clone(),
            assurance,
            recorded: None,
            circle: self.circle,
        }
    }
}
