//! CountSignals: what became of the signals of the caller's own organisation.

use sluis_proto::signalling::v1::{CountSignalsRequest, CountSignalsResponse, SignalQuarter};
use sluis_serve::Refusal;
use sluis_types::SignalId;
use tonic::Request;

use crate::context::Context;
use crate::domain::quarter::{Count, Counts, Quarter};
use crate::domain::signal::Signal;
use crate::store::vault::Fault;

/// Signals read at once.
const PAGE: u32 = 500;
/// Signals that are counted.
const SIGNALS_MAX: usize = 20_000;

pub(super) async fn handle(
    context: &Context,
    request: &Request<CountSignalsRequest>,
) -> Result<CountSignalsResponse, Refusal> {
    let partner = context.partner(request)?;
    let (organisation, vault) = (partner.organisation(), &context.vault);
    let mut read = context.store.read("count_signals").await.map_err(Fault::from)?;
    let mut counts = Counts::default();
    let (mut after, mut seen) = (SignalId::from_bytes([0; 16]), 0);
    let incomplete = loop {
        let page = Signal::page(vault, &mut read.tx(), organisation, after, PAGE).await?;
        for signal in &page {
            counts.add(signal, partner.now);
        }
        seen += page.len();
        match page.last() {
            Some(last) if page.len() == PAGE as usize && seen < SIGNALS_MAX => after = last.id,
            last => break last.is_some() && page.len() == PAGE as usize,
        }
    };
    let quarter = |(quarter, count): (Quarter, &Count)| SignalQuarter {
        year: quarter.year,
        quarter: quarter.number,
        registered: count.registered,
        met: count.met,
        closed: count.closed,
        unfounded: count.unfounded,
        withdrawn: count.withdrawn,
        expired: count.expired,
        objected: count.objected,
        drafters: count.drafters(),
        most_by_one: count.most_by_one(),
    };
    Ok(CountSignalsResponse {
        quarters: counts.newest().map(quarter).collect(),
        incomplete,
    })
}
