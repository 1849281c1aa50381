//! DisputeMandate: a resident disputes a mandate that an organisation recorded.

use sluis_proto::consent::v1::{DisputeMandateRequest, DisputeMandateResponse};
use sluis_serve::{Caller, Refusal};
use tonic::Request;

use super::change_mandate::{Wanted, change};
use super::convert_mandate::mandate_id;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::mandate::MandateStep;

const METHOD: &str = "sluis.consent.v1.ResidentRepresentationService/DisputeMandate";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<DisputeMandateRequest>,
) -> Result<DisputeMandateResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        mandate: mandate_id(&asked.mandate_id)?,
        step: MandateStep::Dispute,
        happening: Happening::MandateDisputed,
        method: METHOD,
    };
    Ok(DisputeMandateResponse {
        mandate: Some(change(desk, attempt, wanted).await?),
    })
}
