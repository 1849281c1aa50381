//! The schema, every statement and the whole way, on both databases; and what consent asks of PostgreSQL.

use sluis_consent::{Config, Consent, MIGRATIONS, STATEMENTS, StartError, schema};
use sluis_proto::consent::v1::{self as proto, GrantState};
use sluis_proto::options::v1::ErrorReason;
use sluis_store::StoreConfig;
use sluis_store_testing::{
    ClusterOptions, TestDatabases, assert_migrations_agree, assert_schemas_agree, assert_statements_prepare,
};

use crate::acts::provision;
use crate::letters::DAY;
use crate::world::{World, refusal};

#[tokio::test]
async fn the_schema_and_every_statement_fit_both_databases() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &MIGRATIONS);
    assert_schemas_agree(&schema()).await;
    assert_statements_prepare(&schema(), STATEMENTS).await;
}

#[tokio::test]
async fn the_whole_way_is_the_same_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        let (anna, bert) = (world.granted("anna").await, world.granted("bert").await);
        let (of_anna, of_bert) = (world.send(&anna.handle).await, world.send(&bert.handle).await);
        world
            .open(&of_anna)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let pause = proto::SuspendGrantRequest {
            request_id: world.request_id(),
            grant_id: anna.grant.grant_id.clone(),
        };
        anna.resident.client.clone().suspend_grant(pause).await.unwrap();
        assert_eq!(
            refusal(world.open(&of_anna).await),
            ErrorReason::NotAvailable,
            "{name}"
        );
        assert_eq!(
            world.withdraw(&anna).await.state(),
            GrantState::Withdrawn,
            "{name}"
        );
        world
            .open(&of_bert)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let wrong = world
            .as_welfare()
            .redeem_link_code(world.redeeming("00000-00000"))
            .await;
        assert_eq!(refusal(wrong), ErrorReason::CodeRefused, "{name}");
        let proposal = world
            .ask(&anna.resident, &anna.handle, world.question(vec![provision()]))
            .await;
        let defer = proto::DeferConsentRequest {
            request_id: world.request_id(),
            proposal_id: proposal.proposal_id.clone(),
        };
        anna.resident.client.clone().defer_consent(defer).await.unwrap();
        let second = world.grant(&anna.resident, &proposal).await;
        assert_eq!(
            (second.version, world.grants(&anna.resident).await.len()),
            (1, 2),
            "{name}"
        );
        assert_eq!(world.log(&anna.resident).await.len(), 12, "{name}");
        world.clock.advance(200 * DAY);
        assert_eq!(world.consent.expire().await.unwrap().grants, 2, "{name}");
        assert_eq!(
            refusal(world.open(&of_bert).await),
            ErrorReason::NotAvailable,
            "{name}"
        );
        // Started again, everything is where it was.
        let world = world.end().await.start().await;
        let anna = world.again("anna", anna).await;
        assert_eq!(world.grants(&anna.resident).await.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn what_happens_at_the_same_time_happens_once_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        // Ten first logins of one person make one resident.
        let logins = (0..10).map(|_| world.log_in("anna"));
        let residents = futures_util::future::join_all(logins).await;
        let handle = world.link(&residents[0], &world.welfare).await;
        for resident in &residents {
            let links = resident
                .client
                .clone()
                .list_links(proto::ListLinksRequest {})
                .await
                .unwrap();
            assert_eq!(links.into_inner().links.len(), 1, "{name}");
        }
        // A code that is used ten times at once is used once.
        let code = world.code(&residents[0], world.ggz.oin).await.code;
        let tries = (0..3).map(|_| {
            let (mut ggz, request) = (world.as_ggz(), world.redeeming(&code));
            async move { ggz.redeem_link_code(request).await.is_ok() }
        });
        let used = futures_util::future::join_all(tries)
            .await
            .into_iter()
            .filter(|used| *used)
            .count();
        assert_eq!(used, 1, "{name}");
        // Ten proposals that are granted at once make one grant, of ten versions.
        for _ in 0..10 {
            world
                .ask(&residents[0], &handle, world.question(vec![provision()]))
                .await;
        }
        let proposals = world.waiting(&residents[0]).await;
        let grants = proposals
            .iter()
            .map(|proposal| world.grant(&residents[0], proposal));
        let mut versions: Vec<u32> = futures_util::future::join_all(grants)
            .await
            .iter()
            .map(|grant| grant.version)
            .collect();
        versions.sort_unstable();
        assert_eq!(versions, (1..=10).collect::<Vec<_>>(), "{name}");
        assert_eq!(world.grants(&residents[0]).await.len(), 1, "{name}");
        let sent = world.send(&handle).await;
        world
            .open(&sent)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        // Openings and the withdrawal at once: whoever asks after its answer is refused.
        let granted = crate::acts::Granted {
            resident: world.log_in("anna").await,
            handle,
            grant: world.grants(&residents[0]).await.remove(0),
        };
        let openings = futures_util::future::join_all((0..10).map(|_| world.open(&sent)));
        let (_, _) = tokio::join!(openings, world.withdraw(&granted));
        assert_eq!(
            refusal(world.open(&sent).await),
            ErrorReason::NotAvailable,
            "{name}"
        );
    }
}

#[tokio::test]
async fn wrong_codes_at_the_same_time_are_all_counted_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let name = database.name();
        let world = World::start_on(database.config()).await;
        let tries = (0..10).map(|_| {
            let (mut welfare, request) = (world.as_welfare(), world.redeeming("00000-00000"));
            async move { refusal(welfare.redeem_link_code(request).await) }
        });
        let answers = futures_util::future::join_all(tries).await;
        let wrong = answers
            .iter()
            .filter(|it| **it == ErrorReason::CodeRefused)
            .count();
        let closed = answers
            .iter()
            .filter(|it| **it == ErrorReason::RateLimited)
            .count();
        assert_eq!((wrong, closed), (5, 5), "{name}");
    }
}

/// Starts a consent with key files of its own on this database.
async fn start_on(store: &StoreConfig, config: Config) -> Result<(), StartError> {
    sluis_store::migrate(store, &schema()).await.unwrap();
    let world = Box::pin(World::start()).await;
    let started = Box::pin(Consent::start(config, world.spare_parts(store))).await;
    started.map(drop)
}

#[tokio::test]
async fn consent_refuses_a_postgres_that_may_lose_what_it_acknowledged() {
    let single = Config { single_node: true };
    let databases = TestDatabases::start().await;
    let database = databases.postgres();
    let refused = start_on(database.config(), Config::default()).await;
    assert!(matches!(refused, Err(StartError::NoStandby)), "{refused:?}");
    assert!(start_on(database.config(), single).await.is_ok());

    let hasty = StoreConfig::parse(&with_setting(database.url(), "synchronous_commit=off")).unwrap();
    let refused = start_on(&hasty, single).await;
    assert!(
        matches!(
            refused,
            Err(StartError::NotDurable {
                setting: "synchronous_commit"
            })
        ),
        "{refused:?}"
    );
    let forgetful = TestDatabases::start_with(ClusterOptions { fsync: false });
    let refused = start_on(forgetful.postgres().config(), single).await;
    assert!(
        matches!(refused, Err(StartError::NotDurable { setting: "fsync" })),
        "{refused:?}"
    );
}

/// An address whose connections have a setting of their own.
fn with_setting(url: &str, setting: &str) -> String {
    let (name, value) = setting.split_once('=').unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options[{name}]={value}")
}

#[tokio::test]
async fn a_second_replica_with_bucket_keys_of_its_own_does_not_start() {
    let databases = TestDatabases::start().await;
    let database = databases.postgres();
    let world = World::start_on(database.config()).await;
    let anna = world.granted("anna").await;
    let refused = start_on(database.config(), Config { single_node: true }).await;
    assert!(matches!(refused, Err(StartError::AnotherReplica)), "{refused:?}");
    // Nor when the first one has been silent for long: the keys are with it.
    let late = World::start().await;
    late.clock.advance(DAY);
    let spare = late.spare_parts(database.config());
    let refused = Box::pin(Consent::start(Config { single_node: true }, spare))
        .await
        .map(drop);
    assert!(matches!(refused, Err(StartError::OtherBucketKeys)), "{refused:?}");
    // The first one goes on, and starts again at once with its own key files.
    let sent = world.send(&anna.handle).await;
    let world = world.end().await.start().await;
    world.open(&sent).await.unwrap();
}
