//! What an organisation may hand on of its counts of a quarter: nothing small, and nothing that tells what is small.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluis_ranking::Area;
use sluis_types::{SignalType, disclosed, is_small_count};

use super::quarter::Quarter;
use super::statistics::{ENDINGS, Ended};

/// What stands in a file in the place of a count that is withheld.
const WITHHELD: &str = "withheld";

/// One signal count by a single property.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// What is counted: how it ended, or a CBS code.
    pub what: String,
    /// How many; none where it is withheld.
    pub count: Option<u32>,
}

/// The counts of one type.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CountedType {
    /// Name of the type.
    pub what: String,
    /// How many; none where it is withheld.
    pub count: Option<u32>,
    /// Where: only areas that may be told. Empty where the type is withheld.
    pub areas: Vec<Counted>,
    /// Whether areas are withheld, which are not named.
    pub other_areas_withheld: bool,
}

/// What an organisation may hand on of the signals of its own that ended in one quarter.
///
/// No count in it that is told is of 1 to 9, and none that is withheld follows from it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HandedOn {
    /// Version of this form: 1.
    pub version: u32,
    /// OIN of the organisation.
    pub organisation: String,
    /// Such as `2026-Q3`.
    pub quarter: String,
    /// How many ended; none where it is withheld, and then everything is.
    pub ended: Option<u32>,
    /// How they ended.
    pub endings: Vec<Counted>,
    /// Of which type they were.
    pub types: Vec<CountedType>,
}

impl HandedOn {
    /// What may be told of these counts, of an organisation that can have signals of these types.
    pub(super) fn of(
        organisation: &str,
        quarter: Quarter,
        types: &[SignalType],
        counts: &[(Ended, u32)],
    ) -> Self {
        let of = |is: &dyn Fn(&Ended) -> bool| -> u32 {
            let found = counts.iter().filter(|(ended, _)| is(ended));
            found.fold(0_u32, |sum, (_, count)| sum.saturating_add(*count))
        };
        let total = of(&|_| true);
        let is_told = !is_small_count(total);
        let told = |counts: &[u32]| {
            if is_told {
                disclosed(counts)
            } else {
                vec![None; counts.len()]
            }
        };
        let by_ending: Vec<u32> = ENDINGS
            .iter()
            .map(|ending| of(&|it| it.ending == *ending))
            .collect();
        let by_type: Vec<u32> = types.iter().map(|kind| of(&|it| it.kind == *kind)).collect();
        let types = types.iter().zip(told(&by_type)).map(|(kind, count)| {
            let areas = if count.is_some() {
                areas_of(*kind, counts)
            } else {
                BTreeMap::new()
            };
            let told: Vec<Option<u32>> = disclosed(&areas.values().copied().collect::<Vec<_>>());
            let withheld = told.contains(&None);
            let shown = areas.keys().zip(told).filter_map(|(area, count)| {
                Some(Counted {
                    what: area.map_or_else(|| "UNKNOWN".to_owned(), |area| area.to_string()),
                    count: Some(count?),
                })
            });
            CountedType {
                what: kind.name().to_owned(),
                count,
                areas: shown.collect(),
                other_areas_withheld: withheld,
            }
        });
        Self {
            version: 1,
            organisation: organisation.to_owned(),
            quarter: quarter.to_string(),
            ended: is_told.then_some(total),
            endings: ENDINGS
                .iter()
                .zip(told(&by_ending))
                .map(|(ending, count)| Counted {
                    what: (*ending).to_owned(),
                    count,
                })
                .collect(),
            types: types.collect(),
        }
    }

    /// As a table for spreadsheets: what is counted by, what it is, the count or `withheld`.
    pub fn to_csv(&self) -> String {
        let mut text = "organisation,quarter,counted_by,type,value,count\n".to_owned();
        let mut line = |by: &str, kind: &str, value: &str, count: Option<u32>| {
            let count = count.map_or_else(|| WITHHELD.to_owned(), |count| count.to_string());
            let (organisation, quarter) = (&self.organisation, &self.quarter);
            for cell in [organisation.as_str(), quarter, by, kind, value] {
                text.push_str(cell);
                text.push(',');
            }
            text.push_str(&count);
            text.push('\n');
        };
        line("all", "", "", self.ended);
        for ending in &self.endings {
            line("ending", "", &ending.what, ending.count);
        }
        for kind in &self.types {
            line("type", &kind.what, "", kind.count);
            for area in &kind.areas {
                line("area", &kind.what, &area.what, area.count);
            }
            if kind.other_areas_withheld {
                line("area", &kind.what, "OTHER", None);
            }
        }
        text
    }
}

fn areas_of(kind: SignalType, counts: &[(Ended, u32)]) -> BTreeMap<Option<Area>, u32> {
    let mut areas: BTreeMap<Option<Area>, u32> = BTreeMap::new();
    for (ended, count) in counts.iter().filter(|(ended, _)| ended.kind == kind) {
        let of_area = areas.entry(ended.area).or_default();
        *of_area = of_area.saturating_add(*count);
    }
    areas
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPES: [SignalType; 3] = [SignalType::Isolation, SignalType::NoContact, SignalType::FireRisk];
    const AREAS: [&str; 3] = ["WK079600", "WK079601", "GM1991"];

    fn quarter() -> Quarter {
        "2026-Q4".parse().expect("a quarter")
    }

    fn ended(kind: usize, area: usize, ending: usize) -> Ended {
        Ended {
            month: "2026-11".parse().expect("a month"),
            kind: TYPES[kind],
            area: AREAS.get(area).map(|code| Area::parse(code).expect("an area")),
            ending: ENDINGS[ending],
        }
    }

    fn handed(counts: &[(Ended, u32)]) -> HandedOn {
        HandedOn::of("00000099000000001000", quarter(), &TYPES, counts)
    }

    #[test]
    fn a_quarter_of_few_tells_nothing_and_one_of_none_tells_that() {
        let few = handed(&[(ended(0, 0, 0), 4), (ended(1, 1, 6), 5)]);
        assert_eq!(few.ended, None);
        assert!(few.endings.iter().all(|it| it.count.is_none()));
        assert!(
            few.types
                .iter()
                .all(|it| it.count.is_none() && it.areas.is_empty())
        );
        let none = handed(&[]);
        assert_eq!(none.ended, Some(0));
        assert!(none.endings.iter().all(|it| it.count == Some(0)));
    }

    #[test]
    fn what_would_tell_a_small_count_is_withheld_with_it() {
        let shown = handed(&[
            (ended(0, 0, 9), 40),
            (ended(0, 1, 9), 3),
            (ended(0, 3, 9), 25),
            (ended(1, 0, 6), 20),
            (ended(2, 0, 6), 2),
        ]);
        assert_eq!(shown.ended, Some(90));
        // Fire risk is small; of the others the first goes with it, whatever its size.
        let types: Vec<_> = shown.types.iter().map(|it| it.count).collect();
        assert_eq!(types, [None, Some(20), None]);
        let shown = handed(&[(ended(0, 0, 9), 40), (ended(0, 1, 9), 3), (ended(0, 3, 9), 25)]);
        let areas: Vec<_> = shown.types[0]
            .areas
            .iter()
            .map(|it| (it.what.as_str(), it.count))
            .collect();
        assert_eq!(areas, [("WK079600", Some(40))]);
        assert!(shown.types[0].other_areas_withheld);
        let csv = shown.to_csv();
        assert!(
            csv.contains(",type,ISOLATION,,68\n") && csv.contains(",area,ISOLATION,OTHER,withheld\n"),
            "{csv}"
        );
        assert!(csv.contains(",ending,,UNFOUNDED,68\n"), "{csv}");
    }

    type Is<'a> = &'a dyn Fn(&Ended) -> bool;
    type Into<'a> = &'a dyn Fn(Ended) -> Ended;

    /// So many signals of one sort as another sort, whatever else they are.
    fn moved(
        counts: &[(Ended, u32)],
        (is_from, into): (Is<'_>, Into<'_>),
        mut left: u32,
    ) -> Option<Vec<(Ended, u32)>> {
        let mut tried = counts.to_vec();
        for (at, (from, count)) in counts.iter().enumerate().filter(|(_, (from, _))| is_from(from)) {
            let (part, target) = (left.min(*count), into(*from));
            let to = tried.iter().position(|(ended, _)| *ended == target)?;
            tried[at].1 -= part;
            tried[to].1 += part;
            left -= part;
        }
        (left == 0).then_some(tried)
    }

    /// Whether the same file comes of counts in which one withheld cell has another value, the difference in another.
    fn could_be_another(
        counts: &[(Ended, u32)],
        file: &HandedOn,
        one: (Is<'_>, Into<'_>),
        other: (Is<'_>, Into<'_>),
    ) -> bool {
        let sum: u32 = counts
            .iter()
            .filter(|(it, _)| one.0(it))
            .map(|(_, count)| count)
            .sum();
        (0..10).filter(|value| *value != sum).any(|value| {
            let tried = if value > sum {
                moved(counts, (other.0, one.1), value - sum)
            } else {
                moved(counts, (one.0, other.1), sum - value)
            };
            tried.is_some_and(|tried| handed(&tried) == *file)
        })
    }

    fn with_area(ended: Ended, area: usize) -> Ended {
        Ended {
            area: self::ended(0, area, 0).area,
            ..ended
        }
    }

    /// Every small cell that is withheld could be another.
    fn keeps_its_secrets(counts: &[(Ended, u32)], file: &HandedOn) -> bool {
        let sum = |is: Is<'_>| -> u32 {
            counts
                .iter()
                .filter(|(it, _)| is(it))
                .map(|(_, count)| count)
                .sum()
        };
        // A list: which of its places are withheld, what lies at a place, and how something comes there.
        let holds =
            |withheld: &[usize], is: &dyn Fn(usize, &Ended) -> bool, into: &dyn Fn(usize, Ended) -> Ended| {
                let small = withheld
                    .iter()
                    .filter(|at| is_small_count(sum(&|it| is(**at, it))));
                small.clone().all(|at| {
                    withheld.iter().filter(|other| *other != at).any(|other| {
                        let one: (Is<'_>, Into<'_>) = (&|it| is(*at, it), &|it| into(*at, it));
                        could_be_another(counts, file, one, (&|it| is(*other, it), &|it| into(*other, it)))
                    })
                })
            };
        let withheld = |told: &mut dyn Iterator<Item = Option<u32>>| -> Vec<usize> {
            told.enumerate()
                .filter(|(_, count)| count.is_none())
                .map(|(at, _)| at)
                .collect()
        };
        // Two endings occur, at these places.
        let endings = withheld(&mut file.endings.iter().map(|it| it.count));
        let endings: Vec<usize> = endings.into_iter().filter(|at| OCCURRING.contains(at)).collect();
        let by_ending = holds(&endings, &|at, it| it.ending == ENDINGS[at], &|at, it| Ended {
            ending: ENDINGS[at],
            ..it
        });
        let types = withheld(&mut file.types.iter().map(|it| it.count));
        let by_type = holds(&types, &|at, it| it.kind == TYPES[at], &|at, it| Ended {
            kind: TYPES[at],
            ..it
        });
        let by_area = (0..TYPES.len())
            .filter(|kind| file.types[*kind].count.is_some())
            .all(|kind| {
                let code = |area: usize| AREAS.get(area).map_or("UNKNOWN", |code| *code);
                let told = &file.types[kind].areas;
                let areas: Vec<usize> = (0..=AREAS.len())
                    .filter(|at| told.iter().all(|it| it.what != code(*at)))
                    .collect();
                holds(
                    &areas,
                    &|at, it| it.kind == TYPES[kind] && it.area == ended(0, at, 0).area,
                    &with_area_of,
                )
            });
        by_ending && by_type && by_area
    }

    fn with_area_of(at: usize, it: Ended) -> Ended {
        with_area(it, at)
    }

    const OCCURRING: [usize; 3] = [4, 6, 9];

    proptest! {
        /// Whatever ended: nothing that is told is small, every number is true, and every small cell that is withheld
        /// could have been another in the very same file.
        #[test]
        fn no_withheld_cell_can_be_derived_from_the_file(
            cells in proptest::collection::vec(prop_oneof![8 => Just(0), 3 => 0_u32..6, 1 => 0_u32..40], 36)
        ) {
            let of = |at: usize| ended(at % 3, at / 3 % 4, OCCURRING[at / 12]);
            let counts: Vec<(Ended, u32)> = cells.iter().enumerate().map(|(at, count)| (of(at), *count)).collect();
            let file = handed(&counts);
            let sum = |is: Is<'_>| -> u32 { counts.iter().filter(|(it, _)| is(it)).map(|(_, count)| count).sum() };
            let total = sum(&|_| true);
            if is_small_count(total) {
                // It says no more than that it is one to nine.
                prop_assert_eq!(&file, &handed(&[(ended(0, 0, 0), 1)]));
                return Ok(());
            }
            prop_assert_eq!(file.ended, Some(total));
            let mut told = Vec::new();
            for it in &file.endings {
                told.push((it.count, sum(&|ended| ended.ending == it.what)));
            }
            for it in &file.types {
                told.push((it.count, sum(&|ended| ended.kind.name() == it.what)));
                for area in &it.areas {
                    let code = |ended: &Ended| ended.area.map_or("UNKNOWN".to_owned(), |area| area.to_string());
                    told.push((area.count, sum(&|ended| ended.kind.name() == it.what && code(ended) == area.what)));
                }
            }
            for (told, count) in told {
                prop_assert!(told.is_none_or(|told| told == count && !is_small_count(told)));
            }
            prop_assert!(keeps_its_secrets(&counts, &file), "{:?}", counts);
        }
    }
}
