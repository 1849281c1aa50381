//! What is measured, each figure once for every repetition and number of clients.

use std::collections::BTreeMap;

use serde::Serialize;

/// One thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Calls of the bare echo, a second.
    EchoRate,
    /// The same, median of one call.
    EchoP50,
    /// Calls of the echo in a service's chassis, directly, a second.
    HostEchoRate,
    /// The same, median of one call.
    HostEchoP50,
    /// Calls of that echo through the gateway, a second.
    GatewayEchoRate,
    /// The same, median of one call.
    GatewayEchoP50,
    /// Calls of the bare echo through HAProxy, a second.
    HaproxyEchoRate,
    /// The same, median of one call.
    HaproxyEchoP50,
    /// Bare one-row commits, a second.
    CommitRate,
    /// One fdatasync of 4 KiB, median.
    Fdatasync,
    /// The bare cryptography of whole jobs, a second.
    CryptoRate,
    /// Durable acts of the store, each with its leaf, a second.
    ActRate,
    /// Messages submitted through the gateway, a second.
    SendRate,
    /// The same, median of one submission.
    SendP50,
    /// Messages submitted, received by watch and acknowledged, a second.
    DeliverRate,
    /// Whole jobs through the SDK: seal, submit, gate, open; a second.
    WholeRate,
    /// Deliveries a second in a mesh that holds few messages.
    FewStoredRate,
    /// Deliveries a second in a mesh that holds many messages.
    ManyStoredRate,
}

impl Figure {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::EchoRate => "bare mTLS echo, calls/s",
            Self::EchoP50 => "bare mTLS echo, p50 ms",
            Self::HostEchoRate => "echo in a service's chassis, calls/s",
            Self::HostEchoP50 => "echo in a service's chassis, p50 ms",
            Self::GatewayEchoRate => "echo through the gateway, calls/s",
            Self::GatewayEchoP50 => "echo through the gateway, p50 ms",
            Self::HaproxyEchoRate => "bare echo through HAProxy, calls/s",
            Self::HaproxyEchoP50 => "bare echo through HAProxy, p50 ms",
            Self::CommitRate => "bare one-row commits/s",
            Self::Fdatasync => "fdatasync of 4 KiB, p50 ms",
            Self::CryptoRate => "bare cryptography of a job, jobs/s",
            Self::ActRate => "durable acts with their leaf/s",
            Self::SendRate => "submissions/s",
            Self::SendP50 => "submission, p50 ms",
            Self::DeliverRate => "submit + watch + acknowledge, jobs/s",
            Self::WholeRate => "seal + submit + gate + open, jobs/s",
            Self::FewStoredRate => "deliveries/s, few stored",
            Self::ManyStoredRate => "deliveries/s, many stored",
        }
    }

    /// Whether it says something of the machine and nothing of the mesh.
    pub(crate) fn is_yardstick(self) -> bool {
        matches!(
            self,
            Self::EchoRate | Self::CommitRate | Self::Fdatasync | Self::CryptoRate
        )
    }
}

/// Everything that was measured, in order of repetition.
#[derive(Debug, Default)]
pub(crate) struct Samples(BTreeMap<(Figure, usize), Vec<f64>>);

impl Samples {
    pub(crate) fn add(&mut self, figure: Figure, clients: usize, value: f64) {
        self.0.entry((figure, clients)).or_default().push(value);
    }

    pub(crate) fn of(&self, figure: Figure, clients: usize) -> &[f64] {
        self.0.get(&(figure, clients)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Figure, usize, &[f64])> {
        self.0
            .iter()
            .map(|(&(figure, clients), values)| (figure, clients, values.as_slice()))
    }
}

/// The least, the middle and the most of some values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The middle one.
    pub median: f64,
    /// The most.
    pub max: f64,
}

impl Spread {
    /// None of no values.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Some(Self {
            min: *values.first()?,
            median: *values.get(values.len() / 2)?,
            max: *values.last()?,
        })
    }

    /// How far the values lie apart, as a part of the middle one.
    pub(crate) fn relative(&self) -> f64 {
        (self.max - self.min) / self.median
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn a_spread_is_in_order_whatever_the_values_were() {
        let spread = Spread::of([3.0, 1.0, 2.0]).expect("values");
        assert_eq!(
            spread,
            Spread {
                min: 1.0,
                median: 2.0,
                max: 3.0
            }
        );
        assert!((spread.relative() - 1.0).abs() < f64::EPSILON);
        assert_eq!(Spread::of([]), None);
    }
}
