//! What consent says of grants, and what it does to messages and referrals.

use sluis_proto::consent::v1::GrantChange;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::watch_mailbox_response::Event;
use sluis_proto::referral::v1::{
    Cause, GetMessageRequest, MessageState, Referral, ReferralState, WatchMailboxRequest,
    WatchMailboxResponse,
};
use sluis_types::{MessageId, MessageKind, ThreadId};
use tonic::Streaming;

use crate::letters::{DAY, Grant, HOUR};
use crate::world::{World, refusal};

/// What welfare is told, from now on.
struct Told(Streaming<WatchMailboxResponse>);

impl Told {
    async fn welfare(world: &World) -> Self {
        let request = WatchMailboxRequest::default();
        Self(
            world
                .as_welfare()
                .watch_mailbox(request)
                .await
                .unwrap()
                .into_inner(),
        )
    }

    async fn next(&mut self) -> Event {
        self.0.message().await.unwrap().unwrap().event.unwrap()
    }

    /// Waits until a message is in a state, and gives the cause.
    async fn message(&mut self, id: MessageId, state: MessageState) -> Cause {
        loop {
            if let Event::Message(change) = self.next().await
                && change.message_id == id.to_string()
                && change.state() == state
            {
                return change.cause();
            }
        }
    }

    /// Waits until a referral is in a state.
    async fn referral(&mut self, thread: ThreadId, state: ReferralState) -> Referral {
        loop {
            if let Event::Referral(referral) = self.next().await
                && referral.thread_id == thread.to_string()
                && referral.state() == state
            {
                return referral;
            }
        }
    }
}

async fn has_ciphertext(world: &World, id: MessageId) -> bool {
    let get = GetMessageRequest {
        message_id: id.to_string(),
    };
    world
        .as_ggz()
        .get_message(get)
        .await
        .unwrap()
        .into_inner()
        .message
        .is_some()
}

#[tokio::test]
async fn what_was_not_opened_goes_with_its_consent_and_what_was_opened_waits() {
    let world = World::start().await;
    tokio::spawn(world.referral.jobs());
    let grant = world.grant();
    let (unopened, first) = world.refer(&grant).await;
    let (arrived, second) = world.refer(&grant).await;
    world.acknowledge(&[second]).await;
    let (opened, third) = world.refer(&grant).await;
    world.open(third).await;
    let note = world.letter(MessageKind::Note, opened);
    let note_id = note.id();
    world.send(note, &grant).await.unwrap();
    // The way back has its own consent.
    let feedback = world.letter(MessageKind::Feedback, opened);
    let feedback_id = feedback.id();
    world.send(feedback, &world.grant_back()).await.unwrap();
    let (other, untouched) = world.refer(&world.grant()).await;

    let mut told = Told::welfare(&world).await;
    world.consent.say(grant.id, 1, GrantChange::Ended);
    told.referral(opened, ReferralState::OnHold).await;
    for id in [first, second, note_id] {
        assert!(!has_ciphertext(&world, id).await);
        let get = GetMessageRequest {
            message_id: id.to_string(),
        };
        let got = world.as_welfare().get_message(get).await.unwrap().into_inner();
        assert_eq!(got.state(), MessageState::Cancelled);
    }
    for thread in [unopened, arrived] {
        let shown = world.shown(thread).await;
        assert_eq!(
            (shown.state(), shown.cause()),
            (ReferralState::Cancelled, Cause::ConsentWithdrawn)
        );
    }
    let held = world.shown(opened).await;
    assert_eq!(
        (held.state(), held.cause()),
        (ReferralState::OnHold, Cause::ConsentWithdrawn)
    );
    assert!(has_ciphertext(&world, third).await, "an opening is not undone");
    assert!(has_ciphertext(&world, untouched).await);
    assert_eq!(world.shown(other).await.version, 1);
    let get = GetMessageRequest {
        message_id: feedback_id.to_string(),
    };
    assert!(
        world
            .as_welfare()
            .get_message(get)
            .await
            .unwrap()
            .into_inner()
            .message
            .is_some()
    );

    // A token that is still valid does not help.
    let outcome = world.send(world.letter(MessageKind::Note, opened), &grant).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    let outcome = world
        .send(world.letter(MessageKind::Referral, world.thread_id()), &grant)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    world.end().await;
}

#[tokio::test]
async fn a_grant_that_ended_before_its_first_message_lets_none_through() {
    let world = World::start().await;
    tokio::spawn(world.referral.jobs());
    let (known, unknown) = (world.grant(), world.grant());
    let (_, id) = world.refer(&known).await;
    let mut told = Told::welfare(&world).await;
    world.consent.say(unknown.id, 1, GrantChange::Ended);
    world.consent.say(known.id, 1, GrantChange::Ended);
    // Events come in order: when the second has taken effect, so has the first.
    told.message(id, MessageState::Cancelled).await;
    let outcome = world
        .send(world.letter(MessageKind::Referral, world.thread_id()), &unknown)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    world.end().await;
}

#[tokio::test]
async fn a_newer_version_asks_for_sealing_again_and_one_replacement_takes_the_place() {
    let world = World::start().await;
    tokio::spawn(world.referral.jobs());
    let grant = world.grant();
    let (thread, id) = world.refer(&grant).await;
    let (opened_thread, opened) = world.refer(&grant).await;
    world.open(opened).await;
    let mut told = Told::welfare(&world).await;
    world.consent.say(grant.id, 1, GrantChange::Superseded);
    assert_eq!(
        told.message(id, MessageState::ResealNeeded).await,
        Cause::Unspecified
    );
    assert!(!has_ciphertext(&world, id).await);
    assert_eq!(
        world.shown(thread).await.state(),
        ReferralState::Submitted,
        "it waits for its sender"
    );
    assert_eq!(world.shown(opened_thread).await.state(), ReferralState::InReview);

    let again = || world.letter(MessageKind::Referral, thread).replacing(id);
    let outcome = world.send(again(), &grant).await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::GrantTokenRefused,
        "the old version is over"
    );
    let newer = grant.next(world.randomness.as_ref());
    let replacement = again();
    let replacement_id = replacement.id();
    world.send(replacement, &newer).await.unwrap();
    let outcome = world.send(again(), &newer).await;
    assert_eq!(refusal(outcome), ErrorReason::ReplacementRefused);
    world.open(replacement_id).await;
    assert_eq!(world.shown(thread).await.state(), ReferralState::InReview);
    world.end().await;
}

#[tokio::test]
async fn what_is_not_sealed_again_in_time_ends_with_its_consent() {
    let world = World::start().await;
    let running = tokio::spawn(world.referral.jobs());
    let grant = world.grant();
    let (thread, id) = world.refer(&grant).await;
    let mut told = Told::welfare(&world).await;
    world.consent.say(grant.id, 1, GrantChange::Superseded);
    told.message(id, MessageState::ResealNeeded).await;
    running.abort();
    world.clock.advance(9 * DAY);
    world.referral.run_timers().await.unwrap();
    assert_eq!(world.shown(thread).await.state(), ReferralState::Submitted);
    world.clock.advance(DAY + HOUR);
    world.referral.run_timers().await.unwrap();
    assert_eq!(
        told.message(id, MessageState::Cancelled).await,
        Cause::ConsentWithdrawn
    );
    let shown = world.shown(thread).await;
    assert_eq!(
        (shown.state(), shown.cause()),
        (ReferralState::Cancelled, Cause::ConsentWithdrawn)
    );
    let late = world.letter(MessageKind::Referral, thread).replacing(id);
    let newer = grant.next(world.randomness.as_ref());
    assert_eq!(
        refusal(world.send(late, &newer).await),
        ErrorReason::ReplacementRefused
    );
    world.end().await;
}

#[tokio::test]
async fn a_pause_holds_and_gives_back() {
    let world = World::start().await;
    tokio::spawn(world.referral.jobs());
    let grant = world.grant();
    let (unopened, id) = world.refer(&grant).await;
    let (opened, other) = world.refer(&grant).await;
    world.open(other).await;
    let mut told = Told::welfare(&world).await;
    world.consent.say(grant.id, 1, GrantChange::Paused);
    for thread in [unopened, opened] {
        let held = loop {
            let shown = world.shown(thread).await;
            if shown.state() == ReferralState::OnHold {
                break shown;
            }
            told.next().await;
        };
        assert_eq!(held.cause(), Cause::ConsentPaused);
    }
    assert!(
        has_ciphertext(&world, id).await,
        "the key is kept, so is the ciphertext"
    );
    let outcome = world.send(world.letter(MessageKind::Note, opened), &grant).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    // What arrives meanwhile has arrived when it goes on.
    world.acknowledge(&[id]).await;
    world.consent.say(grant.id, 1, GrantChange::Resumed);
    told.referral(unopened, ReferralState::Delivered).await;
    let back = world.shown(opened).await;
    assert_eq!(
        (back.state(), back.cause()),
        (ReferralState::InReview, Cause::Unspecified)
    );
    world
        .send(world.letter(MessageKind::Note, opened), &grant)
        .await
        .unwrap();
    world.end().await;
}

#[tokio::test]
async fn repeats_change_nothing_and_the_watch_goes_on_where_it_was() {
    let world = World::start().await;
    tokio::spawn(world.referral.jobs());
    let (grant, last) = (world.grant(), world.grant());
    let (thread, id) = world.refer(&grant).await;
    world.open(id).await;
    let (_, marker) = world.refer(&last).await;
    let mut told = Told::welfare(&world).await;
    world.consent.say(grant.id, 1, GrantChange::Superseded);
    world.consent.say(grant.id, 2, GrantChange::Ended);
    let held = told.referral(thread, ReferralState::OnHold).await;
    world.consent.repeat_everything();
    world.consent.break_off();
    world.consent.say(last.id, 1, GrantChange::Ended);
    told.message(marker, MessageState::Cancelled).await;
    assert_eq!(world.shown(thread).await, held, "told again, done once");
    let opened_with = world.consent.opened_with();
    assert!(opened_with[0].is_empty());
    assert!(
        opened_with.len() > 1 && !opened_with.last().unwrap().is_empty(),
        "it resumed"
    );
    world.end().await;
}

#[tokio::test]
async fn what_was_missed_is_asked_about() {
    let world = World::start().await;
    let running = tokio::spawn(world.referral.jobs());
    let marker = world.grant();
    let (_, seen) = world.refer(&marker).await;
    let mut told = Told::welfare(&world).await;
    world.consent.say(marker.id, 1, GrantChange::Superseded);
    told.message(seen, MessageState::ResealNeeded).await;
    running.abort();

    // Meanwhile one ends, one gets a third version, one is paused, one lives; consent forgets its events.
    let grants: [Grant; 4] = std::array::from_fn(|_| world.grant());
    let mut referrals = Vec::new();
    for grant in &grants {
        referrals.push(world.refer(grant).await);
    }
    world.consent.say(grants[0].id, 1, GrantChange::Ended);
    world.consent.lapse();
    world.consent.set_standing(marker.id, 2, false);
    world.consent.set_standing(grants[0].id, 0, false);
    world.consent.set_standing(grants[1].id, 3, false);
    world.consent.set_standing(grants[2].id, 1, true);
    world.consent.set_standing(grants[3].id, 1, false);
    tokio::spawn(world.referral.jobs());
    // In no particular order: wait for each.
    let settled = [
        ReferralState::Cancelled,
        ReferralState::Submitted,
        ReferralState::OnHold,
        ReferralState::Submitted,
    ];
    for ((thread, _), state) in referrals.iter().zip(settled) {
        while world.shown(*thread).await.state() != state {
            told.next().await;
        }
    }
    let reseal = referrals[1].1;
    while has_ciphertext(&world, reseal).await {
        told.next().await;
    }
    assert!(!has_ciphertext(&world, referrals[0].1).await);
    assert!(has_ciphertext(&world, referrals[2].1).await);
    assert!(has_ciphertext(&world, referrals[3].1).await);
    // And from here on events are followed again.
    world.consent.say(grants[3].id, 1, GrantChange::Ended);
    told.message(referrals[3].1, MessageState::Cancelled).await;
    world.end().await;
}
