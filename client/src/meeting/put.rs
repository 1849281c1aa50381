//! Putting an item on an agenda: what is told is sealed to each who is invited, under its own grant.

use std::time::Duration;

use sluis_envelope::{ContentDraft, Draft, MediaType, Scope, Sealer};
use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::meeting_service_client::MeetingServiceClient;
use sluis_types::{
    AgendaItemId, CodeSet, Handle, MatchId, MeetingId, MessageId, MessageKind, Oin, Priority, Purpose,
    SignalId, ThreadId,
};
use zeroize::Zeroizing;

use super::{Seat, shown};
use crate::Error;
use crate::partner::Partner;

/// How long what is told can be opened: until the meeting is erased at the latest.
const LIFE: Duration = Duration::from_hours(90 * 24);

/// What is told at an item, about whom.
pub struct ItemTold {
    /// About whom: this organisation's own handle.
    pub resident: Handle,
    /// What it contains, to be checked against each grant: its only purpose is a case meeting.
    pub scope: Scope,
    /// Form of the body.
    pub media_type: MediaType,
    /// What is told: 5 KiB at most.
    pub body: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for ItemTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ItemTold(…)")
    }
}

/// An item that is to be put on an agenda.
#[derive(Debug)]
pub struct AgendaEntry {
    /// What is asked.
    pub question: wire::QuestionKind,
    /// Minutes that it takes: 1 to 15.
    pub minutes: u8,
    /// Who is invited to it.
    pub invited: Vec<Seat>,
    /// Signals of this organisation.
    pub signals: Vec<SignalId>,
    /// Matches of this organisation.
    pub matches: Vec<MatchId>,
    /// Referrals of this organisation.
    pub threads: Vec<ThreadId>,
    /// What is told; none where the item is about nobody in particular.
    pub told: Option<ItemTold>,
    /// Whether the resident was told of it.
    pub resident_informed: bool,
    /// Whether the resident was asked to come.
    pub resident_invited: bool,
}

impl Partner {
    /// Puts an item on the agenda of a meeting. Asks consent's closed question for each who is invited and seals to each
    /// apart; where one of them may not be told, nothing is sent.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` where no consent is live for one who is invited; [`Error::NotPinned`]
    /// or [`Error::KeysChanged`] where keys cannot be trusted; [`Error::OutsideGrant`].
    pub async fn put_on_agenda(
        &self,
        meeting: MeetingId,
        entry: &AgendaEntry,
    ) -> Result<(AgendaItemId, wire::Meeting), Error> {
        let request_id = self.connection.request_id();
        let mut messages = Vec::new();
        if let Some(told) = &entry.told {
            if told.scope.purposes() != CodeSet::EMPTY.with(Purpose::CaseMeeting) {
                return Err(Error::invalid("scope", "its purpose must be CASE_MEETING"));
            }
            for seat in &entry.invited {
                messages.push(self.seal_item(told, seat.organisation).await?);
            }
        }
        let message = wire::PutOnAgendaRequest {
            request_id: request_id.to_string(),
            meeting_id: meeting.to_string(),
            question: entry.question.into(),
            minutes: u32::from(entry.minutes),
            invited: entry.invited.iter().map(Seat::to_wire).collect(),
            references: Some(wire::AgendaReferences {
                signal_ids: entry.signals.iter().map(ToString::to_string).collect(),
                match_ids: entry.matches.iter().map(ToString::to_string).collect(),
                thread_ids: entry.threads.iter().map(ToString::to_string).collect(),
            }),
            deidentified: entry.told.is_none(),
            messages,
            resident_informed: entry.resident_informed,
            resident_invited: entry.resident_invited,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                MeetingServiceClient::new(channel).put_on_agenda(request).await
            })
            .await?;
        let item = reply.item_id.parse();
        let item = item.map_err(|error| Error::bad_answer("an item", error))?;
        Ok((item, shown(reply.meeting)?))
    }

    /// Seals what is told to one organisation, under its grant.
    async fn seal_item(&self, told: &ItemTold, recipient: Oin) -> Result<wire::SealedAgendaMessage, Error> {
        let (token, token_bytes) = self.authorize(&told.resident, recipient, &told.scope).await?;
        let statement = self.statement_of(recipient).await?;
        let now = self.environment.now();
        let sealing_key = statement.newest_sealing_key(now).ok_or(Error::Unknown {
            what: "sealing key of who is invited",
        })?;
        let draft = Draft {
            message_id: MessageId::fresh(now, &*self.environment.randomness),
            thread_id: ThreadId::random(&*self.environment.randomness),
            kind: MessageKind::AgendaItem,
            priority: Priority::Routine,
            replaces: None,
            respond_by: None,
            created: now,
            expires: now.plus(LIFE),
            extensions: Vec::new(),
        };
        let content = ContentDraft {
            media_type: told.media_type.clone(),
            based_on: None,
            scope: told.scope,
            body: told.body.clone(),
        };
        let sealer = Sealer::new(draft, &token, &sealing_key, &self.profile.keys.signing)?;
        let sealed = sealer.seal(content, &*self.environment.randomness)?;
        Ok(wire::SealedAgendaMessage {
            manifest: sealed.manifest.encode().into(),
            sealed_r: sealed.sealed_r.into(),
            sealed_c: sealed.sealed_c.into(),
            content: sealed.content.into(),
            grant_token: token_bytes.into(),
        })
    }
}
