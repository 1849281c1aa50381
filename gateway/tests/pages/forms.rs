//! What a form must bring before it changes anything.

use http::Request;
use sluis_proto::consent::v1 as consent;

use super::browser::{Browser, PUBLIC_URL};
use super::world::{World, grant, world};

const STOP: &str = "/toestemmingen/stoppen";

/// The fields that end a grant, as its page gives them.
async fn to_stop(browser: &mut Browser) -> Vec<(&'static str, String)> {
    let page = browser
        .get("/toestemmingen")
        .await
        .link("/toestemmingen/stoppen?");
    browser.get(&page).await.form(STOP).to_vec()
}

fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

fn withdrawn(world: &World) -> Vec<consent::WithdrawGrantRequest> {
    world.seen("WithdrawGrant")
}

async fn granted() -> (World, Browser) {
    let world = world().await;
    world.grants(vec![grant(1, false)]);
    let browser = world.inside().await;
    (world, browser)
}

#[tokio::test]
async fn sending_it_twice_is_one_act() {
    let (world, mut browser) = granted().await;
    let fields = to_stop(&mut browser).await;
    for _ in 0..2 {
        assert_eq!(browser.post(STOP, &borrowed(&fields)).await.status, 200);
    }
    // The form stands on its own: it means the same when the grant is not in the list any more.
    world.grants(vec![]);
    assert_eq!(browser.post(STOP, &borrowed(&fields)).await.status, 200);
    let acts = withdrawn(&world);
    assert_eq!(acts.len(), 3);
    assert!(acts.iter().all(|act| *act == acts[0]), "{acts:?}");
    assert_eq!(acts[0].grant_id, grant(1, false).grant_id);
}

#[tokio::test]
async fn a_form_without_this_sessions_token_changes_nothing() {
    let (world, mut browser) = granted().await;
    let mut other = world.inside().await;
    let fields = to_stop(&mut browser).await;
    let mut theirs = fields.clone();
    theirs[0].1 = to_stop(&mut other).await[0].1.clone();
    let mut empty = fields.clone();
    empty[0].1 = String::new();
    for wrong in [&theirs, &empty, &fields[1..].to_vec()] {
        let answer = browser.post(STOP, &borrowed(wrong)).await;
        assert_eq!(answer.status, 403);
        answer.says("Er is niets veranderd");
    }
    let twice = [&fields[..], &fields[..1]].concat();
    assert_eq!(browser.post(STOP, &borrowed(&twice)).await.status, 403);
    assert!(withdrawn(&world).is_empty());
}

#[tokio::test]
async fn a_form_from_another_site_changes_nothing() {
    let (world, mut browser) = granted().await;
    let fields = to_stop(&mut browser).await;
    let foreign: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", PUBLIC_URL), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", PUBLIC_URL), ("origin", "https://evil.example")],
    ];
    for headers in foreign {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| {
            request.header(*name, *value)
        });
        let answer = browser.post_as(request, STOP, &borrowed(&fields)).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    assert!(withdrawn(&world).is_empty());
    for headers in [("origin", PUBLIC_URL), ("sec-fetch-site", "same-origin")] {
        let request = Request::builder().header(headers.0, headers.1);
        let answer = browser.post_as(request, STOP, &borrowed(&fields)).await;
        assert_eq!(answer.status, 200, "an older browser says one of the two");
    }
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    let (world, mut browser) = granted().await;
    let mut other = world.inside().await;
    let theirs = to_stop(&mut other).await;
    let mut mixed = to_stop(&mut browser).await;
    mixed[2].1 = theirs[2].1.clone();
    let stolen = browser.post(STOP, &borrowed(&mixed)).await;
    let page = other.get("/toestemmingen").await.link("/toestemmingen/stoppen?");
    let (seen, absent) = (browser.get(&page).await, browser.get("/bestaat-niet").await);
    assert!(withdrawn(&world).is_empty());
    let heading = |body: &str| {
        body.split("<main")
            .nth(1)
            .unwrap()
            .split("</main>")
            .next()
            .unwrap()
            .to_owned()
    };
    for answer in [&stolen, &seen] {
        assert_eq!(answer.status, 404);
        assert_eq!(
            heading(&answer.body),
            heading(&absent.body),
            "one page for all of it"
        );
    }
}

#[tokio::test]
async fn a_form_needs_the_id_of_its_act() {
    let (world, mut browser) = granted().await;
    let mut fields = to_stop(&mut browser).await;
    fields[1].1 = "no id".to_owned();
    assert_eq!(browser.post(STOP, &borrowed(&fields)).await.status, 400);
    assert!(withdrawn(&world).is_empty());
}
