//! The places of an offer, on a page of their own.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{OfferId, PlaceId};

use super::page::{self, OnPage, read_count, write_count};
use super::vault::{Fault, Vault};
use crate::domain::places::{Hold, PLACES_MAX, Places, WAITING_MAX, Waiting};

impl OnPage for Places {
    const LABEL: &'static str = "places";
    const KIND: u8 = 2;

    fn write(&self, writer: &mut Writer) {
        writer.u16(self.open);
        write_count(writer, self.held.len());
        for hold in &self.held {
            writer
                .bytes(hold.id.as_bytes())
                .bytes(hold.holder.as_bytes())
                .timestamp(hold.until);
        }
        write_count(writer, self.waiting.len());
        for waiting in &self.waiting {
            writer
                .bytes(waiting.id.as_bytes())
                .bytes(waiting.holder.as_bytes());
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let open = reader.u16()?;
        let held = (0..read_count(reader, PLACES_MAX)?)
            .map(|_| {
                Ok(Hold {
                    id: PlaceId::from_bytes(reader.array()?),
                    holder: reader.oin()?,
                    until: reader.timestamp()?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        let waiting = (0..read_count(reader, WAITING_MAX)?)
            .map(|_| {
                Ok(Waiting {
                    id: PlaceId::from_bytes(reader.array()?),
                    holder: reader.oin()?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        Ok(Self { open, held, waiting })
    }
}

/// The places of an offer; none where it never opened any.
pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, offer: OfferId) -> Result<Places, Fault> {
    Ok(page::load(vault, tx, &[offer.as_bytes()])
        .await?
        .unwrap_or_default())
}

/// The places of an offer that is there, which nobody else changes until this transaction ends.
pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, offer: OfferId) -> Result<Places, Fault> {
    page::lock_or_begin(vault, tx, &[offer.as_bytes()], Places::default()).await
}

/// The same, for an offer that somebody only names.
pub(crate) async fn lock_named(
    vault: &Vault,
    tx: &mut Tx<'_>,
    offer: OfferId,
) -> Result<Option<Places>, Fault> {
    page::lock(vault, tx, &[offer.as_bytes()]).await
}

/// Writes places that are locked.
pub(crate) async fn save(
    vault: &Vault,
    tx: &mut Tx<'_>,
    offer: OfferId,
    places: &Places,
) -> Result<(), Fault> {
    page::save(vault, tx, &[offer.as_bytes()], places).await
}
