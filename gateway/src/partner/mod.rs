//! The public side: partner organisations, and newcomers with an invitation.
//!
//! A request is let in when, in this order: its connection showed a certificate of an organisation that the directory
//! lists as live ([`certificate`], [`connection`]); its JWT is by a key of that organisation, for this mesh, bound to
//! this certificate and short-lived ([`token`]); its role may call the method; its organisation did not call too
//! often; its first message is not too large. What the certificate and the token say is remembered per connection
//! until the organisation's entry in the directory changes. A certificate that was issued a moment ago is waited for
//! until the directory heard of it ([`listing`]).
//!
//! Refusals made here are not held for the 20 ms tick, also where the method is ticked: they are decided on the
//! caller's own certificate, token, role, rate and size alone, before anything about a person was looked at, so that
//! neither their content nor their time says anything of one. The service behind ticks its own answers; holding them
//! again here would only add up to 20 ms.

mod admission;
mod certificate;
mod connection;
mod listing;
mod standing;
mod token;

pub(crate) use admission::PartnerAdmission;
pub(crate) use connection::arrive;
pub(crate) use standing::{Standing, StandingWatch};
