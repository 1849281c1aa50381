//! GetReceiptKeys: what anybody needs to verify a receipt.

use sluis_envelope::consent_receipt_jwk;
use sluis_proto::consent::v1::{GetReceiptKeysRequest, GetReceiptKeysResponse};
use sluis_serve::{MeshRole, Refusal};
use tonic::Request;

use super::require_role;
use crate::desk::Desk;

pub(super) fn handle(
    desk: &Desk,
    request: &Request<GetReceiptKeysRequest>,
) -> Result<GetReceiptKeysResponse, Refusal> {
    require_role(request, &[MeshRole::Gateway])?;
    let jwk = consent_receipt_jwk(desk.consent_receipt_key.verifying_key());
    Ok(GetReceiptKeysResponse {
        jwk_set: format!("{{\"keys\":[{jwk}]}}"),
    })
}
