//! Which acts make a notice, when it goes out, and what it never says.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sluis_consent::{Mail, MailSender, NoticesSent, SendError};
use sluis_proto::consent::v1::{self as proto, AccessKind, MandateKind};
use sluis_serve::{ManualTimer, Timer};
use sluis_store_testing::TestDatabases;

use crate::acts::{Resident, provision};
use crate::letters::DAY;
use crate::mailbox::{Mailboxes, PAGES, code_in};
use crate::representatives::{ONE, Represented, everything};
use crate::world::World;

const ANNA: &str = "anna@post.planted.example";
const HOUR: Duration = Duration::from_hours(1);

/// How many notices arrive at Anna's after the next whole hour.
async fn noticed(world: &World) -> usize {
    world.clock.advance(HOUR);
    world.mail().await;
    world
        .mailboxes
        .take()
        .iter()
        .filter(|mail| mail.to == ANNA)
        .count()
}

async fn subscribed(world: &World) -> (Resident, sluis_types::Handle) {
    let anna = world.log_in("anna").await;
    world.subscribed(&anna, ANNA).await;
    let handle = world.link(&anna, &world.welfare).await;
    (anna, handle)
}

#[tokio::test]
async fn a_question_makes_a_notice_that_says_nothing_of_it() {
    let world = World::start().await;
    let (anna, handle) = subscribed(&world).await;
    world.ask(&anna, &handle, world.question(vec![provision()])).await;
    assert_eq!(world.mail().await.sent, 0, "not at once");
    world.clock.advance(HOUR);
    assert_eq!(world.mail().await.sent, 1);
    let mails = world.mailboxes.take();
    let mail = &mails[0];
    assert_eq!((mails.len(), mail.to.as_str()), (1, ANNA));
    let text = format!("{}\n{}", mail.subject, mail.body).to_lowercase();
    for telling in [
        "anna",
        "welzijn",
        "ggz",
        "toestemming",
        "verwijzing",
        "0000009900000000",
        "vraag",
    ] {
        assert!(!text.contains(telling), "{telling} in {text}");
    }
    let links: Vec<&str> = mail.body.lines().filter(|line| line.contains("://")).collect();
    assert_eq!(links, [PAGES], "the address of the pages and no other");
    // Every notice is the same.
    world
        .ask(
            &world.log_in("anna").await,
            &handle,
            world.question(vec![provision()]),
        )
        .await;
    world.clock.advance(HOUR);
    world.mail().await;
    assert_eq!(world.mailboxes.take(), mails);
    let log = world.log(&world.log_in("anna").await).await;
    let sent = log
        .iter()
        .filter(|entry| entry.kind() == AccessKind::NoticeSent)
        .count();
    assert_eq!(sent, 3, "each has its leaf: two notices and the code");
}

#[tokio::test]
async fn many_changes_are_one_notice_and_an_hour_lies_between_two() {
    let world = World::start().await;
    let (_, handle) = subscribed(&world).await;
    for _ in 0..5 {
        world.ask_unseen(&handle).await;
    }
    assert_eq!(noticed(&world).await, 1);
    for _ in 0..3 {
        world.ask_unseen(&handle).await;
        world.clock.advance(Duration::from_mins(10));
        world.mail().await;
        assert!(world.mailboxes.take().is_empty());
    }
    world.clock.advance(Duration::from_mins(30));
    world.mail().await;
    assert_eq!(world.mailboxes.take().len(), 1);
    assert_eq!(noticed(&world).await, 0, "what was told is not told again");
}

#[tokio::test]
async fn what_residents_do_themselves_in_the_pages_makes_none() {
    let world = World::start().await;
    let (anna, handle) = subscribed(&world).await;
    let proposal = world.ask(&anna, &handle, world.question(vec![provision()])).await;
    assert_eq!(noticed(&world).await, 1);
    let anna = world.log_in("anna").await;
    let grant = world.grant(&anna, &proposal).await;
    anna.client
        .clone()
        .withdraw_grant(world.withdrawing(&grant))
        .await
        .unwrap();
    world.proxy(&anna).await;
    assert_eq!(noticed(&world).await, 0);
}

#[tokio::test]
async fn ends_and_changes_by_time_and_by_others_make_one_each() {
    let world = World::start().await;
    let Represented {
        granted,
        representative,
    } = world.represented(everything(&world)).await;
    world.subscribed(&granted.resident, ANNA).await;
    let withdrawing = world.withdrawing(&granted.grant);
    let mut client = representative.client.clone();
    client.withdraw_grant(withdrawing).await.unwrap();
    assert_eq!(noticed(&world).await, 1, "a representative withdrew");

    let anna = world.log_in("anna").await;
    let proposal = world
        .ask(&anna, &granted.handle, world.question(vec![provision()]))
        .await;
    assert_eq!(noticed(&world).await, 1, "a question");
    let anna = world.log_in("anna").await;
    world.grant(&anna, &proposal).await;
    world.clock.advance(200 * DAY);
    world.consent.expire().await.unwrap();
    assert_eq!(noticed(&world).await, 1, "the time was up");

    let recording = world.record(&granted.handle, MandateKind::Mentor);
    let recorded = world.worker(ONE).record_mandate(recording).await.unwrap();
    assert_eq!(noticed(&world).await, 1, "a mandate was recorded");
    let confirming = world.confirm(&recorded.into_inner().mandate_id);
    world
        .worker(crate::representatives::OTHER)
        .confirm_mandate(confirming)
        .await
        .unwrap();
    assert_eq!(noticed(&world).await, 1, "and confirmed");
}

#[tokio::test]
async fn a_login_that_is_added_is_told_where_notices_went_before() {
    let world = World::start().await;
    let helped = world.helped_with_grant().await;
    let anna = world.log_in("anna").await;
    world.subscribed(&anna, ANNA).await;
    world.taken_over("anna", &helped.letter).await;
    // From now on what is asked of the resident in the letter is told to Anna.
    world.ask_unseen(&helped.handle).await;
    assert_eq!(noticed(&world).await, 1);
}

#[tokio::test]
async fn a_login_that_is_disconnected_gets_no_notices_any_more() {
    let world = World::start().await;
    let (anna, handle) = subscribed(&world).await;
    world.ask_unseen(&handle).await;
    let request = proto::DisconnectLoginRequest {
        request_id: world.request_id(),
    };
    anna.client.clone().disconnect_login(request).await.unwrap();
    world.ask_unseen(&handle).await;
    world.clock.advance(2 * HOUR);
    assert_eq!(world.mail().await, NoticesSent::default());
    assert!(world.mailboxes.take().is_empty());
}

#[tokio::test]
async fn who_is_not_asked_hears_nothing() {
    let world = World::start().await;
    let (anna, handle) = subscribed(&world).await;
    let proposal = world.ask(&anna, &handle, world.question(vec![provision()])).await;
    assert_eq!(noticed(&world).await, 1);
    let anna = world.log_in("anna").await;
    let refusing = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id,
    };
    anna.client.clone().refuse_consent(refusing).await.unwrap();
    // Asking again what was refused just now shows nothing, and tells nothing.
    world.ask_unseen(&handle).await;
    world.ask_unseen(&sluis_types::Handle::from_bytes([7; 16])).await;
    assert_eq!(noticed(&world).await, 0);
}

#[tokio::test]
async fn a_notice_that_does_not_go_is_tried_later_and_given_up_in_the_end() {
    let world = World::start().await;
    let (_, handle) = subscribed(&world).await;
    world.ask_unseen(&handle).await;
    world.clock.advance(HOUR);
    world.mailboxes.refuse(&[SendError::Later; 3]);
    assert_eq!(world.mail().await, NoticesSent { sent: 0, failed: 1 });
    assert_eq!(world.mail().await, NoticesSent::default(), "not at once");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.mail().await.failed, 1);
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.mail().await, NoticesSent::default(), "each time later");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.mail().await.failed, 1);
    world.clock.advance(Duration::from_mins(4));
    assert_eq!(world.mail().await.sent, 1);
    assert_eq!(world.mailboxes.take().len(), 1);

    world.ask_unseen(&handle).await;
    world.clock.advance(2 * HOUR);
    world.mailboxes.refuse(&[SendError::Later]);
    assert_eq!(world.mail().await.failed, 1);
    world.clock.advance(24 * HOUR);
    assert_eq!(
        world.mail().await,
        NoticesSent::default(),
        "after a day it is given up"
    );
    let before = world.mailboxes.attempts();
    world.clock.advance(24 * HOUR);
    world.mail().await;
    assert_eq!(world.mailboxes.attempts(), before);
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_is_not_tried_again_and_nobody_hears_of_it() {
    let world = World::start().await;
    let (_, handle) = subscribed(&world).await;
    world.ask_unseen(&handle).await;
    world.clock.advance(HOUR);
    world.mailboxes.refuse(&[SendError::Refused]);
    assert_eq!(world.mail().await, NoticesSent { sent: 0, failed: 1 });
    world.clock.advance(HOUR);
    assert_eq!(world.mail().await, NoticesSent::default());
    let anna = world.log_in("anna").await;
    assert_eq!(world.noticed_at(&anna).await.address, "a•••@post.planted.example");
    world.ask_unseen(&handle).await;
    assert_eq!(noticed(&world).await, 1, "the next one is tried all the same");
}

#[tokio::test]
async fn an_address_that_nobody_confirms_is_forgotten() {
    let world = World::start().await;
    let anna = world.log_in("anna").await;
    world
        .notices(&anna)
        .set_notice_address(world.setting(ANNA))
        .await
        .unwrap();
    world.mailboxes.refuse(&[SendError::Later]);
    assert_eq!(world.mail().await.failed, 1);
    world.clock.advance(2 * HOUR);
    assert_eq!(
        world.mail().await,
        NoticesSent::default(),
        "no code after its hour"
    );
    assert_eq!(world.mailboxes.attempts(), 1);
    let handle = world.link(&world.log_in("anna").await, &world.welfare).await;
    world.ask_unseen(&handle).await;
    assert_eq!(noticed(&world).await, 0);
}

#[tokio::test]
async fn what_is_due_survives_a_stop_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let (_, handle) = subscribed(&world).await;
        world.ask_unseen(&handle).await;
        let world = world.end().await.start().await;
        assert_eq!(noticed(&world).await, 1, "{}", database.name());
        assert_eq!(noticed(&world).await, 0, "{}", database.name());
    }
}

/// Takes the mail with a code, and never comes back from any other.
#[derive(Debug)]
struct Hanging(Arc<Mailboxes>);

#[async_trait]
impl MailSender for Hanging {
    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        if mail.subject().contains("code") {
            return self.0.send(mail).await;
        }
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_relay_that_hangs_delays_no_end_of_a_grant() {
    let boxes = Arc::new(Mailboxes::default());
    let hanging = Arc::new(Hanging(Arc::clone(&boxes)));
    let world =
        World::start_changed(Box::new(|parts| parts.notices.as_mut().unwrap().sender = hanging)).await;
    let granted = world.granted("anna").await;
    let end = granted.grant.valid_until.unwrap().seconds - world.now().seconds();
    let before_end = Duration::from_secs(u64::try_from(end).unwrap()).saturating_sub(2 * HOUR);
    world.clock.advance(before_end);
    let mut client = world.notices(&world.log_in("anna").await);
    client.set_notice_address(world.setting(ANNA)).await.unwrap();
    assert_eq!(world.mail().await.sent, 1);
    let code = code_in(&boxes.take()[0]);
    client
        .confirm_notice_address(world.entering(&code))
        .await
        .unwrap();
    world.ask_unseen(&granted.handle).await;
    world.clock.advance(3 * HOUR);
    let job = tokio::spawn(world.consent.jobs());
    let ended = async {
        loop {
            let anna = world.log_in("anna").await;
            let log = world.log(&anna).await;
            if log.iter().any(|entry| entry.kind() == AccessKind::Expired) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended)
        .await
        .unwrap();
    job.abort();
}

/// The job itself: a code goes at once, a notice on its hour, and it ends when it is told to.
#[tokio::test]
async fn the_job_sends_a_code_at_once() {
    let timer: Arc<dyn Timer> = Arc::new(ManualTimer::new());
    let world = World::start_timed(timer).await;
    let job = tokio::spawn(world.consent.jobs());
    let anna = world.log_in("anna").await;
    world
        .notices(&anna)
        .set_notice_address(world.setting(ANNA))
        .await
        .unwrap();
    let arrived = async {
        loop {
            let mails = world.mailboxes.take();
            if !mails.is_empty() {
                return mails;
            }
            tokio::task::yield_now().await;
        }
    };
    let mails = tokio::time::timeout(Duration::from_secs(30), arrived)
        .await
        .unwrap();
    assert_eq!(mails.len(), 1);
    world.stop.request();
    job.await.unwrap();
}
