//! Authorize: the closed question before sealing. Yes is a signed grant token; no is one answer, whatever the cause.

use std::sync::Arc;

use bytes::Bytes;
use sluis_envelope::{GatePublicKey, GrantToken, Scope, Signed, SigningKey};
use sluis_proto::consent::v1::{AuthorizeRequest, AuthorizeResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, id, oin};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Handle, Oin, Randomness, Timestamp};
use tonic::Request;

use super::convert;
use crate::config::GRANT_TOKEN_LIFE;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::grant::Grant;
use crate::domain::{Liveness, role};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, Name, ResidentKey, RowKind};
use crate::store::{Lock, Rows};

const METHOD: &str = "sluis.consent.v1.ConsentService/Authorize";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<AuthorizeRequest>,
) -> Result<AuthorizeResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let handle = convert::handle(&asked.handle)?;
    let recipient = oin("recipient", &asked.recipient)?;
    if recipient == caller.organisation {
        return Err(Refusal::invalid_field("recipient", "must not be the caller"));
    }
    let scope = convert::scope(asked.scope.as_ref())?;
    let basis = match asked.legal_basis_id.as_str() {
        "" => None,
        text => Some(id::<GrantId>("legal_basis_id", text)?),
    };
    let ask = Ask {
        rows: desk.rows.clone(),
        liveness: Arc::clone(&desk.liveness),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle,
        recipient,
        basis,
        scope,
        key: Arc::clone(&desk.grant_token_key),
        now: desk.now(),
    };
    // Never answered from memory: a repeat is decided by the grant as it is then.
    let written = desk.store.write_unstored(attempt, ask).await;
    let written = written.map_err(write_refusal)?;
    let leaf_promise = desk.promise(written.leaf());
    Ok(AuthorizeResponse {
        leaf_promise,
        ..written.answer?
    })
}

struct Ask {
    rows: Rows,
    liveness: Arc<dyn Liveness>,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    recipient: Oin,
    /// The record of another legal basis that it is to be sent on; none under consent.
    basis: Option<GrantId>,
    scope: Scope,
    key: Arc<SigningKey>,
    now: Timestamp,
}

impl Ask {
    /// Whether it is the grant that is asked for: a consent between two, or the record with the id.
    fn means(&self, grant: &Grant) -> bool {
        match self.basis {
            None => grant.basis.is_none() && grant.circle.is_none(),
            Some(basis) => grant.basis.is_some() && grant.id == basis,
        }
    }

    fn allows(&self, grant: &Grant) -> bool {
        self.liveness.is_live(&grant.standing(), self.now)
            && grant.discloser == self.caller.organisation
            && grant.recipient == self.recipient
            && grant.permits(&self.scope)
            && role::may_handle(self.caller.role, &self.scope)
    }

    /// The reply but for the leaf promise, which is signed when the leaf is there.
    fn yes(&self, grant: &Grant) -> Result<AuthorizeResponse, CommandError> {
        let token = GrantToken {
            grant_id: grant.id,
            grant_version: grant.version,
            sender: grant.discloser,
            recipient: grant.recipient,
            gate_key: GatePublicKey::parse(&grant.gate_key)
                .map_err(|_| CommandError::Form("the public gate key of a live grant"))?,
            issued_at: self.now,
            not_after: self.now.plus(GRANT_TOKEN_LIFE),
        };
        Ok(AuthorizeResponse {
            grant_token: Signed::sign(token, &self.key).encode().into(),
            provisions: convert::allowed(grant),
            leaf_promise: Bytes::new(),
        })
    }
}

impl Command for Ask {
    type Reply = AuthorizeResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<AuthorizeResponse, Denial>, CommandError> {
        let rows = &self.rows;
        let discloser = &self.caller.organisation;
        let link = rows
            .access(
                tx,
                &rows.key(&Name::Link {
                    organisation: discloser,
                    handle: &self.handle,
                }),
            )
            .await?;
        // Nobody stands in for whom there is not, so that every "no" runs the same statements.
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);
        let name = match self.basis {
            None => Name::GrantOf {
                resident: &resident,
                discloser,
                recipient: &self.recipient,
            },
            Some(basis) => Name::Grant(basis),
        };
        // A basis by its id may be about somebody else.
        let access = rows.access(tx, &rows.key(&name)).await?;
        let access = access.filter(|access| access.resident == resident);
        let i = access.and_then(|access| access.row()).unwrap_or_default();
        let grant = rows
            .grant(tx, &resident.tag(RowKind::Grant, i), Lock::Shared)
            .await?;
        // Where nothing was found, some other row of the resident's stood in.
        let meant = grant.as_ref().filter(|grant| self.means(grant));
        let allowed = meant.filter(|grant| self.allows(grant));

        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_partner(Happening::Authorized, METHOD, &self.caller, self.now)
            .under(allowed)
            .on(meant)
            .declaring(self.scope);
        Ok(match allowed {
            Some(grant) => Outcome::done(self.yes(grant)?, entry.done(tag)),
            None => Outcome::refused(Denial::NotAvailable, entry.refused(tag, Denial::NotAvailable)),
        })
    }
}
