//! `sluis feedback`: tell the referrer how it goes.

use std::path::PathBuf;

use clap::Args;
use sluis_client::{Conversation, Error, Outgoing, OutgoingAttachment, Partner, Sent};
use sluis_envelope::Scope;
use sluis_types::{CodeSet, DataKind, LifeDomain, MessageKind, Priority, Purpose, ThreadId};

use super::send::{SentView, attachments};
use crate::body::Body;
use crate::codes::{self, ScopeArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;
use crate::progress::Bar;

/// In how many days feedback can no longer be opened.
const EXPIRE_DAYS: u16 = 30;

/// Tell the referrer how it goes: sealed, and only with the resident's consent for FEEDBACK
///
/// Without --domain it is about the life domains of the thread; without --data it is SITUATION.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The referral's thread
    #[arg(value_name = "THREAD")]
    thread: ThreadId,
    /// What to tell
    #[arg(
        long,
        value_name = "TEXT",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    text: Option<String>,
    /// What to tell: a .txt file or a FHIR resource in JSON
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A file that goes with it; may be repeated
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Which kind of data the attachments are
    #[arg(long, value_name = "CODE", value_parser = codes::data_kinds(), ignore_case = true, default_value = "DOCUMENT", hide_possible_values = true)]
    attach_kind: DataKind,
    #[command(flatten)]
    about: ScopeArguments,
}

/// What feedback in a thread is about, where the command line does not say.
pub(super) fn scope_within(conversation: &Conversation, about: &ScopeArguments) -> Result<Scope, Failure> {
    let domains: CodeSet<LifeDomain> = if about.domains.is_empty() {
        conversation.life_domains
    } else {
        about.domains.iter().copied().collect()
    };
    let complete = ScopeArguments {
        purposes: about.purposes.clone(),
        domains: domains.iter().collect(),
        data: if about.data.is_empty() {
            vec![DataKind::Situation]
        } else {
            about.data.clone()
        },
    };
    complete
        .scope(Purpose::Feedback)
        .ok_or_else(|| Failure::usage("say with --domain what it is about"))
}

/// Sends feedback in a thread.
pub(super) async fn send(
    partner: &Partner,
    thread: ThreadId,
    conversation: &Conversation,
    body: Body,
    attachments: Vec<OutgoingAttachment>,
    bar: &Bar,
) -> Result<Sent, Error> {
    let outgoing = Outgoing {
        recipient: conversation.counterpart,
        resident: conversation.resident,
        kind: MessageKind::Feedback,
        thread: Some(thread),
        based_on: Some(conversation.latest),
        priority: Priority::Routine,
        respond_within_days: None,
        expires_in_days: EXPIRE_DAYS,
        scope: body.scope,
        media_type: body.media_type,
        body: body.bytes,
        attachments,
    };
    partner.send(outgoing, &|progress| bar.show(progress)).await
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let conversation = partner.conversation(arguments.thread)?;
    let scope = scope_within(&conversation, &arguments.about)?;
    let body = match (arguments.text, &arguments.file) {
        (Some(text), _) => Body::text(text, scope),
        (None, Some(file)) => {
            let about = ScopeArguments {
                purposes: scope.purposes().iter().collect(),
                domains: scope.life_domains().iter().collect(),
                data: scope.data_kinds().iter().collect(),
            };
            Body::read(file, &about, Purpose::Feedback)?
        }
        (None, None) => return Err(Failure::usage("say what to tell with --text or --file")),
    };
    let attachments = attachments(&arguments.attach, arguments.attach_kind, &body.scope)?;
    let (names, count) = (Names::load(&partner).await?, attachments.len());
    let bar = Bar::new(&context.screen, "attachments");
    let sent = send(&partner, arguments.thread, &conversation, body, attachments, &bar).await?;
    drop(bar);
    let view = SentView::new(&sent, conversation.counterpart, &names, count, Priority::Routine);
    context.screen.report(&view)
}

#[cfg(test)]
mod tests {
    use sluis_types::{Handle, MessageId};

    use super::super::referral::tests::them;
    use super::*;

    #[test]
    fn feedback_is_about_what_the_thread_is_about_unless_said_otherwise() {
        let conversation = Conversation {
            counterpart: them(),
            resident: Handle::from_bytes([1; 16]),
            latest: MessageId::from_bytes([2; 16]),
            life_domains: CodeSet::EMPTY.with(LifeDomain::Finances),
            data_kinds: CodeSet::EMPTY.with(DataKind::Financial),
        };
        let scope = scope_within(&conversation, &ScopeArguments::default()).expect("a scope");
        assert_eq!(scope.purposes(), CodeSet::EMPTY.with(Purpose::Feedback));
        assert_eq!(scope.life_domains(), CodeSet::EMPTY.with(LifeDomain::Finances));
        assert_eq!(scope.data_kinds(), CodeSet::EMPTY.with(DataKind::Situation));
        let about = ScopeArguments {
            domains: vec![LifeDomain::Surroundings],
            data: vec![DataKind::Plan],
            ..ScopeArguments::default()
        };
        let scope = scope_within(&conversation, &about).expect("a scope");
        assert_eq!(
            scope.life_domains(),
            CodeSet::EMPTY.with(LifeDomain::Surroundings)
        );
        assert_eq!(scope.data_kinds(), CodeSet::EMPTY.with(DataKind::Plan));
    }
}
