//! What organisations are told of their matches, as it waits in the outbox.
//!
//! An act puts at most one row into the outbox, whomever it concerns, and a row names nobody outside its seal.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::OutboxEvent;

use crate::domain::encounter::Encounter;

/// The one topic of this service.
const TOPIC: &str = "matches";
/// Payloads are padded to a multiple of this.
const STEP_BYTES: usize = 1024;
/// Longest encoding of one match.
const MATCH_BYTES_MAX: usize = 1024;
const VERSION: u8 = 1;

/// The outbox row of an act; none when nobody is told anything.
pub(crate) fn outbox_row(matches: &[Encounter]) -> Option<OutboxEvent> {
    if matches.is_empty() {
        return None;
    }
    let mut writer = Writer::new();
    writer
        .u8(VERSION)
        .u32(u32::try_from(matches.len()).unwrap_or(u32::MAX));
    for encounter in matches {
        writer.bytes16(&encounter.encode());
    }
    let mut payload = writer.finish();
    payload.resize(payload.len().next_multiple_of(STEP_BYTES), 0);
    Some(OutboxEvent {
        topic: TOPIC,
        recipient: Vec::new(),
        payload,
    })
}

/// The matches of an outbox row.
pub(crate) fn read_row(payload: &[u8]) -> Result<Vec<Encounter>, FormatError> {
    let mut reader = Reader::new(payload);
    if reader.u8()? != VERSION {
        return Err(FormatError::Version);
    }
    (0..reader.u32()?)
        .map(|_| Encounter::decode(reader.bytes16(MATCH_BYTES_MAX)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use sluis_types::{GrantId, KeyId, MatchId, SignalId, Timestamp};

    use super::*;
    use crate::domain::encounter::{Lead, Party};
    use crate::domain::life::{Open, Outcome, Stage};

    #[test]
    fn matches_come_back_as_they_were() {
        let party = |number: u8| Party {
            organisation: format!("000000990000000{number:02}000").parse().unwrap(),
            signal: SignalId::from_bytes([number; 16]),
            grant: GrantId::from_bytes([9; 16]),
            acknowledged: number == 1,
        };
        let now = Timestamp::from_seconds(1_790_000_000);
        let parties = (1..9).map(party).collect();
        let mut full = Encounter::new(
            MatchId::from_bytes([1; 16]),
            KeyId::from_bytes([2; 32]),
            parties,
            now,
        );
        full.lead = Some(Lead {
            organisation: party(1).organisation,
            professional: [7; 32],
        });
        full.stage = Stage::Disputed {
            before: Open::Matched,
        };
        full.objected_at = Some(now);
        let closed = Encounter {
            stage: Stage::Closed(Outcome::Referred),
            ..full.clone()
        };
        let row = outbox_row(&[full.clone(), closed.clone()]).unwrap();
        assert_eq!(row.payload.len() % STEP_BYTES, 0);
        assert!(row.recipient.is_empty(), "nobody is named outside the seal");
        assert_eq!(read_row(&row.payload), Ok(vec![full, closed]));
        assert_eq!(outbox_row(&[]), None);
        for length in 0..600 {
            assert!(read_row(&row.payload[..length]).is_err(), "{length} bytes");
        }
    }
}
