//! The bytes of a request's body: the first message is read and hashed, every message is bounded, and all of them go
//! on unchanged.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::Frame;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use sluis_envelope::Hasher;
use sluis_proto::options::v1::ErrorReason;
use tonic::Status;
use tonic::body::Body;

use crate::{Hash, Refusal};

/// gRPC's prefix of each message: one byte that says whether it is compressed, and its length as u32.
const PREFIX_BYTES: usize = 5;
const TAG: &str = "sluis/v1/request";
/// Shorter fragments are copied together: each one kept by itself would cost more than the bytes that it carries.
const COPIED_BELOW_BYTES: usize = 1024;
/// Longest piece that fragments are copied into: the usual size of an HTTP/2 frame.
const PIECE_BYTES_MAX: usize = 16 * 1024;

/// H("sluis/v1/request", message): the canonical hash of a request, over the message as it was sent.
pub fn message_hash(message: &[u8]) -> Hash {
    sluis_envelope::hash(TAG, &[message])
}

/// What is known of a request's first message.
#[derive(Clone, Debug)]
pub struct FirstMessage {
    hash: Hash,
    fault: BodyFault,
}

impl FirstMessage {
    /// [`message_hash`] of it.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Why the rest of the body was refused, if it was: asked by whoever forwards it, after the forwarding failed.
    pub fn fault(&self) -> &BodyFault {
        &self.fault
    }
}

/// Why a body was cut off after its first message.
#[derive(Clone, Debug, Default)]
pub struct BodyFault(Arc<OnceLock<Refusal>>);

impl BodyFault {
    /// The refusal, if the body was cut off.
    pub fn get(&self) -> Option<Refusal> {
        self.0.get().cloned()
    }
}

/// Reads the first message of a gRPC body and gives the body back as it was; no message of it may be longer than
/// `bytes_max`, the later ones neither.
///
/// # Errors
/// TOO_LARGE when the first message is longer, before it is read; INVALID_FIELD when there is no whole message, or
/// when it is compressed: the size of what a compressed message becomes cannot be told from the outside.
pub async fn read_first_message(mut body: Body, bytes_max: usize) -> Result<(FirstMessage, Body), Refusal> {
    let mut kept = ReadAhead::default();
    let mut bounds = MessageBounds::new(bytes_max);
    let mut first = FirstReader::default();
    let hash = loop {
        if let Some(hash) = first.hash() {
            break hash;
        }
        let Some(Ok(frame)) = body.frame().await else {
            return Err(Refusal::invalid_field(
                "(message)",
                "the request holds no whole message",
            ));
        };
        if let Some(data) = frame.data_ref() {
            bounds.scan(data)?;
            first.take(data);
        }
        kept.push(frame);
    };
    let fault = BodyFault::default();
    let read = FirstMessage {
        hash,
        fault: fault.clone(),
    };
    Ok((
        read,
        Body::new(BoundedBody {
            frames: kept.into_frames(),
            rest: body,
            bounds,
            fault,
        }),
    ))
}

/// What was read and must go on. A caller chooses how finely it cuts a message; what is kept of it stays within a small
/// factor of the bytes themselves.
#[derive(Default)]
struct ReadAhead {
    frames: VecDeque<Frame<Bytes>>,
    /// Fragments that were copied together and come after all frames.
    piece: BytesMut,
}

impl ReadAhead {
    fn push(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) if data.len() < COPIED_BELOW_BYTES => {
                if self.piece.len() + data.len() > PIECE_BYTES_MAX {
                    self.close_piece();
                }
                self.piece.extend_from_slice(&data);
            }
            Ok(data) => {
                self.close_piece();
                self.frames.push_back(Frame::data(data));
            }
            Err(trailers) => {
                self.close_piece();
                self.frames.push_back(trailers);
            }
        }
    }

    fn close_piece(&mut self) {
        if !self.piece.is_empty() {
            self.frames.push_back(Frame::data(self.piece.split().freeze()));
        }
    }

    fn into_frames(mut self) -> VecDeque<Frame<Bytes>> {
        self.close_piece();
        self.frames
    }
}

/// Hashes the payload of the first message as it comes in, and keeps nothing of it.
#[derive(Default)]
struct FirstReader {
    prefix: Vec<u8>,
    /// The hash so far, and how many bytes are still to come; none before the prefix is there.
    payload: Option<(Sha256, usize)>,
}

impl FirstReader {
    /// The hash, once the message is whole.
    fn hash(&self) -> Option<Hash> {
        match &self.payload {
            Some((state, 0)) => Some(state.clone().finalize().into()),
            _ => None,
        }
    }

    fn take(&mut self, data: &[u8]) {
        let of_prefix = data.len().min(PREFIX_BYTES - self.prefix.len());
        let (prefix, data) = data.split_at(of_prefix);
        self.prefix.extend_from_slice(prefix);
        let &[_, a, b, c, d] = self.prefix.as_slice() else {
            return;
        };
        let (state, left) = self.payload.get_or_insert_with(|| {
            let length = u32::from_be_bytes([a, b, c, d]);
            (Hasher::new(TAG).last_part(length.into()), length as usize)
        });
        let of_payload = data.len().min(*left);
        state.update(&data[..of_payload]);
        *left -= of_payload;
    }
}

/// Follows the boundaries of messages and refuses one that is too long before its bytes are taken.
struct MessageBounds {
    bytes_max: usize,
    prefix: [u8; PREFIX_BYTES],
    prefix_read: usize,
    payload_left: usize,
}

impl MessageBounds {
    fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            prefix: [0; PREFIX_BYTES],
            prefix_read: 0,
            payload_left: 0,
        }
    }

    fn scan(&mut self, mut data: &[u8]) -> Result<(), Refusal> {
        while !data.is_empty() {
            if self.payload_left > 0 {
                let step = self.payload_left.min(data.len());
                self.payload_left -= step;
                data = &data[step..];
                continue;
            }
            self.prefix[self.prefix_read] = data[0];
            self.prefix_read += 1;
            data = &data[1..];
            if self.prefix_read == PREFIX_BYTES {
                self.prefix_read = 0;
                let [compressed, length @ ..] = self.prefix;
                if compressed != 0 {
                    return Err(Refusal::invalid_field(
                        "(message)",
                        "requests must not be compressed",
                    ));
                }
                self.payload_left = u32::from_be_bytes(length) as usize;
                if self.payload_left > self.bytes_max {
                    return Err(Refusal::new(ErrorReason::TooLarge)
                        .with("request_bytes_max", self.bytes_max.to_string()));
                }
            }
        }
        Ok(())
    }
}

/// The frames that were read ahead, then the rest, each message bounded.
struct BoundedBody {
    frames: VecDeque<Frame<Bytes>>,
    rest: Body,
    bounds: MessageBounds,
    fault: BodyFault,
}

impl http_body::Body for BoundedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        let this = &mut *self;
        let polled = Pin::new(&mut this.rest).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
            && let Err(refusal) = this.bounds.scan(data)
        {
            // Only the first fault counts; a body is not read on after one.
            let _already = this.fault.0.set(refusal.clone());
            this.rest = Body::empty();
            return Poll::Ready(Some(Err(refusal.into())));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http_body_util::StreamBody;
    use proptest::prelude::*;

    fn framed(message: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(message);
        bytes
    }

    fn body_of(bytes: &[u8], chunk: usize) -> Body {
        let frames: Vec<_> = bytes
            .chunks(chunk.max(1))
            .map(|piece| Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(piece))))
            .collect();
        Body::new(StreamBody::new(stream::iter(frames)))
    }

    #[tokio::test]
    async fn a_message_that_is_too_long_compressed_or_cut_short_is_refused() {
        let read = |bytes: Vec<u8>| read_first_message(body_of(&bytes, 3), 10);
        assert!(read(framed(&[1; 10])).await.is_ok());
        let refusal = read(framed(&[1; 11])).await.unwrap_err();
        assert_eq!(refusal.reason(), ErrorReason::TooLarge);
        let mut compressed = framed(&[1; 4]);
        compressed[0] = 1;
        for bytes in [compressed, framed(&[1; 4])[..8].to_vec(), vec![0, 0], vec![]] {
            let refusal = read(bytes).await.unwrap_err();
            assert_eq!(refusal.reason(), ErrorReason::InvalidField);
        }
    }

    #[tokio::test]
    async fn the_length_is_refused_before_the_bytes_are_read() {
        // Only the prefix is ever sent: waiting for more would wait for ever.
        let prefix = stream::iter([Ok::<_, Status>(Frame::data(Bytes::from_static(&[
            0, 0xff, 0, 0, 0,
        ])))]);
        let body = futures_util::StreamExt::chain(prefix, stream::pending());
        let refused = read_first_message(Body::new(StreamBody::new(body)), 1 << 20).await;
        assert_eq!(refused.unwrap_err().reason(), ErrorReason::TooLarge);
    }

    #[tokio::test]
    async fn a_later_message_is_bounded_too() {
        let mut bytes = framed(b"first");
        bytes.extend(framed(&[0; 11]));
        let (first, body) = read_first_message(body_of(&bytes, 10), 10).await.unwrap();
        assert!(first.fault().get().is_none());
        let status = body.collect().await.unwrap_err();
        assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::TooLarge));
        assert_eq!(first.fault().get().unwrap().reason(), ErrorReason::TooLarge);
    }

    #[tokio::test]
    async fn a_message_in_tiny_fragments_is_kept_in_few_pieces() {
        let message: Vec<u8> = (0..100_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        let bytes = framed(&message);
        // Empty fragments cost a caller nothing, so they may be as many as it likes.
        let fragments: Vec<_> = bytes
            .chunks(1)
            .flat_map(|byte| [byte, &[], &[]])
            .map(|piece| Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(piece))))
            .collect();
        let body = Body::new(StreamBody::new(stream::iter(fragments)));
        let (first, mut passed) = read_first_message(body, message.len()).await.unwrap();
        assert_eq!(first.hash(), message_hash(&message));
        let mut pieces = Vec::new();
        while let Some(frame) = passed.frame().await {
            pieces.push(frame.unwrap().into_data().unwrap());
        }
        let read_ahead: Vec<_> = pieces.iter().filter(|piece| !piece.is_empty()).collect();
        assert_eq!(read_ahead.len(), bytes.len().div_ceil(PIECE_BYTES_MAX));
        assert!(
            pieces.len() <= read_ahead.len() + 2,
            "the two that came after the last byte"
        );
        assert_eq!(pieces.concat(), bytes);
    }

    proptest! {
        #[test]
        fn bytes_go_on_unchanged_however_they_are_cut(
            messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4000), 1..4),
            cuts in proptest::collection::vec(prop_oneof![0_usize..50, 900_usize..3000], 1..20),
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|message| framed(message)).collect();
            let mut left = &bytes[..];
            let mut fragments = Vec::new();
            for cut in cuts {
                let (fragment, rest) = left.split_at(cut.min(left.len()));
                fragments.push(Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(fragment))));
                left = rest;
            }
            fragments.push(Ok(Frame::data(Bytes::copy_from_slice(left))));
            let body = Body::new(StreamBody::new(stream::iter(fragments)));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (first, passed) = runtime.block_on(async {
                let (first, body) = read_first_message(body, 4000).await.unwrap();
                (first, body.collect().await.unwrap().to_bytes())
            });
            prop_assert_eq!(first.hash(), message_hash(&messages[0]));
            prop_assert_eq!(&passed[..], &bytes[..]);
        }
    }
}
