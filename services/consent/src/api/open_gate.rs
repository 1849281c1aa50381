//! OpenGate: the second gate.

use std::sync::Arc;

use sluis_envelope::{GateError, GateOpener, OpenCheck, OpenRequest};
use sluis_proto::consent::v1::{OpenGateRequest, OpenGateResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller, Refusal};
use sluis_store::{Command, Outcome, Request as Attempt, Tx};
use sluis_types::MessageKind;
use sluis_types::Timestamp;
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::error::{CommandError, Denial, write_refusal};
use crate::gate::Open;
use crate::identity::Entry;

const METHOD: &str = "sluis.consent.v1.ConsentService/OpenGate";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<OpenGateRequest>,
) -> Result<OpenGateResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let open_request =
        OpenRequest::parse(&asked.open_request).map_err(|_| Refusal::new(ErrorReason::MalformedEnvelope))?;
    if open_request.request_id() != attempt.id {
        return Err(Refusal::invalid_field(
            "request_id",
            "must be the id inside the open request",
        ));
    }
    let now = desk.now();
    let opener = match verify(desk, &caller, open_request, now)? {
        Ok(opener) => opener,
        Err(denial) => return refuse(desk, attempt, caller, denial, now).await,
    };
    let open = Open {
        keys: desk.gate.keys.clone(),
        liveness: Arc::clone(&desk.liveness),
        randomness: Arc::clone(&desk.randomness),
        decoy: Arc::clone(&desk.decoy),
        caller,
        opener,
        method: METHOD,
        now,
    };
    let written = desk
        .store
        .write_unstored(attempt, open)
        .await
        .map_err(write_refusal)?;
    let leaf = *written.leaf();
    let opened = written.answer?;
    // The leaf is durable: only now is anything released.
    let open_reply = opened
        .gate
        .reply(&opened.handle, opened.assisted, &leaf.hash, &*desk.randomness)
        .map_err(|error| Refusal::internal(&error))?;
    Ok(OpenGateResponse {
        open_reply: open_reply.into(),
        leaf_promise: desk.promise(&leaf),
    })
}

/// Checks everything about the request that needs no grant: keys, signatures, times, evidence.
fn verify(
    desk: &Desk,
    caller: &PartnerCaller,
    request: OpenRequest,
    now: Timestamp,
) -> Result<Result<GateOpener, Denial>, Refusal> {
    let recipient = desk.directory.organisation(&caller.organisation)?;
    let sender = desk.directory.organisation(&request.header().sender())?;
    let received_at = request.receipt().unverified().received_at;
    let recipient = recipient.and_then(|entry| entry.keys.signing_key(&request.signer(), now).ok());
    let signing_key_id = request.header().signing_key_id();
    let sender = sender.and_then(|entry| entry.keys.signing_key(&signing_key_id, received_at).ok());
    let (Some(recipient), Some(sender)) = (recipient, sender) else {
        return Ok(Err(Denial::BadSignature));
    };
    // Contact boxes and agenda items lie at signalling, everything else at referral; each signs for what it took.
    let at_signalling = matches!(
        request.header().kind(),
        MessageKind::ContactBox | MessageKind::AgendaItem
    );
    let signalling = desk.signalling.as_ref();
    let receipt = match signalling {
        Some(keys) if at_signalling => &keys.receipt,
        _ => &desk.receipt_key,
    };
    let check = OpenCheck {
        recipient: &recipient,
        sender: &sender,
        receipt,
        matches: signalling.map(|keys| &keys.matches),
        caller: caller.organisation,
        jwt_hash: &caller.jwt_hash,
        now,
    };
    Ok(request.verify(&check).map_err(denial))
}

/// What a caller hears when the request itself does not hold. None of it depends on anybody's consent.
fn denial(error: GateError) -> Denial {
    match error {
        GateError::Stale => Denial::ClockSkew,
        GateError::Caller | GateError::Expired => Denial::NotAvailable,
        GateError::Format(_)
        | GateError::WrongKey
        | GateError::BadSignature(_)
        | GateError::Evidence
        | GateError::ShareMismatch
        | GateError::CannotOpen
        | GateError::Commitment => Denial::BadSignature,
    }
}

/// Logs an attempt that was refused before any grant was looked at.
async fn refuse(
    desk: &Desk,
    attempt: Attempt,
    caller: PartnerCaller,
    denial: Denial,
    now: Timestamp,
) -> Result<OpenGateResponse, Refusal> {
    let refuse = RefuseUnread { caller, denial, now };
    let written = desk
        .store
        .write_unstored(attempt, refuse)
        .await
        .map_err(write_refusal)?;
    Err(match written.answer {
        Ok(()) => Refusal::not_available(),
        Err(denial) => denial.into(),
    })
}

struct RefuseUnread {
    caller: PartnerCaller,
    denial: Denial,
    now: Timestamp,
}

impl Command for RefuseUnread {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let entry = Entry::by_partner(Happening::Opened, METHOD, &self.caller, self.now);
        Ok(Outcome::refused(self.denial, entry.refused_unlisted(self.denial)))
    }
}
