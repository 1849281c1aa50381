//! ListCircles: the circles that a resident is the middle of.

use sluis_proto::consent::v1::{ListCirclesRequest, ListCirclesResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::{convert_circle, list_grants};
use crate::desk::Desk;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListCirclesRequest>,
) -> Result<ListCirclesResponse, Refusal> {
    let (grants, now) = list_grants::newest_live_first(desk, &request).await?;
    Ok(ListCirclesResponse {
        circles: grants
            .iter()
            .filter_map(|grant| convert_circle::circle(grant, now))
            .collect(),
    })
}
