//! Somebody logs in for somebody else: what the provider says of it is not enough, and a mandate reaches what it names.

use sluis_client::types::{CodeSet, DataKind, LifeDomain};
use sluis_proto::consent::v1::{
    CreateProxyRequest, ListGrantsRequest, MandateAct, RedeemMandateCodeRequest, WithdrawGrantRequest,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use tonic::Status;

use super::provider::{Person, ThirdParty};
use super::{mesh_with, party, try_log_in};
use crate::fixture::{TestMesh, TestResident, request_id};

async fn session(mesh: &TestMesh, who: Person<'_>) -> TestResident {
    let login = try_log_in(party(mesh), who).await.expect("logged in");
    let side = mesh.mesh.gateway().resident();
    let token = side.log_in(&login).await.expect("a session").token;
    TestResident {
        session: side.session(&token).await.expect("a session"),
    }
}

fn reason<T>(answer: Result<T, Status>) -> Option<ErrorReason> {
    answer.err().and_then(|status| Refusal::reason_of(&status))
}

/// Whoever may see and decide, about everything, and stop nothing.
fn proxy() -> CreateProxyRequest {
    CreateProxyRequest {
        request_id: request_id(),
        label: "mijn zus".to_owned(),
        acts: vec![MandateAct::See.into(), MandateAct::Decide.into()],
        life_domains: CodeSet::<LifeDomain>::all()
            .iter()
            .map(|it| i32::from(it.number()))
            .collect(),
        data_kinds: CodeSet::<DataKind>::all()
            .iter()
            .map(|it| i32::from(it.number()))
            .collect(),
        valid_days: 30,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_representative_does_what_the_mandate_names_and_nothing_without_one() {
    let provider = ThirdParty::start();
    let mesh = mesh_with(&provider).await;
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let noor = session(&mesh, Person::named("Noor")).await;
    let handle = welfare.link(&noor).await;
    welfare.ask_both_ways(&handle, ggz.oin()).await;

    let sister = Person {
        represents: "Noor",
        ..Person::named("Saar")
    };
    let sister = session(&mesh, sister).await;
    assert!(sister.session.represents_somebody());
    let listed = sister.session.list_grants(ListGrantsRequest {}).await;
    assert_eq!(reason(listed), Some(ErrorReason::NotAvailable));

    let code = noor.session.create_proxy(proxy()).await.expect("a code").code;
    let redeeming = RedeemMandateCodeRequest {
        request_id: request_id(),
        code,
    };
    sister
        .session
        .redeem_mandate_code(redeeming)
        .await
        .expect("redeemed");
    let grants = sister.grant_all().await;
    assert_eq!(grants.len(), 2, "deciding is in the mandate");
    let withdrawing = WithdrawGrantRequest {
        request_id: request_id(),
        grant_id: grants[0].grant_id.clone(),
    };
    let withdrawn = sister.session.withdraw_grant(withdrawing).await;
    assert_eq!(reason(withdrawn), Some(ErrorReason::MandateRefused));
    noor.withdraw(&grants[0]).await;
}
