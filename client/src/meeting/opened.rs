//! Opening what is told at an item: verify, ask the gate, combine.

use sluis_envelope::{Content, OpenedMessage, Signed, SubmissionReceipt};
use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::meeting_service_client::MeetingServiceClient;
use sluis_types::{AgendaItemId, Handle, MeetingId, MessageKind, Oin};

use crate::Error;
use crate::open::Shares;
use crate::partner::Partner;

/// What is told at an item, opened by both gates.
pub struct OpenedItem {
    /// The item.
    pub item: wire::AgendaItem,
    /// Who put it on.
    pub sender: Oin,
    /// Body, media type and scope.
    pub content: Content,
    message: OpenedMessage,
}

impl OpenedItem {
    /// This organisation's own handle for the resident.
    pub fn handle(&self) -> Handle {
        *self.message.handle()
    }

    /// Whether the resident has no login and consented with help.
    pub fn is_assisted(&self) -> bool {
        self.message.assisted()
    }
}

impl std::fmt::Debug for OpenedItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenedItem({})", self.item.item_id)
    }
}

impl Partner {
    /// One item that this professional may see, without opening anything.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn agenda_item(
        &self,
        meeting: MeetingId,
        item: AgendaItemId,
    ) -> Result<wire::AgendaItem, Error> {
        let reply = self.fetch_item(meeting, item).await?;
        reply.item.ok_or_else(|| Error::bad_answer("the item", "missing"))
    }

    /// Opens what is told at an item, as a message of a referral is opened: the resident sees in their log that it was.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is no such item for this professional, or the resident's
    /// consent is not live; [`Error::NothingToOpen`] when nothing is told to this organisation; [`Error::Envelope`] when
    /// somebody cheated.
    pub async fn open_agenda_item(
        &self,
        meeting: MeetingId,
        item: AgendaItemId,
    ) -> Result<OpenedItem, Error> {
        let reply = self.fetch_item(meeting, item).await?;
        let shown = reply
            .item
            .ok_or_else(|| Error::bad_answer("the item", "missing"))?;
        let sealed = reply.message.ok_or_else(|| Error::NothingToOpen {
            state: state_name(shown.state()),
        })?;
        let receipt = Signed::<SubmissionReceipt>::parse(&reply.receipt)?
            .verify(&self.profile.mesh.signalling_receipt, self.environment.now())?;
        let shares = Shares {
            manifest: &sealed.manifest,
            sealed_r: &sealed.sealed_r,
            sealed_c: &sealed.sealed_c,
            content: &sealed.content,
        };
        let sender: Oin = shown
            .presenter
            .parse()
            .map_err(|error| Error::bad_answer("the item", error))?;
        let opener = self
            .opener(shares, &receipt, |header| {
                header.kind() == MessageKind::AgendaItem && header.sender() == sender
            })
            .await?;
        let message = self.ask_gate(opener, receipt.signed().clone(), None).await?;
        let content = message.content(&sealed.content)?;
        Ok(OpenedItem {
            item: shown,
            sender,
            content,
            message,
        })
    }

    async fn fetch_item(
        &self,
        meeting: MeetingId,
        item: AgendaItemId,
    ) -> Result<wire::GetAgendaItemResponse, Error> {
        let ask = wire::GetAgendaItemRequest {
            meeting_id: meeting.to_string(),
            item_id: item.to_string(),
        };
        self.connection
            .call(ask, |channel, request| async move {
                MeetingServiceClient::new(channel).get_agenda_item(request).await
            })
            .await
    }
}

fn state_name(state: wire::AgendaItemState) -> &'static str {
    let name = state.as_str_name();
    name.strip_prefix("AGENDA_ITEM_STATE_").unwrap_or(name)
}
