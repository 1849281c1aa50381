//! WatchGrants: what other services must know of grants, in order and at least once.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{GrantEvent, Heartbeat, WatchGrantsRequest, WatchGrantsResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{
    Caller, MeshRole, Refusal, SealedTokens, WatchReply, WatchSource, to_proto_timestamp, watch,
};
use sluis_store::{Outbox, OutboxError, Position};
use sluis_types::Timestamp;
use tonic::Request;

use super::require_role;
use crate::desk::Desk;
use crate::error::{CommandError, ledger_refusal, store_refusal};
use crate::event::{CIRCLE_TOPIC, TOPIC};

/// Who keeps messages or signals under grants.
pub(super) const WATCHERS: &[MeshRole] = &[MeshRole::Referral, MeshRole::Signalling, MeshRole::Matching];
const TOKEN_KIND: &str = "consent.grants";
const BATCH: u32 = 100;

pub(super) fn handle(
    desk: &Arc<Desk>,
    request: &Request<WatchGrantsRequest>,
) -> Result<WatchReply<WatchGrantsResponse>, Refusal> {
    let role = require_role(request, WATCHERS)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let token = &request.get_ref().resume_token;
    let position = desk.tokens.open_resume(TOKEN_KIND, token, &filter)?;
    let after = position.map(|position| read_position(&position)).transpose()?;
    let source = Grants {
        desk: Arc::clone(desk),
        outbox: desk.store.outbox(),
        after,
        filter,
        hears_circles: role == MeshRole::Signalling,
    };
    Ok(watch(source, desk.pace.clone()))
}

fn read_position(bytes: &[u8]) -> Result<Position, Refusal> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Refusal::new(ErrorReason::ResumeTokenLapsed))?;
    Ok(Position::from_be_bytes(bytes))
}

struct Grants {
    desk: Arc<Desk>,
    outbox: Outbox,
    /// None until the first read: everything that is kept.
    after: Option<Position>,
    filter: [u8; 32],
    /// Signalling hears of circles too, by their gate keys; the others of all but circles.
    hears_circles: bool,
}

impl Grants {
    fn hears(&self, topic: &str) -> bool {
        topic == TOPIC || (self.hears_circles && topic == CIRCLE_TOPIC)
    }

    fn token(&self, position: Position) -> Bytes {
        self.desk
            .tokens
            .seal_resume(TOKEN_KIND, &position.to_be_bytes(), &self.filter)
            .into()
    }

    /// Where the watch stands: without a token before the oldest event that is kept.
    async fn position(&mut self) -> Result<Position, Refusal> {
        if let Some(after) = self.after {
            return Ok(after);
        }
        // Trims nothing, and tells through where all is trimmed.
        let oldest = self.outbox.trim(Timestamp::from_micros(i64::MIN)).await;
        let oldest = oldest.map_err(|error| store_refusal(&error))?;
        self.after = Some(oldest);
        Ok(oldest)
    }
}

impl WatchSource for Grants {
    type Message = WatchGrantsResponse;

    async fn read(&mut self) -> Result<Vec<WatchGrantsResponse>, Refusal> {
        let after = self.position().await?;
        let batch = match self.outbox.read_after(after, BATCH, None).await {
            Ok(batch) => batch,
            Err(OutboxError::Lapsed) => return Err(Refusal::new(ErrorReason::ResumeTokenLapsed)),
            Err(OutboxError::Store(error)) => return Err(store_refusal(&error)),
        };
        self.after = Some(batch.read_through);
        let mut messages = Vec::new();
        for record in batch.events.iter().filter(|record| self.hears(&record.topic)) {
            let event = GrantEvent::decode(record.payload.as_slice())
                .map_err(|_| CommandError::Form("a grant event"))?;
            messages.push(WatchGrantsResponse {
                resume_token: self.token(record.position),
                event: Some(Event::Grant(event)),
            });
        }
        Ok(messages)
    }

    async fn hint(&mut self) {
        match self.after {
            Some(after) => self.outbox.wait_after(after).await,
            None => std::future::pending().await,
        }
    }

    async fn heartbeat(&mut self) -> Result<WatchGrantsResponse, Refusal> {
        let position = self.position().await?;
        let mut read = self
            .desk
            .store
            .read("WatchGrants")
            .await
            .map_err(|error| store_refusal(&error))?;
        let checkpoint = self
            .desk
            .ledger
            .checkpoint(&mut read.tx())
            .await
            .map_err(ledger_refusal)?;
        let heartbeat = Heartbeat {
            at: Some(to_proto_timestamp(self.desk.now())),
            checkpoint: checkpoint
                .map(|note| Bytes::from(note.into_bytes()))
                .unwrap_or_default(),
        };
        Ok(WatchGrantsResponse {
            resume_token: self.token(position),
            event: Some(Event::Heartbeat(heartbeat)),
        })
    }
}
