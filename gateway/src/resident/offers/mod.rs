//! The service directory (sociale kaart) in the gateway's memory: fetched whole from matching, verified, kept up to
//! date, and searched right here.
//!
//! What a resident looks for says more of them than most letters do. It comes in a form, is used while the answer is
//! made, and goes nowhere: matching is asked for changes of the directory and for nothing else, by a clock and not by
//! anybody's search.

mod replica;
mod search;
mod seats;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::VerifyingKey;
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_proto::matching::v1::{SyncDirectoryRequest, SyncDirectoryResponse};
use sluis_serve::{Caller, Hash, MeshClient, MeshRole, Stop, Timer};
use sluis_types::{Clock, OfferId, Timestamp};
use tokio::sync::watch;
use tonic::Status;

use self::replica::{Replica, Unsound};
use self::search::Shelved;
use self::seats::Seats;
use super::calls::Calls;

pub(crate) use self::search::{Found, Search};

const SYNC_DIRECTORY: &str = "/sluis.matching.v1.DirectoryService/SyncDirectory";
const GATEWAY: Caller = Caller::Mesh(MeshRole::Gateway);
/// How long after one fetch the next begins.
const REFRESH: Duration = Duration::from_mins(1);
/// Shortest and longest wait after a fetch that failed.
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How long a directory is shown that could not be verified again.
const AGE_MAX: Duration = Duration::from_hours(1);
/// How long a search waits for the first directory after a start.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);

/// All offers, by id.
type Shelf = Arc<BTreeMap<OfferId, Arc<Shelved>>>;

/// Why a search has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// There is no directory that can be believed.
    NoDirectory,
    /// A search of this session runs or waits already, or too many of others do.
    TooMany,
}

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
    seats: Seats,
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
            seats: Seats::default(),
            clock: Arc::clone(&source.clock),
            timer: Arc::clone(&source.timer),
        };
        let stop = source.stop.clone();
        let follower = Follower {
            matching: DirectoryServiceClient::new(source.matching),
            calls: Calls::new(source.table, Arc::clone(&source.clock)),
            timer: source.timer,
            keeper: Keeper {
                key: source.key,
                clock: source.clock,
                replica: Replica::default(),
                publish,
                retry: RETRY_MIN,
            },
        };
        tokio::spawn(async move {
            tokio::select! {
                () = stop.requested() => {}
                () = follower.run() => {}
            }
        });
        offers
    }

    /// What fits, the best first, with the reasons. A session has one search at a time.
    ///
    /// # Errors
    /// That there is no directory, or that too much is searched already.
    pub(crate) async fn search(&self, session: &Hash, search: Search) -> Result<Found, NoAnswer> {
        let known = self.known().await.ok_or(NoAnswer::NoDirectory)?;
        let seat = self.seats.take(session).ok_or(NoAnswer::TooMany)?;
        let turn = seat.turn().await.ok_or(NoAnswer::NoDirectory)?;
        let now = self.clock.now();
        let found = tokio::task::spawn_blocking(move || {
            // Held until the work is done, and not only until somebody stops waiting for it.
            let _held = (seat, turn);
            search.among(known.offers.values().map(|offer| &**offer), now)
        });
        found.await.map_err(|_| NoAnswer::NoDirectory)
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
    timer: Arc<dyn Timer>,
    keeper: Keeper,
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
        loop {
            let fetched = self.fetch().await;
            let wait = self.keeper.settle(fetched);
            self.timer.sleep_until(self.timer.now() + wait).await;
        }
    }

    /// Fetches what changed, page by page, until the head speaks of all of it.
    async fn fetch(&mut self) -> Result<(), FetchError> {
        loop {
            let message = SyncDirectoryRequest {
                since_version: self.keeper.replica.version(),
            };
            let request = self.calls.prepare(SYNC_DIRECTORY, &GATEWAY, message)?;
            let reply = Calls::outcome(self.matching.clone().sync_directory(request).await)?;
            if !self.keeper.take(&reply)? {
                return Ok(());
            }
        }
    }
}

/// Keeps what was fetched, and says what of it can be shown.
struct Keeper {
    key: VerifyingKey,
    clock: Arc<dyn Clock>,
    replica: Replica,
    publish: watch::Sender<Option<Known>>,
    /// How long to wait after the next fetch that fails.
    retry: Duration,
}

impl Keeper {
    /// Takes one reply in; whether more is to be asked for.
    fn take(&mut self, reply: &SyncDirectoryResponse) -> Result<bool, Unsound> {
        self.replica.take(&reply.changes)?;
        if !reply.more {
            self.replica.close(&reply.head, &self.key, self.clock.now())?;
            return Ok(false);
        }
        if reply.changes.is_empty() {
            return Err(Unsound::Endless);
        }
        Ok(true)
    }

    /// What came of a fetch; how long to wait for the next.
    fn settle(&mut self, fetched: Result<(), FetchError>) -> Duration {
        let Err(error) = fetched else {
            self.publish.send_replace(Some(Known {
                offers: self.replica.offers(),
                at: self.clock.now(),
            }));
            self.retry = RETRY_MIN;
            return REFRESH;
        };
        tracing::warn!(%error, "the service directory was not brought up to date");
        if matches!(error, FetchError::Unsound(_)) {
            // From the beginning, and not behind what was believed; until then what was last verified is shown.
            self.replica.begin_again();
        }
        let wait = self.retry;
        self.retry = (self.retry * 2).min(RETRY_MAX);
        wait
    }
}

#[cfg(test)]
mod tests {
    use sluis_envelope::{DirectoryHead, DirectoryTree, KeyKind, Signed, SigningKey, directory_entry_hash};
    use sluis_proto::matching::v1::DirectoryChange;
    use sluis_serve::TokioTimer;
    use sluis_types::ManualClock;

    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const SESSION: Hash = [1; 32];

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
            seats: Seats::default(),
            clock: clock.clone(),
            timer: Arc::new(TokioTimer::new()),
        };
        let search = async || offers.search(&SESSION, Search::default()).await.err();
        clock.set(START.plus(AGE_MAX));
        assert_eq!(search().await, None);
        clock.set(START.plus(AGE_MAX + Duration::from_secs(1)));
        assert_eq!(search().await, Some(NoAnswer::NoDirectory));
        publish.send_replace(Some(Known {
            at: clock.now(),
            ..verified
        }));
        assert_eq!(search().await, None);
    }

    #[tokio::test]
    async fn a_session_has_one_search_at_a_time_and_holds_up_nobody_else() {
        let verified = Known {
            offers: Shelf::default(),
            at: START,
        };
        let (_publish, known) = watch::channel(Some(verified));
        let offers = Offers {
            known,
            seats: Seats::default(),
            clock: Arc::new(ManualClock::new(START)),
            timer: Arc::new(TokioTimer::new()),
        };
        let running = offers.seats.take(&SESSION);
        let search = async |session: &Hash| offers.search(session, Search::default()).await.err();
        assert_eq!(search(&SESSION).await, Some(NoAnswer::TooMany));
        assert_eq!(search(&[2; 32]).await, None);
        drop(running);
        assert_eq!(search(&SESSION).await, None);
    }

    /// The whole directory at a version, signed: that many offers.
    fn whole(version: u8, signer: &SigningKey) -> SyncDirectoryResponse {
        let mut tree = DirectoryTree::new();
        let mut changes = Vec::new();
        for number in 1..=version {
            let id = OfferId::from_bytes([number; 16]);
            let document = format!(
                "{{\"id\":\"{id}\",\"publisher\":\"00000099000000001000\",\"organisation\":\"Welzijn\",\
                 \"name\":\"Aanbod {number}\",\"kind\":\"ACTIVITY\",\"provision\":\"GENERAL\",\"law\":\"GENERAL\",\
                 \"life_domains\":[\"MEANINGFUL_DAY\"],\"entrance\":\"DROP_IN\",\"updated_at_seconds\":1799000000}}"
            );
            tree.put(id, directory_entry_hash(&id, document.as_bytes()));
            changes.push(DirectoryChange {
                version: number.into(),
                offer_id: id.to_string(),
                document: document.into_bytes().into(),
            });
        }
        let head = DirectoryHead {
            version: version.into(),
            made_at: START,
            entries: tree.len(),
            root: tree.root(),
        };
        SyncDirectoryResponse {
            changes,
            head: Signed::sign(head, signer).encode().into(),
            more: false,
        }
    }

    #[test]
    fn it_does_not_go_back_after_an_answer_that_cannot_be_believed() {
        let signer = SigningKey::from_seed(KeyKind::Directory, &[1; 32]);
        let (publish, known) = watch::channel(None);
        let mut keeper = Keeper {
            key: signer.verifying_key().clone(),
            clock: Arc::new(ManualClock::new(START)),
            replica: Replica::default(),
            publish,
            retry: RETRY_MIN,
        };
        let mut fetch = |reply: &SyncDirectoryResponse| {
            let taken = keeper.take(reply).map(drop).map_err(FetchError::from);
            let wait = keeper.settle(taken);
            let shown = known.borrow().as_ref().map(|known| known.offers.len());
            (wait, shown)
        };
        assert_eq!(fetch(&whole(3, &signer)), (REFRESH, Some(3)));
        let unsound = SyncDirectoryResponse {
            head: vec![7; 120].into(),
            ..Default::default()
        };
        assert_eq!(fetch(&unsound), (RETRY_MIN, Some(3)));
        // An older directory, rightly signed, that is fetched from the beginning.
        assert_eq!(fetch(&whole(2, &signer)), (RETRY_MIN * 2, Some(3)));
        assert_eq!(fetch(&whole(3, &signer)), (REFRESH, Some(3)));
        let other = SigningKey::from_seed(KeyKind::Directory, &[2; 32]);
        assert_eq!(fetch(&whole(4, &other)).1, Some(3));
        assert_eq!(fetch(&whole(4, &signer)), (REFRESH, Some(4)));
    }
}
