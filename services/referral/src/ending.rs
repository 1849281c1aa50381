//! What ends with a referral.

use sluis_store::Tx;
use sluis_types::Timestamp;

use crate::domain::message::MessageEvent;
use crate::event::MailboxEvent;
use crate::store::message::Message;
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};

/// Ends every message of a thread that was not opened. The thread must be locked and have its new stage.
pub(crate) async fn end_unopened(
    vault: &Vault,
    tx: &mut Tx<'_>,
    book: &ThreadBook,
    event: MessageEvent,
    now: Timestamp,
    events: &mut Vec<MailboxEvent>,
) -> Result<(), Fault> {
    for id in book.messages(vault, tx).await? {
        let mut message = Message::lock(vault, tx, id)
            .await?
            .ok_or(Fault::Contradiction("a page names a message that is not there"))?;
        let opens = book.thread.opening(id);
        if message.apply(vault, tx, event, opens, now).await? {
            events.push(MailboxEvent::changed(&message));
        }
    }
    Ok(())
}
