//! Enrol: an invitation becomes a membership.

use sluis_envelope::{Signed, VerifiedKeyStatement};
use sluis_proto::registry::v1::{EnrolRequest, EnrolResponse};
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Tx};

use super::call::Call;
use super::message::{organisation, organisation_changed};
use crate::Inner;
use crate::ca::{CertificateRequest, MeshCa};
use crate::domain::{Act, CodeIndex, InvitationCode, Profile, Refused, Standing, first_statement};
use crate::error::Error;
use crate::store::{
    Record, insert_certificate, insert_organisation, insert_statement, load_invitation, lock_organisation,
    unexpected, use_invitation,
};

const METHOD: &str = "sluis.registry.v1.RegistryService/Enrol";

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<EnrolRequest>,
) -> Result<EnrolResponse, Refusal> {
    let now = registry.clock.now();
    let call = Call::of(request, METHOD, &request.get_ref().request_id, now)?;
    let asked = request.get_ref();
    let code = InvitationCode::parse(&asked.code)
        .ok_or_else(|| Refusal::invalid_field("code", "must be the code of an invitation"))?;
    // All checks of what was sent come first, and alike for a right and a wrong code: how long the answer takes says
    // nothing about the code, which is looked up by its HMAC and compared in constant time.
    let csr = CertificateRequest::parse(&asked.certificate_request).map_err(Error::from)?;
    let statement = Signed::parse(&asked.key_statement).map_err(Error::from)?;
    let keys = first_statement(statement, csr.spki_sha256(), now).map_err(Error::from)?;
    let code = code.index(registry.index.as_ref());
    let command = Enrol {
        call: call.clone(),
        code,
        csr,
        keys,
        ca: registry.ca.clone(),
    };
    Ok(registry.write(&call, command).await?)
}

struct Enrol {
    call: Call,
    code: CodeIndex,
    csr: CertificateRequest,
    keys: VerifiedKeyStatement,
    ca: MeshCa,
}

impl Command for Enrol {
    type Reply = EnrolResponse;
    type Refusal = Refused;
    type Error = Error;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<EnrolResponse, Refused>, Error> {
        let newcomer = self.keys.organisation();
        let invitation = load_invitation(tx, self.code).await?;
        let member = lock_organisation(tx, newcomer).await?;
        let standing = Standing::of(invitation, member);
        match standing.enrol(&self.code, newcomer, self.call.at) {
            Ok(profile) => self.admit(tx, profile).await,
            Err(refused) => Ok(Outcome::refused(
                refused,
                self.call.refused(Act::Enrolled, refused),
            )),
        }
    }
}

impl Enrol {
    async fn admit(
        &self,
        tx: &mut Tx<'_>,
        profile: Profile,
    ) -> Result<Outcome<EnrolResponse, Refused>, Error> {
        let (newcomer, at) = (profile.oin, self.call.at);
        use_invitation(tx, newcomer, at).await?;
        if !insert_organisation(tx, &profile, at).await? {
            return Err(unexpected("a member with an open invitation").into());
        }
        insert_statement(tx, &self.keys).await?;
        let issued = self.ca.issue_partner_certificate(newcomer, &self.csr)?;
        let certificate = insert_certificate(tx, newcomer, &issued, at).await?;
        let record = Record {
            profile,
            version: 1,
            statements: vec![self.keys.encode()],
            certificates: vec![certificate],
        };
        let reply = EnrolResponse {
            certificate_chain: issued.chain_pem,
            organisation: Some(organisation(record)),
        };
        let log = self.call.done(Act::Enrolled, newcomer, &issued.fingerprint);
        Ok(Outcome::done(reply, log).with_event(organisation_changed(newcomer)))
    }
}
