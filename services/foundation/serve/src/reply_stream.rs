//! Reply streams: bounded, and cut off where the reader is too slow.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::Stream;
use sluis_proto::options::v1::ErrorReason;
use tokio::sync::Notify;
use tonic::Status;

use crate::{Refusal, Sleep, Timer};

/// Messages that wait for the reader of one stream.
const MESSAGES_WAITING_MAX: usize = 64;
/// How long a stream waits for a reader who takes nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bounded stream of replies and the end that fills it.
pub fn reply_stream<M>(timer: Arc<dyn Timer>) -> (ReplySender<M>, WatchReply<M>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            waiting: VecDeque::new(),
            end: End::Open,
            reader_gone: false,
            reader: None,
        }),
        changed: Notify::new(),
    });
    (
        ReplySender {
            shared: Arc::clone(&shared),
            timer,
        },
        WatchReply { shared },
    )
}

/// The stream takes no more: its reader went away or was too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream takes no more messages")]
pub struct ReplyEnded;

/// The end of a stream that is filled. Dropping it unfinished ends the stream with INTERNAL, so that half a reply
/// never passes for a whole one.
pub struct ReplySender<M> {
    shared: Arc<Shared<M>>,
    timer: Arc<dyn Timer>,
}

/// The end of a stream that the client reads.
pub struct WatchReply<M> {
    shared: Arc<Shared<M>>,
}

struct Shared<M> {
    state: Mutex<State<M>>,
    /// Told when there is room, and when the reader goes.
    changed: Notify,
}

struct State<M> {
    waiting: VecDeque<M>,
    end: End,
    reader_gone: bool,
    reader: Option<Waker>,
}

enum End {
    Open,
    Whole,
    Refused(Refusal),
    /// The end was read.
    Told,
}

impl<M> Shared<M> {
    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> State<M> {
    fn end(&mut self, end: End) {
        if matches!(self.end, End::Open) {
            self.end = end;
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
    }
}

impl<M> fmt::Debug for ReplySender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplySender(…)")
    }
}

impl<M> fmt::Debug for WatchReply<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WatchReply(…)")
    }
}

impl<M> ReplySender<M> {
    /// Puts a message into the stream, waiting for room if need be.
    ///
    /// # Errors
    /// [`ReplyEnded`] when the reader went away, or took nothing for ten seconds and was cut off with SLOW_READER.
    pub async fn send(&self, message: M) -> Result<(), ReplyEnded> {
        let mut message = Some(message);
        let mut patience: Option<Sleep> = None;
        loop {
            // Asked for before looking, so that no change in between is missed.
            let changed = self.shared.changed.notified();
            if self.offer(&mut message)? {
                return Ok(());
            }
            let patience =
                patience.get_or_insert_with(|| self.timer.sleep_until(self.timer.now() + PATIENCE));
            tokio::select! {
                biased;
                () = changed => {}
                () = patience => {
                    let mut state = self.shared.state();
                    // The client goes on from its last token, so what waits is not needed: free it now.
                    state.waiting.clear();
                    state.end(End::Refused(Refusal::new(ErrorReason::SlowReader)));
                    return Err(ReplyEnded);
                }
            }
        }
    }

    fn offer(&self, message: &mut Option<M>) -> Result<bool, ReplyEnded> {
        let mut state = self.shared.state();
        if state.reader_gone || !matches!(state.end, End::Open) {
            return Err(ReplyEnded);
        }
        if state.waiting.len() >= MESSAGES_WAITING_MAX {
            return Ok(false);
        }
        state.waiting.extend(message.take());
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
        Ok(true)
    }

    /// Ends the stream: whole, or refused after what was sent.
    pub fn finish(self, outcome: Result<(), Refusal>) {
        let end = match outcome {
            Ok(()) => End::Whole,
            Err(refusal) => End::Refused(refusal),
        };
        self.shared.state().end(end);
    }

    /// Waits until the reader is gone.
    pub async fn reader_gone(&self) {
        loop {
            let changed = self.shared.changed.notified();
            if self.shared.state().reader_gone {
                return;
            }
            changed.await;
        }
    }
}

impl<M> Drop for ReplySender<M> {
    fn drop(&mut self) {
        self.shared
            .state()
            .end(End::Refused(Refusal::new(ErrorReason::Internal)));
    }
}

impl<M> Stream for WatchReply<M> {
    type Item = Result<M, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.shared.state();
        if let Some(message) = state.waiting.pop_front() {
            drop(state);
            self.shared.changed.notify_waiters();
            return Poll::Ready(Some(Ok(message)));
        }
        match std::mem::replace(&mut state.end, End::Told) {
            End::Open => {
                state.end = End::Open;
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
            End::Whole | End::Told => Poll::Ready(None),
            End::Refused(refusal) => Poll::Ready(Some(Err(refusal.into()))),
        }
    }
}

impl<M> Drop for WatchReply<M> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.reader_gone = true;
        state.waiting.clear();
        drop(state);
        self.shared.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualTimer;
    use futures_util::StreamExt as _;

    #[tokio::test]
    async fn a_slow_reader_is_cut_off_and_its_messages_freed() {
        let (sender, mut reply) = {
            let timer = Arc::new(ManualTimer::new());
            let (sender, reply) = reply_stream::<u32>(Arc::clone(&timer) as Arc<dyn Timer>);
            for number in 0..64 {
                sender.send(number).await.unwrap();
            }
            let blocked = tokio::spawn(async move { (sender.send(64).await, sender) });
            timer.until_awaited(PATIENCE).await;
            assert!(!blocked.is_finished());
            timer.advance(PATIENCE);
            let (sent, sender) = blocked.await.unwrap();
            assert_eq!(sent, Err(ReplyEnded));
            (sender, reply)
        };
        assert_eq!(sender.shared.state().waiting.len(), 0);
        let status = reply.next().await.unwrap().unwrap_err();
        assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::SlowReader));
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }

    #[tokio::test]
    async fn a_reader_who_comes_in_time_is_waited_for() {
        let timer = Arc::new(ManualTimer::new());
        let (sender, mut reply) = reply_stream::<u32>(Arc::clone(&timer) as Arc<dyn Timer>);
        let sending = tokio::spawn(async move {
            for number in 0..200 {
                sender.send(number).await.unwrap();
            }
            sender.finish(Ok(()));
        });
        for number in 0..200 {
            assert_eq!(reply.next().await.unwrap().unwrap(), number);
        }
        assert!(reply.next().await.is_none());
        sending.await.unwrap();
    }

    #[tokio::test]
    async fn half_a_reply_never_passes_for_a_whole_one() {
        let (sender, mut reply) = reply_stream::<u32>(Arc::new(ManualTimer::new()));
        sender.send(1).await.unwrap();
        drop(sender);
        assert_eq!(reply.next().await.unwrap().unwrap(), 1);
        let status = reply.next().await.unwrap().unwrap_err();
        assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::Internal));
    }
}
