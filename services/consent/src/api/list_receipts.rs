//! ListReceipts: the receipts of a resident, newest first.

use sluis_proto::consent::v1::{ListReceiptsRequest, ListReceiptsResponse, ReceiptSummary};
use sluis_serve::{Caller, Refusal, to_proto_timestamp};
use sluis_types::Oin;
use tonic::Request;

use crate::desk::Desk;
use crate::domain::mandate_kind::MandateAct;
use crate::domain::receipt::Receipt;
use crate::error::{CommandError, store_refusal};
use crate::identity::{Head, RowKind, view};

/// Receipts in one answer at most: the newest of each resident.
const RECEIPTS_MAX: u64 = 500;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListReceiptsRequest>,
) -> Result<ListReceiptsResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?;
    let mut read = desk
        .store
        .read("ListReceipts")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, desk.now()).await?;
    let mut receipts: Vec<Receipt> = Vec::new();
    for reached in &reach.residents {
        let resident = &reached.resident;
        let count = Head::read(&desk.rows, &mut tx, resident)
            .await
            .map_err(CommandError::Store)?
            .receipts;
        for i in (count.saturating_sub(RECEIPTS_MAX)..count).rev() {
            let tag = resident.tag(RowKind::Receipt, i);
            let receipt = desk.rows.receipt(&mut tx, &tag).await;
            let receipt = receipt.map_err(CommandError::Store)?;
            receipts.extend(receipt.filter(|it| reached.may(MandateAct::See, &it.whole())));
        }
    }
    receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.at));
    Ok(ListReceiptsResponse {
        receipts: receipts.iter().map(summary).collect(),
    })
}

/// A receipt in a list's words.
pub(super) fn summary(receipt: &Receipt) -> ReceiptSummary {
    let pair = |oin: &Oin| receipt.circle.map_or_else(|| oin.to_string(), |_| String::new());
    ReceiptSummary {
        receipt_id: receipt.id.to_string(),
        event: i32::from(receipt.event.number()),
        at: Some(to_proto_timestamp(receipt.at)),
        grant_id: receipt.grant_id.to_string(),
        grant_version: receipt.version,
        discloser: pair(&receipt.discloser),
        recipient: pair(&receipt.recipient),
        assisted: receipt.recorded.is_some(),
        expressed_by: i32::from(receipt.speaker.number()),
        members: receipt.circle.map_or_else(Vec::new, |circle| {
            circle.members().map(|member| member.to_string()).collect()
        }),
    }
}
