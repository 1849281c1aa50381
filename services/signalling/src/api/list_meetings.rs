//! ListMeetings: the meetings that the caller's organisation is invited to, page by page.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{ListMeetingsRequest, ListMeetingsResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};
use tonic::Request;

use super::meeting_reply;
use crate::context::Context;
use crate::domain::meeting::Meeting;
use crate::store::encounter::FIRST;
use crate::store::vault::{Fault, Tag};

const PAGE_DEFAULT: u32 = 20;
/// As many as fit into one answer when every agenda is full.
const PAGE_MAX: u32 = 20;
const TOKEN: &str = "meetings";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListMeetingsRequest>,
) -> Result<ListMeetingsResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let limit = page_size(body.page_size, PAGE_DEFAULT, PAGE_MAX)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let after = match context.tokens.open_page(TOKEN, &body.page_token, &filter)? {
        None => FIRST,
        Some(place) => Tag::try_from(place).map_err(|_| Refusal::new(ErrorReason::BadPageToken))?,
    };
    let person = partner.person();
    let mut read = context.store.read("list_meetings").await.map_err(Fault::from)?;
    let organisation = person.organisation;
    let page = Meeting::page(&context.vault, &mut read.tx(), organisation, &after, limit).await?;
    let next_page_token = match page.last() {
        Some((tag, _)) if page.len() == limit as usize => context.tokens.seal_page(TOKEN, tag, &filter),
        _ => String::new(),
    };
    Ok(ListMeetingsResponse {
        meetings: page
            .iter()
            .filter(|(_, meeting)| meeting.knows(&person))
            .map(|(_, meeting)| meeting_reply::meeting(meeting, &person))
            .collect(),
        next_page_token,
    })
}
