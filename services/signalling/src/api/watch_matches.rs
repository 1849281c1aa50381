//! WatchMatches: first the matches that have not ended, then what happens to them.

use std::sync::Arc;

use sluis_envelope::Reader;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::watch_matches_response::Event;
use sluis_proto::signalling::v1::{Heartbeat, WatchMatchesRequest, WatchMatchesResponse};
use sluis_serve::{Caller, Refusal, SealedTokens, WatchReply, WatchSource, to_proto_timestamp, watch};
use sluis_store::{Outbox, Position};
use sluis_types::Oin;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::error::{of_outbox, of_store};
use crate::event::read_row;
use crate::store::encounter::FIRST;
use crate::store::vault::{Fault, Tag};

const TOKEN: &str = "watch-matches";
/// Matches read at once before the events.
const PAGE: u32 = 50;
/// Rows of the outbox read at once.
const ROWS: u32 = 200;

pub(super) async fn handle(
    context: &Arc<Context>,
    request: &Request<WatchMatchesRequest>,
) -> Result<WatchReply<WatchMatchesResponse>, Refusal> {
    let partner = context.partner(request)?;
    let filter = SealedTokens::filter(Caller::of(request)?, &[]);
    let outbox = context.store.outbox();
    let token = &request.get_ref().resume_token;
    let place = match context.tokens.open_resume(TOKEN, token, &filter)? {
        Some(place) => Place::read(&place).ok_or_else(|| Refusal::new(ErrorReason::BadPageToken))?,
        // Taken before the matches are read: what happens between the two is told twice, not lost.
        None => Place::Matches {
            events_from: outbox.latest().await.map_err(|error| of_store(&error))?,
            after: FIRST,
        },
    };
    // A lapsed token is refused at once, not in the middle of the stream.
    outbox
        .read_after(place.events_from(), 1, None)
        .await
        .map_err(|error| of_outbox(&error))?;
    let source = Matches {
        context: Arc::clone(context),
        outbox,
        organisation: partner.organisation(),
        filter,
        place,
    };
    Ok(watch(source, context.pace.clone()))
}

/// How far a watch came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Among the matches, after one of them; then the events from a position on.
    Matches { events_from: Position, after: Tag },
    /// Among the events.
    Events(Position),
}

impl Place {
    const fn events_from(self) -> Position {
        match self {
            Self::Matches { events_from, .. } | Self::Events(events_from) => events_from,
        }
    }

    fn write(self) -> Vec<u8> {
        let mut bytes = self.events_from().to_be_bytes().to_vec();
        if let Self::Matches { after, .. } = self {
            bytes.extend_from_slice(&after);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let events_from = reader.i64().ok()?;
        if reader.rest_len() == 0 {
            return Some(Self::Events(events_from));
        }
        let after = reader.array().ok()?;
        reader.finish().ok()?;
        Some(Self::Matches { events_from, after })
    }
}

struct Matches {
    context: Arc<Context>,
    outbox: Outbox,
    organisation: Oin,
    filter: [u8; 32],
    place: Place,
}

impl Matches {
    fn message(&self, place: Place, event: Event) -> WatchMatchesResponse {
        let resume_token = self
            .context
            .tokens
            .seal_resume(TOKEN, &place.write(), &self.filter);
        WatchMatchesResponse {
            resume_token: resume_token.into(),
            event: Some(event),
        }
    }

    fn told(&self, place: Place, encounter: &Encounter) -> WatchMatchesResponse {
        self.message(place, Event::Match(reply::encounter(encounter)))
    }

    /// Some more of the matches that have not ended; false at their end.
    async fn read_matches(
        &mut self,
        (events_from, after): (Position, Tag),
        told: &mut Vec<WatchMatchesResponse>,
    ) -> Result<bool, Refusal> {
        let context = &self.context;
        let mut read = context
            .store
            .read("watch_matches.matches")
            .await
            .map_err(Fault::from)?;
        let organisation = self.organisation;
        let page = Encounter::page(&context.vault, &mut read.tx(), organisation, &after, PAGE).await?;
        drop(read);
        let open = page.iter().filter(|(_, encounter)| !encounter.stage.is_final());
        told.extend(open.map(|(tag, encounter)| {
            let after = *tag;
            self.told(Place::Matches { events_from, after }, encounter)
        }));
        self.place = match page.last() {
            Some((tag, _)) => Place::Matches {
                events_from,
                after: *tag,
            },
            None => Place::Events(events_from),
        };
        Ok(!page.is_empty())
    }

    /// What happened after a position that concerns this organisation.
    async fn read_events(&mut self, after: Position) -> Result<Vec<WatchMatchesResponse>, Refusal> {
        let batch = self
            .outbox
            .read_after(after, ROWS, None)
            .await
            .map_err(|error| of_outbox(&error))?;
        let mut told = Vec::new();
        for record in &batch.events {
            let matches = read_row(&record.payload).map_err(Fault::from)?;
            let ours = matches
                .iter()
                .filter(|encounter| encounter.party(self.organisation).is_some());
            told.extend(ours.map(|encounter| self.told(Place::Events(record.position), encounter)));
        }
        self.place = Place::Events(batch.read_through);
        Ok(told)
    }
}

impl WatchSource for Matches {
    type Message = WatchMatchesResponse;

    async fn read(&mut self) -> Result<Vec<WatchMatchesResponse>, Refusal> {
        let mut told = Vec::new();
        while let Place::Matches { events_from, after } = self.place {
            let more = self.read_matches((events_from, after), &mut told).await?;
            if more && !told.is_empty() {
                return Ok(told);
            }
        }
        self.read_events(self.place.events_from()).await
    }

    async fn hint(&mut self) {
        self.outbox.wait_after(self.place.events_from()).await;
    }

    async fn heartbeat(&mut self) -> Result<WatchMatchesResponse, Refusal> {
        let heartbeat = Heartbeat {
            at: Some(to_proto_timestamp(self.context.clock.now())),
            checkpoint: self.context.checkpoint().await?.into(),
        };
        Ok(self.message(self.place, Event::Heartbeat(heartbeat)))
    }
}
