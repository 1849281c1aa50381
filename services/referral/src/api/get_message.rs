//! GetMessage: one message, whole for its recipient, its state for its sender.

use sluis_proto::referral::v1::{GetMessageRequest, GetMessageResponse, SealedMessage};
use sluis_serve::Refusal;
use sluis_store::LoggedId;
use sluis_types::MessageId;
use tonic::Request;

use crate::context::Context;
use crate::store::ciphertext::Ciphertext;
use crate::store::message::Message;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.referral.v1.ReferralService/GetMessage";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetMessageRequest>,
) -> Result<GetMessageResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: MessageId = sluis_serve::id("message_id", &request.get_ref().message_id)?;
    let organisation = partner.organisation();
    let mut read = context.store.read("get_message").await.map_err(Fault::from)?;
    let mut tx = read.tx();
    let Some(message) = Message::of_party(&context.vault, &mut tx, id, organisation).await? else {
        drop(read);
        return Err(context
            .not_available(&partner, METHOD, vec![LoggedId::Message(id)])
            .await);
    };
    let is_for_caller = message.header().recipient() == organisation && message.is_readable(partner.now);
    let ciphertext = if is_for_caller {
        Ciphertext::load(&context.vault, &mut tx, id).await?
    } else {
        None
    };
    Ok(GetMessageResponse {
        state: message.shown_state(partner.now) as i32,
        receipt: message.receipt.into(),
        message: ciphertext.map(|ciphertext| SealedMessage {
            manifest: message.manifest_bytes.into(),
            sealed_r: ciphertext.sealed_r,
            sealed_c: ciphertext.sealed_c,
            content: ciphertext.content,
        }),
    })
}
