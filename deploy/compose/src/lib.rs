//! Puts the parts of a mesh together: configuration, keys, trust, services, gateway.
//!
//! Composition and nothing else: no rule of the domain is here. `sluisd` is the command around it; demo, benchmark and
//! the tests of the whole start a mesh through [`Mesh::start`] too, so that they run what an operator runs.

mod config;
mod error;
mod fittings;
mod in_process;
mod keys;
mod mesh;
mod role;
mod services;
mod trust;

pub use config::{
    Config, ConfigError, ConsentSettings, DatabaseUrl, GatewaySettings, LogForm, LogSettings,
    ReferralSettings, ServiceSettings,
};
pub use error::ComposeError;
pub use fittings::{Fit, Fittings};
pub use mesh::{Invitee, Listeners, Mesh, migrate};
pub use role::{invite_from_outside, make_role_keys, resident_gateway, run_role};
pub use services::Ambient;
pub use trust::{AllKeys, Key, TRUST_FILE, Trust, TrustError};
