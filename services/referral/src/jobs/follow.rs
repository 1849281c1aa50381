//! Following consent: what ended, was replaced, paused or resumed.
//!
//! Events come at least once and in order. Each is applied in the transaction that remembers how far the watch came;
//! what is known already changes nothing. When consent no longer has what was missed, the stream is opened first and
//! then every grant with messages is asked about, so that nothing falls between the two.

use std::sync::Arc;
use std::time::Duration;

use sluis_proto::consent::v1::grant_event_service_client::GrantEventServiceClient;
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{
    self as consent, GetGrantStatesRequest, GrantEvent, WatchGrantsRequest, WatchGrantsResponse,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{MeshClient, Refusal, Stop};
use sluis_store::WriteError;
use sluis_types::GrantId;
use tonic::{Status, Streaming};

use super::grant_change::{ApplyNews, Forget, MoveOn, NAME, News, NewsFault};
use crate::context::Context;
use crate::domain::grant::GrantChange;
use crate::error::{of_store, of_write};
use crate::store::page::grants_after;
use crate::store::vault::{Fault, Tag};
use crate::store::watch;

/// How long to wait before consent is called again after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Consent says that it is there every two seconds: after this silence the connection is given up.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Grants asked about in one call.
const GRANTS_MAX: usize = 500;
/// Pages opened in one read transaction.
const PAGES: u32 = 200;

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
                    self.start_afresh().await?
                }
                Err(status) => return Err(status.into()),
            },
            None => self.start_afresh().await?,
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

    /// Opens the stream without a token, then asks how every grant with messages stands.
    async fn start_afresh(&mut self) -> Result<Streaming<WatchGrantsResponse>, Ended> {
        let stream = self.open(Vec::new()).await?;
        let mut after: Tag = [0; 32];
        loop {
            let mut read = self
                .context
                .store
                .read(NAME)
                .await
                .map_err(|error| of_store(&error))?;
            let (grants, next) = grants_after(&self.context.vault, &mut read.tx(), &after, PAGES).await?;
            drop(read);
            for grants in grants.chunks(GRANTS_MAX) {
                self.reconcile(grants).await?;
            }
            match next {
                Some(tag) => after = tag,
                None => return Ok(stream),
            }
        }
    }

    async fn reconcile(&mut self, grants: &[GrantId]) -> Result<(), Ended> {
        let grant_ids = grants.iter().map(|id| id.as_bytes().to_vec().into()).collect();
        let reply = self
            .client
            .get_grant_states(GetGrantStatesRequest { grant_ids })
            .await?
            .into_inner();
        if reply.standings.len() != grants.len() {
            return Err(Ended::Unreadable("another number of grants than was asked"));
        }
        for (grant, standing) in grants.iter().zip(reply.standings) {
            if standing.grant_id != grant.as_bytes()[..] {
                return Err(Ended::Unreadable("another grant than was asked"));
            }
            let news = News::Standing {
                live: standing.version,
                paused: standing.paused,
            };
            self.apply(*grant, news, None).await?;
        }
        Ok(())
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
                let (grant, change) = read(&event).ok_or(Ended::Unreadable("a grant event"))?;
                self.apply(grant, News::Change(change), Some(message.resume_token.to_vec()))
                    .await
            }
        }
    }

    async fn apply(&self, grant: GrantId, news: News, resume_token: Option<Vec<u8>>) -> Result<(), Ended> {
        let context = &self.context;
        let vault = context.vault.clone();
        let now = context.clock.now();
        let apply = ApplyNews {
            vault,
            grant,
            news,
            resume_token: resume_token.clone(),
            now,
        };
        match context.store.write_internal(NAME, apply).await {
            Ok(_) => Ok(()),
            Err(WriteError::Command(NewsFault::Known)) => {
                if let Some(resume_token) = resume_token {
                    let move_on = MoveOn {
                        vault: context.vault.clone(),
                        resume_token,
                    };
                    context.store.upkeep(NAME, move_on).await.map_err(of_write)?;
                }
                Ok(())
            }
            Err(WriteError::Command(NewsFault::Fault(fault))) => Err(fault.into()),
            Err(WriteError::Store(error)) => Err(of_store(&error).into()),
            Err(WriteError::RequestIdReused) => Err(Ended::Unreadable("an act without a request")),
        }
    }
}

fn read(event: &GrantEvent) -> Option<(GrantId, GrantChange)> {
    let grant = GrantId::from_slice(&event.grant_id).ok()?;
    let change = match consent::GrantChange::try_from(event.change).ok()? {
        consent::GrantChange::Unspecified => return None,
        consent::GrantChange::Ended => GrantChange::Ended,
        consent::GrantChange::Superseded => GrantChange::Superseded {
            version: event.version,
        },
        consent::GrantChange::Paused => GrantChange::Paused,
        consent::GrantChange::Resumed => GrantChange::Resumed,
    };
    Some((grant, change))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(grant_id: &[u8], change: i32) -> GrantEvent {
        GrantEvent {
            grant_id: grant_id.to_vec().into(),
            version: 3,
            change,
            at: None,
            ..GrantEvent::default()
        }
    }

    #[test]
    fn an_event_that_is_not_understood_is_not_passed_over() {
        assert_eq!(
            read(&event(&[7; 16], 2)),
            Some((
                GrantId::from_bytes([7; 16]),
                GrantChange::Superseded { version: 3 }
            ))
        );
        assert_eq!(read(&event(&[7; 15], 2)), None);
        assert_eq!(read(&event(&[7; 16], 0)), None);
        assert_eq!(read(&event(&[7; 16], 5)), None);
    }
}
