//! What a session can do, and as whom.

use futures_util::future::join_all;
use prost::Message as _;
use serde_json::json;
use sluis_gateway::{Session, SessionToken};
use sluis_proto::consent::v1 as consent;
use sluis_proto::matching::v1 as matching;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1 as referral;
use sluis_proto::registry::v1 as registry;
use sluis_serve::{Caller, Refusal, ResidentCaller, session_hash};
use sluis_types::{GrantId, IntroductionId, KeyId, RequestId, ThreadId};
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::logging_in::{Login, login};
use crate::mesh::after;
use crate::services::Seen;

const ISSUE_TICKET: &str = "/sluis.consent.v1.ResidentConsentService/IssueTicket";

/// A session of somebody who represents somebody else.
async fn session(login: &Login) -> (SessionToken, Session) {
    let who = login
        .with_claim("represents", json!({"sub": "pairwise-resident"}))
        .await
        .unwrap();
    let side = login.mesh.gateway.resident();
    let started = side.log_in(&who).await.unwrap();
    assert_eq!(started.expires_at, after(3600));
    let session = side.session(&started.token).await.unwrap();
    (started.token, session)
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> Option<ErrorReason> {
    Refusal::reason_of(&answer.expect_err("refused"))
}

/// The message of a recorded unary request.
fn message<M: prost::Message + Default>(seen: &Seen) -> M {
    M::decode(&seen.body[5..]).unwrap()
}

#[tokio::test]
async fn a_session_begins_is_found_and_ends() {
    let login = login().await;
    let (token, session) = session(&login).await;
    let side = login.mesh.gateway.resident();
    assert!(session.represents_somebody());
    assert_eq!(
        session.level_of_assurance(),
        consent::LevelOfAssurance::Substantial
    );
    assert_eq!(session.expires_at(), after(3600));
    assert_eq!(format!("{session:?} {token:?}"), "Session(…) SessionToken(…)");
    side.log_out(&token).await.unwrap();
    assert_eq!(
        reason(side.session(&token).await),
        Some(ErrorReason::SessionEnded)
    );
    side.log_out(&token).await.expect("again is no fault");
    let unknown = SessionToken::from_bytes(&[9; 32]).unwrap();
    assert_eq!(
        reason(side.session(&unknown).await),
        Some(ErrorReason::SessionEnded)
    );
    assert!(SessionToken::from_bytes(&[9; 31]).is_none());
}

#[tokio::test]
async fn failed_logins_from_one_source_close_the_door_for_it() {
    let login = login().await;
    let side = login.mesh.gateway.resident();
    let (one, other) = ([1; 32], [2; 32]);
    for _ in 0..5 {
        side.check_login_source(&one).await.unwrap();
        side.count_failed_login(&one).await.unwrap();
    }
    assert_eq!(
        reason(side.check_login_source(&one).await),
        Some(ErrorReason::RateLimited)
    );
    side.check_login_source(&other).await.unwrap();
}

#[tokio::test]
async fn nobody_uses_up_what_others_need_to_log_in_or_to_stay_in() {
    let login = login().await;
    let side = login.mesh.gateway.resident();
    let (flooding, neighbour) = ([1; 32], [2; 32]);
    let ended = SessionToken::from_bytes(&[9; 32]).unwrap();
    let (token, _) = session(&login).await;
    // As many as the methods let through at once, while the clock stands still.
    for _ in 0..60 {
        let sources = join_all((0..100).map(|_| side.check_login_source(&flooding))).await;
        assert!(sources.iter().all(Result::is_ok));
        let sessions = join_all((0..100).map(|_| side.session(&ended))).await;
        let gone = |answer: &Result<_, Status>| {
            let status = answer.as_ref().err();
            status.and_then(Refusal::reason_of) == Some(ErrorReason::SessionEnded)
        };
        assert!(sessions.iter().all(gone));
    }
    let limited = Some(ErrorReason::RateLimited);
    assert_eq!(reason(side.check_login_source(&flooding).await), limited);
    assert_eq!(reason(side.session(&ended).await), limited);
    side.check_login_source(&neighbour).await.unwrap();
    side.session(&token).await.unwrap();
}

#[tokio::test]
async fn anybody_gets_the_keys_of_receipts() {
    let login = login().await;
    let path = "/sluis.consent.v1.ReceiptKeyService/GetReceiptKeys";
    let answer = consent::GetReceiptKeysResponse {
        jwk_set: r#"{"keys":[]}"#.into(),
    };
    let replies = &login.mesh.records.replies;
    replies.lock().unwrap().insert(path, answer.encode_to_vec());
    let keys = login.mesh.gateway.resident().receipt_keys().await.unwrap();
    assert_eq!(keys, r#"{"keys":[]}"#);
    assert_eq!(login.mesh.records.last().path, path);
}

#[tokio::test]
async fn a_representative_redeems_a_code_as_who_they_are() {
    let login = login().await;
    let (_, session) = session(&login).await;
    let asked = consent::RedeemMandateCodeRequest {
        request_id: RequestId::from_bytes([1; 16]).to_string(),
        code: "7KQ2M-8XP4T".into(),
    };
    session.redeem_mandate_code(asked.clone()).await.unwrap();
    let seen = login.mesh.records.last();
    assert_eq!(message::<consent::RedeemMandateCodeRequest>(&seen), asked);
    let Caller::Resident(who) = seen.caller else {
        panic!("a resident's call");
    };
    assert_eq!(who.represents.as_deref(), Some("pairwise-resident"));
}

#[tokio::test]
async fn consent_hears_who_it_is() {
    let login = login().await;
    let (token, session) = session(&login).await;
    let request_id = RequestId::from_bytes([1; 16]).to_string();
    let asked = consent::WithdrawGrantRequest {
        request_id,
        grant_id: GrantId::from_bytes([2; 16]).to_string(),
    };
    session.withdraw_grant(asked.clone()).await.unwrap();
    let seen = login.mesh.records.last();
    assert_eq!(
        seen.path,
        "/sluis.consent.v1.ResidentConsentService/WithdrawGrant"
    );
    assert_eq!(message::<consent::WithdrawGrantRequest>(&seen), asked);
    let who = ResidentCaller {
        issuer: login.provider.issuer.clone(),
        subject: "pairwise-noor".into(),
        represents: Some("pairwise-resident".into()),
        session: session_hash(token.expose()),
    };
    assert_eq!(seen.caller, Caller::Resident(who));
}

/// The caller that services other than consent see: nothing of the login.
fn assert_bearer(seen: &Seen, token: &SessionToken) {
    let Caller::Resident(bearer) = &seen.caller else {
        panic!("a resident: {:?}", seen.caller)
    };
    let session = session_hash(token.expose());
    let hex = KeyId::from_bytes(session).to_string();
    assert_eq!(
        (bearer.issuer.as_str(), &bearer.subject, &bearer.represents),
        ("", &hex, &None)
    );
    assert_eq!(bearer.session, session);
}

#[tokio::test]
async fn matching_hears_a_ticket_of_its_own_and_nothing_of_the_login() {
    let login = login().await;
    let (token, session) = session(&login).await;
    let ticket = consent::IssueTicketResponse {
        ticket: b"a ticket".as_slice().into(),
        ..Default::default()
    };
    let replies = &login.mesh.records.replies;
    replies
        .lock()
        .unwrap()
        .insert(ISSUE_TICKET, ticket.encode_to_vec());
    let (grant, introduction) = (GrantId::from_bytes([2; 16]), IntroductionId::from_bytes([3; 16]));
    session.list_introductions(grant).await.unwrap();
    session.list_places(grant).await.unwrap();
    let attempt = RequestId::from_bytes([4; 16]);
    let yes = matching::IntroductionAnswer::Yes;
    session
        .answer_introduction(attempt, grant, introduction, yes, false)
        .await
        .unwrap();
    session
        .end_introduction(attempt, grant, introduction, true)
        .await
        .unwrap();

    let seen = login.mesh.records.seen.lock().unwrap().clone();
    let tickets = seen.iter().filter(|it| it.path == ISSUE_TICKET);
    let tickets: Vec<consent::IssueTicketRequest> = tickets.map(message).collect();
    let audience: i32 = consent::TicketAudience::Matching.into();
    assert!(
        tickets
            .iter()
            .all(|it| it.audience == audience && it.grant_id == grant.to_string())
    );
    let actions: Vec<i32> = tickets.iter().flat_map(|it| it.actions.clone()).collect();
    let wanted = [
        consent::TicketAction::Read,
        consent::TicketAction::Read,
        consent::TicketAction::Decide,
        consent::TicketAction::Stop,
    ];
    assert_eq!(actions, wanted.map(i32::from));
    let at_matching: Vec<&Seen> = seen.iter().filter(|it| it.path.contains("matching")).collect();
    assert_eq!(at_matching.len(), 4);
    for seen in &at_matching {
        assert_bearer(seen, &token);
    }
    let answered: matching::AnswerResidentIntroductionRequest = message(at_matching[2]);
    assert_eq!((&answered.ticket[..], answered.answer()), (&b"a ticket"[..], yes));
    let looked: matching::ListResidentPlacesRequest = message(at_matching[1]);
    assert_eq!(&looked.ticket[..], b"a ticket");
}

#[tokio::test]
async fn referral_hears_a_ticket_and_nothing_of_the_login() {
    let login = login().await;
    let (token, session) = session(&login).await;
    let ticket = consent::IssueTicketResponse {
        ticket: b"a ticket".as_slice().into(),
        ..Default::default()
    };
    login
        .mesh
        .records
        .replies
        .lock()
        .unwrap()
        .insert(ISSUE_TICKET, ticket.encode_to_vec());
    let (grant, thread) = (GrantId::from_bytes([2; 16]), ThreadId::from_bytes([3; 16]));
    session.list_referrals(grant).await.unwrap();
    session
        .stop_referral(RequestId::from_bytes([4; 16]), grant, thread)
        .await
        .unwrap();
    session
        .stop_referral(RequestId::from_bytes([4; 16]), grant, thread)
        .await
        .unwrap();
    session
        .stop_referral(RequestId::from_bytes([5; 16]), grant, thread)
        .await
        .unwrap();

    let seen = login.mesh.records.seen.lock().unwrap().clone();
    let tickets: Vec<consent::IssueTicketRequest> = seen
        .iter()
        .filter(|it| it.path == ISSUE_TICKET)
        .map(message)
        .collect();
    let actions: Vec<i32> = tickets.iter().flat_map(|it| it.actions.clone()).collect();
    let (read, stop): (i32, i32) = (
        consent::TicketAction::Read.into(),
        consent::TicketAction::Stop.into(),
    );
    assert_eq!(actions, [read, stop, stop, stop]);
    assert!(tickets.iter().all(|it| it.grant_id == grant.to_string()));
    // The same attempt asks for the same ticket, another one for another.
    assert_eq!(tickets[1], tickets[2]);
    assert_ne!(tickets[2].request_id, tickets[3].request_id);

    let at_referral: Vec<&Seen> = seen.iter().filter(|it| it.path.contains("referral")).collect();
    assert_eq!(at_referral.len(), 4);
    for seen in &at_referral {
        assert_bearer(seen, &token);
    }
    let listed: referral::ListResidentReferralsRequest = message(at_referral[0]);
    assert_eq!(&listed.ticket[..], b"a ticket");
    let stopped: referral::StopResidentReferralRequest = message(at_referral[1]);
    assert_eq!(
        (&stopped.ticket[..], stopped.thread_id),
        (&b"a ticket"[..], thread.to_string())
    );
    assert_eq!(stopped.request_id, RequestId::from_bytes([4; 16]).to_string());
}

#[tokio::test]
async fn registry_hears_nothing_of_the_login_either() {
    let login = login().await;
    let (token, session) = session(&login).await;
    session
        .get_organisation(registry::GetOrganisationRequest::default())
        .await
        .unwrap();
    assert_bearer(&login.mesh.records.last(), &token);
}

#[tokio::test]
async fn a_session_that_asks_too_often_hears_when_to_come_back() {
    let login = login().await;
    let (_, session) = session(&login).await;
    for _ in 0..10 {
        session
            .create_link_code(consent::CreateLinkCodeRequest::default())
            .await
            .expect("within the burst");
    }
    let status = session
        .create_link_code(consent::CreateLinkCodeRequest::default())
        .await
        .expect_err("too often");
    assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::RateLimited));
    assert!(status.get_error_details().retry_info().is_some());
    session
        .list_links(consent::ListLinksRequest {})
        .await
        .expect("another method");
}

#[tokio::test]
async fn a_service_that_is_gone_is_temporarily_closed() {
    let mut login = login().await;
    let (token, session) = session(&login).await;
    login.mesh.services_stop.request();
    for service in std::mem::take(&mut login.mesh.services) {
        service.drained().await;
    }
    let gone = session.list_grants(consent::ListGrantsRequest {}).await;
    assert_eq!(reason(gone), Some(ErrorReason::TemporarilyClosed));
    let side = login.mesh.gateway.resident();
    assert_eq!(
        reason(side.session(&token).await),
        Some(ErrorReason::TemporarilyClosed)
    );
}
