//! The demonstration: a referral from beginning to end, and what an attacker and a search through the databases then
//! find.
//!
//! [`Play`] boots a mesh in one process and plays the whole way over real TCP, mTLS and JWT through the SDK. It checks
//! each step, and what must not be possible, and says so ([`play::Verdict`]). The parts:
//!
//! - [`browser`]: a resident's browser, as far as pages need one that work without JavaScript.
//! - [`provider`]: a login for development, without passwords. Never for real residents.
//! - [`resident`]: a fictional resident's commands beside a running mesh.
//! - [`play`]: the scenario.
//! - [`calendar`]: a clock that a play moves on.
//! - [`tap`]: a partner that records all its own traffic.
//! - [`attacker`]: tries to open what was withdrawn, with everything it can reach.
//! - [`dossier`]: searches one dump of all databases, and tries to tell whose row is whose.
//!
//! Deliberately absent: any way to weaken the mesh. Faulty parts live under `tests/` and come in through
//! [`sluis_compose::Fittings`].

pub mod attacker;
pub mod browser;
pub mod calendar;
pub mod dossier;
mod error;
pub mod play;
pub mod provider;
pub mod resident;
pub mod tap;

pub use error::DemoError;
pub use play::Play;
