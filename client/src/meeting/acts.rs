//! Planning, answering, treating, deciding.

use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::meeting_service_client::MeetingServiceClient;
use sluis_types::{AgendaItemId, MeetingId, Oin, ThreadId, Timestamp};

use super::{Seat, shown};
use crate::Error;
use crate::partner::Partner;

/// Meetings asked for at once.
const PAGE: i32 = 20;
/// Most pages that are fetched: what others plan does not fill this machine.
const PAGES_MAX: usize = 100;

/// A meeting that is to be planned. This organisation coordinates it.
#[derive(Clone, Debug)]
pub struct MeetingPlan {
    /// Area: a CBS wijk, such as WK079600.
    pub area: String,
    /// When it begins: within a year.
    pub starts_at: Timestamp,
    /// How often it is held.
    pub frequency: wire::MeetingFrequency,
    /// Whose professional chairs it: one of the participants.
    pub chair: Oin,
    /// Who is invited, this organisation among them.
    pub participants: Vec<Seat>,
}

/// Who does what until when, as it is decided.
#[derive(Clone, Copy, Debug)]
pub struct PlannedAction {
    /// What.
    pub kind: wire::ActionKind,
    /// Who: whoever put the item on, or is invited to it.
    pub owner: Oin,
    /// Until when: 30 days from now at most.
    pub due: Timestamp,
}

/// What came of an action.
#[derive(Clone, Copy, Debug)]
pub struct Finished {
    /// Its number within the item, from 1.
    pub number: u32,
    /// Referred, resolved, no action, unfounded or moved.
    pub outcome: wire::Outcome,
    /// The referral that it became, where it was referred.
    pub thread: Option<ThreadId>,
}

/// One function per command that names a meeting and answers with it.
macro_rules! acts {
    ($(
        $(#[$doc:meta])*
        $function:ident($($argument:ident: $type:ty),*) -> $request:ident { $($field:ident: $value:expr),* $(,)? }
    )+) => {
        impl Partner {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is no such meeting or item for this
            /// organisation, `ILLEGAL_TRANSITION` when it is not this professional's to do, or not now.
            pub async fn $function(&self, meeting: MeetingId $(, $argument: $type)*) -> Result<wire::Meeting, Error> {
                let message = wire::$request {
                    request_id: self.connection.request_id().to_string(),
                    meeting_id: meeting.to_string(),
                    $($field: $value,)*
                };
                let reply = self
                    .connection
                    .call(message, |channel, request| async move {
                        MeetingServiceClient::new(channel).$function(request).await
                    })
                    .await?;
                shown(reply.meeting)
            }
        )+}
    };
}

acts! {
    /// Invites one more organisation, or other roles of one that is invited.
    invite_to_meeting(seat: &Seat) -> InviteToMeetingRequest { participant: Some(seat.to_wire()) }
    /// Says that this organisation comes, or does not.
    answer_invitation(comes: bool) -> AnswerInvitationRequest { comes: comes }
    /// Takes an item off before it is treated.
    take_off_agenda(item: AgendaItemId) -> TakeOffAgendaRequest { item_id: item.to_string() }
    /// Puts the items that wait in another order: every one of them.
    order_agenda(items: &[AgendaItemId]) -> OrderAgendaRequest {
        item_ids: items.iter().map(ToString::to_string).collect(),
    }
    /// Opens the meeting: this professional is the chair from then on.
    open_meeting() -> OpenMeetingRequest {}
    /// Starts an item.
    start_agenda_item(item: AgendaItemId) -> StartAgendaItemRequest { item_id: item.to_string() }
    /// Records what was decided on an item, and who does what.
    record_decision(item: AgendaItemId, decision: wire::Decision, actions: &[PlannedAction]) -> RecordDecisionRequest {
        item_id: item.to_string(),
        decision: decision.into(),
        actions: actions.iter().copied().map(PlannedAction::to_wire).collect(),
    }
    /// Closes the meeting: 30 days later nothing is left of it.
    close_meeting() -> CloseMeetingRequest {}
    /// Tells that an action of this organisation is done.
    finish_action(item: AgendaItemId, finished: Finished) -> FinishActionRequest {
        item_id: item.to_string(),
        action_number: finished.number,
        outcome: finished.outcome.into(),
        thread_id: finished.thread.map(|thread| thread.to_string()).unwrap_or_default(),
    }
}

impl Partner {
    /// Leaves a meeting: this organisation has no seat any more, and its items that wait are taken off.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is no such meeting for this organisation,
    /// `ILLEGAL_TRANSITION` for who plans or chairs it, while an item with it is treated, and while it has something to do.
    pub async fn leave_meeting(&self, meeting: MeetingId) -> Result<(), Error> {
        let message = wire::LeaveMeetingRequest {
            request_id: self.connection.request_id().to_string(),
            meeting_id: meeting.to_string(),
        };
        self.connection
            .call(message, |channel, request| async move {
                MeetingServiceClient::new(channel).leave_meeting(request).await
            })
            .await?;
        Ok(())
    }
}

impl PlannedAction {
    fn to_wire(self) -> wire::MeetingAction {
        wire::MeetingAction {
            kind: self.kind.into(),
            owner: self.owner.to_string(),
            due: Some(to_wire(self.due)),
            ..wire::MeetingAction::default()
        }
    }
}

/// A moment as it stands in messages.
fn to_wire(at: Timestamp) -> prost_types::Timestamp {
    let nanos = at.micros().rem_euclid(1_000_000) * 1000;
    prost_types::Timestamp {
        seconds: at.seconds(),
        nanos: i32::try_from(nanos).expect("less than 10^9 nanoseconds in a second"),
    }
}

impl Partner {
    /// Plans a meeting and invites to it. Only a coordinator may.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `INVALID_FIELD` when the plan does not hold; [`Error`] of the call.
    pub async fn plan_meeting(&self, plan: &MeetingPlan) -> Result<wire::Meeting, Error> {
        let message = wire::PlanMeetingRequest {
            request_id: self.connection.request_id().to_string(),
            area: plan.area.clone(),
            starts_at: Some(to_wire(plan.starts_at)),
            frequency: plan.frequency.into(),
            chair: plan.chair.to_string(),
            participants: plan.participants.iter().map(Seat::to_wire).collect(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                MeetingServiceClient::new(channel).plan_meeting(request).await
            })
            .await?;
        shown(reply.meeting)
    }

    /// One meeting that this organisation is invited to, with the items that this professional may see.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn meeting(&self, meeting: MeetingId) -> Result<wire::Meeting, Error> {
        let message = wire::GetMeetingRequest {
            meeting_id: meeting.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                MeetingServiceClient::new(channel).get_meeting(request).await
            })
            .await?;
        shown(reply.meeting)
    }

    /// The meetings that this organisation is invited to, the earliest first: 2000 at most.
    ///
    /// # Errors
    /// [`Error`] of the calls.
    pub async fn meetings(&self) -> Result<Vec<wire::Meeting>, Error> {
        let mut meetings = Vec::new();
        let mut page_token = String::new();
        for _ in 0..PAGES_MAX {
            let message = wire::ListMeetingsRequest {
                page_size: PAGE,
                page_token,
            };
            let reply = self
                .connection
                .call(message, |channel, request| async move {
                    MeetingServiceClient::new(channel).list_meetings(request).await
                })
                .await?;
            meetings.extend(reply.meetings);
            page_token = reply.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        meetings.sort_by_key(|meeting| meeting.starts_at.as_ref().map_or(0, |at| at.seconds));
        Ok(meetings)
    }
}
