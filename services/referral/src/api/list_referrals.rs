//! ListReferrals: the referrals of which the caller is a side, newest first.
//!
//! No row of a thread says whose it is, so they are found through the messages that they began with. A page may come out
//! short of its size, or empty, while more follow: the token says.

use std::cmp::Reverse;

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{ListReferralsRequest, ListReferralsResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};
use sluis_store::Tx;
use sluis_types::{MessageId, Oin};
use tonic::Request;

use super::reply;
use super::submit_message::opens_thread;
use crate::context::Context;
use crate::domain::thread::Thread;
use crate::store::message::Message;
use crate::store::thread::ThreadBook;
use crate::store::vault::Fault;

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
const TOKEN: &str = "referrals";
/// Messages of each direction that are looked at for one page.
const STRETCH: u32 = 200;
/// After every message id.
const NEWEST: MessageId = MessageId::from_bytes([0xff; 16]);

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListReferralsRequest>,
) -> Result<ListReferralsResponse, Refusal> {
    let partner = context.partner(request)?;
    let limit = page_size(request.get_ref().page_size, PAGE_DEFAULT, PAGE_MAX)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let before = match context
        .tokens
        .open_page(TOKEN, &request.get_ref().page_token, &filter)?
    {
        None => NEWEST,
        Some(id) => MessageId::from_slice(&id).map_err(|_| Refusal::new(ErrorReason::BadPageToken))?,
    };
    let mut read = context.store.read("list_referrals").await.map_err(Fault::from)?;
    let page = page(
        context,
        &mut read.tx(),
        partner.organisation(),
        before,
        limit as usize,
    )
    .await?;
    let next_page_token = page
        .next
        .map(|id| context.tokens.seal_page(TOKEN, id.as_bytes(), &filter))
        .unwrap_or_default();
    let referrals = page.threads.iter().map(reply::referral).collect();
    Ok(ListReferralsResponse {
        referrals,
        next_page_token,
    })
}

struct Page {
    threads: Vec<Thread>,
    /// Go on before this message; none when nothing older is left.
    next: Option<MessageId>,
}

async fn page(
    context: &Context,
    tx: &mut Tx<'_>,
    organisation: Oin,
    before: MessageId,
    limit: usize,
) -> Result<Page, Fault> {
    let vault = &context.vault;
    let sent = Message::sent(vault, tx, organisation, before, STRETCH).await?;
    let received = Message::received(vault, tx, organisation, before, STRETCH).await?;
    // Below the last message of a full stretch more of that direction may follow.
    let horizon = [&sent, &received]
        .into_iter()
        .filter(|stretch| stretch.len() == STRETCH as usize)
        .filter_map(|stretch| stretch.last().map(Message::id))
        .max();
    let mut messages: Vec<Message> = sent.into_iter().chain(received).collect();
    messages.sort_unstable_by_key(|message| Reverse(message.id()));
    let mut threads = Vec::new();
    for message in messages {
        let id = message.id();
        if horizon.is_some_and(|horizon| id < horizon) {
            break;
        }
        let header = message.header();
        if !opens_thread(header.kind()) {
            continue;
        }
        let book = ThreadBook::load(vault, tx, header.thread_id()).await?;
        // A referral that was sealed again has several messages of this kind. It stays where the first one put it, so
        // that no page passes it over.
        if let Some(book) = book.filter(|book| book.first_message() == Some(id)) {
            threads.push(book.thread);
            if threads.len() == limit {
                return Ok(Page {
                    threads,
                    next: Some(id),
                });
            }
        }
    }
    Ok(Page {
        threads,
        next: horizon,
    })
}
