//! What a resident brings: a ticket that consent signed for one grant and one session.

use sluis_envelope::{ResidentTicket, Signed, TicketActions};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Refusal};
use sluis_store::{Request as Remembered, Subject};
use sluis_types::{GrantId, IntroductionId, Service};
use tonic::Request;

use crate::context::{Context, verify_by};
use crate::error::malformed;
use crate::log::{self, Logged, Who};

/// The grant of a ticket for this service and the caller's own session that allows `asked` now; anything else is
/// NOT_AVAILABLE. `of` is what is asked for, in the log.
pub(super) async fn grant<T>(
    context: &Context,
    request: &Request<T>,
    ticket: &[u8],
    asked: TicketActions,
    method: &'static str,
    of: &[u8; 16],
) -> Result<GrantId, Refusal> {
    let now = context.clock.now();
    let session = Caller::of(request)?.resident()?.session;
    let ticket = Signed::<ResidentTicket>::parse(ticket).map_err(malformed)?;
    let verified = verify_by(ticket, &context.consent_keys.ticket, now).and_then(|ticket| {
        ticket
            .permits(Service::Matching, &session, asked)
            .map(|()| ticket)
    });
    if let Ok(ticket) = verified {
        return Ok(ticket.grant_id);
    }
    // Whose grant it names is a claim only, so it stands in nobody's part of the log.
    let event = log::event(Logged::Asked, Who::default(), now, method, Subject::None, of);
    Err(context.refuse_logged(event, ErrorReason::NotAvailable).await)
}

/// A request of a resident to remember. It holds no ticket: a repeat may come with a fresh one.
pub(super) fn remembered<T>(
    request: &Request<T>,
    method: &'static str,
    request_id: &str,
    grant: GrantId,
    introduction: IntroductionId,
    said: &[u8],
) -> Result<Remembered, Refusal> {
    Ok(Remembered {
        method,
        caller: Caller::of(request)?.idempotency_key().to_vec(),
        id: sluis_serve::request_id(request_id)?,
        body_hash: sluis_envelope::hash(
            "sluis/v1/resident-introduction",
            &[grant.as_bytes(), introduction.as_bytes(), said],
        ),
    })
}
