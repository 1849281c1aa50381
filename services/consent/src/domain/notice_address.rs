//! Where notices go, and when: a small life of its own, pure. What a notice is about never comes here.

use std::time::Duration;

use sluis_types::Timestamp;

use super::email_address::EmailAddress;

/// How long the code that was mailed can be entered.
pub(crate) const CODE_LIFE: Duration = Duration::from_hours(1);
/// Wrong codes after which the address is forgotten.
pub(crate) const WRONG_CODES_MAX: u8 = 5;
/// Codes that are mailed within [`CODES_WINDOW`] at most: nobody fills a stranger's mailbox through us.
pub(crate) const CODES_MAX: usize = 5;
/// How long a mailed code counts.
pub(crate) const CODES_WINDOW: Duration = Duration::from_hours(24);
/// How long it is quiet after a notice: whatever happens meanwhile is one notice.
pub(crate) const NOTICE_PERIOD: Duration = Duration::from_hours(1);
/// How long it is tried to send a notice after what it tells of. Then it is given up: the pages show it anyway.
pub(crate) const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);
/// The pause after the first attempt that failed; each later pause is twice as long.
const RETRY_FIRST: Duration = Duration::from_mins(1);
/// The longest pause between attempts.
const RETRY_MAX: Duration = Duration::from_hours(1);

/// The language of what is mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeLanguage {
    Dutch = 1,
    English = 2,
}

impl NoticeLanguage {
    pub(crate) const ALL: [Self; 2] = [Self::Dutch, Self::English];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.number() == number)
    }
}

/// An address and the language of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) address: EmailAddress,
    pub(crate) language: NoticeLanguage,
}

/// An address that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) to: Destination,
    /// What the code is made from, under a key outside the database.
    pub(crate) nonce: [u8; 16],
    pub(crate) ends: Timestamp,
    pub(crate) wrong: u8,
    /// Whether the mail with the code was handed over, or given up.
    pub(crate) is_mailed: bool,
    pub(crate) attempts: u8,
    pub(crate) next_try: Timestamp,
}

/// A notice that is to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) attempts: u8,
    pub(crate) next_try: Timestamp,
    /// When it is given up.
    pub(crate) until: Timestamp,
    /// Whether something changed after an attempt began: then another notice follows this one.
    pub(crate) again: bool,
}

/// Where the notices of a login go, with all that is known of them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct NoticeAddress {
    pub(crate) confirmed: Option<Destination>,
    pub(crate) waiting: Option<Waiting>,
    pub(crate) pending: Option<Pending>,
    /// When the last notice was sent.
    pub(crate) last_sent: Option<Timestamp>,
    /// When codes were mailed, oldest first; none where there were fewer.
    pub(crate) codes: [Option<Timestamp>; CODES_MAX],
}

/// What is to be done about a notice that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Nothing any more.
    Nothing,
    /// Not yet.
    Wait,
    /// The code goes out. The attempt is counted already.
    SendCode,
    /// A notice goes out. The attempt is counted already.
    SendNotice,
}

/// How sending ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It was handed over.
    Done,
    /// It never will be: the address is refused.
    Never,
}

impl NoticeAddress {
    /// Gives an address, which waits for its code. What was confirmed before stays until then.
    ///
    /// # Errors
    /// When the next code may be mailed, after too many.
    pub(crate) fn set(
        &mut self,
        to: Destination,
        nonce: [u8; 16],
        now: Timestamp,
    ) -> Result<Timestamp, Timestamp> {
        if let Some(first) = self.codes[0]
            && now < first.plus(CODES_WINDOW)
        {
            return Err(first.plus(CODES_WINDOW));
        }
        self.codes.rotate_left(1);
        self.codes[CODES_MAX - 1] = Some(now);
        let ends = now.plus(CODE_LIFE);
        self.waiting = Some(Waiting {
            to,
            nonce,
            ends,
            wrong: 0,
            is_mailed: false,
            attempts: 0,
            next_try: now,
        });
        Ok(ends)
    }

    /// The address that waits, as long as its code can be entered.
    pub(crate) fn waiting(&self, now: Timestamp) -> Option<&Waiting> {
        self.waiting.as_ref().filter(|waiting| now < waiting.ends)
    }

    /// Somebody entered a code. True when the address is confirmed by it.
    pub(crate) fn confirm(&mut self, is_right: bool, now: Timestamp) -> bool {
        let Some(waiting) = self.waiting.take().filter(|waiting| now < waiting.ends) else {
            return false;
        };
        if is_right {
            self.confirmed = Some(waiting.to);
            return true;
        }
        let wrong = waiting.wrong.saturating_add(1);
        self.waiting = (wrong < WRONG_CODES_MAX).then_some(Waiting { wrong, ..waiting });
        false
    }

    /// Forgets the address, confirmed or not. How many codes were mailed is remembered.
    pub(crate) fn remove(&mut self) {
        *self = Self {
            codes: self.codes,
            ..Self::default()
        };
    }

    /// Something changed: a notice goes out at `due` at the earliest, unless one is on its way already.
    pub(crate) fn something_changed(&mut self, due: Timestamp) {
        if self.confirmed.is_none() {
            return;
        }
        let until = due.plus(GIVEN_UP_AFTER);
        if let Some(pending) = &mut self.pending {
            pending.until = until;
            pending.again = pending.attempts > 0;
        } else {
            let quiet_until = self.last_sent.map(|at| at.plus(NOTICE_PERIOD));
            self.pending = Some(Pending {
                attempts: 0,
                next_try: quiet_until.map_or(due, |quiet| quiet.max(due)),
                until,
                again: false,
            });
        }
    }

    /// What is to be done now. Forgets what is over; counts the attempt that it asks for.
    pub(crate) fn take(&mut self, now: Timestamp) -> Task {
        self.waiting = self.waiting.take().filter(|waiting| now < waiting.ends);
        self.pending = self.pending.take().filter(|pending| now < pending.until);
        if self.confirmed.is_none() {
            self.pending = None;
        }
        if let Some(waiting) = self
            .waiting
            .as_mut()
            .filter(|it| !it.is_mailed && now >= it.next_try)
        {
            waiting.attempts = waiting.attempts.saturating_add(1);
            waiting.next_try = now.plus(pause_after(waiting.attempts));
            return Task::SendCode;
        }
        if let Some(pending) = self.pending.as_mut().filter(|it| now >= it.next_try) {
            pending.attempts = pending.attempts.saturating_add(1);
            pending.next_try = now.plus(pause_after(pending.attempts));
            return Task::SendNotice;
        }
        if self.is_outstanding() {
            Task::Wait
        } else {
            Task::Nothing
        }
    }

    /// Whether something is still to be sent.
    pub(crate) fn is_outstanding(&self) -> bool {
        self.pending.is_some() || self.waiting.as_ref().is_some_and(|it| !it.is_mailed)
    }

    /// The mail with this code needs no further attempt.
    pub(crate) fn code_is_mailed(&mut self, nonce: &[u8; 16]) {
        if let Some(waiting) = self.waiting.as_mut().filter(|it| it.nonce == *nonce) {
            waiting.is_mailed = true;
        }
    }

    /// The notice needs no further attempt. What changed after its attempt began is another notice.
    pub(crate) fn notice_is_over(&mut self, sent: Sent, now: Timestamp) {
        let again = self.pending.take().is_some_and(|pending| pending.again);
        if sent == Sent::Done {
            self.last_sent = Some(now);
        }
        if again {
            self.something_changed(now.plus(NOTICE_PERIOD));
        }
    }
}

/// How long to wait after an attempt, by how many there were.
fn pause_after(attempts: u8) -> Duration {
    let doubled = u32::from(attempts.saturating_sub(1)).min(16);
    RETRY_FIRST.saturating_mul(1 << doubled).min(RETRY_MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    pub(crate) fn destination(address: &str) -> Destination {
        Destination {
            address: EmailAddress::parse(address).unwrap(),
            language: NoticeLanguage::Dutch,
        }
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000_800 + 60 * minutes)
    }

    fn confirmed() -> NoticeAddress {
        NoticeAddress {
            confirmed: Some(destination("anna@post.example")),
            ..NoticeAddress::default()
        }
    }

    #[test]
    fn nothing_goes_to_an_address_before_its_code_is_entered() {
        let mut notice = NoticeAddress::default();
        notice
            .set(destination("anna@post.example"), [1; 16], at(0))
            .unwrap();
        notice.something_changed(at(0));
        assert_eq!(notice.take(at(0)), Task::SendCode);
        notice.code_is_mailed(&[2; 16]);
        assert_eq!(
            notice.take(at(1)),
            Task::SendCode,
            "another code was mailed, not this one"
        );
        notice.code_is_mailed(&[1; 16]);
        assert_eq!(notice.take(at(5)), Task::Nothing);
        assert!(notice.confirm(true, at(59)));
        notice.something_changed(at(60));
        assert_eq!(notice.take(at(60)), Task::SendNotice);
    }

    #[test]
    fn a_code_ends_by_time_and_by_wrong_tries() {
        let mut notice = NoticeAddress::default();
        notice
            .set(destination("anna@post.example"), [1; 16], at(0))
            .unwrap();
        assert!(notice.waiting(at(59)).is_some() && notice.waiting(at(60)).is_none());
        assert!(!notice.clone().confirm(true, at(60)));
        for _ in 0..WRONG_CODES_MAX {
            assert!(!notice.confirm(false, at(1)));
        }
        assert!(!notice.confirm(true, at(1)), "the right one comes too late");
        assert_eq!(notice.take(at(1)), Task::Nothing);
    }

    #[test]
    fn a_mailbox_gets_five_codes_a_day() {
        let mut notice = NoticeAddress::default();
        for minute in 0..5 {
            notice
                .set(destination("anna@post.example"), [1; 16], at(minute))
                .unwrap();
            notice.remove();
        }
        let again = notice.set(destination("anna@post.example"), [1; 16], at(10));
        assert_eq!(again, Err(at(24 * 60)), "removing does not begin anew");
        assert!(
            notice
                .set(destination("anna@post.example"), [1; 16], at(24 * 60))
                .is_ok()
        );
    }

    #[test]
    fn attempts_come_ever_later_and_end() {
        let mut notice = confirmed();
        notice.something_changed(at(0));
        let (mut tried, mut now) = (Vec::new(), at(0));
        while notice.is_outstanding() {
            if notice.take(now) == Task::SendNotice {
                tried.push(now.since(at(0)).as_secs() / 60);
            }
            now = now.plus(MINUTE);
        }
        assert_eq!(&tried[..7], &[0, 1, 3, 7, 15, 31, 63]);
        assert_eq!(tried[7] - tried[6], 60);
        assert!(tried.last().is_some_and(|last| *last < 24 * 60));
        assert_eq!(now.since(at(0)), GIVEN_UP_AFTER + MINUTE);
    }

    #[test]
    fn what_changes_while_a_notice_goes_out_is_told_by_the_next() {
        let mut notice = confirmed();
        notice.something_changed(at(0));
        assert_eq!(notice.take(at(0)), Task::SendNotice);
        notice.something_changed(at(60));
        notice.notice_is_over(Sent::Done, at(1));
        assert_eq!(notice.take(at(60)), Task::Wait, "an hour of quiet");
        assert_eq!(notice.take(at(61)), Task::SendNotice);
        notice.notice_is_over(Sent::Done, at(61));
        assert_eq!(notice.take(at(200)), Task::Nothing);
    }

    proptest! {
        /// Whatever happens when, two notices are never less than an hour apart, and none is forgotten.
        #[test]
        fn notices_keep_an_hour_apart(events in prop::collection::vec((0..600_i64, any::<bool>()), 1..40)) {
            let mut events = events;
            events.sort_unstable();
            let mut notice = confirmed();
            let (mut sent, mut waiting) = (Vec::new(), events.iter().peekable());
            for minute in 0..2000 {
                let mut works = true;
                while let Some((_, ok)) = waiting.next_if(|(when, _)| *when == minute) {
                    notice.something_changed(at(minute));
                    works = *ok;
                }
                if notice.take(at(minute)) == Task::SendNotice && works {
                    notice.notice_is_over(Sent::Done, at(minute));
                    sent.push(minute);
                }
            }
            prop_assert!(sent.windows(2).all(|two| two[1] - two[0] >= 60), "{:?}", sent);
            let last = events.last().expect("there is one").0;
            prop_assert!(sent.last().is_some_and(|at| *at >= last));
        }
    }
}
