//! WatchOrganisations: every organisation, then every change.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use sluis_envelope::{FormatError, Reader, Writer};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::watch_organisations_response::Event;
use sluis_proto::registry::v1::{Heartbeat, WatchOrganisationsRequest, WatchOrganisationsResponse};
use sluis_serve::{
    Caller, Hash, Refusal, SealedTokens, WatchPace, WatchReply, WatchSource, to_proto_timestamp, watch,
};
use sluis_store::Position;
use sluis_types::Oin;

use super::message::organisation;
use crate::Inner;
use crate::error::Error;
use crate::store::{Record, list_organisations, load_record, unexpected};

/// What the resume tokens of this stream are bound to.
const STREAM: &str = "organisations";
/// Organisations, or changes, that are read at once.
const READ_MAX: u32 = 100;

pub(super) fn handle(
    registry: &Arc<Inner>,
    request: &tonic::Request<WatchOrganisationsRequest>,
) -> Result<WatchReply<WatchOrganisationsResponse>, Refusal> {
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let token = registry
        .tokens
        .open_resume(STREAM, &request.get_ref().resume_token, &filter)?;
    let place = match token {
        None => Place::Start,
        // We sealed it, so it parses, unless an older version of this program did.
        Some(bytes) => Place::parse(&bytes).map_err(|_| Refusal::new(ErrorReason::ResumeTokenLapsed))?,
    };
    let pace = WatchPace {
        timer: Arc::clone(&registry.timer),
        stop: registry.stop.clone(),
    };
    Ok(watch(
        Changes {
            registry: Arc::clone(registry),
            filter,
            place,
        },
        pace,
    ))
}

/// How far one stream was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    /// In the snapshot, after an organisation; what changed since `since` comes after it.
    Snapshot {
        since: Position,
        after: Oin,
    },
    /// In the changes.
    Changes {
        after: Position,
    },
}

impl Place {
    fn encode(self) -> Vec<u8> {
        let mut bytes = Writer::new();
        match self {
            Self::Start => bytes.u8(0),
            Self::Snapshot { since, after } => bytes.u8(1).i64(since).bytes(after.as_bytes()),
            Self::Changes { after } => bytes.u8(2).i64(after),
        };
        bytes.finish()
    }

    fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let place = match reader.u8()? {
            0 => Self::Start,
            1 => Self::Snapshot {
                since: reader.i64()?,
                after: reader.oin()?,
            },
            2 => Self::Changes { after: reader.i64()? },
            _ => return Err(FormatError::Invalid { field: "place" }),
        };
        reader.finish()?;
        Ok(place)
    }
}

struct Changes {
    registry: Arc<Inner>,
    filter: Hash,
    place: Place,
}

impl Changes {
    fn message(&self, place: Place, event: Event) -> WatchOrganisationsResponse {
        let token = self
            .registry
            .tokens
            .seal_resume(STREAM, &place.encode(), &self.filter);
        WatchOrganisationsResponse {
            resume_token: Bytes::from(token),
            event: Some(event),
        }
    }

    async fn read_snapshot(
        &mut self,
        since: Position,
        after: &str,
    ) -> Result<Vec<WatchOrganisationsResponse>, Error> {
        let records = self.read_records(after).await?;
        let whole = records.len() < READ_MAX as usize;
        let mut messages = Vec::with_capacity(records.len() + 1);
        for record in records {
            self.place = Place::Snapshot {
                since,
                after: record.profile.oin,
            };
            messages.push(self.message(self.place, Event::Organisation(organisation(record))));
        }
        if whole {
            self.place = Place::Changes { after: since };
            messages.push(self.message(self.place, Event::SnapshotComplete(true)));
        }
        Ok(messages)
    }

    async fn read_records(&self, after: &str) -> Result<Vec<Record>, Error> {
        let mut read = self.registry.store.read("organisations.snapshot").await?;
        let mut records = Vec::new();
        for listed in list_organisations(&mut read.tx(), after, READ_MAX).await? {
            // Organisations are never removed.
            records.extend(load_record(&mut read.tx(), listed.profile.oin).await?);
        }
        Ok(records)
    }

    async fn read_changes(&mut self, after: Position) -> Result<Vec<WatchOrganisationsResponse>, Error> {
        let batch = self
            .registry
            .store
            .outbox()
            .read_after(after, READ_MAX, None)
            .await?;
        let mut changed: Vec<(Position, Oin)> = Vec::with_capacity(batch.events.len());
        for event in &batch.events {
            let payload = event.payload.as_slice().try_into();
            let payload = payload.map_err(|_| unexpected("an event of another form"))?;
            let oin = Oin::from_bytes(payload).map_err(|_| unexpected("an event without an OIN"))?;
            changed.push((event.position, oin));
        }
        // What is told is what is now, so the last of several changes of one organisation tells them all.
        let mut seen = HashSet::new();
        let mut last: Vec<_> = changed
            .into_iter()
            .rev()
            .filter(|(_, oin)| seen.insert(*oin))
            .collect();
        last.reverse();
        let mut messages = Vec::with_capacity(last.len());
        let mut read = self.registry.store.read("organisations.changes").await?;
        for (position, oin) in last {
            if let Some(record) = load_record(&mut read.tx(), oin).await? {
                let place = Place::Changes { after: position };
                messages.push(self.message(place, Event::Organisation(organisation(record))));
            }
        }
        self.place = Place::Changes {
            after: batch.read_through,
        };
        Ok(messages)
    }

    async fn heartbeat_now(&self) -> Result<WatchOrganisationsResponse, Error> {
        let mut read = self.registry.store.read("organisations.heartbeat").await?;
        let checkpoint = self.registry.ledger.checkpoint(&mut read.tx()).await?;
        let heartbeat = Heartbeat {
            at: Some(to_proto_timestamp(self.registry.clock.now())),
            checkpoint: checkpoint.map(Bytes::from).unwrap_or_default(),
        };
        Ok(self.message(self.place, Event::Heartbeat(heartbeat)))
    }
}

impl WatchSource for Changes {
    type Message = WatchOrganisationsResponse;

    async fn read(&mut self) -> Result<Vec<Self::Message>, Refusal> {
        let messages = match self.place {
            Place::Start => {
                // Taken before the snapshot is read: what changes meanwhile is told twice rather than never.
                let since = self.registry.store.outbox().latest().await.map_err(Error::from)?;
                self.read_snapshot(since, "").await
            }
            Place::Snapshot { since, after } => self.read_snapshot(since, after.as_str()).await,
            Place::Changes { after } => self.read_changes(after).await,
        };
        Ok(messages?)
    }

    async fn hint(&mut self) {
        match self.place {
            Place::Changes { after } => self.registry.store.outbox().wait_after(after).await,
            // There is more to read at once.
            Place::Start | Place::Snapshot { .. } => {}
        }
    }

    async fn heartbeat(&mut self) -> Result<Self::Message, Refusal> {
        Ok(self.heartbeat_now().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_round_trips_and_nothing_else_is_one() {
        let after = "00000099000000001000".parse().unwrap();
        for place in [
            Place::Start,
            Place::Snapshot { since: 7, after },
            Place::Changes { after: i64::MAX },
        ] {
            assert_eq!(Place::parse(&place.encode()), Ok(place));
        }
        for bytes in [&[][..], &[3], &[0, 0], &[2, 0], &[1; 29]] {
            assert!(Place::parse(bytes).is_err());
        }
    }
}
