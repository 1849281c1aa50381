//! EndLegalBasis: an organisation ends a record of its own, and its key is destroyed before the answer.

use sluis_proto::consent::v1::{EndLegalBasisRequest, EndLegalBasisResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_legal_basis::{Wanted, Wish, change};
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.LegalBasisService/EndLegalBasis";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<EndLegalBasisRequest>,
) -> Result<EndLegalBasisResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        basis: id("legal_basis_id", &asked.legal_basis_id)?,
        wish: Wish::End,
        method: METHOD,
    };
    Ok(EndLegalBasisResponse {
        record: Some(change(desk, attempt, wanted).await?),
    })
}
