//! ListCircleProposals: the circles that wait for a resident.

use sluis_proto::consent::v1::{ListCircleProposalsRequest, ListCircleProposalsResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::{convert_circle, list_proposals};
use crate::desk::Desk;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListCircleProposalsRequest>,
) -> Result<ListCircleProposalsResponse, Refusal> {
    let waiting = list_proposals::waiting(desk, &request).await?;
    Ok(ListCircleProposalsResponse {
        proposals: waiting.iter().filter_map(convert_circle::pending).collect(),
    })
}
