//! RevokeCertificate: a certificate is not to be believed any more.

use sluis_proto::registry::v1::{RevokeCertificateRequest, RevokeCertificateResponse};
use sluis_serve::{Caller, Hash, Refusal, bytes32, oin, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Oin;

use super::call::Call;
use super::message::organisation_changed;
use crate::Inner;
use crate::domain::{Act, Certificate, Refused};
use crate::error::Error;
use crate::store::{load_certificate, lock_organisation, mark_changed, save_revocation};

const METHOD: &str = "sluis.registry.v1.RegistryService/RevokeCertificate";

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<RevokeCertificateRequest>,
) -> Result<RevokeCertificateResponse, Refusal> {
    let now = registry.clock.now();
    let call = Call::of(request, METHOD, &request.get_ref().request_id, now)?;
    let organisation = oin("oin", &request.get_ref().oin)?;
    let fingerprint = bytes32("fingerprint", &request.get_ref().fingerprint)?;
    Ok(registry
        .write(
            &call,
            RevokeCertificate {
                call: call.clone(),
                organisation,
                fingerprint,
            },
        )
        .await?)
}

struct RevokeCertificate {
    call: Call,
    organisation: Oin,
    fingerprint: Hash,
}

impl RevokeCertificate {
    /// The certificate, if there is one that the caller may revoke: its own, or any for the operator.
    async fn find(&self, tx: &mut Tx<'_>) -> Result<Option<Certificate>, Error> {
        let whose = match &self.call.caller {
            Caller::Operator => self.organisation,
            Caller::Partner(partner) => partner.organisation,
            Caller::Enrolment(_) | Caller::Resident(_) | Caller::Mesh(_) => return Ok(None),
        };
        let there = lock_organisation(tx, whose).await?;
        let certificate = load_certificate(tx, whose, &self.fingerprint).await?;
        Ok(certificate.filter(|_| there && whose == self.organisation))
    }
}

impl Command for RevokeCertificate {
    type Reply = RevokeCertificateResponse;
    type Refusal = Refused;
    type Error = Error;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Self::Reply, Refused>, Error> {
        let Some(certificate) = self.find(tx).await? else {
            let refused = Refused::NotAvailable;
            return Ok(Outcome::refused(
                refused,
                self.call.refused(Act::CertificateRevoked, refused),
            ));
        };
        let log = self
            .call
            .done(Act::CertificateRevoked, self.organisation, &self.fingerprint);
        let revoked = certificate.revoke(self.call.at);
        let reply = RevokeCertificateResponse {
            revoked_at: revoked.revoked_at.map(to_proto_timestamp),
        };
        if revoked == certificate {
            return Ok(Outcome::done(reply, log));
        }
        save_revocation(tx, self.organisation, &self.fingerprint, self.call.at).await?;
        mark_changed(tx, self.organisation).await?;
        Ok(Outcome::done(reply, log).with_event(organisation_changed(self.organisation)))
    }
}
