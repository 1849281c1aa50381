//! ListResidentReferrals: the referrals that run or ran under the ticket's grant.

use sluis_envelope::TicketActions;
use sluis_proto::referral::v1::{ListResidentReferralsRequest, ListResidentReferralsResponse};
use sluis_serve::Refusal;
use sluis_store::Tx;
use sluis_types::GrantId;
use tonic::Request;

use super::submit_message::opens_thread;
use super::{reply, ticket};
use crate::context::Context;
use crate::domain::thread::Thread;
use crate::store::message::Message;
use crate::store::page::{Book, Subject};
use crate::store::thread::ThreadBook;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.referral.v1.ResidentReferralService/ListResidentReferrals";
const REFERRALS_MAX: usize = 200;
/// Messages of the grant that are looked at, from the newest.
const MESSAGES_MAX: usize = 2000;

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListResidentReferralsRequest>,
) -> Result<ListResidentReferralsResponse, Refusal> {
    let ticket = ticket::verified(
        context,
        request,
        &request.get_ref().ticket,
        TicketActions::READ,
        METHOD,
    )
    .await?;
    let mut read = context
        .store
        .read("list_resident_referrals")
        .await
        .map_err(Fault::from)?;
    let threads = under(context, &mut read.tx(), ticket.grant_id).await?;
    Ok(ListResidentReferralsResponse {
        referrals: threads.iter().map(reply::referral).collect(),
    })
}

async fn under(context: &Context, tx: &mut Tx<'_>, grant: GrantId) -> Result<Vec<Thread>, Fault> {
    let vault = &context.vault;
    let mut threads: Vec<Thread> = Vec::new();
    let Some(book) = Book::load(vault, tx, Subject::Grant(grant)).await? else {
        return Ok(threads);
    };
    let messages = book.messages(vault, tx).await?;
    for id in messages.into_iter().rev().take(MESSAGES_MAX) {
        let message = Message::load_known(vault, tx, id).await?;
        if !opens_thread(message.header().kind()) {
            continue;
        }
        let thread = ThreadBook::load(vault, tx, message.header().thread_id()).await?;
        let thread = thread
            .ok_or(Fault::Contradiction("a message without its thread"))?
            .thread;
        if thread.opened_by == id && thread.grant == grant {
            threads.push(thread);
        }
        if threads.len() == REFERRALS_MAX {
            break;
        }
    }
    Ok(threads)
}
