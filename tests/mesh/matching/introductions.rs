//! Two people are put before each other: a no looks like silence, two yeses are told.

use sluis_client::types::{GrantId, IntroductionId, Oin, OrganisationKind, OsRandomness, RequestId};
use sluis_proto::matching::v1::{Introduction, IntroductionAnswer, IntroductionState};

use super::cli::{Desk, text};
use crate::fixture::{Backend, TestMesh, TestPartner, TestResident};

/// Somebody who wants to be introduced: at the pages, and at their organisation.
struct Person {
    resident: TestResident,
    grant: GrantId,
    card: String,
}

impl Person {
    /// Links, allows their organisation to introduce them, and has a card put down.
    async fn of(mesh: &TestMesh, at: &TestPartner, coordinator: Oin, name: &str, role: &str) -> Self {
        let desk = Desk::at(at.partner.profile().directory());
        let resident = mesh.resident(name).await;
        let handle = at.link(&resident).await;
        at.partner.profile().name_resident(name, handle).expect("named");
        let to = coordinator.to_string();
        let put = [
            "introduce",
            "card",
            "--resident",
            name,
            "--coordinator",
            &to,
            "--as",
            role,
            "--area",
            "GM0828",
            "--when",
            "tue_evening",
            "--tag",
            "wandelen",
            "--hours",
            "2",
        ];
        assert_eq!(desk.refused(&put).await, "NOT_AVAILABLE", "no consent, no card");
        let ask = [
            "consent",
            "ask",
            "--with",
            &to,
            "--resident",
            name,
            "--purpose",
            "MATCHING_PEER",
            "--domain",
            "SURROUNDINGS",
            "--data",
            "PLAN",
            "--one-way",
        ];
        desk.run(&ask).await;
        resident.grant_all().await;
        let grant = resident.grant_between(at.oin(), coordinator).await;
        Self {
            grant: grant.grant_id.parse().expect("a grant id"),
            card: text(&desk.run(&put).await["card_id"]),
            resident,
        }
    }

    async fn sees(&self) -> Vec<Introduction> {
        let listed = self.resident.session.list_introductions(self.grant).await;
        listed.expect("a list").introductions
    }

    async fn says(&self, introduction: &str, answer: IntroductionAnswer) {
        let id: IntroductionId = introduction.parse().expect("an id");
        self.resident
            .session
            .answer_introduction(RequestId::random(&OsRandomness), self.grant, id, answer, false)
            .await
            .expect("answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_looks_like_silence_and_two_yeses_are_told() {
    let mesh = TestMesh::start(Backend::Sqlite).await;
    Box::pin(story(&mesh)).await;
    mesh.mesh.stop().await;
}

/// See above; on any database.
pub(super) async fn story(mesh: &TestMesh) {
    let (welfare, ggz) = mesh.welfare_and_ggz().await;
    let centre = mesh
        .partner("00000099000000005000", OrganisationKind::SelfDirection)
        .await;
    let [seeking, offering, coordinator] =
        [&ggz, &centre, &welfare].map(|one| Desk::at(one.partner.profile().directory()));
    let mina = Person::of(mesh, &ggz, welfare.oin(), "mina", "seeks").await;
    let otto = Person::of(mesh, &centre, welfare.oin(), "otto", "offers").await;
    let pien = Person::of(mesh, &centre, welfare.oin(), "pien", "offers").await;
    let cards = coordinator.run(&["introduce", "list", "--cards"]).await;
    assert_eq!(cards["cards"].as_array().expect("cards").len(), 3);
    assert!(!cards.to_string().contains("mina"), "no name is on a card");

    // Otto says no. Mina said yes, and waits as she would for somebody silent.
    let refused = coordinator
        .run(&["introduce", "propose", &mina.card, &otto.card])
        .await;
    let refused = text(&refused["introduction_id"]);
    otto.says(&refused, IntroductionAnswer::No).await;
    let answered = seeking.run(&["introduce", "answer", &refused, "yes"]).await;
    assert_eq!(answered["state"], "WAITING");
    assert_eq!(answered["other_organisation"], serde_json::Value::Null);
    let of_coordinator = coordinator.run(&["introduce", "list"]).await;
    assert_eq!(of_coordinator["introductions"][0]["state"], "OFFERED");
    let of_centre = offering.run(&["introduce", "list", "--card", &otto.card]).await;
    assert_eq!(of_centre["introductions"][0]["state"], "DECLINED");
    assert_eq!(mina.sees().await[0].state(), IntroductionState::Waiting);
    let again = seeking.refused(&["introduce", "answer", &refused, "no"]).await;
    assert_eq!(again, "ILLEGAL_TRANSITION", "an answer is final");

    // Pien and Mina both say yes, Mina at her own page.
    let proposed = coordinator
        .run(&["introduce", "propose", &mina.card, &pien.card])
        .await;
    let meeting = text(&proposed["introduction_id"]);
    offering.run(&["introduce", "answer", &meeting, "yes"]).await;
    mina.says(&meeting, IntroductionAnswer::Yes).await;
    let seen = seeking.run(&["introduce", "list", "--card", &mina.card]).await;
    let trial = seen["introductions"]
        .as_array()
        .expect("introductions")
        .iter()
        .find(|one| one["introduction_id"] == meeting.as_str())
        .expect("the second one");
    assert_eq!(
        (&trial["state"], &trial["other_organisation"]),
        (&"TRIAL".into(), &centre.oin().to_string().into())
    );
    assert_eq!(
        seeking.run(&["introduce", "review", &meeting]).await["state"],
        "TRIAL"
    );
    assert_eq!(
        coordinator.refused(&["introduce", "review", &meeting]).await,
        "ILLEGAL_TRANSITION",
        "how it goes is for the two to say"
    );
    let ended = offering
        .run(&["introduce", "end", &meeting, "--never-again"])
        .await;
    assert_eq!(ended["state"], "ENDED");
    assert!(
        mina.sees()
            .await
            .iter()
            .any(|one| one.state() == IntroductionState::Ended)
    );

    never_again(&seeking, &coordinator, welfare.oin(), [&mina.card, &pien.card]).await;
}

/// Never again holds both ways, on a new card of the same person too, and shows to nobody.
async fn never_again(seeking: &Desk, coordinator: &Desk, to: Oin, [seeks, offers]: [&str; 2]) {
    seeking.run(&["introduce", "card", "--remove", seeks]).await;
    assert_eq!(
        coordinator
            .refused(&["introduce", "propose", seeks, offers])
            .await,
        "NOT_AVAILABLE"
    );
    let to = to.to_string();
    let anew = [
        "introduce",
        "card",
        "--resident",
        "mina",
        "--coordinator",
        &to,
        "--as",
        "seeks",
        "--area",
        "GM0828",
    ];
    let anew = text(&seeking.run(&anew).await["card_id"]);
    let void = coordinator.run(&["introduce", "propose", &anew, offers]).await;
    assert_eq!(void["state"], "OFFERED", "answered like one that stays silent");
    let of_new = seeking.run(&["introduce", "list", "--card", &anew]).await;
    assert_eq!(of_new["introductions"].as_array().expect("a list").len(), 0);
}
