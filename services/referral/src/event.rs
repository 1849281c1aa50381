//! What the two sides of a message are told, as it waits in the outbox.
//!
//! An act puts at most one row into the outbox, whomever it concerns: two rows side by side would belong to one
//! resident. So a row names nobody outside its seal, and whoever watches opens each and keeps what is theirs.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::OutboxEvent;
use sluis_types::{MessageId, Oin, ThreadId, Timestamp};

use crate::domain::message::MessageState;
use crate::domain::thread::{Cause, Thread};
use crate::store::message::Message;

/// The one topic of this service.
const TOPIC: &str = "mailbox";
/// Payloads are padded to a multiple of this.
const STEP_BYTES: usize = 256;
const VERSION: u8 = 1;

/// One thing that a side is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MailboxEvent {
    /// A message arrived for `recipient`.
    Arrived { recipient: Oin, message: MessageId },
    /// A message changed; both sides are told.
    Message(MessageChanged),
    /// A referral changed; both sides are told.
    Referral(Thread),
}

/// How a message changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageChanged {
    pub(crate) sender: Oin,
    pub(crate) recipient: Oin,
    pub(crate) message: MessageId,
    pub(crate) thread: ThreadId,
    pub(crate) state: MessageState,
    pub(crate) cause: Cause,
    pub(crate) at: Timestamp,
}

impl MailboxEvent {
    /// A message as it now is.
    pub(crate) fn changed(message: &Message) -> Self {
        let header = message.header();
        Self::Message(MessageChanged {
            sender: header.sender(),
            recipient: header.recipient(),
            message: header.message_id(),
            thread: header.thread_id(),
            state: message.life.state,
            cause: message.life.cause,
            at: message.life.changed_at,
        })
    }

    /// Whether `organisation` is told.
    pub(crate) fn concerns(&self, organisation: Oin) -> bool {
        match self {
            Self::Arrived { recipient, .. } => *recipient == organisation,
            Self::Message(change) => change.sender == organisation || change.recipient == organisation,
            Self::Referral(thread) => thread.side_of(organisation).is_some(),
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Arrived { recipient, message } => {
                writer.u8(1).bytes(recipient.as_bytes()).bytes(message.as_bytes());
            }
            Self::Message(change) => {
                writer
                    .u8(2)
                    .bytes(change.sender.as_bytes())
                    .bytes(change.recipient.as_bytes())
                    .bytes(change.message.as_bytes())
                    .bytes(change.thread.as_bytes())
                    .u8(change.state as u8)
                    .u8(change.cause as u8)
                    .timestamp(change.at);
            }
            Self::Referral(thread) => {
                writer.u8(3);
                crate::store::thread::write(thread, writer);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "event" };
        Ok(match reader.u8()? {
            1 => Self::Arrived {
                recipient: reader.oin()?,
                message: MessageId::from_bytes(reader.array()?),
            },
            2 => Self::Message(MessageChanged {
                sender: reader.oin()?,
                recipient: reader.oin()?,
                message: MessageId::from_bytes(reader.array()?),
                thread: ThreadId::from_bytes(reader.array()?),
                state: MessageState::from_number(reader.u8()?).ok_or(invalid)?,
                cause: Cause::from_number(reader.u8()?).ok_or(invalid)?,
                at: reader.timestamp()?,
            }),
            3 => Self::Referral(crate::store::thread::read(reader)?),
            _ => return Err(invalid),
        })
    }
}

/// The outbox row of an act; none when nobody is told anything.
pub(crate) fn outbox_row(events: &[MailboxEvent]) -> Option<OutboxEvent> {
    if events.is_empty() {
        return None;
    }
    let mut writer = Writer::new();
    writer
        .u8(VERSION)
        .u32(u32::try_from(events.len()).unwrap_or(u32::MAX));
    for event in events {
        event.write(&mut writer);
    }
    let mut payload = writer.finish();
    payload.resize(payload.len().next_multiple_of(STEP_BYTES), 0);
    Some(OutboxEvent {
        topic: TOPIC,
        recipient: Vec::new(),
        payload,
    })
}

/// The events of an outbox row.
pub(crate) fn read_row(payload: &[u8]) -> Result<Vec<MailboxEvent>, FormatError> {
    let mut reader = Reader::new(payload);
    if reader.u8()? != VERSION {
        return Err(FormatError::Version);
    }
    (0..reader.u32()?)
        .map(|_| MailboxEvent::read(&mut reader))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oin(number: u8) -> Oin {
        format!("000000990000000{number:02}000").parse().unwrap()
    }

    #[test]
    fn events_come_back_as_they_were_and_only_those_concerned_are_told() {
        let events = vec![
            MailboxEvent::Arrived {
                recipient: oin(2),
                message: MessageId::from_bytes([7; 16]),
            },
            MailboxEvent::Message(MessageChanged {
                sender: oin(1),
                recipient: oin(2),
                message: MessageId::from_bytes([7; 16]),
                thread: ThreadId::from_bytes([8; 16]),
                state: MessageState::Cancelled,
                cause: Cause::ConsentWithdrawn,
                at: Timestamp::from_seconds(5),
            }),
        ];
        let row = outbox_row(&events).unwrap();
        assert_eq!(row.payload.len() % STEP_BYTES, 0);
        assert!(row.recipient.is_empty(), "nobody is named outside the seal");
        assert_eq!(read_row(&row.payload), Ok(events.clone()));
        assert!(!events[0].concerns(oin(1)) && events[0].concerns(oin(2)));
        assert!(events[1].concerns(oin(1)) && events[1].concerns(oin(2)) && !events[1].concerns(oin(3)));
        assert_eq!(outbox_row(&[]), None);
        for length in 0..60 {
            assert!(read_row(&row.payload[..length]).is_err(), "{length} bytes");
        }
    }
}
