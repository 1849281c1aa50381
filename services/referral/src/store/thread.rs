//! A referral as it stands on the first page of its thread.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{GrantId, MessageId, ThreadId};

use super::page::{Book, Head, Subject};
use super::vault::{Fault, Vault};
use crate::domain::thread::{Active, Cause, Hold, Stage, Thread};

/// A referral with the book that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct ThreadBook {
    pub(crate) thread: Thread,
    book: Book,
}

impl ThreadBook {
    /// A referral that begins.
    pub(crate) fn new(thread: Thread) -> Self {
        Self {
            book: Book::new(Head::Thread(thread.clone())),
            thread,
        }
    }

    /// The referral of a thread.
    pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: ThreadId) -> Result<Option<Self>, Fault> {
        Book::load(vault, tx, Subject::Thread(id))
            .await?
            .map(Self::of)
            .transpose()
    }

    /// The referral of a thread, which nobody else changes until this transaction ends.
    pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: ThreadId) -> Result<Option<Self>, Fault> {
        Book::lock(vault, tx, Subject::Thread(id))
            .await?
            .map(Self::of)
            .transpose()
    }

    /// Begins a thread with its first message. False when there is one already; then nothing was written.
    pub(crate) async fn begin(
        &mut self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        message: MessageId,
    ) -> Result<bool, Fault> {
        self.book.head = Head::Thread(self.thread.clone());
        self.book.begin(vault, tx, message).await
    }

    /// The message that the thread began with, whichever opens it now.
    pub(crate) fn first_message(&self) -> Option<MessageId> {
        self.book.first_message()
    }

    fn of(book: Book) -> Result<Self, Fault> {
        match &book.head {
            Head::Thread(thread) => Ok(Self {
                thread: thread.clone(),
                book,
            }),
            Head::Grant { .. } => Err(Fault::Contradiction("a grant where a thread must be")),
        }
    }

    /// Writes the referral.
    pub(crate) async fn save(&mut self, vault: &Vault, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.book.head = Head::Thread(self.thread.clone());
        self.book.save(vault, tx).await
    }

    /// Writes the referral with one more message.
    pub(crate) async fn append(
        &mut self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        message: MessageId,
    ) -> Result<(), Fault> {
        self.book.head = Head::Thread(self.thread.clone());
        self.book.append(vault, tx, message).await
    }

    /// The messages of the thread, oldest first.
    pub(crate) async fn messages(&self, vault: &Vault, tx: &mut Tx<'_>) -> Result<Vec<MessageId>, Fault> {
        self.book.messages(vault, tx).await
    }
}

/// Writes the fields of a referral: on its page, and in events.
pub(crate) fn write(thread: &Thread, writer: &mut Writer) {
    writer
        .bytes(thread.id.as_bytes())
        .bytes(thread.sender.as_bytes())
        .bytes(thread.recipient.as_bytes())
        .bytes(thread.grant.as_bytes())
        .bytes(thread.opened_by.as_bytes())
        .bytes(&write_stage(thread.stage))
        .u32(thread.version)
        .timestamp(thread.changed_at)
        .timestamp(thread.received_at)
        .optional_timestamp(thread.respond_by)
        .i64(thread.last_position);
}

/// Reads what [`write`] wrote.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Thread, FormatError> {
    Ok(Thread {
        id: ThreadId::from_bytes(reader.array()?),
        sender: reader.oin()?,
        recipient: reader.oin()?,
        grant: GrantId::from_bytes(reader.array()?),
        opened_by: MessageId::from_bytes(reader.array()?),
        stage: read_stage(reader.array()?)?,
        version: reader.u32()?,
        changed_at: reader.timestamp()?,
        received_at: reader.timestamp()?,
        respond_by: reader.optional_timestamp()?,
        last_position: reader.i64()?,
    })
}

const ON_HOLD_PAUSED: u8 = 1;
const ON_HOLD_WITHDRAWN: u8 = 2;

/// Four bytes: the stage or, on hold, the one before; hold, cause or flag; expected weeks.
fn write_stage(stage: Stage) -> [u8; 4] {
    let active = |active: Active, hold: u8| {
        let (number, weeks) = match active {
            Active::Submitted => (1, 0),
            Active::Delivered => (2, 0),
            Active::InReview => (3, 0),
            Active::Accepted => (4, 0),
            Active::Waitlisted { expected_weeks } => (5, expected_weeks),
            Active::InProgress => (7, 0),
        };
        let [high, low] = u16::to_be_bytes(weeks);
        [number, hold, high, low]
    };
    match stage {
        Stage::Active(before) => active(before, 0),
        Stage::OnHold {
            before,
            hold: Hold::Paused,
        } => active(before, ON_HOLD_PAUSED),
        Stage::OnHold {
            before,
            hold: Hold::Withdrawn,
        } => active(before, ON_HOLD_WITHDRAWN),
        Stage::Rejected { no_capacity } => [6, u8::from(no_capacity), 0, 0],
        Stage::Completed => [9, 0, 0, 0],
        Stage::Cancelled(cause) => [10, cause as u8, 0, 0],
        Stage::Expired => [11, 0, 0, 0],
    }
}

fn read_stage([number, detail, high, low]: [u8; 4]) -> Result<Stage, FormatError> {
    let invalid = FormatError::Invalid { field: "stage" };
    let before = match number {
        1 => Active::Submitted,
        2 => Active::Delivered,
        3 => Active::InReview,
        4 => Active::Accepted,
        5 => Active::Waitlisted {
            expected_weeks: u16::from_be_bytes([high, low]),
        },
        7 => Active::InProgress,
        6 => {
            return Ok(Stage::Rejected {
                no_capacity: detail == 1,
            });
        }
        9 => return Ok(Stage::Completed),
        10 => return Cause::from_number(detail).map(Stage::Cancelled).ok_or(invalid),
        11 => return Ok(Stage::Expired),
        _ => return Err(invalid),
    };
    match detail {
        0 => Ok(Stage::Active(before)),
        ON_HOLD_PAUSED => Ok(Stage::OnHold {
            before,
            hold: Hold::Paused,
        }),
        ON_HOLD_WITHDRAWN => Ok(Stage::OnHold {
            before,
            hold: Hold::Withdrawn,
        }),
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_comes_back_as_it_was() {
        let actives = [
            Active::Submitted,
            Active::Delivered,
            Active::InReview,
            Active::Accepted,
            Active::Waitlisted { expected_weeks: 520 },
            Active::InProgress,
        ];
        let mut stages = vec![
            Stage::Rejected { no_capacity: true },
            Stage::Rejected { no_capacity: false },
            Stage::Completed,
            Stage::Expired,
        ];
        stages.extend((0..8).filter_map(Cause::from_number).map(Stage::Cancelled));
        for before in actives {
            stages.push(Stage::Active(before));
            stages.push(Stage::OnHold {
                before,
                hold: Hold::Paused,
            });
            stages.push(Stage::OnHold {
                before,
                hold: Hold::Withdrawn,
            });
        }
        for stage in stages {
            assert_eq!(read_stage(write_stage(stage)), Ok(stage));
        }
        for wrong in [
            [0, 0, 0, 0],
            [8, 0, 0, 0],
            [1, 3, 0, 0],
            [10, 8, 0, 0],
            [12, 0, 0, 0],
        ] {
            assert!(read_stage(wrong).is_err(), "{wrong:?}");
        }
    }
}
