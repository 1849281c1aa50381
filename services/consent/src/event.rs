//! What other services hear of grants.

use bytes::Bytes;
use prost::Message as _;
use sluis_envelope::GatePublicKey;
use sluis_proto::consent::v1::{GrantChange, GrantEvent};
use sluis_serve::to_proto_timestamp;
use sluis_store::OutboxEvent;
use sluis_types::Timestamp;

use crate::domain::grant::Grant;
use crate::domain::life::Change;

/// The topic of grant events in the outbox.
pub(crate) const TOPIC: &str = "grant";
/// The topic of the events of circles.
pub(crate) const CIRCLE_TOPIC: &str = "circle";

/// A change of a grant version, for the outbox. The version is that of `before`, the grant as it was; `after` is the
/// grant as it is now.
///
/// Of a circle only its gate key is named, and the next one when another version took its place. None for a circle
/// whose key is gone already: that was told when it went.
pub(crate) fn change_event(
    before: &Grant,
    after: &Grant,
    change: Change,
    at: Timestamp,
) -> Option<OutboxEvent> {
    let change = match change {
        Change::Ended => GrantChange::Ended,
        Change::Superseded => GrantChange::Superseded,
        Change::Paused => GrantChange::Paused,
        Change::Resumed => GrantChange::Resumed,
    };
    let mut event = GrantEvent {
        change: change.into(),
        at: Some(to_proto_timestamp(at)),
        ..GrantEvent::default()
    };
    let topic = if before.circle.is_none() {
        event.grant_id = Bytes::copy_from_slice(before.id.as_bytes());
        event.version = before.version;
        TOPIC
    } else {
        let key = GatePublicKey::parse(&before.gate_key).ok()?;
        event.gate_key_id = Bytes::copy_from_slice(key.id().as_bytes());
        if change == GrantChange::Superseded {
            let next = GatePublicKey::parse(&after.gate_key).ok()?;
            event.next_gate_key_id = Bytes::copy_from_slice(next.id().as_bytes());
        }
        CIRCLE_TOPIC
    };
    Some(OutboxEvent {
        topic,
        recipient: Vec::new(),
        payload: event.encode_to_vec(),
    })
}
