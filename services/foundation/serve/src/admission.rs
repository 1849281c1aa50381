//! Admission: nothing reaches a service before it is known who calls.

use std::future::Future;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use sluis_proto::options::v1::ErrorReason;
use subtle::ConstantTimeEq as _;
use tonic::body::Body;

use crate::caller_token::METADATA_KEY;
use crate::{
    Caller, CallerTokenError, CallerTokenVerifier, MeshRole, MethodRules, Refusal, read_first_message,
};

/// Binary metadata may or may not be padded (gRPC over HTTP/2, "Binary-Header").
const BINARY_METADATA: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decides whether a request may go on, and says in its extensions who calls.
pub trait Admit: Send + Sync + 'static {
    /// The request with a [`Caller`] in its extensions, or the refusal.
    fn admit(
        &self,
        request: http::Request<Body>,
        rules: &MethodRules,
    ) -> impl Future<Output = Result<http::Request<Body>, Refusal>> + Send;
}

/// How a connection inside the mesh came in; stands in the extensions of each of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// From within this process.
    InProcess,
    /// Over TLS, with the certificate of this role.
    Role(MeshRole),
}

/// Admission to a service inside the mesh: by caller token, see [`crate::caller_token`].
#[derive(Clone, Debug)]
pub struct MeshAdmission {
    verifier: CallerTokenVerifier,
}

impl MeshAdmission {
    /// Admission by the tokens that this verifier accepts.
    pub fn new(verifier: CallerTokenVerifier) -> Self {
        Self { verifier }
    }
}

impl Admit for MeshAdmission {
    async fn admit(
        &self,
        mut request: http::Request<Body>,
        rules: &MethodRules,
    ) -> Result<http::Request<Body>, Refusal> {
        // No arrival means that no listener of ours let it in.
        let over = match request.extensions().get::<Arrival>() {
            Some(Arrival::InProcess) => None,
            Some(Arrival::Role(role)) => Some(*role),
            None => return Err(caller_refused(CallerTokenError::WrongHolder)),
        };
        let token = take_token(request.headers_mut()).map_err(caller_refused)?;
        let call = self
            .verifier
            .verify(&token, &rules.path, over)
            .map_err(caller_refused)?;
        check_rules(&call.caller, rules)?;
        let (parts, body) = request.into_parts();
        let (first, body) = read_first_message(body, rules.request_bytes_max).await?;
        if !bool::from(first.hash().ct_eq(&call.message_hash)) {
            return Err(caller_refused(CallerTokenError::WrongMessage));
        }
        let mut request = http::Request::from_parts(parts, body);
        request.extensions_mut().insert(call.caller);
        request.extensions_mut().insert(first);
        Ok(request)
    }
}

/// Whether the rules of the method let this caller in.
///
/// # Errors
/// ROLE_REFUSED when its side or role may not call the method.
fn check_rules(caller: &Caller, rules: &MethodRules) -> Result<(), Refusal> {
    let role_may = match caller {
        Caller::Partner(partner) => rules.roles.contains(partner.role),
        _ => true,
    };
    if rules.sides.contains(caller.side()) && role_may {
        Ok(())
    } else {
        Err(Refusal::new(ErrorReason::RoleRefused))
    }
}

/// The one token of a request, taken out so that no handler sees or passes on what it must not use.
fn take_token(headers: &mut HeaderMap) -> Result<Vec<u8>, CallerTokenError> {
    let mut values = headers.get_all(METADATA_KEY).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(CallerTokenError::Missing);
    };
    let token = BINARY_METADATA
        .decode(value)
        .map_err(|_| CallerTokenError::Malformed)?;
    headers.remove(METADATA_KEY);
    Ok(token)
}

/// The text form of a token in metadata.
pub(crate) fn token_metadata(token: &[u8]) -> http::HeaderValue {
    let mut value = http::HeaderValue::try_from(BINARY_METADATA.encode(token))
        .expect("base64 is visible ASCII, which every header value may hold");
    value.set_sensitive(true);
    value
}

fn caller_refused(error: CallerTokenError) -> Refusal {
    // The kind of fault only: the token itself names a person.
    tracing::warn!(fault = %error, "a call inside the mesh was refused");
    Refusal::new(ErrorReason::CallerRefused)
}
