//! The same on both databases.

use sluis_envelope::{KeyStatement, Signed};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::{
    GetOrganisationRequest, ListOrganisationsRequest, PublishKeyRequest, RenewCertificateRequest,
    RevokeCertificateRequest,
};
use sluis_registry::{MIGRATIONS, schema, statements};
use sluis_store_testing::{
    TestDatabases, assert_migrations_agree, assert_schemas_agree, assert_statements_prepare,
};

use crate::newcomer::{Newcomer, csr};
use crate::world::{NOW, World, oin, refusal};

#[tokio::test]
async fn migrations_and_statements_fit_both_databases() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &MIGRATIONS);
    assert_schemas_agree(&schema()).await;
    assert_statements_prepare(&schema(), statements()).await;
}

#[tokio::test]
async fn a_whole_life_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config(), tempfile::tempdir().unwrap()).await;
        let member = Newcomer::new(1);
        let lost = world.invite(oin(1)).await;
        let enrolled = world.enrol(&member).await;
        let late = member.enrol_request(&world.request_id(), &lost, NOW);
        assert_eq!(
            refusal(world.newcomer().enrol(late).await),
            ErrorReason::InvitationRefused
        );

        let next = Signed::sign(
            member.verified(NOW).next(member.entries(NOW), NOW),
            &member.identity,
        );
        let publish = PublishKeyRequest {
            request_id: world.request_id(),
            key_statement: next.encode().into(),
        };
        world.admin(oin(1)).publish_key(publish).await.unwrap();
        let renew = RenewCertificateRequest {
            request_id: world.request_id(),
            certificate_request: csr(&member.tls).into(),
        };
        world.admin(oin(1)).renew_certificate(renew).await.unwrap();
        let first = enrolled.organisation.unwrap().certificates.remove(0);
        let revoke = RevokeCertificateRequest {
            request_id: world.request_id(),
            oin: oin(1).to_string(),
            fingerprint: first.fingerprint.clone(),
        };
        world.admin(oin(1)).revoke_certificate(revoke).await.unwrap();

        let get = GetOrganisationRequest {
            oin: oin(1).to_string(),
        };
        let organisation = world
            .consent()
            .get_organisation(get)
            .await
            .unwrap()
            .into_inner()
            .organisation
            .unwrap();
        assert_eq!(organisation.version, 4, "{}", database.name());
        assert_eq!(organisation.key_statements.len(), 2);
        let revoked: Vec<_> = organisation
            .certificates
            .iter()
            .filter(|it| it.revoked_at.is_some())
            .collect();
        assert_eq!((organisation.certificates.len(), revoked.len()), (2, 1));
        assert_eq!(revoked[0].fingerprint, first.fingerprint);
        let list = ListOrganisationsRequest::default();
        let listed = world
            .consent()
            .list_organisations(list)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(listed.organisations.len(), 1);
        world.end().await;
    }
}

#[tokio::test]
async fn of_many_at_once_one_enrols_and_one_publishes() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config(), tempfile::tempdir().unwrap()).await;
        let member = Newcomer::new(1);
        let code = world.invite(oin(1)).await;
        let mut attempts = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let request = member.enrol_request(&world.request_id(), &code, NOW);
            let mut client = world.newcomer();
            attempts.spawn(async move { client.enrol(request).await.map(|_| ()) });
        }
        assert_eq!(
            outcomes(attempts, ErrorReason::InvitationRefused).await,
            (1, 7),
            "{}",
            database.name()
        );

        let mut attempts = tokio::task::JoinSet::new();
        for number in 0..8 {
            // Eight different successors of one statement: no two of them may stand.
            let issued_at = NOW.plus(std::time::Duration::from_secs(number));
            let next = KeyStatement {
                issued_at,
                ..member.verified(NOW).next(member.entries(NOW), NOW)
            };
            let key_statement = Signed::sign(next, &member.identity).encode().into();
            let request = PublishKeyRequest {
                request_id: world.request_id(),
                key_statement,
            };
            let mut client = world.admin(oin(1));
            attempts.spawn(async move { client.publish_key(request).await.map(|_| ()) });
        }
        assert_eq!(
            outcomes(attempts, ErrorReason::KeyRefused).await,
            (1, 7),
            "{}",
            database.name()
        );
        world.end().await;
    }
}

/// How many were done, and how many refused for this reason; any other refusal fails the test.
async fn outcomes(
    mut attempts: tokio::task::JoinSet<Result<(), tonic::Status>>,
    expected: ErrorReason,
) -> (usize, usize) {
    let (mut done, mut refused) = (0, 0);
    while let Some(outcome) = attempts.join_next().await {
        match outcome.unwrap() {
            Ok(()) => done += 1,
            refusal_status => {
                assert_eq!(refusal(refusal_status), expected);
                refused += 1;
            }
        }
    }
    (done, refused)
}
