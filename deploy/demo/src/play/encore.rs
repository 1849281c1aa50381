//! After the play, while the mesh stays up: somebody's request waits to be granted by hand, on the pages.
//!
//! The two organisations' software does its part by itself, and each line says what a partner then gets.

use std::time::Duration;

use sluis_client::{Command, MailboxEvent, TEXT};
use sluis_serve::Stop;
use sluis_types::{Handle, MessageId, MessageKind};

use super::house::{House, Mailbox};
use super::people::{NOOR, Who};
use super::resident::Resident;
use super::stage::Stage;
use super::story::SECOND;
use super::way::Letter;
use crate::DemoError;

/// The two organisations.
const FROM: Who = Who::Welfare;
const TO: Who = Who::Ggz;
/// How often one looks whether the request was granted.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What the referral says.
const QUESTION: &str = "Noor wil graag een verzonnen daginvulling op dinsdag.";

/// A request that waits.
pub(super) struct Encore {
    noor: Resident,
    handle: Handle,
}

impl Encore {
    /// Noor is linked with the welfare organisation, and it asks her.
    pub(super) async fn prepare(house: &House) -> Result<Self, DemoError> {
        let mut noor = house.log_in(NOOR).await?;
        let code = noor.link_code(FROM).await?;
        let handle = house.redeem(FROM, &code).await?;
        house.ask(FROM, TO, &handle).await?;
        Ok(Self { noor, handle })
    }

    /// Plays on until it is stopped. What goes wrong is said and ends nothing: the mesh stays up.
    pub(super) async fn play(mut self, house: &House, stage: &Stage, stop: &Stop) {
        tokio::select! {
            () = stop.requested() => {}
            ended = self.go_on(house, stage) => {
                if let Err(error) = ended {
                    stage.say(&format!("    The partners stop here: {error}."));
                }
                stop.requested().await;
            }
        }
    }

    async fn go_on(&mut self, house: &House, stage: &Stage) -> Result<(), DemoError> {
        let mut ggz = Mailbox::of(house.partner(TO));
        let mut welfare = Mailbox::of(house.partner(FROM));
        self.until_granted(house).await?;
        stage.say(&format!(
            "\n{NOOR} granted the request. The welfare organisation's software sends the referral."
        ));
        let sent = house.send(Letter::text(FROM, TO, self.handle, QUESTION)).await?;
        let opened = house.open(TO, sent.message_id).await?;
        stage.say(&format!(
            "The GGZ opens it through both gates and reads: {}",
            String::from_utf8_lossy(&opened.content.body)
        ));
        let referral = house.partner(TO).referral(sent.thread_id).await;
        let version = referral
            .map_err(DemoError::partner("looking at the referral"))?
            .version;
        let accepted = house
            .partner(TO)
            .command(sent.thread_id, version, Command::Accept)
            .await;
        accepted.map_err(DemoError::partner("accepting"))?;
        stage.say("The GGZ accepts: see \"Mijn verwijzingen\".");
        let second = Letter {
            kind: MessageKind::Note,
            thread: Some(sent.thread_id),
            based_on: Some(sent.message_id),
            media_type: TEXT,
            ..Letter::text(FROM, TO, self.handle, SECOND)
        };
        let second = house.send(second).await?.message_id;
        stage.say(
            "A second message follows. The GGZ leaves it unopened: withdraw now, and see what is left of it.",
        );
        for (who, mailbox) in [("The GGZ", &mut ggz), ("The welfare organisation", &mut welfare)] {
            let cause = until_cancelled(mailbox, second).await;
            stage.say(&format!(
                "{who} is told: the second message is CANCELLED ({cause})."
            ));
        }
        let tried = house.partner(TO).open(second).await;
        stage.say(&match tried {
            Ok(_) => "The GGZ opens it all the same. THAT MUST NOT BE.".to_owned(),
            Err(error) => format!("The GGZ tries to open it all the same: {error}."),
        });
        stage.say("The first message it has read, and nobody can make that undone. \"Wie heeft gekeken\" shows all of it.");
        Ok(())
    }

    /// Waits until Noor granted. One looks with her own eyes: a partner that asked every second would fill her log.
    async fn until_granted(&mut self, house: &House) -> Result<(), DemoError> {
        loop {
            if house.session(&self.noor).await.is_err() {
                // A session ends after an hour; a request waits for days.
                self.noor = house.log_in(NOOR).await?;
            }
            if house.grant_between(&self.noor, FROM, TO).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Waits until a mailbox is told that a message was cancelled, and why.
async fn until_cancelled(mailbox: &mut Mailbox, message: MessageId) -> &'static str {
    let cancelled = |event: &MailboxEvent| match event {
        MailboxEvent::Message(notice) if notice.message_id == message && notice.state == "CANCELLED" => {
            Some(notice.cause)
        }
        _ => None,
    };
    loop {
        // There is no hurry: a person decides.
        if let Some(cause) = mailbox.told(cancelled).await {
            return cause;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
