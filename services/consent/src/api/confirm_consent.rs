//! ConfirmConsent: recorded consent becomes a grant, when a second person of the organisation or the resident's letter
//! confirms it.

use std::fmt;
use std::sync::Arc;

use sluis_proto::consent::v1::{ConfirmConsentRequest, ConfirmConsentResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal};
use sluis_store::{Command as StoreCommand, Outcome, Tx, WriteError};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;

use super::begin_grant::{Beginning, Terms, existing, plan};
use super::change_grant::PREPARATIONS_MAX;
use super::convert;
use super::grant_consent::id_of;
use super::owned::Owned;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assisted::{Confirmer, Record, Unconfirmed, letter_maker};
use crate::domain::assurance::Assurance;
use crate::domain::grant::{Grant, Ticked, end_of_day, hour_after};
use crate::domain::link_code::LinkCode;
use crate::domain::proposal::{Proposal, ProposalId, rests};
use crate::domain::receipt::Speaker;
use crate::domain::tries::TRIES_WINDOW;
use crate::error::{CommandError, Denial, write_refusal};
use crate::gate::{GateKeys, Plan, Prepared};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, RowKind};
use crate::store::{Due, Lock, Rows};

const METHOD: &str = "sluis.consent.v1.AssistedService/ConfirmConsent";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ConfirmConsentRequest>,
) -> Result<ConfirmConsentResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let refused =
        || Refusal::invalid_field("letter_code", "must be 10 or 26 characters of Crockford base 32");
    let wanted = Wanted {
        caller,
        record: id_of("record_id", &asked.record_id)?,
        letter: match asked.letter_code.as_str() {
            "" => None,
            text => Some(LinkCode::parse(text).ok_or_else(refused)?),
        },
    };
    let now = desk.now();
    for _ in 0..PREPARATIONS_MAX {
        let plan = plan_for(desk, &wanted, now).await?;
        let (store, attempt) = (desk.store.clone(), attempt.clone());
        let template = Confirm {
            keys: desk.gate.keys.clone(),
            randomness: Arc::clone(&desk.randomness),
            wanted: wanted.clone(),
            prepared: Prepared::Nothing,
            now,
        };
        let write =
            move |prepared| async move { store.write(attempt, Confirm { prepared, ..template }).await };
        match desk.gate.run(plan, write).await {
            Err(WriteError::Command(CommandError::Moved)) => {}
            Err(error) => return Err(write_refusal(error)),
            Ok(written) => {
                if written.answer == Err(Denial::CodeRefused) && !written.replayed {
                    desk.alarm.wrong_code(now);
                }
                written.answer?;
                return Ok(ConfirmConsentResponse {});
            }
        }
    }
    Err(CommandError::Moved.into())
}

#[derive(Clone)]
struct Wanted {
    caller: PartnerCaller,
    record: ProposalId,
    letter: Option<LinkCode>,
}

/// Where a record stands, and whether it is somebody's.
struct Found {
    proposal: Owned<Proposal>,
    record: Record,
    is_somebodys: bool,
}

/// The caller's record with this id, as long as it waits. Another organisation's is looked at and not found, like one
/// that never was.
async fn find(
    rows: &Rows,
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    now: Timestamp,
    lock: Lock,
    randomness: &dyn Randomness,
) -> Result<Option<Found>, CommandError> {
    let access = rows.access(tx, &rows.key(&Name::Proposal(wanted.record))).await?;
    let (resident, pointer) = access.map_or_else(
        || (ResidentKey::generate(randomness), Pointer::NobodysRow(0)),
        |access| (access.resident, access.pointer),
    );
    let (i, is_somebodys) = match pointer {
        Pointer::Row(i) => (i, true),
        Pointer::NobodysRow(i) => (i, false),
        _ => return Err(CommandError::Form("the access row of a record")),
    };
    let tag = resident.tag(RowKind::Proposal, i);
    let row = match lock {
        Lock::None => rows.proposal(tx, &tag).await?,
        Lock::Shared | Lock::Exclusive => rows.lock_proposal(tx, &tag).await?,
    };
    let found = row.filter(|row| row.waits(now)).and_then(|row| {
        let record = row.record.clone()?;
        (record.evidence.organisation == wanted.caller.organisation).then_some(Found {
            proposal: Owned {
                resident,
                i,
                tag,
                row,
            },
            record,
            is_somebodys,
        })
    });
    Ok(found)
}

/// What the key store must do. Whether it is allowed is decided in the transaction; for another organisation's record
/// nothing is done.
async fn plan_for(desk: &Desk, wanted: &Wanted, now: Timestamp) -> Result<Plan, CommandError> {
    let existing = {
        let mut read = desk.store.read("ConfirmConsent.plan").await?;
        let mut tx = read.tx();
        let random = &*desk.randomness;
        match find(&desk.rows, &mut tx, wanted, now, Lock::None, random).await? {
            Some(found) if found.is_somebodys => {
                existing(&desk.rows, &mut tx, &found.proposal, Lock::None).await?
            }
            _ => return Ok(Plan::Nothing),
        }
    };
    plan(desk, existing, now).await
}

struct Confirm {
    keys: GateKeys,
    randomness: Arc<dyn Randomness>,
    wanted: Wanted,
    prepared: Prepared,
    now: Timestamp,
}

impl fmt::Debug for Confirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Confirm(…)")
    }
}

impl StoreCommand for Confirm {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now, wanted) = (self.keys.rows(), self.now, &self.wanted);
        let entry = Entry::by_partner(Happening::Granted, METHOD, &wanted.caller, now);
        let found = find(rows, tx, wanted, now, Lock::Exclusive, &*self.randomness).await?;
        let decided = match &found {
            None => Err(Denial::NotAvailable),
            Some(found) => self.decide(tx, found).await?,
        };
        let (Some(found), Ok(())) = (found, decided) else {
            let denial = decided.err().unwrap_or(Denial::NotAvailable);
            return Ok(Outcome::refused(denial, entry.refused_unlisted(denial)));
        };
        let Found { proposal, record, .. } = &found;
        let question = &proposal.row.question;
        let entry = match convert::spanned(&question.allowed) {
            Some(scope) => entry.declaring(scope),
            None => entry,
        };
        if !found.is_somebodys {
            // It is answered like somebody's, and ends.
            let nobody = ResidentKey::generate(&*self.randomness);
            rows.delete_access(tx, &rows.key(&Name::Proposal(proposal.row.id)))
                .await?;
            rows.delete_proposal(tx, &proposal.tag).await?;
            return Ok(Outcome::done((), entry.done(nobody.tag(RowKind::Log, 0))));
        }
        let terms = Terms {
            ticked: Ticked {
                allowed: question.allowed,
                ..Ticked::default()
            },
            valid_until: end_of_day(now, question.valid_days),
            notice: record.notice.clone(),
            assurance: Assurance::Low,
            recorded: Some(record.evidence),
            circle: None,
        };
        let beginning = Beginning {
            keys: &self.keys,
            randomness: &*self.randomness,
            prepared: &self.prepared,
            now,
        };
        // What the resident decided with their own word stays: a record adds to a record only, and lifts no objection.
        let may_add_to = |grant: &Grant| {
            grant.recorded.is_some() && question.allowed.minus(&grant.objected) == question.allowed
        };
        let begun = if self.rests(tx, proposal).await? {
            Err(Denial::NotAvailable)
        } else {
            beginning.begin(tx, proposal, &terms, may_add_to).await?
        };
        match begun {
            Err(denial) => {
                let denial = if denial == Denial::NotMandated {
                    Denial::NotAvailable
                } else {
                    denial
                };
                let mut head = Head::lock(rows, tx, &proposal.resident).await?;
                let tag = head.next_log();
                head.save(rows, tx).await?;
                Ok(Outcome::refused(denial, entry.refused(tag, denial)))
            }
            Ok(begun) => {
                beginning
                    .finish(tx, proposal, begun, entry, Speaker::Worker, |_| ())
                    .await
            }
        }
    }
}

impl Confirm {
    /// Whether the resident said no to the same, not long ago.
    async fn rests(&self, tx: &mut Tx<'_>, proposal: &Owned<Proposal>) -> Result<bool, CommandError> {
        let rows = self.keys.rows();
        let refusal = Name::RefusalOf {
            resident: &proposal.resident,
            discloser: &proposal.row.question.discloser,
            recipient: &proposal.row.question.recipient,
        };
        let refusal = rows.access(tx, &rows.key(&refusal)).await?;
        Ok(matches!(refusal, Some(Access { pointer: Pointer::RefusedAt(at), .. }) if rests(at, self.now)))
    }

    /// Whether the caller may confirm it. A wrong letter code is counted like a wrong link code.
    async fn decide(&self, tx: &mut Tx<'_>, found: &Found) -> Result<Result<(), Denial>, CommandError> {
        let caller = &self.wanted.caller;
        let has_letter = match &self.wanted.letter {
            None => false,
            Some(code) => match self.check_letter(tx, code, found).await? {
                // Whoever made the letter knows its code without the resident.
                Ok(maker) => maker != letter_maker(&caller.professional),
                Err(denial) => return Ok(Err(denial)),
            },
        };
        let by = Confirmer {
            organisation: caller.organisation,
            professional: caller.professional,
            has_letter,
        };
        Ok(found.record.confirm(&by).map_err(|why| match why {
            Unconfirmed::Foreign => Denial::NotAvailable,
            Unconfirmed::SamePerson => Denial::SamePerson,
        }))
    }

    /// Who made the letter with this code, when it is this resident's.
    async fn check_letter(
        &self,
        tx: &mut Tx<'_>,
        code: &LinkCode,
        found: &Found,
    ) -> Result<Result<[u8; 8], Denial>, CommandError> {
        let (rows, now, caller) = (self.keys.rows(), self.now, &self.wanted.caller);
        let counters = [
            rows.tries_of_organisation(&caller.organisation),
            rows.tries_of_professional(&caller.organisation, &caller.professional),
        ];
        let mut tries = [
            rows.tries(tx, &counters[0]).await?,
            rows.tries(tx, &counters[1]).await?,
        ];
        if let Some(opens) = tries.iter().filter_map(|tries| tries.closed_until(now)).max() {
            let seconds = opens.since(now).as_secs() + 1;
            return Ok(Err(Denial::TooManyTries {
                retry_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            }));
        }
        if let Some(Access {
            resident,
            pointer: Pointer::Letter { ends, maker, .. },
        }) = rows.access(tx, &rows.key(&Name::LetterCode(code))).await?
            && resident == found.proposal.resident
            && now < ends
        {
            return Ok(Ok(maker));
        }
        for (counter, tries) in counters.iter().zip(&mut tries) {
            tries.add(now);
            rows.put_tries(tx, counter, tries).await?;
            rows.schedule(tx, hour_after(now.plus(TRIES_WINDOW)), &Due::TriesEnd(*counter))
                .await?;
        }
        Ok(Err(Denial::CodeRefused))
    }
}
