//! RenewCertificate: a member gets a certificate for another TLS key of its own.

use sluis_proto::registry::v1::{RenewCertificateRequest, RenewCertificateResponse};
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Oin;

use super::call::Call;
use super::message::organisation_changed;
use crate::Inner;
use crate::ca::{CertificateRequest, MeshCa};
use crate::domain::{Act, CERTIFICATES_MAX, Refused, is_listed};
use crate::error::Error;
use crate::store::{count_unended, insert_certificate, load_member, mark_changed};

const METHOD: &str = "sluis.registry.v1.RegistryService/RenewCertificate";

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<RenewCertificateRequest>,
) -> Result<RenewCertificateResponse, Refusal> {
    let now = registry.clock.now();
    let call = Call::of(request, METHOD, &request.get_ref().request_id, now)?;
    let organisation = call.caller.partner()?.organisation;
    let csr = CertificateRequest::parse(&request.get_ref().certificate_request).map_err(Error::from)?;
    let command = RenewCertificate {
        call: call.clone(),
        organisation,
        csr,
        ca: registry.ca.clone(),
    };
    Ok(registry.write(&call, command).await?)
}

struct RenewCertificate {
    call: Call,
    organisation: Oin,
    csr: CertificateRequest,
    ca: MeshCa,
}

impl RenewCertificate {
    /// Whether the key may have a certificate: its organisation stated it, and there is room for one more.
    async fn refusal(&self, tx: &mut Tx<'_>) -> Result<Option<Refused>, Error> {
        let at = self.call.at;
        let Some(member) = load_member(tx, self.organisation, at).await? else {
            return Ok(Some(Refused::NotAvailable));
        };
        if !is_listed(&member.keys, self.csr.spki_sha256(), at) {
            return Ok(Some(Refused::KeyNotListed));
        }
        let full = count_unended(tx, self.organisation, at).await? >= CERTIFICATES_MAX;
        Ok(full.then_some(Refused::TooManyCertificates))
    }
}

impl Command for RenewCertificate {
    type Reply = RenewCertificateResponse;
    type Refusal = Refused;
    type Error = Error;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Self::Reply, Refused>, Error> {
        if let Some(refused) = self.refusal(tx).await? {
            return Ok(Outcome::refused(
                refused,
                self.call.refused(Act::CertificateRenewed, refused),
            ));
        }
        let issued = self.ca.issue_partner_certificate(self.organisation, &self.csr)?;
        insert_certificate(tx, self.organisation, &issued, self.call.at).await?;
        mark_changed(tx, self.organisation).await?;
        let log = self
            .call
            .done(Act::CertificateRenewed, self.organisation, &issued.fingerprint);
        let reply = RenewCertificateResponse {
            certificate_chain: issued.chain_pem,
        };
        Ok(Outcome::done(reply, log).with_event(organisation_changed(self.organisation)))
    }
}
