//! ListCircleBundles, AcknowledgeCircleBundle, and what the gate and the watch do with circles.

use bytes::Bytes;
use sluis_envelope::{CircleBundle, GatePublicKey};
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{self as proto, GrantChange};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::MeshRole;
use sluis_types::DataKind;

use crate::changing::NO_GRANT;
use crate::circle_acts::{CLASS, HOME, LONGEST, contact_scope, terms};
use crate::letters::{assert_reads, scope};
use crate::world::{World, contains, every_file, refusal};

fn acknowledging(world: &World, bundle: &CircleBundle) -> proto::AcknowledgeCircleBundleRequest {
    proto::AcknowledgeCircleBundleRequest {
        request_id: world.request_id(),
        grant_id: bundle.circle().grant_id.to_string(),
        grant_version: bundle.circle().grant_version,
    }
}

#[tokio::test]
async fn list_circle_bundles_works() {
    let world = World::start().await;
    for number in 0..9 {
        world.encircled(&format!("resident {number}")).await;
    }
    let mut ggz = world.member(world.ggz.oin);
    let request = proto::ListCircleBundlesRequest {};
    let page = ggz.list_circle_bundles(request).await.unwrap().into_inner();
    assert_eq!((page.sealed_bundles.len(), page.more), (8, true));
    let lengths: Vec<usize> = page.sealed_bundles.iter().map(Bytes::len).collect();
    assert!(
        lengths.iter().all(|length| *length == lengths[0]),
        "no length says anything"
    );
    let first = world.bundles(&world.ggz).await.remove(0);
    ggz.acknowledge_circle_bundle(acknowledging(&world, &first))
        .await
        .unwrap();
    let page = ggz.list_circle_bundles(request).await.unwrap().into_inner();
    assert_eq!((page.sealed_bundles.len(), page.more), (8, false));
    assert_eq!(world.bundles(&world.welfare).await.len(), 8, "others have theirs");
}

#[tokio::test]
async fn list_circle_bundles_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let two = terms(&[world.welfare.oin, world.stranger.oin], &[HOME]);
    let proposal = world
        .ask_circle(&resident, world.proposing_circle(&handle, two))
        .await;
    let request = world.granting_circle(&proposal);
    world.circles_of(&resident).grant_circle(request).await.unwrap();
    assert!(
        world.bundles(&world.ggz).await.is_empty(),
        "who is no member sees nothing"
    );
    assert_eq!(world.bundles(&world.stranger).await.len(), 1);
}

#[tokio::test]
async fn acknowledge_circle_bundle_works() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let bundle = world.bundles(&world.ggz).await.remove(0);
    let mut ggz = world.member(world.ggz.oin);
    ggz.acknowledge_circle_bundle(acknowledging(&world, &bundle))
        .await
        .unwrap();
    assert!(world.bundles(&world.ggz).await.is_empty());
    assert_eq!(world.bundles(&world.welfare).await.len(), 1);
    let newest = world.log(&encircled.resident).await.remove(0);
    assert_eq!(newest.kind(), proto::AccessKind::BundleFetched);
    assert_eq!(newest.organisation, world.ggz.oin.to_string());
}

#[tokio::test]
async fn acknowledge_circle_bundle_repeats_with_the_same_request_id() {
    let world = World::start().await;
    world.encircled("anna").await;
    let bundle = world.bundles(&world.ggz).await.remove(0);
    let mut ggz = world.member(world.ggz.oin);
    let request = acknowledging(&world, &bundle);
    ggz.acknowledge_circle_bundle(request.clone()).await.unwrap();
    ggz.acknowledge_circle_bundle(request.clone()).await.unwrap();
    let other = proto::AcknowledgeCircleBundleRequest {
        grant_version: 9,
        ..request
    };
    assert_eq!(
        refusal(ggz.acknowledge_circle_bundle(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn acknowledge_circle_bundle_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.encircled("anna").await;
    let bundle = world.bundles(&world.ggz).await.remove(0);
    // Welfare has a bundle of the same circle: its own goes, and no other.
    let mut welfare = world.member(world.welfare.oin);
    welfare
        .acknowledge_circle_bundle(acknowledging(&world, &bundle))
        .await
        .unwrap();
    assert!(world.bundles(&world.welfare).await.is_empty());
    assert_eq!(world.bundles(&world.ggz).await.len(), 1);
}

#[tokio::test]
async fn acknowledge_circle_bundle_answers_an_unknown_id_like_a_known_one() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let bundle = world.bundles(&world.ggz).await.remove(0);
    let unknown = proto::AcknowledgeCircleBundleRequest {
        grant_id: NO_GRANT.into(),
        ..acknowledging(&world, &bundle)
    };
    let entries = world.log(&encircled.resident).await.len();
    let mut ggz = world.member(world.ggz.oin);
    let unknown = ggz.acknowledge_circle_bundle(unknown).await.unwrap().into_inner();
    assert_eq!(
        world.log(&encircled.resident).await.len(),
        entries,
        "it is nobody's"
    );
    let known = ggz
        .acknowledge_circle_bundle(acknowledging(&world, &bundle))
        .await;
    assert_eq!(unknown, known.unwrap().into_inner());
}

#[tokio::test]
async fn bundles_of_a_circle_that_ended_are_gone() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    world.withdraw_circle(&encircled).await;
    assert!(world.bundles(&world.ggz).await.is_empty());
    world.encircled("bert").await;
    assert_eq!(world.bundles(&world.ggz).await.len(), 1);
    world.clock.advance(LONGEST);
    assert!(
        world.bundles(&world.ggz).await.is_empty(),
        "whether a timer came by or not"
    );
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    assert!(world.bundles(&world.ggz).await.is_empty());
}

#[tokio::test]
async fn a_contact_box_opens_for_the_member_that_it_is_for() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let bundle = world.bundles(&world.welfare).await.remove(0);
    let sealed = world.contact_box(&world.welfare, &bundle, &world.ggz, contact_scope());
    let opened = world.open_box(&sealed, &world.ggz).await.unwrap();
    assert_reads(&opened, &sealed);
    let newest = world.log(&encircled.resident).await.remove(0);
    assert_eq!((newest.kind(), newest.allowed), (proto::AccessKind::Opened, true));
    assert_eq!(newest.organisation, world.ggz.oin.to_string());
    // And for whom it is not, or with more inside than a contact, it does not.
    let wide = world.contact_box(&world.welfare, &bundle, &world.ggz, scope(&[DataKind::Medical]));
    assert_eq!(
        refusal(world.open_box(&wide, &world.ggz).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn who_was_left_out_neither_opens_nor_is_opened() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let (of_ggz, of_welfare) = (
        world.bundles(&world.ggz).await.remove(0),
        world.bundles(&world.welfare).await.remove(0),
    );
    let from = world.contact_box(&world.ggz, &of_ggz, &world.stranger, contact_scope());
    let to = world.contact_box(&world.welfare, &of_welfare, &world.ggz, contact_scope());
    let between = world.contact_box(&world.welfare, &of_welfare, &world.stranger, contact_scope());
    let kept = terms(&[world.welfare.oin, world.stranger.oin], &[HOME]);
    let request = world.leaving_out(&encircled.circle, kept);
    world
        .circles_of(&encircled.resident)
        .narrow_circle(request)
        .await
        .unwrap();
    for (sealed, by) in [
        (&from, &world.stranger),
        (&to, &world.ggz),
        (&between, &world.stranger),
    ] {
        assert_eq!(
            refusal(world.open_box(sealed, by).await),
            ErrorReason::NotAvailable,
            "boxes of the version before are dead"
        );
    }
    let bundle = world.bundles(&world.welfare).await.remove(0);
    let sealed = world.contact_box(&world.welfare, &bundle, &world.stranger, contact_scope());
    world.open_box(&sealed, &world.stranger).await.unwrap();
}

#[tokio::test]
async fn p2_after_a_withdrawal_no_contact_box_opens_and_no_file_holds_the_key() {
    let world = World::start().await;
    let (encircled, other) = (world.encircled("anna").await, world.encircled("bert").await);
    let bundles = world.bundles(&world.welfare).await;
    let sealed: Vec<_> = bundles
        .iter()
        .map(|bundle| world.contact_box(&world.welfare, bundle, &world.ggz, contact_scope()))
        .collect();
    let keys = || {
        let mut keys = every_file(&world.bucket_dir());
        keys.retain(|(path, _)| !path.ends_with("mark"));
        keys
    };
    let before = keys();
    world.withdraw_circle(&encircled).await;
    let after = keys();
    for (path, bytes) in &before {
        let still = after.iter().any(|(_, later)| later == bytes && bytes.len() >= 32);
        assert!(
            !still,
            "the key that wrapped the circle's is gone: {}",
            path.display()
        );
    }
    assert_eq!(
        refusal(world.open_box(&sealed[0], &world.ggz).await),
        ErrorReason::NotAvailable
    );
    world.open_box(&sealed[1], &world.ggz).await.unwrap();
    assert_eq!(world.circles(&other.resident).await.len(), 1);
}

/// The next event.
async fn next(stream: &mut tonic::Streaming<proto::WatchGrantsResponse>) -> proto::GrantEvent {
    loop {
        match stream.message().await.unwrap().unwrap().event.unwrap() {
            Event::Grant(event) => return event,
            Event::Heartbeat(_) => {}
        }
    }
}

#[tokio::test]
async fn signalling_hears_of_circles_by_gate_key_and_referral_of_no_circle() {
    let world = World::start().await;
    let encircled = world.encircled("anna").await;
    let id = encircled.grant().grant_id.clone();
    let key = |bundle: &CircleBundle| -> GatePublicKey { bundle.circle().gate_key.clone() };
    let first = key(&world.bundles(&world.welfare).await[0]);
    let mut resident = encircled.resident.client.clone();
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
    };
    resident.suspend_grant(pause).await.unwrap();
    let resume = proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: id,
    };
    resident.resume_grant(resume).await.unwrap();
    let kept = terms(&world.all_three(), &[CLASS]);
    let request = world.leaving_out(&encircled.circle, kept);
    world
        .circles_of(&encircled.resident)
        .narrow_circle(request)
        .await
        .unwrap();
    let second = key(&world.bundles(&world.welfare).await[0]);
    world.withdraw_circle(&encircled).await;
    let pair = world.granted("bert").await;
    world.withdraw(&pair).await;

    let request = proto::WatchGrantsRequest::default;
    let mut signalling = world.events(MeshRole::Signalling);
    let mut stream = signalling.watch_grants(request()).await.unwrap().into_inner();
    for (key, change, next_key) in [
        (&first, GrantChange::Paused, None),
        (&first, GrantChange::Resumed, None),
        (&first, GrantChange::Superseded, Some(&second)),
        (&second, GrantChange::Ended, None),
    ] {
        let event = next(&mut stream).await;
        assert_eq!(
            (event.grant_id.len(), event.version),
            (0, 0),
            "of a circle it hears no grant id"
        );
        assert_eq!(
            (event.gate_key_id.as_ref(), event.change()),
            (key.id().as_bytes().as_slice(), change)
        );
        let next = next_key.map_or(Vec::new(), |key| key.id().as_bytes().to_vec());
        assert_eq!(event.next_gate_key_id.as_ref(), next, "what goes on ends with it");
    }
    // An item of a meeting rests on an ordinary grant.
    let event = next(&mut stream).await;
    assert_eq!(event.grant_id.as_ref(), pair.id().as_bytes());
    assert!(event.gate_key_id.is_empty());
    let mut referral = world.events(MeshRole::Referral);
    let mut stream = referral.watch_grants(request()).await.unwrap().into_inner();
    let event = next(&mut stream).await;
    assert!(event.gate_key_id.is_empty(), "referral hears of no circle");
    assert_eq!(event.grant_id.as_ref(), pair.id().as_bytes());
}

/// Every circle that may be granted among the three, for a while each: what its members may post is what their kinds
/// may send, as themselves, from this epoch on.
#[tokio::test]
async fn no_bundle_holds_a_post_that_its_member_may_not_make() {
    use sluis_types::{Epoch, MatchClass};
    let world = World::start().await;
    let members = [&world.welfare, &world.ggz, &world.stranger];
    let mut posts = 0;
    for (number, class) in MatchClass::ALL.iter().enumerate() {
        for other in &MatchClass::ALL[number..] {
            let subject = format!("resident {number} {}", other.number());
            let resident = world.log_in(&subject).await;
            let handle = world.link(&resident, &world.welfare).await;
            let mut classes = vec![*class, *other];
            classes.dedup();
            let asked = proto::CircleTerms {
                match_classes: classes.iter().map(|class| i32::from(class.number())).collect(),
                ..terms(&world.all_three(), &[])
            };
            let request = proto::ProposeCircleRequest {
                valid_days: 3 + 40 * u32::try_from(number).unwrap(),
                ..world.proposing_circle(&handle, asked)
            };
            let may_all_meet = classes.iter().all(|class| {
                members
                    .iter()
                    .filter(|member| class.may_post(member.entry.kind))
                    .count()
                    >= 2
            }) && members
                .iter()
                .all(|member| classes.iter().any(|class| class.may_post(member.entry.kind)));
            let proposed = world.member(world.welfare.oin).propose_circle(request).await;
            assert_eq!(proposed.is_ok(), may_all_meet, "{classes:?}");
            if !may_all_meet {
                continue;
            }
            let proposal = world.waiting_circles(&resident).await.remove(0);
            let request = world.granting_circle(&proposal);
            world.circles_of(&resident).grant_circle(request).await.unwrap();
            for member in members {
                for bundle in world.bundles(member).await {
                    for class in bundle.classes() {
                        assert!(class.may_post(member.entry.kind) && classes.contains(&class));
                        for epoch in bundle.epochs() {
                            let post = bundle.post(class, epoch).unwrap();
                            assert_eq!(post.unverified().organisation, member.oin);
                            assert!(epoch >= Epoch::of(world.now()));
                            posts += 1;
                        }
                    }
                    let request = acknowledging(&world, &bundle);
                    world
                        .member(member.oin)
                        .acknowledge_circle_bundle(request)
                        .await
                        .unwrap();
                }
            }
        }
    }
    assert!(posts > 100, "there was something to look at");
}

/// Remembers every draw of 32 bytes.
#[derive(Debug)]
struct Remembering {
    inner: std::sync::Arc<dyn sluis_types::Randomness>,
    drawn: std::sync::Arc<std::sync::Mutex<Vec<[u8; 32]>>>,
}

impl sluis_types::Randomness for Remembering {
    fn fill(&self, destination: &mut [u8]) {
        self.inner.fill(destination);
        if let Ok(drawn) = <[u8; 32]>::try_from(&*destination) {
            self.drawn.lock().unwrap().push(drawn);
        }
    }
}

/// Gives the same bytes at every draw.
#[derive(Debug)]
struct Again([u8; 32]);

impl sluis_types::Randomness for Again {
    fn fill(&self, destination: &mut [u8]) {
        destination.copy_from_slice(&self.0);
    }
}

#[tokio::test]
async fn p3_no_secret_of_a_circle_can_be_found_in_any_file() {
    use sluis_envelope::CircleSecret;
    use sluis_types::{Epoch, MatchClass};
    let drawn = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let remembered = drawn.clone();
    let world = World::start_changed(Box::new(move |parts| {
        let inner = parts.randomness.clone();
        parts.randomness = std::sync::Arc::new(Remembering {
            inner,
            drawn: remembered,
        });
    }))
    .await;
    let encircled = world.encircled("anna").await;
    let bundle = world.bundles(&world.welfare).await.remove(0);
    let (class, epoch) = (MatchClass::NeglectAndSilence, Epoch::of(world.now()));
    let tag = bundle.post(class, epoch).unwrap().unverified().tag.clone();
    let draws = drawn.lock().unwrap().clone();
    let secrets: Vec<[u8; 32]> = draws
        .into_iter()
        .filter(|draw| CircleSecret::fresh(&Again(*draw)).tag(epoch, class) == tag)
        .collect();
    let [secret] = secrets.as_slice() else {
        panic!("one draw is the secret")
    };
    let look = || {
        for (path, bytes) in every_file(world.home.path()) {
            for (what, needle) in [("the secret", secret), ("a tag", tag.expose())] {
                assert!(!contains(&bytes, needle), "{what} stands in {}", path.display());
            }
        }
    };
    look();
    let request = acknowledging(&world, &bundle);
    world
        .member(world.welfare.oin)
        .acknowledge_circle_bundle(request)
        .await
        .unwrap();
    world.withdraw_circle(&encircled).await;
    look();
}
