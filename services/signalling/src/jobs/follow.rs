//! Following consent: which circles' gate keys ended, were replaced, paused or resumed.
//!
//! Events come at least once and in order. Each is applied in the transaction that remembers how far the watch came;
//! what is known already changes nothing. When consent no longer has what was missed, the stream begins again with
//! everything that consent keeps: what ended before that can still be posted here, and opens nothing at the gate.

use std::sync::Arc;
use std::time::Duration;

use sluis_proto::consent::v1::grant_event_service_client::GrantEventServiceClient;
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{GrantChange, GrantEvent, WatchGrantsRequest, WatchGrantsResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{MeshClient, Refusal, Stop};
use sluis_store::WriteError;
use sluis_types::KeyId;
use tonic::{Status, Streaming};

use super::gate_key_change::{ApplyNews, Forget, MoveOn, NAME, News, NewsFault};
use crate::context::Context;
use crate::error::{of_store, of_write};
use crate::store::vault::Fault;
use crate::store::watch;

/// How long to wait before consent is called again after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Consent says that it is there every two seconds: after this silence the connection is given up.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Why following stopped, for now.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("consent refused or cannot be reached")]
    Consent(#[source] Box<Status>),
    #[error("consent fell silent")]
    Silent,
    #[error("consent ended the stream")]
    Over,
    #[error("consent sent what cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("what consent said could not be stored")]
    Here(Refusal),
}

impl Ended {
    /// The status behind it, where one came back: its code or our reason, never its text.
    fn status(&self) -> Option<String> {
        match self {
            Self::Consent(status) => Some(match Refusal::reason_of(status) {
                Some(reason) => reason.as_str_name().to_owned(),
                None => format!("{:?}", status.code()),
            }),
            Self::Here(refusal) => Some(refusal.reason().as_str_name().to_owned()),
            Self::Silent | Self::Over | Self::Unreadable(_) => None,
        }
    }
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        Self::Consent(Box::new(status))
    }
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Here(refusal)
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Here(fault.into())
    }
}

/// Follows consent until the stop.
pub(crate) async fn run(context: Arc<Context>, consent: MeshClient, stop: Stop) {
    let mut follower = Follower {
        context,
        client: GrantEventServiceClient::new(consent),
    };
    while !stop.is_requested() {
        tokio::select! {
            () = stop.requested() => return,
            ended = follower.follow() => {
                tracing::warn!(cause = %ended, status = ended.status(), "consent is not followed for the moment");
            }
        }
        let timer = &follower.context.pace.timer;
        tokio::select! {
            () = stop.requested() => return,
            () = timer.sleep_until(timer.now() + PAUSE) => {}
        }
    }
}

struct Follower {
    context: Arc<Context>,
    client: GrantEventServiceClient<MeshClient>,
}

impl Follower {
    /// Follows until something fails; nothing is lost then.
    async fn follow(&mut self) -> Ended {
        match self.try_follow().await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn try_follow(&mut self) -> Result<std::convert::Infallible, Ended> {
        let mut read = self
            .context
            .store
            .read(NAME)
            .await
            .map_err(|error| of_store(&error))?;
        let token = watch::load(&self.context.vault, &mut read.tx()).await?;
        drop(read);
        let mut stream = match token {
            Some(resume_token) => match self.open(resume_token).await {
                Ok(stream) => stream,
                Err(status) if Refusal::reason_of(&status) == Some(ErrorReason::ResumeTokenLapsed) => {
                    let forgotten = self.context.store.upkeep(NAME, Forget).await;
                    forgotten.map_err(of_write)?;
                    self.open(Vec::new()).await?
                }
                Err(status) => return Err(status.into()),
            },
            None => self.open(Vec::new()).await?,
        };
        loop {
            let message = self.next(&mut stream).await?;
            self.take(message).await?;
        }
    }

    async fn open(&mut self, resume_token: Vec<u8>) -> Result<Streaming<WatchGrantsResponse>, Status> {
        let request = WatchGrantsRequest {
            resume_token: resume_token.into(),
        };
        Ok(self.client.watch_grants(request).await?.into_inner())
    }

    async fn next(&self, stream: &mut Streaming<WatchGrantsResponse>) -> Result<WatchGrantsResponse, Ended> {
        let timer = &self.context.pace.timer;
        tokio::select! {
            message = stream.message() => message?.ok_or(Ended::Over),
            () = timer.sleep_until(timer.now() + SILENCE_MAX) => Err(Ended::Silent),
        }
    }

    async fn take(&self, message: WatchGrantsResponse) -> Result<(), Ended> {
        match message.event {
            // An event of a newer version of the proto cannot be skipped: it may end a grant.
            None => Err(Ended::Unreadable("an event of an unknown kind")),
            Some(Event::Heartbeat(_)) => Ok(()),
            Some(Event::Grant(event)) => {
                let (gate_key, news) = read(&event).ok_or(Ended::Unreadable("a circle event"))?;
                self.apply(gate_key, news, message.resume_token.to_vec()).await
            }
        }
    }

    async fn apply(&self, gate_key: KeyId, news: News, resume_token: Vec<u8>) -> Result<(), Ended> {
        let context = &self.context;
        let apply = ApplyNews {
            vault: context.vault.clone(),
            gate_key,
            news,
            resume_token: resume_token.clone(),
            now: context.clock.now(),
        };
        match context.store.write_internal(NAME, apply).await {
            Ok(_) => Ok(()),
            Err(WriteError::Command(NewsFault::Known)) => self.move_on(resume_token).await,
            Err(WriteError::Command(NewsFault::Fault(fault))) => Err(fault.into()),
            Err(WriteError::Store(error)) => Err(of_store(&error).into()),
            Err(WriteError::RequestIdReused) => Err(Ended::Unreadable("an act without a request")),
        }
    }

    async fn move_on(&self, resume_token: Vec<u8>) -> Result<(), Ended> {
        let move_on = MoveOn {
            vault: self.context.vault.clone(),
            resume_token,
        };
        let moved = self.context.store.upkeep(NAME, move_on).await;
        Ok(moved.map_err(of_write)?)
    }
}

fn read(event: &GrantEvent) -> Option<(KeyId, News)> {
    let news = match GrantChange::try_from(event.change).ok()? {
        GrantChange::Unspecified => return None,
        GrantChange::Ended => News::Ended,
        GrantChange::Superseded => News::Superseded,
        GrantChange::Paused => News::Paused,
        GrantChange::Resumed => News::Resumed,
    };
    Some((KeyId::from_slice(&event.gate_key_id).ok()?, news))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(gate_key_id: &[u8], change: i32) -> GrantEvent {
        GrantEvent {
            gate_key_id: gate_key_id.to_vec().into(),
            change,
            ..GrantEvent::default()
        }
    }

    #[test]
    fn an_event_that_is_not_understood_is_not_passed_over() {
        let key = KeyId::from_bytes([7; 32]);
        assert_eq!(read(&event(&[7; 32], 2)), Some((key, News::Superseded)));
        assert_eq!(read(&event(&[7; 31], 2)), None);
        assert_eq!(read(&event(&[7; 32], 0)), None);
        assert_eq!(read(&event(&[7; 32], 5)), None);
    }
}
