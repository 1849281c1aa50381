//! What is allowed, and what follows from what: pure, without time, chance, SQL or gRPC of its own.
//!
//! Three lives run side by side: a message's ([`message`]), a referral's ([`thread`]) and a grant's as far as it
//! concerns messages ([`grant`]). Each is a table written as data; [`due`] says what time does to them.

pub(crate) mod due;
pub(crate) mod grant;
pub(crate) mod message;
pub(crate) mod thread;
