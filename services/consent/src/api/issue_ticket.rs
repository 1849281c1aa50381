//! IssueTicket: the only authority of a resident outside consent.

use std::sync::Arc;

use sluis_envelope::{ResidentTicket, Signed, SigningKey, TicketActions, hash};
use sluis_proto::consent::v1::{IssueTicketRequest, IssueTicketResponse, TicketAction, TicketAudience};
use sluis_serve::{Caller, Refusal, ResidentCaller, id, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Randomness, Service, Timestamp};
use tonic::Request;

use super::owned;
use crate::config::TICKET_LIFE;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::grant::Grant;
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, reach};
use crate::store::{Lock, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/IssueTicket";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<IssueTicketRequest>,
) -> Result<IssueTicketResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let mut attempt = store_request(&request, METHOD, &asked.request_id)?;
    // A ticket belongs to a session: the same attempt in another session is another attempt.
    attempt.caller = hash("sluis/v1/ticket-caller", &[&attempt.caller, &caller.session]).to_vec();
    let issue = Issue {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        key: Arc::clone(&desk.ticket_key),
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        audience: audience(asked.audience)?,
        actions: actions(&asked.actions)?,
        now: desk.now(),
    };
    Ok(desk
        .store
        .write(attempt, issue)
        .await
        .map_err(write_refusal)?
        .answer?)
}

fn audience(stated: i32) -> Result<Service, Refusal> {
    match TicketAudience::try_from(stated) {
        Ok(TicketAudience::Referral) => Ok(Service::Referral),
        Ok(TicketAudience::Matching) => Ok(Service::Matching),
        Ok(TicketAudience::Signalling) => Ok(Service::Signalling),
        Ok(TicketAudience::Unspecified) | Err(_) => {
            Err(Refusal::invalid_field("audience", "must be a known value"))
        }
    }
}

fn actions(stated: &[i32]) -> Result<TicketActions, Refusal> {
    let refused = || Refusal::invalid_field("actions", "must be one or more known values");
    let mut actions: Option<TicketActions> = None;
    for action in stated {
        let action = match TicketAction::try_from(*action) {
            Ok(TicketAction::Read) => TicketActions::READ,
            Ok(TicketAction::Stop) => TicketActions::STOP,
            Ok(TicketAction::Decide) => TicketActions::DECIDE,
            Ok(TicketAction::Unspecified) | Err(_) => return Err(refused()),
        };
        actions = Some(actions.map_or(action, |known| known.and(action)));
    }
    actions.ok_or_else(refused)
}

/// What a mandate must allow for each action of a ticket.
const NEEDS: [(TicketActions, MandateAct); 3] = [
    (TicketActions::READ, MandateAct::See),
    (TicketActions::STOP, MandateAct::Stop),
    (TicketActions::DECIDE, MandateAct::Decide),
];

struct Issue {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    key: Arc<SigningKey>,
    caller: ResidentCaller,
    grant: GrantId,
    audience: Service,
    actions: TicketActions,
    now: Timestamp,
}

impl Command for Issue {
    type Reply = IssueTicketResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<IssueTicketResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        let found = owned::grant(rows, tx, &reach, self.grant, Lock::Shared, &*self.randomness).await?;
        let resident = found
            .as_ref()
            .map_or(reach.first()?, |found| &found.resident)
            .clone();
        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_resident(Happening::TicketIssued, METHOD, now)
            .acting(&reach)
            .under(found.as_ref().map(|found| &found.row));
        let may = |grant: &Grant| {
            let mut needed = NEEDS.iter().filter(|(action, _)| self.actions.allow(*action));
            needed.all(|(_, act)| reach.may(&resident, *act, &grant.whole()))
        };
        let denial = match &found {
            None => Some(Denial::NotAvailable),
            Some(found) if !may(&found.row) => Some(Denial::NotMandated),
            Some(_) => None,
        };
        if let Some(denial) = denial {
            return Ok(Outcome::refused(denial, entry.refused(tag, denial)));
        }
        let not_after = now.plus(TICKET_LIFE);
        let ticket = ResidentTicket {
            grant_id: self.grant,
            actions: self.actions,
            audience: self.audience,
            session_hash: self.caller.session,
            issued_at: now,
            not_after,
        };
        let reply = IssueTicketResponse {
            ticket: Signed::sign(ticket, &self.key).encode().into(),
            expires_at: Some(to_proto_timestamp(not_after)),
        };
        Ok(Outcome::done(reply, entry.done(tag)))
    }
}
