//! ListMatches: the matches of the caller's organisation, page by page.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{ListMatchesRequest, ListMatchesResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::store::encounter::FIRST;
use crate::store::vault::{Fault, Tag};

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
const TOKEN: &str = "matches";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListMatchesRequest>,
) -> Result<ListMatchesResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let limit = page_size(body.page_size, PAGE_DEFAULT, PAGE_MAX)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let after = match context.tokens.open_page(TOKEN, &body.page_token, &filter)? {
        None => FIRST,
        Some(place) => Tag::try_from(place).map_err(|_| Refusal::new(ErrorReason::BadPageToken))?,
    };
    let mut read = context.store.read("list_matches").await.map_err(Fault::from)?;
    let organisation = partner.organisation();
    let page = Encounter::page(&context.vault, &mut read.tx(), organisation, &after, limit).await?;
    let next_page_token = match page.last() {
        Some((tag, _)) if page.len() == limit as usize => context.tokens.seal_page(TOKEN, tag, &filter),
        _ => String::new(),
    };
    Ok(ListMatchesResponse {
        matches: page
            .iter()
            .map(|(_, encounter)| reply::encounter(encounter))
            .collect(),
        next_page_token,
    })
}
