//! ListInbox: what has not been acknowledged, oldest first.

use sluis_envelope::Reader;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{ListInboxRequest, ListInboxResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};
use sluis_types::MessageId;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::store::message::Message;
use crate::store::vault::Fault;

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
const TOKEN: &str = "inbox";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListInboxRequest>,
) -> Result<ListInboxResponse, Refusal> {
    let partner = context.partner(request)?;
    let limit = page_size(request.get_ref().page_size, PAGE_DEFAULT, PAGE_MAX)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let after = match context
        .tokens
        .open_page(TOKEN, &request.get_ref().page_token, &filter)?
    {
        None => START,
        Some(position) => read_place(&position).ok_or_else(|| Refusal::new(ErrorReason::BadPageToken))?,
    };
    let mut read = context.store.read("list_inbox").await.map_err(Fault::from)?;
    let organisation = partner.organisation();
    let messages = Message::inbox(&context.vault, &mut read.tx(), organisation, after, limit).await?;
    let next_page_token = match messages.last() {
        Some(last) if messages.len() == limit as usize => {
            context
                .tokens
                .seal_page(TOKEN, &write_place(place(last)), &filter)
        }
        _ => String::new(),
    };
    let entries = messages
        .iter()
        .map(|message| reply::entry(message, partner.now))
        .collect();
    Ok(ListInboxResponse {
        entries,
        next_page_token,
    })
}

/// A place in an inbox: position and message id.
pub(super) type Place = (i64, MessageId);

/// Before every place.
pub(super) const START: Place = (i64::MIN, MessageId::from_bytes([0; 16]));

/// Where a message stands.
pub(super) fn place(message: &Message) -> Place {
    (message.life.position, message.id())
}

pub(super) fn write_place((position, id): Place) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&position.to_be_bytes());
    bytes[8..].copy_from_slice(id.as_bytes());
    bytes
}

pub(super) fn read_place(bytes: &[u8]) -> Option<Place> {
    let mut reader = Reader::new(bytes);
    let place = (reader.i64().ok()?, MessageId::from_bytes(reader.array().ok()?));
    reader.finish().ok()?;
    Some(place)
}
