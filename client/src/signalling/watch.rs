//! What is told of matches, as it happens.

use futures_util::Stream;
use sluis_proto::signalling::v1 as wire;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_proto::signalling::v1::watch_matches_response::Event;

use super::matches::Match;
use crate::Error;
use crate::inbox::RESUME_PAUSE;
use crate::partner::Partner;

/// Something that concerns matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchEvent {
    /// The stream began: every match that has not ended follows. Comes again when the mesh no longer knows where the
    /// stream was.
    Begun,
    /// A match, as it now is.
    Match(Match),
}

impl Partner {
    /// Everything that concerns this organisation's matches, for as long as it is polled: those that have not ended
    /// first, then what happens, at least once. The stream takes itself up again when the connection breaks; it ends with
    /// an error that trying again would not mend.
    pub fn watch_matches(&self) -> impl Stream<Item = Result<MatchEvent, Error>> + '_ {
        futures_util::stream::unfold(Watch::new(self), |mut watch| async {
            if watch.ended {
                return None;
            }
            let event = watch.next().await;
            watch.ended = event.is_err();
            Some((event, watch))
        })
    }
}

struct Watch<'a> {
    partner: &'a Partner,
    stream: Option<tonic::Streaming<wire::WatchMatchesResponse>>,
    resume_token: bytes::Bytes,
    /// Whether nothing was told yet of a stream that did not go on from an earlier one.
    is_fresh: bool,
    ended: bool,
}

impl<'a> Watch<'a> {
    fn new(partner: &'a Partner) -> Self {
        Self {
            partner,
            stream: None,
            resume_token: bytes::Bytes::new(),
            is_fresh: true,
            ended: false,
        }
    }

    async fn next(&mut self) -> Result<MatchEvent, Error> {
        loop {
            let Some(stream) = &mut self.stream else {
                if self.begin().await? && std::mem::take(&mut self.is_fresh) {
                    return Ok(MatchEvent::Begun);
                }
                continue;
            };
            match stream.message().await {
                Ok(Some(message)) => {
                    self.resume_token = message.resume_token;
                    if let Some(Event::Match(found)) = message.event {
                        return Ok(MatchEvent::Match(Match::from_wire(&found)?));
                    }
                }
                Ok(None) => self.pause().await,
                Err(status) if status.code() == tonic::Code::OutOfRange => {
                    self.forget_place();
                    self.pause().await;
                }
                Err(status) => self.pause_or_end(status.into()).await?,
            }
        }
    }

    /// Whether a stream is there now.
    async fn begin(&mut self) -> Result<bool, Error> {
        let ask = wire::WatchMatchesRequest {
            resume_token: self.resume_token.clone(),
        };
        let request = self.partner.connection.request(ask)?;
        match SignallingServiceClient::new(self.partner.connection.channel())
            .watch_matches(request)
            .await
        {
            Ok(stream) => {
                self.stream = Some(stream.into_inner());
                return Ok(true);
            }
            Err(status) if status.code() == tonic::Code::OutOfRange => self.forget_place(),
            Err(status) => self.pause_or_end(status.into()).await?,
        }
        Ok(false)
    }

    async fn pause_or_end(&mut self, error: Error) -> Result<(), Error> {
        if !error.only_interrupts() {
            return Err(error);
        }
        self.pause().await;
        Ok(())
    }

    /// The mesh no longer knows where the stream was: it begins afresh.
    fn forget_place(&mut self) {
        self.resume_token = bytes::Bytes::new();
        self.is_fresh = true;
    }

    async fn pause(&mut self) {
        self.stream = None;
        tokio::time::sleep(RESUME_PAUSE).await;
    }
}
