//! Logins that fail, and who waits for it.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderName;
use serde_json::json;
use sluis_types::Clock as _;

use super::browser::{Answer, Browser};
use super::world::{World, world, world_behind_a_proxy};

const WAITING: &str = "__Host-sluis-wait";
const HERE: &str = "192.0.2.7";
const ELSEWHERE: &str = "192.0.2.8";

impl World {
    /// A browser whose proxy says that it comes from here.
    fn browser_from(&self, address: &'static str) -> Browser {
        let mut browser = self.browser();
        browser.extra = vec![(HeaderName::from_static("x-forwarded-for"), address)];
        browser
    }

    /// Comes back with a code that was not given to it.
    async fn fail(&self, browser: &mut Browser) -> Answer {
        let back = self.way_back(browser, json!({})).await;
        browser.get(&back.replace("code=code-", "code=stolen-")).await
    }

    /// Failed logins by source.
    fn failed(&self) -> Vec<(Bytes, usize)> {
        let failed = self.mesh.sessions.failed.lock().unwrap();
        failed
            .iter()
            .map(|(source, count)| (source.clone(), *count))
            .collect()
    }
}

#[tokio::test]
async fn a_source_is_slowed_and_a_neighbour_behind_the_same_address_can_still_log_in() {
    let world = world_behind_a_proxy().await;
    let mut trying = world.browser_from(HERE);
    for _ in 0..5 {
        assert_eq!(world.fail(&mut trying).await.status, 400);
    }
    let failed = world.failed();
    assert_eq!((failed.len(), failed[0].1), (1, 5));
    assert!(!String::from_utf8_lossy(&failed[0].0).contains(HERE));

    // Whoever tries waits, and so does a neighbour: half a minute, and no longer for what the other one does.
    let mut neighbour = world.browser_from(HERE);
    for browser in [&mut trying, &mut neighbour] {
        let slowed = browser.get("/inloggen").await;
        assert_eq!(
            (slowed.status.as_u16(), &slowed.headers["retry-after"]),
            (429, &"30".parse().unwrap())
        );
        slowed.says("Wacht 30 seconden");
        assert!(browser.cookies.contains_key(WAITING));
    }
    world.mesh.clock.advance(Duration::from_secs(12));
    let sooner = neighbour.get("/inloggen").await;
    assert_eq!(
        (sooner.status.as_u16(), &sooner.headers["retry-after"]),
        (429, &"18".parse().unwrap())
    );
    world.mesh.clock.advance(Duration::from_secs(18));
    assert_eq!(world.fail(&mut trying).await.status, 400);
    assert_eq!(
        trying.get("/inloggen").await.status,
        429,
        "each attempt has its wait"
    );
    let inside = world.log_in(&mut neighbour, json!({})).await;
    assert_eq!((inside.status.as_u16(), inside.location()), (303, "/"));
    assert!(!neighbour.cookies.contains_key(WAITING));

    // Nobody elsewhere waits, and neither does whoever is inside.
    assert_eq!(neighbour.get("/vragen").await.status, 200);
    let mut other = world.browser_from(ELSEWHERE);
    assert_eq!(world.log_in(&mut other, json!({})).await.status, 303);
}

#[tokio::test]
async fn a_wait_is_good_for_one_attempt_and_in_its_place_only() {
    let world = world_behind_a_proxy().await;
    for address in [HERE, ELSEWHERE] {
        let mut trying = world.browser_from(address);
        for _ in 0..5 {
            world.fail(&mut trying).await;
        }
    }
    let mut waiting = world.browser_from(HERE);
    waiting.get("/inloggen").await;
    world.mesh.clock.advance(Duration::from_secs(30));
    let mut copy = waiting.clone();
    let mut moved = world.browser_from(ELSEWHERE);
    moved.cookies = waiting.cookies.clone();
    assert_eq!(moved.get("/inloggen").await.status, 429, "of another place");
    assert_eq!(waiting.get("/inloggen").await.status, 303);
    assert_eq!(copy.get("/inloggen").await.status, 429, "used up");
}

#[tokio::test]
async fn what_happens_to_people_who_log_in_is_no_failure() {
    let world = world_behind_a_proxy().await;
    let mut browser = world.browser_from(HERE);
    for _ in 0..3 {
        let cancelled = world.way_back(&mut browser, json!({})).await;
        let state = cancelled.split("state=").nth(1).unwrap().to_owned();
        let answer = browser
            .get(&format!("/terug?error=access_denied&state={state}"))
            .await;
        assert_eq!(answer.status, 200);
        let now = world.mesh.clock.now().seconds();
        let weak = json!({"acr": "urn:example:loa1", "iat": now, "exp": now + 120});
        assert_eq!(world.log_in(&mut browser, weak).await.status, 403);
        let late = world.way_back(&mut browser, json!({})).await;
        world.mesh.clock.advance(Duration::from_mins(11));
        assert_eq!(browser.get(&late).await.status, 400);
        let lost = world.way_back(&mut browser, json!({})).await;
        browser.cookies.clear();
        assert_eq!(browser.get(&lost).await.status, 400);
    }
    assert!(world.failed().is_empty());
    // The token of another attempt does not come by itself.
    let now = world.mesh.clock.now().seconds();
    let foreign = json!({"nonce": "another", "iat": now, "exp": now + 120});
    world.log_in(&mut browser, foreign).await;
    assert_eq!(world.failed().len(), 1);
}

#[tokio::test]
async fn what_somebody_says_of_their_own_address_is_not_believed() {
    let world = world().await;
    let mut trying = world.browser_from(HERE);
    for _ in 0..7 {
        assert_eq!(world.fail(&mut trying).await.status, 400);
    }
    // Nobody trusts this proxy: clients cannot be told apart, each failure stands for itself, and nobody is slowed.
    let failed = world.failed();
    assert_eq!(failed.len(), 7);
    assert!(failed.iter().all(|(_, count)| *count == 1));
}

#[tokio::test]
async fn an_attempt_is_used_once_whatever_comes_of_it() {
    let world = world().await;
    let mut browser = world.browser();
    let back = world.way_back(&mut browser, json!({})).await;
    let mut copies = [browser.clone(), browser.clone(), browser];
    let wrong = back.replace("code=code-", "code=stolen-");
    assert_eq!(copies[0].get(&wrong).await.status, 400);
    assert_eq!(copies[1].get(&wrong).await.status, 400);
    assert_eq!(copies[2].get(&back).await.status, 400);
    assert_eq!(world.provider.asked("/token"), 1, "the provider was asked once");
    assert_eq!(world.failed().len(), 1);
}
