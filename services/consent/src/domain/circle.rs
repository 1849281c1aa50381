//! A circle: organisations of which any two may find out that both worry.

use sluis_types::{
    CIRCLE_DAYS_MAX, CIRCLE_MEMBERS_MAX, CIRCLE_MEMBERS_MIN, CodeSet, DataKind, GrantId, LifeDomain,
    MatchClass, Oin, OrganisationKind, Purpose,
};

use super::{Allowance, Provision};

/// Days that a circle lasts at most: its end is the end of the last day, which makes 52 weeks.
pub(crate) const CIRCLE_VALID_DAYS_MAX: u32 = CIRCLE_DAYS_MAX - 1;

/// Who is in a circle, and which worries may meet there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// Rising, then none.
    members: [Option<Oin>; CIRCLE_MEMBERS_MAX],
    classes: CodeSet<MatchClass>,
}

impl Circle {
    /// A circle of these members and classes; none when there are too few or too many, or one twice.
    pub(crate) fn new(members: &[Oin], classes: CodeSet<MatchClass>) -> Option<Self> {
        let mut sorted = members.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let fits = sorted.len() == members.len()
            && (CIRCLE_MEMBERS_MIN..=CIRCLE_MEMBERS_MAX).contains(&sorted.len())
            && !classes.is_empty();
        let mut sorted = sorted.into_iter();
        fits.then(|| Self {
            members: std::array::from_fn(|_| sorted.next()),
            classes,
        })
    }

    /// The members, rising.
    pub(crate) fn members(&self) -> impl Iterator<Item = Oin> {
        self.members.iter().copied().flatten()
    }

    pub(crate) const fn classes(&self) -> CodeSet<MatchClass> {
        self.classes
    }

    pub(crate) fn has(&self, organisation: &Oin) -> bool {
        self.members().any(|member| member == *organisation)
    }

    /// The first and the last member: the two names that a grant row has.
    pub(crate) fn ends(&self) -> (Oin, Oin) {
        let first = self.members().next().expect("a circle has two members at least");
        (first, self.members().last().unwrap_or(first))
    }

    /// Whether this circle is `other` without some members or classes, or the same.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.members().all(|member| other.has(&member)) && self.classes.is_subset_of(other.classes)
    }

    /// The classes that a member of this kind may post in, rising.
    pub(crate) fn classes_of(&self, kind: OrganisationKind) -> Vec<MatchClass> {
        self.classes.iter().filter(|class| class.may_post(kind)).collect()
    }

    /// Whether anything could ever meet in each class, and each member takes part: members by their kinds.
    pub(crate) fn can_meet(&self, kinds: &[OrganisationKind]) -> bool {
        let posters = |class: MatchClass| kinds.iter().filter(|kind| class.may_post(**kind)).count();
        self.classes.iter().all(|class| posters(class) >= 2)
            && kinds.iter().all(|kind| !self.classes_of(*kind).is_empty())
    }

    /// What contact boxes may carry: how to reach the professional who worries, and no more.
    pub(crate) fn allowed() -> Allowance {
        Allowance::of([Provision {
            purpose: Purpose::SignalCombine,
            life_domains: CodeSet::<LifeDomain>::all(),
            data_kinds: CodeSet::EMPTY.with(DataKind::Contact),
        }])
    }
}

/// A circle that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CircleQuestion {
    pub(crate) circle: Circle,
    /// The circle whose place it would take.
    pub(crate) replaces: Option<GrantId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sluis_types::circle_epochs;

    fn oin(number: u8) -> Oin {
        format!("000000990000000020{number:02}").parse().unwrap()
    }

    fn some_classes() -> impl Strategy<Value = CodeSet<MatchClass>> {
        proptest::collection::vec(0..MatchClass::ALL.len(), 1..4)
            .prop_map(|picks| picks.into_iter().map(|pick| MatchClass::ALL[pick]).collect())
    }

    #[test]
    fn a_circle_has_two_to_eight_members_and_a_class() {
        let classes = CodeSet::EMPTY.with(MatchClass::StateOfHome);
        let of = |count: u8| (1..=count).rev().map(oin).collect::<Vec<_>>();
        for (count, fits) in [(0, false), (1, false), (2, true), (8, true), (9, false)] {
            let circle = Circle::new(&of(count), classes);
            assert_eq!(circle.is_some(), fits, "{count}");
            if let Some(circle) = circle {
                assert!(circle.members().is_sorted(), "whatever order they came in");
                assert_eq!(circle.ends(), (oin(1), oin(count)));
            }
        }
        assert_eq!(Circle::new(&[oin(1), oin(1)], classes), None, "twice is not two");
        assert_eq!(Circle::new(&of(2), CodeSet::EMPTY), None);
    }

    #[test]
    fn the_longest_circle_fits_the_epochs_of_a_bundle() {
        use crate::domain::grant::end_of_day;
        use sluis_types::{CIRCLE_EPOCHS_MAX, Epoch, Timestamp};
        for hour in 0..14 * 24 {
            let now = Timestamp::from_seconds(1_790_000_000 + hour * 3600);
            let until = end_of_day(now, CIRCLE_VALID_DAYS_MAX);
            let epochs = circle_epochs(now, until);
            assert!(epochs.len() <= usize::from(CIRCLE_EPOCHS_MAX));
            let last = Timestamp::from_micros(until.micros() - 1);
            assert_eq!(
                epochs.last(),
                Some(&Epoch::of(last)),
                "no epoch is left without posts"
            );
        }
    }

    proptest! {
        /// Nobody posts in a class that none of its types allows, and leaving out never adds.
        #[test]
        fn members_post_in_classes_of_their_kind_only(
            classes in some_classes(),
            kept in some_classes(),
            kinds in proptest::collection::vec(0..OrganisationKind::ALL.len(), 2..=8),
        ) {
            let kinds: Vec<_> = kinds.into_iter().map(|pick| OrganisationKind::ALL[pick]).collect();
            let members: Vec<_> = (1..).take(kinds.len()).map(oin).collect();
            let circle = Circle::new(&members, classes).unwrap();
            for kind in &kinds {
                for class in circle.classes_of(*kind) {
                    prop_assert!(classes.contains(class));
                    prop_assert!(class.types().iter().any(|signal| signal.senders().contains(*kind)));
                }
            }
            if circle.can_meet(&kinds) {
                prop_assert!(kinds.iter().all(|kind| !circle.classes_of(*kind).is_empty()));
            }
            let narrow = Circle::new(&members[..2], kept).unwrap();
            prop_assert_eq!(narrow.is_within(&circle), kept.is_subset_of(classes));
            prop_assert_eq!(circle.is_within(&narrow), members.len() == 2 && classes.is_subset_of(kept));
        }
    }
}
