//! Whether everything that was acknowledged is there, once, and nothing that was withdrawn opens.

use std::collections::HashSet;

use futures_util::{StreamExt as _, stream};
use sluis_client::Error;
use sluis_client::envelope::{Signed, SubmissionReceipt};
use sluis_client::types::{MessageId, ThreadId};
use sluis_proto::consent::v1::{AccessKind, Grant, GrantState, ListAccessRequest, ListGrantsRequest};

use super::load::Load;
use super::promises::{Asked, Letter, Phase};
use super::town::bucket_keys_in;

/// Questions that are asked at the same time.
const AT_ONCE: usize = 16;
/// Letters that are handed over again, and opened again, in one round.
const SAMPLE: usize = 4;

/// Does something with each letter, several at a time.
async fn each<'a, F: Future<Output = ()>>(
    letters: impl IntoIterator<Item = &'a Letter>,
    look: impl Fn(&'a Letter) -> F,
) {
    stream::iter(letters)
        .map(look)
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
}

impl Load {
    /// Looks for what a round promised. Nothing else is going on.
    pub(super) async fn verify_round(&self, first_letter: usize, first_withdrawal: usize) {
        let letters = self.promises.letters();
        let round = &letters[first_letter..];
        // Handed over again, before anything is counted.
        each(
            self.live(round)
                .filter(|letter| letter.kept.is_some())
                .take(SAMPLE),
            |letter| self.submit_again(letter),
        )
        .await;
        self.verify_letters(round).await;
        self.verify_mailboxes(&letters).await;
        self.verify_grants().await;
        let opened = |letter: &&Letter| matches!(letter.opening, Asked::Done(_));
        each(self.live(round).filter(opened).take(SAMPLE), |letter| {
            self.open_again(letter)
        })
        .await;
        // What this round closed, whenever it was sent.
        let closed: HashSet<String> = self.promises.withdrawals()[first_withdrawal..]
            .iter()
            .map(|(_, grant)| grant.grant_id.clone())
            .collect();
        let is_closed = |letter: &&Letter| {
            letter
                .kept
                .as_ref()
                .is_some_and(|kept| closed.contains(&kept.grant().to_string()))
        };
        each(letters.iter().filter(is_closed), |letter| {
            self.stays_closed(letter)
        })
        .await;
        let keys = bucket_keys_in(&self.config.bucket_dir());
        assert_eq!(keys.len(), 1, "one bucket, and one key of it: {keys:?}");
        let messages: Vec<MessageId> = round.iter().map(|letter| letter.sent.message_id).collect();
        self.promises.all_told(&messages).await;
    }

    /// The letters whose consent is known to live.
    fn live<'a>(&'a self, letters: &'a [Letter]) -> impl Iterator<Item = &'a Letter> {
        letters.iter().filter(|letter| self.lives(letter))
    }

    fn lives(&self, letter: &Letter) -> bool {
        let grant = letter.kept.as_ref().map(|kept| Phase::Live(kept.grant()));
        grant == Some(self.promises.phase(letter.resident))
    }

    /// Each letter has its one receipt, and is where its answers said.
    pub(super) async fn verify_letters(&self, letters: &[Letter]) {
        each(letters, |letter| async {
            let message = letter.sent.message_id;
            let receipt = self
                .welfare_hands
                .receipt(message)
                .await
                .expect("what was acknowledged is there");
            let parsed = Signed::<SubmissionReceipt>::parse(&receipt).expect("a receipt");
            assert_eq!(
                parsed.unverified().received_at,
                letter.sent.received_at,
                "{message}"
            );
            if let Some(kept) = &letter.kept {
                assert_eq!(receipt, kept.receipt, "one message has one receipt");
            }
            let state = self
                .ggz
                .partner
                .message_state(message)
                .await
                .expect("what was acknowledged is there");
            assert_eq!(
                state,
                self.welfare
                    .partner
                    .message_state(message)
                    .await
                    .expect("for both sides")
            );
            let possible = self.possible_states(letter);
            assert!(
                possible.contains(&state),
                "{message} is {state}, not one of {possible:?}"
            );
            self.verify_referral(letter).await;
        })
        .await;
    }

    fn possible_states(&self, letter: &Letter) -> Vec<&'static str> {
        let mut possible = Vec::new();
        if !matches!(letter.opening, Asked::Done(true)) {
            possible.extend(match letter.delivery {
                Asked::Not | Asked::Refused => &["SUBMITTED"][..],
                Asked::Unanswered => &["SUBMITTED", "DELIVERED"],
                Asked::Done(()) => &["DELIVERED"],
            });
        }
        if matches!(letter.opening, Asked::Unanswered | Asked::Done(_)) {
            possible.push("OPENED");
        }
        if !self.lives(letter) {
            // Referral hears of it within seconds; that it was opened may have been told too late.
            possible.push("CANCELLED");
        }
        possible
    }

    async fn verify_referral(&self, letter: &Letter) {
        let referral = self
            .welfare
            .partner
            .referral(letter.sent.thread_id)
            .await
            .expect("its thread is there");
        if let Asked::Done(version) = letter.accepted {
            let here = (referral.state, referral.version);
            if self.lives(letter) {
                assert_eq!(here, ("ACCEPTED", version));
            } else {
                assert!(
                    here == ("ACCEPTED", version) || here == ("ON_HOLD", version + 1),
                    "{here:?}"
                );
            }
        }
    }

    /// The very same bytes again: the same receipt, and nothing new.
    async fn submit_again(&self, letter: &Letter) {
        let kept = letter.kept.as_ref().expect("only what is kept is chosen");
        let handle = &self.people[letter.resident].handle;
        let again = self
            .persist(
                || self.welfare_hands.submit_again(kept, handle, self.ggz.oin()),
                Error::is_unreachable,
            )
            .await;
        assert_eq!(again.expect("a repeat is answered"), kept.receipt);
    }

    async fn open_again(&self, letter: &Letter) {
        let opened = self
            .ggz
            .partner
            .open(letter.sent.message_id)
            .await
            .expect("an opening stays");
        assert_eq!(opened.content.body.as_slice(), letter.text.as_bytes());
    }

    /// Neither through the SDK nor with everything that was fetched in time.
    async fn stays_closed(&self, letter: &Letter) {
        let kept = letter.kept.as_ref().expect("only what is kept is chosen");
        let refused = self
            .persist(
                || self.ggz_hands.open_kept(kept, &self.welfare),
                Error::is_unreachable,
            )
            .await;
        let refused = refused.expect_err("its consent has ended");
        assert!(refused.is_not_available(), "{refused:?}");
        assert!(
            self.ggz.partner.open(letter.sent.message_id).await.is_err(),
            "its consent has ended"
        );
    }

    /// The inbox holds what is neither acknowledged nor opened, once; the referrals are those that were sent.
    async fn verify_mailboxes(&self, letters: &[Letter]) {
        let inbox = self.ggz.partner.inbox().await.expect("the inbox");
        let waiting: HashSet<MessageId> = inbox.iter().map(|item| item.message_id).collect();
        assert_eq!(waiting.len(), inbox.len(), "nothing lies there twice");
        for letter in letters {
            let message = letter.sent.message_id;
            let is_waiting = waiting.contains(&message);
            if letter.delivery == Asked::Done(()) || letter.opening == Asked::Done(true) {
                assert!(!is_waiting, "{message} was acknowledged or opened");
            } else if letter.delivery == Asked::Not && letter.opening == Asked::Not && self.lives(letter) {
                assert!(is_waiting, "{message} has left the inbox by itself");
            }
        }
        let referrals = self.welfare.partner.referrals().await.expect("the referrals");
        let there: HashSet<ThreadId> = referrals.iter().map(|referral| referral.thread_id).collect();
        assert_eq!(there.len(), referrals.len(), "none is listed twice");
        let sent: HashSet<ThreadId> = letters.iter().map(|letter| letter.sent.thread_id).collect();
        let lost: Vec<_> = sent.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let uncertain = self.promises.uncertain_threads();
        let from_nowhere: Vec<_> = there
            .difference(&sent)
            .filter(|thread| !uncertain.contains(thread))
            .collect();
        assert!(from_nowhere.is_empty(), "nobody sent {from_nowhere:?}");
    }

    /// Each resident has the one live grant that was acknowledged, and each withdrawal stays as it was acknowledged.
    async fn verify_grants(&self) {
        let withdrawals = self.promises.withdrawals();
        for (number, person) in self.people.iter().enumerate() {
            let listed = self
                .persist(
                    || person.resident.session.list_grants(ListGrantsRequest {}),
                    |_| true,
                )
                .await;
            let grants = listed.expect("the grants").grants;
            let live: Vec<&str> = grants
                .iter()
                .filter(|grant| grant.state() == GrantState::Active)
                .map(|grant| grant.grant_id.as_str())
                .collect();
            let promised = match self.promises.phase(number) {
                Phase::Live(id) => vec![id.to_string()],
                _ => Vec::new(),
            };
            assert_eq!(live, promised);
            for (_, ended) in withdrawals.iter().filter(|(resident, _)| *resident == number) {
                let now: Vec<&Grant> = grants
                    .iter()
                    .filter(|grant| grant.grant_id == ended.grant_id)
                    .collect();
                assert_eq!(now, [ended], "it stays as it was acknowledged");
                assert_eq!(ended.state(), GrantState::Withdrawn);
            }
        }
    }

    /// What each resident's log must hold: every opening that was acknowledged.
    pub(super) async fn verify_logs(&self) {
        let letters = self.promises.letters();
        for (number, person) in self.people.iter().enumerate() {
            let opened = letters
                .iter()
                .filter(|letter| letter.resident == number && matches!(letter.opening, Asked::Done(_)))
                .count();
            let (mut logged, mut page_token) = (0, String::new());
            loop {
                let ask = ListAccessRequest {
                    page_size: 200,
                    page_token,
                };
                let page = person.resident.session.list_access(ask).await.expect("the log");
                let is_opening = |kind: AccessKind, allowed: bool| kind == AccessKind::Opened && allowed;
                logged += page
                    .entries
                    .iter()
                    .filter(|entry| is_opening(entry.kind(), entry.allowed))
                    .count();
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            assert!(
                logged >= opened,
                "{opened} openings were acknowledged and {logged} logged"
            );
        }
    }
}
