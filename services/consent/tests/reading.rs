//! ListAccess.

use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;

use crate::acts::Resident;
use crate::world::{World, refusal};

async fn page(
    resident: &Resident,
    size: i32,
    token: &str,
) -> Result<proto::ListAccessResponse, tonic::Status> {
    let request = proto::ListAccessRequest {
        page_size: size,
        page_token: token.into(),
    };
    Ok(resident.client.clone().list_access(request).await?.into_inner())
}

#[tokio::test]
async fn list_access_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    for _ in 0..5 {
        world.authorize(&granted.handle).await.unwrap();
    }
    let all = world.log(&granted.resident).await;
    let kinds: Vec<_> = all.iter().rev().map(proto::AccessEntry::kind).collect();
    let expected = [
        proto::AccessKind::CodeCreated,
        proto::AccessKind::Linked,
        proto::AccessKind::Proposed,
        proto::AccessKind::Granted,
    ];
    assert_eq!(kinds[..4], expected);
    assert_eq!(kinds.len(), 9);
    let authorized = &all[0];
    assert_eq!(authorized.role, "PROFESSIONAL");
    assert_eq!(authorized.scope.as_ref().unwrap().purposes, [1]);
    assert_eq!(authorized.grant_id, granted.grant.grant_id);

    // Page by page it is the same, whatever comes in meanwhile.
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let page = page(&granted.resident, 2, &token).await.unwrap();
        assert!(page.entries.len() <= 2);
        paged.extend(page.entries);
        world.authorize(&granted.handle).await.unwrap();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);
    assert!(world.log(&world.log_in("bert").await).await.is_empty());
}

#[tokio::test]
async fn list_access_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = proto::ListAccessRequest {
        page_size: 1,
        page_token: String::new(),
    };
    let partner = world.residents_service_as_partner().list_access(request).await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    // A page token is its caller's only.
    let token = page(&granted.resident, 1, "").await.unwrap().next_page_token;
    let bert = world.log_in("bert").await;
    assert_eq!(refusal(page(&bert, 1, &token).await), ErrorReason::BadPageToken);
}

#[tokio::test]
async fn list_access_answers_an_unknown_page() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    for token in ["x", "AAAA", &"A".repeat(4000)] {
        assert_eq!(
            refusal(page(&granted.resident, 1, token).await),
            ErrorReason::BadPageToken
        );
    }
    assert_eq!(
        refusal(page(&granted.resident, -1, "").await),
        ErrorReason::InvalidField
    );
}
