//! Residents without a login, and representatives: what a worker records, and a colleague confirms.

use sha2::{Digest as _, Sha256};
use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::assisted_service_client::AssistedServiceClient;
use sluis_proto::consent::v1::representation_service_client::RepresentationServiceClient;
use sluis_types::{Handle, Timestamp};

use crate::consent::moment;
use crate::partner::Partner;
use crate::{Ask, Error};

/// SHA-256 of a document that stays here.
pub fn sha256(document: &[u8]) -> [u8; 32] {
    Sha256::digest(document).into()
}

/// A resident without a login, as this organisation knows them from now on, and what goes into their letter.
#[derive(Clone)]
pub struct Assisted {
    /// This organisation's own handle.
    pub handle: Handle,
    /// The code in the letter: with it the resident takes over with a login later.
    pub letter_code: String,
    /// The same for a QR picture.
    pub letter_qr_code: String,
    /// When the code ends.
    pub letter_expires_at: Timestamp,
}

impl std::fmt::Debug for Assisted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Assisted(…)")
    }
}

/// What shows that a resident agreed. The document stays with the organisation.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// How they agreed.
    pub method: wire::EvidenceMethod,
    /// SHA-256 of the document.
    pub document_sha256: [u8; 32],
    /// Who was witness; needed when it was said.
    pub witness: Option<wire::WitnessRole>,
}

/// What a resident was given to read or hear.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Which notice, for example "share-consent".
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Its language, BCP 47.
    pub language: String,
    /// SHA-256 of its text.
    pub sha256: [u8; 32],
}

/// Recorded consent that waits for its confirmation.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Names it for its confirmation.
    pub record_id: String,
    /// When it lapses unless it is confirmed.
    pub lapses_at: Timestamp,
}

/// A recorded mandate, and the code for the representative.
#[derive(Clone)]
pub struct RecordedMandate {
    /// Names it for its confirmation.
    pub mandate_id: String,
    /// The code that the representative enters after logging in.
    pub code: String,
    /// The same for a QR picture.
    pub qr_code: String,
    /// When the code ends.
    pub code_expires_at: Timestamp,
}

impl std::fmt::Debug for RecordedMandate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordedMandate(…)")
    }
}

impl Partner {
    /// Begins with a resident who has no login.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn start_assisted(&self) -> Result<Assisted, Error> {
        let message = wire::StartAssistedRequest {
            request_id: self.connection.request_id().to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                AssistedServiceClient::new(channel).start_assisted(request).await
            })
            .await?;
        Ok(Assisted {
            handle: self.open_handle(&reply.sealed_handle)?,
            letter_code: reply.letter_code,
            letter_qr_code: reply.letter_qr_code,
            letter_expires_at: moment(reply.letter_expires_at.as_ref()),
        })
    }

    /// Records consent that a resident gave on paper or before a witness. This organisation is not its recipient;
    /// `valid_days` of 0 means three months.
    ///
    /// # Errors
    /// [`Error`] of the call. An unknown handle is answered like a known one.
    pub async fn record_consent(
        &self,
        resident: &Handle,
        agreed: &Ask,
        notice: &Notice,
        evidence: &Evidence,
    ) -> Result<Recorded, Error> {
        let witness = evidence.witness.unwrap_or(wire::WitnessRole::Unspecified);
        let message = wire::RecordConsentRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            consent: Some(agreed.to_wire()),
            notice: Some(wire::Notice {
                notice_id: notice.id.clone(),
                version: notice.version,
                language: notice.language.clone(),
                sha256: notice.sha256.to_vec().into(),
            }),
            evidence: Some(wire::Evidence {
                method: evidence.method.into(),
                document_sha256: evidence.document_sha256.to_vec().into(),
                witness: witness.into(),
            }),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                AssistedServiceClient::new(channel).record_consent(request).await
            })
            .await?;
        Ok(Recorded {
            record_id: reply.record_id,
            lapses_at: moment(reply.lapses_at.as_ref()),
        })
    }

    /// Confirms what a colleague recorded, or with the code in the resident's letter also what oneself recorded.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `SECOND_PERSON_NEEDED`, `CODE_REFUSED`, or `NOT_AVAILABLE`.
    pub async fn confirm_consent(&self, record_id: &str, letter_code: Option<&str>) -> Result<(), Error> {
        let message = wire::ConfirmConsentRequest {
            request_id: self.connection.request_id().to_string(),
            record_id: record_id.to_owned(),
            letter_code: letter_code.unwrap_or_default().to_owned(),
        };
        self.connection
            .call(message, |channel, request| async move {
                AssistedServiceClient::new(channel).confirm_consent(request).await
            })
            .await?;
        Ok(())
    }

    /// Records that a resident withdraws everything. The answer is the same for everybody.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn withdraw_all(&self, resident: &Handle) -> Result<(), Error> {
        let message = wire::WithdrawAllRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
        };
        self.connection
            .call(message, |channel, request| async move {
                AssistedServiceClient::new(channel).withdraw_all(request).await
            })
            .await?;
        Ok(())
    }

    /// Records that a court appointed a representative. A colleague confirms it.
    ///
    /// # Errors
    /// [`Error`] of the call. An unknown handle is answered like a known one.
    pub async fn record_mandate(
        &self,
        resident: &Handle,
        kind: wire::MandateKind,
        verification: wire::MandateVerification,
        document_sha256: [u8; 32],
        valid_days: u32,
    ) -> Result<RecordedMandate, Error> {
        let message = wire::RecordMandateRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            kind: kind.into(),
            verification: verification.into(),
            document_sha256: document_sha256.to_vec().into(),
            valid_days,
            declaration: None,
        };
        self.record(message).await
    }

    /// Records that a relative speaks for a resident, on the declaration of a professional that the resident cannot
    /// decide themself. A colleague confirms it.
    ///
    /// # Errors
    /// [`Error`] of the call: `INVALID_FIELD` for a declaration that is not whole, older than 30 days, or about money.
    /// An unknown handle is answered like a known one.
    pub async fn record_relative(
        &self,
        resident: &Handle,
        declaration: wire::MandateDeclaration,
        document_sha256: [u8; 32],
        valid_days: u32,
    ) -> Result<RecordedMandate, Error> {
        let message = wire::RecordMandateRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            kind: wire::MandateKind::Relative.into(),
            verification: wire::MandateVerification::Declaration.into(),
            document_sha256: document_sha256.to_vec().into(),
            valid_days,
            declaration: Some(declaration),
        };
        self.record(message).await
    }

    async fn record(&self, message: wire::RecordMandateRequest) -> Result<RecordedMandate, Error> {
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                RepresentationServiceClient::new(channel)
                    .record_mandate(request)
                    .await
            })
            .await?;
        Ok(RecordedMandate {
            mandate_id: reply.mandate_id,
            code: reply.code,
            qr_code: reply.qr_code,
            code_expires_at: moment(reply.code_expires_at.as_ref()),
        })
    }

    /// Confirms a mandate that a colleague recorded.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `SECOND_PERSON_NEEDED` for whoever recorded it, `NOT_AVAILABLE`, or
    /// `ILLEGAL_TRANSITION` with state `SUSPENDED` for a relative to whom somebody goes before.
    pub async fn confirm_mandate(&self, mandate_id: &str) -> Result<(), Error> {
        let message = wire::ConfirmMandateRequest {
            request_id: self.connection.request_id().to_string(),
            mandate_id: mandate_id.to_owned(),
        };
        self.connection
            .call(message, |channel, request| async move {
                RepresentationServiceClient::new(channel)
                    .confirm_mandate(request)
                    .await
            })
            .await?;
        Ok(())
    }
}
