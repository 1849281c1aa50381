//! ListSignals: the signals of the caller's organisation, page by page.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{ListSignalsRequest, ListSignalsResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};
use sluis_types::SignalId;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::signal::Signal;
use crate::store::vault::Fault;

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
const TOKEN: &str = "signals";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListSignalsRequest>,
) -> Result<ListSignalsResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let limit = page_size(body.page_size, PAGE_DEFAULT, PAGE_MAX)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let after = match context.tokens.open_page(TOKEN, &body.page_token, &filter)? {
        None => SignalId::from_bytes([0; 16]),
        Some(place) => SignalId::from_slice(&place).map_err(|_| Refusal::new(ErrorReason::BadPageToken))?,
    };
    let mut read = context.store.read("list_signals").await.map_err(Fault::from)?;
    let organisation = partner.organisation();
    let signals = Signal::page(&context.vault, &mut read.tx(), organisation, after, limit).await?;
    let next_page_token = match signals.last() {
        Some(last) if signals.len() == limit as usize => {
            context.tokens.seal_page(TOKEN, last.id.as_bytes(), &filter)
        }
        _ => String::new(),
    };
    Ok(ListSignalsResponse {
        signals: signals
            .iter()
            .map(|signal| reply::signal(signal, partner.now))
            .collect(),
        next_page_token,
    })
}
