//! ListOwnLegalBases: the records that an organisation made, newest first, or those that wait for its privacy officer.

use sluis_proto::consent::v1::{ListOwnLegalBasesRequest, ListOwnLegalBasesResponse, OwnLegalBasis};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Refusal, SealedTokens, page_size};
use sluis_store::{StoreError, Tx};
use sluis_types::{Oin, Timestamp};
use tonic::Request;

use super::convert_legal_basis;
use crate::desk::Desk;
use crate::error::store_refusal;
use crate::identity::{Access, Name, Pointer, ResidentKey};

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
/// Records that one call looks at, per record of the page: few of many may wait for a review.
const LOOKED_AT_PER_RECORD: u64 = 8;
const TOKEN_KIND: &str = "consent.own-legal-bases";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListOwnLegalBasesRequest>,
) -> Result<ListOwnLegalBasesResponse, Refusal> {
    let caller = Caller::of(&request)?;
    let organisation = caller.partner()?.organisation;
    let asked = request.get_ref();
    let size = page_size(asked.page_size, PAGE_DEFAULT, PAGE_MAX)? as usize;
    let filter = SealedTokens::filter(caller, &[&[u8::from(asked.review_waits)]]);
    let position = desk.tokens.open_page(TOKEN_KIND, &asked.page_token, &filter)?;
    let position = position.map(|position| read_position(&position)).transpose()?;

    let now = desk.now();
    let read = desk.store.read("ListOwnLegalBases").await;
    let mut read = read.map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let mut below = match position {
        Some(position) => position,
        None => desk
            .rows
            .count_bases(&mut tx, &organisation)
            .await
            .map_err(|error| store_refusal(&error))?,
    };
    let last = below.saturating_sub(LOOKED_AT_PER_RECORD * size as u64);
    let mut records = Vec::new();
    while below > last && records.len() < size {
        below -= 1;
        let own = own(desk, &mut tx, &organisation, below, now).await;
        let own = own.map_err(|error| store_refusal(&error))?;
        let is_wanted = |own: &OwnLegalBasis| {
            !asked.review_waits || own.record.as_ref().is_some_and(|record| record.review_waits)
        };
        records.extend(own.filter(is_wanted));
    }
    let next_page_token = if below == 0 {
        String::new()
    } else {
        desk.tokens.seal_page(TOKEN_KIND, &below.to_be_bytes(), &filter)
    };
    Ok(ListOwnLegalBasesResponse {
        records,
        next_page_token,
    })
}

fn read_position(bytes: &[u8]) -> Result<u64, Refusal> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Refusal::new(ErrorReason::BadPageToken))?;
    Ok(u64::from_be_bytes(bytes))
}

async fn own(
    desk: &Desk,
    tx: &mut Tx<'_>,
    organisation: &Oin,
    i: u64,
    now: Timestamp,
) -> Result<Option<OwnLegalBasis>, StoreError> {
    let Some((resident, grant)) = desk.rows.basis_of(tx, organisation, i).await? else {
        return Ok(None);
    };
    Ok(Some(OwnLegalBasis {
        record: convert_legal_basis::record(&grant, now),
        handle: handle_of(desk, tx, &resident, organisation).await?,
    }))
}

/// The organisation's own handle for a resident, if it still has one.
async fn handle_of(
    desk: &Desk,
    tx: &mut Tx<'_>,
    resident: &ResidentKey,
    organisation: &Oin,
) -> Result<String, StoreError> {
    let name = Name::HandleOf {
        resident,
        organisation,
    };
    Ok(match desk.rows.access(tx, &desk.rows.key(&name)).await? {
        Some(Access {
            pointer: Pointer::Handle(handle),
            ..
        }) => handle.expose(),
        _ => String::new(),
    })
}
