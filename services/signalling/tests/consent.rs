//! What this service reaches of consent: a service with the same interface, behind the real chassis, that says what a
//! test wants it to say.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::{Stream, stream};
use sluis_proto::consent::v1::grant_event_service_server::GrantEventService;
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{
    GetGrantStatesRequest, GetGrantStatesResponse, GrantChange, GrantEvent, GrantStanding,
    WatchGrantsRequest, WatchGrantsResponse,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_types::{GrantId, KeyId};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

/// Says of grants what it is told to say.
#[derive(Clone, Default)]
pub(crate) struct Consent {
    said: Arc<Mutex<Said>>,
    more: Arc<Notify>,
}

#[derive(Default)]
struct Said {
    events: Vec<GrantEvent>,
    /// Events before this one are no longer kept.
    trimmed: usize,
    /// Tokens that streams were opened with.
    opened_with: Vec<Vec<u8>>,
    /// Whether open streams are to break off.
    breaks: usize,
    /// Grants that ended, whether that is said or not.
    ended: Vec<GrantId>,
}

impl Consent {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap()
    }

    /// Something about a circle's gate key.
    pub(crate) fn say(&self, gate_key: KeyId, change: GrantChange) {
        self.said().events.push(GrantEvent {
            gate_key_id: gate_key.as_bytes().to_vec().into(),
            change: change.into(),
            ..GrantEvent::default()
        });
        self.more.notify_waiters();
    }

    /// The next version of a circle took the place of the one with this gate key.
    pub(crate) fn say_superseded(&self, gate_key: KeyId, next: KeyId) {
        self.said().events.push(GrantEvent {
            gate_key_id: gate_key.as_bytes().to_vec().into(),
            change: GrantChange::Superseded.into(),
            next_gate_key_id: next.as_bytes().to_vec().into(),
            ..GrantEvent::default()
        });
        self.more.notify_waiters();
    }

    /// Something about a version of a grant between two.
    pub(crate) fn say_of_grant(&self, grant: GrantId, version: u32, change: GrantChange) {
        self.said().events.push(GrantEvent {
            grant_id: grant.as_bytes().to_vec().into(),
            version,
            change: change.into(),
            ..GrantEvent::default()
        });
        self.more.notify_waiters();
    }

    /// A grant is over.
    pub(crate) fn end(&self, grant: GrantId) {
        self.said().ended.push(grant);
    }

    /// Says everything again that was said before.
    pub(crate) fn repeat_everything(&self) {
        let mut said = self.said();
        let again = said.events.clone();
        said.events.extend(again);
        drop(said);
        self.more.notify_waiters();
    }

    /// Forgets what was said, and breaks every stream off.
    pub(crate) fn lapse(&self) {
        let mut said = self.said();
        said.trimmed = said.events.len();
        said.breaks += 1;
        drop(said);
        self.more.notify_waiters();
    }

    pub(crate) fn break_off(&self) {
        self.said().breaks += 1;
        self.more.notify_waiters();
    }

    pub(crate) fn opened_with(&self) -> Vec<Vec<u8>> {
        self.said().opened_with.clone()
    }
}

type Events = Pin<Box<dyn Stream<Item = Result<WatchGrantsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl GrantEventService for Consent {
    type WatchGrantsStream = Events;

    async fn watch_grants(&self, request: Request<WatchGrantsRequest>) -> Result<Response<Events>, Status> {
        let token = request.into_inner().resume_token.to_vec();
        self.said().opened_with.push(token.clone());
        let trimmed = self.said().trimmed;
        let next = match <[u8; 8]>::try_from(&token[..]) {
            Ok(bytes) => usize::try_from(u64::from_be_bytes(bytes)).unwrap(),
            Err(_) => trimmed,
        };
        if next < trimmed {
            return Err(Refusal::new(ErrorReason::ResumeTokenLapsed).into());
        }
        let breaks = self.said().breaks;
        let consent = self.clone();
        let events = stream::try_unfold(next, move |next| {
            let consent = consent.clone();
            async move {
                loop {
                    let more = consent.more.notified();
                    tokio::pin!(more);
                    more.as_mut().enable();
                    if consent.said().breaks > breaks {
                        return Ok(None);
                    }
                    if let Some(event) = consent.said().events.get(next).cloned() {
                        let token = u64::try_from(next + 1).unwrap().to_be_bytes().to_vec();
                        let event = Some(Event::Grant(event));
                        return Ok(Some((
                            WatchGrantsResponse {
                                resume_token: token.into(),
                                event,
                            },
                            next + 1,
                        )));
                    }
                    more.await;
                }
            }
        });
        Ok(Response::new(Box::pin(events)))
    }

    async fn get_grant_states(
        &self,
        request: Request<GetGrantStatesRequest>,
    ) -> Result<Response<GetGrantStatesResponse>, Status> {
        let ended = self.said().ended.clone();
        let asked = request.into_inner().grant_ids.into_iter();
        let standings = asked.map(|grant_id| {
            let is_over = ended.iter().any(|grant| grant.as_bytes()[..] == grant_id[..]);
            GrantStanding {
                grant_id,
                version: u32::from(!is_over),
                paused: false,
            }
        });
        Ok(Response::new(GetGrantStatesResponse {
            standings: standings.collect(),
        }))
    }
}
