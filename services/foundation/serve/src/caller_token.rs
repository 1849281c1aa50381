//! Caller tokens: how one part of the mesh tells another, for one call, on whose behalf it speaks.
//!
//! A token is carried in the metadata key [`METADATA_KEY`]. It is signed with Ed25519 (RFC 8032, verified strictly)
//! over `"sluis/v1/caller-token" || 0x00 || everything before the signature`, and bound to one method of one service,
//! to the first message of the request, and to at most [`LIFETIME_MAX`]. All numbers are big-endian.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | side: 1 partner, 2 enrolment, 3 resident, 4 mesh, 5 operator |
//! | 2 | 32 | key id of the issuer's key; the key's kind is hashed into it |
//! | 34 | 1 | audience: 1 registry, 2 consent, 3 referral, 4 signalling, 5 matching |
//! | 35 | 8 | issued at, microseconds since 1970 |
//! | 43 | 8 | not after, microseconds since 1970 |
//! | 51 | 32 | H("sluis/v1/request", first message of the request, without gRPC's five-byte prefix) |
//! | 83 | 32 | H(JWT); zeros unless the side is partner |
//! | 115 | 2 + n | gRPC path of the method, preceded by its length; n ≤ 200 |
//! | … | | who, by side (below) |
//! | … | 64 | signature |
//!
//! Who: *partner* 20 B OIN, 32 B pseudonym of the professional, 1 B role; *enrolment* 32 B hash of the address;
//! *resident* issuer (2 + n, n ≤ 512), subject (2 + n, n ≤ 255), one byte 0 or 1, if 1 the represented person
//! (2 + n, n ≤ 255), 32 B hash of the session; *mesh* 1 B role; *operator* nothing.
//!
//! The kind of the issuer's key decides which sides it may name (partner callers: partner and enrolment; resident
//! callers: resident; mesh callers: mesh, and only its own role; operator callers: operator). Inside a mesh of
//! separate roles the token must also come over the role certificate of the key's holder.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::{FormatError, KeyKind, Reader, SigningKey, VerifyingKey, Writer};
use sluis_types::{Clock, KeyId, Oin, ProfessionalRole, Timestamp};

use crate::{Caller, EnrolmentCaller, Hash, MeshRole, PartnerCaller, ResidentCaller, Side};

/// The metadata key that carries the token (binary, so base64 on the wire).
pub const METADATA_KEY: &str = "sluis-caller-bin";
/// How long a token is valid at most.
pub const LIFETIME_MAX: Duration = Duration::from_secs(30);
/// How far the clocks of two parts of the mesh may be apart.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(5);
/// Longest token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 2048;

const TAG: &str = "sluis/v1/caller-token";
const VERSION: u8 = 1;
const SIGNATURE_BYTES: usize = 64;
const METHOD_BYTES_MAX: usize = 200;
const ISSUER_BYTES_MAX: usize = 512;
const SUBJECT_BYTES_MAX: usize = 255;

/// Why a caller token was refused, or could not be made. The other end hears CALLER_REFUSED only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerTokenError {
    /// There is no token, or more than one.
    #[error("not exactly one caller token")]
    Missing,
    /// The bytes are no caller token in canonical form.
    #[error("malformed caller token")]
    Malformed,
    /// The key is none that this service trusts.
    #[error("caller token by an unknown key")]
    UnknownIssuer,
    /// The key may not name this side or role.
    #[error("caller token for a side that its key may not name")]
    WrongSide,
    /// The signature is not by the key.
    #[error("caller token with a bad signature")]
    BadSignature,
    /// It is meant for another service.
    #[error("caller token for another service")]
    WrongAudience,
    /// It is meant for another method.
    #[error("caller token for another method")]
    WrongMethod,
    /// It came over the certificate of another role than the one that holds the key.
    #[error("caller token over another role's certificate")]
    WrongHolder,
    /// It is from the future.
    #[error("caller token from the future")]
    NotYetValid,
    /// It is too old.
    #[error("expired caller token")]
    Expired,
    /// It is bound to another first message.
    #[error("caller token for another message")]
    WrongMessage,
    /// A text in it is longer than the layout allows.
    #[error("caller token with too long a {0}")]
    TooLong(&'static str),
}

impl From<FormatError> for CallerTokenError {
    fn from(_: FormatError) -> Self {
        Self::Malformed
    }
}

/// The sides that a key of this kind may name.
fn may_name(kind: KeyKind, side: Side) -> bool {
    match kind {
        KeyKind::PartnerCaller => matches!(side, Side::Partner | Side::Enrolment),
        KeyKind::ResidentCaller => side == Side::Resident,
        KeyKind::MeshCaller => side == Side::Mesh,
        KeyKind::OperatorCaller => side == Side::Operator,
        _ => false,
    }
}

/// Makes caller tokens with one key. Cheap to clone.
#[derive(Clone)]
pub struct CallerTokenSigner {
    key: Arc<SigningKey>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for CallerTokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallerTokenSigner({:?})", self.key.id())
    }
}

impl CallerTokenSigner {
    /// A signer with this key, whose kind decides for which sides it can speak.
    pub fn new(key: Arc<SigningKey>, clock: Arc<dyn Clock>) -> Self {
        Self { key, clock }
    }

    /// A token for one call: of `method_path` at `audience`, with a first message of this hash, on behalf of
    /// `caller`.
    ///
    /// # Errors
    /// [`CallerTokenError::WrongSide`] when the key cannot speak for this caller; [`CallerTokenError::TooLong`] when
    /// the login or the path does not fit.
    pub fn sign(
        &self,
        caller: &Caller,
        audience: MeshRole,
        method_path: &str,
        message_hash: &Hash,
    ) -> Result<Vec<u8>, CallerTokenError> {
        if !may_name(self.key.kind(), caller.side()) {
            return Err(CallerTokenError::WrongSide);
        }
        fit("method", method_path, METHOD_BYTES_MAX)?;
        let issued_at = self.clock.now();
        let mut token = Writer::new();
        token
            .u8(VERSION)
            .u8(caller.side() as u8)
            .bytes(self.key.id().as_bytes());
        token
            .u8(audience.number())
            .timestamp(issued_at)
            .timestamp(issued_at.plus(LIFETIME_MAX));
        token
            .digest(message_hash)
            .digest(&caller.jwt_hash())
            .bytes16(method_path.as_bytes());
        write_who(&mut token, caller)?;
        let mut bytes = token.finish();
        let signature = self.key.sign(TAG, &bytes);
        bytes.extend_from_slice(&signature);
        Ok(bytes)
    }
}

fn fit(field: &'static str, text: &str, bytes_max: usize) -> Result<(), CallerTokenError> {
    if text.len() > bytes_max {
        Err(CallerTokenError::TooLong(field))
    } else {
        Ok(())
    }
}

fn write_who(token: &mut Writer, caller: &Caller) -> Result<(), CallerTokenError> {
    match caller {
        Caller::Partner(partner) => {
            token
                .bytes(partner.organisation.as_bytes())
                .digest(&partner.professional);
            token.u8(partner.role.number());
        }
        Caller::Enrolment(newcomer) => {
            token.digest(&newcomer.address);
        }
        Caller::Resident(resident) => {
            fit("issuer", &resident.issuer, ISSUER_BYTES_MAX)?;
            fit("subject", &resident.subject, SUBJECT_BYTES_MAX)?;
            token
                .bytes16(resident.issuer.as_bytes())
                .bytes16(resident.subject.as_bytes());
            match &resident.represents {
                None => token.u8(0),
                Some(represents) => {
                    fit("represented subject", represents, SUBJECT_BYTES_MAX)?;
                    token.u8(1).bytes16(represents.as_bytes())
                }
            };
            token.digest(&resident.session);
        }
        Caller::Mesh(role) => {
            token.u8(role.number());
        }
        Caller::Operator => {}
    }
    Ok(())
}

/// A key that a service accepts caller tokens of.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// The public key; its kind decides which sides it may name.
    pub key: VerifyingKey,
    /// The part of the mesh that holds the private half: the gateway, another service, the operator.
    pub holder: MeshRole,
}

/// What a verified token says. The caller is who it says it is once the message hash was compared too.
#[derive(Clone, Debug)]
pub struct VerifiedCall {
    /// On whose behalf the call is made.
    pub caller: Caller,
    /// Hash of the first message that the token is bound to.
    pub message_hash: Hash,
}

/// Verifies the caller tokens that reach one service. Cheap to clone.
#[derive(Clone)]
pub struct CallerTokenVerifier {
    audience: MeshRole,
    issuers: Arc<HashMap<KeyId, TrustedIssuer>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for CallerTokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CallerTokenVerifier({}, {} keys)",
            self.audience.name(),
            self.issuers.len()
        )
    }
}

impl CallerTokenVerifier {
    /// A verifier for the service `audience` that trusts these keys and no others. During a rotation both the old
    /// and the new key are among them.
    pub fn new(audience: MeshRole, issuers: Vec<TrustedIssuer>, clock: Arc<dyn Clock>) -> Self {
        let issuers = issuers
            .into_iter()
            .map(|issuer| (issuer.key.id(), issuer))
            .collect();
        Self {
            audience,
            issuers: Arc::new(issuers),
            clock,
        }
    }

    /// Verifies a token for a call of `method_path`. `over` is the role whose certificate the call came over; absent
    /// for calls within one process.
    ///
    /// # Errors
    /// [`CallerTokenError`] says which check failed, in the order of the checks.
    pub fn verify(
        &self,
        token: &[u8],
        method_path: &str,
        over: Option<MeshRole>,
    ) -> Result<VerifiedCall, CallerTokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(CallerTokenError::Malformed);
        }
        let (body, signature) = token
            .split_last_chunk::<SIGNATURE_BYTES>()
            .ok_or(CallerTokenError::Malformed)?;
        let parsed = Parsed::read(body)?;
        let issuer = self
            .issuers
            .get(&parsed.issuer)
            .ok_or(CallerTokenError::UnknownIssuer)?;
        issuer
            .key
            .verify(TAG, body, signature)
            .map_err(|_| CallerTokenError::BadSignature)?;
        if over.is_some_and(|role| role != issuer.holder) {
            return Err(CallerTokenError::WrongHolder);
        }
        let own_name = match parsed.caller {
            Caller::Mesh(role) => role == issuer.holder,
            _ => true,
        };
        if !may_name(issuer.key.kind(), parsed.caller.side()) || !own_name {
            return Err(CallerTokenError::WrongSide);
        }
        if parsed.audience != self.audience {
            return Err(CallerTokenError::WrongAudience);
        }
        if parsed.method != method_path {
            return Err(CallerTokenError::WrongMethod);
        }
        parsed.check_time(self.clock.now())?;
        Ok(VerifiedCall {
            caller: parsed.caller,
            message_hash: parsed.message_hash,
        })
    }
}

/// A token as it stands, before anything of it was verified.
struct Parsed<'a> {
    issuer: KeyId,
    audience: MeshRole,
    issued_at: Timestamp,
    not_after: Timestamp,
    message_hash: Hash,
    method: &'a str,
    caller: Caller,
}

impl<'a> Parsed<'a> {
    fn read(body: &'a [u8]) -> Result<Self, CallerTokenError> {
        let mut reader = Reader::new(body);
        if reader.u8()? != VERSION {
            return Err(CallerTokenError::Malformed);
        }
        let side = Side::from_number(reader.u8()?).ok_or(CallerTokenError::Malformed)?;
        let issuer = KeyId::from_bytes(reader.digest()?);
        let audience = MeshRole::from_number(reader.u8()?).ok_or(CallerTokenError::Malformed)?;
        let (issued_at, not_after) = (reader.timestamp()?, reader.timestamp()?);
        let message_hash = reader.digest()?;
        let jwt_hash = reader.digest()?;
        let method = text(reader.bytes16(METHOD_BYTES_MAX)?)?;
        let caller = read_who(&mut reader, side, jwt_hash)?;
        reader.finish()?;
        Ok(Self {
            issuer,
            audience,
            issued_at,
            not_after,
            message_hash,
            method,
            caller,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), CallerTokenError> {
        if self.not_after < self.issued_at || self.not_after.since(self.issued_at) > LIFETIME_MAX {
            return Err(CallerTokenError::Malformed);
        }
        if now.plus(CLOCK_SKEW_MAX) < self.issued_at {
            return Err(CallerTokenError::NotYetValid);
        }
        if now > self.not_after.plus(CLOCK_SKEW_MAX) {
            return Err(CallerTokenError::Expired);
        }
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Result<&str, CallerTokenError> {
    std::str::from_utf8(bytes).map_err(|_| CallerTokenError::Malformed)
}

fn read_who(reader: &mut Reader<'_>, side: Side, jwt_hash: Hash) -> Result<Caller, CallerTokenError> {
    if side != Side::Partner && jwt_hash != [0; 32] {
        return Err(CallerTokenError::Malformed);
    }
    Ok(match side {
        Side::Partner => {
            let organisation: Oin = reader.oin()?;
            let professional = reader.digest()?;
            let role =
                ProfessionalRole::from_number(reader.u8()?).map_err(|_| CallerTokenError::Malformed)?;
            Caller::Partner(PartnerCaller {
                organisation,
                professional,
                role,
                jwt_hash,
            })
        }
        Side::Enrolment => Caller::Enrolment(EnrolmentCaller {
            address: reader.digest()?,
        }),
        Side::Resident => {
            let issuer = text(reader.bytes16(ISSUER_BYTES_MAX)?)?.to_owned();
            let subject = text(reader.bytes16(SUBJECT_BYTES_MAX)?)?.to_owned();
            let represents = match reader.u8()? {
                0 => None,
                1 => Some(text(reader.bytes16(SUBJECT_BYTES_MAX)?)?.to_owned()),
                _ => return Err(CallerTokenError::Malformed),
            };
            let session = reader.digest()?;
            Caller::Resident(ResidentCaller {
                issuer,
                subject,
                represents,
                session,
            })
        }
        Side::Mesh => Caller::Mesh(MeshRole::from_number(reader.u8()?).ok_or(CallerTokenError::Malformed)?),
        Side::Operator => Caller::Operator,
    })
}

#[cfg(test)]
#[path = "caller_token_tests.rs"]
mod tests;
