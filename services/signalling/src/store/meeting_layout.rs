//! The layout of a meeting under its seal.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_types::{
    AgendaItemId, CodeSet, GrantId, KeyId, MatchId, MeetingId, ProfessionalRole, SignalId, ThreadId,
};

use crate::domain::life::Outcome;
use crate::domain::meeting::{
    ACTIONS_MAX, Action, ActionKind, Answer, CIRCLES_MAX, Consent, Decision, Frequency, INVITED_MAX,
    ITEMS_MAX, Invited, Item, ItemState, MATCHES_MAX, Meeting, MeetingState, PARTICIPANTS_MAX, Presence,
    QuestionKind, References, SIGNALS_MAX, Seat, THREADS_MAX, TakenOff,
};

const VERSION: u8 = 1;

/// Writes a count and then each value.
fn list<T>(writer: &mut Writer, values: &[T], mut write: impl FnMut(&mut Writer, &T)) {
    writer.u8(u8::try_from(values.len()).expect("every list of a meeting is short"));
    for value in values {
        write(writer, value);
    }
}

/// Reads a count and then each value.
fn read_list<'a, T>(
    reader: &mut Reader<'a>,
    max: usize,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, FormatError>,
) -> Result<Vec<T>, FormatError> {
    let count = usize::from(reader.u8()?);
    if count > max {
        return Err(FormatError::TooLong { field: "meeting" });
    }
    (0..count).map(|_| read(reader)).collect()
}

/// A number of a closed list.
fn code<T>(
    reader: &mut Reader<'_>,
    of: impl FnOnce(u8) -> Option<T>,
    field: &'static str,
) -> Result<T, FormatError> {
    of(reader.u8()?).ok_or(FormatError::Invalid { field })
}

/// A number of a closed list, or 0 for none.
fn optional_code<T>(
    reader: &mut Reader<'_>,
    of: impl FnOnce(u8) -> Option<T>,
    field: &'static str,
) -> Result<Option<T>, FormatError> {
    match reader.u8()? {
        0 => Ok(None),
        number => of(number).map(Some).ok_or(FormatError::Invalid { field }),
    }
}

fn roles(reader: &mut Reader<'_>) -> Result<CodeSet<ProfessionalRole>, FormatError> {
    CodeSet::from_bits(reader.u32()?).map_err(|_| FormatError::Invalid { field: "roles" })
}

impl Meeting {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .bytes(self.id.as_bytes())
            .u8(self.state as u8)
            .bytes(&self.area)
            .timestamp(self.starts_at)
            .u8(self.frequency as u8)
            .bytes(self.coordinator.as_bytes())
            .bytes(self.chair.as_bytes())
            .u8(u8::from(self.chair_person.is_some()))
            .bytes(&self.chair_person.unwrap_or_default())
            .optional_timestamp(self.closed_at);
        list(&mut writer, &self.participants, |writer, seat| {
            writer
                .bytes(seat.organisation.as_bytes())
                .u32(seat.roles.bits())
                .u8(seat.answer as u8);
        });
        list(&mut writer, &self.items, |writer, item| item.write(writer));
        writer.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(FormatError::Version);
        }
        let meeting = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(meeting)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let id = MeetingId::from_bytes(reader.array()?);
        let state = code(reader, MeetingState::from_number, "meeting state")?;
        let (area, starts_at) = (reader.array()?, reader.timestamp()?);
        let frequency = code(reader, Frequency::from_number, "frequency")?;
        let (coordinator, chair) = (reader.oin()?, reader.oin()?);
        let (has_chair, person) = (reader.u8()? == 1, reader.array()?);
        let closed_at = reader.optional_timestamp()?;
        let participants = read_list(reader, PARTICIPANTS_MAX, |reader| {
            Ok(Seat {
                organisation: reader.oin()?,
                roles: roles(reader)?,
                answer: code(reader, Answer::from_number, "answer")?,
            })
        })?;
        Ok(Self {
            id,
            state,
            area,
            starts_at,
            frequency,
            coordinator,
            chair,
            chair_person: has_chair.then_some(person),
            participants,
            items: read_list(reader, ITEMS_MAX, Item::read)?,
            closed_at,
        })
    }
}

impl Item {
    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.id.as_bytes())
            .bytes(self.presenter.as_bytes())
            .u8(self.question as u8)
            .u8(self.minutes)
            .u8(u8::from(self.is_deidentified))
            .u8(u8::from(self.resident_informed))
            .u8(u8::from(self.resident_invited))
            .u8(self.presence as u8)
            .u8(self.state as u8)
            .u8(self.taken_off.map_or(0, |why| why as u8))
            .u8(self.decision.map_or(0, |decision| decision as u8));
        list(writer, &self.invited, |writer, invited| {
            let none = Consent {
                grant: GrantId::from_bytes([0; 16]),
                version: 0,
            };
            let consent = invited.consent.unwrap_or(none);
            writer
                .bytes(invited.organisation.as_bytes())
                .u32(invited.roles.bits())
                .bytes(consent.grant.as_bytes())
                .u32(consent.version);
        });
        list(writer, &self.references.signals, |writer, id| {
            writer.bytes(id.as_bytes());
        });
        list(writer, &self.references.matches, |writer, id| {
            writer.bytes(id.as_bytes());
        });
        list(writer, &self.references.threads, |writer, id| {
            writer.bytes(id.as_bytes());
        });
        list(writer, &self.circles, |writer, (grant, key)| {
            writer.bytes(grant.as_bytes()).bytes(key.as_bytes());
        });
        list(writer, &self.actions, |writer, action| {
            writer
                .u8(action.kind as u8)
                .bytes(action.owner.as_bytes())
                .timestamp(action.due)
                .u8(action.outcome.map_or(0, |outcome| outcome as u8))
                .u8(u8::from(action.thread.is_some()))
                .bytes(&action.thread.map_or([0; 16], |thread| *thread.as_bytes()));
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            id: AgendaItemId::from_bytes(reader.array()?),
            presenter: reader.oin()?,
            question: code(reader, QuestionKind::from_number, "question")?,
            minutes: reader.u8()?,
            is_deidentified: reader.u8()? == 1,
            resident_informed: reader.u8()? == 1,
            resident_invited: reader.u8()? == 1,
            presence: code(reader, Presence::from_number, "presence")?,
            state: code(reader, ItemState::from_number, "item state")?,
            taken_off: optional_code(reader, TakenOff::from_number, "taken off")?,
            decision: optional_code(reader, Decision::from_number, "decision")?,
            invited: read_list(reader, INVITED_MAX, |reader| {
                let (organisation, roles) = (reader.oin()?, roles(reader)?);
                let (grant, version) = (GrantId::from_bytes(reader.array()?), reader.u32()?);
                Ok(Invited {
                    organisation,
                    roles,
                    consent: (version > 0).then_some(Consent { grant, version }),
                })
            })?,
            references: References {
                signals: read_list(reader, SIGNALS_MAX, |reader| {
                    Ok(SignalId::from_bytes(reader.array()?))
                })?,
                matches: read_list(reader, MATCHES_MAX, |reader| {
                    Ok(MatchId::from_bytes(reader.array()?))
                })?,
                threads: read_list(reader, THREADS_MAX, |reader| {
                    Ok(ThreadId::from_bytes(reader.array()?))
                })?,
            },
            circles: read_list(reader, CIRCLES_MAX, |reader| {
                Ok((
                    GrantId::from_bytes(reader.array()?),
                    KeyId::from_bytes(reader.array()?),
                ))
            })?,
            actions: read_list(reader, ACTIONS_MAX, read_action)?,
        })
    }
}

fn read_action(reader: &mut Reader<'_>) -> Result<Action, FormatError> {
    let kind = code(reader, ActionKind::from_number, "action")?;
    let (owner, due) = (reader.oin()?, reader.timestamp()?);
    let outcome = optional_code(reader, Outcome::from_number, "outcome")?;
    let (has_thread, thread) = (reader.u8()? == 1, ThreadId::from_bytes(reader.array()?));
    Ok(Action {
        kind,
        owner,
        due,
        outcome,
        thread: has_thread.then_some(thread),
    })
}

#[cfg(test)]
mod tests {
    use sluis_types::{Oin, Timestamp};

    use super::super::meeting::STEP;
    use super::*;

    fn full_item(organisation: Oin) -> Item {
        let at = Timestamp::from_seconds(1_790_000_000);
        let invited = Invited {
            organisation,
            roles: CodeSet::EMPTY.with(ProfessionalRole::Professional),
            consent: Some(Consent {
                grant: GrantId::from_bytes([1; 16]),
                version: 1,
            }),
        };
        let action = Action {
            kind: ActionKind::ContactResident,
            owner: organisation,
            due: at,
            outcome: Some(Outcome::Referred),
            thread: Some(ThreadId::from_bytes([1; 16])),
        };
        Item {
            id: AgendaItemId::from_bytes([1; 16]),
            presenter: organisation,
            question: QuestionKind::WhoTakesItUp,
            minutes: 10,
            is_deidentified: false,
            invited: vec![invited; INVITED_MAX],
            references: References {
                signals: vec![SignalId::from_bytes([1; 16]); SIGNALS_MAX],
                matches: vec![MatchId::from_bytes([1; 16]); MATCHES_MAX],
                threads: vec![ThreadId::from_bytes([1; 16]); THREADS_MAX],
            },
            circles: vec![(GrantId::from_bytes([1; 16]), KeyId::from_bytes([1; 32])); CIRCLES_MAX],
            resident_informed: true,
            resident_invited: true,
            presence: Presence::Comes,
            state: ItemState::Done,
            taken_off: None,
            decision: Some(Decision::Act),
            actions: vec![action; ACTIONS_MAX],
        }
    }

    #[test]
    fn p3_the_fullest_agenda_is_as_long_as_an_empty_one() {
        let organisation: Oin = "00000099000000001000".parse().unwrap();
        let at = Timestamp::from_seconds(1_790_000_000);
        let seat = Seat {
            organisation,
            roles: CodeSet::EMPTY.with(ProfessionalRole::Professional),
            answer: Answer::Comes,
        };
        let meeting = Meeting {
            id: MeetingId::from_bytes([1; 16]),
            state: MeetingState::Closed,
            area: *b"WK079600",
            starts_at: at,
            frequency: Frequency::Monthly,
            coordinator: organisation,
            chair: organisation,
            chair_person: Some([1; 32]),
            participants: vec![seat; PARTICIPANTS_MAX],
            items: vec![full_item(organisation); ITEMS_MAX],
            closed_at: Some(at),
        };
        let encoded = meeting.encode();
        // Room for what the seal notes of the length.
        assert!(encoded.len() + 16 <= STEP.get(), "{} bytes", encoded.len());
        assert_eq!(Meeting::decode(&encoded).unwrap(), meeting);
    }
}
