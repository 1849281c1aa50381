//! The mailbox: what arrived, what was withdrawn, what changed.

use futures_util::Stream;
use sluis_envelope::{Header, Manifest};
use sluis_proto::referral::v1 as wire;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_proto::referral::v1::watch_mailbox_response::Event;
use sluis_types::{MessageId, MessageKind, Oin, Priority, ThreadId, Timestamp};

use crate::Error;
use crate::connection::REPLY_BYTES_MAX;
use crate::consent::moment;
use crate::partner::Partner;
use crate::referrals::Referral;

/// How long to wait before a stream that broke is taken up again.
pub(crate) const RESUME_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// A message in the inbox, as its header describes it. Its signature is checked when it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    /// Its id.
    pub message_id: MessageId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// Who sent it, as its header says.
    pub sender: Oin,
    /// What it is to its thread.
    pub kind: MessageKind,
    /// How soon an answer is needed.
    pub priority: Priority,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it can be opened.
    pub expires: Timestamp,
    /// Until when an answer should be there.
    pub respond_by: Option<Timestamp>,
    /// The message whose place it takes.
    pub replaces: Option<MessageId>,
    /// How many attachments it has.
    pub attachments: u16,
    /// Where it is in its life, UPPER_SNAKE.
    pub state: &'static str,
}

/// A message that this organisation sent or received changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageNotice {
    /// Which message.
    pub message_id: MessageId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// Where it now is in its life, UPPER_SNAKE.
    pub state: &'static str,
    /// Why, UPPER_SNAKE; empty where the state says it all.
    pub cause: &'static str,
    /// When.
    pub at: Timestamp,
}

/// Something that concerns the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailboxEvent {
    /// The stream began: what changed before it and was not acknowledged will not be told. A sender looks after its
    /// copies now ([`Partner::tend_copies`]). Comes again when the mesh no longer knows where the stream was.
    Begun,
    /// A message arrived.
    Arrived(InboxItem),
    /// A message changed.
    Message(MessageNotice),
    /// A referral changed.
    Referral(Referral),
}

impl MessageNotice {
    /// Whether the sender must seal the message again ([`Partner::seal_again`]).
    pub fn wants_sealing_again(&self) -> bool {
        self.state == "RESEAL_NEEDED"
    }
}

impl Partner {
    /// The messages that wait, oldest first: all of them.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn inbox(&self) -> Result<Vec<InboxItem>, Error> {
        let mut items = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = wire::ListInboxRequest {
                page_size: 200,
                page_token,
            };
            let page = self
                .connection
                .call(ask, |channel, request| async move {
                    ReferralServiceClient::new(channel).list_inbox(request).await
                })
                .await?;
            for entry in &page.entries {
                items.push(InboxItem::from_wire(entry)?);
            }
            if page.next_page_token.is_empty() {
                return Ok(items);
            }
            page_token = page.next_page_token;
        }
    }

    /// Where a message is in its life, UPPER_SNAKE: one that this organisation sent, or received.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn message_state(&self, message: MessageId) -> Result<&'static str, Error> {
        let ask = wire::GetMessageRequest {
            message_id: message.to_string(),
        };
        let reply = self
            .connection
            .call(ask, |channel, request| async move {
                ReferralServiceClient::new(channel)
                    .max_decoding_message_size(REPLY_BYTES_MAX)
                    .get_message(request)
                    .await
            })
            .await?;
        Ok(state_name(reply.state))
    }

    /// Tells the mesh that messages are in this organisation's own system. Do it when they are durable there.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn acknowledge(&self, messages: &[MessageId]) -> Result<(), Error> {
        for batch in messages.chunks(500) {
            let ask = wire::AcknowledgeMessagesRequest {
                request_id: self.connection.request_id().to_string(),
                message_ids: batch.iter().map(ToString::to_string).collect(),
            };
            self.connection
                .call(ask, |channel, request| async move {
                    ReferralServiceClient::new(channel)
                        .acknowledge_messages(request)
                        .await
                })
                .await?;
        }
        Ok(())
    }

    /// Everything that concerns the mailbox, for as long as it is polled: unacknowledged messages first, then what
    /// happens, each at least once and in order within a thread. The stream takes itself up again when the connection
    /// breaks; it ends with an error that trying again would not mend.
    pub fn watch(&self) -> impl Stream<Item = Result<MailboxEvent, Error>> + '_ {
        futures_util::stream::unfold(Watch::new(self), |mut watch| async {
            if watch.ended {
                return None;
            }
            let event = watch.next().await;
            watch.ended = event.is_err();
            Some((event, watch))
        })
    }

    /// The mesh's time, from the first heartbeat of a watch.
    pub(crate) async fn mesh_time(&self) -> Result<Timestamp, Error> {
        let ask = wire::WatchMailboxRequest::default();
        let mut stream = ReferralServiceClient::new(self.connection.channel())
            .watch_mailbox(self.connection.request(ask)?)
            .await?
            .into_inner();
        while let Some(message) = stream.message().await? {
            if let Some(Event::Heartbeat(heartbeat)) = message.event {
                return Ok(moment(heartbeat.at.as_ref()));
            }
        }
        Err(Error::bad_answer("the mailbox", "no heartbeat"))
    }

    /// Drops the kept copy of a message that can no longer need one.
    fn settle(&self, notice: &MessageNotice) -> Result<(), Error> {
        match notice.state {
            "OPENED" | "CANCELLED" | "EXPIRED" | "REPLACED" => self.forget_copy(notice.message_id),
            _ => Ok(()),
        }
    }
}

struct Watch<'a> {
    partner: &'a Partner,
    stream: Option<tonic::Streaming<wire::WatchMailboxResponse>>,
    resume_token: bytes::Bytes,
    /// Whether nothing was heard yet of a stream that did not go on from an earlier one.
    is_fresh: bool,
    /// What is told next.
    pending: Option<MailboxEvent>,
    ended: bool,
}

impl<'a> Watch<'a> {
    fn new(partner: &'a Partner) -> Self {
        Self {
            partner,
            stream: None,
            resume_token: bytes::Bytes::new(),
            is_fresh: true,
            pending: None,
            ended: false,
        }
    }

    async fn next(&mut self) -> Result<MailboxEvent, Error> {
        if let Some(event) = self.pending.take() {
            return Ok(event);
        }
        loop {
            let Some(stream) = &mut self.stream else {
                self.begin().await?;
                continue;
            };
            match stream.message().await {
                Ok(Some(message)) => {
                    self.resume_token = message.resume_token;
                    let event = self.partner.event(message.event)?;
                    if std::mem::take(&mut self.is_fresh) {
                        self.pending = event;
                        return Ok(MailboxEvent::Begun);
                    }
                    if let Some(event) = event {
                        return Ok(event);
                    }
                }
                Ok(None) => self.pause().await,
                Err(status) if status.code() == tonic::Code::OutOfRange => {
                    self.forget_place();
                    self.pause().await;
                }
                Err(status) => self.pause_or_end(status.into()).await?,
            }
        }
    }

    async fn begin(&mut self) -> Result<(), Error> {
        let ask = wire::WatchMailboxRequest {
            resume_token: self.resume_token.clone(),
        };
        let request = self.partner.connection.request(ask)?;
        match ReferralServiceClient::new(self.partner.connection.channel())
            .watch_mailbox(request)
            .await
        {
            Ok(stream) => self.stream = Some(stream.into_inner()),
            Err(status) if status.code() == tonic::Code::OutOfRange => self.forget_place(),
            Err(status) => self.pause_or_end(status.into()).await?,
        }
        Ok(())
    }

    async fn pause_or_end(&mut self, error: Error) -> Result<(), Error> {
        if !error.only_interrupts() {
            return Err(error);
        }
        self.pause().await;
        Ok(())
    }

    /// The mesh no longer knows where the stream was: it begins afresh.
    fn forget_place(&mut self) {
        self.resume_token = bytes::Bytes::new();
        self.is_fresh = true;
    }

    async fn pause(&mut self) {
        self.stream = None;
        tokio::time::sleep(RESUME_PAUSE).await;
    }
}

impl Partner {
    fn event(&self, event: Option<Event>) -> Result<Option<MailboxEvent>, Error> {
        Ok(match event {
            Some(Event::Arrived(entry)) => Some(MailboxEvent::Arrived(InboxItem::from_wire(&entry)?)),
            Some(Event::Message(change)) => {
                let notice = MessageNotice::from_wire(&change)?;
                self.settle(&notice)?;
                Some(MailboxEvent::Message(notice))
            }
            Some(Event::Referral(referral)) => Some(MailboxEvent::Referral(Referral::from_wire(&referral)?)),
            Some(Event::Heartbeat(_)) | None => None,
        })
    }
}

impl InboxItem {
    fn from_wire(entry: &wire::InboxEntry) -> Result<Self, Error> {
        Ok(Self::of(
            Manifest::parse(&entry.manifest)?.header(),
            state_name(entry.state),
        ))
    }

    fn of(header: &Header, state: &'static str) -> Self {
        Self {
            message_id: header.message_id(),
            thread_id: header.thread_id(),
            sender: header.sender(),
            kind: header.kind(),
            priority: header.priority(),
            created: header.created(),
            expires: header.expires(),
            respond_by: header.respond_by(),
            replaces: header.replaces(),
            attachments: header.blob_count(),
            state,
        }
    }
}

impl MessageNotice {
    fn from_wire(change: &wire::MessageChange) -> Result<Self, Error> {
        let malformed = |error| Error::bad_answer("a message's change", error);
        Ok(Self {
            message_id: change.message_id.parse().map_err(malformed)?,
            thread_id: change.thread_id.parse().map_err(malformed)?,
            state: state_name(change.state),
            cause: cause_name(change.cause),
            at: moment(change.at.as_ref()),
        })
    }
}

/// The name of a message's state.
pub(crate) fn state_name(number: i32) -> &'static str {
    let state = wire::MessageState::try_from(number).unwrap_or_default();
    state.as_str_name().trim_start_matches("MESSAGE_STATE_")
}

/// The name of a cause; empty where there is none.
pub(crate) fn cause_name(number: i32) -> &'static str {
    match wire::Cause::try_from(number).unwrap_or_default() {
        wire::Cause::Unspecified => "",
        cause => cause.as_str_name().trim_start_matches("CAUSE_"),
    }
}
