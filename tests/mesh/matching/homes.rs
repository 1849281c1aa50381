//! From sheltered living to a lease of one's own: what a landlord sees, and when.

use serde_json::json;
use sluis_client::types::{Oin, OrganisationKind};

use super::cli::{Desk, text};
use crate::fixture::{Backend, TestMesh};

#[tokio::test(flavor = "multi_thread")]
async fn a_landlord_sees_a_home_that_is_needed_and_nothing_of_care() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    Box::pin(story(&mesh)).await;
    mesh.mesh.stop().await;
}

/// See above; on any database.
pub(super) async fn story(mesh: &TestMesh) {
    let welfare = mesh
        .partner("00000099000000001000", OrganisationKind::Welfare)
        .await;
    let landlord = mesh
        .partner("00000099000000004000", OrganisationKind::Housing)
        .await;
    let [companion, housing] = [&welfare, &landlord].map(|one| Desk::at(one.partner.profile().directory()));
    let resident = mesh.resident("wim").await;
    let handle = welfare.link(&resident).await;
    welfare
        .partner
        .profile()
        .name_resident("Wim", handle)
        .expect("named");
    let to = landlord.oin().to_string();
    let open = [
        "housing",
        "open",
        "--resident",
        "Wim",
        "--landlord",
        &to,
        "--size",
        "two_rooms",
        "--rent-max",
        "700",
        "--quiet",
        "--access",
        "step_free",
        "--support",
        "two_hours",
        "--area",
        "GM0828",
        "--lease",
        "own",
    ];
    assert_eq!(companion.refused(&open).await, "NOT_AVAILABLE");
    let ask = [
        "consent",
        "ask",
        "--with",
        &to,
        "--resident",
        "Wim",
        "--purpose",
        "HOUSING",
        "--domain",
        "LIVING_SAFE_HOME",
        "--data",
        "HOUSING",
        "--one-way",
    ];
    companion.run(&ask).await;
    resident.grant_all().await;
    let opened = companion.run(&open).await;
    let id = text(&opened["housing_id"]);
    assert_eq!(
        (&opened["state"], &opened["landlord"]),
        (&json!("WISH"), &json!(to))
    );
    assert_eq!(
        housing.refused(&["housing", "show", &id]).await,
        "NOT_AVAILABLE",
        "not before the nomination"
    );
    to_a_lease(&companion, &housing, &id, welfare.oin()).await;
    let listed = companion.run(&["housing", "list"]).await;
    assert_eq!(listed["housings"][0]["housing_id"], id.as_str());
    let counted = companion.run(&["housing", "count"]).await;
    assert_eq!(
        (
            &counted["own"]["nominated"],
            &counted["own"]["intermediary_lease"],
            &counted["mesh"]
        ),
        (&json!(1), &json!(1), &serde_json::Value::Null)
    );
}

/// From the nomination to a signed lease, each side in its turn.
async fn to_a_lease(companion: &Desk, housing: &Desk, id: &str, nominated_by: Oin) {
    companion.run(&["housing", "move", id, "prepare"]).await;
    companion.run(&["housing", "move", id, "NOMINATE"]).await;
    let seen = housing.run(&["housing", "show", id]).await;
    assert_eq!(
        (&seen["state"], &seen["need"]["rent_max_euros"], &seen["landlord"]),
        (&json!("NOMINATED"), &json!(700), &serde_json::Value::Null)
    );
    assert!(
        !seen.to_string().contains(nominated_by.as_str()),
        "not even who nominated"
    );
    assert_eq!(
        housing.refused(&["housing", "move", id, "accept"]).await,
        "ILLEGAL_TRANSITION"
    );
    housing.run(&["housing", "move", id, "offer"]).await;
    let stale = ["housing", "move", id, "view", "--seen", "1"];
    assert_eq!(companion.refused(&stale).await, "VERSION_CONFLICT");
    companion.run(&["housing", "move", id, "view"]).await;
    companion.run(&["housing", "move", id, "accept"]).await;
    let signed = housing
        .run(&["housing", "move", id, "sign_lease", "--lease", "intermediary"])
        .await;
    assert_eq!(
        (&signed["state"], &signed["lease"]),
        (&json!("SETTLING"), &json!("INTERMEDIARY"))
    );
    assert!(signed["contact_due"].is_string());
}
