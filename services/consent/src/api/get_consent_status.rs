//! GetConsentStatus: whether consent is live between two organisations, now. Each question leaves a leaf.

use std::sync::Arc;

use sluis_proto::consent::v1::{GetConsentStatusRequest, GetConsentStatusResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, oin, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Handle, Oin, Randomness, Timestamp};
use tonic::Request;

use super::convert;
use crate::desk::Desk;
use crate::domain::Liveness;
use crate::domain::access_kind::Happening;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, Name, ResidentKey, RowKind};
use crate::store::{Lock, Rows};

const METHOD: &str = "sluis.consent.v1.ConsentService/GetConsentStatus";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GetConsentStatusRequest>,
) -> Result<GetConsentStatusResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let handle = convert::handle(&asked.handle)?;
    let discloser = oin("discloser", &asked.discloser)?;
    let recipient = oin("recipient", &asked.recipient)?;
    if caller.organisation != discloser && caller.organisation != recipient {
        return Err(Refusal::invalid_field(
            "discloser",
            "the caller must be one of the two",
        ));
    }
    let ask = Ask {
        rows: desk.rows.clone(),
        liveness: Arc::clone(&desk.liveness),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle,
        discloser,
        recipient,
        now: desk.now(),
    };
    Ok(desk
        .store
        .write_internal("GetConsentStatus", ask)
        .await
        .map_err(write_refusal)?
        .answer?)
}

struct Ask {
    rows: Rows,
    liveness: Arc<dyn Liveness>,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    discloser: Oin,
    recipient: Oin,
    now: Timestamp,
}

impl Command for Ask {
    type Reply = GetConsentStatusResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Outcome<GetConsentStatusResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let link = Name::Link {
            organisation: &self.caller.organisation,
            handle: &self.handle,
        };
        let link = rows.access(tx, &rows.key(&link)).await?;
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);
        let pair = Name::GrantOf {
            resident: &resident,
            discloser: &self.discloser,
            recipient: &self.recipient,
        };
        let access = rows.access(tx, &rows.key(&pair)).await?;
        let i = access.and_then(|access| access.row()).unwrap_or_default();
        let grant = rows
            .grant(tx, &resident.tag(RowKind::Grant, i), Lock::Shared)
            .await?;
        let live = grant
            .filter(|grant| grant.discloser == self.discloser && grant.recipient == self.recipient)
            .filter(|grant| self.liveness.is_live(&grant.standing(), now));

        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_partner(Happening::StatusAsked, METHOD, &self.caller, now).under(live.as_ref());
        Ok(match live {
            Some(grant) => {
                let reply = GetConsentStatusResponse {
                    provisions: convert::allowed(&grant),
                    valid_until: Some(to_proto_timestamp(grant.valid_until)),
                    version: grant.version,
                };
                Outcome::done(reply, entry.done(tag))
            }
            None => Outcome::refused(Denial::NotAvailable, entry.refused(tag, Denial::NotAvailable)),
        })
    }
}
