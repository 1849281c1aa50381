//! RecordLegalBasis: an organisation records on what it shares without consent. An unknown handle is answered like a
//! known one.

use std::fmt;
use std::sync::Arc;

use sluis_proto::consent::v1::{self as proto, RecordLegalBasisRequest, RecordLegalBasisResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller, Refusal, oin};
use sluis_store::{Command, Outcome, Request as Attempt, Tx, WriteError};
use sluis_types::{GrantId, Handle, LegalBasis, Oin, Randomness, Timestamp};
use tonic::Request;

use super::change_grant::PREPARATIONS_MAX;
use super::{convert, convert_legal_basis};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::Assurance;
use crate::domain::grant::{Grant, Notice};
use crate::domain::legal_basis::{Admitted, admit};
use crate::domain::{Allowance, State};
use crate::error::{CommandError, write_refusal};
use crate::gate::{GateKeys, Plan, Prepared, binding};
use crate::identity::{Entry, Head, Name, ResidentKey};
use crate::store::Due;

const METHOD: &str = "sluis.consent.v1.LegalBasisService/RecordLegalBasis";

/// Whom to call instead of reporting to Veilig Thuis over the mesh.
const CALL_INSTEAD: [(&str, &str); 2] = [("emergency", "112"), ("veilig_thuis", "0800-2000")];

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RecordLegalBasisRequest>,
) -> Result<RecordLegalBasisResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let now = desk.now();
    let handle = convert::handle(&asked.handle)?;
    let legal = convert_legal_basis::legal_basis(asked.basis)?;
    match legal {
        LegalBasis::ReportingRight => return hand_off(desk, attempt, caller, now).await,
        LegalBasis::WamsCoordination => return Err(Refusal::invalid_field("basis", "is not in force")),
        _ => {}
    }
    let recipient = oin("recipient", &asked.recipient)?;
    if recipient == caller.organisation {
        return Err(Refusal::invalid_field("recipient", "must not be the caller"));
    }
    let entry = desk.directory.organisation(&recipient)?;
    let receives =
        entry.ok_or_else(|| Refusal::invalid_field("recipient", "is no organisation of this mesh"))?;
    let entry = desk.directory.organisation(&caller.organisation)?;
    let shares = entry.ok_or_else(|| Refusal::new(ErrorReason::CallerRefused))?;
    let stated = convert_legal_basis::stated(asked, legal, [shares.kind, receives.kind])?;
    let admitted = admit(&stated, caller.professional, now)?;
    let record = Record {
        keys: desk.gate.keys.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle,
        recipient,
        admitted,
        prepared: Prepared::Nothing,
        now,
    };
    let record = write(desk, attempt, &record).await?;
    Ok(RecordLegalBasisResponse { record: Some(record) })
}

/// Prepares a gate key where the record is active at once, and writes.
async fn write(desk: &Desk, attempt: Attempt, record: &Record) -> Result<proto::LegalBasisRecord, Refusal> {
    let plan = if record.admitted.state == State::Active {
        Plan::Place
    } else {
        Plan::Nothing
    };
    for _ in 0..PREPARATIONS_MAX {
        let (store, attempt, template) = (desk.store.clone(), attempt.clone(), record.clone());
        let write =
            move |prepared| async move { store.write(attempt, Record { prepared, ..template }).await };
        match desk.gate.run(plan, write).await {
            Err(WriteError::Command(CommandError::Moved)) => {}
            Err(error) => return Err(write_refusal(error)),
            Ok(written) => return written.answer.map_err(|()| Refusal::not_available()),
        }
    }
    Err(CommandError::Moved.into())
}

#[derive(Clone)]
struct Record {
    keys: GateKeys,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    recipient: Oin,
    admitted: Admitted,
    prepared: Prepared,
    now: Timestamp,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(…)")
    }
}

impl Record {
    /// The grant that it begins as, without a gate key. What is not active yet has no version yet.
    fn grant(&self) -> Grant {
        let admitted = &self.admitted;
        Grant {
            id: GrantId::random(&*self.randomness),
            version: u32::from(admitted.state == State::Active),
            discloser: self.caller.organisation,
            recipient: self.recipient,
            circle: None,
            basis: Some(admitted.basis.clone()),
            allowed: admitted.allowed,
            objected: Allowance::EMPTY,
            state: admitted.state,
            since: self.now,
            valid_until: admitted.valid_until,
            bucket: None,
            gate_key: Vec::new(),
            // No resident was asked, so none read anything.
            notice: Notice {
                id: String::new(),
                version: 0,
                language: String::new(),
                sha256: [0; 32],
            },
            assurance: Assurance::Low,
            recorded: None,
        }
    }
}

impl Command for Record {
    type Reply = proto::LegalBasisRecord;
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::LegalBasisRecord, ()>, CommandError> {
        let (rows, now) = (self.keys.rows(), self.now);
        let link = Name::Link {
            organisation: &self.caller.organisation,
            handle: &self.handle,
        };
        let link = rows.access(tx, &rows.key(&link)).await?;
        // Nobody stands in for whom there is not: it is written all the same, under a key that is thrown away.
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);
        let mut grant = self.grant();
        if grant.state == State::Active {
            let Prepared::Place(place) = &self.prepared else {
                return Err(CommandError::Moved);
            };
            grant.bucket = Some(place.at);
            grant.gate_key = self.keys.put_in(tx, place, binding(&grant)).await?;
        }
        let mut head = Head::lock(rows, tx, &resident).await?;
        let i = rows.next_basis(tx, &grant.discloser).await?;
        rows.add_basis(tx, &mut head, &grant, i).await?;
        rows.schedule(tx, grant.valid_until, &Due::GrantEnds(grant.id))
            .await?;
        let mut entry =
            Entry::by_partner(Happening::BasisRecorded, METHOD, &self.caller, now).under(Some(&grant));
        if let Some(scope) = convert::spanned(&grant.allowed) {
            entry = entry.declaring(scope);
        }
        let log = entry.done(head.next_log());
        head.save(rows, tx).await?;
        let reply = convert_legal_basis::record(&grant, now);
        Ok(Outcome::done(
            reply.ok_or(CommandError::Form("a basis of none"))?,
            log,
        ))
    }
}

/// What is for Veilig Thuis leaves the mesh. All that stays is a leaf that says so, about nobody: where a resident, or
/// somebody near them, could read that somebody reported, reporting would be dangerous.
async fn hand_off(
    desk: &Desk,
    attempt: Attempt,
    caller: PartnerCaller,
    now: Timestamp,
) -> Result<RecordLegalBasisResponse, Refusal> {
    let written = desk.store.write(attempt, HandOff { caller, now }).await;
    let written = written.map_err(write_refusal)?;
    written.answer.map_err(|()| Refusal::not_available())?;
    Err(CALL_INSTEAD.into_iter().fold(
        Refusal::new(ErrorReason::CallInstead),
        |refusal, (name, number)| refusal.with(name, number),
    ))
}

struct HandOff {
    caller: PartnerCaller,
    now: Timestamp,
}

impl Command for HandOff {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let entry = Entry::by_partner(Happening::HandedOff, METHOD, &self.caller, self.now);
        Ok(Outcome::done((), entry.done_unlisted()))
    }
}
