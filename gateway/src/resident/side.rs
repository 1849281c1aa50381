//! Logging in and out, and finding a session again.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sluis_proto::consent::v1 as proto;
use sluis_proto::consent::v1::LevelOfAssurance;
use sluis_proto::consent::v1::receipt_key_service_client::ReceiptKeyServiceClient;
use sluis_proto::consent::v1::resident_session_service_client::ResidentSessionServiceClient;
use sluis_serve::{
    Caller, Hash, MeshClient, MeshRole, MethodTable, Refusal, ResidentCaller, session_hash, timestamp,
};
use sluis_types::{Clock, Randomness, RequestId, Timestamp};
use tonic::Status;
use zeroize::Zeroizing;

use super::Session;
use super::calls::Calls;

const START_SESSION: &str = "/sluis.consent.v1.ResidentSessionService/StartSession";
const GET_SESSION: &str = "/sluis.consent.v1.ResidentSessionService/GetSession";
const END_SESSION: &str = "/sluis.consent.v1.ResidentSessionService/EndSession";
const CHECK_LOGIN_SOURCE: &str = "/sluis.consent.v1.ResidentSessionService/CheckLoginSource";
const COUNT_FAILED_LOGIN: &str = "/sluis.consent.v1.ResidentSessionService/CountFailedLogin";
const GET_RECEIPT_KEYS: &str = "/sluis.consent.v1.ReceiptKeyService/GetReceiptKeys";

/// Who logged in, as an OpenID Connect provider vouched for it in a signed ID token.
///
/// It identifies a person, so its `Debug` shows nothing. Only [`crate::RelyingParty::finish`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedLogin {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) represents: Option<String>,
    pub(super) level_of_assurance: LevelOfAssurance,
}

impl VerifiedLogin {
    /// The provider (`iss`).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The pairwise identifier of who logged in (`sub`).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The pairwise identifier of the resident who is represented, when the login is a representative's.
    pub fn represents(&self) -> Option<&str> {
        self.represents.as_deref()
    }

    /// How sure the provider is.
    pub fn level_of_assurance(&self) -> LevelOfAssurance {
        self.level_of_assurance
    }
}

impl fmt::Debug for VerifiedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedLogin(…)")
    }
}

/// The secret that a browser holds for its session. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<[u8; 32]>);

impl SessionToken {
    /// The token in a cookie; none when it has another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The bytes, for the cookie.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.expose())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// A session that just began.
#[derive(Clone, Debug)]
pub struct StartedSession {
    /// What the browser holds from now on.
    pub token: SessionToken,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
}

/// The resident side of a gateway. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ResidentSide(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// To consent, in the gateway's own name.
    sessions: ResidentSessionServiceClient<MeshClient>,
    receipt_keys: ReceiptKeyServiceClient<MeshClient>,
    ways: Ways,
    calls: Arc<Calls>,
    randomness: Arc<dyn Randomness>,
}

/// The ways on which residents are spoken for.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    pub(crate) consent: MeshClient,
    pub(crate) referral: MeshClient,
    pub(crate) matching: MeshClient,
    pub(crate) signalling: MeshClient,
    pub(crate) registry: MeshClient,
}

/// An answer of consent that does not hold what it must.
#[derive(Debug, thiserror::Error)]
#[error("consent answered with a malformed session")]
struct MalformedSession;

impl ResidentSide {
    pub(crate) fn new(
        sessions: MeshClient,
        ways: Ways,
        table: MethodTable,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        Self(Arc::new(Inner {
            receipt_keys: ReceiptKeyServiceClient::new(sessions.clone()),
            sessions: ResidentSessionServiceClient::new(sessions),
            ways,
            calls: Arc::new(Calls::new(table, clock)),
            randomness,
        }))
    }

    /// Begins a session for a login.
    ///
    /// # Errors
    /// A refusal of consent; TEMPORARILY_CLOSED when it cannot be reached.
    pub async fn log_in(&self, login: &VerifiedLogin) -> Result<StartedSession, Status> {
        let message = proto::StartSessionRequest {
            request_id: self.fresh_request_id(),
            issuer: login.issuer.clone(),
            subject: login.subject.clone(),
            represents: login.represents.clone().unwrap_or_default(),
            level_of_assurance: login.level_of_assurance.into(),
        };
        let request = self.0.calls.prepare(START_SESSION, &GATEWAY, message)?;
        let reply = Calls::outcome(self.0.sessions.clone().start_session(request).await)?;
        let token = SessionToken::from_bytes(&reply.session_token).ok_or_else(malformed)?;
        let expires_at = timestamp("expires_at", reply.expires_at.as_ref()).map_err(|_| malformed())?;
        Ok(StartedSession { token, expires_at })
    }

    /// The session of a token, as consent has it at this moment.
    ///
    /// # Errors
    /// SESSION_ENDED when it ended, expired or never was; RATE_LIMITED when this very session asks too often;
    /// TEMPORARILY_CLOSED when consent cannot be reached.
    pub async fn session(&self, token: &SessionToken) -> Result<Session, Status> {
        let message = proto::GetSessionRequest {
            session_token: token.bytes(),
        };
        let about = session_hash(token.expose());
        let request = self
            .0
            .calls
            .prepare_about(GET_SESSION, &GATEWAY, &about, message)?;
        let reply = Calls::outcome(self.0.sessions.clone().get_session(request).await)?;
        let level = reply.level_of_assurance();
        let expires_at = timestamp("expires_at", reply.expires_at.as_ref()).map_err(|_| malformed())?;
        if reply.issuer.is_empty() || reply.subject.is_empty() || level == LevelOfAssurance::Unspecified {
            return Err(malformed());
        }
        let resident = ResidentCaller {
            issuer: reply.issuer,
            subject: reply.subject,
            represents: Some(reply.represents).filter(|it| !it.is_empty()),
            session: about,
        };
        let Inner {
            ways,
            calls,
            randomness,
            ..
        } = &*self.0;
        Ok(Session::new(
            resident,
            level,
            expires_at,
            ways,
            Arc::clone(calls),
            Arc::clone(randomness),
        ))
    }

    /// Ends a session. Ending one that ended, or never was, succeeds.
    ///
    /// # Errors
    /// TEMPORARILY_CLOSED when consent cannot be reached: the session may live on until it expires.
    pub async fn log_out(&self, token: &SessionToken) -> Result<(), Status> {
        let message = proto::EndSessionRequest {
            request_id: self.fresh_request_id(),
            session_token: token.bytes(),
        };
        let about = session_hash(token.expose());
        let request = self
            .0
            .calls
            .prepare_about(END_SESSION, &GATEWAY, &about, message)?;
        Calls::outcome(self.0.sessions.clone().end_session(request).await)?;
        Ok(())
    }

    /// Whether logins from a source are welcome. `source` is what the caller counts by, hashed.
    ///
    /// # Errors
    /// RATE_LIMITED after five that failed within 15 minutes, or when this very source asks too often; TEMPORARILY_CLOSED
    /// when consent cannot be reached.
    pub async fn check_login_source(&self, source: &Hash) -> Result<(), Status> {
        let message = proto::CheckLoginSourceRequest {
            source: Bytes::copy_from_slice(source),
        };
        let request = self
            .0
            .calls
            .prepare_about(CHECK_LOGIN_SOURCE, &GATEWAY, source, message)?;
        Calls::outcome(self.0.sessions.clone().check_login_source(request).await)?;
        Ok(())
    }

    /// Counts a login from a source that failed.
    ///
    /// # Errors
    /// TEMPORARILY_CLOSED when consent cannot be reached.
    pub async fn count_failed_login(&self, source: &Hash) -> Result<(), Status> {
        let message = proto::CountFailedLoginRequest {
            request_id: self.fresh_request_id(),
            source: Bytes::copy_from_slice(source),
        };
        let request = self.0.calls.prepare(COUNT_FAILED_LOGIN, &GATEWAY, message)?;
        Calls::outcome(self.0.sessions.clone().count_failed_login(request).await)?;
        Ok(())
    }

    /// The public keys of receipts as a JWK set, for publishing.
    ///
    /// # Errors
    /// TEMPORARILY_CLOSED when consent cannot be reached.
    pub async fn receipt_keys(&self) -> Result<String, Status> {
        let message = proto::GetReceiptKeysRequest {};
        let request = self.0.calls.prepare(GET_RECEIPT_KEYS, &GATEWAY, message)?;
        let reply = Calls::outcome(self.0.receipt_keys.clone().get_receipt_keys(request).await)?;
        Ok(reply.jwk_set)
    }

    fn fresh_request_id(&self) -> String {
        RequestId::random(self.0.randomness.as_ref()).to_string()
    }
}

const GATEWAY: Caller = Caller::Mesh(MeshRole::Gateway);

fn malformed() -> Status {
    Refusal::internal(&MalformedSession).into()
}
