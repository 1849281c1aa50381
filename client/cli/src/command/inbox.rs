//! `sluis inbox`: what waits.

use clap::Args;
use serde::Serialize;
use sluis_client::InboxItem;
use sluis_types::{MessageId, Timestamp};

use super::watch;
use crate::codes::words;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, columns};

/// List the messages that wait, oldest first
///
/// With --watch, go on until interrupted and print what happens as it happens: what arrives, what changes. Sent messages
/// whose consent changed before they were opened are then sealed again under the new consent, and live signals are posted
/// when they are due; it says so.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Go on and print what happens; with --json one document per line
    #[arg(long)]
    pub(super) watch: bool,
    /// Tell the mesh that what was printed is in your own system: it is then not listed again
    #[arg(long)]
    pub(super) acknowledge: bool,
}

/// A message as its header describes it.
#[derive(Serialize)]
pub(super) struct ItemView {
    message_id: String,
    thread_id: String,
    sender: String,
    sender_name: String,
    kind: &'static str,
    priority: &'static str,
    state: &'static str,
    #[serde(serialize_with = "dates::serialize")]
    created: Timestamp,
    #[serde(serialize_with = "dates::serialize")]
    expires: Timestamp,
    #[serde(serialize_with = "dates::serialize_optional")]
    respond_by: Option<Timestamp>,
    replaces: Option<String>,
    attachments: u16,
}

impl ItemView {
    pub(super) fn new(item: &InboxItem, names: &Names) -> Self {
        Self {
            message_id: item.message_id.to_string(),
            thread_id: item.thread_id.to_string(),
            sender: item.sender.to_string(),
            sender_name: names.of(item.sender),
            kind: item.kind.name(),
            priority: item.priority.name(),
            state: item.state,
            created: item.created,
            expires: item.expires,
            respond_by: item.respond_by,
            replaces: item.replaces.map(|id| id.to_string()),
            attachments: item.attachments,
        }
    }

    pub(super) fn cells(&self, dates: &Dates) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.priority != "ROUTINE" {
            remarks.push(words(self.priority));
        }
        if self.attachments > 0 {
            remarks.push(format!("attachments: {}", self.attachments));
        }
        if let Some(respond_by) = self.respond_by {
            remarks.push(format!("answer by {}", dates.day(respond_by)));
        }
        if self.replaces.is_some() {
            remarks.push("takes the place of an earlier one".to_owned());
        }
        vec![
            self.message_id.clone(),
            words(self.kind),
            format!("from {}", self.sender_name),
            dates.moment(self.created),
            remarks.join(", "),
        ]
    }
}

#[derive(Serialize)]
struct Listed {
    messages: Vec<ItemView>,
}

impl Report for Listed {
    fn human(&self, dates: &Dates) -> String {
        if self.messages.is_empty() {
            return "Nothing waits.\n".to_owned();
        }
        columns(
            &self
                .messages
                .iter()
                .map(|item| item.cells(dates))
                .collect::<Vec<_>>(),
        )
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    if arguments.watch {
        return watch::run(&partner, &names, arguments.acknowledge, context).await;
    }
    partner.forget_expired_copies()?;
    let items = partner.inbox().await?;
    let messages = items.iter().map(|item| ItemView::new(item, &names)).collect();
    context.screen.report(&Listed { messages })?;
    if arguments.acknowledge {
        let ids: Vec<MessageId> = items.iter().map(|item| item.message_id).collect();
        partner.acknowledge(&ids).await?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::tz::TimeZone;
    use sluis_types::{MessageKind, Priority, ThreadId};

    use super::super::referral::tests::{names, them};
    use super::*;

    pub(in crate::command) fn item(priority: Priority, attachments: u16) -> InboxItem {
        let created = Timestamp::from_seconds(1_795_446_600);
        InboxItem {
            message_id: MessageId::from_bytes([1; 16]),
            thread_id: ThreadId::from_bytes([2; 16]),
            sender: them(),
            kind: MessageKind::Referral,
            priority,
            created,
            expires: created.plus(std::time::Duration::from_hours(24 * 30)),
            respond_by: (attachments > 0).then(|| created.plus(std::time::Duration::from_hours(24))),
            replaces: None,
            attachments,
            state: "SUBMITTED",
        }
    }

    #[test]
    fn what_waits_has_a_line_each() {
        let listed = Listed {
            messages: vec![
                ItemView::new(&item(Priority::Urgent, 2), &names()),
                ItemView::new(&item(Priority::Routine, 0), &names()),
            ],
        };
        assert_eq!(
            listed.human(&Dates(TimeZone::UTC)),
            "01010101-0101-0101-0101-010101010101  referral  from MET ggz  Mon 23 Nov 2026, 15:10  \
             urgent, attachments: 2, answer by Tue 24 Nov 2026\n\
             01010101-0101-0101-0101-010101010101  referral  from MET ggz  Mon 23 Nov 2026, 15:10\n"
        );
        assert_eq!(
            Listed { messages: Vec::new() }.human(&Dates(TimeZone::UTC)),
            "Nothing waits.\n"
        );
    }

    #[test]
    fn programs_get_every_field() {
        let json = serde_json::to_value(ItemView::new(&item(Priority::Routine, 0), &names())).expect("JSON");
        let fields: Vec<_> = json
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            fields,
            [
                "attachments",
                "created",
                "expires",
                "kind",
                "message_id",
                "priority",
                "replaces",
                "respond_by",
                "sender",
                "sender_name",
                "state",
                "thread_id"
            ]
        );
    }
}
