//! Following consent: which circles' gate keys ended, were replaced, paused or resumed, and which grants ended.
//!
//! Events come at least once and in order. Each is applied in the transaction that remembers how far the watch came;
//! what is known already changes nothing. When consent no longer has what was missed, it is asked how the circles of all
//! matches stand, and the stream begins again with everything that consent keeps. What ended before that can still be
//! posted here, and opens nothing at the gate. A match whose circle has a new version unheard of goes on under it when its
//! signals are posted again, within a week.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sluis_proto::consent::v1::grant_event_service_client::GrantEventServiceClient;
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{
    GetGrantStatesRequest, GrantChange, GrantEvent, WatchGrantsRequest, WatchGrantsResponse,
};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{MeshClient, Refusal, Stop};
use sluis_store::WriteError;
use sluis_types::{GrantId, KeyId};
use tonic::{Status, Streaming};

use super::gate_key_change::{ApplyNews, Forget, MoveOn, NAME, News, NewsFault};
use super::grant_change::{ApplyEnd, RememberEnd};
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::domain::meeting::{Consent, TakenOff};
use crate::error::{of_store, of_write};
use crate::store::encounter::FIRST;
use crate::store::vault::Fault;
use crate::store::watch;

/// How long to wait before consent is called again after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Matches that consent is asked about at once; each names a circle or, at most, one per member.
const MATCHES_EACH: u32 = 100;
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
            Some(resume_token) => match self.open(resume_token.clone()).await {
                Ok(stream) => stream,
                Err(status) if Refusal::reason_of(&status) == Some(ErrorReason::ResumeTokenLapsed) => {
                    self.catch_up(&resume_token).await?;
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

    /// Ends the matches of circles that ended unheard of. Done again when it is broken off: until it is through, the
    /// token that lapsed stays.
    async fn catch_up(&mut self, lapsed: &[u8]) -> Result<(), Ended> {
        let mut after = FIRST;
        loop {
            let context = &self.context;
            let read = context.store.read(NAME).await;
            let mut read = read.map_err(|error| of_store(&error))?;
            let page = Encounter::page_of_all(&context.vault, &mut read.tx(), &after, MATCHES_EACH).await?;
            drop(read);
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            let grants: BTreeSet<GrantId> = page.iter().flat_map(|(_, found)| found.grants()).collect();
            let live = self.live(grants).await?;
            for (_, found) in page.into_iter().filter(|(_, found)| !found.stage.is_final()) {
                // A party that named another circle than the others ends nobody's match by it.
                if found.grants().is_disjoint(&live) {
                    self.apply(found.gate_key, News::Ended, lapsed.to_vec()).await?;
                }
            }
        }
    }

    /// Those of some grants that did not end.
    async fn live(&mut self, grants: BTreeSet<GrantId>) -> Result<BTreeSet<GrantId>, Ended> {
        let grant_ids = grants.iter().map(|grant| grant.as_bytes().to_vec().into());
        let asked = GetGrantStatesRequest {
            grant_ids: grant_ids.collect(),
        };
        let told = self.client.get_grant_states(asked).await?.into_inner();
        if told.standings.len() != grants.len() {
            return Err(Ended::Unreadable("how grants stand"));
        }
        let asked_and_told = grants.into_iter().zip(told.standings);
        Ok(asked_and_told
            .filter(|(_, standing)| standing.version != 0)
            .map(|(grant, _)| grant)
            .collect())
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
                let token = message.resume_token.to_vec();
                match read(&event).ok_or(Ended::Unreadable("a grant event"))? {
                    Heard::Circle(gate_key, news) => self.apply(gate_key, news, token).await,
                    Heard::Grant(consent, Some(why)) => self.apply_end(consent, why, token).await,
                    Heard::Grant(_, None) => self.move_on(token).await,
                }
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

    async fn apply_end(&self, consent: Consent, why: TakenOff, resume_token: Vec<u8>) -> Result<(), Ended> {
        let context = &self.context;
        let remember = RememberEnd {
            vault: context.vault.clone(),
            consent,
            resume_token,
            now: context.clock.now(),
        };
        let apply = ApplyEnd {
            remember: remember.clone(),
            why,
        };
        match context.store.write_internal(NAME, apply).await {
            Ok(_) => Ok(()),
            // No item rests on it: that is no act, and leaves no leaf.
            Err(WriteError::Command(NewsFault::Known)) => {
                Ok(context.store.upkeep(NAME, remember).await.map_err(of_write)?)
            }
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

/// What an event is about.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// A circle, by its gate key.
    Circle(KeyId, News),
    /// A version of a grant between two: what that takes off agendas, if anything. While it is paused its items stay: the
    /// gate denies.
    Grant(Consent, Option<TakenOff>),
}

fn read(event: &GrantEvent) -> Option<Heard> {
    let change = GrantChange::try_from(event.change).ok()?;
    if event.gate_key_id.is_empty() {
        let consent = Consent {
            grant: GrantId::from_slice(&event.grant_id).ok()?,
            version: event.version,
        };
        return match change {
            GrantChange::Unspecified => None,
            GrantChange::Ended => Some(Heard::Grant(consent, Some(TakenOff::ConsentEnded))),
            GrantChange::Superseded => Some(Heard::Grant(consent, Some(TakenOff::ConsentChanged))),
            GrantChange::Paused | GrantChange::Resumed => Some(Heard::Grant(consent, None)),
        };
    }
    let news = match change {
        GrantChange::Unspecified => return None,
        GrantChange::Ended => News::Ended,
        // Where no version took its place, nothing goes on.
        GrantChange::Superseded if event.next_gate_key_id.is_empty() => News::Ended,
        GrantChange::Superseded => News::Superseded(KeyId::from_slice(&event.next_gate_key_id).ok()?),
        GrantChange::Paused => News::Paused,
        GrantChange::Resumed => News::Resumed,
    };
    Some(Heard::Circle(KeyId::from_slice(&event.gate_key_id).ok()?, news))
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
        let superseded = |next: &[u8]| GrantEvent {
            next_gate_key_id: next.to_vec().into(),
            ..event(&[7; 32], 2)
        };
        let next = KeyId::from_bytes([8; 32]);
        assert_eq!(
            read(&superseded(&[8; 32])),
            Some(Heard::Circle(key, News::Superseded(next)))
        );
        assert_eq!(read(&superseded(&[8; 31])), None);
        assert_eq!(
            read(&superseded(&[])),
            Some(Heard::Circle(key, News::Ended)),
            "nothing goes on under no key"
        );
        assert_eq!(read(&event(&[7; 31], 2)), None);
        assert_eq!(read(&event(&[7; 32], 0)), None);
        assert_eq!(read(&event(&[7; 32], 5)), None);
        assert_eq!(read(&event(&[], 2)), None, "about nothing");
        let of_grant = |change: i32| GrantEvent {
            grant_id: vec![9; 16].into(),
            version: 3,
            ..event(&[], change)
        };
        let consent = Consent {
            grant: GrantId::from_bytes([9; 16]),
            version: 3,
        };
        for (change, why) in [
            (1, Some(TakenOff::ConsentEnded)),
            (2, Some(TakenOff::ConsentChanged)),
            (3, None),
            (4, None),
        ] {
            assert_eq!(read(&of_grant(change)), Some(Heard::Grant(consent, why)));
        }
        assert_eq!(read(&of_grant(0)), None);
        assert_eq!(read(&of_grant(5)), None);
    }
}
