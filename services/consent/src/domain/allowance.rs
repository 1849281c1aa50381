//! What is allowed, as a set of (purpose, life domain, kind of data).

use sluis_envelope::{FormatError, Reader, Scope, Writer};
use sluis_types::{Code, CodeSet, DataKind, LifeDomain, Purpose};

const PURPOSES: usize = Purpose::ALL.len();
const LIFE_DOMAINS: usize = LifeDomain::ALL.len();

/// Length of an [`Allowance`] in its layout: two counts, then 16 bits per purpose and life domain.
#[cfg(test)]
pub(crate) const ALLOWANCE_BYTES: usize = 2 + 2 * PURPOSES * LIFE_DOMAINS;

/// One line of a grant as people read it: these kinds of data on these life domains for this purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Provision {
    /// What for.
    pub(crate) purpose: Purpose,
    /// On which life domains; not empty.
    pub(crate) life_domains: CodeSet<LifeDomain>,
    /// Which kinds of data; not empty.
    pub(crate) data_kinds: CodeSet<DataKind>,
}

/// A set of (purpose, life domain, kind of data). Two lists of provisions that mean the same are the same set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Allowance([[u16; LIFE_DOMAINS]; PURPOSES]);

impl Allowance {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self([[0; LIFE_DOMAINS]; PURPOSES]);

    /// What these provisions name together.
    pub(crate) fn of(provisions: impl IntoIterator<Item = Provision>) -> Self {
        let mut set = Self::EMPTY;
        for provision in provisions {
            for life_domain in provision.life_domains.iter() {
                set.0[row(provision.purpose)][row(life_domain)] |= bits(provision.data_kinds);
            }
        }
        set
    }

    /// Every kind of data on every life domain for every purpose.
    pub(crate) fn everything() -> Self {
        Self::of(Purpose::ALL.iter().map(|purpose| Provision {
            purpose: *purpose,
            life_domains: CodeSet::all(),
            data_kinds: CodeSet::all(),
        }))
    }

    /// What one message needs: every kind of data on every life domain for every purpose of its scope.
    pub(crate) fn needed_for(scope: &Scope) -> Self {
        Self::of(scope.purposes().iter().map(|purpose| Provision {
            purpose,
            life_domains: scope.life_domains(),
            data_kinds: scope.data_kinds(),
        }))
    }

    /// The provisions that this set reads as: per purpose, life domains with the same kinds of data together.
    pub(crate) fn provisions(&self) -> Vec<Provision> {
        let mut provisions: Vec<Provision> = Vec::new();
        for &purpose in Purpose::ALL {
            let first = provisions.len();
            for &life_domain in LifeDomain::ALL {
                let data_kinds = kinds(self.0[row(purpose)][row(life_domain)]);
                if data_kinds.is_empty() {
                    continue;
                }
                match provisions[first..]
                    .iter_mut()
                    .find(|provision| provision.data_kinds == data_kinds)
                {
                    Some(provision) => provision.life_domains = provision.life_domains.with(life_domain),
                    None => provisions.push(Provision {
                        purpose,
                        life_domains: CodeSet::EMPTY.with(life_domain),
                        data_kinds,
                    }),
                }
            }
        }
        provisions
    }

    /// What is in this set or in `other`.
    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        self.combine(other, |mine, theirs| mine | theirs)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.combine(other, |mine, theirs| mine & !theirs)
    }

    /// Whether all of this set is in `other`.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.minus(other).is_empty()
    }

    /// Whether nothing is in this set.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    fn combine(&self, other: &Self, with: impl Fn(u16, u16) -> u16) -> Self {
        Self(std::array::from_fn(|purpose| {
            std::array::from_fn(|domain| with(self.0[purpose][domain], other.0[purpose][domain]))
        }))
    }

    /// Writes the set's layout. The counts let a longer code list read what a shorter one wrote.
    pub(crate) fn write(&self, writer: &mut Writer) {
        let count = |count: usize| u8::try_from(count).expect("code lists have at most 31 values");
        writer.u8(count(PURPOSES)).u8(count(LIFE_DOMAINS));
        for kinds in self.0.iter().flatten() {
            writer.u16(*kinds);
        }
    }

    /// Reads what [`Allowance::write`] wrote.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "allowance" };
        let (purposes, domains) = (usize::from(reader.u8()?), usize::from(reader.u8()?));
        if purposes > PURPOSES || domains > LIFE_DOMAINS {
            return Err(invalid);
        }
        let mut set = Self::EMPTY;
        for purpose in set.0.iter_mut().take(purposes) {
            for kinds in purpose.iter_mut().take(domains) {
                *kinds = reader.u16()?;
                CodeSet::<DataKind>::from_bits(u32::from(*kinds)).map_err(|_| invalid)?;
            }
        }
        Ok(set)
    }
}

fn row(code: impl Code) -> usize {
    usize::from(code.number()) - 1
}

fn bits(kinds: CodeSet<DataKind>) -> u16 {
    u16::try_from(kinds.bits()).expect("there are at most 15 kinds of data")
}

fn kinds(bits: u16) -> CodeSet<DataKind> {
    CodeSet::from_bits(u32::from(bits)).expect("only bits of kinds are ever set")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some_of<C: Code + std::fmt::Debug>() -> impl Strategy<Value = CodeSet<C>> {
        proptest::collection::vec(0..C::ALL.len(), 1..4)
            .prop_map(|picks| picks.into_iter().map(|pick| C::ALL[pick]).collect())
    }

    fn provision() -> impl Strategy<Value = Provision> {
        (0..PURPOSES, some_of::<LifeDomain>(), some_of::<DataKind>()).prop_map(
            |(purpose, life_domains, data_kinds)| Provision {
                purpose: Purpose::ALL[purpose],
                life_domains,
                data_kinds,
            },
        )
    }

    fn allowance() -> impl Strategy<Value = Allowance> {
        proptest::collection::vec(provision(), 0..6).prop_map(Allowance::of)
    }

    proptest! {
        #[test]
        fn provisions_and_layout_give_the_same_set_again(set in allowance()) {
            prop_assert_eq!(Allowance::of(set.provisions()), set);
            let mut writer = Writer::new();
            set.write(&mut writer);
            let bytes = writer.finish();
            prop_assert_eq!(bytes.len(), ALLOWANCE_BYTES);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(Allowance::read(&mut reader), Ok(set));
        }

        #[test]
        fn sets_combine_as_sets_do(one in allowance(), other in allowance()) {
            let both = one.union(&other);
            prop_assert!(one.is_within(&both) && other.is_within(&both));
            prop_assert!(one.minus(&other).is_within(&one));
            prop_assert_eq!(one.minus(&other).union(&other), both);
            prop_assert_eq!(one.is_within(&other), one.minus(&other).is_empty());
        }

        #[test]
        fn a_scope_needs_every_combination(provisions in provision(), scope in provision()) {
            let set = Allowance::of([provisions]);
            let needed = Allowance::needed_for(
                &Scope::new(CodeSet::EMPTY.with(scope.purpose), scope.life_domains, scope.data_kinds).unwrap(),
            );
            let by_hand = provisions.purpose == scope.purpose
                && scope.life_domains.is_subset_of(provisions.life_domains)
                && scope.data_kinds.is_subset_of(provisions.data_kinds);
            prop_assert_eq!(needed.is_within(&set), by_hand);
        }
    }
}
