//! Any sequence of calls, against a model that is written apart: who may learn what of whom.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sluis_envelope::{KeyKind, SigningKey};
use sluis_proto::signalling::v1::{PostSignalRequest, Severity, Signal, WithdrawSignalRequest};
use sluis_types::{Epoch, MatchClass};

use crate::circles::{Circle, DAY};
use crate::world::World;

/// The class that the world's posts are in.
const CLASS: MatchClass = MatchClass::OutOfSight;

/// One step of one of three members.
#[derive(Clone, Debug)]
enum Step {
    /// Registers a signal, weak or strong.
    Raise(usize, bool),
    /// Posts its newest signal.
    Post(usize),
    /// Takes its newest signal back.
    Withdraw(usize),
    /// Posts with what is none of its own.
    Forge(usize, Forgery),
    /// Days pass.
    Wait(u32),
}

/// A post that a member may not make.
#[derive(Clone, Copy, Debug)]
enum Forgery {
    /// The post of the member so many places on.
    AsAnother(usize),
    /// Its own of last week.
    LastWeek,
    /// For a class that its bundle does not have: it would have to sign that itself.
    OtherClass,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..3, any::<bool>()).prop_map(|(member, strong)| Step::Raise(member, strong)),
        6 => (0_usize..3).prop_map(Step::Post),
        1 => (0_usize..3).prop_map(Step::Withdraw),
        2 => (0_usize..3, forgery()).prop_map(|(member, forgery)| Step::Forge(member, forgery)),
        1 => (1_u32..9).prop_map(Step::Wait),
    ]
}

fn forgery() -> impl Strategy<Value = Forgery> {
    prop_oneof![
        (1_usize..3).prop_map(Forgery::AsAnother),
        Just(Forgery::LastWeek),
        Just(Forgery::OtherClass),
    ]
}

impl Forgery {
    fn post(self, world: &World, circle: &Circle, member: usize) -> Vec<u8> {
        let (own, now) = (world.members[member].oin, world.now());
        match self {
            Self::AsAnother(on) => circle.post(world.members[(member + on) % 3].oin, now, CLASS),
            Self::LastWeek => circle.post(own, now.minus(7 * DAY), CLASS),
            Self::OtherClass => {
                let key = SigningKey::from_seed(KeyKind::Circle, &[9; 32]);
                circle.post_by(&key, own, Epoch::of(now), MatchClass::StateOfHome)
            }
        }
    }
}

/// What should be known: the posts of the epoch, by member, and who is in a match with whom.
#[derive(Default)]
struct Model {
    epoch: Option<Epoch>,
    posts: BTreeMap<usize, bool>,
    together: BTreeSet<(usize, usize)>,
}

impl Model {
    fn post(&mut self, epoch: Epoch, member: usize, strong: bool) {
        if self.epoch != Some(epoch) {
            self.epoch = Some(epoch);
            self.posts.clear();
        }
        *self.posts.entry(member).or_default() |= strong;
        if self.posts.len() >= 2 && self.posts.values().any(|strong| *strong) {
            for one in self.posts.keys() {
                for other in self.posts.keys().filter(|other| *other != one) {
                    self.together.insert((*one, *other));
                }
            }
        }
    }
}

async fn walk(steps: Vec<Step>) {
    let world = World::start().await;
    let circle = world.circle();
    let mut newest: BTreeMap<usize, (Signal, bool)> = BTreeMap::new();
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Raise(member, strong) => {
                let severity = if strong {
                    Severity::Worry
                } else {
                    Severity::Attention
                };
                newest.insert(member, (world.signal(member, severity).await, strong));
            }
            Step::Post(member) => {
                let Some((signal, strong)) = newest.get(&member) else {
                    continue;
                };
                if world.post(&circle, member, signal).await.is_ok() {
                    model.post(Epoch::of(world.now()), member, *strong);
                }
            }
            Step::Withdraw(member) => {
                let Some((signal, _)) = newest.remove(&member) else {
                    continue;
                };
                let withdraw = WithdrawSignalRequest {
                    request_id: world.request_id(),
                    signal_id: signal.signal_id,
                    expected_version: signal.version,
                };
                // What has met since has another version: then it stays, unposted.
                let mut client = world.client(world.members[member].oin);
                let _ = client.withdraw_signal(withdraw).await;
            }
            // What a member may not post is refused, and nobody learns anything by it: the model stays as it was.
            Step::Forge(member, forgery) => {
                let Some((signal, _)) = newest.get(&member) else {
                    continue;
                };
                let request = PostSignalRequest {
                    post: forgery.post(&world, &circle, member).into(),
                    ..world.posting(&circle, member, signal)
                };
                let mut client = world.client(world.members[member].oin);
                assert!(client.post_signal(request).await.is_err(), "{forgery:?}");
            }
            Step::Wait(days) => {
                world.clock.advance(days * DAY);
                world.signalling.run_timers().await.unwrap();
            }
        }
        check(&world, &model).await;
    }
    world.end().await;
}

/// Each member knows exactly those with whom it met: nobody without a post of its own, nobody below the threshold.
async fn check(world: &World, model: &Model) {
    for member in 0..3 {
        let mut known = BTreeSet::new();
        for matched in world.matches(member).await {
            assert!(matched.parties.len() >= 2, "no match of one organisation");
            for party in matched.parties {
                let other = world
                    .members
                    .iter()
                    .position(|it| it.oin.to_string() == party.organisation);
                known.insert((member, other.unwrap()));
            }
        }
        known.remove(&(member, member));
        let expected: BTreeSet<_> = model
            .together
            .iter()
            .copied()
            .filter(|(one, _)| *one == member)
            .collect();
        assert_eq!(known, expected, "member {member}");
    }
}

#[test]
fn no_sequence_of_calls_tells_more_than_it_should() {
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let strategy = proptest::collection::vec(step(), 1..24);
    runner
        .run(&strategy, |steps| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(walk(steps));
            Ok(())
        })
        .unwrap();
}
