//! Answering a question: each direction apart, with what was read.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use sluis_proto::consent::v1 as consent;

use super::browser::{Answer, Browser};
use super::world::{World, both_ways, provision, world};

/// Fields of a form.
type Chosen<'a> = [(&'a str, &'a str)];

const ANSWER: &str = "/vragen/antwoord";

async fn asked() -> (World, Browser, Answer) {
    let world = world().await;
    world.proposals(both_ways());
    let mut browser = world.inside().await;
    let list = browser.get("/vragen").await;
    assert_eq!(
        list.body.matches("href=\"/vragen/antwoord?").count(),
        1,
        "both ways are one question"
    );
    let page = browser.get(&list.link("/vragen/antwoord?")).await;
    (world, browser, page)
}

async fn send(browser: &mut Browser, page: &Answer, chosen: &Chosen<'_>) -> Answer {
    let hidden = page.form(ANSWER);
    let hidden = hidden.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = hidden.chain(chosen.iter().copied()).collect();
    browser.post(ANSWER, &fields).await
}

fn reads(provisions: &[consent::Provision], grants: &[consent::GrantConsentRequest]) {
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].provisions, provisions);
}

#[tokio::test]
async fn each_direction_has_its_own_answer_and_nothing_is_chosen_beforehand() {
    let (world, mut browser, page) = asked().await;
    assert!(!page.body.contains(" checked"), "nothing is ticked");
    let answer = send(
        &mut browser,
        &page,
        &[("v0-antwoord", "ja"), ("v1-antwoord", "nee")],
    )
    .await;
    assert_eq!(answer.status, 200);
    let granted: Vec<consent::GrantConsentRequest> = world.seen("GrantConsent");
    reads(&[provision(1, &[1, 4], &[1, 2])], &granted);
    assert_eq!(granted[0].proposal_id, both_ways()[0].proposal_id);
    let refused: Vec<consent::RefuseConsentRequest> = world.seen("RefuseConsent");
    assert_eq!(refused[0].proposal_id, both_ways()[1].proposal_id);
    assert_ne!(refused[0].request_id, granted[0].request_id);
}

#[tokio::test]
async fn the_overview_counts_questions_as_they_are_shown() {
    let (_world, mut browser, _page) = asked().await;
    browser.get("/").await.says("Er wacht 1 vraag op u.");
    let questions = browser.get("/vragen").await;
    assert_eq!(questions.body.matches("href=\"/vragen/antwoord?").count(), 1);
}

#[tokio::test]
async fn a_part_is_what_was_ticked() {
    let (world, mut browser, page) = asked().await;
    let chosen = [
        ("v0-antwoord", "deel"),
        ("v0-0-over", "4"),
        ("v0-0-wat", "1"),
        ("v0-0-wat", "5"),
        ("v0-dagen", "31"),
        ("v1-antwoord", "later"),
    ];
    assert_eq!(send(&mut browser, &page, &chosen).await.status, 200);
    let granted: Vec<consent::GrantConsentRequest> = world.seen("GrantConsent");
    reads(&[provision(1, &[4], &[1])], &granted);
    assert_eq!(granted[0].valid_days, 31);
    let deferred: Vec<consent::DeferConsentRequest> = world.seen("DeferConsent");
    assert_eq!(deferred[0].proposal_id, both_ways()[1].proposal_id);
}

#[tokio::test]
async fn the_grant_holds_the_hash_of_the_words_on_the_page() {
    let (world, mut browser, page) = asked().await;
    let first = page.body.split("id=\"v0-titel\"").nth(1).unwrap();
    let first = first.split("<fieldset").next().unwrap().to_owned();
    let question = first
        .split("<strong>")
        .nth(1)
        .unwrap()
        .split("</strong>")
        .next()
        .unwrap()
        .to_owned();
    // What would be told stands in lines with a name each.
    let first = first
        .replace("<dt>", "<li>")
        .replace("</dt><dd>", " ")
        .replace("</dd>", "</li>");
    assert!(first.contains("<li>Wat: "), "{first}");
    let lines = first
        .split("<li>")
        .skip(1)
        .map(|line| line.split("</li>").next().unwrap());
    let text: String = std::iter::once(question.as_str())
        .chain(lines)
        .fold(String::new(), |text, line| text + line + "\n");
    send(
        &mut browser,
        &page,
        &[("v0-antwoord", "ja"), ("v1-antwoord", "later")],
    )
    .await;
    let granted: Vec<consent::GrantConsentRequest> = world.seen("GrantConsent");
    let notice = granted[0].notice.clone().unwrap();
    assert_eq!(&notice.sha256[..], &Sha256::digest(text.as_bytes())[..], "{text}");
    assert_eq!(
        (notice.notice_id.as_str(), notice.version),
        ("sluis-share-consent", 3)
    );
    assert_eq!(notice.language, "nl");
}

#[tokio::test]
async fn what_was_read_counts_also_when_the_language_changes_before_sending() {
    let (world, mut browser, page) = asked().await;
    browser.post("/taal", &[("taal", "en"), ("terug", "/")]).await;
    let answer = send(
        &mut browser,
        &page,
        &[("v0-antwoord", "ja"), ("v1-antwoord", "nee")],
    )
    .await;
    answer.says("<html lang=\"en\">");
    let granted: Vec<consent::GrantConsentRequest> = world.seen("GrantConsent");
    assert_eq!(granted[0].notice.as_ref().unwrap().language, "nl");
}

#[tokio::test]
async fn sending_it_twice_is_one_act_per_direction() {
    let (world, mut browser, page) = asked().await;
    let chosen = [("v0-antwoord", "ja"), ("v1-antwoord", "ja")];
    send(&mut browser, &page, &chosen).await;
    world.proposals(vec![]);
    assert_eq!(send(&mut browser, &page, &chosen).await.status, 200);
    let granted: Vec<consent::GrantConsentRequest> = world.seen("GrantConsent");
    assert_eq!(granted.len(), 4);
    assert_eq!((&granted[0], &granted[1]), (&granted[2], &granted[3]));
}

#[tokio::test]
async fn what_is_missing_is_said_with_a_way_to_it() {
    let (world, mut browser, page) = asked().await;
    let cases: [(&Chosen<'_>, &[&str]); 4] = [
        (&[], &["v0-antwoord-ja", "v1-antwoord-ja"]),
        (&[("v0-antwoord", "nee")], &["v1-antwoord-ja"]),
        (
            &[("v0-antwoord", "deel"), ("v1-antwoord", "nee")],
            &["v0-antwoord-deel"],
        ),
        (
            &[
                ("v0-antwoord", "deel"),
                ("v0-0-over", "1"),
                ("v1-antwoord", "nee"),
            ],
            &["v0-0-wat-1"],
        ),
    ];
    for (chosen, at) in cases {
        let answer = send(&mut browser, &page, chosen).await;
        assert_eq!(answer.status, 200);
        answer.says("role=\"alert\"");
        assert_eq!(answer.body.matches("<li><a href=\"#v").count(), at.len());
        for id in at {
            answer.says(&format!("<a href=\"#{id}\">"));
            answer.says(&format!("id=\"{id}\""));
            let group = id.rsplit_once('-').map_or(*id, |(group, _)| group);
            let group = group.strip_suffix("-antwoord").unwrap_or(group);
            answer.says(&format!("aria-describedby=\"{group}-fout\""));
            answer.says(&format!("<p class=\"fault\" id=\"{group}-fout\">"));
        }
        let kept = answer.body.matches(" checked").count();
        assert_eq!(kept, chosen.len(), "what was chosen stays chosen");
    }
    assert!(
        world
            .seen::<consent::GrantConsentRequest>("GrantConsent")
            .is_empty()
    );
    assert!(
        world
            .seen::<consent::RefuseConsentRequest>("RefuseConsent")
            .is_empty()
    );
}

#[tokio::test]
async fn a_question_that_is_gone_is_not_there() {
    let world = world().await;
    world.proposals(both_ways());
    let mut browser = world.inside_as(json!({})).await;
    let link = browser.get("/vragen").await.link("/vragen/antwoord?");
    world.proposals(vec![]);
    assert_eq!(browser.get(&link).await.status, 404);
    browser.get("/vragen").await.says("Er zijn nu geen vragen aan u");
}

#[tokio::test]
async fn what_a_worker_wrote_down_is_marked_until_it_is_confirmed() {
    let world = world().await;
    let mut asked = both_ways();
    asked[1].recorded = true;
    world.proposals(asked);
    let mut browser = world.inside_as(json!({})).await;
    let list = browser.get("/vragen").await;
    list.says("Welzijn Noord schreef op dat u hier al ja op zei.");
    list.says("Bevestigt niemand het voor die tijd?");
    assert!(!list.body.contains("Doet u niets? Dan is het antwoord nee."));
    let page = browser.get(&list.link("/vragen/antwoord?")).await;
    assert_eq!(page.body.matches("schreef op dat u hier al ja op zei").count(), 1);
    let mark = page.body.find("schreef op dat u hier al ja op zei").unwrap();
    assert!(
        page.body[..mark].contains("id=\"v1-titel\""),
        "it stands with its direction"
    );
}
