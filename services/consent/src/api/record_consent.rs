//! RecordConsent: a worker records consent that a resident gave on paper or before a witness. It waits among the
//! resident's questions until it is confirmed. An unknown handle is answered like a known one.

use std::sync::Arc;

use sluis_proto::consent::v1::{self as proto, RecordConsentRequest, RecordConsentResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, bytes32, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Handle, Oin, Randomness, Timestamp};
use tonic::Request;

use super::derived::id;
use super::{convert, propose_consent};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assisted::{
    ASSISTED_DAYS_DEFAULT, ASSISTED_DAYS_MAX, Evidence, EvidenceMethod, Record, Witness,
};
use crate::domain::grant::hour_after;
use crate::domain::proposal::{PROPOSAL_LIFE, Proposal, ProposalId, Question, WAITING_MAX, Waiting};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, RowKind};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.AssistedService/RecordConsent";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RecordConsentRequest>,
) -> Result<RecordConsentResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let now = desk.now();
    let proposal = Proposal {
        id: ProposalId::from_bytes(id(&desk.rows, "record.id", &attempt)),
        asked_by: caller.organisation,
        question: question(desk, &caller.organisation, asked.consent.as_ref())?,
        asked_at: now,
        waiting: Waiting::Asked,
        record: Some(Record {
            evidence: evidence(caller.organisation, asked.evidence.as_ref())?,
            professional: caller.professional,
            notice: convert::notice(asked.notice.as_ref())?,
        }),
    };
    let record_id = proposal.id.to_string();
    let record = RecordIt {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle: convert::handle(&asked.handle)?,
        proposal,
        now,
    };
    let written = desk.store.write(attempt, record).await.map_err(write_refusal)?;
    let reply = written.answer.map_err(|()| Refusal::not_available())?;
    Ok(RecordConsentResponse { record_id, ..reply })
}

/// What the resident agreed to. A worker of the recipient may not record it.
fn question(desk: &Desk, caller: &Oin, stated: Option<&proto::Proposal>) -> Result<Question, Refusal> {
    let stated = stated.ok_or_else(|| Refusal::invalid_field("consent", "must not be empty"))?;
    let days = convert::days_or(stated.valid_days, ASSISTED_DAYS_DEFAULT);
    if days > ASSISTED_DAYS_MAX {
        return Err(Refusal::invalid_field(
            "consent.valid_days",
            "must be at most 183",
        ));
    }
    let question = propose_consent::stated_question(desk, stated)?;
    if question.recipient == *caller {
        return Err(Refusal::invalid_field(
            "consent.recipient",
            "must not be the caller's own organisation",
        ));
    }
    Ok(Question {
        valid_days: days,
        ..question
    })
}

fn evidence(organisation: Oin, stated: Option<&proto::Evidence>) -> Result<Evidence, Refusal> {
    let stated = stated.ok_or_else(|| Refusal::invalid_field("evidence", "must not be empty"))?;
    let number = |value: i32| u8::try_from(value).unwrap_or(u8::MAX);
    let method = EvidenceMethod::from_number(number(stated.method))
        .ok_or_else(|| Refusal::invalid_field("evidence.method", "must be a known value"))?;
    let witness = match stated.witness {
        0 => None,
        value => Some(
            Witness::from_number(number(value))
                .ok_or_else(|| Refusal::invalid_field("evidence.witness", "must be a known value"))?,
        ),
    };
    if method == EvidenceMethod::OralWitnessed && witness.is_none() {
        return Err(Refusal::invalid_field(
            "evidence.witness",
            "must be there when it was said",
        ));
    }
    Ok(Evidence {
        method,
        witness,
        document_sha256: bytes32("evidence.document_sha256", &stated.document_sha256)?,
        organisation,
    })
}

struct RecordIt {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    proposal: Proposal,
    now: Timestamp,
}

impl Command for RecordIt {
    type Reply = RecordConsentResponse;
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<RecordConsentResponse, ()>, CommandError> {
        let (rows, now, proposal) = (&self.rows, self.now, &self.proposal);
        let link = Name::Link {
            organisation: &self.caller.organisation,
            handle: &self.handle,
        };
        let link = rows.access(tx, &rows.key(&link)).await?;
        let known = link.is_some();
        let nobody = || ResidentKey::generate(&*self.randomness);
        let resident = link.map_or_else(nobody, |link| link.resident);
        let mut head = Head::lock(rows, tx, &resident).await?;
        let waiting = head.counts().proposals - head.counts().proposals_from;
        // For nobody it is written all the same, under a key that is thrown away.
        // Whoever has a login decides with it.
        let is_kept = known && head.counts().logins == 0 && waiting < WAITING_MAX;
        let (access, tag) = if is_kept {
            let (i, tag) = head.next(RowKind::Proposal);
            let pointer = Pointer::Row(i);
            (Access { resident, pointer }, tag)
        } else {
            let resident = nobody();
            let tag = resident.tag(RowKind::Proposal, 0);
            let pointer = Pointer::NobodysRow(0);
            (Access { resident, pointer }, tag)
        };
        rows.insert_proposal(tx, &tag, proposal).await?;
        rows.insert_access(tx, &rows.key(&Name::Proposal(proposal.id)), &access)
            .await?;
        let lapses = Due::ProposalLapses(proposal.id);
        rows.schedule(tx, hour_after(proposal.lapses_at()), &lapses)
            .await?;
        let mut entry = Entry::by_partner(Happening::ConsentRecorded, METHOD, &self.caller, now);
        if let Some(scope) = convert::spanned(&proposal.question.allowed) {
            entry = entry.declaring(scope);
        }
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let log = if is_kept {
            entry.done(tag)
        } else {
            entry.refused(tag, Denial::NotAvailable)
        };
        let reply = RecordConsentResponse {
            record_id: String::new(),
            lapses_at: Some(to_proto_timestamp(now.plus(PROPOSAL_LIFE))),
        };
        Ok(Outcome::done(reply, log))
    }
}
