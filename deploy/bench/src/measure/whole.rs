//! Whole jobs through the SDK, as a partner does them: ask, seal, keep a copy, submit; fetch, ask the gate, open, report.

use std::sync::Arc;

use sluis_client::{Outgoing, Progress};
use sluis_envelope::MediaType;
use sluis_types::{MessageKind, Priority};

use crate::error::{BenchError, failed};
use crate::letter::{body, scope};
use crate::load::{Load, drive};
use crate::mesh::{Pair, World};

/// Every client sends a message and opens it at the other organisation, `each` times.
pub(crate) async fn measure(
    world: &World,
    clients: usize,
    each: usize,
    body_bytes: usize,
) -> Result<Load, BenchError> {
    let pairs = Arc::new(world.pairs.clone());
    drive(clients, each, move |client, _| {
        let pair = Arc::clone(&pairs[client % pairs.len()]);
        async move { job(&pair, body_bytes).await }
    })
    .await
}

async fn job(pair: &Pair, body_bytes: usize) -> Result<(), BenchError> {
    let outgoing = Outgoing {
        recipient: pair.recipient.oin,
        resident: pair.handle,
        kind: MessageKind::Referral,
        thread: None,
        based_on: None,
        priority: Priority::Routine,
        respond_within_days: Some(10),
        expires_in_days: 20,
        scope: scope(),
        media_type: MediaType::new("text/plain").map_err(failed("a media type"))?,
        body: body(body_bytes),
        attachments: Vec::new(),
    };
    let sent = pair
        .sender
        .partner
        .send(outgoing, &|_: Progress| {})
        .await
        .map_err(failed("sending"))?;
    let opened = pair
        .recipient
        .partner
        .open(sent.message_id)
        .await
        .map_err(failed("opening"))?;
    if opened.content.body.len() != body_bytes {
        return Err(BenchError::Option(
            "what was opened is not what was sent".to_owned(),
        ));
    }
    Ok(())
}
