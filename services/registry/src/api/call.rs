//! What every write knows of its call.

use sluis_envelope::Writer;
use sluis_serve::{Caller, FirstMessage, Hash, Refusal, request_id};
use sluis_store::{LogEvent, LoggedId, Request, Subject};
use sluis_types::{Oin, RequestId, Timestamp};

use crate::domain::{Act, Refused};

/// Who calls what, for the store and for the log.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    method: &'static str,
    id: RequestId,
    body_hash: Hash,
    /// The moment of the act: its decision and its leaf see one time.
    pub(crate) at: Timestamp,
}

impl Call {
    pub(super) fn of<T>(
        request: &tonic::Request<T>,
        method: &'static str,
        id: &str,
        at: Timestamp,
    ) -> Result<Self, Refusal> {
        let caller = Caller::of(request)?.clone();
        let body_hash = FirstMessage::hash_of(request)?;
        Ok(Self {
            caller,
            method,
            id: request_id(id)?,
            body_hash,
            at,
        })
    }

    /// Under what the answer is remembered.
    pub(super) fn request(&self) -> Request {
        Request {
            method: self.method,
            caller: self.caller.idempotency_key().to_vec(),
            id: self.id,
            body_hash: self.body_hash,
        }
    }

    /// The log's word of the act: about which organisation and, by its hash, about which certificate or statement.
    pub(super) fn done(&self, act: Act, about: Oin, hash: &Hash) -> LogEvent {
        let mut details = Writer::new();
        details.bytes(about.as_bytes()).digest(hash);
        self.event(act, 0, details.finish())
    }

    /// The log's word of a refusal.
    pub(super) fn refused(&self, act: Act, refused: Refused) -> LogEvent {
        self.event(act, refused.number().into(), Vec::new())
    }

    fn event(&self, act: Act, outcome: u16, details: Vec<u8>) -> LogEvent {
        let user = match &self.caller {
            Caller::Partner(partner) => partner.professional.to_vec(),
            Caller::Enrolment(_) | Caller::Resident(_) | Caller::Mesh(_) | Caller::Operator => Vec::new(),
        };
        LogEvent {
            kind: act as u16,
            outcome,
            at: self.at,
            organisation: self.caller.organisation(),
            user,
            subject: Subject::None,
            method: self.method,
            ids: vec![LoggedId::Request(self.id)],
            details,
        }
    }
}
