//! Looking often: what is shown then, and that stopping and objecting still go.

use std::time::Duration;

use sluis_proto::consent::v1 as consent;
use sluis_proto::signalling::v1 as signalling;

use super::world::{circle, grant, provision, world};

const HURRIED: &str = "U keek hier vaak in korte tijd.";

/// A consent under which everything can run that is looked up grant by grant.
fn of_all_sorts(id: u8) -> consent::Grant {
    let purposes = [
        1,
        consent::Purpose::CaseMeeting.into(),
        consent::Purpose::MatchingPeer.into(),
    ];
    consent::Grant {
        provisions: purposes.map(|it| provision(it, &[1], &[2])).to_vec(),
        ..grant(id, false)
    }
}

#[tokio::test]
async fn what_does_not_fit_on_one_page_stands_on_the_next() {
    for (path, none) in [
        ("/overleg", "Er staat nu niets over u op een agenda."),
        ("/verwijzingen", "Er zijn geen verwijzingen."),
        ("/kennismaken", "Er is niemand voorgesteld."),
        ("/plaatsen", "Er wordt nu geen plaats voor u vrijgehouden."),
    ] {
        let world = world().await;
        world.grants((1..=30).map(of_all_sorts).collect());
        world.introductions(vec![]);
        let mut browser = world.inside().await;
        let page = browser.get(path).await;
        page.says("Op dit deel van de lijst staat niets.");
        page.says("Dit is nog niet alles.");
        let link = page.link(&format!("{path}?"));
        let rest = browser.get(&link).await;
        assert_eq!(rest.status, 200, "{path}");
        rest.says("Terug naar het begin");
        for answer in [&page, &rest] {
            assert!(!answer.body.contains(none), "{path} says that there is nothing");
        }
        assert!(!rest.body.contains(&format!("href=\"{path}?")), "nothing is left");
        let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
        let looked: std::collections::BTreeSet<_> = tickets.iter().map(|it| &it.grant_id).collect();
        assert_eq!((tickets.len(), looked.len()), (30, 30), "{path}: each once");
        assert!(looked.iter().all(|id| !link.contains(id.as_str())));
        assert_eq!(
            world.inside().await.get(&link).await.status,
            404,
            "another session"
        );
    }
}

#[tokio::test]
async fn old_circles_are_reached_too() {
    let world = world().await;
    let ended = |id: u8| {
        let mut circle = circle();
        let grant = circle.grant.as_mut().expect("a grant");
        grant.grant_id = grant_id(id);
        grant.state = consent::GrantState::Withdrawn.into();
        circle
    };
    world.circles(vec![], (1..=25).map(ended).collect());
    world.matches(vec![]);
    let mut browser = world.inside().await;
    let page = browser.get("/signalen").await;
    let rest = browser.get(&page.link("/signalen?")).await;
    rest.says("Terug naar het begin");
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert_eq!(tickets.len(), 25);
    assert_eq!(tickets[24].grant_id, grant_id(25));
}

fn grant_id(id: u8) -> String {
    grant(id, false).grant_id
}

#[tokio::test]
async fn looking_again_and_again_leaves_tickets_to_object_with() {
    let world = world().await;
    world.grants((1..=24).map(of_all_sorts).collect());
    world.circles(vec![], vec![circle()]);
    world.introductions(vec![]);
    let item = super::meetings::item(signalling::AgendaItemState::OnAgenda);
    world.reply(
        "/sluis.signalling.v1.ResidentMeetingService/ListResidentAgendaItems",
        &signalling::ListResidentAgendaItemsResponse { items: vec![item] },
    );
    let mut browser = world.inside().await;
    browser.get("/signalen").await;
    let page = browser.get("/overleg").await;
    assert!(!page.body.contains(HURRIED));
    let link = page.link("/overleg/bezwaar?");
    // What was found before the tickets were spent is shown, with a line that says that it is not all.
    let page = browser.get("/overleg").await;
    page.says(HURRIED);
    page.link("/overleg/bezwaar?");
    for (path, none) in [
        ("/overleg", "Er staat nu niets over u op een agenda."),
        ("/verwijzingen", "Er zijn geen verwijzingen."),
        ("/signalen", "Er zijn geen signalen over u."),
        ("/kennismaken", "Er is niemand voorgesteld."),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        page.says(HURRIED);
        assert!(!page.body.contains(none), "{path}");
    }
    let page = browser.get(&link).await;
    let changed = super::meetings::item(signalling::AgendaItemState::Objected);
    world.reply(
        "/sluis.signalling.v1.ResidentMeetingService/ObjectToAgendaItem",
        &signalling::ObjectToAgendaItemResponse { item: Some(changed) },
    );
    let hidden = page.form("/overleg/bezwaar");
    let fields: Vec<_> = hidden
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser
        .post("/overleg/bezwaar", &fields)
        .await
        .says("Uw bezwaar is ontvangen");
    world.mesh.clock.advance(Duration::from_mins(1));
    let page = browser.get("/overleg").await;
    assert!(!page.body.contains(HURRIED));
}
