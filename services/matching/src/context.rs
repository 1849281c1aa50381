//! What every handler and job works with.

use std::sync::Arc;

use sluis_envelope::{GrantToken, Signed, SigningKey, Statement, StatementError, Verified, VerifyingKey};
use sluis_proto::consent::v1::GetGrantStatesRequest;
use sluis_proto::consent::v1::grant_event_service_client::GrantEventServiceClient;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, FirstMessage, MeshClient, PartnerCaller, Refusal, SealedTokens, Timer};
use sluis_store::{Command, LogEvent, Outcome, Request, Store, Subject, Tx};
use sluis_types::{Clock, GrantId, Oin, Randomness, Timestamp};

use crate::ConsentKeys;
use crate::error::{malformed, of_write};
use crate::listing::Listing;
use crate::log::{self, Logged, Who};
use crate::store::vault::{Fault, Vault};

/// What every handler and job works with.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) consent: GrantEventServiceClient<MeshClient>,
    pub(crate) consent_keys: ConsentKeys,
    pub(crate) tokens: SealedTokens,
    pub(crate) listing: Listing,
    /// Signs directory heads.
    pub(crate) directory_key: SigningKey,
}

impl Context {
    /// The professional who calls, and the time of the call.
    pub(crate) fn partner<T>(&self, request: &tonic::Request<T>) -> Result<Partner, Refusal> {
        Ok(Partner {
            caller: *Caller::of(request)?.partner()?,
            now: self.clock.now(),
        })
    }

    /// A grant token that consent signed for the caller and that is valid now; anything else is GRANT_TOKEN_REFUSED.
    pub(crate) fn grant_token(
        &self,
        bytes: &[u8],
        partner: &Partner,
    ) -> Result<Verified<GrantToken>, Refusal> {
        let token = Signed::<GrantToken>::parse(bytes).map_err(malformed)?;
        verify_by(token, &self.consent_keys.grant_token, partner.now)
            .ok()
            .filter(|token| token.sender == partner.organisation())
            .ok_or_else(|| Refusal::new(ErrorReason::GrantTokenRefused))
    }

    /// Which of these grants are live at this moment: consent is asked, and nothing of its answer is kept.
    pub(crate) async fn live(&self, grants: &[GrantId]) -> Result<Vec<bool>, Refusal> {
        let grant_ids = grants.iter().map(|id| id.as_bytes().to_vec().into()).collect();
        let asked = GetGrantStatesRequest { grant_ids };
        let reply = self.consent.clone().get_grant_states(asked).await;
        let standings = reply
            .map_err(|status| Refusal::closed(&status))?
            .into_inner()
            .standings;
        if standings.len() != grants.len() {
            return Err(Fault::Contradiction("consent answered about other grants").into());
        }
        Ok(standings.iter().map(|it| it.version > 0 && !it.paused).collect())
    }

    /// Leaves a leaf of a refusal that changed nothing, and gives it: no leaf, no answer.
    pub(crate) async fn refuse_logged(&self, event: LogEvent, reason: ErrorReason) -> Refusal {
        let method = event.method;
        let noted = Noted {
            event: log::refused(event, reason),
        };
        match self.store.write_internal(method, noted).await.map_err(of_write) {
            Ok(_) => Refusal::new(reason),
            Err(refusal) => refusal,
        }
    }

    /// NOT_AVAILABLE for something that was asked for, whether it is another's or does not exist.
    pub(crate) async fn not_available(
        &self,
        partner: &Partner,
        method: &'static str,
        of: &[u8; 16],
    ) -> Refusal {
        let event = log::event(
            Logged::Asked,
            partner.who(),
            partner.now,
            method,
            Subject::None,
            of,
        );
        self.refuse_logged(event, ErrorReason::NotAvailable).await
    }
}

/// Verifies a statement by whichever pinned key it names.
pub(crate) fn verify_by<B: Statement>(
    statement: Signed<B>,
    pinned: &[VerifyingKey],
    now: Timestamp,
) -> Result<Verified<B>, StatementError> {
    let key = pinned
        .iter()
        .find(|key| key.id() == statement.signer())
        .ok_or(StatementError::WrongKey)?;
    statement.verify(key, now)
}

/// A professional who calls, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Partner {
    pub(crate) caller: PartnerCaller,
    pub(crate) now: Timestamp,
}

impl Partner {
    /// A request to remember. Its id is the organisation's.
    pub(crate) fn remembered<T>(
        &self,
        request: &tonic::Request<T>,
        method: &'static str,
        request_id: &str,
    ) -> Result<Request, Refusal> {
        Ok(Request {
            method,
            caller: Caller::Partner(self.caller).idempotency_key().to_vec(),
            id: sluis_serve::request_id(request_id)?,
            body_hash: FirstMessage::hash_of(request)?,
        })
    }

    pub(crate) fn organisation(&self) -> Oin {
        self.caller.organisation
    }

    pub(crate) fn who(&self) -> Who {
        Who {
            organisation: Some(self.caller.organisation),
            professional: Some(self.caller.professional),
        }
    }
}

/// The log event of something that changed nothing.
struct Noted {
    event: LogEvent,
}

impl Command for Noted {
    type Reply = ();
    type Refusal = ();
    type Error = Fault;

    async fn apply(&self, _: &mut Tx<'_>) -> Result<Outcome<(), ()>, Fault> {
        Ok(Outcome::done((), self.event.clone()))
    }
}
