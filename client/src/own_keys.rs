//! The organisation's own keys over time: new ones published, its certificate renewed.
//!
//! Each step can be repeated: private halves are durable before their public halves are stated, and what was stated is
//! taken up again from the registry's own chain.

use sluis_envelope::{KeyEntry, VerifiedKeyStatement};
use sluis_proto::registry::v1 as wire;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_types::Timestamp;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::partner::Partner;
use crate::profile::{Keys, Rotation, tls_entry};
use crate::token::leaf_der;
use crate::{Error, trust};

impl Partner {
    /// Replaces keys, and says which: `SEALING`, `SIGNING`, `JWT`. With `only_due`, a sealing key older than 30 days;
    /// without, the sealing key whatever its age. A signing or JWT key is replaced when half of its life is over. Old
    /// keys stay, to open and verify old messages with. A process that runs on uses the old ones until it ends.
    ///
    /// Needs the identity key in the profile, and [`ProfessionalRole::OrganisationAdmin`] or
    /// [`ProfessionalRole::System`].
    ///
    /// # Errors
    /// [`Error`] of the files or the call. A key that was made but not published is never used.
    ///
    /// [`ProfessionalRole::OrganisationAdmin`]: sluis_types::ProfessionalRole::OrganisationAdmin
    /// [`ProfessionalRole::System`]: sluis_types::ProfessionalRole::System
    pub async fn rotate_keys(&self, only_due: bool) -> Result<Vec<&'static str>, Error> {
        let now = self.environment.now();
        let due = self.profile.keys.due(now);
        let what = Rotation {
            sealing: due.sealing || !only_due,
            ..due
        };
        let names = [
            (what.sealing, "SEALING"),
            (what.signing, "SIGNING"),
            (what.jwt, "JWT"),
        ];
        let rotated: Vec<_> = names
            .iter()
            .filter(|(is_replaced, _)| *is_replaced)
            .map(|(_, name)| *name)
            .collect();
        if !rotated.is_empty() {
            let newest = self.own_statement().await?;
            let fresh = Keys::rotate(self.profile.directory(), what, now, &*self.environment.randomness)?;
            self.publish(&newest, fresh).await?;
        }
        Ok(rotated)
    }

    /// Gets a certificate for a fresh TLS key. Returns when it ends. The old one works until its own end. Needs what
    /// [`Partner::rotate_keys`] needs; a process that runs on uses the old certificate.
    ///
    /// # Errors
    /// [`Error`] of the files or the call; the old certificate is then still in use.
    pub async fn renew_certificate(&self) -> Result<Timestamp, Error> {
        let now = self.environment.now();
        let directory = self.profile.directory();
        let newest = self.own_statement().await?;
        let pending = Keys::pending_tls(directory, self.profile.oin)?;
        if !newest.permits_tls(&pending.spki_sha256, now) {
            self.publish(&newest, vec![tls_entry(pending.spki_sha256, now)])
                .await?;
        }
        let message = wire::RenewCertificateRequest {
            request_id: self.connection.request_id().to_string(),
            certificate_request: pending.certificate_request.into(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                RegistryServiceClient::new(channel)
                    .renew_certificate(request)
                    .await
            })
            .await?;
        let ends =
            end_of(&reply.certificate_chain).map_err(|error| Error::bad_answer("the certificate", error))?;
        Keys::store_certificate(directory, &reply.certificate_chain)?;
        Keys::settle_certificate(directory)?;
        Ok(ends)
    }

    /// The newest own statement. A publication that was cut off may have left the registry ahead of this profile.
    async fn own_statement(&self) -> Result<VerifiedKeyStatement, Error> {
        let own = &self.profile.keys.statement;
        let chain = self.chain_of(self.profile.oin).await?;
        let newest = trust::follow_from(own, self.profile.oin, &chain, self.environment.now())?;
        if newest.sequence() > own.sequence() {
            Keys::store_statement(self.profile.directory(), &newest.encode())?;
        }
        Ok(newest)
    }

    async fn publish(&self, newest: &VerifiedKeyStatement, fresh: Vec<KeyEntry>) -> Result<(), Error> {
        let directory = self.profile.directory();
        let statement = Keys::next_statement(directory, newest, fresh, self.environment.now())?;
        let message = wire::PublishKeyRequest {
            request_id: self.connection.request_id().to_string(),
            key_statement: statement.clone().into(),
        };
        self.connection
            .call(message, |channel, request| async move {
                RegistryServiceClient::new(channel).publish_key(request).await
            })
            .await?;
        Keys::store_statement(directory, &statement)
    }
}

/// When the first certificate of a PEM chain ends.
pub(crate) fn end_of(chain: &str) -> Result<Timestamp, Error> {
    let der = leaf_der(chain)?;
    let (_, certificate) =
        X509Certificate::from_der(&der).map_err(|_| Error::malformed("the certificate", "cannot be read"))?;
    Ok(Timestamp::from_seconds(
        certificate.validity().not_after.timestamp(),
    ))
}
