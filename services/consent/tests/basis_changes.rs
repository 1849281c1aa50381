//! EndLegalBasis, ReviewLegalBasis, ListOwnLegalBases, and what ends by itself.

use std::time::Duration;

use sluis_proto::consent::v1::{self as proto, AccessKind, LegalBasis, LegalBasisState, ReviewOutcome};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::ProfessionalRole;

use crate::basis_acts::OFFICER;
use crate::changing::NO_GRANT;
use crate::representatives::{ONE, OTHER};
use crate::world::{World, refusal};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn end_legal_basis_works() {
    let world = World::start().await;
    let (resident, _, record) = world.in_arrears("anna").await;
    let id = &record.legal_basis_id;
    let ended = world.end_basis(&world.stranger, id).await;
    assert_eq!(ended.state(), LegalBasisState::Ended);
    assert!(ended.ended_at.is_some());
    assert_eq!(world.seen_bases(&resident).await, std::slice::from_ref(&ended));
    assert_eq!(world.log(&resident).await[0].kind(), AccessKind::LegalBasisEnded);
    // One that waits ends too.
    let handle = world.link(&resident, &world.stranger).await;
    let waiting = world.record_basis(&world.stranger, world.arrears(&handle)).await;
    let ended = world.end_basis(&world.stranger, &waiting.legal_basis_id).await;
    assert_eq!(ended.state(), LegalBasisState::Ended);
    let confirm = world.confirming_basis(&waiting.legal_basis_id);
    let late = world
        .basing(&world.stranger, OTHER)
        .confirm_legal_basis(confirm)
        .await;
    assert_eq!(refusal(late), ErrorReason::IllegalTransition);
}

#[tokio::test]
async fn end_legal_basis_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (_, _, record) = world.in_arrears("anna").await;
    let request = world.ending_basis(&record.legal_basis_id);
    let mut one = world.basing(&world.stranger, ONE);
    let first = one.end_legal_basis(request.clone()).await.unwrap().into_inner();
    let again = one.end_legal_basis(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let anew = one
        .end_legal_basis(world.ending_basis(&record.legal_basis_id))
        .await;
    assert_eq!(anew.unwrap().into_inner().record, first.record, "it had ended");
}

#[tokio::test]
async fn end_legal_basis_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (resident, _, record) = world.in_arrears("anna").await;
    let id = &record.legal_basis_id;
    for other in [&world.municipality, &world.welfare] {
        let refused = world
            .basing(other, ONE)
            .end_legal_basis(world.ending_basis(id))
            .await;
        assert_eq!(refusal(refused), ErrorReason::NotAvailable);
    }
    let mut volunteer = world.bases(world.stranger.oin, ONE, ProfessionalRole::Volunteer);
    let refused = volunteer.end_legal_basis(world.ending_basis(id)).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    assert_eq!(
        world.seen_bases(&resident).await[0].state(),
        LegalBasisState::Active
    );
}

#[tokio::test]
async fn end_legal_basis_answers_an_unknown_id() {
    let world = World::start().await;
    let mut one = world.basing(&world.welfare, ONE);
    let unknown = one.end_legal_basis(world.ending_basis(NO_GRANT)).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let granted = world.granted("anna").await;
    let consent = one
        .end_legal_basis(world.ending_basis(&granted.grant.grant_id))
        .await;
    assert_eq!(
        refusal(consent),
        ErrorReason::NotAvailable,
        "a consent is the resident's"
    );
}

#[tokio::test]
async fn review_legal_basis_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let record = world.record_basis(&world.welfare, world.emergency(&handle)).await;
    let id = &record.legal_basis_id;
    assert_eq!(record.state(), LegalBasisState::Active);
    let queue = world.queue(&world.welfare).await;
    let [waiting] = queue.as_slice() else {
        panic!("emergency access waits for the privacy officer")
    };
    assert_eq!(waiting.record.as_ref(), Some(&record));
    assert_eq!(waiting.handle, handle.expose());
    let review = world.reviewing(id, ReviewOutcome::Unfounded);
    let reviewed = world.officer(&world.welfare).review_legal_basis(review).await;
    let reviewed = reviewed.unwrap().into_inner().record.unwrap();
    assert_eq!(
        (reviewed.state(), reviewed.review_outcome(), reviewed.review_waits),
        (LegalBasisState::Ended, ReviewOutcome::Unfounded, false)
    );
    assert!(world.queue(&world.welfare).await.is_empty());
    let newest = world.log(&resident).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.role.as_str()),
        (AccessKind::LegalBasisReviewed, "PRIVACY_OFFICER")
    );
    let sent = world.signal_on(id, &handle).await;
    assert_eq!(refusal(sent.map(drop)), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn review_legal_basis_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let record = world.record_basis(&world.welfare, world.emergency(&handle)).await;
    let mut officer = world.officer(&world.welfare);
    let request = world.reviewing(&record.legal_basis_id, ReviewOutcome::Upheld);
    let first = officer
        .review_legal_basis(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = officer.review_legal_basis(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(first.record.unwrap().state(), LegalBasisState::Active);
    let twice = world.reviewing(&record.legal_basis_id, ReviewOutcome::Upheld);
    assert_eq!(
        refusal(officer.review_legal_basis(twice).await),
        ErrorReason::IllegalTransition,
        "nothing waits any more"
    );
}

#[tokio::test]
async fn review_legal_basis_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let record = world.record_basis(&world.welfare, world.emergency(&handle)).await;
    let request = || world.reviewing(&record.legal_basis_id, ReviewOutcome::Upheld);
    let professional = world
        .basing(&world.welfare, OTHER)
        .review_legal_basis(request())
        .await;
    assert_eq!(refusal(professional), ErrorReason::RoleRefused);
    let elsewhere = world.officer(&world.ggz).review_legal_basis(request()).await;
    assert_eq!(refusal(elsewhere), ErrorReason::NotAvailable);
    // In the role of an officer, whoever recorded it is still who recorded it.
    let mut own = world.bases(world.welfare.oin, ONE, ProfessionalRole::PrivacyOfficer);
    assert_eq!(
        refusal(own.review_legal_basis(request()).await),
        ErrorReason::SecondPersonNeeded
    );
}

#[tokio::test]
async fn review_legal_basis_answers_an_unknown_id() {
    let world = World::start().await;
    let request = world.reviewing(NO_GRANT, ReviewOutcome::Upheld);
    let unknown = world.officer(&world.welfare).review_legal_basis(request).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let nothing = world.reviewing(NO_GRANT, ReviewOutcome::Unspecified);
    let nothing = world.officer(&world.welfare).review_legal_basis(nothing).await;
    assert_eq!(refusal(nothing), ErrorReason::InvalidField);
}

#[tokio::test]
async fn list_own_legal_bases_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let record = world.record_basis(&world.welfare, world.danger(&handle)).await;
        ids.insert(0, record.legal_basis_id);
    }
    let (mut one, mut listed, mut page_token) =
        (world.basing(&world.welfare, ONE), Vec::new(), String::new());
    loop {
        let request = proto::ListOwnLegalBasesRequest {
            review_waits: false,
            page_size: 2,
            page_token,
        };
        let page = one.list_own_legal_bases(request).await.unwrap().into_inner();
        assert!(page.records.len() <= 2);
        listed.extend(
            page.records
                .into_iter()
                .map(|own| own.record.unwrap().legal_basis_id),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, ids, "newest first");
    assert!(world.queue(&world.welfare).await.is_empty(), "none of them waits");
    assert!(world.queue(&world.ggz).await.is_empty());
    // The token of one list is not that of another.
    let first = proto::ListOwnLegalBasesRequest {
        page_size: 1,
        ..proto::ListOwnLegalBasesRequest::default()
    };
    let page = one.list_own_legal_bases(first).await.unwrap().into_inner();
    let crossed = proto::ListOwnLegalBasesRequest {
        review_waits: true,
        page_size: 1,
        page_token: page.next_page_token,
    };
    assert_eq!(
        refusal(one.list_own_legal_bases(crossed).await),
        ErrorReason::BadPageToken
    );
}

#[tokio::test]
async fn list_own_legal_bases_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (_, _, _) = world.in_arrears("anna").await;
    let request = proto::ListOwnLegalBasesRequest::default;
    let mut volunteer = world.bases(world.stranger.oin, ONE, ProfessionalRole::Volunteer);
    let refused = volunteer.list_own_legal_bases(request()).await;
    assert_eq!(refusal(refused), ErrorReason::RoleRefused);
    // The recipient finds nothing: it is not its own.
    let other = world
        .officer(&world.municipality)
        .list_own_legal_bases(request())
        .await;
    assert!(other.unwrap().into_inner().records.is_empty());
}

#[tokio::test]
async fn what_nobody_confirmed_lapses_and_what_somebody_did_lasts() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let alone = world.record_basis(&world.welfare, world.danger(&handle)).await;
    let seen = world.record_basis(&world.welfare, world.danger(&handle)).await;
    let sent = world.signal_on(&alone.legal_basis_id, &handle).await.unwrap();
    let lasting = world.signal_on(&seen.legal_basis_id, &handle).await.unwrap();
    let seen = world.confirm_basis(&world.welfare, &seen.legal_basis_id).await;
    assert_eq!(seen.state(), LegalBasisState::Active);
    world.clock.advance(24 * HOUR);
    assert_eq!(
        refusal(world.open(&sent).await.map(drop)),
        ErrorReason::NotAvailable,
        "before any timer came by"
    );
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    world.open(&lasting).await.unwrap();
    let resident = world.log_in("anna").await;
    let states: Vec<_> = world
        .seen_bases(&resident)
        .await
        .iter()
        .map(proto::LegalBasisRecord::state)
        .collect();
    assert_eq!(states, [LegalBasisState::Active, LegalBasisState::Expired]);
    world.clock.advance(20 * 24 * HOUR);
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    assert_eq!(
        refusal(world.open(&lasting).await.map(drop)),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn emergency_access_ends_within_a_day_and_waits_for_its_review() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let handle = world.link(&resident, &world.welfare).await;
    let record = world.record_basis(&world.welfare, world.emergency(&handle)).await;
    let id = &record.legal_basis_id;
    let lasts = record.valid_until.unwrap().seconds - world.now().seconds();
    assert!((23 * 3600..=24 * 3600).contains(&lasts), "{lasts} s");
    let sent = world.signal_on(id, &handle).await.unwrap();
    let opened = world.open(&sent).await.unwrap();
    let newest = world.log(&resident).await.remove(0);
    assert_eq!(
        (newest.kind(), newest.legal_basis()),
        (AccessKind::Opened, LegalBasis::VitalInterest),
        "marked as an emergency"
    );
    drop(opened);
    // Nobody makes it last longer.
    let longer = world.basing(&world.welfare, OTHER);
    let longer = longer
        .clone()
        .confirm_legal_basis(world.confirming_basis(id))
        .await;
    assert_eq!(refusal(longer), ErrorReason::IllegalTransition);
    world.clock.advance(24 * HOUR);
    assert_eq!(world.consent.expire().await.unwrap().grants, 1);
    assert_eq!(
        refusal(world.open(&sent).await.map(drop)),
        ErrorReason::NotAvailable
    );
    // It is over, and still waits for somebody to look at it.
    assert_eq!(world.queue(&world.welfare).await.len(), 1);
    let review = world.reviewing(id, ReviewOutcome::Upheld);
    let mut officer = world.bases(world.welfare.oin, OFFICER, ProfessionalRole::PrivacyOfficer);
    let reviewed = officer.review_legal_basis(review).await.unwrap().into_inner();
    assert_eq!(reviewed.record.unwrap().state(), LegalBasisState::Expired);
    assert!(world.queue(&world.welfare).await.is_empty());
}
