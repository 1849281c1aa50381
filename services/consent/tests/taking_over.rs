//! RedeemLetterCode, WithdrawAll.

use std::time::Duration;

use sluis_proto::consent::v1::resident_assisted_service_client::ResidentAssistedServiceClient;
use sluis_proto::consent::v1::{self as proto, AccessKind, GrantState, LevelOfAssurance};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::MeshClient;
use sluis_types::{Handle, ProfessionalRole};

use crate::acts::Resident;
use crate::representatives::{ONE, OTHER, everything};
use crate::world::{World, refusal};

type TakingOver = ResidentAssistedServiceClient<MeshClient>;

impl World {
    pub(crate) fn with_letter(&self, who: &Resident) -> TakingOver {
        TakingOver::new(self.mesh_client(who.caller.clone()))
    }

    pub(crate) fn letter(&self, code: &str) -> proto::RedeemLetterCodeRequest {
        proto::RedeemLetterCodeRequest {
            request_id: self.request_id(),
            code: code.into(),
        }
    }

    /// Somebody who logs in and brings a letter.
    pub(crate) async fn taken_over(&self, subject: &str, code: &str) -> Resident {
        let resident = self.log_in(subject).await;
        let request = self.letter(code);
        self.with_letter(&resident)
            .redeem_letter_code(request)
            .await
            .unwrap();
        resident
    }

    pub(crate) fn withdrawing_all(&self, handle: &Handle) -> proto::WithdrawAllRequest {
        proto::WithdrawAllRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
        }
    }
}

#[tokio::test]
async fn redeem_letter_code_works() {
    let world = World::start().await;
    let own = world.granted("anna").await;
    let (one, other) = (world.helped_with_grant().await, world.helped().await);
    // Linked twice: the page shows the union, and nothing is merged.
    let anna = world.taken_over("anna", &one.picture).await;
    world.taken_over("anna", &other.letter).await;
    assert_eq!(world.grants(&anna).await.len(), 2);
    assert_ne!(own.handle, one.handle);
    let spoken = world
        .with_letter(&anna)
        .redeem_letter_code(world.letter(&one.letter))
        .await;
    assert_eq!(
        refusal(spoken),
        ErrorReason::CodeRefused,
        "either form works, once"
    );
    // A proxy given now is about all of them.
    let made = world.representation(&anna).create_proxy(everything(&world)).await;
    let carla = world
        .redeemed("carla", "anna", &made.unwrap().into_inner().code)
        .await;
    assert_eq!(world.grants(&carla).await.len(), 2);
}

#[tokio::test]
async fn redeem_letter_code_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    let anna = world.log_in("anna").await;
    let request = world.letter(&helped.letter);
    let mut client = world.with_letter(&anna);
    client.redeem_letter_code(request.clone()).await.unwrap();
    client.redeem_letter_code(request).await.unwrap();
    assert_eq!(world.grants(&anna).await.len(), 1);
}

#[tokio::test]
async fn redeem_letter_code_refuses_the_wrong_caller() {
    let world = World::start().await;
    let helped = world.helped().await;
    let represented = world.represented(everything(&world)).await;
    let by_proxy = world
        .with_letter(&represented.representative)
        .redeem_letter_code(world.letter(&helped.letter))
        .await;
    assert_eq!(refusal(by_proxy), ErrorReason::MandateRefused);
    let low = world.log_in_as(world.login("bert", LevelOfAssurance::Low)).await;
    let unsure = world
        .with_letter(&low)
        .redeem_letter_code(world.letter(&helped.letter))
        .await;
    assert_eq!(refusal(unsure), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn redeem_letter_code_answers_an_unknown_id() {
    let world = World::start().await;
    let helped = world.helped().await;
    let anna = world.log_in("anna").await;
    let mut client = world.with_letter(&anna);
    let malformed = client.redeem_letter_code(world.letter("short")).await;
    assert_eq!(refusal(malformed), ErrorReason::InvalidField);
    for _ in 0..5 {
        let wrong = client.redeem_letter_code(world.letter("00000-00000")).await;
        assert_eq!(refusal(wrong), ErrorReason::CodeRefused);
    }
    let right = client.redeem_letter_code(world.letter(&helped.letter)).await;
    assert_eq!(refusal(right), ErrorReason::RateLimited);
    world.clock.advance(Duration::from_hours(92 * 24));
    let late = world.log_in("anna").await;
    let late = world
        .with_letter(&late)
        .redeem_letter_code(world.letter(&helped.letter))
        .await;
    assert_eq!(refusal(late), ErrorReason::CodeRefused);
}

#[tokio::test]
async fn withdraw_all_works() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    let sent = world.send(&helped.handle).await;
    let request = world.withdrawing_all(&helped.handle);
    world.helping(ONE).withdraw_all(request).await.unwrap();
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
    let anna = world.taken_over("anna", &helped.letter).await;
    assert_eq!(world.grants(&anna).await[0].state(), GrantState::Withdrawn);
    let kinds: Vec<_> = world
        .log(&anna)
        .await
        .iter()
        .map(proto::AccessEntry::kind)
        .collect();
    assert!(kinds.contains(&AccessKind::WithdrewAll) && kinds.contains(&AccessKind::Withdrawn));
    // Any linked organisation can, for anybody.
    let granted = world.granted("bert").await;
    let handle = world.link(&granted.resident, &world.stranger).await;
    let mut stranger = world.helper(world.stranger.oin, ONE, ProfessionalRole::HousingOfficer);
    stranger
        .withdraw_all(world.withdrawing_all(&handle))
        .await
        .unwrap();
    assert_eq!(
        world.grants(&granted.resident).await[0].state(),
        GrantState::Withdrawn
    );
}

#[tokio::test]
async fn withdraw_all_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.withdrawing_all(&granted.handle);
    world.helping(ONE).withdraw_all(request.clone()).await.unwrap();
    let leaves = world.log(&granted.resident).await.len();
    world.helping(ONE).withdraw_all(request.clone()).await.unwrap();
    assert_eq!(world.log(&granted.resident).await.len(), leaves);
    let other = proto::WithdrawAllRequest {
        handle: Handle::random(world.randomness.as_ref()).expose(),
        ..request
    };
    assert_eq!(
        refusal(world.helping(ONE).withdraw_all(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn withdraw_all_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut volunteer = world.helper(world.welfare.oin, ONE, ProfessionalRole::Volunteer);
    let refused = volunteer
        .withdraw_all(world.withdrawing_all(&granted.handle))
        .await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    // Another organisation's handle is nobody's, and the answer is the same.
    let mut stranger = world.helper(world.stranger.oin, ONE, ProfessionalRole::Professional);
    stranger
        .withdraw_all(world.withdrawing_all(&granted.handle))
        .await
        .unwrap();
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn withdraw_all_answers_an_unknown_id() {
    let world = World::start().await;
    let nobody = Handle::random(world.randomness.as_ref());
    world
        .helping(ONE)
        .withdraw_all(world.withdrawing_all(&nobody))
        .await
        .unwrap();
    let malformed = proto::WithdrawAllRequest {
        request_id: world.request_id(),
        handle: "x".into(),
    };
    assert_eq!(
        refusal(world.helping(ONE).withdraw_all(malformed).await),
        ErrorReason::InvalidField
    );
}

#[tokio::test]
async fn what_waits_when_somebody_stops_never_begins() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    let record = world.recorded(&helped.handle).await;
    let request = world.withdrawing_all(&helped.handle);
    world.helping(ONE).withdraw_all(request.clone()).await.unwrap();
    let confirm = world.confirming(&record, "");
    let late = world.helping(OTHER).confirm_consent(confirm).await;
    assert_eq!(refusal(late), ErrorReason::NotAvailable);
    // The same when the resident stops it with a login.
    let other = world.helped_with_grant().await;
    let record = world.recorded(&other.handle).await;
    let anna = world.taken_over("anna", &other.letter).await;
    let grant = world.grants(&anna).await.remove(0);
    let withdraw = world.withdrawing(&grant);
    anna.client.clone().withdraw_grant(withdraw).await.unwrap();
    let confirm = world.confirming(&record, "");
    let late = world.helping(OTHER).confirm_consent(confirm).await;
    assert_eq!(refusal(late), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn a_repeat_ends_nothing_that_was_given_later() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = world.withdrawing_all(&granted.handle);
    world.helping(ONE).withdraw_all(request.clone()).await.unwrap();
    world.clock.advance(Duration::from_mins(1));
    let question = world.question(vec![crate::acts::provision()]);
    let proposal = world.ask(&granted.resident, &granted.handle, question).await;
    world.grant(&granted.resident, &proposal).await;
    world.helping(ONE).withdraw_all(request).await.unwrap();
    world.authorize(&granted.handle).await.unwrap();
}
