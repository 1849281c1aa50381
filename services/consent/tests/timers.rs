//! What happens without being asked.

use std::time::Duration;

use sluis_consent::Expired;
use sluis_proto::consent::v1::{self as proto, GrantState};
use sluis_proto::options::v1::ErrorReason;

use crate::acts::provision;
use crate::letters::DAY;
use crate::world::{World, every_file, refusal};

#[tokio::test]
async fn p2_expiry_destroys_the_keys_of_its_day_and_of_no_other() {
    let world = World::start().await;
    let mut ending = Vec::new();
    for number in 0..4 {
        let granted = world.granted(&format!("ending {number}")).await;
        ending.push((world.send(&granted.handle).await, granted));
    }
    world.clock.advance(2 * DAY);
    let staying = world.granted("staying").await;
    let sent = world.send(&staying.handle).await;
    let keys_before = every_file(&world.bucket_dir());

    // Just before the end of their day nothing happens; at it, all of them end at once.
    let end = ending[0].1.grant.valid_until.unwrap().seconds;
    let before_end = Duration::from_secs(u64::try_from(end - world.now().seconds()).unwrap() - 1);
    world.clock.advance(before_end);
    assert_eq!(world.consent.expire().await.unwrap().grants, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.consent.expire().await.unwrap().grants, 4);
    assert_eq!(world.consent.expire().await.unwrap(), Expired::default());
    for (path, bytes) in keys_before
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|it| it == "key"))
    {
        assert!(!path.exists(), "the old key is gone");
        let now = every_file(&world.bucket_dir());
        assert!(
            now.iter().all(|(_, other)| other != bytes),
            "under another name too"
        );
    }
    for (number, (sent, _)) in ending.iter().enumerate() {
        assert_eq!(refusal(world.open(sent).await), ErrorReason::NotAvailable);
        let resident = world.log_in(&format!("ending {number}")).await;
        assert_eq!(world.grants(&resident).await[0].state(), GrantState::Expired);
        let kinds: Vec<_> = world
            .log(&resident)
            .await
            .iter()
            .map(proto::AccessEntry::kind)
            .collect();
        assert!(kinds.contains(&proto::AccessKind::Expired));
    }
    world.open(&sent).await.unwrap();
}

#[tokio::test]
async fn a_paused_grant_expires_too_and_a_withdrawn_one_stays_withdrawn() {
    let world = World::start().await;
    let (paused, withdrawn) = (world.granted("anna").await, world.granted("bert").await);
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: paused.grant.grant_id.clone(),
    };
    paused.resident.client.clone().suspend_grant(pause).await.unwrap();
    world.withdraw(&withdrawn).await;
    world.clock.advance(200 * DAY);
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    assert_eq!(world.grants(&anna).await[0].state(), GrantState::Expired);
    assert_eq!(world.grants(&bert).await[0].state(), GrantState::Withdrawn);
}

#[tokio::test]
async fn what_lapsed_is_taken_away() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let unused = world.code(&resident, world.ggz.oin).await;
    world
        .ask(&resident, &handle, world.question(vec![provision()]))
        .await;
    let nobody = sluis_types::Handle::from_bytes([7; 16]);
    let question = vec![world.question(vec![provision()])];
    world
        .as_welfare()
        .propose_consent(world.proposing(&nobody, question))
        .await
        .unwrap();
    let wrong = world
        .as_welfare()
        .redeem_link_code(world.redeeming("00000-00000"))
        .await;
    assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    world.clock.advance(Duration::from_hours(2));
    // Two codes (two forms and their lookup each), the session, the counters of the right and of the wrong try.
    assert_eq!(
        world.consent.expire().await.unwrap(),
        Expired {
            grants: 0,
            others: 11
        }
    );
    let late = world
        .as_ggz()
        .redeem_link_code(world.redeeming(&unused.code))
        .await;
    assert_eq!(refusal(late), ErrorReason::CodeRefused);
    world.clock.advance(15 * DAY);
    // The wrong try of just now, and both questions, the shown one and the one for nobody.
    assert_eq!(
        world.consent.expire().await.unwrap(),
        Expired { grants: 0, others: 4 }
    );
    assert_eq!(world.consent.expire().await.unwrap(), Expired::default());
    let resident = world.log_in("anna").await;
    let next = world
        .ask(&resident, &handle, world.question(vec![provision()]))
        .await;
    world.grant(&resident, &next).await;
}
