//! ReportOpened: a message was opened; a referral is then in review.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{ReportOpenedRequest, ReportOpenedResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, LoggedId, Outcome, Subject, Tx};
use sluis_types::MessageId;
use tonic::Request;

use crate::context::{Context, Partner};
use crate::domain::message::MessageEvent;
use crate::domain::thread::{Actor, Event};
use crate::error::{Denial, of_write};
use crate::event::{MailboxEvent, outbox_row};
use crate::log::{self, Logged};
use crate::store::message::Message;
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.referral.v1.ReferralService/ReportOpened";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ReportOpenedRequest>,
) -> Result<ReportOpenedResponse, Refusal> {
    let partner = context.partner(request)?;
    let id = sluis_serve::request_id(&request.get_ref().request_id)?;
    let message: MessageId = sluis_serve::id("message_id", &request.get_ref().message_id)?;
    let request = partner.request(METHOD, id, FirstMessage::hash_of(request)?);
    let report = Report {
        vault: context.vault.clone(),
        partner,
        message,
    };
    let written = context.store.write(request, report).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Report {
    vault: Vault,
    partner: Partner,
    message: MessageId,
}

impl Command for Report {
    type Reply = ReportOpenedResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ReportOpenedResponse, Denial>, Fault> {
        let (vault, now) = (&self.vault, self.partner.now);
        let organisation = self.partner.organisation();
        let Some(found) = Message::for_recipient(vault, tx, self.message, organisation).await? else {
            let reason = ErrorReason::NotAvailable;
            return Ok(Outcome::refused(
                Denial::of(reason),
                log::refused(self.log(Subject::None), reason),
            ));
        };
        let header = found.header();
        let log = self.log(Subject::Grant(header.grant_id()));
        let mut book = ThreadBook::lock(vault, tx, header.thread_id())
            .await?
            .ok_or(Fault::Contradiction("a message without its thread"))?;
        let mut message = Message::lock(vault, tx, self.message)
            .await?
            .ok_or(Fault::Contradiction("a message that was just there"))?;
        let opens = book.thread.opened_by == self.message;
        let moved = book
            .thread
            .clone()
            .after(Event::Open, Actor::Recipient, now)
            .ok()
            .filter(|_| opens);
        let opening = moved.as_ref().unwrap_or(&book.thread).opening(self.message);
        let mut events = Vec::new();
        // What ended meanwhile stays as it is: that it was opened before stands in consent's log.
        if message.apply(vault, tx, MessageEvent::Open, opening, now).await? {
            events.push(MailboxEvent::changed(&message));
            if let Some(thread) = moved {
                book.thread = thread.clone();
                book.save(vault, tx).await?;
                events.push(MailboxEvent::Referral(thread));
            }
        }
        let reply = ReportOpenedResponse {
            state: message.life.state as i32,
        };
        Ok(Outcome::done(reply, log).with_events(outbox_row(&events)))
    }
}

impl Report {
    fn log(&self, subject: Subject) -> LogEvent {
        let ids = vec![LoggedId::Message(self.message)];
        log::event(
            Logged::Opened,
            self.partner.who(),
            self.partner.now,
            METHOD,
            subject,
            ids,
        )
    }
}
