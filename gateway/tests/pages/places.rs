//! Places that are held for the resident: what is said of each.

use sluis_proto::consent::v1 as consent;
use sluis_proto::matching::v1 as matching;
use sluis_proto::matching::v1::PlaceState;

use super::world::{CARE, WELFARE, World, at, grant, world};

const PAGE: &str = "/plaatsen";

fn place(state: PlaceState, position: u32) -> matching::ResidentPlace {
    matching::ResidentPlace {
        offer_id: "0e".repeat(16),
        offer_name: "Eetclub De Kade".to_owned(),
        organisation: CARE.to_owned(),
        holder: WELFARE.to_owned(),
        state: state.into(),
        held_until: at(3 * 86_400).filter(|_| state == PlaceState::Held),
        position,
        attached_at: at(0),
    }
}

async fn with(places: Vec<matching::ResidentPlace>) -> World {
    let world = world().await;
    world.grants(vec![grant(1, false)]);
    world.matches(vec![]);
    world.reply(
        "/sluis.matching.v1.ResidentPlaceService/ListResidentPlaces",
        &matching::ListResidentPlacesResponse { places },
    );
    world
}

#[tokio::test]
async fn each_place_is_said_in_plain_words() {
    for (place, words) in [
        (place(PlaceState::Held, 0), "tot 18 januari 2027 om 09:00 uur."),
        (place(PlaceState::Waiting, 1), "U bent nu aan de beurt"),
        (place(PlaceState::Waiting, 7), "U bent nummer 7."),
        (place(PlaceState::Claimed, 0), "Deze plaats is van u."),
        (place(PlaceState::Ended, 0), "niet meer voor u vrijgehouden"),
    ] {
        let world = with(vec![place]).await;
        let page = world.inside().await.get(PAGE).await;
        page.says("<h2>Eetclub De Kade</h2>");
        page.says(words);
        page.says("regelt dit voor u, en liet het zien op 15 januari 2027.");
        assert!(
            !page.body.contains(&"0e".repeat(16)),
            "no identifier of the offer"
        );
    }
}

#[tokio::test]
async fn where_none_is_held_the_page_says_whom_to_ask() {
    let world = with(vec![]).await;
    let mut browser = world.inside().await;
    browser
        .get(PAGE)
        .await
        .says("Er wordt nu geen plaats voor u vrijgehouden.");
    browser.get("/aanbod").await.says("href=\"/plaatsen\"");
}

#[tokio::test]
async fn another_site_cannot_make_tickets_in_the_residents_log() {
    let world = with(vec![place(PlaceState::Held, 0)]).await;
    let mut browser = world.inside().await;
    browser.extra = vec![(http::HeaderName::from_static("sec-fetch-site"), "cross-site")];
    let answer = browser.get(PAGE).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    let tickets: Vec<consent::IssueTicketRequest> = world.seen("IssueTicket");
    assert!(tickets.is_empty());
}
