//! Places that their residents see, each on a page of its own, and which hang on a grant.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{GrantId, OfferId, PlaceId};

use super::page::{self, OnPage};
use super::shelf::{self, ShelfKind};
use super::vault::{Fault, Vault};
use crate::domain::attached_place::AttachedPlace;

/// Longest name of an offer, in bytes: 200 characters.
const NAME_BYTES_MAX: usize = 800;

/// The places of somebody, by their grant.
struct PlacesUnder;

impl ShelfKind for PlacesUnder {
    const LABEL: &'static str = "places-under";
}

impl OnPage for AttachedPlace {
    const LABEL: &'static str = "attached-place";
    const KIND: u8 = 9;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.id.as_bytes())
            .bytes(self.offer.as_bytes())
            .bytes16(self.offer_name.as_bytes())
            .bytes(self.organisation.as_bytes())
            .bytes(self.holder.as_bytes())
            .bytes(self.grant.as_bytes())
            .timestamp(self.attached_at)
            .u8(u8::from(self.is_claimed));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let name = |bytes: &[u8]| String::from_utf8(bytes.to_vec());
        Ok(Self {
            id: PlaceId::from_bytes(reader.array()?),
            offer: OfferId::from_bytes(reader.array()?),
            offer_name: name(reader.bytes16(NAME_BYTES_MAX)?)
                .map_err(|_| FormatError::Invalid { field: "offer name" })?,
            organisation: reader.oin()?,
            holder: reader.oin()?,
            grant: GrantId::from_bytes(reader.array()?),
            attached_at: reader.timestamp()?,
            is_claimed: reader.u8()? == 1,
        })
    }
}

/// Stores it, and tells the other grant that it hung on before, if any. The places of its offer are locked.
pub(crate) async fn put(
    vault: &Vault,
    tx: &mut Tx<'_>,
    place: &AttachedPlace,
) -> Result<Option<GrantId>, Fault> {
    let id = place.id.as_bytes();
    let before = match page::lock::<AttachedPlace>(vault, tx, &[id]).await? {
        Some(before) => {
            page::save(vault, tx, &[id], place).await?;
            Some(before.grant)
        }
        None if page::insert(vault, tx, &[id], place).await? => None,
        None => {
            return Err(Fault::Contradiction(
                "a page that came while its places were locked",
            ));
        }
    };
    if before == Some(place.grant) {
        return Ok(None);
    }
    shelf::append::<PlacesUnder>(vault, tx, place.grant.as_bytes(), *id).await?;
    Ok(before)
}

/// Notes that it was claimed, where its resident sees it at all. The places of its offer are locked.
pub(crate) async fn claim(vault: &Vault, tx: &mut Tx<'_>, id: PlaceId) -> Result<(), Fault> {
    let Some(mut place) = page::lock::<AttachedPlace>(vault, tx, &[id.as_bytes()]).await? else {
        return Ok(());
    };
    place.is_claimed = true;
    page::save(vault, tx, &[id.as_bytes()], &place).await
}

/// The newest places that hang on a grant, oldest of them first.
pub(crate) async fn under(
    vault: &Vault,
    tx: &mut Tx<'_>,
    grant: GrantId,
    limit: usize,
) -> Result<Vec<AttachedPlace>, Fault> {
    let mut ids = shelf::newest::<PlacesUnder>(vault, tx, grant.as_bytes(), limit).await?;
    ids.drain(..ids.len().saturating_sub(limit));
    let mut places: Vec<AttachedPlace> = Vec::new();
    for id in ids {
        let place = page::load::<AttachedPlace>(vault, tx, &[&id]).await?;
        let place = place.ok_or(Fault::Contradiction("a shelf with a place that is not there"))?;
        // It may hang on another grant since, and may have come back.
        if place.grant == grant && places.iter().all(|known| known.id != place.id) {
            places.push(place);
        }
    }
    Ok(places)
}
