//! Grants in the database.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::BucketId;
use sluis_store::{Statement, StoreError, Tx, args};
use sluis_types::{GrantId, Timestamp};

use super::{Lock, Rows, circle, evidence, legal_basis, sql};
use crate::domain::Allowance;
use crate::domain::assurance::Assurance;
use crate::domain::grant::{Grant, Notice};
use crate::domain::life::Stage;
use crate::domain::{Pause, State};

/// Longest public gate key.
const GATE_KEY_BYTES_MAX: usize = 1249;
/// Longest text of a notice, in bytes.
pub(crate) const NOTICE_TEXT_BYTES_MAX: usize = 64;

fn encode(grant: &Grant) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .bytes(grant.id.as_bytes())
        .u32(grant.version)
        .bytes(grant.discloser.as_bytes())
        .bytes(grant.recipient.as_bytes())
        .u8(grant.state.stage().number())
        .optional_timestamp(grant.state.ended_at())
        .timestamp(grant.since)
        .timestamp(grant.valid_until)
        .u8(u8::from(grant.bucket.is_some()))
        .bytes(
            grant
                .bucket
                .map_or([0; 16], |bucket| *bucket.as_bytes())
                .as_slice(),
        )
        .bytes16(&grant.gate_key)
        .u8(grant.assurance.number())
        .bytes16(grant.notice.id.as_bytes())
        .u32(grant.notice.version)
        .bytes16(grant.notice.language.as_bytes())
        .digest(&grant.notice.sha256);
    grant.allowed.write(&mut writer);
    grant.objected.write(&mut writer);
    evidence::write(&mut writer, grant.recorded.as_ref());
    circle::write(&mut writer, grant.circle.as_ref());
    legal_basis::write(&mut writer, grant.basis.as_ref());
    writer.finish()
}

fn decode(bytes: &[u8]) -> Result<Grant, FormatError> {
    let invalid = FormatError::Invalid { field: "grant row" };
    let mut reader = Reader::new(bytes);
    let id = GrantId::from_bytes(reader.array()?);
    let version = reader.u32()?;
    let (discloser, recipient) = (reader.oin()?, reader.oin()?);
    let stage = Stage::from_number(reader.u8()?).ok_or(invalid)?;
    let state = state(stage, reader.optional_timestamp()?.unwrap_or_default());
    let (since, valid_until) = (reader.timestamp()?, reader.timestamp()?);
    let has_bucket = reader.u8()? == 1;
    let bucket = BucketId::from_bytes(reader.array()?);
    let gate_key = reader.bytes16(GATE_KEY_BYTES_MAX)?.to_vec();
    let assurance = Assurance::from_number(reader.u8()?).ok_or(invalid)?;
    let notice = Notice {
        id: text(reader.bytes16(NOTICE_TEXT_BYTES_MAX)?)?,
        version: reader.u32()?,
        language: text(reader.bytes16(NOTICE_TEXT_BYTES_MAX)?)?,
        sha256: reader.digest()?,
    };
    let (allowed, objected) = (Allowance::read(&mut reader)?, Allowance::read(&mut reader)?);
    let recorded = evidence::read(&mut reader)?;
    let circle = circle::read(&mut reader)?;
    let basis = legal_basis::read(&mut reader)?;
    reader.finish()?;
    let bucket = has_bucket.then_some(bucket);
    Ok(Grant {
        id,
        version,
        discloser,
        recipient,
        circle,
        basis,
        allowed,
        objected,
        state,
        since,
        valid_until,
        bucket,
        gate_key,
        notice,
        assurance,
        recorded,
    })
}

const fn state(stage: Stage, ended_at: Timestamp) -> State {
    match stage {
        Stage::Recorded => State::Recorded,
        Stage::Active => State::Active,
        Stage::Suspended => State::Suspended(Pause::Asked),
        Stage::Restored => State::Suspended(Pause::Restored),
        Stage::Withdrawn => State::Withdrawn { at: ended_at },
        Stage::Expired => State::Expired { at: ended_at },
    }
}

/// A text of a notice.
pub(super) fn text(bytes: &[u8]) -> Result<String, FormatError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| FormatError::Invalid { field: "grant row" })
}

impl Rows {
    /// Adds a grant under a tag that the head gave out.
    pub(crate) async fn insert_grant(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        grant: &Grant,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::GRANT_ROW, tag, &encode(grant));
        tx.execute(sql::GRANT_INSERT, args![tag, &sealed]).await?;
        Ok(())
    }

    /// The grant under a tag, held as `lock` says.
    pub(crate) async fn grant(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        lock: Lock,
    ) -> Result<Option<Grant>, StoreError> {
        let statement: Statement = match lock {
            Lock::None => sql::GRANT_GET,
            Lock::Shared => sql::GRANT_SHARE,
            Lock::Exclusive => sql::GRANT_LOCK,
        };
        let Some(row) = tx.fetch_optional(statement, args![tag]).await? else {
            self.absent(&sql::GRANT_ROW);
            return Ok(None);
        };
        self.decode(&sql::GRANT_ROW, tag, &row.get::<Vec<u8>>(0)?, decode)
            .map(Some)
    }

    /// Writes a grant that was read under [`Lock::Exclusive`].
    pub(crate) async fn save_grant(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        grant: &Grant,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::GRANT_ROW, tag, &encode(grant));
        match tx.execute(sql::GRANT_SAVE, args![tag, &sealed]).await? {
            1 => Ok(()),
            _ => Err(StoreError::Unexpected {
                what: "a grant row that went away under its lock",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::grant::tests::example;

    #[test]
    fn rows_read_as_they_were_written_and_all_fit_one_length() {
        let at = Timestamp::from_seconds(99);
        for state in [
            State::Active,
            State::Suspended(Pause::Asked),
            State::Suspended(Pause::Restored),
            State::Withdrawn { at },
            State::Expired { at },
        ] {
            let longest = "n".repeat(NOTICE_TEXT_BYTES_MAX);
            let grant = Grant {
                state,
                recorded: Some(crate::domain::assisted::tests::example().evidence),
                gate_key: vec![1; GATE_KEY_BYTES_MAX],
                circle: Some(circle::tests::largest()),
                notice: Notice {
                    id: longest.clone(),
                    language: longest,
                    ..example().notice
                },
                ..example()
            };
            let bytes = encode(&grant);
            assert!(bytes.len() + 4 <= sql::GRANT_ROW.step.get());
            assert_eq!(decode(&bytes), Ok(grant));
            assert!(decode(&bytes[..bytes.len() - 1]).is_err());
        }
        let longest_basis = Grant {
            gate_key: vec![1; GATE_KEY_BYTES_MAX],
            basis: Some(legal_basis::tests::longest()),
            ..example()
        };
        let bytes = encode(&longest_basis);
        assert!(bytes.len() + 4 <= sql::GRANT_ROW.step.get());
        assert_eq!(decode(&bytes), Ok(longest_basis));
        let lost = Grant {
            bucket: None,
            gate_key: Vec::new(),
            ..example()
        };
        assert_eq!(decode(&encode(&lost)), Ok(lost));
    }
}
