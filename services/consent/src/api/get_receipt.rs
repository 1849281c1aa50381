//! GetReceipt: one receipt, signed. Made anew at each reading, and the same each time: the signature has no chance in it.

use sluis_envelope::sign_consent_receipt;
use sluis_proto::consent::v1::{GetReceiptRequest, GetReceiptResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::list_receipts::summary;
use super::{owned, receipt_json};
use crate::desk::Desk;
use crate::domain::receipt::ReceiptId;
use crate::error::{CommandError, store_refusal};
use crate::identity::view;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GetReceiptRequest>,
) -> Result<GetReceiptResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?;
    let wanted: ReceiptId = id("receipt_id", &request.get_ref().receipt_id)?;
    let mut read = desk
        .store
        .read("GetReceipt")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, desk.now()).await?;
    let found = owned::receipt(&desk.rows, &mut tx, &reach, wanted, &*desk.randomness).await;
    let receipt = found
        .map_err(CommandError::Store)?
        .ok_or_else(Refusal::not_available)?;
    let payload = receipt_json::payload(&receipt);
    Ok(GetReceiptResponse {
        summary: Some(summary(&receipt)),
        signed_receipt: sign_consent_receipt(payload.as_bytes(), &desk.consent_receipt_key),
        payload,
    })
}
