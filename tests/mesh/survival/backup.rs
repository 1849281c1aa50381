//! A backup of the databases that is put back after a withdrawal: what was withdrawn stays shut, and so does what lost
//! its key, until its own resident confirms it.

use std::path::Path;
use std::pin::pin;

use futures_util::{Stream, StreamExt as _};
use sluis_client::types::Handle;
use sluis_client::{Error, MailboxEvent};
use sluis_proto::consent::v1::{Grant, GrantState};

use super::hands::{Hands, Kept};
use super::town::Town;
use crate::fixture::{Backend, TestPartner, TestResident, text_to};

/// A resident with a live grant, and a letter that lies unopened under it.
struct Case {
    resident: TestResident,
    handle: Handle,
    grant: Grant,
    letter: Kept,
}

impl Case {
    async fn prepare(town: &Town, welfare: &TestPartner, ggz: &TestPartner, name: &str) -> Self {
        let resident = town.resident(name).await;
        let handle = welfare.link(&resident).await;
        welfare.ask_both_ways(&handle, ggz.oin()).await;
        resident.grant_all().await;
        let grant = resident.grant_between(welfare.oin(), ggz.oin()).await;
        let sent = welfare.send(text_to(ggz.oin(), handle, name)).await;
        let letter = Hands::of(ggz)
            .fetch(sent.message_id)
            .await
            .expect("fetched")
            .expect("it is there");
        Self {
            resident,
            handle,
            grant,
            letter,
        }
    }

    async fn grant_now(&self, welfare: &TestPartner, ggz: &TestPartner) -> Grant {
        self.resident.grant_between(welfare.oin(), ggz.oin()).await
    }

    /// Suspended at most: the letter does not open, not with all that was fetched in time, and nothing new is sent.
    async fn is_shut(&self, welfare: &TestPartner, ggz: &TestPartner) {
        assert_eq!(self.grant_now(welfare, ggz).await.state(), GrantState::Suspended);
        self.letter_is_dead(welfare, ggz).await;
        let refused = welfare
            .try_send(text_to(ggz.oin(), self.handle, "more"))
            .await
            .expect_err("nothing is allowed");
        assert!(refused.is_not_available(), "{refused:?}");
    }

    async fn letter_is_dead(&self, welfare: &TestPartner, ggz: &TestPartner) {
        assert!(
            ggz.partner.open(self.letter.message).await.is_err(),
            "its key is gone"
        );
        let refused = Hands::of(ggz)
            .open_kept(&self.letter, welfare)
            .await
            .expect_err("its key is gone");
        assert!(refused.is_not_available(), "{refused:?}");
    }
}

/// Copies a directory of files.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// Waits until a watch tells something.
async fn tells(
    watch: &mut (impl Stream<Item = Result<MailboxEvent, Error>> + Unpin),
    wanted: impl Fn(&MailboxEvent) -> bool,
) {
    while !wanted(&watch.next().await.expect("no end").expect("no error")) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_a_backup_that_is_put_back_revives_nothing() {
    let mut town = Town::build(Backend::Sqlite).await;
    let (welfare, ggz) = town.welfare_and_ggz().await;
    let withdrawn = Case::prepare(&town, &welfare, &ggz, "withdraws").await;
    let other = Case::prepare(&town, &welfare, &ggz, "does not").await;
    let backup = town.aside("backup");
    town.kill();
    copy(&town.config.data_dir, &backup);

    town.start().await;
    assert!(
        withdrawn
            .resident
            .withdraw(&withdrawn.grant)
            .await
            .ended_at
            .is_some()
    );
    withdrawn.letter_is_dead(&welfare, &ggz).await;
    town.kill();

    // The databases as they were, the bucket keys as they are: those are in no backup.
    std::fs::remove_dir_all(&town.config.data_dir).expect("lost");
    copy(&backup, &town.config.data_dir);
    // Twice: a start that found everything as it should be would perhaps mend it.
    for _ in 0..2 {
        town.start().await;
        withdrawn.is_shut(&welfare, &ggz).await;
        other.is_shut(&welfare, &ggz).await;
        assert!(town.bucket_keys().is_empty(), "nothing keyed anything anew");
        town.kill();
    }

    // Only the resident's own word begins a new version, with a new key. What lay there is sealed again.
    town.start().await;
    let mut watch = pin!(welfare.partner.watch());
    tells(&mut watch, |event| *event == MailboxEvent::Begun).await;
    other.resident.resume(&other.grant).await;
    let confirmed = other.grant_now(&welfare, &ggz).await;
    assert_eq!(
        (confirmed.state(), confirmed.version),
        (GrantState::Active, other.grant.version + 1)
    );
    tells(&mut watch, |event| {
        matches!(event, MailboxEvent::Message(notice)
            if notice.message_id == other.letter.message && notice.wants_sealing_again())
    })
    .await;
    let again = welfare
        .partner
        .seal_again(other.letter.message, &|_| {})
        .await
        .expect("sealed again");
    let opened = ggz.partner.open(again.message_id).await.expect("opened");
    assert_eq!(opened.content.body.as_slice(), b"does not");
    other.letter_is_dead(&welfare, &ggz).await;

    // It said nothing of the one who had withdrawn; they can do it again.
    withdrawn.is_shut(&welfare, &ggz).await;
    assert!(
        withdrawn
            .resident
            .withdraw(&withdrawn.grant)
            .await
            .ended_at
            .is_some()
    );
    withdrawn.letter_is_dead(&welfare, &ggz).await;
    town.kill();
}
