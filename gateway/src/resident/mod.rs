//! What a resident, or a representative, may do: functions over a session. The pages call these and nothing else.
//!
//! A login that the provider vouched for ([`VerifiedLogin`], made by [`openid`] only) begins a session in consent,
//! which keeps it; here is nothing but the token that stands in the browser's cookie ([`SessionToken`]). Whoever brings
//! it gets a [`Session`], asked anew from consent each time, and whatever a session does goes out with a caller token
//! of the resident key. To consent that token names issuer, subject and represented person; to every other service it
//! names the session only, and what the resident may do there is said by a ticket from consent.

mod agenda;
mod calls;
mod introductions;
mod looking;
mod matches;
pub(crate) mod offers;
pub(crate) mod openid;
pub(crate) mod pages;
mod places;
mod session;
mod side;

pub use session::Session;
pub(crate) use side::Ways;
pub use side::{ResidentSide, SessionToken, StartedSession, VerifiedLogin};
