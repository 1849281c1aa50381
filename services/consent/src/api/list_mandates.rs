//! ListMandates: who may speak for a resident; for a representative, its own mandates.

use sluis_proto::consent::v1::{ListMandatesRequest, ListMandatesResponse};
use sluis_serve::{Caller, Refusal};
use tonic::Request;

use super::convert_mandate;
use crate::desk::Desk;
use crate::domain::mandate::Mandate;
use crate::error::{CommandError, store_refusal};
use crate::identity::view;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListMandatesRequest>,
) -> Result<ListMandatesResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?;
    let now = desk.now();
    let mut read = desk
        .store
        .read("ListMandates")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, now).await?;
    let mut mandates: Vec<Mandate> = Vec::new();
    for reached in &reach.residents {
        if reach.is_representative {
            mandates.extend(reached.mandates().cloned());
        } else {
            let of_resident = desk.rows.mandates(&mut tx, &reached.resident).await;
            mandates.extend(of_resident.map_err(CommandError::Store)?);
        }
    }
    // A proxy is one mandate, about every resident behind the login.
    mandates.sort_by_key(|mandate| (std::cmp::Reverse(mandate.recorded_at), *mandate.id.as_bytes()));
    mandates.dedup_by_key(|mandate| mandate.id);
    let shown = |mandate| convert_mandate::mandate(mandate, reach.is_representative, now);
    Ok(ListMandatesResponse {
        mandates: mandates.iter().map(shown).collect(),
    })
}
