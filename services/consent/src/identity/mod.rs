//! Who is who: the key of each resident, and the rows that lead to it.
//!
//! A resident's key (k_r) is random, never derived, and stands sealed in access rows only. It is opened for one call and
//! wiped. Everything that ties rows to a person goes through this room; the domain never sees a key.

mod access;
mod handle;
mod head;
mod log;
mod offer;
mod reach;
mod resident_key;

pub(crate) use access::{Access, Name, NoticeAddressId, Pointer};
pub(crate) use handle::handle_for;
pub(crate) use head::Head;
pub(crate) use log::Entry;
pub(crate) use reach::{RESIDENTS_MAX, Reach, Reached, SessionRow, login_name, reach, session, view};
pub(crate) use resident_key::{ResidentKey, RowKind};
