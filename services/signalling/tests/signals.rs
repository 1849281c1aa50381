//! Signals: drafted, weighed, seen again, taken back.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::checklist::Notice;
use sluis_proto::signalling::v1::{
    Deferral, DeferralReason, DraftSignalRequest, GetSignalRequest, RenewSignalRequest, Severity, Signal,
    SignalState, WithdrawSignalRequest,
};
use sluis_serve::to_proto_timestamp;
use sluis_types::ProfessionalRole;

use crate::circles::DAY;
use crate::world::{World, refusal, told};

pub(crate) async fn drafted(world: &World, member: usize, severity: Severity) -> Signal {
    let mut client = world.client(world.members[member].oin);
    let reply = client.draft_signal(world.draft(severity)).await.unwrap();
    reply.into_inner().signal.unwrap()
}

fn renewal(world: &World, signal: &Signal, severity: Severity) -> RenewSignalRequest {
    RenewSignalRequest {
        request_id: world.request_id(),
        signal_id: signal.signal_id.clone(),
        expected_version: signal.version,
        severity: severity.into(),
        observed_at: Some(to_proto_timestamp(world.now())),
    }
}

fn withdrawal(world: &World, signal: &Signal) -> WithdrawSignalRequest {
    WithdrawSignalRequest {
        request_id: world.request_id(),
        signal_id: signal.signal_id.clone(),
        expected_version: signal.version,
    }
}

pub(crate) async fn shown(world: &World, member: usize, signal: &Signal) -> Signal {
    let get = GetSignalRequest {
        signal_id: signal.signal_id.clone(),
    };
    let mut client = world.client(world.members[member].oin);
    client.get_signal(get).await.unwrap().into_inner().signal.unwrap()
}

pub(crate) fn unknown() -> Signal {
    Signal {
        signal_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        version: 1,
        ..Default::default()
    }
}

#[tokio::test]
async fn draft_signal_works_and_takes_part_in_nothing() {
    let world = World::start().await;
    let draft = drafted(&world, 0, Severity::Worry).await;
    assert_eq!((draft.state(), draft.version), (SignalState::Draft, 1));
    assert_eq!(shown(&world, 0, &draft).await, draft);
    let outcome = world.post(&world.circle(), 0, &draft).await;
    assert_eq!(told(outcome, "state"), "DRAFT");
    world.end().await;
}

#[tokio::test]
async fn draft_signal_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let mut client = world.client(world.members[0].oin);
    let request = world.draft(Severity::Worry);
    let first = client.draft_signal(request.clone()).await.unwrap().into_inner();
    let again = client.draft_signal(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = DraftSignalRequest {
        severity: Severity::Attention.into(),
        ..request.clone()
    };
    assert_eq!(
        refusal(client.draft_signal(other).await),
        ErrorReason::RequestIdReused
    );
    // The id is the signal's: nobody else gets it either.
    let outcome = world.as_stranger().draft_signal(request).await;
    assert_eq!(refusal(outcome), ErrorReason::IdTaken);
    world.end().await;
}

#[tokio::test]
async fn draft_signal_refuses_the_wrong_caller() {
    let world = World::start().await;
    let oin = world.members[0].oin;
    for role in [
        ProfessionalRole::PrivacyOfficer,
        ProfessionalRole::OrganisationAdmin,
        ProfessionalRole::System,
    ] {
        let outcome = world
            .as_person(oin, 1, role)
            .draft_signal(world.draft(Severity::Worry))
            .await;
        assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    }
    world.end().await;
}

#[tokio::test]
async fn draft_signal_answers_an_unknown_id_of_a_severity_and_an_impossible_observation() {
    let world = World::start().await;
    let mut client = world.client(world.members[0].oin);
    for severity in [0, 5, -1] {
        let request = DraftSignalRequest {
            severity,
            ..world.draft(Severity::Worry)
        };
        assert_eq!(
            refusal(client.draft_signal(request).await),
            ErrorReason::InvalidField
        );
    }
    for at in [world.now().plus(DAY), world.now().minus(31 * DAY)] {
        let request = DraftSignalRequest {
            observed_at: Some(to_proto_timestamp(at)),
            ..world.draft(Severity::Worry)
        };
        assert_eq!(
            refusal(client.draft_signal(request).await),
            ErrorReason::InvalidField
        );
    }
    world.end().await;
}

#[tokio::test]
async fn acute_danger_and_violence_are_told_whom_to_call() {
    let world = World::start().await;
    let mut client = world.client(world.members[0].oin);
    for (name, number) in [("emergency", "112"), ("veilig_thuis", "0800-2000")] {
        let outcome = client.draft_signal(world.draft(Severity::Acute)).await;
        assert_eq!(told(outcome, name), number);
    }
    let draft = drafted(&world, 0, Severity::Worry).await;
    let mut weighing = world.weighing(&draft);
    weighing.checklist.as_mut().unwrap().danger = true;
    let outcome = client.weigh_signal(weighing).await;
    assert_eq!(told(outcome, "veilig_thuis"), "0800-2000");
    assert_eq!(shown(&world, 0, &draft).await.state(), SignalState::Draft);
    world.end().await;
}

#[tokio::test]
async fn a_professional_and_an_organisation_draft_so_many_and_no_more_in_an_epoch() {
    let world = World::start().await;
    let oin = world.members[0].oin;
    for _ in 0..20 {
        drafted(&world, 0, Severity::Attention).await;
    }
    let draft = || world.draft(Severity::Attention);
    let outcome = world.client(oin).draft_signal(draft()).await;
    assert_eq!(refusal(outcome), ErrorReason::QuotaUsed);
    let mut colleague = world.as_person(oin, 2, ProfessionalRole::Professional);
    colleague.draft_signal(draft()).await.unwrap();
    world.clock.advance(7 * DAY);
    world.client(oin).draft_signal(draft()).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn weigh_signal_works() {
    let world = World::start().await;
    let draft = drafted(&world, 0, Severity::Worry).await;
    let mut client = world.client(world.members[0].oin);
    let mut weighing = world.weighing(&draft);
    let until = to_proto_timestamp(world.now().plus(20 * DAY));
    weighing.checklist.as_mut().unwrap().notice = Some(Notice::Deferred(Deferral {
        reason: DeferralReason::NotReached.into(),
        until: Some(until),
    }));
    let signal = client
        .weigh_signal(weighing)
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!((signal.state(), signal.version), (SignalState::Registered, 2));
    let outcome = client.weigh_signal(world.weighing(&signal)).await;
    assert_eq!(told(outcome, "state"), "REGISTERED");
    world.end().await;
}

#[tokio::test]
async fn weigh_signal_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let draft = drafted(&world, 0, Severity::Worry).await;
    let mut client = world.client(world.members[0].oin);
    let weighing = world.weighing(&draft);
    let first = client.weigh_signal(weighing.clone()).await.unwrap().into_inner();
    let again = client.weigh_signal(weighing.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let mut other = weighing;
    other.expected_version = 2;
    assert_eq!(
        refusal(client.weigh_signal(other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn weigh_signal_refuses_the_wrong_caller_and_a_lone_pair_of_eyes() {
    let world = World::start().await;
    let oin = world.members[0].oin;
    let draft = drafted(&world, 0, Severity::Serious).await;
    let outcome = world.as_stranger().weigh_signal(world.weighing(&draft)).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let outcome = world.client(oin).weigh_signal(world.weighing(&draft)).await;
    assert_eq!(refusal(outcome), ErrorReason::SecondEyesNeeded);
    let mut volunteer = world.as_person(oin, 3, ProfessionalRole::Volunteer);
    let outcome = volunteer.weigh_signal(world.weighing(&draft)).await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    let mut weighing = world.weighing(&draft);
    weighing.checklist.as_mut().unwrap().first_hand = false;
    let mut second = world.as_person(oin, 2, ProfessionalRole::Professional);
    assert_eq!(
        refusal(second.weigh_signal(weighing).await),
        ErrorReason::InvalidField
    );
    second.weigh_signal(world.weighing(&draft)).await.unwrap();

    // What a volunteer writes down goes to a coordinator.
    let theirs = volunteer
        .draft_signal(world.draft(Severity::Attention))
        .await
        .unwrap();
    let theirs = theirs.into_inner().signal.unwrap();
    let outcome = second.weigh_signal(world.weighing(&theirs)).await;
    assert_eq!(refusal(outcome), ErrorReason::SecondEyesNeeded);
    let mut coordinator = world.as_person(oin, 4, ProfessionalRole::Coordinator);
    coordinator.weigh_signal(world.weighing(&theirs)).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn renew_signal_works_and_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let signal = world.signal(0, Severity::Attention).await;
    world.clock.advance(10 * DAY);
    let mut client = world.client(world.members[0].oin);
    let request = renewal(&world, &signal, Severity::Worry);
    let renewed = client
        .renew_signal(request.clone())
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!((renewed.severity(), renewed.version), (Severity::Worry, 3));
    assert!(renewed.expires_at.unwrap().seconds > signal.expires_at.unwrap().seconds);
    let again = client
        .renew_signal(request.clone())
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!(again, renewed);
    let mut other = request;
    other.severity = Severity::Attention.into();
    assert_eq!(
        refusal(client.renew_signal(other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn renew_signal_refuses_the_wrong_caller_and_what_is_not_fresh() {
    let world = World::start().await;
    let signal = world.signal(0, Severity::Worry).await;
    let oin = world.members[0].oin;
    let stale = renewal(&world, &signal, Severity::Worry);
    let outcome = world.client(oin).renew_signal(stale).await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::InvalidField,
        "nothing is renewed by itself"
    );
    world.clock.advance(DAY);
    let request = || renewal(&world, &signal, Severity::Serious);
    assert_eq!(
        refusal(world.as_stranger().renew_signal(request()).await),
        ErrorReason::NotAvailable
    );
    let outcome = world.client(oin).renew_signal(request()).await;
    assert_eq!(refusal(outcome), ErrorReason::SecondEyesNeeded);
    let mut second = world.as_person(oin, 2, ProfessionalRole::Professional);
    second.renew_signal(request()).await.unwrap();
    let draft = drafted(&world, 0, Severity::Worry).await;
    world.clock.advance(DAY);
    let outcome = world
        .client(oin)
        .renew_signal(renewal(&world, &draft, Severity::Worry))
        .await;
    assert_eq!(told(outcome, "state"), "DRAFT");
    world.end().await;
}

#[tokio::test]
async fn withdraw_signal_works_and_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let signal = world.signal(0, Severity::Worry).await;
    let mut client = world.client(world.members[0].oin);
    let request = withdrawal(&world, &signal);
    let withdrawn = client
        .withdraw_signal(request.clone())
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!(withdrawn.state(), SignalState::Withdrawn);
    let again = client
        .withdraw_signal(request.clone())
        .await
        .unwrap()
        .into_inner()
        .signal
        .unwrap();
    assert_eq!(again, withdrawn);
    let mut other = request;
    other.expected_version = 3;
    assert_eq!(
        refusal(client.withdraw_signal(other).await),
        ErrorReason::RequestIdReused
    );
    let outcome = world.post(&world.circle(), 0, &withdrawn).await;
    assert_eq!(told(outcome, "state"), "WITHDRAWN");
    world.end().await;
}

#[tokio::test]
async fn withdraw_signal_refuses_the_wrong_caller() {
    let world = World::start().await;
    let signal = world.signal(0, Severity::Worry).await;
    let outcome = world
        .as_stranger()
        .withdraw_signal(withdrawal(&world, &signal))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let mut stale = withdrawal(&world, &signal);
    stale.expected_version = 1;
    let outcome = world.client(world.members[0].oin).withdraw_signal(stale).await;
    assert_eq!(refusal(outcome), ErrorReason::VersionConflict);
    assert_eq!(shown(&world, 0, &signal).await, signal);
    world.end().await;
}

/// An unknown signal and another organisation's are one answer.
macro_rules! unknown_signal {
    ($test:ident, $method:ident, $request:expr) => {
        #[tokio::test]
        async fn $test() {
            let world = World::start().await;
            let signal = world.signal(0, Severity::Worry).await;
            let request = $request;
            let absent = world
                .as_stranger()
                .$method(request(&world, &unknown()))
                .await
                .unwrap_err();
            let foreign = world
                .as_stranger()
                .$method(request(&world, &signal))
                .await
                .unwrap_err();
            assert_eq!(
                (absent.code(), absent.message(), absent.details()),
                (foreign.code(), foreign.message(), foreign.details())
            );
            assert_eq!(refusal::<()>(Err(absent)), ErrorReason::NotAvailable);
            world.end().await;
        }
    };
}

unknown_signal!(
    weigh_signal_answers_an_unknown_id,
    weigh_signal,
    |world: &World, signal: &Signal| world.weighing(signal)
);
unknown_signal!(
    renew_signal_answers_an_unknown_id,
    renew_signal,
    |world: &World, signal: &Signal| renewal(world, signal, Severity::Worry)
);
unknown_signal!(withdraw_signal_answers_an_unknown_id, withdraw_signal, withdrawal);
