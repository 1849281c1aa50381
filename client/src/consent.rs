//! Links and consent: what a partner may ask of the resident.

use sluis_envelope::{GrantToken, Scope, Signed, Verified};
use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_types::{CodeSet, DataKind, GrantId, Handle, LifeDomain, Oin, Purpose, Timestamp};

use crate::Error;
use crate::partner::Partner;

/// One thing that is asked or allowed: these kinds of data on these life domains for this purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provision {
    /// What for.
    pub purpose: Purpose,
    /// On which life domains.
    pub life_domains: CodeSet<LifeDomain>,
    /// Which kinds of data.
    pub data_kinds: CodeSet<DataKind>,
    /// True for an objection: what it names is not allowed, whatever the others say.
    pub objection: bool,
}

/// One question to a resident, in one direction.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who would share.
    pub discloser: Oin,
    /// Who would receive.
    pub recipient: Oin,
    /// What would be shared.
    pub provisions: Vec<Provision>,
    /// How long, in days; 0 means the mesh's default of half a year.
    pub valid_days: u32,
}

impl Ask {
    pub(crate) fn to_wire(&self) -> wire::Proposal {
        wire::Proposal {
            discloser: self.discloser.to_string(),
            recipient: self.recipient.to_string(),
            provisions: self.provisions.iter().map(Provision::to_wire).collect(),
            valid_days: self.valid_days,
        }
    }
}

/// What a live grant allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// What is allowed now.
    pub provisions: Vec<Provision>,
    /// Until when.
    pub valid_until: Timestamp,
    /// The grant's version.
    pub version: u32,
}

impl Partner {
    /// Turns a link code that a resident gave into this organisation's own handle for that resident.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `CODE_REFUSED` for a wrong, used or expired code.
    pub async fn redeem_link_code(&self, code: &str) -> Result<Handle, Error> {
        let message = wire::RedeemLinkCodeRequest {
            request_id: self.connection.request_id().to_string(),
            code: code.to_owned(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                ConsentServiceClient::new(channel).redeem_link_code(request).await
            })
            .await?;
        self.open_handle(&reply.sealed_handle)
    }

    /// Opens a handle that consent sealed to this organisation.
    pub(crate) fn open_handle(&self, sealed: &[u8]) -> Result<Handle, Error> {
        let sealed = sluis_envelope::SealedHandle::parse(sealed)?;
        let keys = self
            .profile
            .keys
            .sealing(&sealed.key_id())
            .ok_or(Error::Unknown { what: "sealing key" })?;
        Ok(sealed.open(self.profile.oin, keys)?)
    }

    /// Asks the resident behind a handle for consent; each question is answered apart. Returns when they lapse.
    ///
    /// # Errors
    /// [`Error`] of the call. An unknown handle is answered like a known one.
    pub async fn ask_consent(&self, resident: &Handle, asks: &[Ask]) -> Result<Timestamp, Error> {
        let message = wire::ProposeConsentRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            proposals: asks.iter().map(Ask::to_wire).collect(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                ConsentServiceClient::new(channel).propose_consent(request).await
            })
            .await?;
        Ok(moment(reply.lapses_at.as_ref()))
    }

    /// What is allowed now between two organisations for a handle; this organisation is one of the two.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` where no consent is live, whatever the cause.
    pub async fn consent_status(
        &self,
        resident: &Handle,
        discloser: Oin,
        recipient: Oin,
    ) -> Result<Allowed, Error> {
        let message = wire::GetConsentStatusRequest {
            handle: resident.expose(),
            discloser: discloser.to_string(),
            recipient: recipient.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                ConsentServiceClient::new(channel)
                    .get_consent_status(request)
                    .await
            })
            .await?;
        Ok(Allowed {
            provisions: Provision::list_from_wire(&reply.provisions)?,
            valid_until: moment(reply.valid_until.as_ref()),
            version: reply.version,
        })
    }

    /// The closed question before sealing. Gives the verified grant token and its bytes.
    pub(crate) async fn authorize(
        &self,
        resident: &Handle,
        recipient: Oin,
        scope: &Scope,
    ) -> Result<(Verified<GrantToken>, Vec<u8>), Error> {
        self.authorize_on(resident, recipient, scope, None).await
    }

    /// The same on a record of another legal basis, where there is one.
    pub(crate) async fn authorize_on(
        &self,
        resident: &Handle,
        recipient: Oin,
        scope: &Scope,
        basis: Option<GrantId>,
    ) -> Result<(Verified<GrantToken>, Vec<u8>), Error> {
        let message = wire::AuthorizeRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            recipient: recipient.to_string(),
            legal_basis_id: basis.map(|id| id.to_string()).unwrap_or_default(),
            scope: Some(wire::Scope {
                purposes: scope
                    .purposes()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
                life_domains: scope
                    .life_domains()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
                data_kinds: scope
                    .data_kinds()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
            }),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                ConsentServiceClient::new(channel).authorize(request).await
            })
            .await?;
        let token = Signed::<GrantToken>::parse(&reply.grant_token)?
            .verify(&self.profile.mesh.grant_token, self.environment.now())?;
        let is_meant = basis.is_none_or(|basis| token.grant_id == basis);
        if token.sender != self.profile.oin || token.recipient != recipient || !is_meant {
            return Err(Error::bad_answer("the grant token", "of other organisations"));
        }
        check_scope(scope, &Provision::list_from_wire(&reply.provisions)?)?;
        Ok((token, reply.grant_token.to_vec()))
    }
}

/// Whether a grant's provisions allow a whole scope: every purpose for every domain and kind, and no objection that
/// touches it.
fn check_scope(scope: &Scope, provisions: &[Provision]) -> Result<(), Error> {
    for purpose in scope.purposes().iter() {
        for domain in scope.life_domains().iter() {
            for kind in scope.data_kinds().iter() {
                let touching = |provision: &&Provision| {
                    provision.purpose == purpose
                        && provision.life_domains.contains(domain)
                        && provision.data_kinds.contains(kind)
                };
                let mut found = provisions.iter().filter(touching).peekable();
                if found.peek().is_none() || found.any(|provision| provision.objection) {
                    return Err(Error::OutsideGrant { what: kind.name() });
                }
            }
        }
    }
    Ok(())
}

impl Provision {
    fn to_wire(&self) -> wire::Provision {
        wire::Provision {
            purpose: i32::from(self.purpose.number()),
            life_domains: self
                .life_domains
                .iter()
                .map(|code| i32::from(code.number()))
                .collect(),
            data_kinds: self
                .data_kinds
                .iter()
                .map(|code| i32::from(code.number()))
                .collect(),
            objection: self.objection,
        }
    }

    fn list_from_wire(list: &[wire::Provision]) -> Result<Vec<Self>, Error> {
        list.iter().map(Self::from_wire).collect()
    }

    fn from_wire(provision: &wire::Provision) -> Result<Self, Error> {
        let unknown = |_| Error::bad_answer("a provision", "unknown code");
        let number = |number: i32| u8::try_from(number).unwrap_or(0);
        Ok(Self {
            purpose: Purpose::from_number(number(provision.purpose)).map_err(unknown)?,
            life_domains: provision
                .life_domains
                .iter()
                .map(|code| LifeDomain::from_number(number(*code)).map_err(unknown))
                .collect::<Result<_, _>>()?,
            data_kinds: provision
                .data_kinds
                .iter()
                .map(|code| DataKind::from_number(number(*code)).map_err(unknown))
                .collect::<Result<_, _>>()?,
            objection: provision.objection,
        })
    }
}

/// A moment as it stands in a message.
pub fn to_proto_timestamp(at: Timestamp) -> prost_types::Timestamp {
    let nanos = at.micros().rem_euclid(1_000_000) * 1000;
    prost_types::Timestamp {
        seconds: at.seconds(),
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

/// A moment of the wire; the epoch where it is absent.
pub(crate) fn moment(timestamp: Option<&prost_types::Timestamp>) -> Timestamp {
    timestamp.map_or_else(Timestamp::default, |timestamp| {
        Timestamp::from_micros(
            timestamp
                .seconds
                .saturating_mul(1_000_000)
                .saturating_add(i64::from(timestamp.nanos / 1000)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provision(kinds: &[DataKind], objection: bool) -> Provision {
        Provision {
            purpose: Purpose::Referral,
            life_domains: CodeSet::all(),
            data_kinds: kinds.iter().copied().collect(),
            objection,
        }
    }

    fn scope(kinds: &[DataKind]) -> Scope {
        let purposes = CodeSet::EMPTY.with(Purpose::Referral);
        let domains = CodeSet::EMPTY.with(LifeDomain::Finances);
        Scope::new(purposes, domains, kinds.iter().copied().collect()).expect("not empty")
    }

    #[test]
    fn a_scope_must_be_allowed_whole_and_an_objection_wins() {
        let allowed = [provision(&[DataKind::Contact, DataKind::Plan], false)];
        assert!(check_scope(&scope(&[DataKind::Contact, DataKind::Plan]), &allowed).is_ok());
        assert!(check_scope(&scope(&[DataKind::Contact, DataKind::Medical]), &allowed).is_err());
        let [allowed] = allowed;
        let with_objection = [allowed, provision(&[DataKind::Plan], true)];
        assert!(check_scope(&scope(&[DataKind::Contact]), &with_objection).is_ok());
        assert!(check_scope(&scope(&[DataKind::Plan]), &with_objection).is_err());
        assert!(check_scope(&scope(&[DataKind::Contact]), &[]).is_err());
    }
}
