//! The decision of the second gate.

use std::fmt;
use std::sync::Arc;

use sluis_envelope::{GateKeyPair, GateOpener, Header, OpenedGate};
use sluis_serve::PartnerCaller;
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Handle, MessageKind, Randomness, Timestamp};

use super::GateKeys;
use super::keys::binding;
use crate::domain::access_kind::Happening;
use crate::domain::grant::Grant;
use crate::domain::legal_basis::Basis;
use crate::domain::{Liveness, role};
use crate::error::{CommandError, Denial};
use crate::identity::{Access, Entry, Head, Name, ResidentKey, RowKind, handle_for};
use crate::store::Lock;

/// One opening: everything about the request itself was checked; whether the grant lets it is decided here, in one
/// transaction that holds grant and bucket so that no ending comes between.
///
/// Every refusal runs the same statements, one look into the key store, and the costly work of an opening.
pub(crate) struct Open {
    pub(crate) keys: GateKeys,
    pub(crate) liveness: Arc<dyn Liveness>,
    pub(crate) randomness: Arc<dyn Randomness>,
    /// A gate key of no grant, for the work of refusals.
    pub(crate) decoy: Arc<GateKeyPair>,
    pub(crate) caller: PartnerCaller,
    pub(crate) opener: GateOpener,
    pub(crate) method: &'static str,
    pub(crate) now: Timestamp,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open(…)")
    }
}

/// What is released once the leaf is durable.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) gate: OpenedGate,
    /// The recipient's own handle of the resident.
    pub(crate) handle: Handle,
    /// Whether a worker recorded the consent.
    pub(crate) assisted: bool,
}

impl Command for Open {
    type Reply = Opened;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Opened, Denial>, CommandError> {
        let rows = &self.keys.rows;
        let header = self.opener.header();
        let access = rows
            .access(tx, &rows.key(&Name::Grant(header.grant_id())))
            .await?;
        // Nobody stands in for whom there is not, so that the rest runs alike.
        let resident = access.as_ref().map_or_else(
            || ResidentKey::generate(&*self.randomness),
            |access| access.resident.clone(),
        );
        let i = access.as_ref().and_then(Access::row).unwrap_or_default();
        let grant = rows
            .grant(tx, &resident.tag(RowKind::Grant, i), Lock::Shared)
            .await?;
        let bucket_id = grant.as_ref().and_then(|grant| grant.bucket);
        let bucket_id = bucket_id.unwrap_or_else(|| self.keys.no_bucket());
        let bucket = rows.bucket(tx, bucket_id, Lock::Shared).await?;

        let allowed = grant.as_ref().filter(|grant| self.allows(grant, header));
        let key = self.keys.unwrap(bucket.as_ref(), allowed.map(binding)).await?;
        let opened = self.release(allowed.zip(key));

        let mut head = Head::lock(rows, tx, &resident).await?;
        let entry = Entry::by_partner(Happening::Opened, self.method, &self.caller, self.now)
            .about(Some(header.grant_id()))
            .under(grant.as_ref());
        let tag = head.next_log();
        let outcome = match opened {
            Some(gate) => {
                let (own, random) = (&self.caller.organisation, &*self.randomness);
                let basis = grant.as_ref().and_then(|grant| grant.basis.as_ref());
                let hidden = basis.and_then(Basis::hidden_until);
                let handle = handle_for(rows, tx, &mut head, own, self.now, hidden, random).await?;
                let log = entry.declaring(*gate.scope()).done(tag);
                let assisted = grant.as_ref().is_some_and(|grant| grant.recorded.is_some());
                let opened = Opened {
                    gate,
                    handle,
                    assisted,
                };
                Outcome::done(opened, log)
            }
            None => Outcome::refused(Denial::NotAvailable, entry.refused(tag, Denial::NotAvailable)),
        };
        head.save(rows, tx).await?;
        // A contact box opens on a match: what came of it, the resident sees in the pages.
        if outcome.is_done() && header.kind() == MessageKind::ContactBox {
            rows.announce(tx, &resident, self.now).await?;
        }
        Ok(outcome)
    }
}

impl Open {
    /// Whether the grant, as it stands now, lets this message be opened by this caller.
    fn allows(&self, grant: &Grant, header: &Header) -> bool {
        self.liveness.is_live(&grant.standing(), self.now)
            && grant.version == header.grant_version()
            && grant.joins(&header.sender(), &header.recipient(), header.kind())
            && header.recipient() == self.caller.organisation
            && self.now < header.expires()
    }

    /// Opens the share and looks whether grant and role allow what is in it. A refusal costs what a release does.
    fn release(&self, live: Option<(&Grant, GateKeyPair)>) -> Option<OpenedGate> {
        let Some((grant, key)) = live else {
            self.opener.spend(&self.decoy, &*self.randomness);
            return None;
        };
        match self.opener.open(&key) {
            Ok(opened) if self.permits(grant, &opened) => return Some(opened),
            Ok(opened) => drop(opened),
            // The sender sealed something else than it signed for.
            Err(error) => tracing::warn!(%error, "a consent share did not open"),
        }
        self.opener.spend_reply(&*self.randomness);
        None
    }

    /// Whether grant and role allow what the sender says is inside.
    fn permits(&self, grant: &Grant, opened: &OpenedGate) -> bool {
        grant.permits(opened.scope()) && role::may_handle(self.caller.role, opened.scope())
    }
}
