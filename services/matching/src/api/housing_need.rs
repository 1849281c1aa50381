//! What a landlord may learn: typed, and nothing of care.

use prost::Message as _;
use sluis_proto::matching::v1::{HomeAccess, HousingNeed, LeaseKind, SizeBand, SupportBand};
use sluis_ranking::Area;
use sluis_serve::Refusal;

use crate::store::housing::NEED_BYTES_MAX;

const RENT_MAX_EUROS: u32 = 5000;
const AREAS_MAX: usize = 16;
const ACCESS_MAX: usize = 3;

/// A need as it is kept.
pub(super) fn parse(need: Option<&HousingNeed>) -> Result<Vec<u8>, Refusal> {
    let need = need.ok_or_else(|| Refusal::invalid_field("need", "must not be empty"))?;
    let are_areas = need.areas.iter().all(|area| Area::parse(area).is_ok());
    let is_access = need
        .access
        .iter()
        .all(|access| HomeAccess::try_from(*access).is_ok_and(|access| access != HomeAccess::Unspecified));
    let checks = [
        (SizeBand::try_from(need.size).is_ok(), "need.size"),
        (need.rent_max_euros <= RENT_MAX_EUROS, "need.rent_max_euros"),
        (are_areas && need.areas.len() <= AREAS_MAX, "need.areas"),
        (is_access && need.access.len() <= ACCESS_MAX, "need.access"),
        (SupportBand::try_from(need.support).is_ok(), "need.support"),
        (LeaseKind::try_from(need.lease).is_ok(), "need.lease"),
    ];
    if let Some((_, field)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Refusal::invalid_field(field, "has no valid value"));
    }
    let bytes = need.encode_to_vec();
    if bytes.len() > NEED_BYTES_MAX {
        return Err(Refusal::invalid_field("need", "is too long"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_need_fits() {
        let need = HousingNeed {
            size: 3,
            rent_max_euros: RENT_MAX_EUROS,
            areas: vec!["BU08280301".to_owned(); AREAS_MAX],
            low_stimulus: true,
            access: vec![1, 2, 3],
            support: 3,
            lease: 2,
        };
        assert!(parse(Some(&need)).is_ok());
        assert!(parse(None).is_err());
    }
}
