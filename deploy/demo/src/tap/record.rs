//! What a tap recorded: calls, and in each the messages of both directions as they travelled.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use hyper::body::Frame;
use prost::Message;

/// Bytes before each message in a gRPC body: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// One call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// `/package.Service/Method`.
    pub path: String,
    /// The professional's token that it carried.
    pub token: String,
    /// Every header that it carried, name and value.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body as it was sent.
    pub sent: Vec<u8>,
    /// The body as it was received, as far as it came.
    pub received: Vec<u8>,
}

impl Call {
    /// The messages that were sent.
    pub fn requests<M: Message + Default>(&self) -> Vec<M> {
        messages(&self.sent)
    }

    /// The messages that were received.
    pub fn replies<M: Message + Default>(&self) -> Vec<M> {
        messages(&self.received)
    }
}

/// The whole messages of a gRPC body. The SDK asks for no compression, so none is compressed.
fn messages<M: Message + Default>(mut body: &[u8]) -> Vec<M> {
    let mut found = Vec::new();
    while let Some((prefix, rest)) = body.split_first_chunk::<PREFIX_BYTES>() {
        let [_, length @ ..] = *prefix;
        let Some((message, rest)) = rest.split_at_checked(u32::from_be_bytes(length) as usize) else {
            break;
        };
        found.extend(M::decode(message));
        body = rest;
    }
    found
}

type Calls = Arc<Mutex<Vec<Call>>>;

/// Everything that went through a tap. Cheap to clone.
#[derive(Clone, Default)]
pub struct Recording(Calls);

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recording(…)")
    }
}

impl Recording {
    /// The calls until now, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The calls of one method until now, in order.
    pub fn calls_of(&self, path: &str) -> Vec<Call> {
        self.calls()
            .into_iter()
            .filter(|call| call.path == path)
            .collect()
    }

    /// The token that the newest call carried.
    pub fn newest_token(&self) -> Option<String> {
        self.calls()
            .into_iter()
            .rev()
            .map(|call| call.token)
            .find(|token| !token.is_empty())
    }

    pub(super) fn begin<B>(&self, request: &Request<B>) -> Open {
        let token = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = token
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
            .to_owned();
        let headers = request.headers().iter();
        let call = Call {
            path: request.uri().path().to_owned(),
            token,
            headers: headers
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
            ..Call::default()
        };
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
        Open {
            calls: Arc::clone(&self.0),
            index: calls.len() - 1,
        }
    }
}

/// A call that is under way.
#[derive(Clone)]
pub(super) struct Open {
    calls: Calls,
    index: usize,
}

impl Open {
    pub(super) fn sent(&self, frame: Frame<Bytes>) -> Frame<Bytes> {
        self.write(frame, |call| &mut call.sent)
    }

    pub(super) fn received(&self, frame: Frame<Bytes>) -> Frame<Bytes> {
        self.write(frame, |call| &mut call.received)
    }

    fn write(&self, frame: Frame<Bytes>, side: impl Fn(&mut Call) -> &mut Vec<u8>) -> Frame<Bytes> {
        if let Some(data) = frame.data_ref() {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            side(&mut calls[self.index]).extend_from_slice(data);
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_far_as_they_came() {
        let one = "one".to_owned().encode_to_vec();
        let mut body = Vec::new();
        for _ in 0..2 {
            body.push(0);
            body.extend_from_slice(&u32::try_from(one.len()).unwrap().to_be_bytes());
            body.extend_from_slice(&one);
        }
        assert_eq!(messages::<String>(&body), ["one", "one"]);
        assert_eq!(messages::<String>(&body[..body.len() - 1]), ["one"]);
        assert!(messages::<String>(&[0, 0]).is_empty());
    }
}
