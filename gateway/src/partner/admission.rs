//! Who may come in on the public side.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use http::Request;
use http::header::AUTHORIZATION;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{
    Admit, Caller, Directory, EnrolmentCaller, MethodRules, PartnerCaller, Peer, RateLimiter, Refusal, Side,
    Timer, address_hash, jwt_hash, read_first_message,
};
use sluis_types::{Clock, Randomness};
use tonic::body::Body;

use super::connection::{Arrived, PartnerConnection};
use super::listing::listed;
use super::standing::Standing;
use super::token::{TokenFault, TokenRules};

/// Callers and methods whose rates are remembered, about 100 bytes each.
const RATES_MAX: usize = 100_000;
/// Authentication scheme of the JWT (RFC 6750), compared without regard to case.
const SCHEME: &str = "bearer ";

/// Lets partners and newcomers in, by the rules of the method that they call.
pub(crate) struct PartnerAdmission {
    mesh_id: String,
    directory: Directory,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    limiter: RateLimiter,
    /// Makes the hashes of addresses say nothing outside this process.
    address_salt: [u8; 32],
}

impl fmt::Debug for PartnerAdmission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartnerAdmission({:?})", self.directory)
    }
}

impl PartnerAdmission {
    pub(crate) fn new(
        mesh_id: String,
        directory: Directory,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        randomness: &dyn Randomness,
    ) -> Self {
        let mut address_salt = [0; 32];
        randomness.fill(&mut address_salt);
        let limiter = RateLimiter::new(RATES_MAX);
        Self {
            mesh_id,
            directory,
            clock,
            timer,
            limiter,
            address_salt,
        }
    }

    /// The organisation's professional behind a request.
    fn partner(
        &self,
        connection: &PartnerConnection,
        request: &Request<Body>,
    ) -> Result<PartnerCaller, Refusal> {
        let now = self.clock.now();
        let entry = connection.standing(&self.directory, now)?;
        let token = bearer(request).map_err(refuse_token)?;
        let jwt_hash = jwt_hash(token);
        if let Some(caller) = connection.remembered(&entry, &jwt_hash, now) {
            return Ok(caller);
        }
        let rules = TokenRules {
            mesh_id: &self.mesh_id,
            organisation: &entry,
            certificate: &connection.facts().fingerprint,
            now,
        };
        let verified = rules.verify(token, jwt_hash).map_err(refuse_token)?;
        connection.remember(&entry, jwt_hash, verified, now);
        Ok(verified.caller)
    }

    /// Somebody without a certificate, known by an address only.
    fn newcomer(&self, request: &Request<Body>) -> EnrolmentCaller {
        let peer = request.extensions().get::<Peer>();
        // All whose address is not known share one bucket.
        let unknown = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let address = peer
            .and_then(|peer| peer.address)
            .map_or(unknown, |address| address.ip());
        EnrolmentCaller {
            address: address_hash(address.to_canonical(), &self.address_salt),
        }
    }

    fn who(
        &self,
        request: &Request<Body>,
        rules: &MethodRules,
    ) -> Result<(Caller, Option<Standing>), Refusal> {
        if !rules.sides.contains(Side::Partner) {
            // The table of the public side holds methods of these two sides only.
            let newcomer = rules
                .sides
                .contains(Side::Enrolment)
                .then(|| self.newcomer(request));
            let newcomer = newcomer.ok_or_else(|| Refusal::new(ErrorReason::RoleRefused))?;
            return Ok((Caller::Enrolment(newcomer), None));
        }
        let Some(Arrived::Partner(connection)) = request.extensions().get() else {
            return Err(Refusal::new(ErrorReason::CertificateRefused));
        };
        let partner = self.partner(connection, request)?;
        if !rules.roles.contains(partner.role) {
            return Err(Refusal::new(ErrorReason::RoleRefused));
        }
        let stays_open = rules.streams_requests || rules.streams_replies;
        let standing = stays_open.then(|| Standing {
            connection: Arc::clone(connection),
            directory: self.directory.clone(),
            clock: Arc::clone(&self.clock),
            timer: Arc::clone(&self.timer),
        });
        Ok((Caller::Partner(partner), standing))
    }
}

impl Admit for PartnerAdmission {
    async fn admit(&self, request: Request<Body>, rules: &MethodRules) -> Result<Request<Body>, Refusal> {
        if rules.sides.contains(Side::Partner)
            && let Some(connection) = partner_of(&request)
        {
            listed(&connection, &self.directory, &*self.clock, &*self.timer).await;
        }
        let (caller, standing) = self.who(&request, rules)?;
        self.limiter
            .take(&rules.path, &caller.rate_key(), rules.rate, self.clock.now())
            .map_err(|delay| Refusal::new(ErrorReason::RateLimited).retry_after(delay))?;
        let (parts, body) = request.into_parts();
        let (first, body) = read_first_message(body, rules.request_bytes_max).await?;
        let mut request = Request::from_parts(parts, body);
        let extensions = request.extensions_mut();
        extensions.insert(caller);
        extensions.insert(first);
        if let Some(standing) = standing {
            extensions.insert(standing);
        }
        Ok(request)
    }
}

/// The connection of an organisation that a request came over.
fn partner_of(request: &Request<Body>) -> Option<Arc<PartnerConnection>> {
    match request.extensions().get() {
        Some(Arrived::Partner(connection)) => Some(Arc::clone(connection)),
        Some(Arrived::Stranger | Arrived::Unnamed) | None => None,
    }
}

/// The one token of a request.
fn bearer(request: &Request<Body>) -> Result<&str, TokenFault> {
    let mut values = request.headers().get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(TokenFault::Missing);
    };
    let value = value.to_str().map_err(|_| TokenFault::Malformed)?;
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(token),
        Some(_) | None => Err(TokenFault::Missing),
    }
}

fn refuse_token(fault: TokenFault) -> Refusal {
    // The kind of fault only: the token names a professional.
    tracing::info!(%fault, "a token was refused");
    fault.refusal()
}
