//! ListProposals: the questions that wait for a resident.

use sluis_proto::consent::v1::{ListProposalsRequest, ListProposalsResponse, PendingProposal};
use sluis_serve::{Caller, Refusal, to_proto_timestamp};
use tonic::Request;

use super::convert;
use crate::desk::Desk;
use crate::domain::mandate_kind::MandateAct;
use crate::domain::proposal::{Proposal, Waiting};
use crate::error::{CommandError, store_refusal};
use crate::identity::view;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListProposalsRequest>,
) -> Result<ListProposalsResponse, Refusal> {
    let waiting = waiting(desk, &request).await?;
    let pairs = waiting
        .iter()
        .filter(|proposal| proposal.question.circle.is_none());
    Ok(ListProposalsResponse {
        proposals: pairs.map(pending).collect(),
    })
}

/// All proposals that wait for the caller, newest first.
pub(super) async fn waiting<T>(desk: &Desk, request: &Request<T>) -> Result<Vec<Proposal>, Refusal> {
    let caller = Caller::of(request)?.resident()?;
    let now = desk.now();
    let mut read = desk
        .store
        .read("ListProposals")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, now).await?;
    let mut waiting: Vec<Proposal> = Vec::new();
    for reached in &reach.residents {
        let rows = desk
            .rows
            .proposals(&mut tx, &reached.resident)
            .await
            .map_err(CommandError::Store)?;
        waiting.extend(
            rows.into_iter()
                .map(|(_, proposal)| proposal)
                .filter(|proposal| proposal.waits(now))
                .filter(|proposal| reached.may(MandateAct::See, &proposal.question.allowed)),
        );
    }
    // Stable, so that questions of one request keep their order.
    waiting.sort_by_key(|proposal| std::cmp::Reverse(proposal.asked_at));
    Ok(waiting)
}

fn pending(proposal: &Proposal) -> PendingProposal {
    PendingProposal {
        proposal_id: proposal.id.to_string(),
        proposal: Some(convert::question(&proposal.question)),
        asked_by: proposal.asked_by.to_string(),
        asked_at: Some(to_proto_timestamp(proposal.asked_at)),
        lapses_at: Some(to_proto_timestamp(proposal.lapses_at())),
        deferred: proposal.waiting == Waiting::Deferred,
        recorded: proposal.record.is_some(),
    }
}
