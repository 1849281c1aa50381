//! WatchMailbox: first what is in the inbox, then what happens.

use std::sync::Arc;

use sluis_envelope::Reader;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::watch_mailbox_response::Event;
use sluis_proto::referral::v1::{Heartbeat, WatchMailboxRequest, WatchMailboxResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, WatchReply, WatchSource, to_proto_timestamp, watch};
use sluis_store::{Position, Tx};
use sluis_types::Oin;
use tonic::Request;

use super::list_inbox::{Place as InboxPlace, START, place, read_place, write_place};
use super::reply;
use crate::context::Context;
use crate::error::{of_outbox, of_store};
use crate::event::MailboxEvent;
use crate::feed::Rows;
use crate::store::message::Message;
use crate::store::vault::Fault;

const TOKEN: &str = "mailbox";
/// Messages of the inbox read at once.
const READ_MAX: u32 = 50;
/// Times that the feed is read in one go before the stream hears that nothing is new.
const READS_MAX: u32 = 10;

pub(super) async fn handle(
    context: &Arc<Context>,
    request: &Request<WatchMailboxRequest>,
) -> Result<WatchReply<WatchMailboxResponse>, Refusal> {
    let partner = context.partner(request)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let outbox = context.feed.outbox();
    let place = match context
        .tokens
        .open_resume(TOKEN, &request.get_ref().resume_token, &filter)?
    {
        Some(place) => Place::read(&place).ok_or_else(|| Refusal::new(ErrorReason::BadPageToken))?,
        // Taken before the inbox is read: what arrives between the two is told twice, not lost.
        None => Place::Inbox {
            events_from: outbox.latest().await.map_err(|error| of_store(&error))?,
            after: START,
        },
    };
    // A lapsed token is refused at once, not in the middle of the stream.
    outbox
        .read_after(place.events_from(), 1, None)
        .await
        .map_err(|error| of_outbox(&error))?;
    let source = Mailbox {
        context: Arc::clone(context),
        organisation: partner.organisation(),
        filter,
        place,
    };
    Ok(watch(source, context.pace.clone()))
}

/// How far a watch came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the inbox, after a place in it; then the events from a position on.
    Inbox {
        events_from: Position,
        after: InboxPlace,
    },
    /// Among the events.
    Events(Position),
}

impl Place {
    const fn events_from(self) -> Position {
        match self {
            Self::Inbox { events_from, .. } | Self::Events(events_from) => events_from,
        }
    }

    fn write(self) -> Vec<u8> {
        let mut bytes = self.events_from().to_be_bytes().to_vec();
        if let Self::Inbox { after, .. } = self {
            bytes.extend_from_slice(&write_place(after));
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let events_from = reader.i64().ok()?;
        match reader.rest_len() {
            0 => Some(Self::Events(events_from)),
            rest => {
                let after = read_place(reader.take(rest).ok()?)?;
                Some(Self::Inbox { events_from, after })
            }
        }
    }
}

struct Mailbox {
    context: Arc<Context>,
    organisation: Oin,
    filter: [u8; 32],
    place: Place,
}

impl Mailbox {
    fn message(&self, place: Place, event: Event) -> WatchMailboxResponse {
        let resume_token = self
            .context
            .tokens
            .seal_resume(TOKEN, &place.write(), &self.filter);
        WatchMailboxResponse {
            resume_token: resume_token.into(),
            event: Some(event),
        }
    }

    /// The next messages of the inbox; none at its end.
    async fn read_inbox(
        &self,
        events_from: Position,
        after: InboxPlace,
    ) -> Result<Vec<(InboxPlace, WatchMailboxResponse)>, Refusal> {
        let context = &self.context;
        let now = context.clock.now();
        let mut read = context
            .store
            .read("watch_mailbox.inbox")
            .await
            .map_err(Fault::from)?;
        let messages =
            Message::inbox(&context.vault, &mut read.tx(), self.organisation, after, READ_MAX).await?;
        let told = messages.iter().map(|message| {
            let after = place(message);
            let event = Event::Arrived(reply::entry(message, now));
            (after, self.message(Place::Inbox { events_from, after }, event))
        });
        Ok(told.collect())
    }

    /// What happened after a position that concerns this organisation, and how far was looked.
    async fn read_events(&self, after: Position) -> Result<(Position, Vec<WatchMailboxResponse>), Refusal> {
        let Rows { rows, through } = self.context.feed.read_after(after).await?;
        let mut messages = Vec::new();
        let mut passed = after;
        let mut read = None;
        for row in rows {
            let (position, events) = &*row;
            let ours: Vec<_> = events
                .iter()
                .filter(|it| it.concerns(self.organisation))
                .collect();
            let last = ours.len().saturating_sub(1);
            for (index, event) in ours.into_iter().enumerate() {
                let read = match &mut read {
                    Some(read) => read,
                    none => none.insert(
                        self.context
                            .store
                            .read("watch_mailbox.events")
                            .await
                            .map_err(Fault::from)?,
                    ),
                };
                let event = self.shown(&mut read.tx(), event).await?;
                // Only with the last one the row is done: whoever resumes within it is told again.
                let place = if index == last { *position } else { passed };
                messages.extend(event.map(|event| self.message(Place::Events(place), event)));
            }
            passed = *position;
        }
        Ok((through, messages))
    }

    async fn shown(&self, tx: &mut Tx<'_>, event: &MailboxEvent) -> Result<Option<Event>, Refusal> {
        Ok(match event {
            MailboxEvent::Arrived { message, .. } => {
                // As it is now: whoever resumes after a while is not offered what has ended since.
                let message = Message::load(&self.context.vault, tx, *message).await?;
                message.map(|message| Event::Arrived(reply::entry(&message, self.context.clock.now())))
            }
            MailboxEvent::Message(change) => Some(Event::Message(reply::change(change))),
            MailboxEvent::Referral(thread) => Some(Event::Referral(reply::referral(thread))),
        })
    }
}

impl WatchSource for Mailbox {
    type Message = WatchMailboxResponse;

    async fn read(&mut self) -> Result<Vec<WatchMailboxResponse>, Refusal> {
        if let Place::Inbox { events_from, after } = self.place {
            let (places, told): (Vec<_>, Vec<_>) =
                self.read_inbox(events_from, after).await?.into_iter().unzip();
            if let Some(after) = places.last() {
                self.place = Place::Inbox {
                    events_from,
                    after: *after,
                };
                return Ok(told);
            }
            self.place = Place::Events(events_from);
        }
        let mut reads = 0;
        loop {
            let before = self.place.events_from();
            let (through, told) = self.read_events(before).await?;
            self.place = Place::Events(through);
            reads += 1;
            if !told.is_empty() || through == before || reads == READS_MAX {
                return Ok(told);
            }
        }
    }

    async fn hint(&mut self) {
        self.context
            .feed
            .outbox()
            .wait_after(self.place.events_from())
            .await;
    }

    async fn heartbeat(&mut self) -> Result<WatchMailboxResponse, Refusal> {
        let heartbeat = Heartbeat {
            at: Some(to_proto_timestamp(self.context.clock.now())),
            checkpoint: self.context.checkpoint().await?.into(),
        };
        Ok(self.message(self.place, Event::Heartbeat(heartbeat)))
    }
}
