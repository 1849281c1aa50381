//! MoveHousing: the next step on the way to a home.

use sluis_proto::matching::v1::{Housing as Shown, MoveHousingRequest, MoveHousingResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::HousingId;
use tonic::Request;

use super::get_housing::seen_by;
use super::reply;
use crate::context::{Context, Partner};
use crate::domain::housing::{Actor, Lease, Move};
use crate::domain::tally::Tally;
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::housing;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.HousingService/MoveHousing";

pub(super) async fn handle(
    context: &Context,
    request: &Request<MoveHousingRequest>,
) -> Result<MoveHousingResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let id: HousingId = sluis_serve::id("housing_id", &body.housing_id)?;
    if body.expected_version == 0 {
        return Err(Refusal::invalid_field("expected_version", "must be 1 or more"));
    }
    let step = step(body.r#move)?;
    let lease = lease(step, body.lease)?;
    let seen = seen_by(context, &partner, id).await?;
    let take = Take {
        vault: context.vault.clone(),
        id,
        expected: body.expected_version,
        step,
        lease,
        actor: seen.map(|(_, actor)| actor),
        partner,
    };
    let written = context.store.write(remembered, take).await.map_err(of_write)?;
    Ok(MoveHousingResponse {
        housing: Some(written.answer?),
    })
}

fn step(stated: i32) -> Result<Move, Refusal> {
    Move::ALL
        .into_iter()
        .find(|step| *step as i32 == stated)
        .ok_or_else(|| Refusal::invalid_field("move", "must be a known value"))
}

fn lease(step: Move, stated: i32) -> Result<Option<Lease>, Refusal> {
    let lease = u8::try_from(stated).ok().and_then(Lease::from_number);
    if (step == Move::SignLease) != lease.is_some() || (lease.is_none() && stated != 0) {
        return Err(Refusal::invalid_field(
            "lease",
            "goes with SIGN_LEASE and with nothing else",
        ));
    }
    Ok(lease)
}

struct Take {
    vault: Vault,
    id: HousingId,
    expected: u32,
    step: Move,
    lease: Option<Lease>,
    /// Who the caller is in it; none where it has no part.
    actor: Option<Actor>,
    partner: Partner,
}

impl Command for Take {
    type Reply = Shown;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Shown, Denial>, Fault> {
        let Some(actor) = self.actor else {
            let (event, reason) = (self.event(Subject::None), ErrorReason::NotAvailable);
            return Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)));
        };
        let found = housing::lock(&self.vault, tx, self.id)
            .await?
            .ok_or(Fault::Contradiction("a home that was read is gone"))?;
        let event = self.event(Subject::Grant(found.grant));
        if found.version != self.expected {
            let reason = ErrorReason::VersionConflict;
            return Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)));
        }
        let before = Tally::of(&found);
        let moved = match found.after(self.step, self.lease, actor, self.partner.now) {
            Ok(moved) => moved,
            Err(illegal) => {
                let denial = Denial::illegal(&illegal);
                let reason = denial.reason();
                return Ok(Outcome::refused(denial, log::refused(event, reason)));
            }
        };
        housing::save(&self.vault, tx, before, &moved).await?;
        Ok(Outcome::done(reply::housing(&moved, actor)?, event))
    }
}

impl Take {
    fn event(&self, subject: Subject) -> LogEvent {
        let (who, now) = (self.partner.who(), self.partner.now);
        log::event(Logged::Housing, who, now, METHOD, subject, self.id.as_bytes())
    }
}
