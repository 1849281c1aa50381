//! Follows the registry's stream of organisations.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1 as proto;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_proto::registry::v1::watch_organisations_response::Event;
use sluis_types::{Clock, Oin};
use tonic::{Status, Streaming};

use super::{DIRECTORY_SILENCE_MAX, Directory, OrganisationEntry};
use crate::{MeshClient, Refusal, Stop, Timer};

/// Shortest and longest wait before a stream that ended is opened again.
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(2);
/// Largest message: a chain of some hundred statements, all of their keys listed in each.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Where the stream comes from.
pub(super) trait Source: Send + 'static {
    type Messages: Stream<Item = Result<proto::WatchOrganisationsResponse, Status>> + Send + Unpin;

    /// Opens the stream after `resume_token`, or with a snapshot when that is empty.
    fn watch(&mut self, resume_token: Bytes) -> impl Future<Output = Result<Self::Messages, Status>> + Send;
}

/// The registry, over the mesh.
pub(super) struct RegistrySource(RegistryServiceClient<MeshClient>);

impl RegistrySource {
    pub(super) fn new(registry: MeshClient) -> Self {
        Self(RegistryServiceClient::new(registry).max_decoding_message_size(MESSAGE_BYTES_MAX))
    }
}

impl Source for RegistrySource {
    type Messages = Streaming<proto::WatchOrganisationsResponse>;

    async fn watch(&mut self, resume_token: Bytes) -> Result<Self::Messages, Status> {
        let request = proto::WatchOrganisationsRequest { resume_token };
        Ok(self.0.watch_organisations(request).await?.into_inner())
    }
}

pub(super) struct Follower<S> {
    source: S,
    directory: Directory,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    stop: Stop,
    resume_token: Bytes,
    /// Who was listed so far by the snapshot that is under way; none while there is none.
    snapshot: Option<HashSet<Oin>>,
}

/// Why a stream is not read further.
enum Ended {
    ByRegistry(Option<Status>),
    Silent,
}

impl<S: Source> Follower<S> {
    pub(super) fn new(
        source: S,
        directory: Directory,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        stop: Stop,
    ) -> Self {
        let snapshot = Some(HashSet::new());
        Self {
            source,
            directory,
            clock,
            timer,
            stop,
            resume_token: Bytes::new(),
            snapshot,
        }
    }

    /// Opens the stream again and again until the stop.
    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.requested() => {}
            () = self.follow_for_ever() => {}
        }
    }

    async fn follow_for_ever(&mut self) {
        let mut wait = RETRY_MIN;
        loop {
            let (ended, heard_something) = self.follow_one_stream().await;
            if heard_something {
                wait = RETRY_MIN;
            }
            self.note(&ended);
            self.timer.sleep_until(self.timer.now() + wait).await;
            wait = (wait * 2).min(RETRY_MAX);
        }
    }

    async fn follow_one_stream(&mut self) -> (Ended, bool) {
        let mut patience = self.timer.sleep_until(self.timer.now() + DIRECTORY_SILENCE_MAX);
        let opened = tokio::select! {
            opened = self.source.watch(self.resume_token.clone()) => opened,
            () = &mut patience => return (Ended::Silent, false),
        };
        let mut messages = match opened {
            Ok(messages) => messages,
            Err(status) => return (Ended::ByRegistry(Some(status)), false),
        };
        let mut heard_something = false;
        // What was missed comes first: only a heartbeat or a whole snapshot shows that nothing is missing.
        let mut caught_up = false;
        loop {
            let mut patience = self.timer.sleep_until(self.timer.now() + DIRECTORY_SILENCE_MAX);
            let message = tokio::select! {
                message = messages.next() => message,
                () = &mut patience => return (Ended::Silent, heard_something),
            };
            match message {
                None => return (Ended::ByRegistry(None), heard_something),
                Some(Err(status)) => return (Ended::ByRegistry(Some(status)), heard_something),
                Some(Ok(message)) => {
                    heard_something = true;
                    caught_up |= self.take(message);
                    if caught_up {
                        self.directory.heard();
                    }
                }
            }
        }
    }

    /// Takes one message in, and tells whether it shows that nothing is missing.
    fn take(&mut self, message: proto::WatchOrganisationsResponse) -> bool {
        self.resume_token = message.resume_token;
        match message.event {
            Some(Event::Organisation(organisation)) => {
                self.take_organisation(&organisation);
                false
            }
            Some(Event::SnapshotComplete(_)) => {
                if let Some(listed) = self.snapshot.take() {
                    self.directory
                        .change(|shelf| shelf.keep_only(&listed), |changed| *changed);
                }
                self.directory.heard();
                self.directory.complete();
                true
            }
            // A heartbeat in the middle of a snapshot shows nothing.
            Some(Event::Heartbeat(_)) => self.snapshot.is_none(),
            // An event of a later version.
            None => false,
        }
    }

    fn take_organisation(&mut self, organisation: &proto::Organisation) {
        let Ok(oin) = organisation.oin.parse::<Oin>() else {
            tracing::error!("the registry lists an organisation without an OIN");
            return;
        };
        if let Some(listed) = &mut self.snapshot {
            listed.insert(oin);
        }
        let taken = OrganisationEntry::from_proto(organisation, self.clock.now())
            .inspect_err(|_| {
                self.directory
                    .change(|shelf| shelf.doubt(&oin), |doubted| *doubted);
            })
            .and_then(|entry| self.directory.put(entry));
        if let Err(error) = taken {
            tracing::error!(organisation = %oin, %error, "the registry's entry is not believed");
        }
    }

    fn note(&mut self, ended: &Ended) {
        match ended {
            Ended::ByRegistry(Some(status))
                if Refusal::reason_of(status) == Some(ErrorReason::ResumeTokenLapsed) =>
            {
                self.resume_token.clear();
                self.snapshot = Some(HashSet::new());
                tracing::info!("the registry's list is read anew");
            }
            Ended::ByRegistry(Some(status)) => {
                tracing::warn!(code = ?status.code(), "the registry's stream failed");
            }
            Ended::ByRegistry(None) => tracing::info!("the registry's stream ended"),
            Ended::Silent => tracing::warn!("the registry is silent"),
        }
    }
}
