//! Evidence of recorded consent inside other rows: always the same length, whether there is any or not.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_types::{OIN_BYTES, Oin};

use crate::domain::assisted::{Evidence, EvidenceMethod, Witness};

const NO_OIN: [u8; OIN_BYTES] = [b'0'; OIN_BYTES];

/// Writes evidence, or that there is none.
pub(super) fn write(writer: &mut Writer, evidence: Option<&Evidence>) {
    writer
        .u8(evidence.map_or(0, |it| it.method as u8))
        .u8(evidence.and_then(|it| it.witness).map_or(0, |it| it as u8))
        .digest(&evidence.map_or([0; 32], |it| it.document_sha256))
        .bytes(evidence.map_or(&NO_OIN, |it| it.organisation.as_bytes()));
}

/// Reads what [`write`] wrote.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Evidence>, FormatError> {
    let invalid = FormatError::Invalid { field: "evidence" };
    let (method, witness) = (reader.u8()?, reader.u8()?);
    let document_sha256 = reader.digest()?;
    let organisation: Oin = reader.oin()?;
    if method == 0 {
        return Ok(None);
    }
    Ok(Some(Evidence {
        method: EvidenceMethod::from_number(method).ok_or(invalid)?,
        witness: match witness {
            0 => None,
            number => Some(Witness::from_number(number).ok_or(invalid)?),
        },
        document_sha256,
        organisation,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::assisted::tests::example;

    #[test]
    fn evidence_reads_as_it_was_written_in_one_length() {
        let some = example().evidence;
        let none_seen = Evidence {
            witness: None,
            ..some
        };
        let mut lengths = Vec::new();
        for evidence in [None, Some(some), Some(none_seen)] {
            let mut writer = Writer::new();
            write(&mut writer, evidence.as_ref());
            let bytes = writer.finish();
            assert_eq!(read(&mut Reader::new(&bytes)), Ok(evidence));
            lengths.push(bytes.len());
        }
        assert!(lengths.iter().all(|length| *length == lengths[0]));
    }
}
