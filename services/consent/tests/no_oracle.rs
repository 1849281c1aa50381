//! "Not there", "not yours" and "no consent" are one answer (promise P6).

use std::sync::Arc;

use sluis_envelope::{GateKeyPair, GrantToken, KeyKind, Signed, SigningKey};
use sluis_proto::consent::v1 as proto;
use sluis_store_testing::{Seen, Watcher, assert_all_alike};
use sluis_types::{DataKind, GrantId, Handle};

use crate::acts::{Granted, Sent};
use crate::letters::{DAY, Organisation, scope};
use crate::world::World;

/// A service whose rows are counted.
pub(crate) async fn watched(watcher: &Watcher) -> World {
    let watcher = watcher.clone();
    World::start_changed(Box::new(move |parts| {
        parts.codec = watcher.counting(Arc::clone(&parts.codec));
    }))
    .await
}

/// Two residents: one who consented, one whom welfare knows and who did not; a grant that ended, one that is paused, one
/// that ran out of time.
struct Cast {
    world: World,
    consented: Granted,
    stranger_to_ggz: Handle,
    ended: Granted,
    paused: Granted,
    sent: [Sent; 3],
}

async fn cast(watcher: &Watcher) -> Cast {
    let world = watched(watcher).await;
    let (consented, ended, paused) = (
        world.granted("anna").await,
        world.granted("bert").await,
        world.granted("clara").await,
    );
    let unasked = world.log_in("dirk").await;
    let stranger_to_ggz = world.link(&unasked, &world.welfare).await;
    let sent = [
        world.send(&consented.handle).await,
        world.send(&ended.handle).await,
        world.send(&paused.handle).await,
    ];
    world.withdraw(&ended).await;
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: paused.grant.grant_id.clone(),
    };
    paused.resident.client.clone().suspend_grant(pause).await.unwrap();
    Cast {
        world,
        consented,
        stranger_to_ggz,
        ended,
        paused,
        sent,
    }
}

#[tokio::test]
async fn p6_every_no_of_authorize_is_the_same() {
    let (watcher, _guard) = Watcher::start();
    let cast = Box::pin(cast(&watcher)).await;
    let world = &cast.world;
    let plan = &[DataKind::Plan][..];
    let mut all = Vec::new();
    for (what, handle, kinds) in [
        ("absent", &Handle::from_bytes([7; 16]), plan),
        ("known, never asked", &cast.stranger_to_ggz, plan),
        ("withdrawn", &cast.ended.handle, plan),
        ("paused", &cast.paused.handle, plan),
        ("beyond the grant", &cast.consented.handle, &[DataKind::Medical]),
    ] {
        let request = world.asking_to_send(handle, kinds);
        let mut welfare = world.as_welfare();
        all.push((what, watcher.refused(welfare.authorize(request)).await));
    }
    // Somebody else's handle.
    let request = world.asking_to_send(&cast.consented.handle, plan);
    let mut stranger = world.as_stranger();
    all.push(("foreign", watcher.refused(stranger.authorize(request)).await));
    assert_all_alike(&all);
    assert_eq!(leaves(&all[0].1), 1, "one leaf each");
}

#[tokio::test]
async fn p6_every_no_of_the_gate_is_the_same() {
    let (watcher, _guard) = Watcher::start();
    let cast = Box::pin(cast(&watcher)).await;
    let world = &cast.world;
    // Sealed under a grant of another mesh with the same organisations: it never was here.
    let elsewhere = World::start_changed(Box::new(|_| ())).await;
    let granted_elsewhere = elsewhere.granted("erik").await;
    let absent = elsewhere.send(&granted_elsewhere.handle).await;
    assert_ne!(granted_elsewhere.id(), GrantId::from_bytes([0; 16]));
    // A grant that is there, and is between two others.
    let token = (*world.authorize(&cast.consented.handle).await.unwrap()).clone();
    let between_others = GrantToken {
        sender: world.stranger.oin,
        ..token.clone()
    };
    let foreign = forged(world, &world.stranger, between_others);
    // A live grant, and a share that its gate key does not open.
    let gate_key = GateKeyPair::generate(world.randomness.as_ref()).public().clone();
    let unopenable = forged(world, &world.welfare, GrantToken { gate_key, ..token });
    let mut all = Vec::new();
    for (what, sent) in [
        ("absent", &absent),
        ("foreign", &foreign),
        ("sealed to another gate", &unopenable),
        ("withdrawn", &cast.sent[1]),
        ("paused", &cast.sent[2]),
    ] {
        let (request, _) = world.opening(sent);
        let mut ggz = world.as_ggz();
        all.push((what, watcher.refused(ggz.open_gate(request)).await));
    }
    let (request, _) = {
        world.clock.advance(190 * DAY);
        world.opening(&cast.sent[0])
    };
    let mut ggz = world.as_ggz();
    all.push(("expired", watcher.refused(ggz.open_gate(request)).await));
    assert_all_alike(&all);
    assert_eq!(leaves(&all[0].1), 1, "one leaf each");
    assert_eq!(
        all[0].1.work.operations[..2],
        [1, 1],
        "a refusal opens and seals as a release does"
    );
}

/// A message that `sender` sealed under a token that consent never signed.
fn forged(world: &World, sender: &Organisation, token: GrantToken) -> Sent {
    let key = SigningKey::from_seed(KeyKind::GrantToken, &[1; 32]);
    let token = Signed::sign(token, &key)
        .verify(key.verifying_key(), world.now())
        .unwrap();
    let scope = scope(&[DataKind::Plan]);
    Sent {
        envelope: sender.seal(&world.ggz, &token, scope, world.randomness.as_ref()),
        at: world.now(),
    }
}

#[tokio::test]
async fn p6_a_release_costs_what_a_refusal_costs() {
    let (watcher, _guard) = Watcher::start();
    let cast = Box::pin(cast(&watcher)).await;
    let world = &cast.world;
    let (refused, _) = world.opening(&cast.sent[1]);
    let mut ggz = world.as_ggz();
    let refused = watcher.refused(ggz.open_gate(refused)).await;
    let (released, _) = world.opening(&cast.sent[0]);
    let (outcome, released) = watcher.work_of(ggz.open_gate(released)).await;
    outcome.unwrap();
    assert_eq!(released.operations[..2], refused.work.operations[..2]);
    assert_eq!(released.operations[3], refused.work.operations[3]);
}

#[tokio::test]
async fn p6_every_no_of_a_status_question_is_the_same() {
    let (watcher, _guard) = Watcher::start();
    let cast = Box::pin(cast(&watcher)).await;
    let world = &cast.world;
    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("known, never asked", &cast.stranger_to_ggz),
        ("withdrawn", &cast.ended.handle),
        ("paused", &cast.paused.handle),
    ] {
        let request = proto::GetConsentStatusRequest {
            handle: handle.expose(),
            discloser: world.welfare.oin.to_string(),
            recipient: world.ggz.oin.to_string(),
        };
        let mut welfare = world.as_welfare();
        all.push((what, watcher.refused(welfare.get_consent_status(request)).await));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_every_no_to_a_link_code_is_the_same() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let resident = world.log_in("anna").await;
    let expired = world.code(&resident, world.welfare.oin).await.code;
    world.clock.advance(std::time::Duration::from_mins(20));
    let used = world.code(&resident, world.welfare.oin).await.code;
    let redeem = world.redeeming(&used);
    world.as_welfare().redeem_link_code(redeem).await.unwrap();
    let for_another = world.code(&resident, world.ggz.oin).await.code;
    let mut all = Vec::new();
    for (what, code) in [
        ("absent", "00000-00000"),
        ("expired", expired.as_str()),
        ("used", used.as_str()),
        ("for another", for_another.as_str()),
    ] {
        let request = world.redeeming(code);
        let mut welfare = world.as_welfare();
        all.push((what, watcher.refused(welfare.redeem_link_code(request)).await));
    }
    assert_all_alike(&all);
    assert_eq!(leaves(&all[0].1), 1, "one leaf each");
}

#[tokio::test]
async fn p6_a_resident_cannot_tell_anothers_grant_from_none() {
    let (watcher, _guard) = Watcher::start();
    let world = watched(&watcher).await;
    let granted = world.granted("anna").await;
    let bert = world.log_in("bert").await;
    let mut all = Vec::new();
    for (what, grant_id) in [
        ("absent", "00000000-0000-4000-8000-000000000000"),
        ("foreign", granted.grant.grant_id.as_str()),
    ] {
        let grant = proto::Grant {
            grant_id: grant_id.into(),
            ..proto::Grant::default()
        };
        let request = world.withdrawing(&grant);
        let mut client = bert.client.clone();
        all.push((what, watcher.refused(client.withdraw_grant(request)).await));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_asking_a_resident_who_is_not_there_looks_like_asking_one_who_is() {
    let (watcher, _guard) = Watcher::start();
    let cast = Box::pin(cast(&watcher)).await;
    let world = &cast.world;
    // One who refused just now: not asked again, and the asker does not learn it.
    let refused = world.log_in("fien").await;
    let handle_of_refused = world.link(&refused, &world.welfare).await;
    let question = || world.question(vec![crate::acts::provision()]);
    let proposal = world.ask(&refused, &handle_of_refused, question()).await;
    let refuse = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id,
    };
    refused.client.clone().refuse_consent(refuse).await.unwrap();

    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("there", &cast.stranger_to_ggz),
        ("refused before", &handle_of_refused),
    ] {
        let request = world.proposing(handle, vec![question()]);
        // The call's own caller token is counted on all sides alike.
        let (reply, work) = watcher.work_of(world.as_welfare().propose_consent(request)).await;
        all.push((what, (reply.unwrap().into_inner(), work)));
    }
    assert_all_alike(&all);
}

fn leaves(seen: &Seen) -> usize {
    seen.work
        .statements
        .iter()
        .filter(|sql| sql.contains("INSERT INTO log_event"))
        .count()
}
