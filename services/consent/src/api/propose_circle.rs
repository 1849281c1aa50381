//! ProposeCircle: a member asks a resident for a circle. What is answered says nothing about whether there is one.

use std::sync::Arc;

use sluis_proto::consent::v1::{ProposeCircleRequest, ProposeCircleResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, id, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Handle, OrganisationKind, Randomness, Timestamp};
use tonic::Request;

use super::{convert, convert_circle};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::circle::{CIRCLE_VALID_DAYS_MAX, Circle, CircleQuestion};
use crate::domain::grant::hour_after;
use crate::domain::proposal::{PROPOSAL_LIFE, Proposal, ProposalId, Question, WAITING_MAX, Waiting, rests};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, RowKind};
use crate::store::{Due, Lock, Rows};

const METHOD: &str = "sluis.consent.v1.CircleService/ProposeCircle";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ProposeCircleRequest>,
) -> Result<ProposeCircleResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let handle = convert::handle(&asked.handle)?;
    let circle = convert_circle::terms(asked.terms.as_ref())?;
    require_meeting(desk, &caller, &circle)?;
    let valid_days = convert::proposed_days(asked.valid_days);
    if valid_days > CIRCLE_VALID_DAYS_MAX {
        return Err(Refusal::invalid_field("valid_days", "must be at most 363"));
    }
    let replaces = match asked.replaces.as_str() {
        "" => None,
        text => Some(id::<GrantId>("replaces", text)?),
    };
    let propose = Propose {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle,
        circle,
        replaces,
        valid_days,
        now: desk.now(),
    };
    Ok(desk
        .store
        .write(attempt, propose)
        .await
        .map_err(write_refusal)?
        .answer?)
}

/// That the caller is a member, all members are in the mesh, and something can meet in each class.
fn require_meeting(desk: &Desk, caller: &PartnerCaller, circle: &Circle) -> Result<(), Refusal> {
    const FIELD: &str = "terms.members";
    if !circle.has(&caller.organisation) {
        return Err(Refusal::invalid_field(FIELD, "the caller must be one of them"));
    }
    let mut kinds: Vec<OrganisationKind> = Vec::new();
    for member in circle.members() {
        let entry = desk.directory.organisation(&member)?;
        let entry =
            entry.ok_or_else(|| Refusal::invalid_field(FIELD, "must be organisations of this mesh"))?;
        kinds.push(entry.kind);
    }
    if circle.can_meet(&kinds) {
        Ok(())
    } else {
        Err(Refusal::invalid_field(
            "terms.match_classes",
            "each must have two members that may post in it, and each member one class",
        ))
    }
}

struct Propose {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    circle: Circle,
    replaces: Option<GrantId>,
    valid_days: u32,
    now: Timestamp,
}

impl Propose {
    /// The circle whose place the new one would take, when it is this resident's, the caller is in it and it lives.
    async fn replaced(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<Option<GrantId>, CommandError> {
        let nobody = ResidentKey::generate(&*self.randomness);
        let id = self
            .replaces
            .unwrap_or_else(|| GrantId::random(&*self.randomness));
        let access = self.rows.access(tx, &self.rows.key(&Name::Grant(id))).await?;
        let own = access.filter(|access| access.resident == *resident);
        let (owner, i) = own.map_or((nobody, 0), |access| {
            let i = access.row().unwrap_or_default();
            (access.resident, i)
        });
        let tag = owner.tag(RowKind::Grant, i);
        let grant = self.rows.grant(tx, &tag, Lock::None).await?;
        let lives = grant.filter(|grant| {
            let has_caller = grant
                .circle
                .is_some_and(|circle| circle.has(&self.caller.organisation));
            has_caller && grant.state.ended_at().is_none()
        });
        Ok(lives.map(|grant| grant.id))
    }

    fn proposal(&self, replaces: Option<GrantId>) -> Proposal {
        let (discloser, recipient) = self.circle.ends();
        Proposal {
            id: ProposalId::random(&*self.randomness),
            asked_by: self.caller.organisation,
            question: Question {
                discloser,
                recipient,
                circle: Some(CircleQuestion {
                    circle: self.circle,
                    replaces,
                }),
                allowed: Circle::allowed(),
                valid_days: self.valid_days,
            },
            asked_at: self.now,
            waiting: Waiting::Asked,
            record: None,
        }
    }
}

impl Command for Propose {
    type Reply = ProposeCircleResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ProposeCircleResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let link = Name::Link {
            organisation: &self.caller.organisation,
            handle: &self.handle,
        };
        let link = rows.access(tx, &rows.key(&link)).await?;
        let known = link.is_some();
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);
        let refusal = Name::RefusalOfCircle {
            resident: &resident,
            circle: &self.circle,
        };
        let refusal = rows.access(tx, &rows.key(&refusal)).await?;
        let unwanted =
            matches!(refusal, Some(Access { pointer: Pointer::RefusedAt(at), .. }) if rests(at, now));
        let proposal = self.proposal(self.replaced(tx, &resident).await?);

        let mut head = Head::lock(rows, tx, &resident).await?;
        let waiting = head.counts().proposals - head.counts().proposals_from;
        let shown = known && !unwanted && waiting < WAITING_MAX;
        // What nobody is to see is written all the same, under a key that is thrown away.
        let (access, tag) = if shown {
            let (i, tag) = head.next(RowKind::Proposal);
            let pointer = Pointer::Row(i);
            (Access { resident, pointer }, tag)
        } else {
            let nobody = ResidentKey::generate(&*self.randomness);
            let tag = nobody.tag(RowKind::Proposal, 0);
            let pointer = Pointer::NobodysRow(0);
            (
                Access {
                    resident: nobody,
                    pointer,
                },
                tag,
            )
        };
        rows.insert_proposal(tx, &tag, &proposal).await?;
        rows.insert_access(tx, &rows.key(&Name::Proposal(proposal.id)), &access)
            .await?;
        // Nobody hears of what they are not shown: the row is then nobody's.
        rows.announce(tx, &access.resident, now).await?;
        let lapses = Due::ProposalLapses(proposal.id);
        rows.schedule(tx, hour_after(proposal.lapses_at()), &lapses)
            .await?;

        let mut entry = Entry::by_partner(Happening::Proposed, METHOD, &self.caller, now);
        if let Some(scope) = convert::spanned(&Circle::allowed()) {
            entry = entry.declaring(scope);
        }
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let log = if shown {
            entry.done(tag)
        } else {
            entry.refused(tag, Denial::NotAvailable)
        };
        let lapses_at = Some(to_proto_timestamp(now.plus(PROPOSAL_LIFE)));
        Ok(Outcome::done(ProposeCircleResponse { lapses_at }, log))
    }
}
