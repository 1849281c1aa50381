//! AcknowledgeCircleBundle: a member has its posts, and consent forgets them.

use std::sync::Arc;

use sluis_proto::consent::v1::{AcknowledgeCircleBundleRequest, AcknowledgeCircleBundleResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, id};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Randomness, Timestamp};
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, Name, ResidentKey};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.CircleService/AcknowledgeCircleBundle";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<AcknowledgeCircleBundleRequest>,
) -> Result<AcknowledgeCircleBundleResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let acknowledge = Acknowledge {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        version: asked.grant_version,
        now: desk.now(),
    };
    Ok(desk
        .store
        .write(attempt, acknowledge)
        .await
        .map_err(write_refusal)?
        .answer?)
}

struct Acknowledge {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    grant: GrantId,
    version: u32,
    now: Timestamp,
}

impl Command for Acknowledge {
    type Reply = AcknowledgeCircleBundleResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Outcome<AcknowledgeCircleBundleResponse, Denial>, CommandError> {
        let rows = &self.rows;
        let own = &self.caller.organisation;
        let taken = rows.take_bundle(tx, own, self.grant, self.version).await?;
        let access = rows.access(tx, &rows.key(&Name::Grant(self.grant))).await?;
        // The resident's log hears of it when the posts were the caller's; nobody's does otherwise.
        let resident = access.filter(|_| taken).map_or_else(
            || ResidentKey::generate(&*self.randomness),
            |access| access.resident,
        );
        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_partner(Happening::BundleFetched, METHOD, &self.caller, self.now)
            .about(Some(self.grant));
        let log = if taken {
            entry.done(tag)
        } else {
            entry.refused(tag, Denial::NotAvailable)
        };
        Ok(Outcome::done(AcknowledgeCircleBundleResponse {}, log))
    }
}
