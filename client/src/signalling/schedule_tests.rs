use proptest::prelude::*;
use sluis_types::SeededRandomness;

use super::*;

const WEEK: Duration = Duration::from_hours(168);
const BASE: Epoch = Epoch::from_number(2968);

fn at(micros: u64) -> Timestamp {
    BASE.starts().plus(Duration::from_micros(micros))
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).expect("a short span")
}

/// A sender that is looked after now and then: what it has posted, by epoch.
struct Sender {
    slot: Option<Slot>,
    randomness: SeededRandomness,
    posts: Vec<Timestamp>,
}

impl Sender {
    fn new(seed: u64) -> Self {
        Self {
            slot: None,
            randomness: SeededRandomness::new(seed),
            posts: Vec::new(),
        }
    }

    /// One look; when to look again.
    fn look(&mut self, now: Timestamp) -> Timestamp {
        let slot = Slot::of(self.slot, now, &self.randomness);
        let due = slot.due(1);
        self.slot = Some(match due {
            Some(due) if due <= now => {
                self.posts.push(now);
                slot.posted_in(1)
            }
            _ => slot,
        });
        next_look(now, due.into_iter(), Duration::from_hours(12))
    }

    /// Looks after a signal that lives from one moment to another, as often as it was told to.
    fn live(&mut self, from: Timestamp, until: Timestamp) {
        let mut now = from;
        while now < until {
            let again = self.look(now);
            assert!(again > now, "it goes on");
            now = again;
        }
    }

    fn posted_in(&self, epoch: Epoch) -> Vec<Timestamp> {
        let posts = self.posts.iter().copied();
        posts.filter(|at| Epoch::of(*at) == epoch).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Each live signal is posted once in every epoch that it lives in to the end, early where it lived from its begin.
    #[test]
    fn a_live_signal_is_posted_once_in_every_epoch(seed in any::<u64>(), from in 0..micros(WEEK), weeks in 1_u32..5) {
        let mut sender = Sender::new(seed);
        let (from, until) = (at(from), BASE.later(weeks).ends());
        sender.live(from, until);
        for later in 0..=weeks {
            let epoch = BASE.later(later);
            let posts = sender.posted_in(epoch);
            prop_assert_eq!(posts.len(), 1, "epoch {}", later);
            prop_assert!(posts[0] >= from);
            if later > 0 {
                prop_assert!(posts[0].since(epoch.starts()) < EARLY, "early");
                prop_assert!(posts[0].since(epoch.starts()) >= MARGIN);
            }
        }
    }

    /// Two signals that live together from some moment to the next boundary have met by then: both lie in that epoch.
    /// Whenever each began, whatever chance chose.
    #[test]
    fn two_signals_alive_together_meet_by_the_next_boundary(
        seeds in any::<(u64, u64)>(),
        from in (0..3 * micros(WEEK), 0..3 * micros(WEEK)),
    ) {
        let (mut one, mut other) = (Sender::new(seeds.0), Sender::new(seeds.1));
        let (first, second) = (at(from.0), at(from.1));
        let together = Epoch::of(first.max(second));
        one.live(first, together.ends());
        other.live(second, together.ends());
        prop_assert_eq!(one.posted_in(together).len(), 1);
        prop_assert_eq!(other.posted_in(together).len(), 1);
    }

    /// A signal ends on a whole day: one that lives in an epoch at all is posted there before it ends.
    #[test]
    fn a_signal_of_whole_days_is_posted_in_its_last_epoch(seed in any::<u64>(), days in 8_u32..21) {
        let mut sender = Sender::new(seed);
        let until = BASE.starts().plus(Duration::from_hours(24) * days);
        sender.live(at(1), until);
        let last = Epoch::of(Timestamp::from_micros(until.micros() - 1));
        prop_assert_eq!(sender.posted_in(last).len(), 1);
    }

    /// Looking again, as often as one likes, draws no other moment: a restart changes nothing.
    #[test]
    fn a_moment_is_chosen_once(seed in any::<u64>(), looks in proptest::collection::vec(0..micros(WEEK), 1..8)) {
        let chance = SeededRandomness::new(seed);
        let mut looks: Vec<Timestamp> = looks.into_iter().map(at).collect();
        looks.sort_unstable();
        let chosen = Slot::of(None, looks[0], &chance);
        prop_assert_eq!(Epoch::of(chosen.moment()), BASE);
        prop_assert!(chosen.moment() >= looks[0]);
        for look in looks {
            prop_assert_eq!(Slot::of(Some(chosen), look, &chance), chosen);
        }
    }
}

#[test]
fn moments_differ_from_signal_to_signal() {
    let chance = SeededRandomness::new(5);
    let now = BASE.starts();
    let mut moments: Vec<Timestamp> = (0..200).map(|_| Slot::of(None, now, &chance).moment()).collect();
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), 200);
    // Spread over the early part, not bunched at its begin.
    let middle = moments[100].since(now);
    assert!(middle > EARLY / 4 && middle < EARLY * 3 / 4, "{middle:?}");
}

#[test]
fn a_new_version_is_posted_at_once_and_a_refusal_is_tried_once_more() {
    let chance = SeededRandomness::new(5);
    let now = BASE.starts().plus(EARLY);
    let slot = Slot::of(None, now, &chance);
    assert_eq!(slot.due(1), Some(slot.moment()));
    let posted = slot.posted_in(1);
    assert_eq!(posted.due(1), None);
    assert!(posted.due(2).expect("due") <= now, "at once");
    assert_eq!(posted.posted_in(2).due(2), None);
    let refused = posted.refused_in(2, now);
    let again = refused.due(2).expect("tried again");
    assert!(again > now, "later");
    let given_up = refused.refused_in(2, again);
    assert_eq!(given_up.due(2), None, "not in this epoch");
    assert!(given_up.due(3).expect("another version") <= again, "at once");
    let next = Slot::of(Some(given_up), BASE.later(1).starts(), &chance);
    assert!(next.due(2).is_some(), "in the next one");
}
