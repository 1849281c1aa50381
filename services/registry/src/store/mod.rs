//! What the registry keeps.

mod certificate;
mod invitation;
mod organisation;
mod purge;
pub(crate) mod sql;

use sluis_store::StoreError;
use sluis_types::OrganisationKind;

pub(crate) use certificate::{
    count_unended, insert_certificate, load_certificate, load_certificates, save_revocation,
};
pub(crate) use invitation::{load_invitation, put_invitation, use_invitation};
pub(crate) use organisation::{
    Record, insert_organisation, insert_statement, list_organisations, load_member, load_record,
    lock_organisation, mark_changed,
};
pub(crate) use purge::{PurgeCertificates, PurgeInvitations};

/// A row that this program did not write so: never the caller's fault.
pub(crate) const fn unexpected(what: &'static str) -> StoreError {
    StoreError::Unexpected { what }
}

fn kind(name: &str) -> Result<OrganisationKind, StoreError> {
    OrganisationKind::from_name(name).map_err(|_| unexpected("an unknown kind of organisation"))
}
