//! The service directory (sociale kaart) in the gateway's memory: fetched whole from matching, verified, kept up to
//! date, and searched right here.
//!
//! What a resident looks for says more of them than most letters do. It comes in a form, is used while the answer is
//! made, and goes nowhere: matching is asked for changes of the directory and for nothing else, by a clock and not by
//! anybody's search.

mod replica;
mod search;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::VerifyingKey;
use sluis_proto::matching::v1::SyncDirectoryRequest;
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_ranking::Offer;
use sluis_serve::{Caller, MeshClient, MeshRole, Stop, Timer};
use sluis_types::{Clock, OfferId, Timestamp};
use tokio::sync::{Semaphore, watch};
use tonic::Status;

use self::replica::{Replica, Unsound};
use super::calls::Calls;

pub(crate) use self::search::{Found, Search};

const SYNC_DIRECTORY: &str = "/sluis.matching.v1.DirectoryService/SyncDirectory";
const GATEWAY: Caller = Caller::Mesh(MeshRole::Gateway);
/// How long after one fetch the next begins.
const REFRESH: Duration = Duration::from_secs(60);
/// Shortest and longest wait after a fetch that failed.
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How long a directory is shown that could not be verified again.
const AGE_MAX: Duration = Duration::from_secs(60 * 60);
/// How long a search waits for the first directory after a start.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
/// Searches that run at one time: each looks at every offer. More of them wait.
const SEARCHES_MAX: usize = 2;

/// All offers, by id.
type Shelf = Arc<BTreeMap<OfferId, Arc<Offer>>>;

/// A directory as it was last verified.
#[derive(Clone)]
struct Known {
    offers: Shelf,
    at: Timestamp,
}

/// The service directory. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Offers {
    known: watch::Receiver<Option<Known>>,
    searches: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
}

impl fmt::Debug for Offers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.borrow();
        let count = known.as_ref().map(|known| known.offers.len());
        f.debug_struct("Offers")
            .field("count", &count)
            .finish_non_exhaustive()
    }
}

/// Where the directory comes from, and with which key it must be signed.
pub(crate) struct Source {
    /// To matching, in the gateway's own name.
    pub(crate) matching: MeshClient,
    /// Matching's directory key.
    pub(crate) key: VerifyingKey,
    /// The rules of the interface.
    pub(crate) table: sluis_serve::MethodTable,
    /// Where the time comes from.
    pub(crate) clock: Arc<dyn Clock>,
    /// Waiting.
    pub(crate) timer: Arc<dyn Timer>,
    /// Ends the fetching.
    pub(crate) stop: Stop,
}

impl Offers {
    /// Fetches the directory in the background, until the stop. Nobody is waited for.
    pub(crate) fn follow(source: Source) -> Self {
        let (publish, known) = watch::channel(None);
        let offers = Self {
            known,
            searches: Arc::new(Semaphore::new(SEARCHES_MAX)),
            clock: Arc::clone(&source.clock),
            timer: Arc::clone(&source.timer),
        };
        let stop = source.stop.clone();
        let follower = Follower {
            matching: DirectoryServiceClient::new(source.matching),
            calls: Calls::new(source.table, Arc::clone(&source.clock)),
            key: source.key,
            clock: source.clock,
            timer: source.timer,
            replica: Replica::default(),
            publish,
        };
        tokio::spawn(async move {
            tokio::select! {
                () = stop.requested() => {}
                () = follower.run() => {}
            }
        });
        offers
    }

    /// What fits, the best first, with the reasons; nothing where there is no directory that can be believed.
    pub(crate) async fn search(&self, search: Search) -> Option<Found> {
        let known = self.known().await?;
        let permit = Arc::clone(&self.searches).acquire_owned().await.ok()?;
        let now = self.clock.now();
        let found = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            search.among(known.offers.values().map(|offer| &**offer), now)
        });
        found.await.ok()
    }

    async fn known(&self) -> Option<Known> {
        let mut known = self.known.clone();
        let came = known.wait_for(Option::is_some);
        tokio::select! {
            came = came => { came.ok()?; }
            () = self.timer.sleep_until(self.timer.now() + FIRST_PATIENCE) => return None,
        }
        let known = self.known.borrow().clone();
        known.filter(|known| self.clock.now().since(known.at) <= AGE_MAX)
    }
}

struct Follower {
    matching: DirectoryServiceClient<MeshClient>,
    calls: Calls,
    key: VerifyingKey,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    replica: Replica,
    publish: watch::Sender<Option<Known>>,
}

/// Why a fetch came to nothing.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    /// Matching did not answer, or refused.
    #[error("matching does not give its directory: {:?}", .0.code())]
    Refused(#[from] Status),
    /// What came is not what was signed for.
    #[error("the directory is not believed")]
    Unsound(#[from] Unsound),
}

impl Follower {
    async fn run(mut self) {
        let mut retry = RETRY_MIN;
        loop {
            let wait = match self.fetch().await {
                Ok(()) => {
                    self.publish.send_replace(Some(Known {
                        offers: self.replica.offers(),
                        at: self.clock.now(),
                    }));
                    retry = RETRY_MIN;
                    REFRESH
                }
                Err(error) => {
                    tracing::warn!(%error, "the service directory was not brought up to date");
                    if matches!(error, FetchError::Unsound(_)) {
                        // From the beginning; until then what was last verified is shown.
                        self.replica = Replica::default();
                    }
                    let wait = retry;
                    retry = (retry * 2).min(RETRY_MAX);
                    wait
                }
            };
            self.timer.sleep_until(self.timer.now() + wait).await;
        }
    }

    /// Fetches what changed, page by page, until the head speaks of all of it.
    async fn fetch(&mut self) -> Result<(), FetchError> {
        loop {
            let message = SyncDirectoryRequest {
                since_version: self.replica.version(),
            };
            let request = self.calls.prepare(SYNC_DIRECTORY, &GATEWAY, message)?;
            let reply = Calls::outcome(self.matching.clone().sync_directory(request).await)?;
            self.replica.take(&reply.changes)?;
            if !reply.more {
                return Ok(self.replica.close(&reply.head, &self.key, self.clock.now())?);
            }
            if reply.changes.is_empty() {
                return Err(Unsound::Endless.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_serve::TokioTimer;
    use sluis_types::ManualClock;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[tokio::test]
    async fn a_directory_that_was_not_verified_for_an_hour_is_not_searched() {
        let clock = Arc::new(ManualClock::new(START));
        let verified = Known {
            offers: Shelf::default(),
            at: START,
        };
        let (publish, known) = watch::channel(Some(verified.clone()));
        let offers = Offers {
            known,
            searches: Arc::new(Semaphore::new(SEARCHES_MAX)),
            clock: clock.clone(),
            timer: Arc::new(TokioTimer::new()),
        };
        clock.set(START.plus(AGE_MAX));
        assert!(offers.search(Search::default()).await.is_some());
        clock.set(START.plus(AGE_MAX + Duration::from_secs(1)));
        assert!(offers.search(Search::default()).await.is_none());
        publish.send_replace(Some(Known {
            at: clock.now(),
            ..verified
        }));
        assert!(offers.search(Search::default()).await.is_some());
    }
}
