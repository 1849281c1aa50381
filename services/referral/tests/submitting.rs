//! SubmitMessage.

use std::time::Duration;

use sluis_envelope::{KeyKind, LeafPromise, Signed, SigningKey, SubmissionReceipt};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{
    GetMessageRequest, MessageState, ReferralState, SealedMessage, SubmitMessageRequest,
};
use sluis_types::MessageKind;

use crate::letters::{DAY, Grant, HOUR, grant_token_key, oin, submission};
use crate::world::{World, refusal};

#[tokio::test]
async fn submit_message_works() {
    let world = World::start().await;
    let grant = world.grant();
    let thread = world.thread_id();
    let letter = world.letter(MessageKind::Referral, thread);
    let id = letter.id();
    let envelope = world.seal(letter, &grant);
    let request = submission(&envelope, &grant.token(world.now()));
    let reply = world
        .as_welfare()
        .submit_message(request.clone())
        .await
        .unwrap()
        .into_inner();

    let public = sluis_referral::public_keys(&world.keys).unwrap();
    let receipt = Signed::<SubmissionReceipt>::parse(&reply.receipt).unwrap();
    let receipt = receipt.verify(&public.receipt, world.now()).unwrap();
    assert_eq!(receipt.manifest_hash, envelope.manifest.hash());
    assert_eq!(receipt.received_at, world.now());
    let promise = Signed::<LeafPromise>::parse(&reply.leaf_promise).unwrap();
    promise.verify(&public.log, world.now()).unwrap();

    let get = GetMessageRequest {
        message_id: id.to_string(),
    };
    let got = world.as_ggz().get_message(get).await.unwrap().into_inner();
    assert_eq!(got.message, request.message, "byte for byte");
    assert_eq!(got.receipt, reply.receipt);
    assert_eq!(got.state(), MessageState::Submitted);
    let shown = world.shown(thread).await;
    assert_eq!((shown.state(), shown.version), (ReferralState::Submitted, 1));
    assert_eq!(shown.sender, world.welfare.oin.to_string());
    world.end().await;
}

#[tokio::test]
async fn submit_message_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let grant = world.grant();
    let letter = world.letter(MessageKind::Referral, world.thread_id());
    let envelope = world.seal(letter, &grant);
    let first = submission(&envelope, &grant.token(world.now()));
    let mut client = world.as_welfare();
    let reply = client.submit_message(first.clone()).await.unwrap().into_inner();

    // A fresh token is fine; so is one that is over by now, and a grant that has ended.
    world.clock.advance(Duration::from_mins(20));
    let again = client.submit_message(first.clone()).await.unwrap().into_inner();
    assert_eq!(again, reply);
    let fresh = submission(&envelope, &grant.token(world.now()));
    assert_eq!(client.submit_message(fresh).await.unwrap().into_inner(), reply);

    // Also after requests are forgotten: the message id is the key for ever.
    world.clock.advance(8 * DAY);
    world.referral.run_timers().await.unwrap();
    let late = submission(&envelope, &grant.token(world.now()));
    let late = client.submit_message(late).await.unwrap().into_inner();
    assert_eq!(late.receipt, reply.receipt);
    world.end().await;
}

#[tokio::test]
async fn another_message_under_the_same_id_is_refused() {
    let world = World::start().await;
    let grant = world.grant();
    let letter = world.letter(MessageKind::Referral, world.thread_id());
    let id = letter.id();
    world.send(letter, &grant).await.unwrap();
    let mut other = world.letter(MessageKind::Referral, world.thread_id());
    other.draft.message_id = id;
    assert_eq!(
        refusal(world.send(other, &grant).await),
        ErrorReason::RequestIdReused
    );

    // Another organisation cannot take the id either, and learns nothing of whose it is.
    let back = world.grant_back();
    let mut theirs = world.letter(MessageKind::Referral, world.thread_id());
    theirs.draft.message_id = id;
    assert_eq!(
        refusal(world.send(theirs, &back).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

/// A signal to its one recipient is handled like a referral: a thread with states, and feedback.
#[tokio::test]
async fn a_signal_opens_a_thread_of_its_own() {
    let world = World::start().await;
    let (grant, back) = (world.grant(), world.grant_back());
    let thread = world.thread_id();
    world
        .send(world.letter(MessageKind::Signal, thread), &grant)
        .await
        .unwrap();
    let shown = world.shown(thread).await;
    assert_eq!((shown.state(), shown.version), (ReferralState::Submitted, 1));
    let feedback = world.letter(MessageKind::Feedback, thread);
    world.send(feedback, &back).await.unwrap();
    // One thread is opened once.
    let again = world
        .send(world.letter(MessageKind::Signal, thread), &grant)
        .await;
    assert_eq!(refusal(again), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn submit_message_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    let letter = world.letter(MessageKind::Referral, world.thread_id());
    let envelope = world.seal(letter, &grant);
    let request = submission(&envelope, &grant.token(world.now()));
    let outcome = world.as_ggz().submit_message(request.clone()).await;
    assert_eq!(refusal(outcome), ErrorReason::BadSignature);
    // Not a member at all.
    let outcome = world.client(oin(9)).submit_message(request).await;
    assert_eq!(refusal(outcome), ErrorReason::KeyRefused);
    world.end().await;
}

#[tokio::test]
async fn submit_message_answers_an_unknown_id() {
    let world = World::start().await;
    let (grant, back) = (world.grant(), world.grant_back());
    let (thread, _) = world.refer(&grant).await;
    for kind in [MessageKind::Note, MessageKind::Amendment, MessageKind::Feedback] {
        let outcome = world.send(world.letter(kind, world.thread_id()), &grant).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable, "{kind:?}");
    }
    // A thread of others is the same answer.
    let strangers = Grant::new(world.stranger.oin, world.ggz.oin, world.randomness.as_ref());
    let outcome = world
        .send(world.letter(MessageKind::Note, thread), &strangers)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    // So is a referral into a thread that is there.
    let outcome = world
        .send(world.letter(MessageKind::Referral, thread), &grant)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    // Feedback comes from who was asked.
    let outcome = world
        .send(world.letter(MessageKind::Feedback, thread), &grant)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world
        .send(world.letter(MessageKind::Feedback, thread), &back)
        .await
        .unwrap();
    world
        .send(world.letter(MessageKind::Note, thread), &grant)
        .await
        .unwrap();
    world
        .send(world.letter(MessageKind::Note, thread), &back)
        .await
        .unwrap();
    world.end().await;
}

#[tokio::test]
async fn only_a_token_of_consent_that_fits_and_is_valid_lets_a_message_through() {
    let world = World::start().await;
    let grant = world.grant();
    let other = world.grant();
    let newer = grant.next(world.randomness.as_ref());
    let request = |token: Vec<u8>| {
        let envelope = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
        let good = submission(&envelope, &grant.token(world.now()));
        SubmitMessageRequest {
            grant_token: token.into(),
            ..good
        }
    };
    let now = world.now();
    let forged = Signed::sign(
        (*grant.token(now)).clone(),
        &SigningKey::from_seed(KeyKind::GrantToken, &[99; 32]),
    );
    let refused = [
        other.token(now).encode(),
        newer.token(now).encode(),
        grant.token(now.minus(HOUR)).encode(),
        forged.encode(),
    ];
    for token in refused {
        let outcome = world.as_welfare().submit_message(request(token)).await;
        assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    }
    for token in [vec![], vec![0; 50], vec![7; 100_000]] {
        let outcome = world.as_welfare().submit_message(request(token)).await;
        assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    }
    // What was refused may be submitted again under the same id.
    let envelope = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
    let bad = SubmitMessageRequest {
        grant_token: other.token(now).encode().into(),
        ..submission(&envelope, &grant.token(now))
    };
    let outcome = world.as_welfare().submit_message(bad).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    world
        .as_welfare()
        .submit_message(submission(&envelope, &grant.token(now)))
        .await
        .unwrap();
    assert_eq!(grant_token_key().kind(), KeyKind::GrantToken);
    world.end().await;
}

/// The same submission with one thing changed.
fn changed(good: &SubmitMessageRequest, change: impl FnOnce(&mut SealedMessage)) -> SubmitMessageRequest {
    let mut request = good.clone();
    change(request.message.as_mut().unwrap());
    request
}

fn flipped(bytes: &[u8], at: usize) -> bytes::Bytes {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes.into()
}

#[tokio::test]
async fn what_does_not_verify_is_refused_and_nothing_is_stored() {
    let world = World::start().await;
    let grant = world.grant();
    let envelope = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
    let good = submission(&envelope, &grant.token(world.now()));
    let last = envelope.manifest.encode().len() - 1;
    let signature = changed(&good, |it| it.manifest = flipped(&it.manifest, last));
    let outcome = world.as_welfare().submit_message(signature).await;
    assert_eq!(refusal(outcome), ErrorReason::BadSignature);
    for malformed in [
        changed(&good, |it| it.manifest = bytes::Bytes::new()),
        changed(&good, |it| it.manifest = it.manifest.slice(..100)),
        changed(&good, |it| it.manifest = [&it.manifest[..], &[0]].concat().into()),
        changed(&good, |it| it.sealed_r = flipped(&it.sealed_r, 5)),
        changed(&good, |it| it.sealed_c = flipped(&it.sealed_c, 5)),
        changed(&good, |it| it.content = flipped(&it.content, 5)),
        changed(&good, |it| it.content = it.content.slice(..10)),
    ] {
        let outcome = world.as_welfare().submit_message(malformed).await;
        assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    }
    for invalid in [
        SubmitMessageRequest {
            message: None,
            ..good.clone()
        },
        SubmitMessageRequest {
            request_id: world.request_id(),
            ..good.clone()
        },
        SubmitMessageRequest {
            request_id: "\0".repeat(36),
            ..good.clone()
        },
        SubmitMessageRequest {
            request_id: "a".repeat(1 << 20),
            ..good.clone()
        },
    ] {
        let outcome = world.as_welfare().submit_message(invalid).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    let oversized = changed(&good, |it| it.content = vec![0; 4_800_000].into());
    assert_eq!(
        refusal(world.as_welfare().submit_message(oversized).await),
        ErrorReason::TooLarge
    );
    let get = GetMessageRequest {
        message_id: good.request_id.clone(),
    };
    assert_eq!(
        refusal(world.as_welfare().get_message(get).await),
        ErrorReason::NotAvailable
    );
    world.as_welfare().submit_message(good).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn times_kinds_and_keys_are_checked() {
    let world = World::start().await;
    let grant = world.grant();
    let letter = || world.letter(MessageKind::Referral, world.thread_id());
    let now = world.now();

    let mut early = letter();
    early.draft.created = now.plus(2 * HOUR);
    assert_eq!(refusal(world.send(early, &grant).await), ErrorReason::ClockSkew);
    let mut stale = letter();
    stale.draft.created = now.minus(DAY);
    stale.draft.respond_by = None;
    stale.draft.expires = now;
    assert_eq!(
        refusal(world.send(stale, &grant).await),
        ErrorReason::InvalidField
    );
    let mut late = letter();
    late.draft.created = now.minus(DAY);
    late.draft.respond_by = Some(now);
    assert_eq!(refusal(world.send(late, &grant).await), ErrorReason::InvalidField);
    for kind in [MessageKind::AgendaItem, MessageKind::ContactBox] {
        let outcome = world.send(world.letter(kind, world.thread_id()), &grant).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }

    // Signed by a key that the sender's statement does not list.
    let token = grant.token(now);
    let mut impostor = crate::letters::Organisation::new(
        1,
        sluis_types::OrganisationKind::Welfare,
        world.randomness.as_ref(),
    );
    impostor.oin = world.welfare.oin;
    let envelope = letter().seal(&impostor, &world.ggz, &token, world.randomness.as_ref());
    let outcome = world
        .as_welfare()
        .submit_message(submission(&envelope, &token))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::KeyRefused);
    // Sealed to a key that is not the recipient's.
    let mut other = crate::letters::Organisation::new(
        2,
        sluis_types::OrganisationKind::MentalHealth,
        world.randomness.as_ref(),
    );
    other.oin = world.ggz.oin;
    let envelope = letter().seal(&world.welfare, &other, &token, world.randomness.as_ref());
    let outcome = world
        .as_welfare()
        .submit_message(submission(&envelope, &token))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::KeyRefused);
    // To someone who is not in the mesh.
    let nobody = Grant::new(world.welfare.oin, oin(9), world.randomness.as_ref());
    other.oin = oin(9);
    let token = nobody.token(now);
    let envelope = letter().seal(&world.welfare, &other, &token, world.randomness.as_ref());
    let outcome = world
        .as_welfare()
        .submit_message(submission(&envelope, &token))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}
