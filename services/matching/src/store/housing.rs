//! Ways to a home, each on a page of its own; which are an organisation's; and the counts of all.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{GrantId, HousingId, Oin};

use super::page::{self, OnPage, read_count, write_count};
use super::shelf::{self, ShelfKind};
use super::vault::{Fault, Vault};
use crate::domain::housing::{Housing, Lease, STEPS_MAX, State};
use crate::domain::tally::Tally;

/// Longest description of what is needed.
pub(crate) const NEED_BYTES_MAX: usize = 512;

/// The ways to a home that an organisation began, or for which it is the landlord.
struct HousingOf;

impl ShelfKind for HousingOf {
    const LABEL: &'static str = "housing-of";
}

impl OnPage for Housing {
    const LABEL: &'static str = "housing";
    const KIND: u8 = 7;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.id.as_bytes())
            .bytes(self.companion.as_bytes())
            .bytes(self.landlord.as_bytes())
            .bytes(self.grant.as_bytes())
            .u8(self.state as u8)
            .u32(self.version)
            .u8(self.lease.map_or(0, |lease| lease as u8))
            .optional_timestamp(self.signed_at)
            .u8(self.contacts)
            .optional_timestamp(self.support_asked);
        write_count(writer, self.steps.len());
        for (state, since) in &self.steps {
            writer.u8(*state as u8).timestamp(*since);
        }
        writer.bytes16(&self.need);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let id = HousingId::from_bytes(reader.array()?);
        let (companion, landlord) = (reader.oin()?, reader.oin()?);
        let grant = GrantId::from_bytes(reader.array()?);
        let (state, version) = (read_state(reader)?, reader.u32()?);
        let lease = match reader.u8()? {
            0 => None,
            number => Some(Lease::from_number(number).ok_or(FormatError::Invalid { field: "lease" })?),
        };
        let (signed_at, contacts) = (reader.optional_timestamp()?, reader.u8()?);
        let support_asked = reader.optional_timestamp()?;
        let steps = (0..read_count(reader, STEPS_MAX)?)
            .map(|_| Ok((read_state(reader)?, reader.timestamp()?)))
            .collect::<Result<_, FormatError>>()?;
        Ok(Self {
            id,
            companion,
            landlord,
            grant,
            state,
            version,
            lease,
            signed_at,
            contacts,
            support_asked,
            steps,
            need: reader.bytes16(NEED_BYTES_MAX)?.to_vec(),
        })
    }
}

fn read_state(reader: &mut Reader<'_>) -> Result<State, FormatError> {
    State::from_number(reader.u8()?).ok_or(FormatError::Invalid { field: "state" })
}

impl OnPage for Tally {
    const LABEL: &'static str = "housing-tally";
    const KIND: u8 = 8;

    fn write(&self, writer: &mut Writer) {
        writer
            .u32(self.nominated)
            .u32(self.own_lease)
            .u32(self.intermediary_lease)
            .u32(self.settled)
            .u32(self.returned);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            nominated: reader.u32()?,
            own_lease: reader.u32()?,
            intermediary_lease: reader.u32()?,
            settled: reader.u32()?,
            returned: reader.u32()?,
        })
    }
}

/// Stores a new way to a home, for both organisations.
pub(crate) async fn insert(vault: &Vault, tx: &mut Tx<'_>, housing: &Housing) -> Result<(), Fault> {
    let id = housing.id.as_bytes();
    if !page::insert(vault, tx, &[id], housing).await? {
        return Err(Fault::Contradiction("a random id that was given out before"));
    }
    // In one order, as everyone locks them.
    let mut organisations = [housing.companion, housing.landlord];
    organisations.sort_unstable();
    for organisation in organisations {
        shelf::append::<HousingOf>(vault, tx, organisation.as_bytes(), *id).await?;
    }
    Ok(())
}

/// A way to a home.
pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: HousingId) -> Result<Option<Housing>, Fault> {
    page::load(vault, tx, &[id.as_bytes()]).await
}

/// The same, and nobody else changes it until this transaction ends.
pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: HousingId) -> Result<Option<Housing>, Fault> {
    page::lock(vault, tx, &[id.as_bytes()]).await
}

/// Writes a way to a home that is locked, and counts what changed.
pub(crate) async fn save(
    vault: &Vault,
    tx: &mut Tx<'_>,
    before: Tally,
    housing: &Housing,
) -> Result<(), Fault> {
    page::save(vault, tx, &[housing.id.as_bytes()], housing).await?;
    let after = Tally::of(housing);
    if after == before {
        return Ok(());
    }
    let all = page::lock_or_begin(vault, tx, &[], Tally::default()).await?;
    page::save(vault, tx, &[], &all.minus(before).plus(after)).await
}

/// The counts of the whole mesh.
pub(crate) async fn tally(vault: &Vault, tx: &mut Tx<'_>) -> Result<Tally, Fault> {
    Ok(page::load(vault, tx, &[]).await?.unwrap_or_default())
}

/// The newest ways to a home of an organisation, oldest of them first.
pub(crate) async fn of(
    vault: &Vault,
    tx: &mut Tx<'_>,
    organisation: Oin,
    limit: usize,
) -> Result<Vec<Housing>, Fault> {
    let mut housings = Vec::new();
    for id in shelf::newest::<HousingOf>(vault, tx, organisation.as_bytes(), limit).await? {
        let housing = load(vault, tx, HousingId::from_bytes(id)).await?;
        housings.push(housing.ok_or(Fault::Contradiction("a shelf with a home that is not there"))?);
    }
    Ok(housings)
}
