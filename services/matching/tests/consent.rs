//! What this service reaches of consent: a service with the same interface, behind the real chassis, that says what a
//! test wants it to say.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, stream};
use sluis_proto::consent::v1::grant_event_service_server::GrantEventService;
use sluis_proto::consent::v1::{
    GetGrantStatesRequest, GetGrantStatesResponse, GrantStanding, WatchGrantsRequest, WatchGrantsResponse,
};
use sluis_types::GrantId;
use tonic::{Request, Response, Status};

/// Says of grants that they are live, unless they ended.
#[derive(Clone, Default)]
pub(crate) struct Consent {
    ended: Arc<Mutex<HashSet<GrantId>>>,
}

impl Consent {
    pub(crate) fn end(&self, grant: GrantId) {
        self.ended.lock().unwrap().insert(grant);
    }
}

#[tonic::async_trait]
impl GrantEventService for Consent {
    type WatchGrantsStream = Pin<Box<dyn Stream<Item = Result<WatchGrantsResponse, Status>> + Send>>;

    async fn watch_grants(
        &self,
        _: Request<WatchGrantsRequest>,
    ) -> Result<Response<Self::WatchGrantsStream>, Status> {
        Ok(Response::new(Box::pin(stream::empty())))
    }

    async fn get_grant_states(
        &self,
        request: Request<GetGrantStatesRequest>,
    ) -> Result<Response<GetGrantStatesResponse>, Status> {
        let ended = self.ended.lock().unwrap();
        let standings = request.into_inner().grant_ids.into_iter().map(|id| {
            let is_ended = ended.contains(&GrantId::from_slice(&id).unwrap());
            GrantStanding {
                grant_id: id,
                version: u32::from(!is_ended),
                paused: false,
            }
        });
        Ok(Response::new(GetGrantStatesResponse {
            standings: standings.collect(),
        }))
    }
}
