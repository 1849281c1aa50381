//! ReviewLegalBasis: a privacy officer says whether a record is right; one that is not ends.

use sluis_proto::consent::v1::{ReviewLegalBasisRequest, ReviewLegalBasisResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_legal_basis::{Wanted, Wish, change};
use super::convert_legal_basis;
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.LegalBasisService/ReviewLegalBasis";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ReviewLegalBasisRequest>,
) -> Result<ReviewLegalBasisResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        basis: id("legal_basis_id", &asked.legal_basis_id)?,
        wish: Wish::Review(convert_legal_basis::outcome(asked.outcome)?),
        method: METHOD,
    };
    Ok(ReviewLegalBasisResponse {
        record: Some(change(desk, attempt, wanted).await?),
    })
}
