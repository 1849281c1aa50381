//! The two bodies of a call that passes through: each frame as it is, and an end that says how it ended.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use sluis_serve::Refusal;
use tonic::Status;
use tonic::body::Body;

use crate::partner::StandingWatch;

type Polled = Poll<Option<Result<Frame<Bytes>, Status>>>;

/// Why the gateway stopped passing a request's body on. From the service's answer alone it would look as if the
/// service broke off.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestFault(Arc<OnceLock<Status>>);

impl RequestFault {
    pub(super) fn get(&self) -> Option<Status> {
        self.0.get().cloned()
    }

    fn set(&self, status: &Status) {
        // Only the first counts.
        let _already = self.0.set(status.clone());
    }
}

/// A request's messages, on their way to the service.
pub(super) struct RequestBody {
    inner: Body,
    fault: RequestFault,
    watch: Option<StandingWatch>,
}

impl RequestBody {
    pub(super) fn wrap(inner: Body, fault: RequestFault, watch: Option<StandingWatch>) -> Body {
        Body::new(Self { inner, fault, watch })
    }

    fn end_with(&mut self, status: Status) -> Polled {
        self.fault.set(&status);
        self.inner = Body::empty();
        Poll::Ready(Some(Err(status)))
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        if let Some(watch) = &mut self.watch
            && let Poll::Ready(refusal) = watch.poll_lost(cx)
        {
            self.watch = None;
            return self.end_with(refusal.into());
        }
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Err(status))) => self.end_with(status),
            polled => polled,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A reply's messages and trailers, on their way to the client. It always ends with trailers: the service's own, or
/// those of the refusal that says why there are none.
pub(super) struct ReplyBody {
    inner: Body,
    fault: RequestFault,
    watch: Option<StandingWatch>,
    ended: bool,
}

impl ReplyBody {
    pub(super) fn wrap(inner: Body, fault: RequestFault, watch: Option<StandingWatch>) -> Body {
        Body::new(Self {
            inner,
            fault,
            watch,
            ended: false,
        })
    }

    fn end_with(&mut self, status: &Status) -> Polled {
        self.ended = true;
        // Dropping the rest resets the stream from the service: it learns that nobody listens.
        self.inner = Body::empty();
        self.watch = None;
        let mut trailers = HeaderMap::new();
        match status.add_header(&mut trailers) {
            Ok(()) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            // A status that fits in no header: the client sees a stream that was reset, which is no answer either.
            Err(status) => Poll::Ready(Some(Err(status))),
        }
    }

    /// The service ended without a status: for what the gateway refused, or because it is gone.
    fn end_without_status(&mut self, cause: &Status) -> Polled {
        let status = self.fault.get().unwrap_or_else(|| Refusal::closed(cause).into());
        self.end_with(&status)
    }
}

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(watch) = &mut self.watch
            && let Poll::Ready(refusal) = watch.poll_lost(cx)
        {
            return self.end_with(&refusal.into());
        }
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.ended = frame.is_trailers();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(status))) => self.end_without_status(&status),
            Poll::Ready(None) => self.end_without_status(&Status::unknown("the reply has no status")),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt as _, StreamBody};
    use sluis_proto::options::v1::ErrorReason;

    fn body_of(frames: Vec<Result<Frame<Bytes>, Status>>) -> Body {
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    }

    fn data(text: &'static str) -> Frame<Bytes> {
        Frame::data(Bytes::from_static(text.as_bytes()))
    }

    async fn read(inner: Body, fault: RequestFault) -> (Bytes, HeaderMap) {
        let read = ReplyBody::wrap(inner, fault, None)
            .collect()
            .await
            .expect("never an error");
        let trailers = read.trailers().cloned().expect("always trailers");
        (read.to_bytes(), trailers)
    }

    #[tokio::test]
    async fn trailers_come_through_as_they_are() {
        let mut own = HeaderMap::new();
        own.insert("grpc-status", "5".parse().expect("ASCII"));
        own.insert("x-own", "kept".parse().expect("ASCII"));
        let frames = vec![Ok(data("one")), Ok(data("two")), Ok(Frame::trailers(own.clone()))];
        let (bytes, trailers) = read(body_of(frames), RequestFault::default()).await;
        assert_eq!((&bytes[..], trailers), (&b"onetwo"[..], own));
    }

    #[tokio::test]
    async fn a_reply_that_breaks_off_ends_closed_or_with_what_the_gateway_refused() {
        for frames in [
            vec![Ok(data("one"))],
            vec![Ok(data("one")), Err(Status::internal("broken"))],
            vec![],
        ] {
            let reason = async |fault| {
                let frames = frames.iter().map(|it| match it {
                    Ok(_) => Ok(data("one")),
                    Err(status) => Err(status.clone()),
                });
                let (_, trailers) = read(body_of(frames.collect()), fault).await;
                let status = Status::from_header_map(&trailers).expect("it has a status");
                Refusal::reason_of(&status)
            };
            assert_eq!(
                reason(RequestFault::default()).await,
                Some(ErrorReason::TemporarilyClosed)
            );
            let fault = RequestFault::default();
            fault.set(&Refusal::new(ErrorReason::TooLarge).into());
            assert_eq!(reason(fault).await, Some(ErrorReason::TooLarge));
        }
    }
}
