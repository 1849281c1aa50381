//! A resident's browser, as far as logging in needs one.

use bytes::Bytes;
use http::header::{CONNECTION, HOST, LOCATION};
use http::{Request, Uri};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use sluis_gateway::{Callback, RelyingParty, ResidentSide, SessionToken, VerifiedLogin};
use tokio::net::TcpStream;

use crate::DemoError;
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
    let back = visit(&format!("{}&name={}", start.url, escaped(name))).await?;
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

/// Asks for a page of the provider and gives the address that it sends the browser back to.
async fn visit(url: &str) -> Result<String, DemoError> {
    let failed = || DemoError::unexpected("the development login gave no way back");
    let uri: Uri = url.parse().map_err(|_| failed())?;
    let authority = uri.authority().ok_or_else(failed)?.as_str().to_owned();
    let stream = TcpStream::connect(&authority)
        .await
        .map_err(|source| DemoError::Io {
            what: format!("cannot reach {authority}"),
            source,
        })?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| failed())?;
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let request = Request::get(path)
        .header(HOST, &authority)
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| failed())?;
    let answer = sender.send_request(request).await.map_err(|_| failed())?;
    let back = answer
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok());
    back.map(ToOwned::to_owned).ok_or_else(failed)
}
