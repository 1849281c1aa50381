//! SubmitMessages: many submissions over one stream, several at a time, answered in order.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use prost::Message as _;
use sluis_proto::referral::v1::submit_messages_response::Outcome;
use sluis_proto::referral::v1::{self as proto, SubmitMessagesRequest, SubmitMessagesResponse};
use sluis_serve::Refusal;
use sluis_types::ThreadId;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tonic::{Request, Status, Streaming};

use super::Pulled;
use super::submission::Submission;
use crate::context::{Context, Partner};

/// Submissions of one stream that are stored at the same time: enough to fill a grouped commit.
const IN_FLIGHT_MAX: usize = 32;
/// Bytes of one stream that are held at the same time; the largest message fits in.
const KIBIBYTES_IN_FLIGHT_MAX: u32 = 8 * 1024;

pub(super) fn handle(
    context: &Arc<Context>,
    request: Request<Streaming<SubmitMessagesRequest>>,
) -> Result<Pulled<SubmitMessagesResponse>, Refusal> {
    let caller = context.partner(&request)?.caller;
    let context = Arc::clone(context);
    let room = Arc::new(Semaphore::new(KIBIBYTES_IN_FLIGHT_MAX as usize));
    let mut turns = Turns::default();
    let answers = request
        .into_inner()
        // Takes no further message from the client before there is room for it.
        .then(move |received| {
            let room = Arc::clone(&room);
            async move {
                let received: SubmitMessagesRequest = received?;
                let kibibytes = u32::try_from(received.encoded_len() / 1024 + 1).unwrap_or(u32::MAX);
                let permit = room
                    .acquire_many_owned(kibibytes.min(KIBIBYTES_IN_FLIGHT_MAX))
                    .await;
                Ok((received, permit.expect("nobody closes the semaphore")))
            }
        })
        .map(move |received: Result<_, Status>| {
            let context = Arc::clone(&context);
            let submission = received.map(|(request, permit)| (decode(request), permit));
            let turn = match &submission {
                Ok((Ok(submission), _)) => Some(turns.next(submission.thread_id())),
                _ => None,
            };
            async move {
                let (submission, permit) = submission?;
                let partner = Partner {
                    caller,
                    now: context.clock.now(),
                };
                Ok(answer(&context, partner, submission, turn, permit).await)
            }
        })
        .buffered(IN_FLIGHT_MAX);
    Ok(Box::pin(answers))
}

type Decoded = Result<Submission, (String, Refusal)>;

fn decode(request: SubmitMessagesRequest) -> Decoded {
    let submission = request.submission.ok_or_else(|| {
        (
            String::new(),
            Refusal::invalid_field("submission", "must not be empty"),
        )
    })?;
    // Only what reads as an id is given back as one.
    let id = sluis_serve::request_id(&submission.request_id)
        .map(|id| id.to_string())
        .unwrap_or_default();
    Submission::decode(submission).map_err(|refusal| (id, refusal))
}

async fn answer(
    context: &Context,
    partner: Partner,
    submission: Decoded,
    mut turn: Option<Turn>,
    _room: OwnedSemaphorePermit,
) -> SubmitMessagesResponse {
    let (message_id, outcome) = match submission {
        Err((id, refusal)) => (id, Err(refusal)),
        Ok(submission) => {
            if let Some(turn) = &mut turn {
                turn.wait().await;
            }
            let id = submission.message_id().to_string();
            (id, submission.submit(context, partner).await)
        }
    };
    let outcome = match outcome {
        Ok(accepted) => Outcome::Accepted(accepted),
        Err(refusal) => Outcome::Refused(proto::Refusal {
            code: refusal.code() as i32,
            reason: refusal
                .reason()
                .as_str_name()
                .trim_start_matches("ERROR_REASON_")
                .to_owned(),
        }),
    };
    SubmitMessagesResponse {
        message_id,
        outcome: Some(outcome),
    }
}

/// Keeps submissions of one thread in their order, while those of different threads overtake each other.
#[derive(Default)]
struct Turns {
    last: HashMap<ThreadId, oneshot::Receiver<()>>,
}

/// A submission's turn. Dropping it lets the next one of its thread go.
struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _done: oneshot::Sender<()>,
}

impl Turns {
    fn next(&mut self, thread: ThreadId) -> Turn {
        if self.last.len() > 4 * IN_FLIGHT_MAX {
            self.last
                .retain(|_, done| matches!(done.try_recv(), Err(TryRecvError::Empty)));
        }
        let (done, waiting) = oneshot::channel();
        Turn {
            before: self.last.insert(thread, waiting),
            _done: done,
        }
    }
}

impl Turn {
    /// Waits until the submission before it is answered.
    async fn wait(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: the end of the other turn is the news.
            let _ended = before.await;
        }
    }
}
