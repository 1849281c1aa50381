//! DeferConsent: a resident puts a proposal aside. It lapses all the same when nobody answers.

use std::sync::Arc;

use sluis_proto::consent::v1::{DeferConsentRequest, DeferConsentResponse};
use sluis_serve::{Caller, Refusal};
use tonic::Request;

use super::answer_proposal::AnswerProposal;
use super::grant_consent::id_of;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::proposal::Answer;
use crate::error::write_refusal;

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/DeferConsent";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<DeferConsentRequest>,
) -> Result<DeferConsentResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let defer = AnswerProposal {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        proposal: id_of("proposal_id", &asked.proposal_id)?,
        answer: Answer::Defer,
        happening: Happening::ProposalDeferred,
        method: METHOD,
        now: desk.now(),
    };
    desk.store
        .write(attempt, defer)
        .await
        .map_err(write_refusal)?
        .answer?;
    Ok(DeferConsentResponse {})
}
