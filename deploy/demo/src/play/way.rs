//! The steps that every resident of the play takes.

use std::path::Path;

use sluis_client::envelope::{MediaType, Scope};
use sluis_client::{Ask, Opened, Outgoing, OutgoingAttachment, Provision, Sent, TEXT};
use sluis_types::{
    CodeSet, DataKind, Handle, LifeDomain, MessageId, MessageKind, Oin, Priority, Purpose, ThreadId,
};
use zeroize::Zeroizing;

use super::house::{House, oin};
use super::people::Who;
use crate::DemoError;

/// How long the play asks consent for, in days.
const CONSENT_DAYS: u32 = 90;
/// How long its messages may wait, in days.
const MESSAGE_DAYS: u16 = 30;

/// What the play's messages may contain.
fn data_kinds() -> CodeSet<DataKind> {
    [
        DataKind::Contact,
        DataKind::Situation,
        DataKind::Plan,
        DataKind::Document,
    ]
    .into_iter()
    .collect()
}

/// What the play's messages are about.
fn life_domains() -> CodeSet<LifeDomain> {
    [
        LifeDomain::LivingSafeHome,
        LifeDomain::MeaningfulDay,
        LifeDomain::FittingSupport,
    ]
    .into_iter()
    .collect()
}

/// The scope of a message without form or attachment.
pub(super) fn scope(purpose: Purpose) -> Scope {
    let kinds = [DataKind::Contact, DataKind::Situation].into_iter().collect();
    let domains = CodeSet::EMPTY.with(LifeDomain::FittingSupport);
    Scope::new(CodeSet::EMPTY.with(purpose), domains, kinds).expect("none of the three is empty")
}

/// A message that is to be sent.
pub(super) struct Letter<'a> {
    pub(super) from: Who,
    pub(super) to: Who,
    pub(super) about: Handle,
    pub(super) kind: MessageKind,
    pub(super) thread: Option<ThreadId>,
    pub(super) based_on: Option<MessageId>,
    pub(super) scope: Scope,
    pub(super) media_type: &'a str,
    pub(super) body: &'a [u8],
    pub(super) attachment: Option<&'a Path>,
}

impl<'a> Letter<'a> {
    /// A text that opens a thread.
    pub(super) fn text(from: Who, to: Who, about: Handle, body: &'a str) -> Self {
        Self {
            from,
            to,
            about,
            kind: MessageKind::Referral,
            thread: None,
            based_on: None,
            scope: scope(Purpose::Referral),
            media_type: TEXT,
            body: body.as_bytes(),
            attachment: None,
        }
    }

    /// A text in answer to a referral.
    pub(super) fn feedback(from: Who, to: Who, opened: &Opened, body: &'a str) -> Self {
        Self {
            kind: MessageKind::Feedback,
            thread: Some(opened.thread_id),
            based_on: Some(opened.message_id),
            scope: scope(Purpose::Feedback),
            ..Self::text(from, to, opened.handle(), body)
        }
    }
}

impl House {
    /// The organisation's worker types the code in.
    pub(super) async fn redeem(&self, who: Who, code: &str) -> Result<Handle, DemoError> {
        self.partner(who)
            .redeem_link_code(code)
            .await
            .map_err(DemoError::partner("redeeming a link code"))
    }

    /// Asks consent in both directions: to share for the referral, and back for how it goes.
    pub(super) async fn ask(&self, from: Who, to: Who, handle: &Handle) -> Result<(), DemoError> {
        let ask = |discloser: Oin, recipient: Oin, purpose| Ask {
            discloser,
            recipient,
            provisions: vec![Provision {
                purpose,
                life_domains: life_domains(),
                data_kinds: data_kinds(),
                objection: false,
            }],
            valid_days: CONSENT_DAYS,
        };
        let asks = [
            ask(oin(from), oin(to), Purpose::Referral),
            ask(oin(to), oin(from), Purpose::Feedback),
        ];
        let asked = self.partner(from).ask_consent(handle, &asks).await;
        asked.map(drop).map_err(DemoError::partner("asking consent"))
    }

    /// Seals and sends.
    pub(super) async fn send(&self, letter: Letter<'_>) -> Result<Sent, DemoError> {
        let unfit = |error: sluis_client::envelope::FormatError| DemoError::unexpected(error.to_string());
        let mut attachments = Vec::new();
        if let Some(path) = letter.attachment {
            let attachment = OutgoingAttachment::detect(path, DataKind::Plan);
            attachments.push(attachment.map_err(DemoError::partner("attaching a file"))?);
        }
        let outgoing = Outgoing {
            recipient: oin(letter.to),
            resident: letter.about,
            kind: letter.kind,
            thread: letter.thread,
            based_on: letter.based_on,
            priority: Priority::Routine,
            respond_within_days: None,
            expires_in_days: MESSAGE_DAYS,
            scope: letter.scope,
            media_type: MediaType::new(letter.media_type).map_err(unfit)?,
            body: Zeroizing::new(letter.body.to_vec()),
            attachments,
        };
        self.partner(letter.from)
            .send(outgoing, &|_| {})
            .await
            .map_err(DemoError::partner("sending"))
    }

    /// Opens through both gates.
    pub(super) async fn open(&self, who: Who, message: MessageId) -> Result<Opened, DemoError> {
        self.partner(who)
            .open(message)
            .await
            .map_err(DemoError::partner("opening"))
    }
}
