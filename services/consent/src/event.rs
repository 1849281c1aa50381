//! What other services hear of grants.

use bytes::Bytes;
use prost::Message as _;
use sluis_proto::consent::v1::{GrantChange, GrantEvent};
use sluis_serve::to_proto_timestamp;
use sluis_store::OutboxEvent;
use sluis_types::{GrantId, Timestamp};

use crate::domain::life::Change;

/// The topic of grant events in the outbox.
pub(crate) const TOPIC: &str = "grant";

/// A change of a grant version, for the outbox.
pub(crate) fn grant_event(grant: GrantId, version: u32, change: Change, at: Timestamp) -> OutboxEvent {
    let change = match change {
        Change::Ended => GrantChange::Ended,
        Change::Superseded => GrantChange::Superseded,
        Change::Paused => GrantChange::Paused,
        Change::Resumed => GrantChange::Resumed,
    };
    let event = GrantEvent {
        grant_id: Bytes::copy_from_slice(grant.as_bytes()),
        version,
        change: change.into(),
        at: Some(to_proto_timestamp(at)),
    };
    OutboxEvent {
        topic: TOPIC,
        recipient: Vec::new(),
        payload: event.encode_to_vec(),
    }
}
