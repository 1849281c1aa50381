//! What all commands of organisations about a match have in common: a party's, at the version that was seen, once.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::{MatchId, ProfessionalRole};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::encounter::{Encounter, Lead};
use crate::domain::life::{Actor, Event, Illegal};
use crate::ending::along;
use crate::error::{Denial, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged};
use crate::store::vault::{Fault, Vault};

/// The fields that every command has.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) match_id: &'a str,
    pub(super) expected_version: u32,
}

/// What an organisation does about a match.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// It has seen it.
    Acknowledge,
    /// The caller takes the lead.
    Lead,
    /// The lead does something.
    AsLead(Event),
    /// A privacy officer or coordinator decides on an objection.
    Settle(Event),
}

/// Gives a command in the name of the calling organisation.
pub(super) async fn give<T>(
    context: &Context,
    request: &Request<T>,
    (kind, method): (Logged, &'static str),
    fields: Fields<'_>,
    act: Act,
) -> Result<Option<proto::Match>, Refusal> {
    let partner = context.partner(request)?;
    let id = sluis_serve::request_id(fields.request_id)?;
    let encounter: MatchId = sluis_serve::id("match_id", fields.match_id)?;
    if fields.expected_version == 0 {
        return Err(Refusal::invalid_field("expected_version", "must be 1 or more"));
    }
    let remembered = partner.request(method, id, FirstMessage::hash_of(request)?);
    let change = Change {
        vault: context.vault.clone(),
        partner,
        encounter,
        expected: fields.expected_version,
        act,
        log: (kind, method),
    };
    let written = context.store.write(remembered, change).await.map_err(of_write)?;
    Ok(Some(written.answer?))
}

struct Change {
    vault: Vault,
    partner: Partner,
    encounter: MatchId,
    expected: u32,
    act: Act,
    log: (Logged, &'static str),
}

impl Command for Change {
    type Reply = proto::Match;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Match, Denial>, Fault> {
        let found = Encounter::lock(&self.vault, tx, self.encounter).await?;
        let organisation = self.partner.organisation();
        let Some(found) = found.filter(|encounter| encounter.party(organisation).is_some()) else {
            return Ok(self.refused(None, Denial::of(ErrorReason::NotAvailable)));
        };
        if found.version != self.expected {
            return Ok(self.refused(Some(&found), Denial::of(ErrorReason::VersionConflict)));
        }
        let changed = match self.decide(found.clone()) {
            Ok(changed) => changed,
            Err(illegal) => return Ok(self.refused(Some(&found), illegal.into())),
        };
        changed.save(&self.vault, tx).await?;
        if let Some(step) = self.of_signals() {
            along(&self.vault, tx, &changed, step).await?;
        }
        let done = Outcome::done(reply::encounter(&changed), self.event(Some(&changed)));
        Ok(done.with_events(outbox_row(&[changed])))
    }
}

impl Change {
    fn decide(&self, encounter: Encounter) -> Result<Encounter, Illegal> {
        let caller = self.partner.caller;
        let now = self.partner.now;
        match self.act {
            Act::Acknowledge => encounter.acknowledged(caller.organisation),
            Act::Lead => encounter.led_by(Lead {
                organisation: caller.organisation,
                professional: caller.professional,
            }),
            Act::AsLead(event) => {
                let actor = self.leads(&encounter);
                encounter.after(event, actor, now)
            }
            Act::Settle(event) => encounter.after(event, Actor::PrivacyOfficer, now),
        }
    }

    /// The lead, or a coordinator of the lead's organisation in the lead's place; others are senders.
    fn leads(&self, encounter: &Encounter) -> Actor {
        let caller = self.partner.caller;
        let leads = encounter.lead.is_some_and(|lead| {
            lead.organisation == caller.organisation
                && (lead.professional == caller.professional || caller.role == ProfessionalRole::Coordinator)
        });
        if leads { Actor::Lead } else { Actor::Sender }
    }

    /// What the match's signals go through with it.
    fn of_signals(&self) -> Option<(Event, Actor)> {
        match self.act {
            Act::AsLead(event @ Event::Close(_)) => Some((event, Actor::Mesh)),
            Act::Settle(event) => Some((event, Actor::PrivacyOfficer)),
            Act::Acknowledge | Act::Lead | Act::AsLead(_) => None,
        }
    }

    fn event(&self, about: Option<&Encounter>) -> LogEvent {
        let (kind, method) = self.log;
        let (who, now) = (self.partner.who(), self.partner.now);
        let grant = about.and_then(|encounter| {
            let party = encounter.party(self.partner.organisation())?;
            Some((party.grant, encounter.id))
        });
        match grant {
            Some(grant) => log::of_match(kind, who, now, method, grant),
            None => log::event(kind, who, now, method, Subject::None),
        }
    }

    fn refused(&self, about: Option<&Encounter>, denial: Denial) -> Outcome<proto::Match, Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.event(about), reason))
    }
}
