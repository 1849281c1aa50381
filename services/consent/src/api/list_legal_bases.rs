//! ListLegalBases: on what organisations share about a resident without their consent.

use sluis_proto::consent::v1::{ListLegalBasesRequest, ListLegalBasesResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::{convert_legal_basis, list_grants};
use crate::desk::Desk;
use crate::domain::grant::Grant;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListLegalBasesRequest>,
) -> Result<ListLegalBasesResponse, Refusal> {
    let (grants, now) = list_grants::newest_live_first(desk, &request).await?;
    let is_shown = |grant: &&Grant| grant.basis.as_ref().is_some_and(|basis| basis.is_shown(now));
    Ok(ListLegalBasesResponse {
        records: grants
            .iter()
            .filter(is_shown)
            .filter_map(|grant| convert_legal_basis::record(grant, now))
            .collect(),
    })
}
