//! Messages that were sealed before the clock started: submitted, received by watch, acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_proto::referral::v1::watch_mailbox_response::Event;
use sluis_proto::referral::v1::{
    AcknowledgeMessagesRequest, SubmitMessageRequest, WatchMailboxRequest, WatchMailboxResponse,
};
use sluis_types::{Clock as _, OsRandomness, RequestId, SystemClock};
use tokio::task::JoinSet;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Extensions, Request, Status, Streaming};

use crate::error::{BenchError, failed, refused};
use crate::letter::{Addresses, seal, submission};
use crate::load::{Load, count, drive};
use crate::mesh::{Pair, World};

/// How long a message may be under way before the run is given up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Messages in one acknowledgement.
const BATCH_MAX: usize = 500;
/// How long to wait when the mesh says to come back later.
const PAUSE: Duration = Duration::from_millis(20);

type Client = ReferralServiceClient<Channel>;

/// Sealed messages, a queue for each client.
pub(crate) struct Batch {
    queues: Vec<Arc<Vec<SubmitMessageRequest>>>,
    pairs: Vec<Arc<Pair>>,
}

/// Connected clients.
struct Senders {
    clients: Vec<(Client, MetadataMap)>,
    queues: Vec<Arc<Vec<SubmitMessageRequest>>>,
    throttled: Arc<AtomicUsize>,
}

impl Batch {
    /// Seals `each` messages for each client, on all cores. `turn` says which pair is the first.
    pub(crate) async fn seal(
        world: &World,
        turn: usize,
        clients: usize,
        each: usize,
        body_bytes: usize,
    ) -> Result<Self, BenchError> {
        let mut sealing = Vec::with_capacity(clients);
        let mut pairs = Vec::with_capacity(clients);
        let mut tokens = Vec::new();
        for at in 0..clients.min(world.pairs.len()) {
            let pair = &world.pairs[(turn + at) % world.pairs.len()];
            tokens.push((Arc::clone(pair), Arc::new(pair.authorize().await?)));
        }
        for client in 0..clients {
            let (pair, token) = tokens[client % tokens.len()].clone();
            pairs.push(Arc::clone(&pair));
            sealing.push(tokio::task::spawn_blocking(move || {
                let key = pair.recipient.sealing_key();
                let addresses = Addresses {
                    token: &token.0,
                    recipient: &key,
                    signing: &pair.sender.signing,
                };
                let sealed = (0..each).map(|_| {
                    let sealed = seal(&addresses, body_bytes, SystemClock.now(), &OsRandomness)?;
                    Ok(submission(sealed, &token.1))
                });
                sealed.collect::<Result<Vec<_>, BenchError>>()
            }));
        }
        let mut queues = Vec::with_capacity(clients);
        for sealed in sealing {
            queues.push(Arc::new(sealed.await.map_err(failed("sealing"))??));
        }
        Ok(Self { queues, pairs })
    }

    /// The first message, as something to send to an echo.
    pub(crate) fn first(&self) -> Arc<SubmitMessageRequest> {
        Arc::new(self.queues[0][0].clone())
    }

    fn each(&self) -> usize {
        self.queues[0].len()
    }

    async fn senders(&self, world: &World) -> Result<Senders, BenchError> {
        let mut clients = Vec::with_capacity(self.pairs.len());
        for pair in &self.pairs {
            let channel = pair.sender.connect(world.gateway()).await?;
            clients.push((Client::new(channel), pair.sender.metadata()?));
        }
        Ok(Senders {
            clients,
            queues: self.queues.clone(),
            throttled: Arc::clone(&world.throttled),
        })
    }

    /// The pairs that take part, each with the ids of its messages.
    fn shares(&self) -> Vec<(Arc<Pair>, Vec<String>)> {
        let mut shares: Vec<(Arc<Pair>, Vec<String>)> = Vec::new();
        for (pair, queue) in self.pairs.iter().zip(&self.queues) {
            let ids = queue.iter().map(|request| request.request_id.clone());
            match shares.iter_mut().find(|(known, _)| Arc::ptr_eq(known, pair)) {
                Some((_, known)) => known.extend(ids),
                None => shares.push((Arc::clone(pair), ids.collect())),
            }
        }
        shares
    }

    /// Submits everything; acknowledges it when the clock has stopped.
    pub(crate) async fn send(self, world: &World) -> Result<Load, BenchError> {
        let load = self.senders(world).await?.submit(self.each()).await?;
        for (pair, ids) in self.shares() {
            let mut client = Client::new(pair.recipient.connect(world.gateway()).await?);
            let metadata = pair.recipient.metadata()?;
            for batch in ids.chunks(BATCH_MAX) {
                acknowledge(&mut client, &metadata, batch.to_vec(), &world.throttled).await?;
            }
        }
        Ok(load)
    }

    /// Submits everything while the recipients watch and acknowledge, in batches of what has arrived. Gives whole jobs
    /// in a second: until the last message is acknowledged.
    pub(crate) async fn deliver(self, world: &World) -> Result<f64, BenchError> {
        let senders = self.senders(world).await?;
        let mut receivers = JoinSet::new();
        for (pair, ids) in self.shares() {
            let mut client = Client::new(pair.recipient.connect(world.gateway()).await?)
                .max_decoding_message_size(8 * 1024 * 1024);
            let metadata = pair.recipient.metadata()?;
            let watch = request(&metadata, WatchMailboxRequest::default());
            let stream = client
                .watch_mailbox(watch)
                .await
                .map_err(refused("watching a mailbox"))?
                .into_inner();
            let throttled = Arc::clone(&world.throttled);
            receivers.spawn(async move { receive(client, metadata, stream, ids.len(), &throttled).await });
        }
        let begun = Instant::now();
        let sent = senders.submit(self.each());
        let received = async {
            while let Some(ended) = receivers.join_next().await {
                ended.map_err(failed("a recipient"))??;
            }
            Ok(())
        };
        let both = async { tokio::try_join!(sent, received) };
        tokio::time::timeout(PATIENCE, both).await.map_err(|_| {
            BenchError::Option("messages were sent and did not arrive within a minute".to_owned())
        })??;
        Ok(count(self.queues.len() * self.each()) / begun.elapsed().as_secs_f64())
    }
}

impl Senders {
    async fn submit(self, each: usize) -> Result<Load, BenchError> {
        let (clients, this) = (self.clients.len(), Arc::new(self));
        drive(clients, each, move |client, number| {
            let this = Arc::clone(&this);
            async move {
                let (sender, metadata) = &this.clients[client];
                let message = &this.queues[client][number];
                patiently(&this.throttled, || {
                    let (mut sender, request) = (sender.clone(), request(metadata, message.clone()));
                    async move { sender.submit_message(request).await }
                })
                .await
                .map_err(refused("submitting"))?;
                Ok(())
            }
        })
        .await
    }
}

/// Collects what a watch brings and acknowledges it, until `expected` messages are.
async fn receive(
    mut client: Client,
    metadata: MetadataMap,
    mut stream: Streaming<WatchMailboxResponse>,
    expected: usize,
    throttled: &AtomicUsize,
) -> Result<(), BenchError> {
    let mut acknowledged = 0;
    while acknowledged < expected {
        let mut arrived = Vec::new();
        let first = stream.message().await.map_err(refused("watching a mailbox"))?;
        let mut next = Some(first);
        while let Some(event) = next {
            let event = event.ok_or_else(|| BenchError::Option("a mailbox's watch ended".to_owned()))?;
            if let Some(Event::Arrived(entry)) = event.event {
                let manifest =
                    sluis_envelope::Manifest::parse(&entry.manifest).map_err(failed("a manifest"))?;
                arrived.push(manifest.header().message_id().to_string());
            }
            next = match stream.message().now_or_never() {
                Some(more) if arrived.len() < BATCH_MAX => Some(more.map_err(refused("watching a mailbox"))?),
                _ => None,
            };
        }
        if !arrived.is_empty() {
            acknowledged += arrived.len();
            acknowledge(&mut client, &metadata, arrived, throttled).await?;
        }
    }
    Ok(())
}

async fn acknowledge(
    client: &mut Client,
    metadata: &MetadataMap,
    message_ids: Vec<String>,
    throttled: &AtomicUsize,
) -> Result<(), BenchError> {
    let message = AcknowledgeMessagesRequest {
        request_id: RequestId::random(&OsRandomness).to_string(),
        message_ids,
    };
    patiently(throttled, || {
        let (mut client, request) = (client.clone(), request(metadata, message.clone()));
        async move { client.acknowledge_messages(request).await }
    })
    .await
    .map_err(refused("acknowledging"))?;
    Ok(())
}

/// Calls, and calls again when told to come back later; that is counted.
async fn patiently<T, F>(throttled: &AtomicUsize, call: impl Fn() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<T, Status>>,
{
    loop {
        match call().await {
            Err(status) if status.code() == Code::ResourceExhausted => {
                throttled.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

fn request<M>(metadata: &MetadataMap, message: M) -> Request<M> {
    Request::from_parts(metadata.clone(), Extensions::new(), message)
}
