//! A guard before tonic, which panics on a status whose details are no base64 (`Status::from_header_map`). The mesh is
//! not trusted with the partner's process: such details are dropped, and the status is read without them.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt as _;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::ServiceExt as _;
use tower::util::MapResponse;

/// A status stands in the trailers, or in the headers where nothing else is sent.
const DETAILS: &str = "grpc-status-details-bin";
/// As tonic reads it: with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A channel whose replies are safe to hand to tonic.
pub(crate) type GuardedChannel = MapResponse<Channel, fn(Response<Body>) -> Response<Body>>;

/// Puts the guard before a channel.
pub(crate) fn guarded(channel: Channel) -> GuardedChannel {
    channel.map_response(readable)
}

fn readable(response: Response<Body>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    settle_details(&mut head.headers);
    let body = body.map_frame(|mut frame| {
        if let Some(trailers) = frame.trailers_mut() {
            settle_details(trailers);
        }
        frame
    });
    Response::from_parts(head, Body::new(body))
}

/// Details that can be read are written anew, so that it does not matter whether tonic's base64 is as strict as ours.
fn settle_details(headers: &mut HeaderMap) {
    let Some(value) = headers.get(DETAILS) else {
        return;
    };
    let details = BASE64.decode(value.as_bytes()).ok();
    match details.and_then(|details| HeaderValue::try_from(BASE64.encode(details)).ok()) {
        Some(details) => headers.insert(DETAILS, details),
        None => headers.remove(DETAILS),
    };
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use futures_util::stream;
    use http::Request;
    use http_body::Frame;
    use http_body_util::StreamBody;
    use sluis_proto::registry::v1::EnrolRequest;
    use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
    use tonic::{Code, Status};
    use tower::service_fn;

    use super::*;

    fn refusal(details: &'static [u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-status", HeaderValue::from_static("7"));
        headers.insert(DETAILS, HeaderValue::from_bytes(details).unwrap());
        headers
    }

    /// The status that a call ends with when the mesh answers this.
    async fn status_of(headers: HeaderMap, trailers: Option<HeaderMap>) -> Status {
        let answer = service_fn(move |_: Request<Body>| {
            let frames = trailers
                .clone()
                .map(Frame::<Bytes>::trailers)
                .map(Ok::<_, Status>);
            let mut response = Response::new(Body::new(StreamBody::new(stream::iter(frames))));
            *response.headers_mut() = headers.clone();
            async { Ok::<_, Infallible>(response) }
        });
        RegistryServiceClient::new(answer.map_response(readable))
            .enrol(EnrolRequest::default())
            .await
            .unwrap_err()
    }

    #[tokio::test]
    async fn details_that_are_no_base64_are_a_status_without_details() {
        for details in [b"!".as_slice(), b"A", b"=", b"AAAA=AAA", b"AB", &[0xff, 0xfe]] {
            for status in [
                status_of(refusal(details), None).await,
                status_of(HeaderMap::new(), Some(refusal(details))).await,
            ] {
                assert_eq!(status.code(), Code::PermissionDenied);
                assert!(status.details().is_empty());
            }
        }
    }

    #[tokio::test]
    async fn a_second_value_does_not_hide_the_first() {
        let mut twice = refusal(b"!");
        twice.append(DETAILS, HeaderValue::from_static("aGk"));
        assert!(status_of(twice, None).await.details().is_empty());
    }

    #[tokio::test]
    async fn details_that_can_be_read_stay() {
        for details in [b"aGk".as_slice(), b"aGk="] {
            assert_eq!(status_of(refusal(details), None).await.details(), b"hi");
            let status = status_of(HeaderMap::new(), Some(refusal(details))).await;
            assert_eq!(status.details(), b"hi");
        }
    }
}
