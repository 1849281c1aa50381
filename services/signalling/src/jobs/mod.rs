//! What runs beside the calls.

pub(crate) mod follow;
mod gate_key_change;
pub(crate) mod rollover;
pub(crate) mod timers;
