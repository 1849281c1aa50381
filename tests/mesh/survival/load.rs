//! The work that goes on while the mesh is killed: letters are sent, delivered, opened and accepted, and residents give
//! and take consent. Every answer is held against what was promised before.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use sluis_client::types::Handle;
use sluis_compose::Config;
use tokio::sync::watch;

use super::dice::Dice;
use super::hands::Hands;
use super::promises::Promises;
use super::town::Town;
use crate::fixture::{TestPartner, TestResident};

/// Residents who change their mind, and those who do not: their grants lie in the same bucket.
const MOVING: usize = 2;
const STEADY: usize = 2;
/// How long to wait before a part that is just starting is asked again.
const AGAIN: Duration = Duration::from_millis(20);

/// A resident and welfare's name for them.
pub(super) struct Person {
    pub(super) resident: TestResident,
    pub(super) handle: Handle,
}

/// Everybody, and what they were promised.
pub(super) struct Load {
    pub(super) welfare: TestPartner,
    pub(super) ggz: TestPartner,
    pub(super) welfare_hands: Hands,
    pub(super) ggz_hands: Hands,
    pub(super) people: Vec<Person>,
    pub(super) promises: Promises,
    pub(super) config: Config,
    /// Whether the process is there.
    pub(super) is_up: watch::Sender<bool>,
    /// Whether new work is begun.
    pub(super) is_open: watch::Sender<bool>,
}

impl Load {
    /// Enrols and links everybody. Those who do not change their mind have granted.
    pub(super) async fn prepare(town: &Town) -> Self {
        let (welfare, ggz) = town.welfare_and_ggz().await;
        let mut people = Vec::new();
        for number in 0..MOVING + STEADY {
            let resident = town.resident(&format!("resident {number}")).await;
            let handle = welfare.link(&resident).await;
            people.push(Person { resident, handle });
        }
        let load = Self {
            welfare_hands: Hands::of(&welfare),
            ggz_hands: Hands::of(&ggz),
            welfare,
            ggz,
            promises: Promises::new(people.len()),
            people,
            config: town.config.clone(),
            is_up: watch::Sender::new(true),
            is_open: watch::Sender::new(true),
        };
        for number in 0..MOVING + STEADY {
            assert!(load.grant(number).await, "nobody granted too often yet");
        }
        load
    }

    /// Begins the work of a round; each task ends after what it is at when the work is closed.
    pub(super) fn begin(self: &Arc<Self>, seed: u64) -> Vec<tokio::task::JoinHandle<()>> {
        self.is_open.send_replace(true);
        let dice = |number: u64| Dice::new(seed * 100 + number);
        let mut tasks = Vec::new();
        for number in 0..2 {
            let (load, dice) = (Arc::clone(self), dice(number));
            tasks.push(tokio::spawn(async move { load.send_letters(&dice).await }));
            let (load, dice) = (Arc::clone(self), Dice::new(seed * 100 + 10 + number));
            tasks.push(tokio::spawn(async move { load.open_letters(&dice).await }));
        }
        let (load, deliver) = (Arc::clone(self), dice(20));
        tasks.push(tokio::spawn(async move { load.take_delivery(&deliver).await }));
        for resident in 0..MOVING {
            let (load, dice) = (Arc::clone(self), dice(30 + resident as u64));
            tasks.push(tokio::spawn(
                async move { load.change_mind(resident, &dice).await },
            ));
        }
        tasks
    }

    /// Follows the recipient's mailbox, through every kill.
    pub(super) async fn follow_mailbox(self: Arc<Self>) {
        let mut watch = pin!(self.ggz.partner.watch());
        while let Some(event) = watch.next().await {
            self.promises.told(&event.expect("a watch takes itself up again"));
        }
    }

    pub(super) fn is_open(&self) -> bool {
        *self.is_open.borrow()
    }

    /// Waits for some further events, or for the end of the round.
    pub(super) async fn pause(&self, events: usize) {
        let mut is_open = self.is_open.subscribe();
        tokio::select! {
            () = self.promises.further(events) => {}
            _ = is_open.wait_for(|is_open| !is_open) => {}
        }
    }

    /// Asks the same again while nobody answers: not before the process is there again.
    pub(super) async fn persist<T, E, F>(
        &self,
        mut ask: impl FnMut() -> F,
        is_nobody: impl Fn(&E) -> bool,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        const TRIES_MAX: usize = 200;
        let mut is_up = self.is_up.subscribe();
        let mut tries = tokio::time::interval(AGAIN);
        for _ in 0..TRIES_MAX {
            tries.tick().await;
            match ask().await {
                Err(error) if is_nobody(&error) => {
                    is_up.wait_for(|is_up| *is_up).await.expect("the sender is here");
                }
                answer => return answer,
            }
        }
        ask().await
    }
}
