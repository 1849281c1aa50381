//! A record of another legal basis than consent: what stands in it, and its steps. It is a grant of another type.

use std::time::Duration;

use sluis_types::{
    BasisCheck, CodeSet, DataKind, DeferralReason, LegalArticle, LegalBasis, LifeDomain, MessageKind,
    OrganisationKind, ReviewOutcome, Timestamp,
};

use super::grant::{Grant, end_of_day};
use super::legal_basis_rule::{AT_ONCE, Rule, SecondEyes, rule};
use super::life::{Command, Stage, State, Transition};
use super::{Allowance, Provision};

/// How long a record waits for the second person that it needs first.
pub(crate) const RECORD_LIFE: Duration = Duration::from_hours(14 * 24);
/// How long after the record a resident is told at the latest.
pub(crate) const DEFERRED_MAX: Duration = Duration::from_hours(28 * 24);

/// Who did something, by pseudonym, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) by: [u8; 32],
    pub(crate) at: Timestamp,
}

/// That the resident is told later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deferral {
    pub(crate) until: Timestamp,
    pub(crate) reason: DeferralReason,
}

/// What a grant row holds when it is a record of another legal basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    pub(crate) legal: LegalBasis,
    pub(crate) article: Option<LegalArticle>,
    pub(crate) checks: CodeSet<BasisCheck>,
    /// Hash of the discloser's own document with the grounds.
    pub(crate) document_sha256: [u8; 32],
    pub(crate) recorded: Act,
    pub(crate) confirmed: Option<Act>,
    /// For how many days once confirmed; 0 for emergency access.
    pub(crate) valid_days: u32,
    pub(crate) deferral: Option<Deferral>,
    pub(crate) ask_again_at: Option<Timestamp>,
    pub(crate) objected_at: Option<Timestamp>,
    pub(crate) reviewed: Option<(Act, ReviewOutcome)>,
}

/// What is asked to be recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated {
    pub(crate) legal: LegalBasis,
    pub(crate) article: Option<LegalArticle>,
    pub(crate) discloser: OrganisationKind,
    pub(crate) recipient: OrganisationKind,
    pub(crate) life_domains: CodeSet<LifeDomain>,
    pub(crate) data_kinds: CodeSet<DataKind>,
    pub(crate) checks: CodeSet<BasisCheck>,
    pub(crate) document_sha256: [u8; 32],
    pub(crate) valid_days: u32,
    pub(crate) deferral: Option<Deferral>,
    pub(crate) ask_again_at: Option<Timestamp>,
}

/// A record as it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) basis: Basis,
    pub(crate) allowed: Allowance,
    /// Active at once, or waiting for its second person.
    pub(crate) state: State,
    pub(crate) valid_until: Timestamp,
}

/// Which field of what is asked does not hold, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) &'static str, pub(crate) &'static str);

/// Why a step of a record is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoStep {
    /// It must be somebody else.
    SamePerson,
    /// Its state does not allow it.
    Illegal(Stage),
}

/// The start of the hour that `time` lies in: shorter bases end on whole hours, so that due times in clear join no rows.
fn whole_hour(time: Timestamp) -> Timestamp {
    const HOUR_SECONDS: i64 = 3600;
    Timestamp::from_seconds(time.seconds().div_euclid(HOUR_SECONDS) * HOUR_SECONDS)
}

/// Whether what is asked is within the table, and how the record begins.
pub(crate) fn admit(stated: &Stated, by: [u8; 32], now: Timestamp) -> Result<Admitted, Unfit> {
    let fits = |holds: bool, field, why| if holds { Ok(()) } else { Err(Unfit(field, why)) };
    let rule =
        rule(stated.legal, stated.article).ok_or(Unfit("article", "must be one of the basis's laws"))?;
    fits(
        rule.disclosers.contains(&stated.discloser),
        "basis",
        "is not for the caller's kind of organisation",
    )?;
    fits(
        rule.recipients.contains(&stated.recipient),
        "recipient",
        "must be of a kind that the basis allows",
    )?;
    let within = "must be one or more of those that the basis allows";
    let (domains, kinds) = (stated.life_domains, stated.data_kinds);
    fits(
        !domains.is_empty() && domains.is_subset_of(rule.life_domains()),
        "life_domains",
        within,
    )?;
    fits(
        !kinds.is_empty() && kinds.is_subset_of(rule.data_kinds()),
        "data_kinds",
        within,
    )?;
    fits(
        rule.checks().is_subset_of(stated.checks),
        "checks",
        "must have all that the basis asks for",
    )?;
    fits(
        stated.valid_days <= rule.days_max,
        "valid_days",
        "must be within what the basis allows",
    )?;
    if let Some(deferral) = stated.deferral {
        let in_time = now < deferral.until && deferral.until <= now.plus(DEFERRED_MAX);
        fits(
            rule.may_defer && in_time,
            "deferral",
            "must be allowed, and at most 28 days",
        )?;
    }
    let asks_again = match stated.ask_again_at {
        Some(at) => rule.asks_again && now < at && at <= now.plus(AT_ONCE),
        None => !rule.asks_again,
    };
    fits(
        asks_again,
        "ask_again_at",
        "must be within 24 hours, and only with VITAL_INTEREST",
    )?;
    Ok(begin(rule, stated, Act { by, at: now }))
}

fn begin(rule: &Rule, stated: &Stated, recorded: Act) -> Admitted {
    let now = recorded.at;
    let (state, valid_until) = match rule.second_eyes {
        SecondEyes::Before => (State::Recorded, whole_hour(now.plus(RECORD_LIFE))),
        SecondEyes::After | SecondEyes::Never => (State::Active, whole_hour(now.plus(AT_ONCE))),
    };
    Admitted {
        basis: Basis {
            legal: stated.legal,
            article: stated.article,
            checks: stated.checks,
            document_sha256: stated.document_sha256,
            recorded,
            confirmed: None,
            valid_days: if stated.valid_days == 0 {
                rule.days_max
            } else {
                stated.valid_days
            },
            deferral: stated.deferral,
            ask_again_at: stated.ask_again_at,
            objected_at: None,
            reviewed: None,
        },
        allowed: Allowance::of([Provision {
            purpose: rule.purpose,
            life_domains: stated.life_domains,
            data_kinds: stated.data_kinds,
        }]),
        state,
        valid_until,
    }
}

impl Basis {
    fn rule(&self) -> Option<&'static Rule> {
        rule(self.legal, self.article)
    }

    /// Whether a message of this kind may travel on it.
    pub(crate) fn carries(&self, kind: MessageKind) -> bool {
        self.rule().is_some_and(|rule| rule.message_kinds.contains(&kind))
    }

    /// Until when its resident is not told of it; none once they may see it.
    pub(crate) fn hidden_until(&self) -> Option<Timestamp> {
        self.deferral.map(|deferral| deferral.until)
    }

    /// Whether its resident may see it.
    pub(crate) fn is_shown(&self, now: Timestamp) -> bool {
        self.hidden_until().is_none_or(|until| until <= now)
    }

    /// Whether it waits for a privacy officer: after emergency access, when the resident is told later, and when they
    /// objected since it was reviewed last.
    pub(crate) fn review_waits(&self) -> bool {
        let is_wanted = self.rule().is_some_and(|rule| rule.always_reviewed)
            || self.deferral.is_some()
            || self.objected_at.is_some();
        is_wanted
            && self
                .reviewed
                .is_none_or(|(act, _)| self.objected_at.is_some_and(|at| at > act.at))
    }
}

/// A second person confirms a record. Gives the line of the table that was taken.
pub(crate) fn confirm(
    grant: &mut Grant,
    by: [u8; 32],
    now: Timestamp,
) -> Result<&'static Transition, NoStep> {
    let stage = grant.state.stage();
    let over = grant.state.ended_at().is_none() && now >= grant.valid_until;
    let basis = grant.basis.as_ref().ok_or(NoStep::Illegal(stage))?;
    if over {
        return Err(NoStep::Illegal(Stage::Expired));
    }
    let is_wanted = basis
        .rule()
        .is_some_and(|rule| rule.second_eyes != SecondEyes::Never);
    if basis.confirmed.is_some() || !is_wanted {
        return Err(NoStep::Illegal(stage));
    }
    if basis.recorded.by == by {
        return Err(NoStep::SamePerson);
    }
    let mut next = grant.clone();
    let line = next.step(Command::Confirm, now).map_err(NoStep::Illegal)?;
    if let Some(basis) = &mut next.basis {
        basis.confirmed = Some(Act { by, at: now });
        // What was active at once is counted from then: confirming lengthens nothing.
        let from = if stage == Stage::Active {
            basis.recorded.at
        } else {
            now
        };
        next.valid_until = end_of_day(from, basis.valid_days);
    }
    *grant = next;
    Ok(line)
}

/// A privacy officer reviews a record, also one that has ended. Gives the line that was taken where that ends it.
pub(crate) fn review(
    grant: &mut Grant,
    by: [u8; 32],
    outcome: ReviewOutcome,
    now: Timestamp,
) -> Result<Option<&'static Transition>, NoStep> {
    let stage = grant.state.stage();
    let basis = grant.basis.as_ref().ok_or(NoStep::Illegal(stage))?;
    if !basis.review_waits() {
        return Err(NoStep::Illegal(stage));
    }
    if basis.recorded.by == by || basis.confirmed.is_some_and(|act| act.by == by) {
        return Err(NoStep::SamePerson);
    }
    let mut next = grant.clone();
    let line = match outcome {
        ReviewOutcome::Upheld => None,
        ReviewOutcome::Unfounded => Some(next.step(Command::Withdraw, now).map_err(NoStep::Illegal)?),
    };
    if let Some(basis) = &mut next.basis {
        basis.reviewed = Some((Act { by, at: now }, outcome));
    }
    *grant = next;
    Ok(line)
}

/// The resident objects. False, and nothing changed, while an objection of theirs waits for its review.
pub(crate) fn object(basis: &mut Basis, now: Timestamp) -> bool {
    if basis.objected_at.is_some() && basis.review_waits() {
        return false;
    }
    basis.objected_at = Some(now);
    true
}

#[cfg(test)]
#[path = "legal_basis_tests.rs"]
pub(crate) mod tests;
