//! Ratios beside their targets.

use std::fmt;

use serde::Serialize;

use crate::figure::{Figure, Samples, Spread};
use crate::profile::Profile;

/// From which spread of a yardstick on the machine is called noisy.
const NOISY: f64 = 0.20;

/// What a ratio should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// One ratio, over all repetitions.
#[derive(Clone, Debug, Serialize)]
pub struct Ratio {
    /// What is divided by what.
    pub name: &'static str,
    /// How many clients worked at once.
    pub clients: usize,
    /// What came out.
    #[serde(flatten)]
    pub spread: Spread,
    /// What should have come out, where there is a target.
    pub target: Option<Target>,
    /// Whether the median reaches it.
    pub reached: Option<bool>,
}

/// One figure, over all repetitions.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// What was measured.
    pub figure: Figure,
    /// How many clients worked at once.
    pub clients: usize,
    /// What came out.
    #[serde(flatten)]
    pub spread: Spread,
}

/// One step of a submission at one client: the difference of two medians.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Which part.
    pub name: &'static str,
    /// How long it takes, in milliseconds.
    pub milliseconds: f64,
}

/// What was measured on one kind of database.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    /// How often everything was measured.
    pub repetitions: usize,
    /// The ratios.
    pub ratios: Vec<Ratio>,
    /// What they were made of.
    pub figures: Vec<Measured>,
    /// Where the time of one submission goes.
    pub stages: Vec<Stage>,
    /// Where the processor's time goes, where it was asked for.
    pub profile: Option<Profile>,
    /// What makes the figures doubtful.
    pub warnings: Vec<String>,
}

/// Facts of a run that are no samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) database: &'static str,
    pub(crate) repetitions: usize,
    /// The most clients that were measured: the ones that targets speak of.
    pub(crate) clients_most: usize,
    /// The clients of the two meshes that are compared by what they hold.
    pub(crate) clients_stored: usize,
    pub(crate) throttled: usize,
}

impl Report {
    pub(crate) fn new(facts: Facts, samples: &Samples, profile: Option<Profile>) -> Self {
        let mut warnings = Vec::new();
        let mut figures = Vec::new();
        for (figure, clients, values) in samples.iter() {
            let Some(spread) = Spread::of(values.iter().copied()) else {
                continue;
            };
            if figure.is_yardstick() && spread.relative() > NOISY {
                let percent = spread.relative() * 100.0;
                warnings.push(format!(
                    "noisy machine: \"{}\" varied by {percent:.0} % at {clients} clients",
                    figure.words()
                ));
            }
            figures.push(Measured {
                figure,
                clients,
                spread,
            });
        }
        if facts.throttled > 0 {
            warnings.push(format!(
                "{} calls were told to come back later: rates are too low",
                facts.throttled
            ));
        }
        Self {
            database: facts.database,
            repetitions: facts.repetitions,
            ratios: ratios(facts, samples),
            figures,
            stages: stages(samples),
            profile,
            warnings,
        }
    }
}

/// Collects ratios, each of values of the same repetition.
struct Ratios<'a> {
    samples: &'a Samples,
    found: Vec<Ratio>,
}

impl Ratios<'_> {
    fn add(&mut self, name: &'static str, clients: usize, target: Option<Target>, values: Vec<f64>) {
        // What was not measured has no ratio.
        let Some(spread) = Spread::of(values) else { return };
        let reached = target.map(|target| match target {
            Target::AtLeast(least) => spread.median >= least,
            Target::AtMost(most) => spread.median <= most,
        });
        self.found.push(Ratio {
            name,
            clients,
            spread,
            target,
            reached,
        });
    }

    fn each(&self, one: Figure, other: Figure, clients: usize, both: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let (one, other) = (self.samples.of(one, clients), self.samples.of(other, clients));
        one.iter()
            .zip(other)
            .map(|(one, other)| both(*one, *other))
            .collect()
    }

    fn over(
        &mut self,
        name: &'static str,
        clients: usize,
        target: Option<Target>,
        above: Figure,
        below: Figure,
    ) {
        let values = self.each(above, below, clients, |above, below| above / below);
        self.add(name, clients, target, values);
    }

    /// What the gateway adds to a call, beside the bare echo and beside what HAProxy adds.
    fn of_gateway(&mut self, clients: usize) {
        let added = self.each(
            Figure::GatewayEchoP50,
            Figure::HostEchoP50,
            clients,
            |through, direct| through - direct,
        );
        let proxied = self.each(
            Figure::HaproxyEchoP50,
            Figure::EchoP50,
            clients,
            |through, direct| through - direct,
        );
        let by = |below: &[f64]| {
            added
                .iter()
                .zip(below)
                .map(|(added, below)| added / below)
                .collect()
        };
        let (by_echo, by_proxy) = (by(self.samples.of(Figure::EchoP50, clients)), by(&proxied));
        self.add("gateway's added p50 ÷ bare echo p50", clients, None, by_echo);
        self.add(
            "gateway's added p50 ÷ HAProxy's",
            clients,
            Some(Target::AtMost(1.0)),
            by_proxy,
        );
        let (name, target) = (
            "echo rate through the gateway ÷ through HAProxy",
            Target::AtLeast(1.2),
        );
        self.over(
            name,
            clients,
            Some(target),
            Figure::GatewayEchoRate,
            Figure::HaproxyEchoRate,
        );
    }
}

fn ratios(facts: Facts, samples: &Samples) -> Vec<Ratio> {
    use Figure as F;
    let mut ratios = Ratios {
        samples,
        found: Vec::new(),
    };
    let measured = samples.iter().filter(|(figure, ..)| *figure == F::EchoRate);
    for clients in measured.map(|(_, clients, _)| clients).collect::<Vec<_>>() {
        let at_most_clients = |target| (clients == facts.clients_most).then_some(target);
        let on_postgres = at_most_clients(Target::AtLeast(1.0)).filter(|_| facts.database == "PostgreSQL");
        let of_crypto = at_most_clients(Target::AtLeast(0.8));
        for (name, target, above, below) in [
            (
                "durable acts with their leaf ÷ bare one-row commits",
                on_postgres,
                F::ActRate,
                F::CommitRate,
            ),
            (
                "submissions through the gateway ÷ bare one-row commits",
                None,
                F::SendRate,
                F::CommitRate,
            ),
            (
                "submit + watch + acknowledge ÷ bare echo calls",
                None,
                F::DeliverRate,
                F::EchoRate,
            ),
            (
                "seal + submit + gate + open ÷ its bare cryptography",
                of_crypto,
                F::WholeRate,
                F::CryptoRate,
            ),
        ] {
            ratios.over(name, clients, target, above, below);
        }
        ratios.of_gateway(clients);
    }
    let least = ratios.each(F::GatewayEchoP50, F::Fdatasync, 1, |echo, sync| echo + sync);
    let sends = samples
        .of(F::SendP50, 1)
        .iter()
        .zip(least)
        .map(|(send, least)| send / least)
        .collect();
    ratios.add(
        "send p50 ÷ (echo p50 through the gateway + one fdatasync)",
        1,
        Some(Target::AtMost(1.1)),
        sends,
    );
    let (name, target) = (
        "cost with many stored messages ÷ with few",
        Some(Target::AtMost(1.3)),
    );
    ratios.over(
        name,
        facts.clients_stored,
        target,
        F::FewStoredRate,
        F::ManyStoredRate,
    );
    ratios.found
}

/// What a submission at one client consists of, by what is missing in the echo before it.
fn stages(samples: &Samples) -> Vec<Stage> {
    let at_one = |figure| Spread::of(samples.of(figure, 1).iter().copied()).map(|spread| spread.median);
    let measured = (
        at_one(Figure::EchoP50),
        at_one(Figure::HostEchoP50),
        at_one(Figure::GatewayEchoP50),
        at_one(Figure::SendP50),
        at_one(Figure::Fdatasync),
    );
    let (Some(echo), Some(host), Some(gateway), Some(send), Some(sync)) = measured else {
        return Vec::new();
    };
    let stage = |name, milliseconds| Stage { name, milliseconds };
    vec![
        stage("client, TLS, HTTP/2, gRPC: the bare echo", echo),
        stage("a service's chassis: caller token, limits, rules", host - echo),
        stage(
            "gateway: JWT, rate limit, caller token, forwarding",
            gateway - host,
        ),
        stage(
            "referral service: checks of the envelope, store, log, receipt",
            send - gateway,
        ),
        stage("  of that, one fdatasync", sync),
        stage("one submission", send),
    ]
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, {} repetitions: min / median / max",
            self.database, self.repetitions
        )?;
        writeln!(f, "\n{:60} {:>7}  {:^26}  target", "ratio", "clients", "")?;
        for ratio in &self.ratios {
            let Spread { min, median, max } = ratio.spread;
            write!(
                f,
                "{:60} {:>7}  {min:>8.3} {median:>8.3} {max:>8.3}",
                ratio.name, ratio.clients
            )?;
            match ratio.target {
                Some(Target::AtLeast(least)) => write!(f, "  ≥ {least:.1}")?,
                Some(Target::AtMost(most)) => write!(f, "  ≤ {most:.1}")?,
                None => {}
            }
            match ratio.reached {
                Some(true) => writeln!(f, " reached")?,
                Some(false) => writeln!(f, " not reached")?,
                None => writeln!(f)?,
            }
        }
        writeln!(f, "\n{:60} {:>7}", "figure", "clients")?;
        for measured in &self.figures {
            let Spread { min, median, max } = measured.spread;
            let (words, clients) = (measured.figure.words(), measured.clients);
            writeln!(f, "{words:60} {clients:>7}  {min:>8.3} {median:>8.3} {max:>8.3}")?;
        }
        if !self.stages.is_empty() {
            writeln!(f, "\nwhere the time of one submission goes, 1 client, ms")?;
        }
        for stage in &self.stages {
            writeln!(f, "{:68}  {:>8.3}", stage.name, stage.milliseconds)?;
        }
        if let Some(profile) = &self.profile {
            write!(f, "\n{profile}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(throttled: usize) -> Facts {
        Facts {
            database: "PostgreSQL",
            repetitions: 2,
            clients_most: 1,
            clients_stored: 1,
            throttled,
        }
    }

    #[test]
    fn a_ratio_is_of_values_of_the_same_repetition_and_judged_by_its_median() {
        let mut samples = Samples::default();
        for (echo, commits, acts) in [(10.0, 100.0, 90.0), (10.1, 200.0, 300.0)] {
            samples.add(Figure::EchoRate, 1, echo);
            samples.add(Figure::CommitRate, 1, commits);
            samples.add(Figure::ActRate, 1, acts);
        }
        let report = Report::new(facts(0), &samples, None);
        let ratio = report.ratios.first().expect("one ratio");
        assert_eq!(
            ratio.spread,
            Spread {
                min: 0.9,
                median: 1.5,
                max: 1.5
            }
        );
        assert_eq!(
            (ratio.target, ratio.reached),
            (Some(Target::AtLeast(1.0)), Some(true))
        );
        assert_eq!(report.ratios.len(), 1, "what was not measured has no ratio");
    }

    #[test]
    fn noise_and_throttling_are_said() {
        let mut samples = Samples::default();
        samples.add(Figure::CommitRate, 1, 100.0);
        samples.add(Figure::CommitRate, 1, 130.0);
        samples.add(Figure::SendRate, 1, 1.0);
        samples.add(Figure::SendRate, 1, 9.0);
        let warnings = Report::new(facts(3), &samples, None).warnings;
        assert_eq!(
            warnings.len(),
            2,
            "a yardstick's noise, and calls that were held back: {warnings:?}"
        );
    }
}
