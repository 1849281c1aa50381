//! Who calls: what a verified caller token says.

use std::fmt;
use std::net::IpAddr;

use sluis_envelope::hash;
use sluis_types::{Oin, ProfessionalRole};

pub use sluis_envelope::{jwt_hash, session_hash};

use crate::{FirstMessage, Hash, MeshRole, Refusal, Side};
use sluis_proto::options::v1::ErrorReason;

/// Who calls. Reaches handlers through the request's extensions; see [`Caller::of`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A professional of a partner organisation, or the organisation's own system.
    Partner(PartnerCaller),
    /// Somebody with an invitation, not a member yet.
    Enrolment(EnrolmentCaller),
    /// A resident or representative with a session.
    Resident(ResidentCaller),
    /// Another part of the mesh in its own name.
    Mesh(MeshRole),
    /// The operator.
    Operator,
}

/// A professional of a partner organisation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PartnerCaller {
    /// The organisation: certificate and JWT both name it.
    pub organisation: Oin,
    /// The professional, known by nothing but this pseudonym: [`professional_pseudonym`].
    pub professional: Hash,
    /// The role that the JWT states.
    pub role: ProfessionalRole,
    /// [`jwt_hash`] of the JWT that the call came with.
    pub jwt_hash: Hash,
}

/// A resident or representative. It identifies a person, so its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct ResidentCaller {
    /// Issuer of the login (OpenID Connect `iss`).
    pub issuer: String,
    /// Pairwise subject of the login (OpenID Connect `sub`).
    pub subject: String,
    /// Whom the login represents, when it is a representative's.
    pub represents: Option<String>,
    /// [`session_hash`] of the session.
    pub session: Hash,
}

/// A newcomer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentCaller {
    /// [`address_hash`] of the network address.
    pub address: Hash,
}

impl fmt::Debug for PartnerCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartnerCaller({}, {})", self.organisation, self.role.name())
    }
}

impl fmt::Debug for ResidentCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentCaller(…)")
    }
}

impl fmt::Debug for EnrolmentCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentCaller(…)")
    }
}

/// The pseudonym of a professional: it says nothing outside the organisation, and differs per organisation.
pub fn professional_pseudonym(organisation: Oin, jwt_subject: &str) -> Hash {
    hash(
        "sluis/v1/professional",
        &[organisation.as_bytes(), jwt_subject.as_bytes()],
    )
}

/// The hash of a network address under a salt that lives as long as the process: enough to count calls by it.
pub fn address_hash(address: IpAddr, salt: &[u8; 32]) -> Hash {
    match address {
        IpAddr::V4(address) => hash("sluis/v1/address", &[salt, &address.octets()]),
        // One subscriber holds a /64: counting single addresses of it would count nothing.
        IpAddr::V6(address) => hash("sluis/v1/address", &[salt, &address.octets()[..8]]),
    }
}

impl Caller {
    /// The caller of a request that passed the admission.
    ///
    /// # Errors
    /// CALLER_REFUSED when the request passed none: closed, not open.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<&Self, Refusal> {
        request.extensions().get().ok_or_else(Self::refused)
    }

    /// The partner.
    ///
    /// # Errors
    /// CALLER_REFUSED for every other side.
    pub fn partner(&self) -> Result<&PartnerCaller, Refusal> {
        match self {
            Self::Partner(partner) => Ok(partner),
            _ => Err(Self::refused()),
        }
    }

    /// The resident.
    ///
    /// # Errors
    /// CALLER_REFUSED for every other side.
    pub fn resident(&self) -> Result<&ResidentCaller, Refusal> {
        match self {
            Self::Resident(resident) => Ok(resident),
            _ => Err(Self::refused()),
        }
    }

    /// The part of the mesh.
    ///
    /// # Errors
    /// CALLER_REFUSED for every other side.
    pub fn mesh(&self) -> Result<MeshRole, Refusal> {
        match self {
            Self::Mesh(role) => Ok(*role),
            _ => Err(Self::refused()),
        }
    }

    /// Whether it is the operator.
    pub fn is_operator(&self) -> bool {
        *self == Self::Operator
    }

    /// The side that the call comes from.
    pub const fn side(&self) -> Side {
        match self {
            Self::Partner(_) => Side::Partner,
            Self::Enrolment(_) => Side::Enrolment,
            Self::Resident(_) => Side::Resident,
            Self::Mesh(_) => Side::Mesh,
            Self::Operator => Side::Operator,
        }
    }

    /// The organisation, where the call comes from one.
    pub const fn organisation(&self) -> Option<Oin> {
        match self {
            Self::Partner(partner) => Some(partner.organisation),
            _ => None,
        }
    }

    /// H(JWT) of a partner's call, zeros of every other.
    pub const fn jwt_hash(&self) -> Hash {
        match self {
            Self::Partner(partner) => partner.jwt_hash,
            _ => [0; 32],
        }
    }

    /// Whose request ids these are: the same attempt may be repeated by another process of the same organisation, in
    /// another session of the same login, or from another address of the same newcomer.
    pub fn idempotency_key(&self) -> Hash {
        let key = |parts: &[&[u8]]| hash("sluis/v1/idempotency-caller", parts);
        let side = [self.side() as u8];
        match self {
            Self::Partner(partner) => key(&[&side, partner.organisation.as_bytes()]),
            Self::Resident(resident) => match &resident.represents {
                None => key(&[&side, resident.issuer.as_bytes(), resident.subject.as_bytes()]),
                Some(represents) => key(&[
                    &side,
                    resident.issuer.as_bytes(),
                    resident.subject.as_bytes(),
                    represents.as_bytes(),
                ]),
            },
            Self::Mesh(role) => key(&[&side, &[role.number()]]),
            Self::Enrolment(_) | Self::Operator => key(&[&side]),
        }
    }

    /// Whose calls are counted together: organisation, session, address or role.
    pub fn rate_key(&self) -> Hash {
        let key = |part: &[u8]| hash("sluis/v1/rate-caller", &[&[self.side() as u8], part]);
        match self {
            Self::Partner(partner) => key(partner.organisation.as_bytes()),
            Self::Enrolment(newcomer) => key(&newcomer.address),
            Self::Resident(resident) => key(&resident.session),
            Self::Mesh(role) => key(&[role.number()]),
            Self::Operator => key(&[]),
        }
    }

    fn refused() -> Refusal {
        Refusal::new(ErrorReason::CallerRefused)
    }
}

impl FirstMessage {
    /// The hash of the request's first message: what a repeated request id is compared by.
    ///
    /// # Errors
    /// CALLER_REFUSED when the request passed no admission.
    pub fn hash_of<T>(request: &tonic::Request<T>) -> Result<Hash, Refusal> {
        request
            .extensions()
            .get::<Self>()
            .map(Self::hash)
            .ok_or_else(Caller::refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resident(subject: &str, represents: Option<&str>, session: u8) -> Caller {
        Caller::Resident(ResidentCaller {
            issuer: "https://login.example".into(),
            subject: subject.into(),
            represents: represents.map(Into::into),
            session: [session; 32],
        })
    }

    #[test]
    fn nothing_that_identifies_a_person_is_printed() {
        let partner = Caller::Partner(PartnerCaller {
            organisation: "00000099000000001000".parse().unwrap(),
            professional: professional_pseudonym("00000099000000001000".parse().unwrap(), "jansen"),
            role: ProfessionalRole::Intaker,
            jwt_hash: [7; 32],
        });
        assert_eq!(
            format!("{partner:?}"),
            "Partner(PartnerCaller(00000099000000001000, INTAKER))"
        );
        let printed = format!("{:?}", resident("sub-planted", Some("rep-planted"), 1));
        assert!(
            !printed.contains("planted") && !printed.contains("login.example"),
            "{printed}"
        );
    }

    #[test]
    fn attempts_belong_to_the_login_and_rates_to_the_session() {
        let (one, other) = (resident("a", None, 1), resident("a", None, 2));
        assert_eq!(one.idempotency_key(), other.idempotency_key());
        assert_ne!(one.rate_key(), other.rate_key());
        assert_ne!(
            resident("a", Some("b"), 1).idempotency_key(),
            resident("a", None, 1).idempotency_key()
        );
        assert_ne!(
            Caller::Operator.rate_key(),
            Caller::Mesh(MeshRole::Consent).rate_key()
        );
    }

    #[test]
    fn one_subscriber_of_ipv6_is_one_address() {
        let salt = [3; 32];
        let hashed = |text: &str| address_hash(text.parse().unwrap(), &salt);
        assert_eq!(hashed("2001:db8::1"), hashed("2001:db8::ffff"));
        assert_ne!(hashed("2001:db8::1"), hashed("2001:db8:0:1::1"));
        assert_ne!(hashed("192.0.2.1"), hashed("192.0.2.2"));
    }
}
