//! Watches: everything that is there, then every change, and a heartbeat where nothing changes.

use std::sync::Arc;
use std::time::Duration;

use crate::{Refusal, ReplySender, Stop, Timer, WatchReply, reply_stream};

/// A watch says that it is there after this much silence.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(2);
/// A source is read this often even when nothing hinted at anything new: hints may be lost, the store may not.
const READ_EVERY: Duration = Duration::from_millis(500);

/// Where the messages of a watch come from; it remembers how far it was read.
pub trait WatchSource: Send + 'static {
    /// One message of the stream.
    type Message: Send + 'static;

    /// What is new since the last call, in order, about a hundred messages at most; empty when there is nothing.
    fn read(&mut self) -> impl Future<Output = Result<Vec<Self::Message>, Refusal>> + Send;

    /// Resolves when reading may be worth it. It may never resolve: the source is read twice a second anyway.
    fn hint(&mut self) -> impl Future<Output = ()> + Send;

    /// The sign of life. Asked for only after a `read` that found nothing, so that it never says "nothing happened"
    /// while something did.
    fn heartbeat(&mut self) -> impl Future<Output = Result<Self::Message, Refusal>> + Send;
}

/// What a watch keeps time by, and what ends it.
#[derive(Clone, Debug)]
pub struct WatchPace {
    /// Heartbeats and patience are measured by this.
    pub timer: Arc<dyn Timer>,
    /// Ends the stream with TEMPORARILY_CLOSED.
    pub stop: Stop,
}

/// A stream of everything that the source has and will have, for a server-streaming method. Must be called within a
/// Tokio runtime.
pub fn watch<S: WatchSource>(mut source: S, pace: WatchPace) -> WatchReply<S::Message> {
    let (sender, reply) = reply_stream(Arc::clone(&pace.timer));
    tokio::spawn(async move {
        let outcome = follow(&mut source, &sender, &pace).await;
        sender.finish(outcome);
    });
    reply
}

async fn follow<S: WatchSource>(
    source: &mut S,
    sender: &ReplySender<S::Message>,
    pace: &WatchPace,
) -> Result<(), Refusal> {
    let timer = &pace.timer;
    let mut silent_since = timer.now();
    loop {
        if pace.stop.is_requested() {
            return Err(Refusal::temporarily_closed());
        }
        let mut news = source.read().await?;
        if news.is_empty() {
            let silence_ends = silent_since + HEARTBEAT_EVERY;
            if timer.now() < silence_ends {
                let read_again = silence_ends.min(timer.now() + READ_EVERY);
                tokio::select! {
                    () = source.hint() => {}
                    () = timer.sleep_until(read_again) => {}
                    () = pace.stop.requested() => {}
                    () = sender.reader_gone() => return Ok(()),
                }
                continue;
            }
            news.push(source.heartbeat().await?);
        }
        for message in news {
            if sender.send(message).await.is_err() {
                return Ok(());
            }
        }
        silent_since = timer.now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualTimer;
    use futures_util::StreamExt as _;
    use sluis_proto::options::v1::ErrorReason;
    use tokio::sync::mpsc;

    /// Reads what the test sends; a heartbeat is 0.
    struct Source {
        news: mpsc::Receiver<Vec<u32>>,
        next: Vec<u32>,
    }

    impl WatchSource for Source {
        type Message = u32;

        async fn read(&mut self) -> Result<Vec<u32>, Refusal> {
            if self.next.is_empty()
                && let Ok(news) = self.news.try_recv()
            {
                self.next = news;
            }
            Ok(std::mem::take(&mut self.next))
        }

        async fn hint(&mut self) {
            match self.news.recv().await {
                Some(news) => self.next = news,
                None => std::future::pending().await,
            }
        }

        async fn heartbeat(&mut self) -> Result<u32, Refusal> {
            Ok(0)
        }
    }

    fn start() -> (mpsc::Sender<Vec<u32>>, WatchReply<u32>, Arc<ManualTimer>, Stop) {
        let (news, receiver) = mpsc::channel(100);
        let (timer, stop) = (Arc::new(ManualTimer::new()), Stop::new());
        let pace = WatchPace {
            timer: Arc::clone(&timer) as Arc<dyn Timer>,
            stop: stop.clone(),
        };
        (
            news,
            watch(
                Source {
                    news: receiver,
                    next: Vec::new(),
                },
                pace,
            ),
            timer,
            stop,
        )
    }

    #[tokio::test]
    async fn news_come_in_order_and_silence_is_broken_by_a_heartbeat() {
        let (news, mut reply, timer, stop) = start();
        news.send(vec![1, 2]).await.unwrap();
        assert_eq!(reply.next().await.unwrap().unwrap(), 1);
        assert_eq!(reply.next().await.unwrap().unwrap(), 2);
        for step in 1..=4 {
            timer.until_awaited(step * READ_EVERY).await;
            timer.advance(READ_EVERY);
        }
        assert_eq!(
            reply.next().await.unwrap().unwrap(),
            0,
            "the heartbeat after two seconds"
        );
        news.send(vec![3]).await.unwrap();
        assert_eq!(reply.next().await.unwrap().unwrap(), 3);
        stop.request();
        let status = reply.next().await.unwrap().unwrap_err();
        assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TemporarilyClosed));
        assert!(reply.next().await.is_none());
    }

    #[tokio::test]
    async fn a_watch_ends_with_its_reader() {
        let (news, reply, _timer, _stop) = start();
        drop(reply);
        // The source is dropped with the task that read it.
        news.closed().await;
    }
}
