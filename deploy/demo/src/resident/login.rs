//! A resident logs in.

use sluis_gateway::{Callback, RelyingParty, ResidentSide, SessionToken, VerifiedLogin};

use crate::DemoError;
use crate::browser::Browser;
use crate::provider::escaped;

/// A resident who is logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The session.
    pub token: SessionToken,
    /// Who the provider says it is.
    pub login: VerifiedLogin,
}

/// Logs a fictional resident in: from the gateway to the provider, its page, back with a code, and into a session.
///
/// # Errors
/// [`DemoError::Login`] when the provider or the relying party refuses, [`DemoError::Refused`] when consent does.
pub async fn log_in(login: &RelyingParty, side: &ResidentSide, name: &str) -> Result<LoggedIn, DemoError> {
    let start = login.begin().await?;
    let named = format!("{}&name={}", start.url, escaped(name));
    let back = Browser::new().leave(&named).await?;
    let query = back.split_once('?').map_or("", |(_, query)| query);
    let verified = login.finish(&start.cookie, &Callback::from_query(query)).await?;
    let session = side
        .log_in(&verified)
        .await
        .map_err(DemoError::refused("logging in"))?;
    Ok(LoggedIn {
        token: session.token,
        login: verified,
    })
}
