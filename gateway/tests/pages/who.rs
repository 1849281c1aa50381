//! Who acted: the resident, a representative, or the one or the other; and who reads it.

use serde_json::json;
use sluis_proto::consent::v1 as consent;
use sluis_proto::signalling::v1 as signalling;

use super::world::{CARE, WELFARE, World, at, circle, encounter, world};

/// Refusing one question, by the resident and by somebody else.
fn refused_twice(world: &World) {
    let refused = |by_representative| consent::AccessEntry {
        kind: consent::AccessKind::ProposalRefused.into(),
        at: at(0),
        allowed: true,
        by_representative,
        ..Default::default()
    };
    world.reply(
        "/sluis.consent.v1.ResidentConsentService/ListAccess",
        &consent::ListAccessResponse {
            entries: vec![refused(false), refused(true)],
            next_page_token: String::new(),
        },
    );
}

fn mandated(world: &World, state: consent::MandateState) {
    let mandate = consent::Mandate {
        mandate_id: "0303".to_owned(),
        acts: vec![consent::MandateAct::Decide.into()],
        state: state.into(),
        ..Default::default()
    };
    world.reply(
        "/sluis.consent.v1.ResidentRepresentationService/ListMandates",
        &consent::ListMandatesResponse {
            mandates: vec![mandate],
        },
    );
}

#[tokio::test]
async fn what_a_representative_did_is_not_said_to_be_the_residents_doing() {
    let world = world().await;
    refused_twice(&world);
    let page = world.inside().await.get("/gekeken").await;
    for who in ["U", "Uw vertegenwoordiger"] {
        page.says(&format!("<p>{who} zei nee op een vraag.</p>"));
    }
    let mut other = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    let page = other.get("/gekeken").await;
    for who in ["De inwoner", "Een vertegenwoordiger"] {
        page.says(&format!("<p>{who} zei nee op een vraag.</p>"));
    }
}

#[tokio::test]
async fn a_receipt_says_who_did_it() {
    let world = world().await;
    for (speaker, words) in [
        (consent::ReceiptSpeaker::Resident, "U stopte een toestemming."),
        (
            consent::ReceiptSpeaker::Representative,
            "Uw vertegenwoordiger stopte een toestemming.",
        ),
        (
            consent::ReceiptSpeaker::Worker,
            "Een medewerker stopte een toestemming voor u.",
        ),
    ] {
        let summary = consent::ReceiptSummary {
            receipt_id: "0101".to_owned(),
            event: consent::ReceiptEvent::Withdrawn.into(),
            at: at(0),
            discloser: WELFARE.to_owned(),
            recipient: CARE.to_owned(),
            expressed_by: speaker.into(),
            ..Default::default()
        };
        world.reply(
            "/sluis.consent.v1.ResidentReceiptService/ListReceipts",
            &consent::ListReceiptsResponse {
                receipts: vec![summary],
            },
        );
        let page = world.inside().await.get("/bewijzen").await;
        page.says(&format!("<h2>{words}</h2>"));
    }
}

#[tokio::test]
async fn where_nothing_says_who_it_was_a_page_does_not_either() {
    let world = world().await;
    world.circles(vec![], vec![circle()]);
    world.matches(vec![signalling::Match {
        state: signalling::SignalState::Disputed.into(),
        ..encounter()
    }]);
    let mut resident = world.inside().await;
    resident.get("/signalen").await.says(">U maakte bezwaar.");
    mandated(&world, consent::MandateState::Offered);
    resident.get("/signalen").await.says(">U maakte bezwaar.");
    mandated(&world, consent::MandateState::Ended);
    resident
        .get("/signalen")
        .await
        .says(">U of uw vertegenwoordiger maakte bezwaar.");
    let mut other = world
        .inside_as(json!({"represents": {"sub": "pairwise-resident"}}))
        .await;
    other
        .get("/signalen")
        .await
        .says(">De inwoner of een vertegenwoordiger maakte bezwaar.");
}
