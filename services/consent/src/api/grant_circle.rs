//! GrantCircle: a resident says yes to a circle, whole or without some members or classes.

use sluis_proto::consent::v1::{GrantCircleRequest, GrantCircleResponse};
use sluis_serve::{Caller, Refusal};
use tonic::Request;

use super::grant_consent::{Wanted, grant, id_of};
use super::{convert, convert_circle};
use crate::desk::{Desk, store_request};
use crate::domain::circle::Circle;
use crate::domain::grant::Ticked;

const METHOD: &str = "sluis.consent.v1.ResidentCircleService/GrantCircle";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GrantCircleRequest>,
) -> Result<GrantCircleResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let circle = convert_circle::terms(asked.terms.as_ref())?;
    let wanted = Wanted {
        caller,
        proposal: id_of("proposal_id", &asked.proposal_id)?,
        ticked: Ticked {
            allowed: Circle::allowed(),
            ..Ticked::default()
        },
        circle: Some(circle),
        days: asked.valid_days,
        notice: convert::notice(asked.notice.as_ref())?,
        method: METHOD,
    };
    let grant = grant(desk, attempt, wanted).await?;
    Ok(GrantCircleResponse {
        circle: Some(convert_circle::circle_of(grant, &circle)),
    })
}
