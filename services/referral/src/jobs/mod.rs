//! What runs beside the calls: following consent ([`follow`]) and the clock ([`timers`]).

pub(crate) mod follow;
mod grant_change;
pub(crate) mod timers;
