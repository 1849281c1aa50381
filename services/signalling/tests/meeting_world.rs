//! Meetings, their agendas, and the grants that items rest on.

use std::time::Duration;

use sluis_envelope::{
    ContentDraft, Draft, GateKeyPair, GrantToken, MediaType, ResidentTicket, Scope, Sealer, Signed,
    TicketActions,
};
use sluis_proto::options::v1::ProfessionalRole as Role;
use sluis_proto::signalling::v1::meeting_service_client::MeetingServiceClient;
use sluis_proto::signalling::v1::resident_meeting_service_client::ResidentMeetingServiceClient;
use sluis_proto::signalling::v1::{
    ActionKind, AgendaReferences, Decision, GetMeetingRequest, Meeting, MeetingAction, MeetingFrequency,
    OpenMeetingRequest, PlanMeetingRequest, PutOnAgendaRequest, QuestionKind, RecordDecisionRequest,
    SealedAgendaMessage, Seat, StartAgendaItemRequest,
};
use sluis_serve::{Caller, MeshClient, PartnerCaller, ResidentCaller, to_proto_timestamp};
use sluis_types::{
    DataKind, GrantId, LifeDomain, MessageId, MessageKind, Oin, Priority, ProfessionalRole, Purpose,
    Randomness, Service, ThreadId, Timestamp,
};
use tonic::Status;
use zeroize::Zeroizing;

use crate::circles::{DAY, Organisation, grant_token_key, oin, ticket_key};
use crate::world::World;

pub(crate) type Client = MeetingServiceClient<MeshClient>;
/// What is told at an item.
pub(crate) const TOLD: &[u8] = b"Wie belt mevrouw terug?";
/// Nobody's id.
pub(crate) const UNKNOWN: &str = "00000000-0000-4000-8000-000000000001";
/// Members: who presents, who coordinates and chairs, who is invited.
pub(crate) const PRESENTER: usize = 0;
pub(crate) const CHAIR: usize = 1;
pub(crate) const INVITED: usize = 2;

/// A grant between two, as consent keeps it.
pub(crate) struct Pair {
    pub(crate) grant: GrantId,
    pub(crate) version: u32,
    pub(crate) gate: GateKeyPair,
}

impl Pair {
    pub(crate) fn new(randomness: &dyn Randomness) -> Self {
        Self {
            grant: GrantId::random(randomness),
            version: 1,
            gate: GateKeyPair::generate(randomness),
        }
    }

    fn token(&self, from: Oin, to: Oin, now: Timestamp) -> Signed<GrantToken> {
        let token = GrantToken {
            grant_id: self.grant,
            grant_version: self.version,
            sender: from,
            recipient: to,
            gate_key: self.gate.public().clone(),
            issued_at: now,
            not_after: now.plus(Duration::from_mins(10)),
        };
        Signed::sign(token, &grant_token_key())
    }

    /// A message of an item, as the SDK seals it.
    pub(crate) fn message(
        &self,
        from: &Organisation,
        to: &Organisation,
        kind: MessageKind,
        (now, randomness): (Timestamp, &dyn Randomness),
    ) -> SealedAgendaMessage {
        let signed = self.token(from.oin, to.oin, now);
        let token = signed
            .clone()
            .verify(grant_token_key().verifying_key(), now)
            .unwrap();
        let draft = Draft {
            message_id: MessageId::fresh(now, randomness),
            thread_id: ThreadId::random(randomness),
            kind,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(60 * DAY),
            extensions: vec![],
        };
        let scope = Scope::new(
            [Purpose::CaseMeeting].into_iter().collect(),
            [LifeDomain::LivingSafeHome].into_iter().collect(),
            [DataKind::Situation].into_iter().collect(),
        );
        let content = ContentDraft {
            media_type: MediaType::new("text/plain").unwrap(),
            based_on: None,
            scope: scope.unwrap(),
            body: Zeroizing::new(TOLD.to_vec()),
        };
        let key = to.sealing_key();
        let sealer = Sealer::new(draft, &token, &key, &from.signing).unwrap();
        let sealed = sealer.seal(content, randomness).unwrap();
        SealedAgendaMessage {
            manifest: sealed.manifest.encode().into(),
            sealed_r: sealed.sealed_r.into(),
            sealed_c: sealed.sealed_c.into(),
            content: sealed.content.into(),
            grant_token: signed.encode().into(),
        }
    }

    pub(crate) fn ticket(&self, actions: TicketActions, session: [u8; 32], now: Timestamp) -> Vec<u8> {
        let ticket = ResidentTicket {
            grant_id: self.grant,
            actions,
            audience: Service::Signalling,
            session_hash: session,
            issued_at: now,
            not_after: now.plus(Duration::from_mins(5)),
        };
        Signed::sign(ticket, &ticket_key()).encode()
    }
}

pub(crate) fn seat(organisation: Oin) -> Seat {
    Seat {
        organisation: organisation.to_string(),
        roles: vec![Role::Professional.into(), Role::Coordinator.into()],
        answer: 0,
    }
}

/// A meeting, and an item on its agenda.
pub(crate) struct Stage {
    pub(crate) meeting: Meeting,
    pub(crate) item_id: String,
    pub(crate) pair: Pair,
}

impl World {
    /// The meetings as this person reaches them.
    pub(crate) fn meetings(&self, organisation: Oin, number: u8, role: ProfessionalRole) -> Client {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional: [number; 32],
            role,
            jwt_hash: [2; 32],
        });
        let client = self.mesh_client(sluis_envelope::KeyKind::PartnerCaller, caller);
        Client::new(client).max_decoding_message_size(usize::MAX)
    }

    /// The meetings as a professional of a member reaches them.
    pub(crate) fn at_meeting(&self, member: usize) -> Client {
        self.meetings(self.members[member].oin, 1, ProfessionalRole::Professional)
    }

    pub(crate) fn coordinator(&self) -> Client {
        self.meetings(self.members[CHAIR].oin, 7, ProfessionalRole::Coordinator)
    }

    /// Of an organisation that has nothing to do with it.
    pub(crate) fn outsider(&self) -> Client {
        self.meetings(oin(9), 1, ProfessionalRole::Coordinator)
    }

    pub(crate) fn resident_at_meeting(&self, session: [u8; 32]) -> ResidentMeetingServiceClient<MeshClient> {
        let caller = Caller::Resident(ResidentCaller {
            issuer: String::new(),
            subject: "session".into(),
            represents: None,
            session,
        });
        ResidentMeetingServiceClient::new(self.mesh_client(sluis_envelope::KeyKind::ResidentCaller, caller))
    }

    pub(crate) fn planning(&self) -> PlanMeetingRequest {
        let members = self.members.iter().chain([&self.stranger]);
        PlanMeetingRequest {
            request_id: self.request_id(),
            area: "WK079600".to_owned(),
            starts_at: Some(to_proto_timestamp(self.now().plus(DAY))),
            frequency: MeetingFrequency::Monthly.into(),
            chair: self.members[CHAIR].oin.to_string(),
            participants: members.map(|member| seat(member.oin)).collect(),
        }
    }

    pub(crate) async fn planned(&self) -> Meeting {
        let reply = self.coordinator().plan_meeting(self.planning()).await.unwrap();
        reply.into_inner().meeting.unwrap()
    }

    /// The request that puts an item on, about somebody, for the member that is invited.
    pub(crate) fn putting(&self, meeting: &Meeting, pair: &Pair) -> PutOnAgendaRequest {
        let (from, to) = (&self.members[PRESENTER], &self.members[INVITED]);
        let around = (self.now(), self.randomness.as_ref() as &dyn Randomness);
        PutOnAgendaRequest {
            request_id: self.request_id(),
            meeting_id: meeting.meeting_id.clone(),
            question: QuestionKind::WhoTakesItUp.into(),
            minutes: 10,
            invited: vec![seat(to.oin)],
            references: None,
            deidentified: false,
            messages: vec![pair.message(from, to, MessageKind::AgendaItem, around)],
            resident_informed: true,
            resident_invited: true,
        }
    }

    /// The same about nobody in particular.
    pub(crate) fn putting_deidentified(
        &self,
        meeting: &Meeting,
        references: AgendaReferences,
    ) -> PutOnAgendaRequest {
        PutOnAgendaRequest {
            deidentified: true,
            messages: vec![],
            references: Some(references),
            resident_informed: false,
            resident_invited: false,
            ..self.putting(meeting, &Pair::new(self.randomness.as_ref()))
        }
    }

    pub(crate) async fn put(&self, request: PutOnAgendaRequest) -> Result<Meeting, Status> {
        let reply = self.at_meeting(PRESENTER).put_on_agenda(request).await?;
        Ok(reply.into_inner().meeting.unwrap())
    }

    /// The id of the item that is put on.
    pub(crate) async fn put_item(&self, request: PutOnAgendaRequest) -> String {
        let reply = self.at_meeting(PRESENTER).put_on_agenda(request).await;
        reply.unwrap().into_inner().item_id
    }

    /// A planned meeting with an item.
    pub(crate) async fn with_item(&self) -> Stage {
        let meeting = self.planned().await;
        let pair = Pair::new(self.randomness.as_ref());
        let request = self.putting(&meeting, &pair);
        let item_id = self.put_item(request).await;
        Stage {
            meeting,
            item_id,
            pair,
        }
    }

    /// The same, opened by the chair.
    pub(crate) async fn opened(&self) -> Stage {
        let stage = self.with_item().await;
        let open = OpenMeetingRequest {
            request_id: self.request_id(),
            meeting_id: stage.meeting.meeting_id.clone(),
        };
        self.at_meeting(CHAIR).open_meeting(open).await.unwrap();
        stage
    }

    /// The same, with the item in treatment.
    pub(crate) async fn treated(&self) -> Stage {
        let stage = self.opened().await;
        let start = StartAgendaItemRequest {
            request_id: self.request_id(),
            meeting_id: stage.meeting.meeting_id.clone(),
            item_id: stage.item_id.clone(),
        };
        self.at_meeting(CHAIR).start_agenda_item(start).await.unwrap();
        stage
    }

    pub(crate) fn deciding(&self, stage: &Stage, decision: Decision) -> RecordDecisionRequest {
        let action = MeetingAction {
            kind: ActionKind::ContactResident.into(),
            owner: self.members[INVITED].oin.to_string(),
            due: Some(to_proto_timestamp(self.now().plus(7 * DAY))),
            ..MeetingAction::default()
        };
        RecordDecisionRequest {
            request_id: self.request_id(),
            meeting_id: stage.meeting.meeting_id.clone(),
            item_id: stage.item_id.clone(),
            decision: decision.into(),
            actions: if decision == Decision::Act {
                vec![action]
            } else {
                vec![]
            },
        }
    }

    /// The same, decided: the member that is invited does something.
    pub(crate) async fn decided(&self) -> Stage {
        let stage = self.treated().await;
        let decide = self.deciding(&stage, Decision::Act);
        self.at_meeting(CHAIR).record_decision(decide).await.unwrap();
        stage
    }

    /// A meeting as a client sees it.
    pub(crate) async fn meeting_of(&self, mut client: Client, meeting_id: &str) -> Result<Meeting, Status> {
        let get = GetMeetingRequest {
            meeting_id: meeting_id.to_owned(),
        };
        Ok(client.get_meeting(get).await?.into_inner().meeting.unwrap())
    }
}

/// What every command does alike: a repeat is one act, and outsiders, wrong roles and unknown ids hear one answer.
macro_rules! alike {
    ($repeats:ident, $refuses:ident, $unknown:ident, $stage:ident, $client:expr, $method:ident, |$world:ident, $at:ident| $request:expr) => {
        #[tokio::test]
        async fn $repeats() {
            let $world = &World::start().await;
            let $at = &$world.$stage().await;
            let request = $request;
            let first = $client($world)
                .$method(request.clone())
                .await
                .unwrap()
                .into_inner();
            let again = $client($world).$method(request).await.unwrap().into_inner();
            assert_eq!(first, again);
        }

        #[tokio::test]
        async fn $refuses() {
            let $world = &World::start().await;
            let $at = &$world.$stage().await;
            let outcome = $world.outsider().$method($request).await;
            assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
            let oin = $world.members[0].oin;
            let mut officer = $world.meetings(oin, 1, ProfessionalRole::PrivacyOfficer);
            assert_eq!(
                refusal(officer.$method($request).await),
                ErrorReason::RoleRefused
            );
        }

        #[tokio::test]
        async fn $unknown() {
            let $world = &World::start().await;
            let $at = &$world.$stage().await;
            let mut request = $request;
            request.meeting_id = UNKNOWN.to_owned();
            assert_eq!(
                refusal($client($world).$method(request).await),
                ErrorReason::NotAvailable
            );
        }
    };
}
pub(crate) use alike;
