//! Receipts in the database: what they are made of, never the signed form.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx, args};
use sluis_types::GrantId;

use super::grant::text;
use super::{NOTICE_TEXT_BYTES_MAX, Rows, circle, evidence, sql};
use crate::domain::Allowance;
use crate::domain::assurance::Assurance;
use crate::domain::grant::{Grant, Notice};
use crate::domain::life::Stage;
use crate::domain::receipt::{Receipt, ReceiptEvent, ReceiptId, Speaker};
use crate::identity::{Access, Head, Name, Pointer, RowKind};

fn encode(receipt: &Receipt) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .bytes(receipt.id.as_bytes())
        .u8(receipt.event.number())
        .timestamp(receipt.at)
        .u8(receipt.speaker.number())
        .bytes(receipt.grant_id.as_bytes())
        .u32(receipt.version)
        .bytes(receipt.discloser.as_bytes())
        .bytes(receipt.recipient.as_bytes())
        .u8(receipt.stage.number())
        .timestamp(receipt.valid_until)
        .u8(receipt.assurance.number())
        .bytes16(receipt.notice.id.as_bytes())
        .u32(receipt.notice.version)
        .bytes16(receipt.notice.language.as_bytes())
        .digest(&receipt.notice.sha256);
    receipt.allowed.write(&mut writer);
    receipt.objected.write(&mut writer);
    evidence::write(&mut writer, receipt.recorded.as_ref());
    circle::write(&mut writer, receipt.circle.as_ref());
    writer.finish()
}

fn decode(bytes: &[u8]) -> Result<Receipt, FormatError> {
    let invalid = FormatError::Invalid { field: "receipt row" };
    let mut reader = Reader::new(bytes);
    let receipt = Receipt {
        id: ReceiptId::from_bytes(reader.array()?),
        event: ReceiptEvent::from_number(reader.u8()?).ok_or(invalid)?,
        at: reader.timestamp()?,
        speaker: Speaker::from_number(reader.u8()?).ok_or(invalid)?,
        grant_id: GrantId::from_bytes(reader.array()?),
        version: reader.u32()?,
        discloser: reader.oin()?,
        recipient: reader.oin()?,
        stage: Stage::from_number(reader.u8()?).ok_or(invalid)?,
        valid_until: reader.timestamp()?,
        assurance: Assurance::from_number(reader.u8()?).ok_or(invalid)?,
        notice: Notice {
            id: text(reader.bytes16(NOTICE_TEXT_BYTES_MAX)?)?,
            version: reader.u32()?,
            language: text(reader.bytes16(NOTICE_TEXT_BYTES_MAX)?)?,
            sha256: reader.digest()?,
        },
        allowed: Allowance::read(&mut reader)?,
        objected: Allowance::read(&mut reader)?,
        recorded: evidence::read(&mut reader)?,
        circle: circle::read(&mut reader)?,
    };
    reader.finish()?;
    Ok(receipt)
}

impl Rows {
    /// Adds the receipt of a grant as it now is, with the name under which it is found.
    pub(crate) async fn add_receipt(
        &self,
        tx: &mut Tx<'_>,
        head: &mut Head,
        grant: &Grant,
        event: ReceiptEvent,
        speaker: Speaker,
        at: sluis_types::Timestamp,
    ) -> Result<(), StoreError> {
        // A record of another legal basis rests on nobody's consent: there is nothing to have a receipt of.
        if grant.basis.is_some() {
            return Ok(());
        }
        let id = ReceiptId::random(&*self.randomness);
        let receipt = Receipt::of(grant, id, event, speaker, at);
        let (i, tag) = head.next(RowKind::Receipt);
        let sealed = self.seal(&sql::RECEIPT, &tag, &encode(&receipt));
        tx.execute(sql::RECEIPT_INSERT, args![&tag, &sealed]).await?;
        let access = Access {
            resident: head.resident().clone(),
            pointer: Pointer::Row(i),
        };
        self.insert_access(tx, &self.key(&Name::Receipt(id)), &access)
            .await?;
        Ok(())
    }

    /// The receipt under a tag.
    pub(crate) async fn receipt(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
    ) -> Result<Option<Receipt>, StoreError> {
        let Some(row) = tx.fetch_optional(sql::RECEIPT_GET, args![tag]).await? else {
            self.absent(&sql::RECEIPT);
            return Ok(None);
        };
        self.decode(&sql::RECEIPT, tag, &row.get::<Vec<u8>>(0)?, decode)
            .map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::receipt::tests::example;

    #[test]
    fn rows_read_as_they_were_written_and_all_fit_one_length() {
        for event in ReceiptEvent::ALL {
            let longest = "n".repeat(NOTICE_TEXT_BYTES_MAX);
            let receipt = Receipt {
                event,
                recorded: Some(crate::domain::assisted::tests::example().evidence),
                circle: Some(crate::store::circle::tests::largest()),
                notice: Notice {
                    id: longest.clone(),
                    language: longest,
                    ..example().notice
                },
                ..example()
            };
            let bytes = encode(&receipt);
            assert!(bytes.len() + 4 <= sql::RECEIPT.step.get());
            assert_eq!(decode(&bytes), Ok(receipt));
            assert!(decode(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
