//! What a resident said last stands: letters, records and mandates that come after it, beside it, or at the same moment.

use std::time::Duration;

use sluis_proto::consent::v1::{self as proto, DataKind, GrantState, MandateKind, MandateState, Purpose};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store_testing::TestDatabases;

use crate::acts::{Resident, provision, provision_of};
use crate::circle_acts::{CLASS, terms};
use crate::representatives::{ONE, OTHER, everything};
use crate::world::{World, refusal};

/// Residents whom one login reaches at most.
const RESIDENTS_MAX: usize = 16;

fn refusing(world: &World, proposal: &proto::PendingProposal) -> proto::RefuseConsentRequest {
    proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id.clone(),
    }
}

async fn narrow(world: &World, who: &Resident, grant: &proto::Grant, provisions: Vec<proto::Provision>) {
    let narrow = proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: grant.grant_id.clone(),
        expected_version: grant.version,
        provisions,
    };
    who.client.clone().narrow_grant(narrow).await.unwrap();
}

async fn suspend(world: &World, who: &Resident, grant: &proto::Grant) {
    let suspend = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: grant.grant_id.clone(),
    };
    who.client.clone().suspend_grant(suspend).await.unwrap();
}

/// Why a second worker of welfare cannot confirm a record.
async fn unconfirmed(world: &World, record: &str) -> ErrorReason {
    let confirm = world.confirming(record, "");
    refusal(world.helping(OTHER).confirm_consent(confirm).await)
}

#[tokio::test]
async fn two_letters_at_the_same_moment_both_come_behind_the_login() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        let (one, other) = (world.helped_with_grant().await, world.helped_with_grant().await);
        let anna = world.log_in("anna").await;
        let (mut first, mut second) = (world.with_letter(&anna), world.with_letter(&anna));
        let (with_one, with_other) = (world.letter(&one.letter), world.letter(&other.letter));
        let both = tokio::join!(
            first.redeem_letter_code(with_one.clone()),
            second.redeem_letter_code(with_other.clone())
        );
        // Of two that find the same place one may be told to try again; neither is lost.
        for (outcome, request) in [(both.0, with_one), (both.1, with_other)] {
            if let Err(status) = outcome {
                assert_ne!(
                    Refusal::reason_of(&status),
                    Some(ErrorReason::CodeRefused),
                    "{name}"
                );
                world
                    .with_letter(&anna)
                    .redeem_letter_code(request)
                    .await
                    .unwrap();
            }
        }
        assert_eq!(world.grants(&anna).await.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn one_letter_at_the_same_moment_comes_behind_one_login() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        let helped = world.helped_with_grant().await;
        let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
        let (mut one, mut other) = (world.with_letter(&anna), world.with_letter(&bert));
        let both = tokio::join!(
            one.redeem_letter_code(world.letter(&helped.letter)),
            other.redeem_letter_code(world.letter(&helped.picture))
        );
        let done = [both.0.is_ok(), both.1.is_ok()]
            .iter()
            .filter(|done| **done)
            .count();
        assert_eq!(done, 1, "{name}");
        let reached = world.grants(&anna).await.len() + world.grants(&bert).await.len();
        assert_eq!(reached, 1, "{name}");
    }
}

#[tokio::test]
async fn a_mandate_that_is_redeemed_twice_at_once_is_one_persons() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        let granted = world.granted("anna").await;
        let code = world.proxy(&granted.resident).await.code;
        let carla = world.log_in_for("carla", "anna").await;
        let dora = world.log_in_for("dora", "anna").await;
        let (mut one, mut other) = (world.representation(&carla), world.representation(&dora));
        let both = tokio::join!(
            one.redeem_mandate_code(world.redeem(&code)),
            other.redeem_mandate_code(world.redeem(&code))
        );
        let outcomes = [both.0, both.1];
        assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1, "{name}");
        let mut seen = 0;
        for who in [&carla, &dora] {
            let listed = who.client.clone().list_grants(proto::ListGrantsRequest {}).await;
            seen += listed.map_or(0, |listed| listed.into_inner().grants.len());
        }
        assert_eq!(seen, 1, "{name}: one of them speaks for her, and not both");
    }
}

#[tokio::test]
async fn a_letter_for_which_there_is_no_room_is_not_used_up() {
    let world = World::start().await;
    let mut anna = world.log_in("anna").await;
    // The login's own resident takes the first place.
    for _ in 1..RESIDENTS_MAX {
        let helped = world.helped().await;
        anna = world.taken_over("anna", &helped.letter).await;
    }
    let one_more = world.helped_with_grant().await;
    let full = world
        .with_letter(&anna)
        .redeem_letter_code(world.letter(&one_more.letter))
        .await;
    assert_eq!(refusal(full), ErrorReason::CodeRefused);
    let bert = world.taken_over("bert", &one_more.letter).await;
    assert_eq!(world.grants(&bert).await.len(), 1);
}

#[tokio::test]
async fn a_code_that_its_bearer_cannot_redeem_is_not_used_up() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    world.log_in("bert").await;
    let code = world.proxy(&granted.resident).await.code;
    let wrong = world.log_in_for("carla", "bert").await;
    let refused = world
        .representation(&wrong)
        .redeem_mandate_code(world.redeem(&code))
        .await;
    assert_eq!(refusal(refused), ErrorReason::CodeRefused);
    let right = world.redeemed("carla", "anna", &code).await;
    assert_eq!(world.grants(&right).await.len(), 1);
}

#[tokio::test]
async fn nothing_is_recorded_once_somebody_took_over_until_the_login_is_gone() {
    let world = World::start().await;
    let (one, other) = (world.helped().await, world.helped().await);
    world.taken_over("anna", &one.letter).await;
    let anna = world.taken_over("anna", &other.letter).await;
    for helped in [&one, &other] {
        let record = world.recorded(&helped.handle).await;
        assert!(world.waiting(&anna).await.is_empty());
        // It is answered like one that waits, and comes to nothing.
        let confirm = world.confirming(&record, "");
        world.helping(OTHER).confirm_consent(confirm).await.unwrap();
        assert_eq!(
            refusal(world.authorize(&helped.handle).await),
            ErrorReason::NotAvailable
        );
    }
    let leave = proto::DisconnectLoginRequest {
        request_id: world.request_id(),
    };
    anna.client.clone().disconnect_login(leave).await.unwrap();
    // Both are without a login again, also the one that was linked second.
    for helped in [&one, &other] {
        let record = world.recorded(&helped.handle).await;
        let confirm = world.confirming(&record, "");
        world.helping(OTHER).confirm_consent(confirm).await.unwrap();
        world.authorize(&helped.handle).await.unwrap();
    }
}

#[tokio::test]
async fn a_no_ends_what_a_worker_wrote_down() {
    let world = World::start().await;
    let helped = world.helped().await;
    let record = world.recorded(&helped.handle).await;
    let anna = world.taken_over("anna", &helped.letter).await;
    world.ask_unseen(&helped.handle).await;
    let asked = world.waiting(&anna).await;
    assert_eq!(asked.len(), 2);
    let question = asked.iter().find(|it| !it.recorded).unwrap();
    let refuse = refusing(&world, question);
    anna.client.clone().refuse_consent(refuse).await.unwrap();
    assert!(world.waiting(&anna).await.is_empty());
    assert_eq!(unconfirmed(&world, &record).await, ErrorReason::NotAvailable);
    // Saying no to the record itself is the same.
    let other = world.helped().await;
    let record = world.recorded(&other.handle).await;
    let bert = world.taken_over("bert", &other.letter).await;
    let waiting = world.waiting(&bert).await.remove(0);
    assert!(waiting.recorded);
    let refuse = refusing(&world, &waiting);
    bert.client.clone().refuse_consent(refuse).await.unwrap();
    assert_eq!(unconfirmed(&world, &record).await, ErrorReason::NotAvailable);
    assert_eq!(
        refusal(world.authorize(&other.handle).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn a_no_to_a_circle_leaves_what_a_worker_wrote_down_between_two_of_its_members() {
    let world = World::start().await;
    let helped = world.helped().await;
    world.recorded(&helped.handle).await;
    let anna = world.taken_over("anna", &helped.letter).await;
    let members = [world.welfare.oin, world.ggz.oin];
    let asked = world.proposing_circle(&helped.handle, terms(&members, &[CLASS]));
    let circle = world.ask_circle(&anna, asked).await;
    let refuse = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: circle.proposal_id,
    };
    anna.client.clone().refuse_consent(refuse).await.unwrap();
    assert!(world.waiting_circles(&anna).await.is_empty());
    let waiting = world.waiting(&anna).await;
    assert_eq!(waiting.len(), 1, "it is about these two, and was not refused");
    assert!(waiting[0].recorded);
}

#[tokio::test]
async fn narrowing_and_pausing_end_what_a_worker_wrote_down() {
    let world = World::start().await;
    for pauses in [false, true] {
        let helped = world.helped_with_grant().await;
        let record = world.recorded(&helped.handle).await;
        let subject = format!("anna {pauses}");
        let anna = world.taken_over(&subject, &helped.letter).await;
        let grant = world.grants(&anna).await.remove(0);
        if pauses {
            suspend(&world, &anna, &grant).await;
        } else {
            let kept = vec![provision_of(Purpose::Referral, &[DataKind::Plan])];
            narrow(&world, &anna, &grant, kept).await;
        }
        assert!(world.waiting(&anna).await.is_empty(), "pauses: {pauses}");
        assert_eq!(unconfirmed(&world, &record).await, ErrorReason::NotAvailable);
    }
}

#[tokio::test]
async fn what_a_worker_wrote_down_adds_nothing_to_the_residents_own_word() {
    let world = World::start().await;
    let helped = world.helped().await;
    let record = world.recorded(&helped.handle).await;
    let anna = world.taken_over("anna", &helped.letter).await;
    let less = vec![provision_of(Purpose::Referral, &[DataKind::Plan])];
    world
        .as_welfare()
        .propose_consent(world.proposing(&helped.handle, vec![world.question(less)]))
        .await
        .unwrap();
    let asked = world.waiting(&anna).await;
    let question = asked.iter().find(|it| !it.recorded).unwrap();
    let own = world.grant(&anna, question).await;
    assert_eq!(unconfirmed(&world, &record).await, ErrorReason::NotAvailable);
    let grants = world.grants(&anna).await;
    assert_eq!(grants, std::slice::from_ref(&own));
    assert!(!grants[0].assisted);
}

#[tokio::test]
async fn what_a_worker_wrote_down_lifts_no_objection_and_honours_a_no() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    // Somebody whom a court appointed speaks for a resident without a login.
    let guardian = world
        .appointed("carla", "nobody-known", &helped.handle, MandateKind::Guardian)
        .await;
    let grant = world.grants(&guardian).await.remove(0);
    let objection = proto::Provision {
        objection: true,
        ..provision_of(Purpose::Referral, &[DataKind::Contact])
    };
    let kept = provision_of(Purpose::Referral, &[DataKind::Plan]);
    narrow(&world, &guardian, &grant, vec![kept, objection]).await;
    let record = world.recorded(&helped.handle).await;
    assert_eq!(unconfirmed(&world, &record).await, ErrorReason::NotAvailable);
    let narrowed = world.grants(&guardian).await.remove(0);
    assert_eq!(narrowed.version, 2, "nothing came of it");
    // The refused attempt stands in the log.
    assert!(!world.log(&guardian).await[0].allowed);

    let other = world.helped().await;
    let mentor = world
        .appointed("dora", "nobody-else", &other.handle, MandateKind::Guardian)
        .await;
    let asked = world
        .ask(&mentor, &other.handle, world.question(vec![provision()]))
        .await;
    let refuse = refusing(&world, &asked);
    mentor.client.clone().refuse_consent(refuse).await.unwrap();
    let record = world.recorded(&other.handle).await;
    assert_eq!(unconfirmed(&world, &record).await, ErrorReason::NotAvailable);
    world.clock.advance(Duration::from_hours(31 * 24));
    let record = world.recorded(&other.handle).await;
    let confirm = world.confirming(&record, "");
    world.helping(OTHER).confirm_consent(confirm).await.unwrap();
    world.authorize(&other.handle).await.unwrap();
}

#[tokio::test]
async fn guessing_letters_is_counted_for_the_whole_organisation() {
    let world = World::start().await;
    let helped = world.helped().await;
    let record = world.recorded(&helped.handle).await;
    for professional in [ONE, OTHER, ONE, OTHER, ONE] {
        let wrong = world.confirming(&record, "00000-00000");
        let wrong = world.helping(professional).confirm_consent(wrong).await;
        assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    }
    let right = world.confirming(&record, &helped.letter);
    let colleague = world.helping([7; 32]).confirm_consent(right).await;
    assert_eq!(refusal(colleague), ErrorReason::RateLimited);
}

#[tokio::test]
async fn breaking_with_an_organisation_stops_the_mandate_that_it_recorded() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let anna = &granted.resident;
    let request = world.record(&granted.handle, MandateKind::Guardian);
    let recorded = world.worker(ONE).record_mandate(request).await;
    let recorded = recorded.unwrap().into_inner();
    let disconnect = proto::DisconnectOrganisationRequest {
        request_id: world.request_id(),
        oin: world.welfare.oin.to_string(),
    };
    anna.client
        .clone()
        .disconnect_organisation(disconnect.clone())
        .await
        .unwrap();
    assert_eq!(world.mandates(anna).await[0].state(), MandateState::Disputed);
    let confirm = world.confirm(&recorded.mandate_id);
    assert!(world.worker(OTHER).confirm_mandate(confirm).await.is_err());
    let carla = world.log_in_for("carla", "anna").await;
    let redeem = world.redeem(&recorded.code);
    let redeemed = world.representation(&carla).redeem_mandate_code(redeem).await;
    assert_eq!(refusal(redeemed), ErrorReason::CodeRefused);

    // A repeat ends nothing that was given after it was asked first.
    world.clock.advance(Duration::from_mins(1));
    let handle = world.link(anna, &world.welfare).await;
    let question = world.question(vec![provision()]);
    let asked = world.ask(anna, &handle, question).await;
    world.grant(anna, &asked).await;
    anna.client
        .clone()
        .disconnect_organisation(disconnect)
        .await
        .unwrap();
    world.authorize(&handle).await.unwrap();
}

#[tokio::test]
async fn nobody_lets_go_on_what_their_own_organisation_receives() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let turned = proto::Proposal {
        discloser: world.ggz.oin.to_string(),
        recipient: world.welfare.oin.to_string(),
        ..world.question(vec![provision()])
    };
    let asked = world.ask(&granted.resident, &granted.handle, turned).await;
    let grant = world.grant(&granted.resident, &asked).await;
    let guardian = world
        .appointed("carla", "anna", &granted.handle, MandateKind::Guardian)
        .await;
    // Stopping is for everybody who may stop; letting it go on gives away anew.
    suspend(&world, &guardian, &grant).await;
    let resume = || proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: grant.grant_id.clone(),
    };
    let refused = guardian.client.clone().resume_grant(resume()).await;
    assert_eq!(refusal(refused), ErrorReason::MandateRefused);
    let own = granted.resident.client.clone().resume_grant(resume()).await;
    let own = own.unwrap().into_inner().grant.unwrap();
    assert_eq!(own.state(), GrantState::Active);
}

#[tokio::test]
async fn a_mandate_opens_no_ticket_and_no_receipt_beyond_its_reach() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let administrator = world
        .appointed("carla", "anna", &granted.handle, MandateKind::Administrator)
        .await;
    let ticket = proto::IssueTicketRequest {
        request_id: world.request_id(),
        grant_id: granted.grant.grant_id.clone(),
        audience: proto::TicketAudience::Referral.into(),
        actions: vec![proto::TicketAction::Read.into()],
    };
    let mut client = administrator.client.clone();
    let refused = client.issue_ticket(ticket.clone()).await;
    assert_eq!(refusal(refused), ErrorReason::NotAvailable);
    let mut anna = world.representation(&granted.resident);
    let made = anna.create_proxy(everything(&world)).await;
    let proxy = world
        .redeemed("dora", "anna", &made.unwrap().into_inner().code)
        .await;
    let again = proto::IssueTicketRequest {
        request_id: world.request_id(),
        ..ticket
    };
    proxy.client.clone().issue_ticket(again).await.unwrap();
}
