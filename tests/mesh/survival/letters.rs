//! Letters are sent, delivered, opened and accepted while the mesh is killed.

use sluis_client::types::GrantId;
use sluis_client::{Command, Error};
use sluis_proto::options::v1::ErrorReason;

use super::dice::Dice;
use super::load::Load;
use super::promises::{Asked, Letter, Phase};
use crate::fixture::text_to;

impl Load {
    pub(super) async fn send_letters(&self, dice: &Dice) {
        while self.is_open() {
            let resident = dice.below(self.people.len());
            let text = format!("letter {} about resident {resident}", dice.below(1_000_000));
            let before = self.promises.phase(resident);
            self.promises.event();
            let outgoing = text_to(self.ggz.oin(), self.people[resident].handle, &text);
            let outcome = self.welfare.try_send(outgoing).await;
            let after = self.promises.phase(resident);
            match outcome {
                Ok(sent) => {
                    assert!(
                        !(before.is_closed() && before == after),
                        "sent without consent: {before:?}"
                    );
                    let number = self.promises.sent(Letter {
                        sent,
                        resident,
                        text,
                        kept: None,
                        opening: Asked::Not,
                        delivery: Asked::Not,
                        accepted: Asked::Not,
                    });
                    self.promises.event();
                    self.keep(number).await;
                }
                Err(error) if is_refused(&error) => {
                    let lives = matches!(before, Phase::Live(_)) && before == after;
                    assert!(!lives, "a sending was refused under a live grant: {error:?}");
                    self.promises.event();
                }
                Err(Error::Uncertain { thread_id, .. }) => self.promises.uncertain(thread_id),
                Err(error) => assert!(error.is_unreachable(), "{error:?}"),
            }
        }
    }

    /// The recipient fetches a letter and keeps all of it, as one that means ill would.
    async fn keep(&self, number: usize) {
        let message = self.promises.letters()[number].sent.message_id;
        let fetched = self
            .persist(|| self.ggz_hands.fetch(message), Error::is_unreachable)
            .await;
        let kept = fetched.expect("an acknowledged message is there");
        self.promises.note(number, |letter| letter.kept = kept);
    }

    pub(super) async fn open_letters(&self, dice: &Dice) {
        while self.is_open() {
            // One in three stays closed, so that there is always something that a withdrawal closes for good.
            let wanted = |number: usize, letter: &Letter| {
                !number.is_multiple_of(3) && letter.opening == Asked::Not && letter.kept.is_some()
            };
            let chosen = self
                .promises
                .choose(dice, wanted, |letter| letter.opening = Asked::Unanswered);
            let Some((number, letter)) = chosen else {
                self.pause(2).await;
                continue;
            };
            self.open(number, &letter).await;
        }
    }

    async fn open(&self, number: usize, letter: &Letter) {
        let grant = letter.kept.as_ref().expect("only what is kept is chosen").grant();
        let before = self.promises.phase(letter.resident);
        match self.ggz.partner.open(letter.sent.message_id).await {
            Ok(opened) => {
                assert_ne!(before, Phase::Ended(grant), "opened after its consent had ended");
                assert_eq!(opened.content.body.as_slice(), letter.text.as_bytes());
                self.promises
                    .note(number, |letter| letter.opening = Asked::Done(opened.reported));
                self.accept(number, letter, grant).await;
            }
            Err(error) if is_refused(&error) => {
                let now = self.promises.phase(letter.resident);
                assert_ne!(
                    now,
                    Phase::Live(grant),
                    "an opening was refused under a live grant: {error:?}"
                );
                self.promises
                    .note(number, |letter| letter.opening = Asked::Refused);
            }
            Err(error) => assert!(error.is_unreachable(), "{error:?}"),
        }
    }

    async fn accept(&self, number: usize, letter: &Letter, grant: GrantId) {
        let thread = letter.sent.thread_id;
        let Ok(referral) = self.ggz.partner.referral(thread).await else {
            return;
        };
        if referral.state != "IN_REVIEW" {
            // Its opening could not be reported, or its consent ended meanwhile.
            return;
        }
        self.promises
            .note(number, |letter| letter.accepted = Asked::Unanswered);
        match self
            .ggz
            .partner
            .command(thread, referral.version, Command::Accept)
            .await
        {
            Ok(accepted) => {
                assert_eq!(
                    (accepted.state, accepted.version),
                    ("ACCEPTED", referral.version + 1)
                );
                self.promises
                    .note(number, |letter| letter.accepted = Asked::Done(accepted.version));
            }
            Err(error) if error.is_unreachable() => {}
            Err(error) => {
                let now = self.promises.phase(letter.resident);
                assert_ne!(now, Phase::Live(grant), "accepting was refused: {error:?}");
                self.promises
                    .note(number, |letter| letter.accepted = Asked::Refused);
            }
        }
    }

    pub(super) async fn take_delivery(&self, dice: &Dice) {
        while self.is_open() {
            let wanted = |_: usize, letter: &Letter| letter.delivery == Asked::Not;
            let chosen = self
                .promises
                .choose(dice, wanted, |letter| letter.delivery = Asked::Unanswered);
            let Some((number, letter)) = chosen else {
                self.pause(2).await;
                continue;
            };
            match self.ggz.partner.acknowledge(&[letter.sent.message_id]).await {
                Ok(()) => self
                    .promises
                    .note(number, |letter| letter.delivery = Asked::Done(())),
                Err(error) => assert!(error.is_unreachable(), "{error:?}"),
            }
            self.pause(dice.below(6)).await;
        }
    }
}

/// Whether the mesh said no: there is no consent, or the message is gone.
pub(super) fn is_refused(error: &Error) -> bool {
    error.is_not_available()
        || error.reason() == Some(ErrorReason::GrantTokenRefused)
        || matches!(error, Error::NothingToOpen { .. })
}
