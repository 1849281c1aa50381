//! ConfirmLegalBasis: a second person of the organisation looks at a record.

use sluis_proto::consent::v1::{ConfirmLegalBasisRequest, ConfirmLegalBasisResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_legal_basis::{Wanted, Wish, change};
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.LegalBasisService/ConfirmLegalBasis";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ConfirmLegalBasisRequest>,
) -> Result<ConfirmLegalBasisResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        basis: id("legal_basis_id", &asked.legal_basis_id)?,
        wish: Wish::Confirm,
        method: METHOD,
    };
    Ok(ConfirmLegalBasisResponse {
        record: Some(change(desk, attempt, wanted).await?),
    })
}
