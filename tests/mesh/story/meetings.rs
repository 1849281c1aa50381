//! A meeting about a resident who knows of it: sealed to those who are invited, decided on, and gone for who objects.

use sluis_client::envelope::{MediaType, Scope};
use sluis_client::types::{
    AgendaItemId, CodeSet, DataKind, GrantId, Handle, LifeDomain, MeetingId, Oin, OrganisationKind,
    ProfessionalRole, Purpose, RequestId, SystemClock,
};
use sluis_client::{
    AgendaEntry, Ask, Finished, ItemTold, MeetingPlan, Partner, PlannedAction, Provision, Seat, TEXT,
};
use sluis_proto::consent::v1::AccessKind;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as wire;
use zeroize::Zeroizing;

use crate::fixture::{Backend, TestMesh, TestPartner, TestResident, connect, request_id, text_to};

const DAY: std::time::Duration = std::time::Duration::from_hours(24);
const TOLD: &[u8] = b"Wie belt mevrouw morgen terug?";

fn case_scope() -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::CaseMeeting),
        CodeSet::EMPTY.with(LifeDomain::FittingSupport),
        CodeSet::EMPTY.with(DataKind::Situation),
    )
    .expect("not empty")
}

/// Asks to talk about the resident with another organisation, and to refer to it.
async fn ask(partner: &TestPartner, handle: &Handle, other: Oin) {
    let provision = |purpose| Provision {
        purpose,
        life_domains: CodeSet::all(),
        data_kinds: CodeSet::EMPTY.with(DataKind::Situation).with(DataKind::Document),
        objection: false,
    };
    let ask = Ask {
        discloser: partner.oin(),
        recipient: other,
        provisions: vec![provision(Purpose::CaseMeeting), provision(Purpose::Referral)],
        valid_days: 30,
    };
    partner.partner.ask_consent(handle, &[ask]).await.expect("asked");
}

fn entry(resident: Handle, invited: &[Oin]) -> AgendaEntry {
    AgendaEntry {
        question: wire::QuestionKind::WhoTakesItUp,
        minutes: 10,
        invited: invited.iter().map(|oin| Seat::new(*oin)).collect(),
        signals: Vec::new(),
        matches: Vec::new(),
        threads: Vec::new(),
        told: Some(ItemTold {
            resident,
            scope: case_scope(),
            media_type: MediaType::new(TEXT).expect("a media type"),
            body: Zeroizing::new(TOLD.to_vec()),
        }),
        resident_informed: true,
        resident_invited: true,
    }
}

/// A meeting of four: welfare coordinates and presents, GGZ chairs, housing is invited too, the GP is only there.
struct Table {
    welfare: TestPartner,
    ggz: TestPartner,
    housing: TestPartner,
    gp: TestPartner,
    handle: Handle,
    meeting: MeetingId,
}

async fn table(mesh: &TestMesh, resident: &TestResident) -> Table {
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let housing = mesh
        .partner("00000099000000003000", OrganisationKind::Housing)
        .await;
    let gp = mesh.partner("00000099000000004000", OrganisationKind::Gp).await;
    welfare.pin(&housing);
    housing.pin(&welfare);
    let handle = welfare.link(resident).await;
    for other in [&ggz, &housing] {
        ask(&welfare, &handle, other.oin()).await;
    }
    resident.grant_all().await;
    let coordinator = connect(
        welfare.partner.profile().directory(),
        ProfessionalRole::Coordinator,
    );
    let plan = MeetingPlan {
        area: "WK079600".to_owned(),
        starts_at: sluis_client::types::Clock::now(&SystemClock).plus(DAY),
        frequency: wire::MeetingFrequency::Monthly,
        chair: ggz.oin(),
        participants: [&welfare, &ggz, &housing, &gp]
            .map(|partner| Seat::new(partner.oin()))
            .to_vec(),
    };
    let planned = coordinator.plan_meeting(&plan).await.expect("planned");
    Table {
        welfare,
        ggz,
        housing,
        gp,
        handle,
        meeting: planned.meeting_id.parse().expect("a meeting id"),
    }
}

impl Table {
    async fn put(&self) -> AgendaItemId {
        let invited = [self.ggz.oin(), self.housing.oin()];
        let entry = entry(self.handle, &invited);
        let (item, _) = self
            .welfare
            .partner
            .put_on_agenda(self.meeting, &entry)
            .await
            .expect("put on");
        item
    }

    async fn state(&self, partner: &Partner, item: AgendaItemId) -> Option<wire::AgendaItemState> {
        let meeting = partner.meeting(self.meeting).await.expect("a meeting");
        let mut items = meeting.items.iter();
        let found = items.find(|shown| shown.item_id == item.to_string());
        found.map(wire::AgendaItem::state)
    }

    /// Both who are invited open it; whoever is only there does not learn that it exists.
    async fn opened_by_those_invited(&self, item: AgendaItemId) {
        for invited in [&self.ggz, &self.housing] {
            let opened = invited
                .partner
                .open_agenda_item(self.meeting, item)
                .await
                .expect("opened");
            assert_eq!(opened.content.body.as_slice(), TOLD);
            assert_ne!(
                opened.handle(),
                self.handle,
                "each organisation has a handle of its own"
            );
        }
        let third = self.gp.partner.meeting(self.meeting).await.expect("a meeting");
        assert!(third.items.is_empty());
        let nothing = self
            .gp
            .partner
            .agenda_item(self.meeting, item)
            .await
            .expect_err("not theirs");
        assert_eq!(nothing.reason(), Some(ErrorReason::NotAvailable));
    }

    /// Treated, decided on, referred: the action ends in a referral under a consent of its own.
    async fn decided_and_referred(&self, item: AgendaItemId) {
        let chair = &self.ggz.partner;
        chair.open_meeting(self.meeting).await.expect("open");
        chair
            .start_agenda_item(self.meeting, item)
            .await
            .expect("started");
        assert_eq!(
            self.state(&self.gp.partner, item).await,
            None,
            "the GP left the room"
        );
        let refer = PlannedAction {
            kind: wire::ActionKind::Refer,
            owner: self.welfare.oin(),
            due: sluis_client::types::Clock::now(&SystemClock).plus(7 * DAY),
        };
        let early = self
            .welfare
            .partner
            .record_decision(self.meeting, item, wire::Decision::Act, &[refer])
            .await
            .expect_err("not the chair");
        assert_eq!(early.reason(), Some(ErrorReason::IllegalTransition));
        chair
            .record_decision(self.meeting, item, wire::Decision::Act, &[refer])
            .await
            .expect("decided");
        let referral = text_to(self.ggz.oin(), self.handle, "Zoals besproken.");
        let sent = self.welfare.send(referral).await;
        let finished = Finished {
            number: 1,
            outcome: wire::Outcome::Referred,
            thread: Some(sent.thread_id),
        };
        let meeting = self
            .welfare
            .partner
            .finish_action(self.meeting, item, finished)
            .await
            .expect("done");
        assert_eq!(meeting.items[0].state(), wire::AgendaItemState::Done);
        self.ggz
            .partner
            .open(sent.message_id)
            .await
            .expect("the referral opens");
    }
}

async fn a_meeting_from_plan_to_referral(backend: Backend) {
    let mesh = TestMesh::start(backend).await;
    let resident = mesh.resident("wil").await;
    let table = Box::pin(table(&mesh, &resident)).await;
    let item = table.put().await;
    Box::pin(table.opened_by_those_invited(item)).await;

    let grant = resident.grant_between(table.welfare.oin(), table.ggz.oin()).await;
    let grant_id: GrantId = grant.grant_id.parse().expect("a grant id");
    let seen = resident
        .session
        .list_agenda_items(grant_id)
        .await
        .expect("items")
        .items;
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].invited,
        [table.ggz.oin().to_string(), table.housing.oin().to_string()]
    );
    let id = || request_id().parse::<RequestId>().expect("a request id");
    let comes = wire::ResidentPresence::Comes;
    let answered = resident
        .session
        .answer_agenda_item(id(), grant_id, item, comes)
        .await;
    assert_eq!(
        answered.expect("answered").item.expect("an item").presence(),
        comes
    );

    Box::pin(table.decided_and_referred(item)).await;

    // The resident objects to another item: it is hidden at once, and what was told is gone.
    let other = table.put().await;
    resident
        .session
        .object_to_agenda_item(id(), grant_id, other)
        .await
        .expect("objected");
    assert_eq!(table.state(&table.ggz.partner, other).await, None);
    let hidden = table.ggz.partner.open_agenda_item(table.meeting, other).await;
    assert_eq!(
        hidden.expect_err("hidden").reason(),
        Some(ErrorReason::NotAvailable)
    );
    let own = table.state(&table.welfare.partner, other).await;
    assert_eq!(own, Some(wire::AgendaItemState::Objected));

    // And ends a consent that a third one rests on: it is taken off, and opens to nobody.
    let third = table.put().await;
    let to_housing = resident
        .grant_between(table.welfare.oin(), table.housing.oin())
        .await;
    resident.withdraw(&to_housing).await;
    let late = table.housing.partner.open_agenda_item(table.meeting, third).await;
    assert!(late.is_err(), "its key is gone, or the item already is");
    while table.state(&table.welfare.partner, third).await != Some(wire::AgendaItemState::TakenOff) {
        tokio::task::yield_now().await;
    }

    let access = resident.access().await.entries;
    let opened = |oin: Oin| {
        let by = |entry: &&sluis_proto::consent::v1::AccessEntry| {
            entry.kind() == AccessKind::Opened && entry.allowed && entry.organisation == oin.as_str()
        };
        access.iter().filter(by).count()
    };
    assert_eq!((opened(table.ggz.oin()), opened(table.housing.oin())), (2, 1));
    mesh.mesh.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_goes_from_plan_to_referral_on_sqlite() {
    Box::pin(a_meeting_from_plan_to_referral(Backend::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_goes_from_plan_to_referral_on_postgresql() {
    Box::pin(a_meeting_from_plan_to_referral(Backend::Postgres)).await;
}
