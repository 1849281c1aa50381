//! Messages and referrals as they are shown.

use sluis_proto::referral::v1 as proto;
use sluis_serve::to_proto_timestamp;
use sluis_types::Timestamp;

use crate::domain::thread::Thread;
use crate::event::MessageChanged;
use crate::store::message::Message;

/// A referral as both sides see it. Our numbers of states and causes are the proto's: a test compares them.
pub(super) fn referral(thread: &Thread) -> proto::Referral {
    proto::Referral {
        thread_id: thread.id.to_string(),
        sender: thread.sender.to_string(),
        recipient: thread.recipient.to_string(),
        state: thread.stage.state() as i32,
        cause: thread.stage.cause() as i32,
        version: thread.version,
        changed_at: Some(to_proto_timestamp(thread.changed_at)),
        respond_by: thread.respond_by.map(to_proto_timestamp),
        expected_weeks: u32::from(thread.stage.expected_weeks()),
    }
}

/// A message without its ciphertext, as it is at `now`.
pub(super) fn entry(message: &Message, now: Timestamp) -> proto::InboxEntry {
    proto::InboxEntry {
        manifest: message.manifest_bytes.clone().into(),
        receipt: message.receipt.clone().into(),
        state: message.shown_state(now) as i32,
    }
}

/// A message that changed.
pub(super) fn change(change: &MessageChanged) -> proto::MessageChange {
    proto::MessageChange {
        message_id: change.message.to_string(),
        thread_id: change.thread.to_string(),
        state: change.state as i32,
        cause: change.cause as i32,
        at: Some(to_proto_timestamp(change.at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageState;
    use crate::domain::thread::{Cause, State};

    #[test]
    fn our_numbers_and_names_are_those_of_the_proto() {
        for number in 1..=11 {
            let theirs = proto::ReferralState::try_from(number).unwrap();
            let ours = [
                State::Submitted,
                State::Delivered,
                State::InReview,
                State::Accepted,
                State::Waitlisted,
                State::Rejected,
                State::InProgress,
                State::OnHold,
                State::Completed,
                State::Cancelled,
                State::Expired,
            ]
            .into_iter()
            .find(|state| *state as i32 == number)
            .unwrap();
            assert_eq!(theirs.as_str_name(), format!("REFERRAL_STATE_{}", ours.name()));
        }
        assert!(proto::ReferralState::try_from(12).is_err());
        for state in MessageState::ALL {
            let theirs = proto::MessageState::try_from(state as i32).unwrap();
            let ours = format!("{state:?}").to_uppercase();
            assert_eq!(
                theirs
                    .as_str_name()
                    .replace("MESSAGE_STATE_", "")
                    .replace('_', ""),
                ours
            );
        }
        for number in 1..8 {
            let ours = format!("{:?}", Cause::from_number(number).unwrap()).to_uppercase();
            let theirs = proto::Cause::try_from(i32::from(number)).unwrap();
            assert_eq!(theirs.as_str_name().replace("CAUSE_", "").replace('_', ""), ours);
        }
        assert!(proto::Cause::try_from(8).is_err());
    }
}
