//! Which counts may leave the organisation that counted: the one home of the rule.
//!
//! A count of 1 to 9 says something about people ("1 of 3 in that neighbourhood"); a zero and a count of 10 or more do
//! not. Leaving the small ones out is not enough where a total is told too: the rest of the total would tell them.

/// Below this, a count above zero says something about people.
pub const COUNT_MIN: u32 = 10;

/// Whether a count says something about people.
pub const fn is_small_count(count: u32) -> bool {
    is_small(count, COUNT_MIN)
}

const fn is_small(count: u32, least: u32) -> bool {
    count > 0 && count < least
}

/// What may be told of a list of counts whose total is told too: none where one is withheld.
///
/// Small counts are withheld, and so many others, in the order of the list, that no withheld count follows from the
/// total and from what is told, also not for somebody who knows this rule. Which others are withheld depends on their
/// place and not on their size: choosing by size would tell that the one withheld is no greater than those told. Where
/// that is not enough, nothing is told. The total itself must be no small count.
///
/// Lists that share their total and nothing else keep each other's secrets: whatever one tells, the withheld counts of
/// the other stay as free as they were.
pub fn disclosed(counts: &[u32]) -> Vec<Option<u32>> {
    disclosed_from(counts, COUNT_MIN)
}

fn disclosed_from(counts: &[u32], least: u32) -> Vec<Option<u32>> {
    let mut told: Vec<Option<u32>> = counts
        .iter()
        .map(|count| (!is_small(*count, least)).then_some(*count))
        .collect();
    for at in 0..counts.len() {
        if is_safe(counts, &told, least) {
            return told;
        }
        if counts[at] >= least {
            told[at] = None;
        }
    }
    if is_safe(counts, &told, least) {
        return told;
    }
    // So little in all that even the zeros tell: ten signals in ten areas are one in each.
    vec![None; counts.len()]
}

/// Whether every small count among those withheld could be any from 1 to `least - 1`, as far as their sum tells.
fn is_safe(counts: &[u32], told: &[Option<u32>], least: u32) -> bool {
    let withheld = || {
        let pairs = counts.iter().zip(told).filter(|(_, told)| told.is_none());
        pairs.map(|(count, _)| u64::from(*count))
    };
    let (least, sum) = (u64::from(least), withheld().sum::<u64>());
    let small = withheld().filter(|count| *count < least).count() as u64;
    let large = withheld().count() as u64 - small;
    if small == 0 {
        return true;
    }
    // One is as great as it can be while all others are as small as they can be.
    let can_be_greatest = sum >= (least - 1) + (small - 1) + large * least;
    // One is 1 while all others are as great as they can be: without a limit where there is a large one.
    let can_be_one = large > 0 || sum <= 1 + (small - 1) * (least - 1);
    can_be_greatest && can_be_one
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_count_is_small_from_one_to_nine() {
        let small: Vec<u32> = (0..20).filter(|count| is_small_count(*count)).collect();
        assert_eq!(small, (1..10).collect::<Vec<_>>());
    }

    #[test]
    fn small_counts_are_withheld_and_others_where_the_total_would_tell_them() {
        let withheld = None;
        for (counts, told) in [
            (vec![12, 30, 0], vec![Some(12), Some(30), Some(0)]),
            // The total would tell the one: another goes with it, the first.
            (vec![40, 25, 3], vec![withheld, Some(25), withheld]),
            // Two whose sum lets each be anything.
            (vec![40, 5, 5], vec![Some(40), withheld, withheld]),
            // Both could only be nine.
            (vec![40, 25, 9, 9], vec![withheld, Some(25), withheld, withheld]),
            // Each could only be one.
            (vec![1; 10], vec![withheld; 10]),
            (vec![], vec![]),
        ] {
            assert_eq!(disclosed(&counts), told, "{counts:?}");
        }
    }

    /// Everything that somebody knows who has what is told, the total and this program: of all lists that come out the
    /// same, no two may agree on a withheld count.
    #[test]
    fn no_withheld_count_follows_from_the_total_the_rest_and_the_rule() {
        const BOUND: u32 = 18;
        type Known = (u32, Vec<Option<u32>>);
        for (least, length) in [(4, 2), (4, 3), (4, 4), (5, 3), (10, 3)] {
            let mut possible: HashMap<Known, Vec<Vec<u32>>> = HashMap::new();
            for number in 0..BOUND.pow(length) {
                let counts: Vec<u32> = (0..length)
                    .map(|place| number / BOUND.pow(place) % BOUND)
                    .collect();
                let total = counts.iter().sum();
                // Of larger totals not all lists are here.
                if total < BOUND && !is_small(total, least) {
                    let told = disclosed_from(&counts, least);
                    possible.entry((total, told)).or_default().push(counts);
                }
            }
            assert!(!possible.is_empty());
            for ((total, told), lists) in possible {
                for at in (0..told.len()).filter(|at| told[*at].is_none()) {
                    let values: BTreeSet<u32> = lists.iter().map(|counts| counts[at]).collect();
                    assert!(values.len() >= 2, "{least} {total} {told:?} {values:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_told_is_true_and_never_small_and_each_small_count_could_be_another(
            counts in proptest::collection::vec(prop_oneof![Just(0), 0_u32..4, 0_u32..15, 0_u32..80], 1..10)
        ) {
            prop_assume!(!is_small_count(counts.iter().sum()));
            let told = disclosed(&counts);
            prop_assert_eq!(told.len(), counts.len());
            for (at, count) in counts.iter().enumerate() {
                prop_assert!(told[at].is_none_or(|told| told == *count && !is_small_count(told)));
                if is_small_count(*count) {
                    prop_assert!(could_be_another(&counts, &told, at), "{:?} {:?} {}", counts, told, at);
                }
            }
        }
    }

    /// Whether another value at `at`, with the difference at another withheld count, comes out the same.
    fn could_be_another(counts: &[u32], told: &[Option<u32>], at: usize) -> bool {
        let others = (0..counts.len()).filter(|other| *other != at && told[*other].is_none());
        others
            .flat_map(|other| (0..COUNT_MIN).map(move |value| (other, value)))
            .filter(|(_, value)| *value != counts[at])
            .any(|(other, value)| {
                let mut tried = counts.to_vec();
                tried[at] = value;
                let Some(rest) = (counts[at] + counts[other]).checked_sub(value) else {
                    return false;
                };
                tried[other] = rest;
                disclosed(&tried) == told
            })
    }
}
