//! Stories of a referral, from end to end, over real TLS, on both databases.

mod changes;
mod closed;
mod legal_basis;
mod meetings;
mod referral;
mod signals;
mod worries;
