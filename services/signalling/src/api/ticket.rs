//! What a resident brings: a ticket that consent signed for one circle and one session.

use sluis_envelope::{ResidentTicket, Signed, TicketActions, Verified};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Refusal};
use sluis_store::Subject;
use sluis_types::Service;
use tonic::Request;

use crate::context::{Context, verify_by};
use crate::error::malformed;
use crate::log::{self, Logged, Who};

/// A ticket for this service and the caller's own session that allows `asked` now; anything else is NOT_AVAILABLE.
pub(super) async fn verified<T>(
    context: &Context,
    request: &Request<T>,
    ticket: &[u8],
    asked: TicketActions,
    method: &'static str,
) -> Result<Verified<ResidentTicket>, Refusal> {
    let now = context.clock.now();
    let session = Caller::of(request)?.resident()?.session;
    let ticket = Signed::<ResidentTicket>::parse(ticket).map_err(malformed)?;
    let verified = verify_by(ticket, &context.consent_keys.ticket, now).and_then(|ticket| {
        ticket
            .permits(Service::Signalling, &session, asked)
            .map(|()| ticket)
    });
    if let Ok(ticket) = verified {
        return Ok(ticket);
    }
    // Whose circle it names is a claim only, so it stands in nobody's part of the log.
    let event = log::event(Logged::Asked, Who::default(), now, method, Subject::None);
    Err(context.refuse_logged(event, ErrorReason::NotAvailable).await)
}
