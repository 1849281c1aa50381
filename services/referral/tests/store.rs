//! The same on both databases, and what stands or falls with the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sluis_proto::consent::v1::GrantChange;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::watch_mailbox_response::Event;
use sluis_proto::referral::v1::{
    AcceptReferralRequest, GetMessageRequest, GetReferralRequest, ListReferralsRequest, MessageState,
    ReferralState, WatchMailboxRequest,
};
use sluis_referral::{MIGRATIONS, schema, statements};
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Tx};
use sluis_store_testing::{
    TestDatabases, assert_migrations_agree, assert_schemas_agree, assert_statements_prepare,
};
use sluis_types::MessageKind;

use crate::letters::{DAY, HOUR, attachment, submission};
use crate::world::{World, refusal};

#[tokio::test]
async fn migrations_and_statements_fit_both_databases() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &MIGRATIONS);
    assert_schemas_agree(&schema()).await;
    assert_statements_prepare(&schema(), statements()).await;
}

#[tokio::test]
async fn a_whole_life_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        tokio::spawn(world.referral.jobs());
        let (grant, back) = (world.grant(), world.grant_back());
        let mut watch = world
            .as_ggz()
            .watch_mailbox(WatchMailboxRequest::default())
            .await
            .unwrap()
            .into_inner();
        let (thread, id) = world.refer(&grant).await;
        loop {
            let event = watch.message().await.unwrap().unwrap().event.unwrap();
            if matches!(event, Event::Arrived(_)) {
                break;
            }
        }
        // Enough notes for several pages of the thread and the grant.
        let mut notes = Vec::new();
        for _ in 0..40 {
            let note = world.letter(MessageKind::Note, thread);
            notes.push(note.id());
            world.send(note, &grant).await.unwrap();
        }
        world.acknowledge(&[id, notes[0]]).await;
        world.open(id).await;
        world.open(notes[1]).await;
        let accept = AcceptReferralRequest {
            request_id: world.request_id(),
            thread_id: thread.to_string(),
            expected_version: 3,
        };
        world.as_ggz().accept_referral(accept).await.unwrap();
        world
            .send(world.letter(MessageKind::Feedback, thread), &back)
            .await
            .unwrap();
        world.consent.say(grant.id, 1, GrantChange::Ended);
        loop {
            let event = watch.message().await.unwrap().unwrap().event.unwrap();
            if let Event::Referral(referral) = event
                && referral.state() == ReferralState::OnHold
            {
                break;
            }
        }
        for (index, note) in notes.iter().enumerate() {
            let get = GetMessageRequest {
                message_id: note.to_string(),
            };
            let got = world.as_ggz().get_message(get).await.unwrap().into_inner();
            let expected = if index == 1 {
                MessageState::Opened
            } else {
                MessageState::Cancelled
            };
            assert_eq!(got.state(), expected, "{} {index}", database.name());
            assert_eq!(got.message.is_some(), index == 1);
        }
        world.clock.advance(60 * DAY);
        world.referral.run_timers().await.unwrap();
        assert_eq!(
            world.referral.run_timers().await.unwrap(),
            0,
            "{}",
            database.name()
        );
        let list = ListReferralsRequest::default();
        let listed = world
            .as_welfare()
            .list_referrals(list)
            .await
            .unwrap()
            .into_inner()
            .referrals;
        assert_eq!(listed.len(), 1);
        world.end().await;
    }
}

#[tokio::test]
async fn of_many_at_once_each_is_done_once_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let grant = world.grant();
        let (thread, _) = world.refer(&grant).await;
        // Notes into one thread, a referral of each thread twice, and the same referral from many hands.
        let mut requests = Vec::new();
        for _ in 0..12 {
            requests.push(world.seal(world.letter(MessageKind::Note, thread), &grant));
        }
        let same = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
        let contested = world.thread_id();
        let rivals: Vec<_> = (0..4)
            .map(|_| world.seal(world.letter(MessageKind::Referral, contested), &grant))
            .collect();
        let token = grant.token(world.now());
        let mut calls = tokio::task::JoinSet::new();
        let all = requests
            .iter()
            .chain(std::iter::repeat_n(&same, 6))
            .chain(&rivals);
        for envelope in all {
            let request = submission(envelope, &token);
            let mut client = world.as_welfare();
            calls.spawn(async move {
                client
                    .submit_message(request)
                    .await
                    .map(tonic::Response::into_inner)
            });
        }
        let (mut done, mut refused) = (0, 0);
        while let Some(outcome) = calls.join_next().await {
            match outcome.unwrap() {
                Ok(_) => done += 1,
                outcome => {
                    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
                    refused += 1;
                }
            }
        }
        assert_eq!((done, refused), (12 + 6 + 1, 3), "{}", database.name());
        let list = sluis_proto::referral::v1::ListInboxRequest {
            page_size: 200,
            ..Default::default()
        };
        let inbox = world
            .as_ggz()
            .list_inbox(list)
            .await
            .unwrap()
            .into_inner()
            .entries;
        assert_eq!(inbox.len(), 1 + 12 + 1 + 1);
        world.end().await;
    }
}

#[tokio::test]
async fn two_replicas_do_what_is_due_once() {
    let databases = TestDatabases::start().await;
    let database = databases.postgres();
    let world = World::start_on(database.config()).await;
    let replica = world.replica().await;
    let grant = world.grant();
    for _ in 0..30 {
        world.refer(&grant).await;
    }
    world.clock.advance(21 * DAY);
    let (one, other) = tokio::join!(world.referral.run_timers(), replica.run_timers());
    assert_eq!(one.unwrap() + other.unwrap(), 30, "each referral expired once");
    let list = ListReferralsRequest {
        page_size: 200,
        ..Default::default()
    };
    let listed = world
        .as_ggz()
        .list_referrals(list)
        .await
        .unwrap()
        .into_inner()
        .referrals;
    assert_eq!(listed.len(), 30);
    for referral in listed {
        assert_eq!((referral.state(), referral.version), (ReferralState::Expired, 2));
    }
    replica.close().await;
    world.end().await;
}

/// A log that refuses when it is told to, and else does what the real one does.
struct Refusing {
    real: Arc<dyn Journal>,
    refuses: Arc<AtomicBool>,
}

#[async_trait]
impl Journal for Refusing {
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(StoreError::journal("told to refuse"));
        }
        self.real.append(tx, event).await
    }
}

#[tokio::test]
async fn p4_no_leaf_no_act() {
    let refuses = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&refuses);
    let world = World::start_changed(Box::new(move |parts| {
        parts.journal = Arc::new(Refusing {
            real: Arc::clone(&parts.journal),
            refuses: told,
        });
    }))
    .await;
    let grant = world.grant();
    let (thread, id) = world.refer(&grant).await;
    refuses.store(true, Ordering::SeqCst);

    let envelope = world.seal(world.letter(MessageKind::Referral, world.thread_id()), &grant);
    let request = submission(&envelope, &grant.token(world.now()));
    let outcome = world.as_welfare().submit_message(request.clone()).await;
    assert_eq!(refusal(outcome), ErrorReason::Internal);
    let unknown = GetReferralRequest {
        thread_id: world.thread_id().to_string(),
    };
    let outcome = world.as_ggz().get_referral(unknown).await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::Internal,
        "a refusal needs its leaf too"
    );
    let report = sluis_proto::referral::v1::ReportOpenedRequest {
        request_id: world.request_id(),
        message_id: id.to_string(),
    };
    assert_eq!(
        refusal(world.as_ggz().report_opened(report).await),
        ErrorReason::Internal
    );
    world.clock.advance(21 * DAY + HOUR);
    assert_eq!(
        world.referral.run_timers().await.unwrap_err().reason(),
        ErrorReason::Internal
    );

    refuses.store(false, Ordering::SeqCst);
    let shown = world.shown(thread).await;
    assert_eq!(
        (shown.state(), shown.version),
        (ReferralState::Submitted, 1),
        "nothing had happened"
    );
    let get = GetMessageRequest {
        message_id: request.request_id.clone(),
    };
    assert_eq!(
        refusal(world.as_welfare().get_message(get).await),
        ErrorReason::NotAvailable
    );
    world.end().await;
}

#[tokio::test]
async fn submissions_and_refusals_stand_in_the_log_of_the_grant() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, id) = world.refer(&grant).await;
    world.open(id).await;
    let outcome = world
        .send(world.letter(MessageKind::Feedback, thread), &grant)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let (blob, _) = attachment(id, &[1], world.randomness.as_ref());
    assert_eq!(blob.entry().padded_length, 256);
    let url = format!("sqlite:{}", world.home.path().join("referral.db").display());
    let ledger = world.ledger.clone();
    let parts = sluis_store::Parts {
        journal: Arc::new(ledger.clone()),
        column_keys: world.keys.columns().clone(),
        index: world.keys.blind_index(),
        clock: world.clock.clone(),
        randomness: world.randomness.clone(),
    };
    let home = world.end().await;
    let config = sluis_store::StoreConfig::parse(&url).unwrap();
    let store = sluis_store::Store::open(&config, &schema(), parts).await.unwrap();
    let mut read = store.read("test").await.unwrap();
    let page = ledger
        .events_of_grant(&mut read.tx(), grant.id, None, 100)
        .await
        .unwrap();
    let seen: Vec<_> = page
        .events
        .iter()
        .map(|it| (it.event.kind, it.event.outcome))
        .collect();
    let refused = u16::try_from(ErrorReason::NotAvailable as i32).unwrap();
    assert_eq!(seen, [(1, refused), (3, 0), (1, 0)], "newest first");
    drop(read);
    store.close().await;
    drop(home);
}
