//! ListLinks: the organisations that a resident is linked with.

use std::collections::BTreeMap;

use sluis_proto::consent::v1::{Link, ListLinksRequest, ListLinksResponse};
use sluis_serve::{Caller, Refusal, to_proto_timestamp};
use sluis_types::{Oin, Timestamp};
use tonic::Request;

use crate::desk::Desk;
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, store_refusal};
use crate::identity::{Reached, view};

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListLinksRequest>,
) -> Result<ListLinksResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?;
    let mut read = desk
        .store
        .read("ListLinks")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let now = desk.now();
    let reach = view(&desk.rows, &mut tx, caller, now).await?;
    let mut since: BTreeMap<Oin, Timestamp> = BTreeMap::new();
    // Which organisations somebody is linked with says much: only who may see everything sees it.
    let seen = |reached: &&Reached| reached.may_about_all(MandateAct::See);
    for reached in reach.residents.iter().filter(seen) {
        for link in desk
            .rows
            .links(&mut tx, &reached.resident)
            .await
            .map_err(CommandError::Store)?
        {
            if link.hidden_until.is_some_and(|until| now < until) {
                continue;
            }
            let first = since.entry(link.organisation).or_insert(link.since);
            *first = link.since.min(*first);
        }
    }
    let links = since
        .into_iter()
        .map(|(oin, since)| Link {
            oin: oin.to_string(),
            since: Some(to_proto_timestamp(since)),
        })
        .collect();
    Ok(ListLinksResponse { links })
}
