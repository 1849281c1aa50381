//! `sluis send`: a referral, or a message in its thread.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_client::{Conversation, Outgoing, OutgoingAttachment, Partner, Sent};
use sluis_envelope::Scope;
use sluis_types::{DataKind, Handle, MessageKind, Oin, Priority, Purpose, ThreadId, Timestamp};

use crate::body::Body;
use crate::codes::{self, ScopeArguments};
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::progress::Bar;
use crate::screen::Report;

/// In how many days a message can no longer be opened, where the command line does not say.
const EXPIRE_DAYS: u16 = 30;

/// Send a referral to another organisation, or a message in its thread
///
/// The file is our referral form (JSON), a FHIR R4 resource (JSON), or text (.txt); it arrives byte for byte. The form
/// says itself what it is about; FHIR and text need --domain and --data. Attachments may be pdf, jpg, png, txt, docx
/// and odt files of at most 25 MiB.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// To whom: an OIN, a name, or a part of a name. Needed unless there is a thread
    #[arg(long, value_name = "ORGANISATION", required_unless_present = "thread")]
    to: Option<String>,
    /// About whom: the resident's label. Needed unless there is a thread
    #[arg(long, value_name = "LABEL", required_unless_present = "thread")]
    resident: Option<String>,
    /// What to send
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// A file that goes with it; may be repeated
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Which kind of data the attachments are
    #[arg(long, value_name = "CODE", value_parser = codes::data_kinds(), ignore_case = true, default_value = "DOCUMENT", hide_possible_values = true)]
    attach_kind: DataKind,
    /// Send it in a thread that is there already
    #[arg(long, value_name = "THREAD", requires = "kind")]
    thread: Option<ThreadId>,
    /// What the message is to its thread
    #[arg(long, value_name = "KIND", requires = "thread")]
    kind: Option<Kind>,
    /// How soon an answer is needed. In an acute crisis call 112 or the crisis service instead
    #[arg(long, value_name = "CODE", value_parser = codes::priorities(), ignore_case = true, default_value = "ROUTINE")]
    priority: Priority,
    /// In how many days an answer should be there [default for a referral: 14, SOON 5, URGENT 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=366))]
    respond_days: Option<u16>,
    /// After how many days it can no longer be opened [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=366))]
    expire_days: Option<u16>,
    #[command(flatten)]
    about: ScopeArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A remark
    Note,
    /// A newer version of what you sent before
    Amendment,
}

/// A message that the mesh has.
#[derive(Serialize)]
pub(super) struct SentView {
    message_id: String,
    thread_id: String,
    recipient: String,
    attachments: usize,
    #[serde(serialize_with = "dates::serialize")]
    received_at: Timestamp,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    is_urgent: bool,
}

impl SentView {
    pub(super) fn new(
        sent: &Sent,
        recipient: Oin,
        names: &Names,
        attachments: usize,
        priority: Priority,
    ) -> Self {
        Self {
            message_id: sent.message_id.to_string(),
            thread_id: sent.thread_id.to_string(),
            recipient: recipient.to_string(),
            attachments,
            received_at: sent.received_at,
            name: names.of(recipient),
            is_urgent: priority == Priority::Urgent,
        }
    }
}

impl Report for SentView {
    fn human(&self, dates: &Dates) -> String {
        let with = match self.attachments {
            0 => String::new(),
            1 => " with 1 attachment".to_owned(),
            several => format!(" with {several} attachments"),
        };
        let mut text = format!(
            "Sent to {}{with}: the mesh has it since {}.\n",
            self.name,
            dates.moment(self.received_at)
        );
        let _ = writeln!(
            text,
            "  message {}\n  thread  {}",
            self.message_id, self.thread_id
        );
        if self.is_urgent {
            let _ = writeln!(text, "It is urgent: phone them too.");
        }
        text
    }
}

/// To whom and about whom a message goes, and what it answers.
struct Address {
    recipient: Oin,
    resident: Handle,
    conversation: Option<Conversation>,
}

fn address(arguments: &Arguments, partner: &Partner, names: &Names) -> Result<Address, Failure> {
    let recipient = arguments.to.as_deref().map(|to| names.find(to)).transpose()?;
    let resident = arguments
        .resident
        .as_deref()
        .map(|label| partner.profile().resident(label))
        .transpose()?;
    let conversation = arguments
        .thread
        .map(|thread| partner.conversation(thread))
        .transpose()?;
    match conversation {
        Some(conversation) => {
            if recipient.is_some_and(|to| to != conversation.counterpart) {
                return Err(Failure::usage(
                    "the thread is with another organisation: leave --to out",
                ));
            }
            if resident.is_some_and(|about| about != conversation.resident) {
                return Err(Failure::usage(
                    "the thread is about another resident: leave --resident out",
                ));
            }
            Ok(Address {
                recipient: conversation.counterpart,
                resident: conversation.resident,
                conversation: Some(conversation),
            })
        }
        None => match (recipient, resident) {
            (Some(recipient), Some(resident)) => Ok(Address {
                recipient,
                resident,
                conversation: None,
            }),
            _ => Err(Failure::usage(
                "say with --to and --resident to whom and about whom it is",
            )),
        },
    }
}

/// The attachments, once it is sure that the message may hold them.
pub(super) fn attachments(
    paths: &[PathBuf],
    kind: DataKind,
    scope: &Scope,
) -> Result<Vec<OutgoingAttachment>, Failure> {
    if !paths.is_empty() && !scope.data_kinds().contains(kind) {
        return Err(Failure::usage(format!(
            "the attachments are {}, and the message does not say that it holds that: name it in the form's data_kinds \
             or with --data, or say with --attach-kind what they are",
            kind.name()
        )));
    }
    paths
        .iter()
        .map(|path| Ok(OutgoingAttachment::detect(path, kind)?))
        .collect()
}

/// In how many days an answer to a referral should be there: 10, 3 and 1 working days.
fn respond_days(arguments: &Arguments) -> Option<u16> {
    arguments
        .respond_days
        .or(match (arguments.thread, arguments.priority) {
            (Some(_), _) => None,
            (None, Priority::Routine) => Some(14),
            (None, Priority::Soon) => Some(5),
            (None, Priority::Urgent) => Some(1),
        })
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let body = Body::read(&arguments.file, &arguments.about, Purpose::Referral)?;
    let attachments = attachments(&arguments.attach, arguments.attach_kind, &body.scope)?;
    let respond_within_days = respond_days(&arguments);
    let expires_in_days = arguments
        .expire_days
        .unwrap_or(EXPIRE_DAYS.max(respond_within_days.unwrap_or(0)));
    if respond_within_days.is_some_and(|days| days > expires_in_days) {
        return Err(Failure::usage(
            "the answer is due after the message expires: see --respond-days and --expire-days",
        ));
    }
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let to = address(&arguments, &partner, &names)?;
    let count = attachments.len();
    let outgoing = Outgoing {
        recipient: to.recipient,
        resident: to.resident,
        kind: match arguments.kind {
            None => MessageKind::Referral,
            Some(Kind::Note) => MessageKind::Note,
            Some(Kind::Amendment) => MessageKind::Amendment,
        },
        thread: arguments.thread,
        based_on: to.conversation.map(|conversation| conversation.latest),
        priority: arguments.priority,
        respond_within_days,
        expires_in_days,
        scope: body.scope,
        media_type: body.media_type,
        body: body.bytes,
        attachments,
    };
    let bar = Bar::new(&context.screen, "attachments");
    let sent = partner.send(outgoing, &|progress| bar.show(progress)).await?;
    drop(bar);
    context.screen.report(&SentView::new(
        &sent,
        to.recipient,
        &names,
        count,
        arguments.priority,
    ))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_types::{CodeSet, LifeDomain, MessageId};

    use super::super::referral::tests::{names, them};
    use super::*;

    fn scope(kind: DataKind) -> Scope {
        Scope::new(
            CodeSet::EMPTY.with(Purpose::Referral),
            CodeSet::EMPTY.with(LifeDomain::Finances),
            CodeSet::EMPTY.with(kind),
        )
        .expect("a scope")
    }

    #[test]
    fn attachments_are_of_a_kind_that_the_message_names() {
        let paths = [PathBuf::from("plan.pdf")];
        let failure = attachments(&paths, DataKind::Document, &scope(DataKind::Plan)).expect_err("not named");
        assert!(failure.human().contains("DOCUMENT"), "{}", failure.human());
        assert_eq!(
            attachments(&paths, DataKind::Plan, &scope(DataKind::Plan))
                .expect("named")
                .len(),
            1
        );
        assert!(
            attachments(
                &[PathBuf::from("plan.exe")],
                DataKind::Plan,
                &scope(DataKind::Plan)
            )
            .is_err()
        );
        assert!(
            attachments(&[], DataKind::Document, &scope(DataKind::Plan))
                .expect("none")
                .is_empty()
        );
    }

    #[test]
    fn it_says_what_the_mesh_has() {
        let sent = Sent {
            message_id: MessageId::from_bytes([1; 16]),
            thread_id: ThreadId::from_bytes([2; 16]),
            received_at: Timestamp::from_seconds(1_795_446_600),
        };
        let view = SentView::new(&sent, them(), &names(), 1, Priority::Urgent);
        assert_eq!(
            view.human(&Dates(TimeZone::UTC)),
            "Sent to MET ggz with 1 attachment: the mesh has it since Mon 23 Nov 2026, 15:10.\n  \
             message 01010101-0101-0101-0101-010101010101\n  thread  02020202-0202-0202-0202-020202020202\n\
             It is urgent: phone them too.\n"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["received_at"], "2026-11-23T15:10:00Z");
        assert_eq!(json.as_object().expect("an object").len(), 5);
    }
}
