//! GrantConsent: a resident says yes to a proposal, whole or in part.

use std::fmt;
use std::sync::Arc;

use sluis_proto::consent::v1::{self as proto, GrantConsentRequest, GrantConsentResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller, id};
use sluis_store::{Command as StoreCommand, OutboxEvent, Outcome, Tx, WriteError};
use sluis_types::{GrantId, Randomness, Timestamp};
use tonic::Request;

use super::change_grant::PREPARATIONS_MAX;
use super::owned::Owned;
use super::{convert, owned};
use crate::desk::{Desk, store_request};
use crate::domain::State;
use crate::domain::access_kind::Happening;
use crate::domain::assurance::{Assurance, GRANTING_NEEDS};
use crate::domain::grant::{Grant, Notice, Ticked, end_of_day};
use crate::domain::life::Command;
use crate::domain::proposal::{Proposal, ProposalId};
use crate::error::{CommandError, Denial, write_refusal};
use crate::event::grant_event;
use crate::gate::{GateKeys, Lost, Plan, Prepared};
use crate::identity::{Access, Entry, Head, Name, Pointer, RowKind, reach};
use crate::jobs::expiry;
use crate::store::{Due, Lock, Rows};

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
        days: asked.valid_days,
        notice: convert::notice(asked.notice.as_ref())?,
    };
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
                return Ok(GrantConsentResponse { grant: Some(grant) });
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
struct Wanted {
    caller: ResidentCaller,
    proposal: ProposalId,
    ticked: Ticked,
    /// 0: as many as were proposed.
    days: u32,
    notice: Notice,
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
        let reach = reach(rows, &mut tx, &wanted.caller, now).await?;
        let found = owned::read_proposal(rows, &mut tx, &reach, wanted.proposal, now, random).await;
        let Some(found) = found.map_err(CommandError::Store)? else {
            return Ok(Plan::Nothing);
        };
        if decide(&found.row, wanted, reach.assurance).is_err() {
            return Ok(Plan::Nothing);
        }
        existing(rows, &mut tx, &found, Lock::None).await?
    };
    match existing {
        None => Ok(Plan::Place),
        Some(existing) if now >= existing.row.valid_until => {
            expiry::expire(desk, &[existing.row.id]).await?;
            Ok(Plan::Place)
        }
        Some(existing) => Ok(Plan::of(&existing.row, Command::Widen)),
    }
}

/// Whether the proposal may be granted so.
fn decide(proposal: &Proposal, wanted: &Wanted, assurance: Assurance) -> Result<(), Denial> {
    if assurance < GRANTING_NEEDS {
        return Err(Denial::AssuranceTooLow);
    }
    let question = &proposal.question;
    if wanted.ticked.allowed.is_within(&question.allowed) && wanted.days <= question.valid_days {
        Ok(())
    } else {
        Err(Denial::NotWithin)
    }
}

/// The grant between the same organisations that has not ended.
async fn existing(
    rows: &Rows,
    tx: &mut Tx<'_>,
    proposal: &Owned<Proposal>,
    lock: Lock,
) -> Result<Option<Owned<Grant>>, CommandError> {
    let question = &proposal.row.question;
    let resident = &proposal.resident;
    let (discloser, recipient) = (&question.discloser, &question.recipient);
    let access = rows
        .access(
            tx,
            &rows.key(&Name::GrantOf {
                resident,
                discloser,
                recipient,
            }),
        )
        .await?;
    let Some(i) = access.and_then(|access| access.row()) else {
        return Ok(None);
    };
    let tag = resident.tag(RowKind::Grant, i);
    let row = rows.grant(tx, &tag, lock).await?;
    let row = row.ok_or(CommandError::Form("a lookup without its grant"))?;
    Ok(Some(Owned {
        resident: resident.clone(),
        i,
        tag,
        row,
    }))
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
            Some(proposal) => decide(&proposal.row, wanted, reach.assurance),
        };
        let mut entry = Entry::by_resident(Happening::Granted, METHOD, now);
        if let Some(scope) = convert::spanned(&wanted.ticked.allowed) {
            entry = entry.declaring(scope);
        }
        let changed = match (proposal, decided) {
            (Some(proposal), Ok(())) => self
                .begin(tx, &proposal, reach.assurance)
                .await?
                .map(|done| (proposal, done)),
            (_, denied) => Err(denied.err().unwrap_or(Denial::NotAvailable)),
        };
        match changed {
            Err(denial) => {
                let mut head = Head::lock(rows, tx, reach.first()?).await?;
                let tag = head.next_log();
                head.save(rows, tx).await?;
                Ok(Outcome::refused(denial, entry.refused(tag, denial)))
            }
            Ok((proposal, begun)) => {
                let mut head = Head::lock(rows, tx, &proposal.resident).await?;
                if begun.is_new {
                    self.add(tx, &mut head, &begun.grant).await?;
                }
                rows.schedule(tx, begun.grant.valid_until, &Due::GrantEnds(begun.grant.id))
                    .await?;
                rows.clear_proposal(tx, &mut head, proposal.row.id, proposal.i)
                    .await?;
                let tag = head.next_log();
                head.save(rows, tx).await?;
                let log = entry.about(Some(begun.grant.id)).done(tag);
                let outcome = Outcome::done(convert::grant(&begun.grant, now), log).with_events(begun.event);
                Ok(Lost::tell(begun.lost, outcome))
            }
        }
    }
}

/// A grant version that began.
struct Begun {
    grant: Grant,
    is_new: bool,
    event: Option<OutboxEvent>,
    /// Other grants whose keys were found damaged.
    lost: Vec<Lost>,
}

impl GrantProposal {
    /// Begins the next version of the grant between the two, or the first of a new one, with its gate key.
    async fn begin(
        &self,
        tx: &mut Tx<'_>,
        proposal: &Owned<Proposal>,
        assurance: Assurance,
    ) -> Result<Result<Begun, Denial>, CommandError> {
        let (rows, now, wanted) = (self.keys.rows(), self.now, &self.wanted);
        let question = &proposal.row.question;
        let days = convert::days_or(wanted.days, question.valid_days);
        let valid_until = end_of_day(now, days);
        if let Some(mut found) = existing(rows, tx, proposal, Lock::Exclusive).await? {
            if now >= found.row.valid_until {
                return Err(CommandError::Moved);
            }
            let (id, before) = (found.row.id, found.row.version);
            let line = match found.row.step(Command::Widen, now) {
                Ok(line) => line,
                Err(stage) => return Ok(Err(Denial::Illegal(stage))),
            };
            found.row.add(&wanted.ticked, valid_until);
            found.row.notice = wanted.notice.clone();
            found.row.assurance = assurance;
            let lost = self
                .keys
                .carry_out(tx, &mut found.row, line.key, &self.prepared, now)
                .await?;
            rows.save_grant(tx, &found.tag, &found.row).await?;
            let event = line.change.map(|change| grant_event(id, before, change, now));
            return Ok(Ok(Begun {
                grant: found.row,
                is_new: false,
                event,
                lost,
            }));
        }
        let Prepared::Place(place) = &self.prepared else {
            return Err(CommandError::Moved);
        };
        let mut grant = Grant {
            id: GrantId::random(&*self.randomness),
            version: 1,
            discloser: question.discloser,
            recipient: question.recipient,
            allowed: wanted.ticked.allowed,
            objected: wanted.ticked.objected,
            state: State::Active,
            since: now,
            valid_until,
            bucket: Some(place.at),
            gate_key: Vec::new(),
            notice: wanted.notice.clone(),
            assurance,
        };
        grant.gate_key = self.keys.put_in(tx, place, crate::gate::binding(&grant)).await?;
        Ok(Ok(Begun {
            grant,
            is_new: true,
            event: None,
            lost: Vec::new(),
        }))
    }

    /// Adds a new grant with the names under which it is found.
    async fn add(&self, tx: &mut Tx<'_>, head: &mut Head, grant: &Grant) -> Result<(), CommandError> {
        let rows = self.keys.rows();
        let (i, tag) = head.next(RowKind::Grant);
        let access = Access {
            resident: head.resident().clone(),
            pointer: Pointer::Row(i),
        };
        rows.insert_grant(tx, &tag, grant).await?;
        rows.insert_access(tx, &rows.key(&Name::Grant(grant.id)), &access)
            .await?;
        let (resident, discloser, recipient) = (head.resident(), &grant.discloser, &grant.recipient);
        let pair = rows.key(&Name::GrantOf {
            resident,
            discloser,
            recipient,
        });
        if rows.insert_access(tx, &pair, &access).await? {
            Ok(())
        } else {
            // Another grant between the two began at the same moment.
            Err(CommandError::Moved)
        }
    }
}
