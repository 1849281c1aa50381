//! The silence rule of streams: a client that sends nothing for too long is cut off.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tonic::Status;
use tonic::body::Body;

use crate::refusal::deadline_exceeded;
use crate::{Sleep, Timer};

/// A request body that ends with DEADLINE_EXCEEDED when whoever reads it waited longer than `silence_max` for a
/// frame. Time in which nobody reads is not the client's silence.
pub(crate) struct SilenceBody {
    inner: Body,
    timer: Arc<dyn Timer>,
    silence_max: Duration,
    waiting: Option<Sleep>,
}

impl SilenceBody {
    pub(crate) fn wrap(inner: Body, timer: Arc<dyn Timer>, silence_max: Duration) -> Body {
        Body::new(Self {
            inner,
            timer,
            silence_max,
            waiting: None,
        })
    }
}

impl http_body::Body for SilenceBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        if polled.is_ready() {
            this.waiting = None;
            return polled;
        }
        let waiting = this
            .waiting
            .get_or_insert_with(|| this.timer.sleep_until(this.timer.now() + this.silence_max));
        if waiting.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        this.waiting = None;
        this.inner = Body::empty();
        Poll::Ready(Some(Err(deadline_exceeded())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualTimer;
    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, StreamBody};

    #[tokio::test]
    async fn silence_ends_the_stream_and_each_frame_starts_it_anew() {
        let timer = Arc::new(ManualTimer::new());
        let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
        let frames = stream::unfold(receiver, async |mut receiver| {
            let data = receiver.recv().await?;
            Some((Ok::<_, Status>(Frame::data(data)), receiver))
        });
        let silence = Duration::from_secs(5);
        let mut body = SilenceBody::wrap(
            Body::new(StreamBody::new(frames.boxed())),
            Arc::clone(&timer) as Arc<dyn Timer>,
            silence,
        );
        // Time before anybody reads does not count.
        timer.advance(2 * silence);
        sender.send(Bytes::from_static(b"one")).await.unwrap();
        assert!(body.frame().await.unwrap().is_ok());
        let reading = tokio::spawn(async move { body.frame().await.unwrap().unwrap_err() });
        timer.until_awaited(3 * silence).await;
        timer.advance(silence);
        assert_eq!(reading.await.unwrap().code(), tonic::Code::DeadlineExceeded);
    }
}
