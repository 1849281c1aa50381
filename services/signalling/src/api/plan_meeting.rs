//! PlanMeeting: a meeting is planned, and organisations are invited.

use sluis_keyring::Key32;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{PlanMeetingRequest, PlanMeetingResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::{Epoch, MeetingId};
use tonic::Request;

use super::meeting_change::seen;
use super::meeting_fields::{code, seats};
use crate::context::{Context, Partner};
use crate::domain::meeting::{Frequency, Meeting, Plan, Refused};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::quota::Counted;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.signalling.v1.MeetingService/PlanMeeting";
/// Meetings that one organisation plans in one epoch: who is invited cannot take a meeting away.
const PER_ORGANISATION_MAX: i64 = 24;

pub(super) async fn handle(
    context: &Context,
    request: &Request<PlanMeetingRequest>,
) -> Result<PlanMeetingResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let id = sluis_serve::request_id(&body.request_id)?;
    let plan = Plan {
        id: MeetingId::from_bytes(*id.as_bytes()),
        area: body.area.clone(),
        starts_at: sluis_serve::timestamp("starts_at", body.starts_at.as_ref())?,
        frequency: code("frequency", body.frequency, Frequency::from_number)?,
        chair: sluis_serve::oin("chair", &body.chair)?,
        participants: seats("participants", &body.participants)?,
    };
    for seat in &plan.participants {
        if context.directory.organisation(&seat.organisation)?.is_none() {
            return Err(Refusal::invalid_field("participants", "must be of the mesh"));
        }
    }
    let remembered = partner.request(METHOD, id, FirstMessage::hash_of(request)?);
    let meeting = plan.id;
    let arrange = Arrange {
        vault: context.vault.clone(),
        pepper: context.pepper(partner.now).await?,
        partner,
        meeting: Meeting::plan(plan, &partner.person(), partner.now),
    };
    let written = context.store.write(remembered, arrange).await.map_err(of_write)?;
    written.answer?;
    Ok(PlanMeetingResponse {
        meeting: Some(seen(context, &partner, meeting, METHOD).await?),
    })
}

struct Arrange {
    vault: Vault,
    pepper: Key32,
    partner: Partner,
    meeting: Result<Meeting, Refused>,
}

impl Command for Arrange {
    type Reply = ();
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, Fault> {
        let meeting = match &self.meeting {
            Ok(meeting) => meeting,
            Err(refused) => return Ok(self.refused(refused.clone().into())),
        };
        let counted = Counted::Planner(meeting.coordinator);
        let planned = counted
            .count(tx, &self.pepper, Epoch::of(self.partner.now))
            .await?;
        if planned > PER_ORGANISATION_MAX {
            return Ok(self.refused(Denial::of(ErrorReason::QuotaUsed)));
        }
        if !meeting.insert(&self.vault, tx).await? {
            return Ok(self.refused(Denial::of(ErrorReason::IdTaken)));
        }
        Ok(Outcome::done((), self.log()))
    }
}

impl Arrange {
    fn log(&self) -> LogEvent {
        let partner = &self.partner;
        log::event(
            Logged::MeetingChanged,
            partner.who(),
            partner.now,
            METHOD,
            Subject::None,
        )
    }

    fn refused(&self, denial: Denial) -> Outcome<(), Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.log(), reason))
    }
}
