//! What all acts in an introduction have in common: who may, what is asked of consent, and what is shown afterwards.

use sluis_proto::matching::v1 as proto;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, LogEvent, Outcome, Request as Remembered, Subject, Tx};
use sluis_types::{GrantId, IntroductionId, Oin, Timestamp};

use super::reply;
use crate::context::Context;
use crate::domain::Illegal;
use crate::domain::introduction::{Answer, Introduction, Viewer};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged, Who};
use crate::store::vault::{Fault, Vault};
use crate::store::{card, introduction};

/// In whose name somebody looks or acts.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// An organisation: a side's, or the coordinator's.
    Organisation(Oin),
    /// Somebody themselves, with a ticket for their grant.
    Grant(GrantId),
}

impl By {
    /// Whose log an attempt on something unknown belongs in: a ticket names a grant, an organisation only a guess.
    const fn subject(self) -> Subject {
        match self {
            Self::Organisation(_) => Subject::None,
            Self::Grant(grant) => Subject::Grant(grant),
        }
    }

    fn viewer(self, introduction: &Introduction) -> Option<Viewer> {
        match self {
            Self::Grant(grant) => introduction.side_under(grant).map(Viewer::Side),
            Self::Organisation(oin) if oin == introduction.coordinator => Some(Viewer::Coordinator),
            Self::Organisation(oin) => introduction.side_of(oin).map(Viewer::Side),
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Answer { answer: Answer, exclude: bool },
    Review,
    End { exclude: bool },
}

/// Who does it, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doer {
    pub(super) by: By,
    pub(super) who: Who,
    pub(super) method: &'static str,
    pub(super) now: Timestamp,
}

/// An introduction in which the caller has a part at this moment.
pub(super) struct Part {
    pub(super) introduction: Introduction,
    pub(super) viewer: Viewer,
    /// Whether both people's consent is live.
    pub(super) both_live: bool,
}

/// The parts that `by` has in these introductions, those without live consent of its own left out. Consent is asked
/// once, about all.
pub(super) async fn parts(
    context: &Context,
    by: By,
    introductions: Vec<Introduction>,
) -> Result<Vec<Part>, Refusal> {
    let mine: Vec<_> = introductions
        .into_iter()
        .filter_map(|introduction| by.viewer(&introduction).map(|viewer| (introduction, viewer)))
        .collect();
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let grants: Vec<GrantId> = mine
        .iter()
        .flat_map(|(introduction, _)| introduction.parties.iter().map(|party| party.grant))
        .collect();
    let live = context.live(&grants).await?;
    let parts = mine
        .into_iter()
        .zip(live.chunks(2))
        .filter_map(|((introduction, viewer), live)| {
            let is_mine_live = match viewer {
                Viewer::Side(side) => live[side],
                Viewer::Coordinator => true,
            };
            is_mine_live.then(|| Part {
                introduction,
                viewer,
                both_live: live[0] && live[1],
            })
        });
    Ok(parts.collect())
}

/// Introductions as they are shown to who has a part in them.
pub(super) async fn shown(
    context: &Context,
    parts: &[Part],
    now: Timestamp,
) -> Result<Vec<proto::Introduction>, Refusal> {
    let mut read = context.store.read("introductions").await.map_err(Fault::from)?;
    let mut shown = Vec::new();
    for part in parts {
        let other = other_card(&context.vault, &mut read.tx(), &part.introduction, part.viewer).await?;
        shown.push(reply::introduction(
            &part.introduction,
            part.viewer,
            other,
            part.both_live,
            now,
        ));
    }
    Ok(shown)
}

async fn other_card(
    vault: &Vault,
    tx: &mut Tx<'_>,
    introduction: &Introduction,
    viewer: Viewer,
) -> Result<Option<proto::CardContent>, Fault> {
    let Viewer::Side(side) = viewer else {
        return Ok(None);
    };
    let card = card::load(vault, tx, introduction.parties[1 - side].card).await?;
    let card = card.ok_or(Fault::Contradiction("an introduction without its card"))?;
    reply::card_content(&card).map(Some)
}

/// The part that `by` has in an introduction; none where it has none or its own consent is not live.
pub(super) async fn part(context: &Context, by: By, id: IntroductionId) -> Result<Option<Part>, Refusal> {
    let mut read = context.store.read("introduction").await.map_err(Fault::from)?;
    let found = introduction::load(&context.vault, &mut read.tx(), id).await?;
    drop(read);
    Ok(parts(context, by, found.into_iter().collect()).await?.pop())
}

/// Does it; NOT_AVAILABLE where the caller has no part in it. That is decided like everything else: with a leaf, and
/// once for a request id.
pub(super) async fn follow(
    context: &Context,
    remembered: Remembered,
    id: IntroductionId,
    doer: Doer,
    deed: Deed,
) -> Result<proto::Introduction, Refusal> {
    let part = part(context, doer.by, id).await?;
    let act = Act {
        vault: context.vault.clone(),
        id,
        part: part.map(|part| (part.viewer, part.both_live)),
        doer,
        deed,
    };
    let written = context.store.write(remembered, act).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Act {
    vault: Vault,
    id: IntroductionId,
    /// Who the caller is in it, and whether both people's consent is live.
    part: Option<(Viewer, bool)>,
    doer: Doer,
    deed: Deed,
}

impl Command for Act {
    type Reply = proto::Introduction;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Introduction, Denial>, Fault> {
        let Some((viewer, both_live)) = self.part else {
            let reason = ErrorReason::NotAvailable;
            let event = self.event(Logged::Asked, self.doer.by.subject());
            return Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)));
        };
        let deal = Deal {
            act: self,
            viewer,
            both_live,
        };
        deal.apply(tx).await
    }
}

impl Act {
    fn event(&self, kind: Logged, subject: Subject) -> LogEvent {
        let Doer { who, method, now, .. } = self.doer;
        log::event(kind, who, now, method, subject, self.id.as_bytes())
    }
}

/// An act of somebody who has a part in it.
struct Deal<'a> {
    act: &'a Act,
    viewer: Viewer,
    both_live: bool,
}

impl Deal<'_> {
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Introduction, Denial>, Fault> {
        let Act { vault, id, doer, .. } = self.act;
        let mut introduction = introduction::lock(vault, tx, *id)
            .await?
            .ok_or(Fault::Contradiction("an introduction that was read is gone"))?;
        let was_introduced = introduction.introduced_at.is_some();
        let event = self.event(&introduction);
        if let Err(illegal) = self.act(tx, &mut introduction).await? {
            let denial = Denial::illegal(&illegal);
            let reason = denial.reason();
            return Ok(Outcome::refused(denial, log::refused(event, reason)));
        }
        introduction::save(vault, tx, &introduction).await?;
        if self.excludes() {
            let people = [introduction.parties[0].person, introduction.parties[1].person];
            let mut pair = introduction::lock_pair(vault, tx, people).await?;
            pair.excluded = true;
            introduction::save_pair(vault, tx, people, &pair).await?;
        }
        let other = other_card(vault, tx, &introduction, self.viewer).await?;
        let shown = reply::introduction(&introduction, self.viewer, other, self.both_live, doer.now);
        let done = Outcome::done(shown, event);
        match self.viewer {
            // That the two were introduced is for both to read; an answer is for its own side only.
            Viewer::Side(side) if !was_introduced && introduction.introduced_at.is_some() => {
                let theirs = Subject::Grant(introduction.parties[1 - side].grant);
                let (kind, nobody, of) = (Logged::Followed, Who::default(), id.as_bytes());
                Ok(done.with_log(log::event(kind, nobody, doer.now, doer.method, theirs, of)))
            }
            _ => Ok(done),
        }
    }

    async fn act(
        &self,
        tx: &mut Tx<'_>,
        introduction: &mut Introduction,
    ) -> Result<Result<(), Illegal>, Fault> {
        let (viewer, both_live, now) = (self.viewer, self.both_live, self.act.doer.now);
        Ok(match (self.act.deed, viewer) {
            (Deed::Answer { answer, .. }, Viewer::Side(side)) => {
                let may_meet = both_live && self.cards_are_there(tx, introduction).await?;
                introduction.answer(side, answer, may_meet, now)
            }
            (Deed::Review, Viewer::Side(_)) => introduction.review(viewer, both_live, now),
            (Deed::End { .. }, _) => introduction.end(viewer, both_live, now),
            (Deed::Answer { .. } | Deed::Review, Viewer::Coordinator) => Err(Illegal {
                state: introduction.shown_to(viewer, both_live, now).name(),
                allowed: vec!["END"],
            }),
        })
    }

    /// A card that was taken back is like a side that stays silent.
    async fn cards_are_there(&self, tx: &mut Tx<'_>, introduction: &Introduction) -> Result<bool, Fault> {
        let mut are_there = true;
        for party in &introduction.parties {
            let card = card::load(&self.act.vault, tx, party.card).await?;
            are_there &= card.is_some_and(|card| !card.is_removed);
        }
        Ok(are_there)
    }

    fn excludes(&self) -> bool {
        let is_side = matches!(self.viewer, Viewer::Side(_));
        let is_asked = match self.act.deed {
            Deed::Answer { answer, exclude } => exclude && answer == Answer::No,
            Deed::End { exclude } => exclude,
            Deed::Review => false,
        };
        is_side && is_asked
    }

    fn event(&self, introduction: &Introduction) -> LogEvent {
        let kind = match self.act.deed {
            Deed::Answer { .. } => Logged::Answered,
            Deed::Review | Deed::End { .. } => Logged::Followed,
        };
        let subject = match self.viewer {
            Viewer::Side(side) => Subject::Grant(introduction.parties[side].grant),
            Viewer::Coordinator => Subject::None,
        };
        self.act.event(kind, subject)
    }
}

/// An answer that must be there.
pub(super) fn answer(stated: i32) -> Result<Answer, Refusal> {
    u8::try_from(stated)
        .ok()
        .and_then(Answer::from_number)
        .filter(|answer| *answer != Answer::None)
        .ok_or_else(|| Refusal::invalid_field("answer", "must be a known value"))
}
