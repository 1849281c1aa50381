//! Clients that each do one thing after the other, all at once.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::error::{BenchError, failed};

/// What a number of clients did together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Operations in a second, all clients together.
    pub(crate) rate: f64,
    /// The time that half of the operations stayed within, in milliseconds.
    pub(crate) p50_ms: f64,
}

/// Lets each client do `each` operations, one after the other. An operation is told its client and its number.
pub(crate) async fn drive<F, R>(clients: usize, each: usize, operation: F) -> Result<Load, BenchError>
where
    F: Fn(usize, usize) -> R + Clone + Send + 'static,
    R: Future<Output = Result<(), BenchError>> + Send,
{
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for client in 0..clients {
        let operation = operation.clone();
        tasks.spawn(async move {
            let mut took = Vec::with_capacity(each);
            for number in 0..each {
                let begun = Instant::now();
                operation(client, number).await?;
                took.push(begun.elapsed());
            }
            Ok::<_, BenchError>(took)
        });
    }
    let mut took = Vec::with_capacity(clients * each);
    while let Some(ended) = tasks.join_next().await {
        took.extend(ended.map_err(failed("a client"))??);
    }
    Ok(Load {
        rate: count(took.len()) / begun.elapsed().as_secs_f64(),
        p50_ms: p50_ms(took),
    })
}

/// The median of some durations, in milliseconds; zero of none.
pub(crate) fn p50_ms(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    took.get(took.len() / 2)
        .map_or(0.0, |middle| middle.as_secs_f64() * 1000.0)
}

/// A count as a number to divide with.
pub(crate) fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}
