//! What the registry knows as messages.

use sluis_proto::registry::v1 as proto;
use sluis_serve::to_proto_timestamp;
use sluis_store::OutboxEvent;
use sluis_types::Oin;

use crate::domain::Certificate;
use crate::store::Record;

/// Topic of the event that an organisation changed. Its payload is the OIN: whoever tells of the change tells what
/// then is.
const ORGANISATION_CHANGED: &str = "organisation";

pub(super) fn organisation_changed(oin: Oin) -> OutboxEvent {
    OutboxEvent {
        topic: ORGANISATION_CHANGED,
        recipient: Vec::new(),
        payload: oin.as_bytes().to_vec(),
    }
}

pub(super) fn organisation(record: Record) -> proto::Organisation {
    let Record {
        profile,
        version,
        statements,
        certificates,
    } = record;
    proto::Organisation {
        oin: profile.oin.to_string(),
        display_name: profile.display_name,
        kind: i32::from(profile.kind.number()),
        contact: profile.contact,
        key_statements: statements.into_iter().map(Into::into).collect(),
        certificates: certificates.into_iter().map(certificate).collect(),
        version: version.unsigned_abs(),
    }
}

fn certificate(certificate: Certificate) -> proto::Certificate {
    let Certificate {
        fingerprint,
        not_after,
        revoked_at,
    } = certificate;
    proto::Certificate {
        fingerprint: fingerprint.to_vec().into(),
        not_after: Some(to_proto_timestamp(not_after)),
        revoked_at: revoked_at.map(to_proto_timestamp),
    }
}
