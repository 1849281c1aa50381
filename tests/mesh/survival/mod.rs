//! What survives: `kill -9` under load and between any two steps of ending a grant, and a backup that is put back.
//!
//! The mesh is a process of its own here, the real `sluisd`, on one database directory or three PostgreSQL databases,
//! that is killed and started again on what it left. Partners talk to it through the SDK over TLS, residents through a
//! gateway of their own beside it. What was acknowledged is written down ([`promises`]) and looked for afterwards.

mod backup;
mod daemon;
mod dice;
mod ending;
mod hands;
mod kill;
mod letters;
mod load;
mod minds;
mod promises;
#[path = "halting/step.rs"]
mod step;
mod town;
mod verify;

pub(crate) use hands::{Hands, statement_of};
