//! The public face of a mesh.
//!
//! - `partner`: partner organisations come in over gRPC with a client certificate and a
//!   JWT per professional; newcomers with an invitation and neither.
//! - `forward`: what was let in goes to its service with a caller token, byte for byte as it came, both ways.
//! - `resident`: what a resident or representative may do, as functions over a session ([`ResidentSide`],
//!   [`Session`]), the OpenID Connect relying party that finds out who logs in ([`RelyingParty`]), and the web pages
//!   in which a resident does it.
//!
//! Invariants:
//! - No durable state. What is cached (verified tokens, per connection) is a copy of what the directory and the token
//!   said, and goes with the organisation's entry, the token's end or the connection.
//! - Closed, not open: a stale directory, a service out of reach and a doubt are a refusal.
//! - A caller token is stamped here and nowhere else for partners and residents; one that comes from outside goes
//!   no further. Nothing is ever derived from a login's issuer and subject, and they reach consent only.
//! - No request's content is read: method, size and hash of the first message are all that is looked at.
//!
//! Deliberately absent: SQL, and every rule about a particular service. Rules stand beside the methods in the
//! proto files.

mod address;
mod config;
mod error;
mod forward;
mod gateway;
mod keys;
mod partner;
mod resident;

pub use address::{AddressRange, AddressRangeError};
pub use config::{Config, ConfigError, Level, OpenIdConfig, PagesConfig, PagesTls, ResidentConfig};
pub use error::StartError;
pub use gateway::{Channels, Gateway, Parts};
pub use keys::{PublicKeys, mesh_signer, public_keys};
pub use resident::openid::{
    Callback, HttpError, IdTokenFault, LoginStart, LogoutStart, OpenIdError, RelyingParty,
};
pub use resident::{ResidentSide, Session, SessionToken, StartedSession, VerifiedLogin};
