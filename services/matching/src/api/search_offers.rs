//! SearchOffers: a coarse search for thin clients, without any person in it.

use sluis_proto::matching::v1::{SearchOffersRequest, SearchOffersResponse};
use sluis_ranking::{Area, AreaLevel};
use sluis_serve::{Caller, Refusal, SealedTokens, optional_text, page_size};
use sluis_types::LifeDomain;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::words;
use crate::store::offer::{Search, search};
use crate::store::vault::Fault;

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
const WORDS_CHARS_MAX: usize = 80;
const TOKEN: &str = "offers";
/// Before every offer id.
const FIRST: [u8; 0] = [];

pub(super) async fn handle(
    context: &Context,
    request: &Request<SearchOffersRequest>,
) -> Result<SearchOffersResponse, Refusal> {
    let body = request.get_ref();
    let asked = Search {
        area: area(&body.area)?,
        domain: domain(body.life_domain)?,
        words: optional_text("words", &body.words, WORDS_CHARS_MAX)?.and_then(words::of_question),
    };
    let limit = page_size(body.page_size, PAGE_DEFAULT, PAGE_MAX)?;
    let filters = [
        body.area.as_bytes(),
        &[asked.domain.number()],
        body.words.as_bytes(),
    ];
    let filter = SealedTokens::filter(Caller::of(request)?, &filters);
    let after = context.tokens.open_page(TOKEN, &body.page_token, &filter)?;
    let after = after.as_deref().unwrap_or(&FIRST);
    let mut read = context.store.read("search_offers").await.map_err(Fault::from)?;
    let found = search(&mut read.tx(), &asked, after, limit).await?;
    let next_page_token = found
        .last()
        .filter(|_| found.len() == limit as usize)
        .map(|last| context.tokens.seal_page(TOKEN, last.id.as_bytes(), &filter))
        .unwrap_or_default();
    Ok(SearchOffersResponse {
        offers: found.iter().map(reply::offer).collect(),
        next_page_token,
    })
}

/// A buurt would say too closely where somebody lives.
fn area(code: &str) -> Result<Area, Refusal> {
    Area::parse(code)
        .ok()
        .filter(|area| area.level() < AreaLevel::Quarter)
        .ok_or_else(|| Refusal::invalid_field("area", "must be a gemeente or a wijk"))
}

fn domain(stated: i32) -> Result<LifeDomain, Refusal> {
    u8::try_from(stated)
        .ok()
        .and_then(|number| LifeDomain::from_number(number).ok())
        .ok_or_else(|| Refusal::invalid_field("life_domain", "must be a known value"))
}
