//! The canonical form of an event: what a leaf commits to.
//!
//! Big-endian, without padding: version u16 (1), kind u16, outcome u16, time i64 (µs), organisation (u8 0 or 1, then 20
//! bytes), user (u16 length), subject (u8: 0 none, 1 tag of 32 bytes, 2 grant of 16 bytes), method (u16 length), ids
//! (u16 count; each u8 kind and 16 bytes), details (u32 length).

use std::fmt;

use sluis_envelope::{Digest, FormatError, Reader, Writer, hash};
use sluis_store::{LogEvent, LoggedId, StoreError, Subject};
use sluis_types::{BlobId, GrantId, MessageId, Oin, RequestId, ThreadId, Timestamp};
use zeroize::Zeroizing;

/// The longest pseudonym of a user, in bytes.
pub const USER_BYTES_MAX: usize = 256;
/// The longest name of a method, in bytes.
pub const METHOD_BYTES_MAX: usize = 256;
/// The most identifiers that one event involves.
pub const IDS_MAX: usize = 4096;
/// The longest details of an event, in bytes.
pub const DETAILS_BYTES_MAX: usize = 64 * 1024;
/// Length of a salt: nobody finds an event by trying all that are likely.
pub(crate) const SALT_BYTES: usize = 32;

const VERSION: u16 = 1;
const LEAF_TAG: &str = "sluis/v1/leaf";
/// Room for the parts of fixed length, so that the buffer does not grow and leave copies behind.
const FIXED_BYTES: usize = 128;
const ID_BYTES: usize = 17;

/// An event as it stands in the log. Its `Debug` shows what happened, not to whom.
#[derive(Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// What happened, numbered by the service.
    pub kind: u16,
    /// 0 when it was done, else the service's number of the refusal.
    pub outcome: u16,
    /// When.
    pub at: Timestamp,
    /// The organisation that acted; none for a resident or the service itself.
    pub organisation: Option<Oin>,
    /// A pseudonym of the person who acted; may be empty.
    pub user: Vec<u8>,
    /// Whose log it belongs in.
    pub subject: Subject,
    /// The method or timer that did it.
    pub method: String,
    /// What else was involved.
    pub ids: Vec<LoggedId>,
    /// More, in the service's own encoding.
    pub details: Vec<u8>,
}

impl fmt::Debug for LoggedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedEvent")
            .field("kind", &self.kind)
            .field("outcome", &self.outcome)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The leaf of an event.
pub(crate) fn leaf(salt: &[u8; SALT_BYTES], event: &[u8]) -> Digest {
    hash(LEAF_TAG, &[salt, event])
}

/// `salt || canonical event`, as it is sealed.
pub(crate) fn encode(salt: &[u8; SALT_BYTES], event: &LogEvent) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let too_long = event.user.len() > USER_BYTES_MAX
        || event.method.len() > METHOD_BYTES_MAX
        || event.ids.len() > IDS_MAX
        || event.details.len() > DETAILS_BYTES_MAX;
    let ids = u16::try_from(event.ids.len());
    let (false, Ok(ids)) = (too_long, ids) else {
        return Err(StoreError::journal("an event is longer than the log takes"));
    };
    let variable = event.user.len() + event.method.len() + ID_BYTES * event.ids.len() + event.details.len();
    let mut writer = Writer::with_capacity(FIXED_BYTES + variable);
    writer
        .bytes(salt)
        .u16(VERSION)
        .u16(event.kind)
        .u16(event.outcome)
        .timestamp(event.at);
    match &event.organisation {
        None => writer.u8(0),
        Some(organisation) => writer.u8(1).bytes(organisation.as_bytes()),
    };
    writer.bytes16(&event.user);
    match &event.subject {
        Subject::None => writer.u8(0),
        Subject::Tag(tag) => writer.u8(1).bytes(tag),
        Subject::Grant(grant) => writer.u8(2).bytes(grant.as_bytes()),
    };
    writer.bytes16(event.method.as_bytes()).u16(ids);
    for id in &event.ids {
        let (kind, bytes) = match id {
            LoggedId::Message(id) => (1, id.as_bytes()),
            LoggedId::Thread(id) => (2, id.as_bytes()),
            LoggedId::Grant(id) => (3, id.as_bytes()),
            LoggedId::Blob(id) => (4, id.as_bytes()),
            LoggedId::Request(id) => (5, id.as_bytes()),
        };
        writer.u8(kind).bytes(bytes);
    }
    writer.bytes32(&event.details);
    Ok(Zeroizing::new(writer.finish()))
}

/// The event in its canonical form.
pub(crate) fn decode(event: &[u8]) -> Result<LoggedEvent, FormatError> {
    let mut reader = Reader::new(event);
    if reader.u16()? != VERSION {
        return Err(FormatError::Version);
    }
    let (kind, outcome) = (reader.u16()?, reader.u16()?);
    let at = Timestamp::from_micros(reader.i64()?);
    let organisation = match reader.u8()? {
        0 => None,
        1 => Some(reader.oin()?),
        _ => return Err(invalid("organisation")),
    };
    let user = reader.bytes16(USER_BYTES_MAX)?.to_vec();
    let subject = match reader.u8()? {
        0 => Subject::None,
        1 => Subject::Tag(reader.array()?),
        2 => Subject::Grant(GrantId::from_bytes(reader.array()?)),
        _ => return Err(invalid("subject")),
    };
    let method = std::str::from_utf8(reader.bytes16(METHOD_BYTES_MAX)?)
        .map_err(|_| invalid("method"))?
        .to_owned();
    let count = usize::from(reader.u16()?);
    if count > IDS_MAX {
        return Err(FormatError::TooLong { field: "ids" });
    }
    let ids = (0..count)
        .map(|_| decode_id(&mut reader))
        .collect::<Result<_, _>>()?;
    let details = reader.bytes32(DETAILS_BYTES_MAX)?.to_vec();
    reader.finish()?;
    Ok(LoggedEvent {
        kind,
        outcome,
        at,
        organisation,
        user,
        subject,
        method,
        ids,
        details,
    })
}

fn decode_id(reader: &mut Reader<'_>) -> Result<LoggedId, FormatError> {
    let kind = reader.u8()?;
    let bytes = reader.array()?;
    Ok(match kind {
        1 => LoggedId::Message(MessageId::from_bytes(bytes)),
        2 => LoggedId::Thread(ThreadId::from_bytes(bytes)),
        3 => LoggedId::Grant(GrantId::from_bytes(bytes)),
        4 => LoggedId::Blob(BlobId::from_bytes(bytes)),
        5 => LoggedId::Request(RequestId::from_bytes(bytes)),
        _ => return Err(invalid("ids")),
    })
}

const fn invalid(field: &'static str) -> FormatError {
    FormatError::Invalid { field }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SALT: [u8; SALT_BYTES] = [9; SALT_BYTES];

    fn event() -> LogEvent {
        LogEvent {
            kind: 3,
            outcome: 0,
            at: Timestamp::from_seconds(1_800_000_000),
            organisation: Some("00000099000000001000".parse().unwrap()),
            user: b"pseudonym".to_vec(),
            subject: Subject::Grant(GrantId::from_bytes([4; 16])),
            method: "sluis.referral.v1.ReferralService/AcceptReferral",
            ids: vec![
                LoggedId::Message(MessageId::from_bytes([1; 16])),
                LoggedId::Thread(ThreadId::from_bytes([2; 16])),
                LoggedId::Grant(GrantId::from_bytes([3; 16])),
                LoggedId::Blob(BlobId::from_bytes([4; 16])),
                LoggedId::Request(RequestId::from_bytes([5; 16])),
            ],
            details: vec![7; 40],
        }
    }

    #[test]
    fn an_event_comes_back_whole() {
        let mut events = vec![event(), event(), event()];
        events[1].organisation = None;
        events[1].subject = Subject::None;
        events[2].subject = Subject::Tag([8; 32]);
        events[2].user.clear();
        events[2].ids.clear();
        events[2].details.clear();
        for event in events {
            let encoded = encode(&SALT, &event).unwrap();
            let (salt, canonical) = encoded.split_at(SALT_BYTES);
            assert_eq!(salt, SALT);
            let decoded = decode(canonical).unwrap();
            assert_eq!(
                (decoded.kind, decoded.outcome, decoded.at),
                (event.kind, event.outcome, event.at)
            );
            assert_eq!(decoded.organisation, event.organisation);
            assert_eq!(decoded.user, event.user);
            assert!(decoded.subject == event.subject);
            assert_eq!(decoded.method, event.method);
            assert_eq!(decoded.ids, event.ids);
            assert_eq!(decoded.details, event.details);
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let mut events = vec![event(), event(), event()];
        events[0].user = vec![0; USER_BYTES_MAX + 1];
        events[1].details = vec![0; DETAILS_BYTES_MAX + 1];
        events[2].ids = vec![LoggedId::Blob(BlobId::from_bytes([0; 16])); IDS_MAX + 1];
        for event in events {
            assert!(matches!(encode(&SALT, &event), Err(StoreError::Journal { .. })));
        }
    }

    #[test]
    fn every_part_of_an_event_changes_its_leaf() {
        let canonical = encode(&SALT, &event()).unwrap()[SALT_BYTES..].to_vec();
        let original = leaf(&SALT, &canonical);
        for position in 0..canonical.len() {
            let mut changed = canonical.clone();
            changed[position] ^= 1;
            assert_ne!(leaf(&SALT, &changed), original);
        }
        assert_ne!(leaf(&[8; SALT_BYTES], &canonical), original);
    }

    #[test]
    fn an_event_does_not_print_whom_it_concerns() {
        let encoded = encode(&SALT, &event()).unwrap();
        let printed = format!("{:?}", decode(&encoded[SALT_BYTES..]).unwrap());
        assert!(printed.contains("AcceptReferral"));
        assert!(!printed.contains("0404") && !printed.contains("user") && !printed.contains("00000099"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_canonical(
            position in 0_usize..250, value: u8, rest in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let mut bytes = encode(&SALT, &event()).unwrap()[SALT_BYTES..].to_vec();
            let position = position % bytes.len();
            bytes[position] = value;
            bytes.extend(&rest);
            if let Ok(decoded) = decode(&bytes) {
                prop_assert!(rest.is_empty());
                prop_assert!(decoded.ids.len() <= IDS_MAX);
            }
        }
    }
}
