//! ListResidentIntroductions: the introductions under the ticket's grant.

use sluis_envelope::TicketActions;
use sluis_proto::matching::v1::{ListResidentIntroductionsRequest, ListResidentIntroductionsResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::follow::{By, parts, shown};
use super::list_introductions::{INTRODUCTIONS_MAX, newest};
use super::ticket;
use crate::context::Context;
use crate::store::introduction;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.matching.v1.ResidentMatchingService/ListResidentIntroductions";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListResidentIntroductionsRequest>,
) -> Result<ListResidentIntroductionsResponse, Refusal> {
    let ticket = &request.get_ref().ticket;
    let grant = ticket::grant(context, request, ticket, TicketActions::READ, METHOD, &[0; 16]).await?;
    let mut read = context
        .store
        .read("list_resident_introductions")
        .await
        .map_err(Fault::from)?;
    let found = introduction::under(&context.vault, &mut read.tx(), grant, INTRODUCTIONS_MAX).await?;
    drop(read);
    let parts = parts(context, By::Grant(grant), newest(found)).await?;
    Ok(ListResidentIntroductionsResponse {
        introductions: shown(context, &parts, context.clock.now()).await?,
    })
}
