//! Tickets to look with: a share of all tickets, so that looking leaves some to stop and to object with.

use bytes::Bytes;
use sluis_proto::consent::v1::{TicketAction, TicketAudience};
use sluis_serve::Rate;
use sluis_types::{GrantId, RequestId};
use tonic::Status;

use super::session::Session;

/// What looking takes at most of the tickets of one session. It is less than IssueTicket gives (its rule in the proto):
/// what is left is for acts.
const LOOKING: Rate = Rate {
    per_minute: 96,
    burst: 48,
};
/// The name of the share.
const SHARE: &str = "tickets to look with";

impl Session {
    /// A ticket to see what runs under a grant.
    ///
    /// # Errors
    /// RATE_LIMITED where this session looked too often; NOT_AVAILABLE when there is no such grant of this resident.
    pub(super) async fn ticket_to_look(
        &self,
        grant_id: GrantId,
        audience: TicketAudience,
    ) -> Result<Bytes, Status> {
        self.calls.take_of_share(SHARE, &self.bearer, LOOKING)?;
        let attempt = RequestId::random(self.randomness.as_ref());
        self.ticket(attempt, grant_id, audience, &[TicketAction::Read])
            .await
    }
}

#[cfg(test)]
mod tests {
    use sluis_serve::MethodTable;

    use super::*;

    #[test]
    fn looking_leaves_tickets_for_acts() {
        let table = MethodTable::of_mesh().expect("the rules");
        let rules = table.get("/sluis.consent.v1.ResidentConsentService/IssueTicket");
        let all = rules.expect("a method").rate;
        assert!(LOOKING.burst + 10 <= all.burst);
        assert!(LOOKING.per_minute + 20 <= all.per_minute);
    }
}
