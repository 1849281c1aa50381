//! An attempt to group one person's rows, by everything that stands in a dump in clear.
//!
//! Every attempt puts the rows into parts; the adjusted Rand index says how far the parts are the persons. What chance
//! gives is found by permuting: persons are dealt anew over the acts, the rows of one act stay together. That the rows
//! of one act can be told to belong together is known and not promised away (they lie together in a log); the question
//! is whether two acts of one person can be. Acts of one round of play and between the same two organisations are dealt
//! among themselves: which organisations exchange messages when is in clear.

use std::collections::{BTreeMap, HashMap};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::rand_index::Items;
use super::rows::{Row, Value};
use super::truth::Truth;

/// How often persons are dealt anew.
const PERMUTATIONS: usize = 8000;
/// All attempts together stay within their intervals this often when there is nothing to find.
const CONFIDENCE: f64 = 0.99;
/// Half of so many bytes in a row as make it worth asking where else they stand.
const HALF_BYTES: usize = 4;
/// Rows that share bytes at most, to count as shared by a person and not by a format or by two organisations: ids of
/// one message, of one thread, and what all rows of a person would hold.
const SHARED_ROWS_MAX: [usize; 3] = [3, 5, 24];
/// So many attempts must agree on two rows in the attempt that takes all together.
const AGREEING: usize = 3;

/// Which person acted, and among which acts persons may be dealt anew.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// Whose each act is, by its number; persons are numbered from 0 without gaps.
    pub person_of_act: Vec<usize>,
    /// Acts with the same stratum are alike to who looks from outside.
    pub stratum_of_act: Vec<usize>,
}

/// What one attempt gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// By what it grouped.
    pub by: &'static str,
    /// Its adjusted Rand index.
    pub index: f64,
    /// What chance gives.
    pub chance: (f64, f64),
}

impl Outcome {
    /// Whether it is what chance gives.
    pub fn is_chance(&self) -> bool {
        (self.chance.0..=self.chance.1).contains(&self.index)
    }
}

/// Groups the rows in several ways and compares each with chance. Rows that came with no act are left out.
pub fn attempt_to_group(rows: &[Row], truth: &Truth, attempt: &Attempt) -> Vec<Outcome> {
    let known: Vec<(&Row, usize)> = rows
        .iter()
        .filter_map(|row| Some((row, *truth.rows.get(&row.id)?)))
        .collect();
    let rows: Vec<&Row> = known.iter().map(|(row, _)| *row).collect();
    let acts: Vec<usize> = known.iter().map(|(_, act)| *act).collect();
    let persons = attempt.person_of_act.iter().max().map_or(0, |most| most + 1);
    let mut clusterings = vec![
        (
            "bytes that two or three rows share",
            by_shared_bytes(&rows, SHARED_ROWS_MAX[0]),
        ),
        (
            "bytes that a few rows share",
            by_shared_bytes(&rows, SHARED_ROWS_MAX[1]),
        ),
        (
            "bytes that several rows share",
            by_shared_bytes(&rows, SHARED_ROWS_MAX[2]),
        ),
        (
            "nearness of keys",
            in_order(&rows, persons, |row| (row.id.key.clone(), Vec::<Value>::new())),
        ),
        (
            "lengths",
            in_order(&rows, persons, |row| (lengths(row), row.id.key.clone())),
        ),
        (
            "order of insertion and times",
            in_order(&rows, persons, |row| (times(row), row.id.key.clone())),
        ),
        ("values in clear", by_clear_values(&rows)),
    ];
    clusterings.push(("all of these together", together(&clusterings)));
    let mut chance = Chance::new(attempt, &acts, persons, clusterings.len());
    clusterings
        .into_iter()
        .map(|(by, clusters)| chance.outcome(by, &clusters))
        .collect()
}

/// Rows that share bytes which few others have, directly or over other rows.
///
/// Both halves must be as rare as the whole: what a format puts before something random meets by chance.
fn by_shared_bytes(rows: &[&Row], rows_max: usize) -> Vec<usize> {
    // Numbers and texts have attempts of their own.
    let blobs = |row: &Row| {
        let values = row.columns.iter().filter_map(|(_, value)| match value {
            Value::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        });
        values.collect::<Vec<_>>()
    };
    let mut halves: HashMap<[u8; HALF_BYTES], (usize, usize)> = HashMap::new();
    for (number, row) in rows.iter().enumerate() {
        for half in blobs(row).iter().flat_map(|bytes| bytes.windows(HALF_BYTES)) {
            let half = half.try_into().expect("a window has its length");
            let (last, count) = halves.entry(half).or_insert((number, 1));
            if *last != number {
                (*last, *count) = (number, *count + 1);
            }
        }
    }
    let is_rare = |half: &[u8]| {
        halves
            .get(half)
            .is_some_and(|(_, count)| (2..=rows_max).contains(count))
    };
    let mut places: HashMap<[u8; 2 * HALF_BYTES], Vec<usize>> = HashMap::new();
    for (number, row) in rows.iter().enumerate() {
        for whole in blobs(row).iter().flat_map(|bytes| bytes.windows(2 * HALF_BYTES)) {
            if is_rare(&whole[..HALF_BYTES]) && is_rare(&whole[HALF_BYTES..]) {
                let whole = whole.try_into().expect("a window has its length");
                places.entry(whole).or_default().push(number);
            }
        }
    }
    let mut sets = Sets::new(rows.len());
    for sharing in places.values() {
        sharing.windows(2).for_each(|pair| sets.join(pair[0], pair[1]));
    }
    sets.parts()
}

/// Sorts each table by what a row shows and cuts it into as many parts as there are persons; the parts in the same
/// place of all tables go together.
fn in_order<K: Ord>(rows: &[&Row], persons: usize, shown: impl Fn(&Row) -> K) -> Vec<usize> {
    let mut tables: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        tables
            .entry((row.id.store, &row.id.table))
            .or_default()
            .push(number);
    }
    let mut clusters = vec![0; rows.len()];
    for numbers in tables.values_mut() {
        numbers.sort_by_cached_key(|number| shown(rows[*number]));
        let count = numbers.len();
        for (place, number) in numbers.iter().enumerate() {
            clusters[*number] = place * persons / count;
        }
    }
    clusters
}

fn lengths(row: &Row) -> Vec<Value> {
    row.columns
        .iter()
        .map(|(_, value)| Value::Integer(i64::try_from(value.bytes().len()).unwrap_or(i64::MAX)))
        .collect()
}

/// What stands in a row of order and time: whole numbers, and the moment in a UUIDv7.
fn times(row: &Row) -> Vec<Value> {
    let numbers = row
        .columns
        .iter()
        .map(|(_, value)| value)
        .filter(|value| matches!(value, Value::Integer(_)));
    let moments = row
        .columns
        .iter()
        .filter(|(name, _)| name == "message_id")
        .map(|(_, value)| value);
    moments.chain(numbers).cloned().collect()
}

/// Rows with the same texts and numbers in clear.
fn by_clear_values(rows: &[&Row]) -> Vec<usize> {
    let mut seen = HashMap::new();
    rows.iter()
        .map(|row| {
            let clear = row.columns.iter().map(|(_, value)| value);
            let clear: Vec<_> = clear
                .filter(|value| !matches!(value, Value::Blob(_)))
                .cloned()
                .collect();
            let next = seen.len();
            *seen.entry(clear).or_insert(next)
        })
        .collect()
}

/// Rows that several attempts put together.
fn together(clusterings: &[(&'static str, Vec<usize>)]) -> Vec<usize> {
    let count = clusterings.first().map_or(0, |(_, clusters)| clusters.len());
    let mut sets = Sets::new(count);
    for one in 0..count {
        for other in one + 1..count {
            let agreeing = clusterings
                .iter()
                .filter(|(_, clusters)| clusters[one] == clusters[other]);
            if agreeing.count() >= AGREEING {
                sets.join(one, other);
            }
        }
    }
    sets.parts()
}

/// Disjoint sets.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.0[item] != item {
            self.0[item] = self.0[self.0[item]];
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one] = other;
    }

    fn parts(mut self) -> Vec<usize> {
        (0..self.0.len()).map(|item| self.root(item)).collect()
    }
}

/// The true assignment of rows to persons, and many by chance.
struct Chance {
    truth: Vec<usize>,
    permuted: Vec<Vec<usize>>,
    persons: usize,
    attempts: usize,
}

impl Chance {
    fn new(attempt: &Attempt, acts: &[usize], persons: usize, attempts: usize) -> Self {
        let rows_of =
            |person_of_act: &[usize]| -> Vec<usize> { acts.iter().map(|act| person_of_act[*act]).collect() };
        let mut strata: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (act, stratum) in attempt.stratum_of_act.iter().enumerate() {
            strata.entry(*stratum).or_default().push(act);
        }
        // A fixed seed: the same dump has one answer.
        let mut chance = ChaCha20Rng::seed_from_u64(1);
        let mut dealt = attempt.person_of_act.clone();
        let mut permuted = Vec::with_capacity(PERMUTATIONS);
        for _ in 0..PERMUTATIONS {
            for acts in strata.values() {
                for last in (1..acts.len()).rev() {
                    let other = below(&mut chance, last + 1);
                    dealt.swap(acts[last], acts[other]);
                }
            }
            permuted.push(rows_of(&dealt));
        }
        Self {
            truth: rows_of(&attempt.person_of_act),
            permuted,
            persons,
            attempts,
        }
    }

    fn outcome(&mut self, by: &'static str, clusters: &[usize]) -> Outcome {
        let items = Items::new(clusters, self.persons);
        let mut indices: Vec<f64> = self.permuted.iter().map(|truth| items.index(truth)).collect();
        indices.sort_by(f64::total_cmp);
        // Each attempt may fail by chance; the more there are, the wider the interval of each (Bonferroni).
        let outside = outside_each_side(self.attempts, indices.len());
        let chance = (indices[outside], indices[indices.len() - 1 - outside]);
        Outcome {
            by,
            index: items.index(&self.truth),
            chance,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive count"
)]
fn outside_each_side(attempts: usize, permutations: usize) -> usize {
    ((1.0 - CONFIDENCE) / 2.0 / attempts as f64 * permutations as f64) as usize
}

/// A number below `bound`. The bias of a remainder of 64 bits is far below what is measured.
pub(crate) fn below(chance: &mut ChaCha20Rng, bound: usize) -> usize {
    usize::try_from(chance.next_u64() % bound as u64).expect("below a usize")
}

#[cfg(test)]
mod tests {
    use super::super::rows::RowId;
    use super::*;

    /// 20 persons with 6 acts of 2 rows each, in rounds of another order each; `mark` is what a row says of its person.
    fn play(seed: u64, mark: impl Fn(usize, u64) -> Vec<u8>) -> Vec<Outcome> {
        let mut chance = ChaCha20Rng::seed_from_u64(seed);
        let (mut attempt, mut truth, mut rows) = (Attempt::default(), Truth::default(), Vec::new());
        for round in 0..6 {
            let mut persons: Vec<usize> = (0..20).collect();
            for last in (1..persons.len()).rev() {
                persons.swap(last, below(&mut chance, last + 1));
            }
            for person in persons {
                let act = attempt.person_of_act.len();
                attempt.person_of_act.push(person);
                attempt.stratum_of_act.push(round);
                for table in ["grant", "event"] {
                    let key = vec![Value::Blob(chance.next_u64().to_be_bytes().to_vec())];
                    let id = RowId {
                        store: "consent",
                        table: table.to_owned(),
                        key: key.clone(),
                    };
                    let sealed = Value::Blob(mark(person, chance.next_u64()));
                    let arrival = Value::Integer(i64::try_from(act).unwrap());
                    let columns = vec![
                        ("key".to_owned(), key[0].clone()),
                        ("sealed".to_owned(), sealed),
                        ("arrival".to_owned(), arrival),
                    ];
                    truth.rows.insert(id.clone(), act);
                    rows.push(Row { id, columns });
                }
            }
        }
        attempt_to_group(&rows, &truth, &attempt)
    }

    #[test]
    fn rows_that_say_nothing_group_as_chance_does() {
        for outcome in play(7, |_, random| random.to_be_bytes().to_vec()) {
            assert!(outcome.is_chance(), "{outcome:?}");
        }
    }

    #[test]
    fn rows_that_hold_something_of_their_person_are_found() {
        let by_bytes = play(7, |person, random| {
            [
                &[0xa0 + u8::try_from(person).unwrap(); 8][..],
                &random.to_be_bytes(),
            ]
            .concat()
        });
        assert!(
            !by_bytes[2].is_chance() && by_bytes[2].index > 0.9,
            "{:?}",
            by_bytes[2]
        );
        let by_length = play(7, |person, random| random.to_be_bytes().repeat(1 + person));
        assert!(
            !by_length[4].is_chance() && by_length[4].index > 0.5,
            "{:?}",
            by_length[4]
        );
    }
}
