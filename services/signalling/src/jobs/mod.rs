//! What runs beside the calls.

pub(crate) mod follow;
mod forgetting;
mod gate_key_change;
mod grant_change;
mod meetings;
pub(crate) mod rollover;
pub(crate) mod timers;
