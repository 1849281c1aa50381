//! DisconnectOrganisation: a resident breaks with an organisation. Its handle is nobody's from then on, its questions go,
//! and every grant to it or from it ends.

use sluis_proto::consent::v1::{DisconnectOrganisationRequest, DisconnectOrganisationResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller, oin};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Oin, Timestamp};
use tonic::Request;

use super::end_grants::{Ending, end_grants, live_grants};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::grant::Grant;
use crate::domain::mandate::{MandateStage, MandateStep};
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{
    Access, Entry, Head, Name, Pointer, Reach, Reached, ResidentKey, RowKind, reach, view,
};
use crate::store::{Lock, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/DisconnectOrganisation";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<DisconnectOrganisationRequest>,
) -> Result<DisconnectOrganisationResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let organisation = oin("oin", &asked.oin)?;
    let disconnect = Disconnect {
        rows: desk.rows.clone(),
        caller: caller.clone(),
        organisation,
        now: desk.now(),
    };
    let written = desk
        .store
        .write(attempt, disconnect)
        .await
        .map_err(write_refusal)?;
    let at = written.leaf().at;
    written.answer?;
    // Also for a repeat: an earlier attempt may have been cut short here.
    let (grants, ending) = grants_with(desk, &caller, organisation, at).await?;
    end_grants(desk, &grants, &ending).await?;
    Ok(DisconnectOrganisationResponse {})
}

/// The grants to or from the organisation that have not ended, and what is said of their ending.
async fn grants_with(
    desk: &Desk,
    caller: &ResidentCaller,
    organisation: Oin,
    at: Timestamp,
) -> Result<(Vec<GrantId>, Ending), CommandError> {
    let now = desk.now();
    let mut read = desk.store.read("DisconnectOrganisation").await?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, now).await?;
    let mut grants = Vec::new();
    // A repeat ends nothing that was given after it was asked first, and nothing by a mandate that ended meanwhile.
    let is_with = |grant: &Grant| {
        let is_party = grant.discloser == organisation
            || grant.recipient == organisation
            || grant.circle.is_some_and(|circle| circle.has(&organisation));
        grant.since <= at && is_party
    };
    let reached = reach.residents.iter();
    for reached in reached.filter(|it| it.may_about_all(MandateAct::Stop)) {
        grants.extend(live_grants(&desk.rows, &mut tx, &reached.resident, is_with).await?);
    }
    let ending = Ending {
        entry: Entry::by_resident(Happening::Withdrawn, METHOD, now).acting(&reach),
        speaker: reach.speaker(),
    };
    Ok((grants, ending))
}

struct Disconnect {
    rows: Rows,
    caller: ResidentCaller,
    organisation: Oin,
    now: Timestamp,
}

impl Command for Disconnect {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach: Reach = reach(rows, tx, &self.caller, now).await?;
        let entry = Entry::by_resident(Happening::Disconnected, METHOD, now).acting(&reach);
        let may = |it: &Reached| it.may_about_all(MandateAct::Stop);
        let denied = !reach.residents.iter().all(may);
        let mut log = None;
        for reached in &reach.residents {
            let mut head = Head::lock(rows, tx, &reached.resident).await?;
            log.get_or_insert_with(|| head.next_log());
            if !denied {
                self.forget(tx, &mut head, &reached.resident).await?;
            }
            head.save(rows, tx).await?;
        }
        let tag = log.ok_or(CommandError::Form("a login without residents"))?;
        Ok(if denied {
            Outcome::refused(Denial::NotMandated, entry.refused(tag, Denial::NotMandated))
        } else {
            Outcome::done((), entry.done(tag))
        })
    }
}

impl Disconnect {
    /// Takes away every name by which the organisation finds this resident, its link, and its questions.
    async fn forget(
        &self,
        tx: &mut Tx<'_>,
        head: &mut Head,
        resident: &ResidentKey,
    ) -> Result<(), CommandError> {
        let (rows, organisation) = (&self.rows, &self.organisation);
        let of = rows.key(&Name::HandleOf {
            resident,
            organisation,
        });
        if let Some(Access {
            pointer: Pointer::Handle(handle),
            ..
        }) = rows.access(tx, &of).await?
        {
            let found_by = Name::Link {
                organisation,
                handle: &handle,
            };
            rows.delete_access(tx, &rows.key(&found_by)).await?;
            rows.delete_access(tx, &of).await?;
        }
        let code_of = rows.key(&Name::CodeOf {
            resident,
            organisation,
        });
        if let Some(Access {
            pointer: Pointer::Code { forms, .. },
            ..
        }) = rows.access(tx, &code_of).await?
        {
            for key in [forms[0], forms[1], code_of] {
                rows.delete_access(tx, &key).await?;
            }
        }
        rows.clear_links(tx, resident, organisation).await?;
        for i in 0..head.counts().mandates {
            let tag = resident.tag(RowKind::Mandate, i);
            if let Some(mut mandate) = rows.mandate(tx, &tag, Lock::Exclusive).await?
                && mandate.recorded_by.is_some_and(|(oin, _)| oin == *organisation)
                && mandate.stage != MandateStage::Active
                && mandate.step(MandateStep::Dispute, self.now).is_ok()
            {
                rows.save_mandate(tx, &tag, &mandate).await?;
            }
        }
        for (i, proposal) in rows.proposals(tx, resident).await? {
            let question = &proposal.question;
            if [proposal.asked_by, question.discloser, question.recipient].contains(organisation) {
                rows.clear_proposal(tx, head, proposal.id, i).await?;
            }
        }
        Ok(())
    }
}
