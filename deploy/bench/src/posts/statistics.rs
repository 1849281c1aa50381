//! Whether two samples come from one distribution, and how far they are apart.

use std::fmt;

use serde::Serialize;
use sluis_types::{Randomness as _, SeededRandomness};

/// How often the samples are drawn anew for the intervals.
const RESAMPLES: usize = 2000;
/// Draws are the same in every run: the same samples give the same intervals.
const SEED: u64 = 1;

/// Two samples compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// How many of each.
    pub each: usize,
    /// The medians, in milliseconds.
    pub medians: [f64; 2],
    /// Standard score of the Mann-Whitney U test, corrected for ties: above 0 when the second takes longer.
    pub z: f64,
    /// Two-sided probability of that or more if both were alike (normal approximation).
    pub p: f64,
    /// How often one of the second takes longer than one of the first, 0.5 if they are alike: the effect size.
    pub slower: f64,
    /// Its 95 % interval, by bootstrap.
    pub slower_interval: [f64; 2],
    /// By how much the second's median is later, in milliseconds.
    pub later: f64,
    /// Its 95 % interval, by bootstrap.
    pub later_interval: [f64; 2],
}

impl Comparison {
    /// Compares two samples in milliseconds. Neither may be empty.
    pub(super) fn of(first: &[f64], second: &[f64]) -> Self {
        let (slower, z) = mann_whitney(first, second);
        let mut draw = Draw(SeededRandomness::new(SEED));
        let (mut rates, mut gaps) = (Vec::with_capacity(RESAMPLES), Vec::with_capacity(RESAMPLES));
        for _ in 0..RESAMPLES {
            let (one, other) = (draw.again(first), draw.again(second));
            rates.push(mann_whitney(&one, &other).0);
            gaps.push(median(&other) - median(&one));
        }
        Self {
            each: first.len().min(second.len()),
            medians: [median(first), median(second)],
            z,
            p: two_sided(z),
            slower,
            slower_interval: interval(rates),
            later: median(second) - median(first),
            later_interval: interval(gaps),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.medians;
        let ([low, high], [early, late]) = (self.slower_interval, self.later_interval);
        write!(
            f,
            "{} | {first:.2}, {second:.2} | {:.1} | {:.2} | {:.2} ({low:.2} to {high:.2}) | {:.2} ({early:.2} to {late:.2})",
            self.each, self.z, self.p, self.slower, self.later
        )
    }
}

struct Draw(SeededRandomness);

impl Draw {
    /// As many values of a sample as it has, each any of them.
    fn again(&mut self, sample: &[f64]) -> Vec<f64> {
        let mut bytes = vec![0; sample.len() * 8];
        self.0.fill(&mut bytes);
        let (numbers, _) = bytes.as_chunks::<8>();
        let length = sample.len() as u64;
        numbers
            .iter()
            .map(|number| {
                let at = u64::from_le_bytes(*number) % length;
                sample[usize::try_from(at).expect("less than the length")]
            })
            .collect()
    }
}

/// How often one of the second is greater, ties counting half; and the standard score of that.
fn mann_whitney(first: &[f64], second: &[f64]) -> (f64, f64) {
    let mut all: Vec<(f64, bool)> = first
        .iter()
        .map(|value| (*value, false))
        .chain(second.iter().map(|value| (*value, true)))
        .collect();
    all.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
    for alike in all.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let many = number(alike.len());
        let rank = before + f64::midpoint(many, 1.0);
        ranks += rank * number(alike.iter().filter(|(_, is_second)| *is_second).count());
        ties += many.powi(3) - many;
        before += many;
    }
    let (m, n) = (number(first.len()), number(second.len()));
    let u = ranks - n * (n + 1.0) / 2.0;
    let all = m + n;
    let variance = m * n / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    let z = if variance > 0.0 {
        (u - m * n / 2.0) / variance.sqrt()
    } else {
        0.0
    };
    (u / (m * n), z)
}

fn number(count: usize) -> f64 {
    crate::load::count(count)
}

pub(super) fn median(sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// The middle 95 %.
fn interval(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_unstable_by(f64::total_cmp);
    let cut = values.len() / 40;
    [values[cut], values[values.len() - 1 - cut]]
}

/// Two-sided probability of a standard normal score (Abramowitz and Stegun 26.2.17, error below 1e-7).
fn two_sided(z: f64) -> f64 {
    let z = z.abs();
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let tail = [
        0.319_381_530,
        -0.356_563_782,
        1.781_477_937,
        -1.821_255_978,
        1.330_274_429,
    ]
    .iter()
    .rev()
    .fold(0.0, |sum, factor| (sum + factor) * t);
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (2.0 * density * tail).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 0.01
    }

    #[test]
    fn the_test_agrees_with_values_from_the_literature() {
        // Worked by hand: the ranks of the second are 4, 5, 7, 8, 9, so U = 33 - 15 = 18 of 20.
        let (slower, z) = mann_whitney(&[1.0, 2.0, 3.0, 6.0], &[4.0, 5.0, 7.0, 8.0, 9.0]);
        assert!(close(slower, 0.9), "{slower}");
        assert!(close(z, 8.0 / (20.0_f64 * 10.0 / 12.0).sqrt()), "{z}");
        // Ties count half, and all alike is no difference.
        assert_eq!(mann_whitney(&[1.0, 1.0], &[1.0, 1.0]), (0.5, 0.0));
        for (z, p) in [(0.0, 1.0), (1.96, 0.05), (2.576, 0.01), (-1.645, 0.10)] {
            assert!((two_sided(z) - p).abs() < 0.001, "{z}");
        }
    }

    #[test]
    fn what_is_later_is_told_with_its_interval() {
        let first: Vec<f64> = (0..200).map(|it| f64::from(it) / 100.0).collect();
        let second: Vec<f64> = first.iter().map(|it| it + 0.5).collect();
        let compared = Comparison::of(&first, &second);
        assert!(close(compared.later, 0.5), "{compared:?}");
        assert!(compared.z > 5.0 && compared.p < 0.001, "{compared:?}");
        let ([low, high], [early, late]) = (compared.slower_interval, compared.later_interval);
        assert!(0.5 < low && low < compared.slower && compared.slower < high);
        assert!(0.0 < early && early < 0.5 && 0.5 < late && late < 1.0);
        let same = Comparison::of(&first, &first);
        assert!(
            close(same.z, 0.0) && close(same.slower, 0.5) && close(same.p, 1.0),
            "{same:?}"
        );
    }
}
