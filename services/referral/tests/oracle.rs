//! P6: what does not exist and what is another's are one answer, and cost the same.

use std::sync::{Arc, Mutex};

use sluis_envelope::{OperationCounts, TicketActions, operation_counts};
use sluis_proto::referral::v1::{
    AcceptReferralRequest, GetMessageRequest, GetReferralRequest, ReportOpenedRequest,
    StopResidentReferralRequest,
};
use sluis_types::{MessageId, MessageKind};
use tonic::Status;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::letters::{Grant, submission, ticket_key};
use crate::world::{SESSION, World};

/// The statements that were run, in order.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Sql(Option<String>);

impl Visit for Sql {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "sql" {
            self.0 = Some(format!("{value:?}"));
        }
    }
}

impl tracing::Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sluis_store::statement"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut sql = Sql(None);
        event.record(&mut sql);
        self.0.lock().unwrap().extend(sql.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// What an outsider could tell one answer from another by.
#[derive(Debug, PartialEq)]
struct Seen {
    code: tonic::Code,
    message: String,
    details: Vec<u8>,
    statements: Vec<String>,
    operations: OperationCounts,
}

/// Records one refused call. The runtime of a test has one thread, so that everything it does is seen.
async fn seen<T: std::fmt::Debug>(
    statements: &Statements,
    call: impl Future<Output = Result<T, Status>>,
) -> Seen {
    statements.take();
    let before = operation_counts();
    let status = call.await.expect_err("refused");
    let after = operation_counts();
    Seen {
        code: status.code(),
        message: status.message().to_owned(),
        details: status.details().to_vec(),
        statements: statements.take(),
        operations: OperationCounts {
            hpke_seal: after.hpke_seal - before.hpke_seal,
            hpke_open: after.hpke_open - before.hpke_open,
            sign: after.sign - before.sign,
            verify: after.verify - before.verify,
        },
    }
}

#[tokio::test]
async fn p6_absent_and_foreign_are_one_answer() {
    let statements = Statements::default();
    let _recording = tracing::subscriber::set_default(statements.clone());
    let world = World::start().await;
    let grant = world.grant();
    let (foreign_thread, foreign_message) = world.refer(&grant).await;
    let absent_thread = world.thread_id();
    let absent_message = MessageId::fresh(world.now(), world.randomness.as_ref());
    let stranger = || world.as_stranger();

    let mut pairs = Vec::new();
    for id in [foreign_message, absent_message] {
        let mut client = stranger();
        let get = GetMessageRequest {
            message_id: id.to_string(),
        };
        pairs.push(seen(&statements, client.get_message(get)).await);
    }
    for id in [foreign_message, absent_message] {
        let mut client = stranger();
        let report = ReportOpenedRequest {
            request_id: world.request_id(),
            message_id: id.to_string(),
        };
        pairs.push(seen(&statements, client.report_opened(report)).await);
    }
    for id in [foreign_thread, absent_thread] {
        let mut client = stranger();
        let get = GetReferralRequest {
            thread_id: id.to_string(),
        };
        pairs.push(seen(&statements, client.get_referral(get)).await);
    }
    for id in [foreign_thread, absent_thread] {
        let mut client = stranger();
        let accept = AcceptReferralRequest {
            request_id: world.request_id(),
            thread_id: id.to_string(),
            expected_version: 1,
        };
        pairs.push(seen(&statements, client.accept_referral(accept)).await);
    }
    // A resident with a ticket for another grant.
    let other = world.grant().ticket(TicketActions::STOP, SESSION, world.now());
    let ticket = sluis_envelope::Signed::sign(other, &ticket_key()).encode();
    for id in [foreign_thread, absent_thread] {
        let mut client = world.as_resident(SESSION);
        let stop = StopResidentReferralRequest {
            request_id: world.request_id(),
            ticket: ticket.clone().into(),
            thread_id: id.to_string(),
        };
        pairs.push(seen(&statements, client.stop_resident_referral(stop)).await);
    }
    // A note into a thread.
    let strangers = Grant::new(world.stranger.oin, world.ggz.oin, world.randomness.as_ref());
    for id in [foreign_thread, absent_thread] {
        let envelope = world.seal(world.letter(MessageKind::Note, id), &strangers);
        let request = submission(&envelope, &strangers.token(world.now()));
        let mut client = stranger();
        pairs.push(seen(&statements, client.submit_message(request)).await);
    }
    for pair in pairs.chunks(2) {
        assert!(!pair[0].statements.is_empty(), "the recording works");
        assert_eq!(pair[0], pair[1]);
    }
    world.end().await;
}
