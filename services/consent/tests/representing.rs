//! A representative's acts against their mandate: what it reaches, and what it does not.

use std::time::Duration;

use sluis_proto::consent::v1::{
    self as proto, AccessKind, DataKind, GrantState, LevelOfAssurance, LifeDomain, MandateKind, Purpose,
};
use sluis_proto::options::v1::ErrorReason;

use crate::acts::{Resident, provision, provision_of};
use crate::representatives::{Represented, everything};
use crate::world::{ISSUER, World, refusal};

/// Money only, for a referral.
fn money() -> proto::Provision {
    proto::Provision {
        life_domains: vec![LifeDomain::Finances.into()],
        ..provision_of(Purpose::Referral, &[DataKind::Financial])
    }
}

async fn links_of(representative: &Resident) -> Vec<proto::Link> {
    let reply = representative
        .client
        .clone()
        .list_links(proto::ListLinksRequest {})
        .await;
    reply.unwrap().into_inner().links
}

#[tokio::test]
async fn a_representative_without_a_mandate_can_do_nothing() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let representative = world.log_in_for("carla", "anna").await;
    let mut client = representative.client.clone();
    let listed = client.list_grants(proto::ListGrantsRequest {}).await;
    assert_eq!(refusal(listed), ErrorReason::NotAvailable);
    let withdrawn = client.withdraw_grant(world.withdrawing(&granted.grant)).await;
    assert_eq!(refusal(withdrawn), ErrorReason::NotAvailable);
    let mandates = world
        .representation(&representative)
        .list_mandates(proto::ListMandatesRequest {})
        .await;
    assert_eq!(refusal(mandates), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn a_proxy_with_everything_decides_and_the_log_says_who_did_it() {
    let world = World::start().await;
    let Represented {
        granted,
        representative,
    } = world.represented(everything(&world)).await;
    let proposal = world
        .ask(
            &granted.resident,
            &granted.handle,
            world.question(vec![provision(), money()]),
        )
        .await;
    assert_eq!(
        world.waiting(&representative).await,
        std::slice::from_ref(&proposal)
    );
    let grant = world.grant(&representative, &proposal).await;
    assert_eq!((grant.version, grant.state()), (2, GrantState::Active));
    assert_eq!(links_of(&representative).await.len(), 1);
    let request = world.withdrawing(&grant);
    representative
        .client
        .clone()
        .withdraw_grant(request)
        .await
        .unwrap();
    let log = world.log(&granted.resident).await;
    let by_whom: Vec<_> = log
        .iter()
        .filter(|entry| matches!(entry.kind(), AccessKind::Granted | AccessKind::Withdrawn))
        .map(|entry| (entry.kind(), entry.by_representative, entry.grant_version))
        .collect();
    let expected = [
        (AccessKind::Withdrawn, true, 2),
        (AccessKind::Granted, true, 2),
        (AccessKind::Granted, false, 1),
    ];
    assert_eq!(by_whom, expected);
    assert_eq!(
        world.log(&representative).await,
        log,
        "whoever may see everything sees the whole log"
    );
}

#[tokio::test]
async fn what_a_mandate_does_not_reach_is_not_there() {
    let world = World::start().await;
    let Represented {
        granted,
        representative,
    } = world.represented_by_court(MandateKind::Administrator).await;
    // Care data: the grant and the question are not there for who decides about money.
    assert!(world.grants(&representative).await.is_empty());
    assert!(links_of(&representative).await.is_empty());
    let proposal = world
        .ask(
            &granted.resident,
            &granted.handle,
            world.question(vec![provision()]),
        )
        .await;
    assert!(world.waiting(&representative).await.is_empty());
    let mut client = representative.client.clone();
    let granting = client.grant_consent(world.granting(&proposal)).await;
    assert_eq!(refusal(granting), ErrorReason::NotAvailable);
    let refusing = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id.clone(),
    };
    assert_eq!(
        refusal(client.refuse_consent(refusing).await),
        ErrorReason::NotAvailable
    );
    let withdrawing = client.withdraw_grant(world.withdrawing(&granted.grant)).await;
    assert_eq!(refusal(withdrawing), ErrorReason::NotAvailable);
    let linking = proto::CreateLinkCodeRequest {
        request_id: world.request_id(),
        oin: world.ggz.oin.to_string(),
    };
    assert_eq!(
        refusal(client.create_link_code(linking).await),
        ErrorReason::MandateRefused
    );
    assert!(
        world.log(&representative).await.is_empty(),
        "nothing in the log is about money only"
    );
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn an_administrator_decides_about_money() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let handle = world.link(&anna, &world.welfare).await;
    let representative = world
        .appointed("carla", "anna", &handle, MandateKind::Administrator)
        .await;
    let proposal = world.ask(&anna, &handle, world.question(vec![money()])).await;
    assert_eq!(world.waiting(&representative).await.len(), 1);
    let grant = world.grant(&representative, &proposal).await;
    assert_eq!(world.grants(&representative).await, std::slice::from_ref(&grant));
    // Care beside money makes it one that the resident decides about.
    let more = world.ask(&anna, &handle, world.question(vec![provision()])).await;
    let whole = world.grant(&anna, &more).await;
    assert_eq!(whole.version, 2);
    assert!(world.grants(&representative).await.is_empty());
    let again = world.ask(&anna, &handle, world.question(vec![money()])).await;
    let refused = representative
        .client
        .clone()
        .grant_consent(world.granting(&again))
        .await;
    assert_eq!(refusal(refused), ErrorReason::MandateRefused);
}

#[tokio::test]
async fn a_proxy_who_may_only_see_can_change_nothing() {
    let world = World::start().await;
    let seeing = proto::CreateProxyRequest {
        acts: vec![proto::MandateAct::See.into()],
        ..everything(&world)
    };
    let Represented {
        granted,
        representative,
    } = world.represented(seeing).await;
    assert_eq!(
        world.grants(&representative).await,
        std::slice::from_ref(&granted.grant)
    );
    let mut client = representative.client.clone();
    let id = granted.grant.grant_id.clone();
    let withdrawing = client.withdraw_grant(world.withdrawing(&granted.grant)).await;
    assert_eq!(refusal(withdrawing), ErrorReason::MandateRefused);
    let suspending = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
    };
    assert_eq!(
        refusal(client.suspend_grant(suspending).await),
        ErrorReason::MandateRefused
    );
    let narrowing = proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
        expected_version: 1,
        provisions: vec![provision_of(Purpose::Referral, &[DataKind::Plan])],
    };
    assert_eq!(
        refusal(client.narrow_grant(narrowing).await),
        ErrorReason::MandateRefused
    );
    let ticket = |actions: proto::TicketAction| proto::IssueTicketRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
        audience: proto::TicketAudience::Referral.into(),
        actions: vec![actions.into()],
    };
    client
        .issue_ticket(ticket(proto::TicketAction::Read))
        .await
        .unwrap();
    let stopping = client.issue_ticket(ticket(proto::TicketAction::Stop)).await;
    assert_eq!(refusal(stopping), ErrorReason::MandateRefused);
    let proposal = world
        .ask(
            &granted.resident,
            &granted.handle,
            world.question(vec![provision()]),
        )
        .await;
    let defer = proto::DeferConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id.clone(),
    };
    assert_eq!(
        refusal(client.defer_consent(defer).await),
        ErrorReason::MandateRefused
    );
    let granting = client.grant_consent(world.granting(&proposal)).await;
    assert_eq!(refusal(granting), ErrorReason::MandateRefused);
    world.authorize(&granted.handle).await.unwrap();
    let newest = world.log(&granted.resident).await.into_iter().nth(1).unwrap();
    assert_eq!(
        (newest.by_representative, newest.allowed),
        (true, false),
        "refused attempts are shown"
    );
}

/// A ticket for several actions needs a mandate for each of them.
#[tokio::test]
async fn a_ticket_of_a_representative_allows_what_the_mandate_does() {
    use proto::MandateAct::{Decide, See, Stop};
    use proto::TicketAction as Action;
    let all = [
        (See, Action::Read),
        (Stop, Action::Stop),
        (Decide, Action::Decide),
    ];
    let world = World::start().await;
    let anna = world.granted("anna").await;
    // Without seeing, nothing is there.
    for (number, without) in all.iter().enumerate().skip(1) {
        let has = || all.iter().filter(|pair| *pair != without);
        let proxy = proto::CreateProxyRequest {
            acts: has().map(|(act, _)| (*act).into()).collect(),
            ..everything(&world)
        };
        let mut creating = world.representation(&anna.resident);
        let code = creating.create_proxy(proxy).await.unwrap().into_inner().code;
        let somebody = format!("carla {number}");
        let representative = world.redeemed(&somebody, "anna", &code).await;
        let asking = |actions: Vec<i32>| proto::IssueTicketRequest {
            request_id: world.request_id(),
            grant_id: anna.grant.grant_id.clone(),
            audience: proto::TicketAudience::Matching.into(),
            actions,
        };
        let mut client = representative.client.clone();
        let allowed = has().map(|(_, action)| (*action).into()).collect();
        client.issue_ticket(asking(allowed)).await.unwrap();
        for (_, also) in all {
            let wanted = vec![also.into(), without.1.into()];
            let outcome = client.issue_ticket(asking(wanted)).await;
            assert_eq!(
                refusal(outcome),
                ErrorReason::MandateRefused,
                "{also:?} with {:?}",
                without.1
            );
        }
    }
}

#[tokio::test]
async fn a_mandate_ends_by_time_and_takes_its_power_along() {
    let world = World::start().await;
    let short = proto::CreateProxyRequest {
        valid_days: 1,
        ..everything(&world)
    };
    let represented = world.represented(short).await;
    world.clock.advance(Duration::from_hours(48));
    let later = world.log_in_for("carla", "anna").await;
    let refused = later
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(refused), ErrorReason::NotAvailable);
    drop(represented);
}

#[tokio::test]
async fn granting_for_somebody_needs_the_same_assurance() {
    let world = World::start().await;
    let Represented { granted, .. } = world.represented(everything(&world)).await;
    let low = world
        .log_in_as(proto::StartSessionRequest {
            issuer: ISSUER.into(),
            represents: "anna".into(),
            ..world.login("carla", LevelOfAssurance::Low)
        })
        .await;
    let proposal = world
        .ask(
            &granted.resident,
            &granted.handle,
            world.question(vec![provision()]),
        )
        .await;
    let refused = low.client.clone().grant_consent(world.granting(&proposal)).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn an_objection_beyond_the_mandate_is_not_shown_either() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    let handle = world.link(&anna, &world.welfare).await;
    let administrator = world
        .appointed("carla", "anna", &handle, MandateKind::Administrator)
        .await;
    let proposal = world.ask(&anna, &handle, world.question(vec![money()])).await;
    let grant = world.grant(&anna, &proposal).await;
    assert_eq!(world.grants(&administrator).await.len(), 1);
    let medical = proto::Provision {
        objection: true,
        ..provision_of(Purpose::Referral, &[DataKind::Medical])
    };
    let narrow = proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: grant.grant_id,
        expected_version: 1,
        provisions: vec![money(), medical],
    };
    anna.client.clone().narrow_grant(narrow).await.unwrap();
    assert!(world.grants(&administrator).await.is_empty());
}

#[tokio::test]
async fn nobody_lets_their_own_organisation_receive_by_a_mandate_that_it_recorded() {
    let world = World::start().await;
    let represented = world.represented_by_court(MandateKind::Guardian).await;
    let turned = proto::Proposal {
        discloser: world.ggz.oin.to_string(),
        recipient: world.welfare.oin.to_string(),
        ..world.question(vec![provision()])
    };
    let proposal = world
        .ask(&represented.granted.resident, &represented.granted.handle, turned)
        .await;
    let mut carla = represented.representative.client.clone();
    let refused = carla.grant_consent(world.granting(&proposal)).await;
    assert_eq!(refusal(refused), ErrorReason::MandateRefused);
    world.grant(&represented.granted.resident, &proposal).await;
}
