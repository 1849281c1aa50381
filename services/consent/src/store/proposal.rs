//! Proposals in the database.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx, args};
use sluis_types::Oin;

use super::grant::text;
use super::{NOTICE_TEXT_BYTES_MAX, Rows, circle, evidence, sql};
use crate::domain::Allowance;
use crate::domain::assisted::Record;
use crate::domain::grant::Notice;
use crate::domain::proposal::{Proposal, ProposalId, Question, Waiting};
use crate::identity::{Head, Name, ResidentKey, RowKind};

const EMPTY: u8 = 0;
const ASKED: u8 = 1;
const DEFERRED: u8 = 2;

fn encode(proposal: &Proposal) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .u8(match proposal.waiting {
            Waiting::Asked => ASKED,
            Waiting::Deferred => DEFERRED,
        })
        .bytes(proposal.id.as_bytes())
        .bytes(proposal.asked_by.as_bytes())
        .timestamp(proposal.asked_at)
        .bytes(proposal.question.discloser.as_bytes())
        .bytes(proposal.question.recipient.as_bytes())
        .u32(proposal.question.valid_days);
    proposal.question.allowed.write(&mut writer);
    circle::write_question(&mut writer, proposal.question.circle.as_ref());
    let record = proposal.record.as_ref();
    evidence::write(&mut writer, record.map(|it| &it.evidence));
    if let Some(record) = record {
        writer
            .digest(&record.professional)
            .bytes16(record.notice.id.as_bytes())
            .u32(record.notice.version)
            .bytes16(record.notice.language.as_bytes())
            .digest(&record.notice.sha256);
    }
    writer.finish()
}

/// None for a row that was emptied.
fn decode(bytes: &[u8]) -> Result<Option<Proposal>, FormatError> {
    let mut reader = Reader::new(bytes);
    let waiting = match reader.u8()? {
        EMPTY => return reader.finish().map(|()| None),
        ASKED => Waiting::Asked,
        DEFERRED => Waiting::Deferred,
        _ => {
            return Err(FormatError::Invalid {
                field: "proposal row",
            });
        }
    };
    let mut proposal = Proposal {
        waiting,
        id: ProposalId::from_bytes(reader.array()?),
        asked_by: reader.oin()?,
        asked_at: reader.timestamp()?,
        question: Question {
            discloser: reader.oin()?,
            recipient: reader.oin()?,
            valid_days: reader.u32()?,
            allowed: Allowance::read(&mut reader)?,
            circle: circle::read_question(&mut reader)?,
        },
        record: None,
    };
    if let Some(evidence) = evidence::read(&mut reader)? {
        proposal.record = Some(Record {
            evidence,
            professional: reader.digest()?,
            notice: Notice {
                id: text(reader.bytes16(NOTICE_TEXT_BYTES_MAX)?)?,
                version: reader.u32()?,
                language: text(reader.bytes16(NOTICE_TEXT_BYTES_MAX)?)?,
                sha256: reader.digest()?,
            },
        });
    }
    reader.finish()?;
    Ok(Some(proposal))
}

impl Rows {
    /// Adds a proposal under a tag that the head gave out.
    pub(crate) async fn insert_proposal(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        proposal: &Proposal,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::PROPOSAL, tag, &encode(proposal));
        tx.execute(sql::PROPOSAL_INSERT, args![tag, &sealed]).await?;
        Ok(())
    }

    /// The proposal under a tag, held until the transaction ends; none when it was emptied or never was.
    pub(crate) async fn lock_proposal(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
    ) -> Result<Option<Proposal>, StoreError> {
        let Some(row) = tx.fetch_optional(sql::PROPOSAL_LOCK, args![tag]).await? else {
            self.absent(&sql::PROPOSAL);
            return Ok(None);
        };
        self.decode(&sql::PROPOSAL, tag, &row.get::<Vec<u8>>(0)?, decode)
    }

    /// The proposal under a tag, for reading.
    pub(crate) async fn proposal(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
    ) -> Result<Option<Proposal>, StoreError> {
        let Some(row) = tx.fetch_optional(sql::PROPOSAL_GET, args![tag]).await? else {
            self.absent(&sql::PROPOSAL);
            return Ok(None);
        };
        self.decode(&sql::PROPOSAL, tag, &row.get::<Vec<u8>>(0)?, decode)
    }

    /// Writes a proposal, or empties its row.
    pub(crate) async fn save_proposal(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        proposal: Option<&Proposal>,
    ) -> Result<(), StoreError> {
        let plain = proposal.map_or_else(|| vec![EMPTY], encode);
        let sealed = self.seal(&sql::PROPOSAL, tag, &plain);
        tx.execute(sql::PROPOSAL_SAVE, args![tag, &sealed]).await?;
        Ok(())
    }

    /// Takes an answered or lapsed proposal away: its name goes, its row is emptied.
    pub(crate) async fn clear_proposal(
        &self,
        tx: &mut Tx<'_>,
        head: &mut Head,
        id: ProposalId,
        i: u64,
    ) -> Result<(), StoreError> {
        self.delete_access(tx, &self.key(&Name::Proposal(id))).await?;
        self.save_proposal(tx, &head.resident().tag(RowKind::Proposal, i), None)
            .await?;
        // Where the oldest one is answered, reading begins after it and all answered ones behind it.
        if i == head.counts().proposals_from {
            let mut from = i + 1;
            while from < head.counts().proposals {
                let tag = head.resident().tag(RowKind::Proposal, from);
                if self.proposal(tx, &tag).await?.is_some() {
                    break;
                }
                from += 1;
            }
            head.proposals_answered_below(from);
        }
        Ok(())
    }

    /// Takes away consent that workers recorded between two organisations and nobody confirmed: the resident has just
    /// said otherwise.
    pub(crate) async fn clear_records(
        &self,
        tx: &mut Tx<'_>,
        head: &mut Head,
        discloser: &Oin,
        recipient: &Oin,
    ) -> Result<(), StoreError> {
        let resident = head.resident().clone();
        for i in head.counts().proposals_from..head.counts().proposals {
            let waiting = self.proposal(tx, &resident.tag(RowKind::Proposal, i)).await?;
            if let Some(Proposal {
                id,
                question,
                record: Some(_),
                ..
            }) = waiting
                && (question.discloser, question.recipient) == (*discloser, *recipient)
            {
                self.clear_proposal(tx, head, id, i).await?;
            }
        }
        Ok(())
    }

    /// Takes away a proposal that was made for nobody.
    pub(crate) async fn delete_proposal(&self, tx: &mut Tx<'_>, tag: &[u8; 32]) -> Result<(), StoreError> {
        tx.execute(sql::PROPOSAL_DELETE, args![tag]).await?;
        Ok(())
    }

    /// All proposals of a resident that were not answered, oldest first, lapsed ones included.
    pub(crate) async fn proposals(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<Vec<(u64, Proposal)>, StoreError> {
        let counts = Head::read(self, tx, resident).await?;
        let mut waiting = Vec::new();
        for i in counts.proposals_from..counts.proposals {
            if let Some(proposal) = self.proposal(tx, &resident.tag(RowKind::Proposal, i)).await? {
                waiting.push((i, proposal));
            }
        }
        Ok(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::circle::CircleQuestion;
    use sluis_types::{GrantId, Timestamp};

    #[test]
    fn rows_read_as_they_were_written() {
        let proposal = Proposal {
            id: ProposalId::from_bytes([1; 16]),
            asked_by: "00000099000000001000".parse().unwrap(),
            question: Question {
                discloser: "00000099000000001000".parse().unwrap(),
                recipient: "00000099000000002000".parse().unwrap(),
                circle: None,
                allowed: Allowance::EMPTY,
                valid_days: 183,
            },
            asked_at: Timestamp::from_seconds(7),
            waiting: Waiting::Deferred,
            record: Some(crate::domain::assisted::tests::example()),
        };
        let mut of_circle = proposal.clone();
        of_circle.question.circle = Some(CircleQuestion {
            circle: circle::tests::largest(),
            replaces: Some(GrantId::from_bytes([9; 16])),
        });
        for proposal in [&of_circle, &proposal] {
            let bytes = encode(proposal);
            assert!(bytes.len() + 4 <= sql::PROPOSAL.step.get());
            assert_eq!(decode(&bytes), Ok(Some(proposal.clone())));
        }
        let bytes = encode(&proposal);
        assert_eq!(decode(&[EMPTY]), Ok(None));
        assert!(decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
