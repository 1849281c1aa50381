//! How rows of grants and proposals hold a circle.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_types::{CIRCLE_MEMBERS_MAX, CodeSet, GrantId, Oin};

use crate::domain::circle::{Circle, CircleQuestion};

const INVALID: FormatError = FormatError::Invalid { field: "circle" };

/// Writes a circle, or that there is none.
pub(super) fn write(writer: &mut Writer, circle: Option<&Circle>) {
    let members: Vec<Oin> = circle
        .map(|circle| circle.members().collect())
        .unwrap_or_default();
    writer.u8(u8::try_from(members.len()).expect("a circle has few members"));
    for member in members {
        writer.bytes(member.as_bytes());
    }
    writer.u32(circle.map_or(0, |circle| circle.classes().bits()));
}

/// Reads what [`write`] wrote.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Circle>, FormatError> {
    let count = usize::from(reader.u8()?);
    if count > CIRCLE_MEMBERS_MAX {
        return Err(INVALID);
    }
    let mut members = Vec::new();
    for _ in 0..count {
        members.push(reader.oin()?);
    }
    let classes = CodeSet::from_bits(reader.u32()?).map_err(|_| INVALID)?;
    if count == 0 && classes.is_empty() {
        return Ok(None);
    }
    Circle::new(&members, classes).map(Some).ok_or(INVALID)
}

/// Writes what is asked of a circle, or that none is asked for.
pub(super) fn write_question(writer: &mut Writer, question: Option<&CircleQuestion>) {
    write(writer, question.map(|question| &question.circle));
    let replaces = question.and_then(|question| question.replaces);
    writer
        .u8(u8::from(replaces.is_some()))
        .bytes(replaces.map_or([0; 16], |id| *id.as_bytes()).as_slice());
}

/// Reads what [`write_question`] wrote.
pub(super) fn read_question(reader: &mut Reader<'_>) -> Result<Option<CircleQuestion>, FormatError> {
    let circle = read(reader)?;
    let replaces = reader.u8()? == 1;
    let id = GrantId::from_bytes(reader.array()?);
    Ok(circle.map(|circle| CircleQuestion {
        circle,
        replaces: replaces.then_some(id),
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use sluis_types::MatchClass;

    /// As large as a circle may be.
    pub(in crate::store) fn largest() -> Circle {
        let member = |number: usize| format!("000000990000000020{number:02}").parse().unwrap();
        let members: Vec<Oin> = (1..=CIRCLE_MEMBERS_MAX).map(member).collect();
        Circle::new(&members, MatchClass::ALL.iter().copied().collect()).unwrap()
    }

    #[test]
    fn circles_read_as_they_were_written() {
        for circle in [None, Some(largest())] {
            let mut writer = Writer::new();
            write(&mut writer, circle.as_ref());
            let bytes = writer.finish();
            assert_eq!(read(&mut Reader::new(&bytes)), Ok(circle));
        }
        assert_eq!(read(&mut Reader::new(&[9])), Err(INVALID));
    }
}
