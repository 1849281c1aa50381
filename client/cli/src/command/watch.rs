//! `sluis inbox --watch`: what happens, as it happens.

use std::pin::pin;

use futures_util::StreamExt as _;
use serde::Serialize;
use sluis_client::{MailboxEvent, MessageNotice, Partner, Tended};
use sluis_types::Timestamp;

use super::inbox::ItemView;
use super::referral::ReferralView;
use super::signal::watch::Tending;
use crate::codes::words;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::progress::Bar;
use crate::screen::{Report, columns, plain};

/// One line of a watch.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Arrived(ItemView),
    MessageChanged(NoticeView),
    ReferralChanged(ReferralView),
    SealedAgain {
        message_id: String,
        replaces: String,
        thread_id: String,
    },
    NotSealedAgain {
        message_id: String,
        why: String,
        hint: &'static str,
    },
}

#[derive(Serialize)]
struct NoticeView {
    message_id: String,
    thread_id: String,
    state: &'static str,
    cause: &'static str,
    #[serde(serialize_with = "dates::serialize")]
    at: Timestamp,
}

impl From<&MessageNotice> for NoticeView {
    fn from(notice: &MessageNotice) -> Self {
        Self {
            message_id: notice.message_id.to_string(),
            thread_id: notice.thread_id.to_string(),
            state: notice.state,
            cause: notice.cause,
            at: notice.at,
        }
    }
}

impl From<Tended> for Line {
    fn from(tended: Tended) -> Self {
        match tended {
            Tended::SealedAgain { replaces, sent } => Self::SealedAgain {
                message_id: sent.message_id.to_string(),
                replaces: replaces.to_string(),
                thread_id: sent.thread_id.to_string(),
            },
            Tended::NotSealedAgain { message, error } => Self::NotSealedAgain {
                message_id: message.to_string(),
                why: error.to_string(),
                hint: error.hint(),
            },
        }
    }
}

impl Report for Line {
    fn human(&self, dates: &Dates) -> String {
        match self {
            Self::Arrived(item) => columns(&[item.cells(dates)]),
            Self::MessageChanged(notice) => {
                let cause = if notice.cause.is_empty() {
                    String::new()
                } else {
                    format!(": {}", words(notice.cause))
                };
                format!(
                    "{}  is {}{cause}  {}\n",
                    notice.message_id,
                    words(notice.state),
                    dates.moment(notice.at)
                )
            }
            Self::ReferralChanged(view) => {
                format!(
                    "{}  referral {} is {}\n",
                    view.thread_id,
                    view.parties(),
                    view.standing()
                )
            }
            Self::SealedAgain {
                message_id, replaces, ..
            } => {
                format!("{message_id}  sealed again under the changed consent, in the place of {replaces}\n")
            }
            Self::NotSealedAgain {
                message_id,
                why,
                hint,
            } => {
                format!(
                    "{message_id}  cannot be sealed again under the changed consent: {}. {hint}\n",
                    plain(why)
                )
            }
        }
    }
}

/// Prints what happens until it is interrupted.
pub(super) async fn run(
    partner: &Partner,
    names: &Names,
    acknowledge: bool,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    context.screen.remark("Watching; Ctrl-C ends it.");
    let mut events = pin!(partner.watch());
    let mut tending = Tending::begin();
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = tending.is_due() => {
                tending.look(partner, context).await?;
                continue;
            }
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        match event {
            Some(event) => happened(event?, partner, names, acknowledge, context).await?,
            None => return Ok(()),
        }
    }
}

async fn happened(
    event: MailboxEvent,
    partner: &Partner,
    names: &Names,
    acknowledge: bool,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    match event {
        // What changed while no watch ran.
        MailboxEvent::Begun => {
            let bar = Bar::new(&context.screen, "sealing again");
            let all = partner.tend_copies(&|progress| bar.show(progress)).await?;
            drop(bar);
            for tended in all {
                context.screen.report(&Line::from(tended))?;
            }
        }
        MailboxEvent::Arrived(item) => {
            context
                .screen
                .report(&Line::Arrived(ItemView::new(&item, names)))?;
            if acknowledge {
                partner.acknowledge(&[item.message_id]).await?;
            }
        }
        MailboxEvent::Message(notice) => {
            context
                .screen
                .report(&Line::MessageChanged(NoticeView::from(&notice)))?;
            if notice.wants_sealing_again() {
                let bar = Bar::new(&context.screen, "sealing again");
                let tended = partner
                    .tend_copy(notice.message_id, &|progress| bar.show(progress))
                    .await;
                drop(bar);
                let tended = tended.unwrap_or_else(|error| {
                    Some(Tended::NotSealedAgain {
                        message: notice.message_id,
                        error,
                    })
                });
                if let Some(tended) = tended {
                    context.screen.report(&Line::from(tended))?;
                }
            }
        }
        MailboxEvent::Referral(referral) => {
            context.screen.report(&Line::ReferralChanged(ReferralView::of(
                &referral, partner, names,
            )?))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_client::{Error, Sent};
    use sluis_types::{MessageId, Priority, ThreadId};

    use super::super::inbox::tests::item;
    use super::super::referral::tests::{names, referral, them};
    use super::*;

    fn told(line: &Line) -> (String, serde_json::Value) {
        (
            line.human(&Dates(TimeZone::UTC)),
            serde_json::to_value(line).expect("JSON"),
        )
    }

    fn message(number: u8) -> MessageId {
        MessageId::from_bytes([number; 16])
    }

    #[test]
    fn what_arrives_and_changes_is_one_line() {
        let (text, json) = told(&Line::Arrived(ItemView::new(
            &item(Priority::Routine, 0),
            &names(),
        )));
        assert_eq!(
            text,
            "01010101-0101-0101-0101-010101010101  referral  from MET ggz  Mon 23 Nov 2026, 15:10\n"
        );
        assert_eq!(
            (&json["event"], &json["kind"]),
            (&"arrived".into(), &"REFERRAL".into())
        );
        let notice = MessageNotice {
            message_id: message(1),
            thread_id: ThreadId::from_bytes([2; 16]),
            state: "CANCELLED",
            cause: "CONSENT_WITHDRAWN",
            at: Timestamp::from_seconds(1_795_446_600),
        };
        let (text, json) = told(&Line::MessageChanged(NoticeView::from(&notice)));
        assert_eq!(
            text,
            "01010101-0101-0101-0101-010101010101  is cancelled: consent withdrawn  Mon 23 Nov 2026, 15:10\n"
        );
        assert_eq!(
            (&json["event"], &json["state"]),
            (&"message_changed".into(), &"CANCELLED".into())
        );
        let view = ReferralView::new(&referral("ACCEPTED", ""), them(), &names(), None);
        let (text, json) = told(&Line::ReferralChanged(view));
        assert_eq!(
            text,
            "07070707-0707-0707-0707-070707070707  referral from Welzijn is accepted\n"
        );
        assert_eq!(json["event"], "referral_changed");
    }

    #[test]
    fn sealing_again_is_said_and_so_is_why_not() {
        let sent = Sent {
            message_id: message(2),
            thread_id: ThreadId::from_bytes([3; 16]),
            received_at: Timestamp::default(),
        };
        let (text, json) = told(&Line::from(Tended::SealedAgain {
            replaces: message(1),
            sent,
        }));
        assert!(
            text.starts_with("02020202") && text.contains("in the place of 01010101"),
            "{text}"
        );
        assert_eq!(
            (&json["event"], &json["replaces"]),
            (&"sealed_again".into(), &message(1).to_string().into())
        );
        let (text, json) = told(&Line::from(Tended::NotSealedAgain {
            message: message(1),
            error: Error::OutsideGrant { what: "MEDICAL" },
        }));
        assert!(
            text.contains("more than the resident allows: MEDICAL. Leave it out"),
            "{text}"
        );
        assert_eq!(json["event"], "not_sealed_again");
    }
}
