//! Beginning a grant version: what a resident's yes and the confirmation of recorded consent share.

use sluis_store::{OutboxEvent, Outcome, Tx};
use sluis_types::{GrantId, Randomness, Timestamp};

use super::owned::Owned;
use crate::desk::Desk;
use crate::domain::State;
use crate::domain::assisted::Evidence;
use crate::domain::assurance::Assurance;
use crate::domain::circle::{Circle, CircleQuestion};
use crate::domain::grant::{Grant, Notice, Ticked};
use crate::domain::life::Command;
use crate::domain::proposal::Proposal;
use crate::domain::receipt::{ReceiptEvent, Speaker};
use crate::error::{CommandError, Denial};
use crate::event::change_event;
use crate::gate::{GateKeys, Lost, Plan, Prepared};
use crate::identity::{Access, Entry, Head, Name, Pointer, RowKind};
use crate::jobs::expiry;
use crate::store::{Due, Lock, Rows};

/// What is granted, and on which word.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) ticked: Ticked,
    pub(super) valid_until: Timestamp,
    pub(super) notice: Notice,
    pub(super) assurance: Assurance,
    /// Set when a worker recorded it.
    pub(super) recorded: Option<Evidence>,
    /// Who and what stays of the circle that is asked for; none where it is no circle.
    pub(super) circle: Option<Circle>,
}

/// A grant version that began.
pub(super) struct Begun {
    pub(super) grant: Grant,
    is_new: bool,
    event: Option<OutboxEvent>,
    /// Other grants whose keys were found damaged.
    lost: Vec<Lost>,
}

/// The grant between the same organisations that has not ended, or the circle whose place a new one is to take.
pub(super) async fn existing(
    rows: &Rows,
    tx: &mut Tx<'_>,
    proposal: &Owned<Proposal>,
    lock: Lock,
) -> Result<Option<Owned<Grant>>, CommandError> {
    let question = &proposal.row.question;
    let resident = &proposal.resident;
    let name = match &question.circle {
        None => Name::GrantOf {
            resident,
            discloser: &question.discloser,
            recipient: &question.recipient,
        },
        Some(CircleQuestion {
            replaces: Some(circle),
            ..
        }) => Name::Grant(*circle),
        Some(_) => return Ok(None),
    };
    let access = rows.access(tx, &rows.key(&name)).await?;
    let Some(i) = access.and_then(|access| access.row()) else {
        return Ok(None);
    };
    let tag = resident.tag(RowKind::Grant, i);
    let row = rows.grant(tx, &tag, lock).await?;
    let row = row.ok_or(CommandError::Form("a lookup without its grant"))?;
    if row.state.ended_at().is_some() {
        return Ok(None);
    }
    Ok(Some(Owned {
        resident: resident.clone(),
        i,
        tag,
        row,
    }))
}

/// What the key store must do, by the grant between the two as it is now. One that ran out of time is ended first.
pub(super) async fn plan(
    desk: &Desk,
    existing: Option<Owned<Grant>>,
    now: Timestamp,
) -> Result<Plan, CommandError> {
    match existing {
        None => Ok(Plan::Place),
        Some(existing) if now >= existing.row.valid_until => {
            expiry::expire(desk, &[existing.row.id]).await?;
            Ok(Plan::Place)
        }
        Some(existing) => Ok(Plan::of(&existing.row, Command::Widen)),
    }
}

/// The parts of a command that begins a grant version.
pub(super) struct Beginning<'a> {
    pub(super) keys: &'a GateKeys,
    pub(super) randomness: &'a dyn Randomness,
    pub(super) prepared: &'a Prepared,
    pub(super) now: Timestamp,
}

impl Beginning<'_> {
    /// Begins the next version of the grant between the two, or the first of a new one, with its gate key.
    pub(super) async fn begin(
        &self,
        tx: &mut Tx<'_>,
        proposal: &Owned<Proposal>,
        terms: &Terms,
        may_add_to: impl Fn(&Grant) -> bool + Send,
    ) -> Result<Result<Begun, Denial>, CommandError> {
        let (rows, now) = (self.keys.rows(), self.now);
        let question = &proposal.row.question;
        if let Some(mut found) = existing(rows, tx, proposal, Lock::Exclusive).await? {
            if now >= found.row.valid_until {
                return Err(CommandError::Moved);
            }
            // Each version is one of the whole: what reaches beyond the mandate, the resident decides.
            if !may_add_to(&found.row) {
                return Ok(Err(Denial::NotMandated));
            }
            let before = found.row.clone();
            let line = match found.row.step(Command::Widen, now) {
                Ok(line) => line,
                Err(stage) => return Ok(Err(Denial::Illegal(stage))),
            };
            found.row.add(&terms.ticked, terms.valid_until);
            if let Some(circle) = terms.circle {
                found.row.set_circle(circle);
            }
            found.row.notice = terms.notice.clone();
            found.row.assurance = terms.assurance;
            found.row.recorded = terms.recorded;
            let lost = self
                .keys
                .carry_out(tx, &mut found.row, line.key, self.prepared, now)
                .await?;
            self.keys
                .renew_bundles(tx, &found.resident, Some(&before), &found.row, now)
                .await?;
            rows.save_grant(tx, &found.tag, &found.row).await?;
            let event = line
                .change
                .and_then(|change| change_event(&before, &found.row, change, now));
            return Ok(Ok(Begun {
                grant: found.row,
                is_new: false,
                event,
                lost,
            }));
        }
        let Prepared::Place(place) = self.prepared else {
            return Err(CommandError::Moved);
        };
        let mut grant = Grant {
            id: GrantId::random(self.randomness),
            version: 1,
            discloser: question.discloser,
            recipient: question.recipient,
            circle: None,
            basis: None,
            allowed: terms.ticked.allowed,
            objected: terms.ticked.objected,
            state: State::Active,
            since: now,
            valid_until: terms.valid_until,
            bucket: Some(place.at),
            gate_key: Vec::new(),
            notice: terms.notice.clone(),
            assurance: terms.assurance,
            recorded: terms.recorded,
        };
        if let Some(circle) = terms.circle {
            grant.set_circle(circle);
        }
        grant.gate_key = self.keys.put_in(tx, place, crate::gate::binding(&grant)).await?;
        let resident = &proposal.resident;
        self.keys.renew_bundles(tx, resident, None, &grant, now).await?;
        Ok(Ok(Begun {
            grant,
            is_new: true,
            event: None,
            lost: Vec::new(),
        }))
    }

    /// Writes what goes with a grant version that began: its names, its end, its receipt and its leaf. The question is
    /// answered with it.
    pub(super) async fn finish<R>(
        &self,
        tx: &mut Tx<'_>,
        proposal: &Owned<Proposal>,
        begun: Begun,
        entry: Entry,
        speaker: Speaker,
        reply: impl FnOnce(&Grant) -> R + Send,
    ) -> Result<Outcome<R, Denial>, CommandError> {
        let rows = self.keys.rows();
        let mut head = Head::lock(rows, tx, &proposal.resident).await?;
        if begun.is_new {
            self.add(tx, &mut head, &begun.grant).await?;
        }
        rows.schedule(tx, begun.grant.valid_until, &Due::GrantEnds(begun.grant.id))
            .await?;
        rows.clear_proposal(tx, &mut head, proposal.row.id, proposal.i)
            .await?;
        let event = ReceiptEvent::Granted;
        rows.add_receipt(tx, &mut head, &begun.grant, event, speaker, self.now)
            .await?;
        let log = entry.under(Some(&begun.grant)).done(head.next_log());
        head.save(rows, tx).await?;
        if speaker != Speaker::Resident {
            rows.announce(tx, &proposal.resident, self.now).await?;
        }
        let outcome = Outcome::done(reply(&begun.grant), log).with_events(begun.event);
        Ok(Lost::tell(begun.lost, outcome))
    }

    /// Adds a new grant with the names under which it is found.
    async fn add(&self, tx: &mut Tx<'_>, head: &mut Head, grant: &Grant) -> Result<(), CommandError> {
        let rows = self.keys.rows();
        let (i, tag) = head.next(RowKind::Grant);
        let access = Access {
            resident: head.resident().clone(),
            pointer: Pointer::Row(i),
        };
        rows.insert_grant(tx, &tag, grant).await?;
        rows.insert_access(tx, &rows.key(&Name::Grant(grant.id)), &access)
            .await?;
        // A circle is found by its id only.
        if grant.circle.is_some() {
            return Ok(());
        }
        let (resident, discloser, recipient) = (head.resident(), &grant.discloser, &grant.recipient);
        let pair = rows.key(&Name::GrantOf {
            resident,
            discloser,
            recipient,
        });
        if rows.insert_access(tx, &pair, &access).await? {
            Ok(())
        } else {
            // Another grant between the two began at the same moment.
            Err(CommandError::Moved)
        }
    }
}
