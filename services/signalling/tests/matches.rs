//! What organisations do about a match.

use sluis_envelope::{ContactBox, MatchStatement, Signed, SubmissionReceipt};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AcknowledgeMatchRequest, AnswerMatchRequest, CloseMatchRequest, ContactResidentRequest, GetMatchRequest,
    GetSignalRequest, ListMatchesRequest, Match, ObjectToMatchRequest, Outcome, SettleObjectionRequest,
    SignalState, TakeLeadRequest,
};
use sluis_types::ProfessionalRole;
use tonic::Status;

use crate::circles::Circle;
use crate::world::{Client, SESSION, World, refusal, told};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000001";

/// One call of each command, alike but for its name.
macro_rules! calls {
    ($($name:ident, $method:ident, $request:ident { $($field:ident: $value:expr),* };)+) => {$(
        async fn $name(
            mut client: Client,
            request_id: String,
            match_id: &str,
            expected_version: u32,
        ) -> Result<Match, Status> {
            let request = $request {
                request_id,
                match_id: match_id.to_owned(),
                expected_version,
                $($field: $value,)*
            };
            Ok(client.$method(request).await?.into_inner().r#match.unwrap())
        }
    )+};
}

calls! {
    acknowledge, acknowledge_match, AcknowledgeMatchRequest {};
    lead, take_lead, TakeLeadRequest {};
    contact, contact_resident, ContactResidentRequest {};
    close, close_match, CloseMatchRequest { outcome: Outcome::Referred.into() };
    settle, settle_objection, SettleObjectionRequest { stands: true };
}

async fn acknowledged(world: &World, id: &str, version: u32) -> u32 {
    let reply = acknowledge(
        world.client(world.members[0].oin),
        world.request_id(),
        id,
        version,
    )
    .await;
    reply.unwrap().version
}

async fn led(world: &World, id: &str, version: u32) -> u32 {
    let reply = lead(
        world.client(world.members[0].oin),
        world.request_id(),
        id,
        version,
    )
    .await;
    reply.unwrap().version
}

async fn contacted(world: &World, id: &str, version: u32) -> u32 {
    let reply = contact(
        world.client(world.members[0].oin),
        world.request_id(),
        id,
        version,
    )
    .await;
    reply.unwrap().version
}

async fn agreed(world: &World, circle: &Circle, id: &str) -> u32 {
    let request = AnswerMatchRequest {
        request_id: world.request_id(),
        ticket: circle
            .ticket(sluis_envelope::TicketActions::DECIDE, SESSION, world.now())
            .into(),
        match_id: id.to_owned(),
        agree: true,
    };
    let reply = world.as_resident(SESSION).answer_match(request).await.unwrap();
    reply.into_inner().r#match.unwrap().version
}

async fn objected(world: &World, circle: &Circle, id: &str) -> u32 {
    let request = ObjectToMatchRequest {
        request_id: world.request_id(),
        ticket: circle
            .ticket(sluis_envelope::TicketActions::STOP, SESSION, world.now())
            .into(),
        match_id: id.to_owned(),
    };
    let reply = world.as_resident(SESSION).object_to_match(request).await.unwrap();
    reply.into_inner().r#match.unwrap().version
}

/// A match brought to where a command may be given, and its version there.
async fn brought(world: &World, circle: &Circle, steps: usize) -> (String, u32) {
    let (matched, _) = world.met(circle).await;
    let id = matched.match_id;
    let mut version = matched.version;
    if steps == usize::MAX {
        version = objected(world, circle, &id).await;
        return (id, version);
    }
    if steps > 0 {
        version = acknowledged(world, &id, version).await;
    }
    if steps > 1 {
        version = led(world, &id, version).await;
    }
    if steps > 2 {
        version = contacted(world, &id, version).await;
        version = agreed(world, circle, &id).await.max(version);
    }
    (id, version)
}

/// The four tests of a command: after how many steps it may be given, and where it leads.
macro_rules! command {
    ($call:ident, $works:ident, $repeats:ident, $refuses:ident, $unknown:ident,
     by $role:ident after $steps:expr => $state:ident) => {
        #[tokio::test]
        async fn $works() {
            let world = World::start().await;
            let circle = world.circle();
            let (id, version) = brought(&world, &circle, $steps).await;
            let client = world.as_person(world.members[0].oin, 1, ProfessionalRole::$role);
            let done = $call(client, world.request_id(), &id, version)
                .await
                .unwrap();
            assert_eq!(
                (done.state(), done.version),
                (SignalState::$state, version + 1)
            );
            assert_eq!(
                world.got(1, &id).await.r#match.unwrap(),
                done,
                "all parties see the same"
            );
            world.end().await;
        }

        #[tokio::test]
        async fn $repeats() {
            let world = World::start().await;
            let circle = world.circle();
            let (id, version) = brought(&world, &circle, $steps).await;
            let client = || world.as_person(world.members[0].oin, 1, ProfessionalRole::$role);
            let request_id = world.request_id();
            let first = $call(client(), request_id.clone(), &id, version)
                .await
                .unwrap();
            let again = $call(client(), request_id.clone(), &id, version)
                .await
                .unwrap();
            assert_eq!(first, again);
            let other = $call(client(), request_id, &id, version + 1).await;
            assert_eq!(refusal(other), ErrorReason::RequestIdReused);
            assert_eq!(
                world.got(1, &id).await.r#match.unwrap().version,
                version + 1,
                "done once"
            );
            world.end().await;
        }

        #[tokio::test]
        async fn $refuses() {
            let world = World::start().await;
            let circle = world.circle();
            let (id, version) = brought(&world, &circle, $steps).await;
            for oin in [world.stranger.oin, world.members[2].oin] {
                let client = world.as_person(oin, 1, ProfessionalRole::$role);
                let outcome = $call(client, world.request_id(), &id, version).await;
                assert_eq!(
                    refusal(outcome),
                    ErrorReason::NotAvailable,
                    "no party to it"
                );
            }
            let client = world.as_person(world.members[0].oin, 1, ProfessionalRole::Volunteer);
            let outcome = $call(client, world.request_id(), &id, version).await;
            assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
            let client = || world.as_person(world.members[0].oin, 1, ProfessionalRole::$role);
            let outcome = $call(client(), world.request_id(), &id, version + 1).await;
            assert_eq!(refusal(outcome), ErrorReason::VersionConflict);
            let outcome = $call(client(), world.request_id(), &id, 0).await;
            assert_eq!(refusal(outcome), ErrorReason::InvalidField);
            assert_eq!(
                world.got(1, &id).await.r#match.unwrap().version,
                version,
                "nothing changed"
            );
            world.end().await;
        }

        #[tokio::test]
        async fn $unknown() {
            let world = World::start().await;
            let circle = world.circle();
            let (id, version) = brought(&world, &circle, $steps).await;
            let client = || world.as_person(world.stranger.oin, 1, ProfessionalRole::$role);
            let absent = $call(client(), world.request_id(), UNKNOWN, 1)
                .await
                .unwrap_err();
            let foreign = $call(client(), world.request_id(), &id, version)
                .await
                .unwrap_err();
            assert_eq!(
                (absent.code(), absent.message(), absent.details()),
                (foreign.code(), foreign.message(), foreign.details())
            );
            world.end().await;
        }
    };
}

command!(acknowledge, acknowledge_match_works, acknowledge_match_repeats_with_the_same_request_id,
    acknowledge_match_refuses_the_wrong_caller, acknowledge_match_answers_an_unknown_id,
    by Professional after 0 => Acknowledged);
command!(lead, take_lead_works, take_lead_repeats_with_the_same_request_id,
    take_lead_refuses_the_wrong_caller, take_lead_answers_an_unknown_id,
    by Professional after 1 => Acknowledged);
command!(contact, contact_resident_works, contact_resident_repeats_with_the_same_request_id,
    contact_resident_refuses_the_wrong_caller, contact_resident_answers_an_unknown_id,
    by Professional after 2 => ResidentContacted);
command!(close, close_match_works, close_match_repeats_with_the_same_request_id,
    close_match_refuses_the_wrong_caller, close_match_answers_an_unknown_id,
    by Professional after 3 => Closed);
command!(settle, settle_objection_works, settle_objection_repeats_with_the_same_request_id,
    settle_objection_refuses_the_wrong_caller, settle_objection_answers_an_unknown_id,
    by Coordinator after usize::MAX => Matched);

#[tokio::test]
async fn only_the_lead_or_a_coordinator_in_its_place_goes_on() {
    let world = World::start().await;
    let circle = world.circle();
    let (id, version) = brought(&world, &circle, 2).await;
    let oin = world.members[0].oin;
    let other_party = acknowledge(
        world.client(world.members[1].oin),
        world.request_id(),
        &id,
        version,
    )
    .await;
    let version = other_party.unwrap().version;
    for client in [
        world.client(world.members[1].oin),
        world.as_person(oin, 2, ProfessionalRole::Professional),
        world.as_person(world.members[1].oin, 3, ProfessionalRole::Coordinator),
    ] {
        let outcome = contact(client, world.request_id(), &id, version).await;
        assert_eq!(told(outcome, "state"), "ACKNOWLEDGED");
    }
    let coordinator = world.as_person(oin, 3, ProfessionalRole::Coordinator);
    contact(coordinator, world.request_id(), &id, version)
        .await
        .unwrap();
    let outcome = lead(
        world.client(world.members[1].oin),
        world.request_id(),
        &id,
        version + 1,
    )
    .await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition, "it has a lead");
    world.end().await;
}

#[tokio::test]
async fn a_closed_match_ends_its_signals_and_its_boxes() {
    let world = World::start().await;
    let circle = world.circle();
    let (id, version) = brought(&world, &circle, 3).await;
    for outcome in [Outcome::Declined, Outcome::CircleEnded, Outcome::Unspecified] {
        let request = CloseMatchRequest {
            request_id: world.request_id(),
            match_id: id.clone(),
            expected_version: version,
            outcome: outcome.into(),
        };
        let refused = world.client(world.members[0].oin).close_match(request).await;
        assert_eq!(
            refusal(refused),
            ErrorReason::InvalidField,
            "that is not the lead's to say"
        );
    }
    let client = world.client(world.members[0].oin);
    let closed = close(client, world.request_id(), &id, version).await.unwrap();
    assert_eq!(closed.outcome(), Outcome::Referred);
    assert!(world.got(1, &id).await.boxes.is_empty());
    for member in 0..2 {
        let list = sluis_proto::signalling::v1::ListSignalsRequest::default();
        let mut client = world.client(world.members[member].oin);
        let signals = client.list_signals(list).await.unwrap().into_inner().signals;
        assert_eq!(signals.len(), 1);
        assert_eq!(
            (signals[0].state(), signals[0].outcome()),
            (SignalState::Closed, Outcome::Referred)
        );
        let get = GetSignalRequest {
            signal_id: signals[0].signal_id.clone(),
        };
        client.get_signal(get).await.unwrap();
        let outcome = world.post(&circle, member, &signals[0]).await;
        assert_eq!(told(outcome, "state"), "CLOSED");
    }
    world.end().await;
}

#[tokio::test]
async fn an_objection_that_was_right_closes_match_and_signals() {
    let world = World::start().await;
    let circle = world.circle();
    let (id, version) = brought(&world, &circle, usize::MAX).await;
    let request = SettleObjectionRequest {
        request_id: world.request_id(),
        match_id: id.clone(),
        expected_version: version,
        stands: false,
    };
    let mut officer = world.as_person(world.members[1].oin, 7, ProfessionalRole::PrivacyOfficer);
    let closed = officer
        .settle_objection(request)
        .await
        .unwrap()
        .into_inner()
        .r#match
        .unwrap();
    assert_eq!(
        (closed.state(), closed.outcome()),
        (SignalState::Closed, Outcome::ObjectionUpheld)
    );
    world.end().await;
}

#[tokio::test]
async fn get_match_works_and_its_evidence_is_ours() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, _) = world.met(&circle).await;
    let keys = sluis_signalling::public_keys(&world.keys).unwrap();
    let got = world.got(1, &matched.match_id).await;
    assert_eq!(got.r#match.unwrap(), matched);
    assert_eq!(got.boxes.len(), 1);
    let contact_box = ContactBox::parse(&got.boxes[0].contact_box).unwrap();
    assert_eq!(contact_box.header().sender(), world.members[0].oin);
    assert_eq!(contact_box.header().recipient(), world.members[1].oin);
    assert_eq!(contact_box.header().gate_key_id(), circle.gate_key());
    let hash = contact_box.manifest().hash();
    let receipt = Signed::<SubmissionReceipt>::parse(&got.boxes[0].receipt).unwrap();
    let receipt = receipt.verify(&keys.receipt, world.now()).unwrap();
    let statement = Signed::<MatchStatement>::parse(&got.boxes[0].match_statement).unwrap();
    let statement = statement.verify(&keys.match_statement, world.now()).unwrap();
    assert_eq!((receipt.manifest_hash, statement.manifest_hash), (hash, hash));
    assert!(statement.matched_at >= receipt.received_at);
    world.end().await;
}

#[tokio::test]
async fn get_match_refuses_the_wrong_caller() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, _) = world.met(&circle).await;
    // A member whose own worry did not meet is a stranger to it.
    for oin in [world.stranger.oin, world.members[2].oin] {
        let get = GetMatchRequest {
            match_id: matched.match_id.clone(),
        };
        let outcome = world.client(oin).get_match(get).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    world.end().await;
}

#[tokio::test]
async fn list_matches_works_page_by_page_and_refuses_the_wrong_caller() {
    let world = World::start().await;
    for _ in 0..3 {
        world.met(&world.circle()).await;
    }
    let mut client = world.client(world.members[0].oin);
    let mut seen = 0;
    let mut page_token = String::new();
    loop {
        let request = ListMatchesRequest {
            page_size: 2,
            page_token: page_token.clone(),
        };
        let page = client.list_matches(request).await.unwrap().into_inner();
        seen += page.matches.len();
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
        let others = ListMatchesRequest {
            page_size: 2,
            page_token: page_token.clone(),
        };
        let outcome = world.as_stranger().list_matches(others).await;
        assert_eq!(refusal(outcome), ErrorReason::BadPageToken);
    }
    assert_eq!(seen, 3);
    assert!(world.matches(2).await.is_empty(), "a list is its organisation's");
    world.end().await;
}
