//! The adjusted Rand index (Hubert and Arabie, 1985): how far two partitions agree beyond chance. 1 is the same, 0 is
//! what chance gives.

/// Two partitions of the same items; parts are numbered from 0 without gaps.
#[derive(Clone, Debug)]
pub struct Items {
    /// Items sorted by the part that the attempt put them in.
    order: Vec<usize>,
    /// Where each part of the attempt ends in `order`.
    ends: Vec<usize>,
    /// Sum over parts of pairs within.
    pairs_within: f64,
    /// How many parts the true partition has at most.
    labels: usize,
}

impl Items {
    /// Prepares an attempt's partition for many comparisons with partitions into at most `labels` parts.
    pub fn new(clusters: &[usize], labels: usize) -> Self {
        let mut order: Vec<usize> = (0..clusters.len()).collect();
        order.sort_by_key(|item| clusters[*item]);
        let mut ends = Vec::new();
        for (place, pair) in order.windows(2).enumerate() {
            if clusters[pair[0]] != clusters[pair[1]] {
                ends.push(place + 1);
            }
        }
        ends.push(order.len());
        let mut begin = 0;
        let mut pairs_within = 0.0;
        for end in &ends {
            pairs_within += pairs(end - begin);
            begin = *end;
        }
        Self {
            order,
            ends,
            pairs_within,
            labels,
        }
    }

    /// The adjusted Rand index with the true partition.
    pub fn index(&self, truth: &[usize]) -> f64 {
        let mut totals = vec![0_usize; self.labels];
        let mut counts = vec![0_usize; self.labels];
        let (mut begin, mut agreeing) = (0, 0.0);
        for end in &self.ends {
            let part = &self.order[begin..*end];
            for item in part {
                counts[truth[*item]] += 1;
                totals[truth[*item]] += 1;
            }
            for item in part {
                agreeing += pairs(std::mem::take(&mut counts[truth[*item]]));
            }
            begin = *end;
        }
        let true_pairs: f64 = totals.into_iter().map(pairs).sum();
        let expected = self.pairs_within * true_pairs / pairs(self.order.len()).max(1.0);
        let most = f64::midpoint(self.pairs_within, true_pairs);
        if (most - expected).abs() < f64::EPSILON {
            0.0
        } else {
            (agreeing - expected) / (most - expected)
        }
    }
}

/// The adjusted Rand index of two partitions.
pub fn adjusted_rand_index(clusters: &[usize], truth: &[usize]) -> f64 {
    let labels = truth.iter().max().map_or(0, |most| most + 1);
    Items::new(clusters, labels).index(truth)
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
fn pairs(count: usize) -> f64 {
    let count = count as f64;
    count * (count - 1.0).max(0.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_for_the_same_and_about_nothing_for_the_unrelated() {
        let truth = [0, 0, 0, 1, 1, 1, 2, 2, 2];
        assert!((adjusted_rand_index(&truth, &truth) - 1.0).abs() < 1e-9);
        assert!((adjusted_rand_index(&[5, 5, 5, 3, 3, 3, 9, 9, 9], &truth) - 1.0).abs() < 1e-9);
        assert!(adjusted_rand_index(&[0, 1, 2, 0, 1, 2, 0, 1, 2], &truth) < 0.0);
        assert!(adjusted_rand_index(&[0; 9], &truth).abs() < 1e-9);
    }

    #[test]
    fn it_is_the_value_of_a_worked_example() {
        // Computed by hand from the contingency table [[1, 1, 0], [1, 2, 0], [0, 1, 4]].
        let truth = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
        let clusters = [0, 1, 0, 1, 1, 2, 2, 2, 2, 2];
        assert!((adjusted_rand_index(&clusters, &truth) - 0.312_573_443).abs() < 1e-6);
    }
}
