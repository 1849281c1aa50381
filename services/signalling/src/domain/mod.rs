//! What may happen to signals and matches, and when. Pure: time is passed in, nothing is read or written.

pub(crate) mod answering;
pub(crate) mod cell;
pub(crate) mod encounter;
pub(crate) mod life;
pub(crate) mod meeting;
pub(crate) mod observation;
pub(crate) mod quarter;
pub(crate) mod signal;
pub(crate) mod weighing;
pub(crate) mod working_day;
