//! Somebody logs in for somebody else: what the provider says of it is not enough.

use sluis_proto::consent::v1::ListGrantsRequest;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;

use super::provider::{Person, ThirdParty};
use super::{mesh_with, party, try_log_in};
use crate::fixture::{TestMesh, TestResident};

async fn session(mesh: &TestMesh, who: Person<'_>) -> TestResident {
    let login = try_log_in(party(mesh), who).await.expect("logged in");
    let side = mesh.mesh.gateway().resident();
    let token = side.log_in(&login).await.expect("a session").token;
    TestResident {
        session: side.session(&token).await.expect("a session"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_representative_without_a_mandate_reaches_nothing_of_the_resident() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let noor = session(&mesh, Person::named("Noor")).await;
    let handle = welfare.link(&noor).await;
    welfare.ask_both_ways(&handle, ggz.oin()).await;
    assert_eq!(noor.grant_all().await.len(), 2);

    let sister = Person {
        represents: "Noor",
        ..Person::named("Saar")
    };
    let sister = session(&mesh, sister).await;
    assert!(sister.session.represents_somebody());
    let listed = sister.session.list_grants(ListGrantsRequest {}).await;
    let status = listed.expect_err("there is no mandate");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::NotAvailable));
}
