//! GetOrganisation: one organisation, with every key statement it ever published.

use sluis_proto::registry::v1::{GetOrganisationRequest, GetOrganisationResponse};
use sluis_serve::{Caller, Refusal, oin};

use super::message::organisation;
use crate::Inner;
use crate::domain::Refused;
use crate::error::Error;
use crate::store::{Record, load_record};

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<GetOrganisationRequest>,
) -> Result<GetOrganisationResponse, Refusal> {
    // Whoever may call this may see every organisation.
    Caller::of(request)?;
    let oin = oin("oin", &request.get_ref().oin)?;
    let found = find(registry, oin)
        .await?
        .ok_or(Error::Refused(Refused::NotAvailable))?;
    Ok(GetOrganisationResponse {
        organisation: Some(organisation(found)),
    })
}

async fn find(registry: &Inner, oin: sluis_types::Oin) -> Result<Option<Record>, Error> {
    let mut read = registry.store.read("organisation.get").await?;
    Ok(load_record(&mut read.tx(), oin).await?)
}
