//! What a resident brings: a ticket that consent signed for one grant and one session.

use sluis_envelope::{ResidentTicket, Signed, TicketActions, Verified};
use sluis_serve::{Caller, Refusal};
use sluis_types::{Service, Timestamp};
use tonic::Request;

use crate::context::{Context, verify_by};
use crate::error::malformed;

/// A ticket for this service and the caller's own session that allows `asked` now; anything else is NOT_AVAILABLE.
pub(super) fn verified<T>(
    context: &Context,
    request: &Request<T>,
    ticket: &[u8],
    asked: TicketActions,
    now: Timestamp,
) -> Result<Verified<ResidentTicket>, Refusal> {
    let session = Caller::of(request)?.resident()?.session;
    let ticket = Signed::<ResidentTicket>::parse(ticket).map_err(malformed)?;
    let ticket =
        verify_by(ticket, &context.consent_keys.ticket, now).map_err(|_| Refusal::not_available())?;
    ticket
        .permits(Service::Referral, &session, asked)
        .map_err(|_| Refusal::not_available())?;
    Ok(ticket)
}
