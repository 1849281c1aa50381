//! StopResidentReferral: a resident may always stop.

use sluis_envelope::TicketActions;
use sluis_proto::referral::v1::{StopResidentReferralRequest, StopResidentReferralResponse};
use sluis_serve::{Caller, Refusal};
use sluis_store::Request as Remembered;
use sluis_types::ThreadId;
use tonic::Request;

use super::command::{By, Change};
use super::ticket;
use crate::context::Context;
use crate::domain::thread::Event;
use crate::error::of_write;
use crate::log::{Logged, Who};

const METHOD: &str = "sluis.referral.v1.ResidentReferralService/StopResidentReferral";

pub(super) async fn handle(
    context: &Context,
    request: &Request<StopResidentReferralRequest>,
) -> Result<StopResidentReferralResponse, Refusal> {
    let body = request.get_ref();
    let now = context.clock.now();
    let id = sluis_serve::request_id(&body.request_id)?;
    let thread: ThreadId = sluis_serve::id("thread_id", &body.thread_id)?;
    let ticket = ticket::verified(context, request, &body.ticket, TicketActions::STOP, METHOD).await?;
    let remembered = Remembered {
        method: METHOD,
        caller: Caller::of(request)?.idempotency_key().to_vec(),
        id,
        // Not the ticket: a repeat may come with a fresh one.
        body_hash: sluis_envelope::hash(
            "sluis/v1/stop-resident-referral",
            &[ticket.grant_id.as_bytes(), thread.as_bytes()],
        ),
    };
    let stop = Change {
        vault: context.vault.clone(),
        thread,
        event: Event::Stop,
        by: By::Resident {
            grant: ticket.grant_id,
        },
        log: (Logged::ResidentStopped, Who::default(), METHOD),
        now,
    };
    let written = context.store.write(remembered, stop).await.map_err(of_write)?;
    Ok(StopResidentReferralResponse {
        referral: Some(written.answer?),
    })
}
