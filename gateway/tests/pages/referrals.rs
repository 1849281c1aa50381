//! Where each referral is, and stopping one.

use prost::Message as _;
use sluis_proto::consent::v1 as consent;
use sluis_proto::referral::v1 as referral;
use sluis_types::ThreadId;

use super::world::{CARE, WELFARE, at, grant, world};

#[tokio::test]
async fn it_is_said_in_plain_words_and_can_be_stopped() {
    let world = world().await;
    world.grants(vec![grant(1, false), grant(2, true)]);
    world.reply(
        "/sluis.consent.v1.ResidentConsentService/IssueTicket",
        &consent::IssueTicketResponse {
            ticket: b"a ticket".as_slice().into(),
            ..Default::default()
        },
    );
    let thread = ThreadId::from_bytes([7; 16]).to_string();
    let running = referral::Referral {
        thread_id: thread.clone(),
        sender: WELFARE.to_owned(),
        recipient: CARE.to_owned(),
        state: referral::ReferralState::Waitlisted.into(),
        expected_weeks: 6,
        changed_at: at(0),
        ..Default::default()
    };
    let mut done = running.clone();
    done.state = referral::ReferralState::Completed.into();
    let reply = referral::ListResidentReferralsResponse {
        referrals: vec![running, done],
    };
    world.reply(
        "/sluis.referral.v1.ResidentReferralService/ListResidentReferrals",
        &reply,
    );
    let mut browser = world.inside().await;
    let page = browser.get("/verwijzingen").await;
    page.says("U staat op een wachtlijst.");
    page.says("6 weken");
    page.says("De hulp is klaar.");
    assert_eq!(
        page.body.matches("/verwijzingen/stoppen?").count(),
        1,
        "what is over cannot be stopped"
    );

    let stop = browser.get(&page.link("/verwijzingen/stoppen?")).await;
    let fields = stop.form("/verwijzingen/stoppen");
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    for _ in 0..2 {
        browser
            .post("/verwijzingen/stoppen", &fields)
            .await
            .says("De verwijzing is gestopt");
    }
    let seen = world.mesh.records.seen.lock().unwrap().clone();
    let stopped: Vec<referral::StopResidentReferralRequest> = seen
        .iter()
        .filter(|it| it.path.ends_with("/StopResidentReferral"))
        .map(|it| referral::StopResidentReferralRequest::decode(&it.body[5..]).unwrap())
        .collect();
    assert_eq!((stopped.len(), &stopped[0]), (2, &stopped[1]));
    assert_eq!(stopped[0].thread_id, thread);
}

#[tokio::test]
async fn another_site_cannot_make_tickets_in_the_residents_log() {
    let world = world().await;
    world.grants(vec![grant(1, false)]);
    let mut browser = world.inside().await;
    browser.extra = vec![(http::HeaderName::from_static("sec-fetch-site"), "cross-site")];
    let answer = browser.get("/verwijzingen").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    assert!(
        world
            .seen::<consent::IssueTicketRequest>("IssueTicket")
            .is_empty()
    );
}
