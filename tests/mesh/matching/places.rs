//! From a plan card to a place: found here, held without a name, referred under consent, claimed.

use serde_json::json;
use sluis_cli::ExitStatus;
use sluis_client::ReferralForm;
use sluis_client::proto::matching::v1::{PlaceState, ResidentPlace};
use sluis_client::types::{OfferId, Oin};

use super::cli::{Desk, text};
use super::offers::offer;
use crate::fixture::{Backend, TestMesh, TestPartner, TestResident};

fn form(offer_id: &str, place_id: &str) -> String {
    json!({
        "version": 1,
        "resident": {"name": "Mina (verzonnen)", "contact": "06-00000000"},
        "question": "Mina wil graag mee-eten.",
        "plan": {"wish": ["samen eten"], "strength": ["koken"], "need": ["rust"]},
        "life_domains": [{"domain": "MEANINGFUL_DAY", "note": "dinsdag past"}],
        "data_kinds": ["CONTACT", "PLAN"],
        "referrer": {"name": "T. de Vries", "function": "consulent", "callback": "0412-000000"},
        "resident_informed": {"informed": true, "on": "2026-11-20"},
        "feedback_wanted": false,
        "place": {"offer_id": offer_id, "place_id": place_id},
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_place_is_claimed_by_the_sealed_referral_that_names_it() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    Box::pin(story(&mesh)).await;
    mesh.mesh.stop().await;
}

/// See above; on any database.
pub(super) async fn story(mesh: &TestMesh) {
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let [worker, house] = [&welfare, &ggz].map(|one| Desk::at(one.partner.profile().directory()));
    let folder = tempfile::tempdir().expect("a directory");
    let offered = offer(21, ggz.oin(), "Eetclub", &["samen-eten"]);
    let document = folder.path().join("offer.json");
    std::fs::write(&document, offered.encode().expect("an offer")).expect("written");
    house
        .run(&["offers", "publish", document.to_str().expect("text")])
        .await;
    let id = offered.id.to_string();
    house
        .run(&["offers", "capacity", &id, "--status", "CAPACITY", "--places", "1"])
        .await;

    room_is_asked_for(&worker, &house, &id, welfare.oin()).await;
    let second = the_next_in_line(&worker, &house, &id).await;

    // The sealed referral names the place; the house opens it and claims.
    let resident = mesh.resident("nora").await;
    let handle = welfare.link(&resident).await;
    welfare
        .partner
        .profile()
        .name_resident("Mina", handle)
        .expect("named");
    let to = ggz.oin().to_string();
    let ask = ["consent", "ask", "--with", &to, "--resident", "Mina", "--one-way"];
    worker.run(&ask).await;
    resident.grant_all().await;
    the_resident_sees_it(&worker, &resident, [&welfare, &ggz], [&id, &second]).await;
    let file = folder.path().join("verwijzing.json");
    std::fs::write(&file, form(&id, &second)).expect("written");
    let file = file.to_str().expect("text");
    let sent = worker
        .run(&[
            "send",
            "--to",
            ggz.oin().as_str(),
            "--resident",
            "Mina",
            "--file",
            file,
        ])
        .await;
    let out = folder.path().join("opened");
    let message = text(&sent["message_id"]);
    house
        .run(&["open", &message, "--out", out.to_str().expect("text")])
        .await;
    let body = std::fs::read(out.join("body.json")).expect("a body");
    let place = ReferralForm::parse(&body)
        .expect("a form")
        .place
        .expect("a place");
    assert_eq!(place.ids().expect("ids").0, offered.id);
    let claim = ["hold", "claim", place.offer_id.as_str(), place.place_id.as_str()];
    assert_eq!(
        worker.refused(&claim).await,
        "NOT_AVAILABLE",
        "nobody claims at another's offer"
    );
    assert_eq!(house.run(&claim).await["state"], "CLAIMED");
    let seen = seen_by(&resident, [&welfare, &ggz]).await;
    assert_eq!(seen[0].state(), PlaceState::Claimed);
    // For who held it it is gone from the mesh then: the referral says the rest.
    assert_eq!(
        worker.refused(&["hold", "show", &id, &second]).await,
        "NOT_AVAILABLE"
    );

    let unknown = OfferId::from_bytes([9; 16]).to_string();
    assert_eq!(
        worker.refused(&["hold", "place", &unknown]).await,
        "NOT_AVAILABLE"
    );
    let (exit, _) = worker
        .try_run(&[
            "offers", "capacity", &id, "--status", "capacity", "--weeks", "4", "--places", "1",
        ])
        .await;
    assert_eq!(exit, ExitStatus::Usage, "only a waiting list has weeks");
}

/// What a resident sees of the places under the grant from the first organisation to the second.
async fn seen_by(resident: &TestResident, [holder, offering]: [&TestPartner; 2]) -> Vec<ResidentPlace> {
    let grant = resident.grant_between(holder.oin(), offering.oin()).await;
    let grant = grant.grant_id.parse().expect("a grant");
    let listed = resident.session.list_places(grant).await;
    listed.expect("places").places
}

/// Nothing is shown of a place before its holder lets its resident see it; then what and until when.
async fn the_resident_sees_it(
    worker: &Desk,
    resident: &TestResident,
    both: [&TestPartner; 2],
    [offer, place]: [&str; 2],
) {
    assert_eq!(seen_by(resident, both).await, []);
    let attach = ["hold", "attach", offer, place, "--resident", "Mina"];
    let (exit, _) = worker.try_run(&attach).await;
    assert_eq!(exit, ExitStatus::Usage, "which consent?");
    let attach = [&attach[..], &["--domain", "MEANINGFUL_DAY", "--data", "PLAN"]].concat();
    assert_eq!(worker.run(&attach).await["state"], "HELD");
    let seen = seen_by(resident, both).await;
    let [one] = seen.as_slice() else {
        panic!("one place: {seen:?}")
    };
    assert_eq!(
        (one.state(), one.offer_name.as_str(), one.offer_id.as_str()),
        (PlaceState::Held, "Eetclub", offer)
    );
    assert_eq!(
        [&one.holder, &one.organisation],
        both.map(|it| it.oin().to_string()).each_ref()
    );
    assert!(one.held_until.is_some());
}

/// Who asks for room says neither for whom nor who asks; who answers sees a question about an offer.
async fn room_is_asked_for(worker: &Desk, house: &Desk, id: &str, asker: Oin) {
    let asked = worker.run(&["offers", "ask", id, "--within-weeks", "4"]).await;
    let question = text(&asked["question_id"]);
    let waiting = house.run(&["offers", "answer"]).await;
    assert_eq!(
        (
            &waiting["questions"][0]["question_id"],
            &waiting["questions"][0]["within_weeks"]
        ),
        (&json!(question), &json!(4))
    );
    assert!(!waiting.to_string().contains(asker.as_str()));
    let answers = ["offers", "ask", "--question", question.as_str()];
    assert_eq!(
        worker.run(&answers).await["answers"][0]["status"],
        serde_json::Value::Null
    );
    house
        .run(&["offers", "answer", &question, id, "--status", "capacity"])
        .await;
    assert_eq!(worker.run(&answers).await["answers"][0]["status"], "CAPACITY");
}

/// One place: the next one waits, and gets it when the first goes back. Gives the place that is held then.
async fn the_next_in_line(worker: &Desk, house: &Desk, id: &str) -> String {
    let held = worker.run(&["hold", "place", id]).await;
    assert_eq!(held["state"], "HELD");
    assert_eq!(worker.refused(&["hold", "place", id]).await, "PLACES_TAKEN");
    let next = worker.run(&["hold", "place", id, "--wait"]).await;
    assert_eq!(
        (&next["state"], &next["position"]),
        (&json!("WAITING"), &json!(1))
    );
    let (first, second) = (text(&held["place_id"]), text(&next["place_id"]));
    assert_eq!(
        worker.run(&["hold", "release", id, &first]).await["state"],
        "RELEASED"
    );
    assert_eq!(worker.run(&["hold", "show", id, &second]).await["state"], "HELD");
    assert_eq!(
        worker.refused(&["hold", "show", id, &first]).await,
        "NOT_AVAILABLE"
    );
    assert_eq!(
        house.refused(&["hold", "show", id, &second]).await,
        "NOT_AVAILABLE",
        "who holds a place is told to nobody else"
    );
    second
}
