//! GetReferral: one referral, for either side of it.

use sluis_proto::referral::v1::{GetReferralRequest, GetReferralResponse};
use sluis_serve::Refusal;
use sluis_store::LoggedId;
use sluis_types::ThreadId;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::store::thread::ThreadBook;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.referral.v1.ReferralService/GetReferral";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetReferralRequest>,
) -> Result<GetReferralResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: ThreadId = sluis_serve::id("thread_id", &request.get_ref().thread_id)?;
    let mut read = context.store.read("get_referral").await.map_err(Fault::from)?;
    let book = ThreadBook::load(&context.vault, &mut read.tx(), id).await?;
    drop(read);
    match book.filter(|book| book.thread.side_of(partner.organisation()).is_some()) {
        Some(book) => Ok(GetReferralResponse {
            referral: Some(reply::referral(&book.thread)),
        }),
        None => Err(context
            .not_available(&partner, METHOD, vec![LoggedId::Thread(id)])
            .await),
    }
}
