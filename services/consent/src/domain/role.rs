//! Which kinds of data a professional's role may ask for and open, whatever the grant says.

use sluis_envelope::Scope;
use sluis_types::{CodeSet, DataKind, ProfessionalRole};

/// The kinds that a role may not have, as a table (domain rules: a housing officer sees nothing medical; an expert by
/// experience gets a visit card, no file). Roles that are not named are limited by the grant only.
const KEPT_FROM: &[(ProfessionalRole, &[DataKind])] = &[
    (
        ProfessionalRole::HousingOfficer,
        &[DataKind::Medical, DataKind::CareSummary],
    ),
    (
        ProfessionalRole::ExpertByExperience,
        &[
            DataKind::Medical,
            DataKind::CareSummary,
            DataKind::Financial,
            DataKind::Document,
        ],
    ),
];

/// Whether somebody in `role` may ask for or open what a message of this scope carries.
pub(crate) fn may_handle(role: ProfessionalRole, scope: &Scope) -> bool {
    let kept: CodeSet<DataKind> = KEPT_FROM
        .iter()
        .filter(|(limited, _)| *limited == role)
        .flat_map(|(_, kinds)| kinds.iter().copied())
        .collect();
    scope.data_kinds().iter().all(|kind| !kept.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::{LifeDomain, Purpose};

    #[test]
    fn a_housing_officer_sees_nothing_medical() {
        let scope = |kinds: &[DataKind]| {
            Scope::new(
                CodeSet::EMPTY.with(Purpose::Housing),
                CodeSet::EMPTY.with(LifeDomain::LivingSafeHome),
                kinds.iter().copied().collect(),
            )
            .unwrap()
        };
        let mixed = scope(&[DataKind::Housing, DataKind::Medical]);
        assert!(!may_handle(ProfessionalRole::HousingOfficer, &mixed));
        assert!(!may_handle(ProfessionalRole::ExpertByExperience, &mixed));
        assert!(may_handle(ProfessionalRole::Professional, &mixed));
        assert!(may_handle(
            ProfessionalRole::HousingOfficer,
            &scope(&[DataKind::Housing])
        ));
    }
}
