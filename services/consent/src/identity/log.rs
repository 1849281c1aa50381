//! Log events of consent: one shape for all, each under a tag of its own.

use sluis_envelope::Scope;
use sluis_serve::PartnerCaller;
use sluis_store::{LogEvent, LoggedId, Subject};
use sluis_types::{GrantId, Oin, Timestamp};

use super::Reach;
use crate::domain::access_kind::{Details, Happening};
use crate::domain::grant::Grant;
use crate::error::Denial;

/// What is about to be logged: everything but the tag and how it came out.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    happening: Happening,
    method: &'static str,
    at: Timestamp,
    organisation: Option<Oin>,
    user: Vec<u8>,
    grant: Option<GrantId>,
    details: Details,
}

impl Entry {
    /// A professional did it, or tried to.
    pub(crate) fn by_partner(
        happening: Happening,
        method: &'static str,
        partner: &PartnerCaller,
        at: Timestamp,
    ) -> Self {
        Self {
            organisation: Some(partner.organisation),
            user: partner.professional.to_vec(),
            details: Details {
                role: Some(partner.role),
                ..Details::NONE
            },
            ..Self::by_resident(happening, method, at)
        }
    }

    /// The resident did it, or the service's own timer.
    pub(crate) const fn by_resident(happening: Happening, method: &'static str, at: Timestamp) -> Self {
        Self {
            happening,
            method,
            at,
            organisation: None,
            user: Vec::new(),
            grant: None,
            details: Details::NONE,
        }
    }

    /// Whoever the call reaches as did it: the resident, or a representative.
    #[must_use]
    pub(crate) fn acting(mut self, reach: &Reach) -> Self {
        self.details.by_representative = reach.is_representative;
        self
    }

    /// A representative did it who reaches nobody yet.
    #[must_use]
    pub(crate) const fn by_representative(mut self) -> Self {
        self.details.by_representative = true;
        self
    }

    /// It was about this version of this grant.
    #[must_use]
    pub(crate) fn under(mut self, grant: Option<&Grant>) -> Self {
        if let Some(grant) = grant {
            self.grant = Some(grant.id);
            self.details.grant_version = grant.version;
            self.details.assisted = grant.recorded.is_some();
        }
        self.on(grant)
    }

    /// It was on this basis, if it is one, whether it was allowed or not: what the resident is told of later, they are not
    /// shown sooner by a refusal.
    #[must_use]
    pub(crate) fn on(mut self, grant: Option<&Grant>) -> Self {
        if let Some(basis) = grant.and_then(|grant| grant.basis.as_ref()) {
            self.details.basis = Some(basis.legal);
            self.details.hidden_until = basis.hidden_until();
        }
        self
    }

    /// It was about this grant.
    #[must_use]
    pub(crate) fn about(self, grant: Option<GrantId>) -> Self {
        Self { grant, ..self }
    }

    /// It declared this scope.
    #[must_use]
    pub(crate) fn declaring(mut self, scope: Scope) -> Self {
        self.details.scope = Some(scope);
        self
    }

    /// The event when it was done.
    pub(crate) fn done(self, tag: [u8; 32]) -> LogEvent {
        self.event(Subject::Tag(tag), 0)
    }

    /// The event when it was refused.
    pub(crate) fn refused(self, tag: [u8; 32], denial: Denial) -> LogEvent {
        self.event(Subject::Tag(tag), denial.number())
    }

    /// The event of an act that concerns no resident's log.
    pub(crate) fn done_unlisted(self) -> LogEvent {
        self.event(Subject::None, 0)
    }

    /// The event of a refusal that concerns no resident's log.
    pub(crate) fn refused_unlisted(self, denial: Denial) -> LogEvent {
        self.event(Subject::None, denial.number())
    }

    fn event(self, subject: Subject, outcome: u16) -> LogEvent {
        LogEvent {
            kind: self.happening as u16,
            outcome,
            at: self.at,
            organisation: self.organisation,
            user: self.user,
            subject,
            method: self.method,
            ids: self.grant.map(LoggedId::Grant).into_iter().collect(),
            details: self.details.encode(),
        }
    }
}
