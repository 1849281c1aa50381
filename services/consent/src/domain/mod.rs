//! The rules, pure: no database, no network, no clock. A resident's key never comes here.

pub(crate) mod access_kind;
mod allowance;
pub(crate) mod assisted;
pub(crate) mod assurance;
pub(crate) mod circle;
pub(crate) mod declaration;
pub(crate) mod email_address;
pub(crate) mod grant;
pub(crate) mod legal_basis;
pub(crate) mod legal_basis_rule;
pub(crate) mod life;
pub(crate) mod link_code;
mod liveness;
pub(crate) mod mandate;
pub(crate) mod mandate_kind;
pub(crate) mod notice_address;
pub(crate) mod proposal;
pub(crate) mod receipt;
pub(crate) mod role;
pub(crate) mod tries;

pub(crate) use allowance::{Allowance, Provision};
pub use life::{Pause, State};
pub use liveness::{LiveNow, Liveness, Standing};
