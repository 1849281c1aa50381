//! Posts where nothing lies, where another organisation's weak post lies, and where a match comes of it, in turn.

use std::path::Path;

use sluis_proto::signalling::v1::Severity;
use sluis_types::{OrganisationKind, OsRandomness, Randomness as _};

use super::parties::{Circle, Organisation};
use super::service::{Service, Waiting};
use super::statistics::Comparison;
use crate::error::{BenchError, failed};
use crate::place::Place;

/// Rounds that one pair of organisations does: each may write down so many signals in a week.
const ROUNDS_EACH: usize = 60;

/// Times of answers, in milliseconds.
#[derive(Default)]
pub(super) struct Times {
    /// Posts where nothing lies.
    nothing: Vec<f64>,
    /// Posts where another's weak post lies.
    weak: Vec<f64>,
    /// Posts that make a match.
    match_made: Vec<f64>,
}

impl Times {
    pub(super) fn below(&self) -> Comparison {
        Comparison::of(&self.nothing, &self.weak)
    }

    pub(super) fn at_threshold(&self) -> Comparison {
        Comparison::of(&self.weak, &self.match_made)
    }
}

/// Two members of circles, of which the first's posts are timed.
pub(super) fn pair(number: usize) -> Result<[Organisation; 2], BenchError> {
    Ok([
        Organisation::new(2 * number, OrganisationKind::Welfare)?,
        Organisation::new(2 * number + 1, OrganisationKind::MentalHealth)?,
    ])
}

pub(super) async fn run(
    (place, home): (&mut Place, &Path),
    name: &str,
    waiting: Waiting,
    rounds: usize,
) -> Result<Times, BenchError> {
    let home = home.join(name);
    std::fs::create_dir_all(&home).map_err(failed("a directory"))?;
    let mut organisations = Vec::new();
    for number in 0..rounds.div_ceil(ROUNDS_EACH) {
        organisations.extend(pair(number)?);
    }
    let url = place.database(name).await?;
    let mut service = Service::start(&url, &home, waiting, &organisations).await?;
    let mut times = Times::default();
    // What is only slow the first time is no sample.
    let (warm, _) = organisations.split_at(2);
    round(&mut service, warm, &mut Times::default()).await?;
    for turn in 0..rounds {
        let pair = turn / ROUNDS_EACH * 2;
        round(&mut service, &organisations[pair..pair + 2], &mut times).await?;
    }
    service.stop().await;
    Ok(times)
}

/// One post of each kind, in an order that chance chose.
async fn round(service: &mut Service, pair: &[Organisation], times: &mut Times) -> Result<(), BenchError> {
    let (one, other) = (&pair[0], &pair[1]);
    let circles = [Circle::new(), Circle::new(), Circle::new()];
    let mut requests = Vec::with_capacity(circles.len());
    for circle in &circles {
        let signal = service.signal(one.oin, Severity::Attention).await?;
        requests.push(circle.posting((one, other), (&signal, false))?);
    }
    for (circle, severity) in [(&circles[1], Severity::Attention), (&circles[2], Severity::Worry)] {
        let signal = service.signal(other.oin, severity).await?;
        let strong = severity == Severity::Worry;
        let theirs = circle.posting((other, one), (&signal, strong))?;
        service.post(other.oin, theirs).await?;
    }
    let mut order = [0, 1, 2];
    let mut chance = [0; 2];
    OsRandomness.fill(&mut chance);
    order.swap(2, usize::from(chance[0]) % 3);
    order.swap(1, usize::from(chance[1]) % 2);
    for kind in order {
        let took = service.post(one.oin, requests[kind].clone()).await?;
        match kind {
            0 => times.nothing.push(took),
            1 => times.weak.push(took),
            _ => times.match_made.push(took),
        }
    }
    Ok(())
}
