//! EndResidentIntroduction: a resident may always stop.

use sluis_envelope::TicketActions;
use sluis_proto::matching::v1::{EndResidentIntroductionRequest, EndResidentIntroductionResponse};
use sluis_serve::Refusal;
use sluis_types::IntroductionId;
use tonic::Request;

use super::follow::{By, Deed, Doer, follow};
use super::ticket;
use crate::context::Context;
use crate::log::Who;

const METHOD: &str = "sluis.matching.v1.ResidentMatchingService/EndResidentIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<EndResidentIntroductionRequest>,
) -> Result<EndResidentIntroductionResponse, Refusal> {
    let body = request.get_ref();
    let now = context.clock.now();
    let id: IntroductionId = sluis_serve::id("introduction_id", &body.introduction_id)?;
    let deed = Deed::End {
        exclude: body.exclude,
    };
    let asked = TicketActions::STOP;
    let grant = ticket::grant(context, request, &body.ticket, asked, METHOD, id.as_bytes()).await?;
    let said = [u8::from(body.exclude)];
    let remembered = ticket::remembered(request, METHOD, &body.request_id, grant, id, &said)?;
    let doer = Doer {
        by: By::Grant(grant),
        who: Who::default(),
        method: METHOD,
        now,
    };
    let introduction = follow(context, remembered, id, doer, deed).await?;
    Ok(EndResidentIntroductionResponse {
        introduction: Some(introduction),
    })
}
