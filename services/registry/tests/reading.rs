//! GetOrganisation and ListOrganisations.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::{GetOrganisationRequest, ListOrganisationsRequest};
use sluis_serve::Caller;
use sluis_types::ProfessionalRole;

use crate::newcomer::Newcomer;
use crate::world::{NOW, World, enrolling, oin, partner, refusal, resident};

fn readers() -> [Caller; 3] {
    [
        partner(oin(1), ProfessionalRole::Professional),
        resident(),
        Caller::Operator,
    ]
}

fn get(number: u8) -> GetOrganisationRequest {
    GetOrganisationRequest {
        oin: oin(number).to_string(),
    }
}

fn page(page_size: i32, page_token: &str) -> ListOrganisationsRequest {
    ListOrganisationsRequest {
        page_size,
        page_token: page_token.into(),
    }
}

#[tokio::test]
async fn get_organisation_works() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    for caller in readers() {
        let reply = world
            .client(caller)
            .get_organisation(get(1))
            .await
            .unwrap()
            .into_inner();
        let organisation = reply.organisation.unwrap();
        assert_eq!(
            organisation.key_statements,
            vec![member.first_statement(NOW).encode()]
        );
    }
    world.end().await;
}

#[tokio::test]
async fn get_organisation_refuses_the_wrong_caller() {
    let world = World::start().await;
    let outcome = world.client(enrolling()).get_organisation(get(1)).await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    let volunteer = partner(oin(1), ProfessionalRole::Volunteer);
    assert_eq!(
        refusal(world.client(volunteer).get_organisation(get(1)).await),
        ErrorReason::RoleRefused
    );
    world.end().await;
}

#[tokio::test]
async fn get_organisation_answers_an_unknown_id() {
    let world = World::start().await;
    world.invite(oin(1)).await;
    assert_eq!(
        refusal(world.operator().get_organisation(get(1)).await),
        ErrorReason::NotAvailable
    );
    let malformed = GetOrganisationRequest { oin: "1\0".into() };
    assert_eq!(
        refusal(world.operator().get_organisation(malformed).await),
        ErrorReason::InvalidField
    );
    world.end().await;
}

#[tokio::test]
async fn list_organisations_works() {
    let world = World::start().await;
    for number in [3, 1, 5, 2, 4] {
        world.enrol(&Newcomer::new(number)).await;
    }
    for caller in readers() {
        let mut client = world.client(caller);
        let (mut listed, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let reply = client
                .list_organisations(page(2, &token))
                .await
                .unwrap()
                .into_inner();
            for organisation in reply.organisations {
                assert!(organisation.key_statements.is_empty() && organisation.certificates.is_empty());
                listed.push(organisation.oin);
            }
            (token, pages) = (reply.next_page_token, pages + 1);
            if token.is_empty() {
                break;
            }
        }
        let expected: Vec<String> = (1..=5).map(|number| oin(number).to_string()).collect();
        assert_eq!((listed, pages), (expected, 3));
    }
    let all = world
        .operator()
        .list_organisations(page(0, ""))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((all.organisations.len(), all.next_page_token.as_str()), (5, ""));
    let five = world
        .operator()
        .list_organisations(page(5, ""))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(five.next_page_token, "", "a full last page is the last");
    world.end().await;
}

#[tokio::test]
async fn list_organisations_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.enrol(&Newcomer::new(1)).await;
    world.enrol(&Newcomer::new(2)).await;
    let outcome = world.client(enrolling()).list_organisations(page(0, "")).await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    assert_eq!(
        refusal(world.operator().list_organisations(page(-1, "")).await),
        ErrorReason::InvalidField
    );
    // A token belongs to the caller that it was given to.
    let first = world
        .operator()
        .list_organisations(page(1, ""))
        .await
        .unwrap()
        .into_inner();
    let mut other = world.client(resident());
    for token in [first.next_page_token.as_str(), "x", &"A".repeat(5000)] {
        let outcome = other.list_organisations(page(1, token)).await;
        assert!(
            matches!(
                refusal(outcome),
                ErrorReason::BadPageToken | ErrorReason::TooLarge
            ),
            "{}",
            token.len()
        );
    }
    world.end().await;
}
