//! ListOrganisations: the organisations in order of OIN, page by page.

use sluis_proto::registry::v1::{ListOrganisationsRequest, ListOrganisationsResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};

use super::message::organisation;
use crate::Inner;
use crate::error::Error;
use crate::store::{Record, list_organisations};

/// What the page tokens of this list are bound to.
const LIST: &str = "organisations";
const PAGE_SIZE_DEFAULT: u32 = 50;
const PAGE_SIZE_MAX: u32 = 200;

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<ListOrganisationsRequest>,
) -> Result<ListOrganisationsResponse, Refusal> {
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let asked = request.get_ref();
    let size = page_size(asked.page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)?;
    let after = registry
        .tokens
        .open_page(LIST, &asked.page_token, &filter)?
        .unwrap_or_default();
    // One more than fits tells whether there is another page.
    let mut page = read(registry, &String::from_utf8_lossy(&after), size + 1).await?;
    let more = page.len() > size as usize;
    page.truncate(size as usize);
    let next_page_token = match page.last() {
        Some(last) if more => registry
            .tokens
            .seal_page(LIST, last.profile.oin.as_bytes(), &filter),
        Some(_) | None => String::new(),
    };
    Ok(ListOrganisationsResponse {
        organisations: page.into_iter().map(organisation).collect(),
        next_page_token,
    })
}

async fn read(registry: &Inner, after: &str, limit: u32) -> Result<Vec<Record>, Error> {
    let mut read = registry.store.read("organisations.list").await?;
    Ok(list_organisations(&mut read.tx(), after, limit).await?)
}
