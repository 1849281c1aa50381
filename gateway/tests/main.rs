//! A gateway on a real TLS listener, with services behind it that say what reached them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, in its fixtures too"
)]

mod assurance;
mod authority;
mod logging_in;
mod logging_out;
mod logs;
mod mesh;
mod organisation;
mod pages;
mod partner;
mod provider;
mod rates;
mod raw;
mod resident;
mod services;
mod streams;
mod wire;
