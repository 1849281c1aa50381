//! PlanMeeting: a meeting is planned, and organisations are invited.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_proto::signalling::v1::{PlanMeetingRequest, PlanMeetingResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::MeetingId;
use tonic::Request;

use super::meeting_fields::{code, seats};
use super::meeting_reply;
use crate::context::{Context, Partner};
use crate::domain::meeting::{Frequency, Meeting, Plan, Refused};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.signalling.v1.MeetingService/PlanMeeting";

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
    let arrange = Arrange {
        vault: context.vault.clone(),
        partner,
        meeting: Meeting::plan(plan, &partner.person(), partner.now),
    };
    let written = context.store.write(remembered, arrange).await.map_err(of_write)?;
    Ok(PlanMeetingResponse {
        meeting: Some(written.answer?),
    })
}

struct Arrange {
    vault: Vault,
    partner: Partner,
    meeting: Result<Meeting, Refused>,
}

impl Command for Arrange {
    type Reply = proto::Meeting;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Meeting, Denial>, Fault> {
        let meeting = match &self.meeting {
            Ok(meeting) => meeting,
            Err(refused) => return Ok(self.refused(refused.clone().into())),
        };
        if !meeting.insert(&self.vault, tx).await? {
            return Ok(self.refused(Denial::of(ErrorReason::RequestIdReused)));
        }
        let shown = meeting_reply::meeting(meeting, &self.partner.person());
        Ok(Outcome::done(shown, self.log()))
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

    fn refused(&self, denial: Denial) -> Outcome<proto::Meeting, Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.log(), reason))
    }
}
