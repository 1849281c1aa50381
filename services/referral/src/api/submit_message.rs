//! SubmitMessage: one sealed message into the recipient's mailbox.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{SubmitMessageRequest, SubmitMessageResponse};
use sluis_serve::Refusal;
use sluis_store::{Command, LoggedId, Outcome, StoreError, Subject, Tx};
use sluis_types::{MessageId, MessageKind, Timestamp};
use tonic::Request;

use super::submission::{METHOD, Submission, was_done};
use crate::context::Context;
use crate::domain::grant::Standing;
use crate::domain::message::MessageEvent;
use crate::domain::thread::{Active, Actor, Stage, Thread};
use crate::event::{MailboxEvent, outbox_row};
use crate::log::{self, Logged, Who};
use crate::store::blob::BlobRow;
use crate::store::ciphertext::Ciphertext;
use crate::store::message::Message;
use crate::store::page::{Book, Head};
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};

pub(super) async fn handle(
    context: &Context,
    request: Request<SubmitMessageRequest>,
) -> Result<SubmitMessageResponse, Refusal> {
    let partner = context.partner(&request)?;
    Submission::decode(request.into_inner())?
        .submit(context, partner)
        .await
}

/// Stores a verified message. The reply is its receipt.
pub(super) struct Submit {
    pub(super) vault: Vault,
    pub(super) message: Message,
    pub(super) ciphertext: Ciphertext,
    /// Whether consent signed a token that is valid now and lets this message through.
    pub(super) token_fits: bool,
    pub(super) who: Who,
    pub(super) now: Timestamp,
}

/// Why nothing was stored. The refusal gets a leaf of its own, so that the message can be submitted again.
#[derive(Debug)]
pub(super) enum SubmitFault {
    Fault(Fault),
    /// The id is another message's.
    Taken,
    Denied(ErrorReason),
}

impl From<Fault> for SubmitFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for SubmitFault {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Whether a message of this kind opens a thread of its own.
pub(super) const fn opens_thread(kind: MessageKind) -> bool {
    matches!(kind, MessageKind::Referral | MessageKind::Signal)
}

/// Where a message goes.
struct Place {
    thread: ThreadBook,
    /// Whether it opens the thread.
    is_new: bool,
    replaces: Option<Message>,
}

impl Command for Submit {
    type Reply = Vec<u8>;
    type Refusal = std::convert::Infallible;
    type Error = SubmitFault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Vec<u8>, Self::Refusal>, SubmitFault> {
        let header = self.message.header();
        let id = header.message_id();
        if was_done(tx.repeated()) {
            let earlier = Message::load_known(&self.vault, tx, id).await?;
            return Ok(Outcome::done(earlier.receipt, self.log()));
        }
        if !self.token_fits {
            return Err(SubmitFault::Denied(ErrorReason::GrantTokenRefused));
        }
        let mut grant = self.lock_grant(tx).await?;
        let Place {
            mut thread,
            is_new,
            replaces,
        } = self.place(tx).await?;
        let message = self.placed(&mut thread, replaces.as_ref());
        if !message.insert(&self.vault, tx, thread.thread.opening(id)).await? {
            return Err(SubmitFault::Taken);
        }
        self.claim_blobs(tx).await?;
        self.ciphertext.insert(&self.vault, tx, id).await?;
        grant.append(&self.vault, tx, id).await?;
        if is_new {
            if !thread.begin(&self.vault, tx, id).await? {
                return Err(SubmitFault::Denied(ErrorReason::NotAvailable));
            }
        } else {
            thread.append(&self.vault, tx, id).await?;
        }
        let mut events = Vec::new();
        if let Some(mut original) = replaces {
            original.set_replaced_by(id);
            original
                .apply(&self.vault, tx, MessageEvent::Replace, None, self.now)
                .await?;
            events.push(MailboxEvent::changed(&original));
        }
        events.push(MailboxEvent::Arrived {
            recipient: header.recipient(),
            message: id,
        });
        if is_new {
            events.push(MailboxEvent::Referral(thread.thread));
        }
        Ok(Outcome::done(message.receipt, self.log()).with_events(outbox_row(&events)))
    }
}

impl Submit {
    /// The grant's book, if what was heard of the grant lets this message through.
    async fn lock_grant(&self, tx: &mut Tx<'_>) -> Result<Book, SubmitFault> {
        let header = self.message.header();
        let head = Head::Grant {
            id: header.grant_id(),
            standing: Standing::default(),
        };
        let book = Book::lock_or_begin(&self.vault, tx, head).await?;
        match book.head {
            Head::Grant { standing, .. } if standing.admits(header.grant_version()) => Ok(book),
            Head::Grant { .. } => Err(SubmitFault::Denied(ErrorReason::GrantTokenRefused)),
            Head::Thread(_) => Err(Fault::Contradiction("a thread where a grant must be").into()),
        }
    }

    /// A referral, and a signal to its one recipient, opens a thread of its own; everything else goes into one between the same two. A thread that is
    /// another's and one that is not there are one answer.
    async fn place(&self, tx: &mut Tx<'_>) -> Result<Place, SubmitFault> {
        let header = self.message.header();
        if opens_thread(header.kind()) && header.replaces().is_none() {
            let thread = ThreadBook::new(self.new_thread());
            return Ok(Place {
                thread,
                is_new: true,
                replaces: None,
            });
        }
        let refused = |reason| Err(SubmitFault::Denied(reason));
        let reason = match header.replaces() {
            Some(_) => ErrorReason::ReplacementRefused,
            None => ErrorReason::NotAvailable,
        };
        let Some(thread) = ThreadBook::lock(&self.vault, tx, header.thread_id()).await? else {
            return refused(reason);
        };
        let from = thread.thread.side_of(header.sender());
        let both = from.is_some() && thread.thread.side_of(header.recipient()).is_some();
        if !both || (header.kind() == MessageKind::Feedback && from != Some(Actor::Recipient)) {
            return refused(reason);
        }
        let replaces = match header.replaces() {
            None => None,
            Some(original) => Some(self.original(tx, original).await?),
        };
        Ok(Place {
            thread,
            is_new: false,
            replaces,
        })
    }

    /// The message that this one replaces: of the same sender, recipient, thread, kind and grant (another grant is
    /// another resident's), unopened, not replaced before, and of no version that comes after this one's.
    async fn original(&self, tx: &mut Tx<'_>, id: MessageId) -> Result<Message, SubmitFault> {
        let header = self.message.header();
        let original = Message::lock(&self.vault, tx, id).await?.filter(|original| {
            let theirs = original.header();
            theirs.sender() == header.sender()
                && theirs.recipient() == header.recipient()
                && theirs.thread_id() == header.thread_id()
                && theirs.kind() == header.kind()
                && theirs.grant_id() == header.grant_id()
                && original
                    .life
                    .state
                    .gives_way_to(theirs.grant_version(), header.grant_version())
                && original.life.after(MessageEvent::Replace, self.now).is_some()
        });
        original.ok_or(SubmitFault::Denied(ErrorReason::ReplacementRefused))
    }

    /// The message with its place in the inbox; the thread remembers the last one given out.
    fn placed(&self, thread: &mut ThreadBook, replaces: Option<&Message>) -> Message {
        let mut message = self.message.clone();
        let thread = &mut thread.thread;
        if let Some(original) = replaces {
            message.life.position = original.life.position;
            if thread.opened_by == original.id() {
                thread.opened_by = message.id();
                thread.respond_by = message.header().respond_by();
            }
        } else {
            message.life.position = thread.next_position(self.now);
            thread.last_position = message.life.position;
        }
        message
    }

    fn new_thread(&self) -> Thread {
        let header = self.message.header();
        Thread {
            id: header.thread_id(),
            sender: header.sender(),
            recipient: header.recipient(),
            grant: header.grant_id(),
            opened_by: header.message_id(),
            stage: Stage::Active(Active::Submitted),
            version: 1,
            changed_at: self.now,
            received_at: self.now,
            respond_by: header.respond_by(),
            last_position: 0,
        }
    }

    /// All attachments are there, whole and as the sender signed them; from now on they go with the message.
    async fn claim_blobs(&self, tx: &mut Tx<'_>) -> Result<(), SubmitFault> {
        let header = self.message.header();
        for entry in self.message.manifest.blobs() {
            let tag = self
                .vault
                .blob_tag(header.sender(), header.message_id(), entry.id);
            let is_there = BlobRow::lock(&self.vault, tx, &tag).await?.is_some_and(|blob| {
                blob.is_complete
                    && blob.sha256 == entry.ciphertext_sha256
                    && blob.length == u64::from(entry.ciphertext_length())
            });
            if !is_there {
                return Err(SubmitFault::Denied(ErrorReason::BlobsMissing));
            }
            BlobRow::claim(tx, &tag).await?;
        }
        Ok(())
    }

    fn log(&self) -> sluis_store::LogEvent {
        let header = self.message.header();
        let ids = vec![
            LoggedId::Message(header.message_id()),
            LoggedId::Thread(header.thread_id()),
            LoggedId::Grant(header.grant_id()),
        ];
        log::event(
            Logged::Submitted,
            self.who,
            self.now,
            METHOD,
            Subject::Grant(header.grant_id()),
            ids,
        )
    }
}
