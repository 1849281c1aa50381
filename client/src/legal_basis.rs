//! Records of other legal bases than consent: what a professional records, a colleague confirms, and a privacy officer
//! reviews.

use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::legal_basis_service_client::LegalBasisServiceClient;
use sluis_types::{
    BasisCheck, Code, CodeSet, DataKind, DeferralReason, GrantId, Handle, LegalArticle, LegalBasis,
    LifeDomain, Oin, ReviewOutcome, Timestamp,
};

use crate::Error;
use crate::consent::moment;
use crate::partner::Partner;

/// What is to be recorded. The grounds themselves stay with the organisation: only the hash of the document goes out.
#[derive(Clone, Debug)]
pub struct NewLegalBasis {
    /// Which basis.
    pub basis: LegalBasis,
    /// By which law; only where the basis asks for one.
    pub article: Option<LegalArticle>,
    /// Who receives.
    pub recipient: Oin,
    /// On which life domains.
    pub life_domains: CodeSet<LifeDomain>,
    /// Which kinds of data.
    pub data_kinds: CodeSet<DataKind>,
    /// What is so: everything that the basis asks for.
    pub checks: CodeSet<BasisCheck>,
    /// SHA-256 of the organisation's own document with the grounds ([`sha256`](crate::sha256)).
    pub document_sha256: [u8; 32],
    /// For how many days; 0 means as long as the basis allows.
    pub valid_days: u32,
    /// That the resident is told later: from when on, and why.
    pub deferral: Option<(Timestamp, DeferralReason)>,
    /// When the resident is asked for consent again; only with emergency access.
    pub ask_again_at: Option<Timestamp>,
}

/// A record, as the mesh has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalBasisRecord {
    /// Its id: what is sent on it names it.
    pub id: GrantId,
    /// Which basis.
    pub basis: LegalBasis,
    /// By which law.
    pub article: Option<LegalArticle>,
    /// Who shares.
    pub discloser: Oin,
    /// Who receives.
    pub recipient: Oin,
    /// On which life domains.
    pub life_domains: CodeSet<LifeDomain>,
    /// Which kinds of data.
    pub data_kinds: CodeSet<DataKind>,
    /// Where it is in its life, UPPER_SNAKE.
    pub state: &'static str,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it ends by itself, as it stands now.
    pub valid_until: Timestamp,
    /// From when on the resident sees it, where they were not told at once.
    pub told_from: Option<Timestamp>,
    /// When the resident objected last.
    pub objected_at: Option<Timestamp>,
    /// What the last review found.
    pub review_outcome: Option<ReviewOutcome>,
    /// Whether it waits for a privacy officer's review.
    pub review_waits: bool,
}

/// A record of this organisation's own, and whom it is about.
#[derive(Clone, Debug)]
pub struct OwnLegalBasis {
    /// The record.
    pub record: LegalBasisRecord,
    /// This organisation's own handle for the resident, if it still has one.
    pub resident: Option<Handle>,
}

impl Partner {
    /// Records a basis. It is about one resident and for one recipient.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `CALL_INSTEAD` for what is for Veilig Thuis, or `INVALID_FIELD` for what the basis
    /// does not allow. An unknown handle is answered like a known one.
    pub async fn record_legal_basis(
        &self,
        resident: &Handle,
        new: &NewLegalBasis,
    ) -> Result<LegalBasisRecord, Error> {
        let message = wire::RecordLegalBasisRequest {
            request_id: self.connection.request_id().to_string(),
            handle: resident.expose(),
            basis: i32::from(new.basis.number()),
            article: new.article.map_or(0, |article| i32::from(article.number())),
            recipient: new.recipient.to_string(),
            life_domains: numbers(new.life_domains),
            data_kinds: numbers(new.data_kinds),
            checks: numbers(new.checks),
            document_sha256: new.document_sha256.to_vec().into(),
            valid_days: new.valid_days,
            deferral: new.deferral.map(|(until, reason)| wire::Deferral {
                until: Some(to_wire(until)),
                reason: i32::from(reason.number()),
            }),
            ask_again_at: new.ask_again_at.map(to_wire),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                LegalBasisServiceClient::new(channel)
                    .record_legal_basis(request)
                    .await
            })
            .await?;
        LegalBasisRecord::from_wire(reply.record)
    }

    /// Confirms what a colleague recorded.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `SECOND_PERSON_NEEDED` for whoever recorded it, or `NOT_AVAILABLE`.
    pub async fn confirm_legal_basis(&self, basis: GrantId) -> Result<LegalBasisRecord, Error> {
        let message = wire::ConfirmLegalBasisRequest {
            request_id: self.connection.request_id().to_string(),
            legal_basis_id: basis.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                LegalBasisServiceClient::new(channel)
                    .confirm_legal_basis(request)
                    .await
            })
            .await?;
        LegalBasisRecord::from_wire(reply.record)
    }

    /// Ends a record of this organisation. What was not opened by then can never be opened.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn end_legal_basis(&self, basis: GrantId) -> Result<LegalBasisRecord, Error> {
        let message = wire::EndLegalBasisRequest {
            request_id: self.connection.request_id().to_string(),
            legal_basis_id: basis.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                LegalBasisServiceClient::new(channel)
                    .end_legal_basis(request)
                    .await
            })
            .await?;
        LegalBasisRecord::from_wire(reply.record)
    }

    /// This organisation's own records, newest first; only those that wait for its privacy officer if so wanted.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn legal_bases(&self, review_waits: bool) -> Result<Vec<OwnLegalBasis>, Error> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let message = wire::ListOwnLegalBasesRequest {
                review_waits,
                page_size: 200,
                page_token,
            };
            let page = self
                .connection
                .call(message, |channel, request| async move {
                    LegalBasisServiceClient::new(channel)
                        .list_own_legal_bases(request)
                        .await
                })
                .await?;
            for own in page.records {
                all.push(OwnLegalBasis {
                    record: LegalBasisRecord::from_wire(own.record)?,
                    resident: Handle::parse(&own.handle).ok(),
                });
            }
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    /// Says as privacy officer whether a record is right. One that is not ends.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `ILLEGAL_TRANSITION` where nothing waits, `SECOND_PERSON_NEEDED` for who recorded
    /// or confirmed it, or `NOT_AVAILABLE`.
    pub async fn review_legal_basis(
        &self,
        basis: GrantId,
        outcome: ReviewOutcome,
    ) -> Result<LegalBasisRecord, Error> {
        let message = wire::ReviewLegalBasisRequest {
            request_id: self.connection.request_id().to_string(),
            legal_basis_id: basis.to_string(),
            outcome: i32::from(outcome.number()),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                LegalBasisServiceClient::new(channel)
                    .review_legal_basis(request)
                    .await
            })
            .await?;
        LegalBasisRecord::from_wire(reply.record)
    }
}

impl LegalBasisRecord {
    fn from_wire(record: Option<wire::LegalBasisRecord>) -> Result<Self, Error> {
        let bad = || Error::bad_answer("a record of a legal basis", "unknown code or id");
        let record = record.ok_or_else(bad)?;
        let number = |number: i32| u8::try_from(number).unwrap_or_default();
        let at = |time: Option<&prost_types::Timestamp>| time.map(|time| moment(Some(time)));
        Ok(Self {
            id: record.legal_basis_id.parse().map_err(|_| bad())?,
            basis: LegalBasis::from_number(number(record.basis)).map_err(|_| bad())?,
            article: LegalArticle::from_number(number(record.article)).ok(),
            discloser: record.discloser.parse().map_err(|_| bad())?,
            recipient: record.recipient.parse().map_err(|_| bad())?,
            life_domains: record
                .life_domains
                .iter()
                .filter_map(|code| LifeDomain::from_number(number(*code)).ok())
                .collect(),
            data_kinds: record
                .data_kinds
                .iter()
                .filter_map(|code| DataKind::from_number(number(*code)).ok())
                .collect(),
            state: record
                .state()
                .as_str_name()
                .trim_start_matches("LEGAL_BASIS_STATE_"),
            recorded_at: moment(record.recorded_at.as_ref()),
            valid_until: moment(record.valid_until.as_ref()),
            told_from: at(record
                .deferral
                .as_ref()
                .and_then(|deferral| deferral.until.as_ref())),
            objected_at: at(record.objected_at.as_ref()),
            review_outcome: ReviewOutcome::from_number(number(record.review_outcome)).ok(),
            review_waits: record.review_waits,
        })
    }
}

fn numbers<C: Code>(set: CodeSet<C>) -> Vec<i32> {
    set.iter().map(|code| i32::from(code.number())).collect()
}

fn to_wire(at: Timestamp) -> prost_types::Timestamp {
    let nanos = at.micros().rem_euclid(1_000_000) * 1000;
    prost_types::Timestamp {
        seconds: at.seconds(),
        nanos: i32::try_from(nanos).expect("less than 10^9 nanoseconds in a second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_says_nothing_known_is_no_answer() {
        let record = wire::LegalBasisRecord {
            legal_basis_id: "01234567-89ab-4cde-8f01-23456789abcd".into(),
            basis: 1,
            article: 1,
            discloser: "00000099000000001000".into(),
            recipient: "00000099000000002000".into(),
            state: 2,
            data_kinds: vec![1, 99],
            ..wire::LegalBasisRecord::default()
        };
        let read = LegalBasisRecord::from_wire(Some(record.clone())).expect("a record");
        assert_eq!((read.state, read.basis), ("ACTIVE", LegalBasis::StatutoryDuty));
        assert_eq!(read.data_kinds, CodeSet::EMPTY.with(DataKind::Contact));
        for bad in [
            None,
            Some(wire::LegalBasisRecord {
                basis: 0,
                ..record.clone()
            }),
            Some(wire::LegalBasisRecord {
                legal_basis_id: "x".into(),
                ..record
            }),
        ] {
            assert!(LegalBasisRecord::from_wire(bad).is_err());
        }
    }
}
