//! What the log of a resident says, and how its details are laid out.

use sluis_envelope::{FormatError, Reader, Scope, Writer};
use sluis_types::{CodeSet, ProfessionalRole};

/// What happened, as a log event numbers it. 1 to 99 are `AccessKind` of the proto; the resident's page shows no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Happening {
    Linked = 1,
    Proposed = 2,
    StatusAsked = 3,
    Authorized = 4,
    Opened = 5,
    Granted = 6,
    ProposalRefused = 7,
    ProposalDeferred = 8,
    Narrowed = 9,
    Suspended = 10,
    Resumed = 11,
    Withdrawn = 12,
    Expired = 13,
    CodeCreated = 14,
    TicketIssued = 15,
    SessionStarted = 100,
    SessionEnded = 101,
}

const VERSION: u8 = 1;

/// What a log event says beside its fixed fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Details {
    pub(crate) role: Option<ProfessionalRole>,
    pub(crate) scope: Option<Scope>,
}

impl Details {
    /// Constant length, so that the length says nothing.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let scope = self.scope.map_or([0; 3], |scope| {
            [
                scope.purposes().bits(),
                scope.life_domains().bits(),
                scope.data_kinds().bits(),
            ]
        });
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .u8(self.role.map_or(0, ProfessionalRole::number));
        for set in scope {
            writer.u32(set);
        }
        writer.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "log details" };
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(FormatError::Version);
        }
        let role = match reader.u8()? {
            0 => None,
            number => Some(ProfessionalRole::from_number(number).map_err(|_| invalid)?),
        };
        let (purposes, domains, kinds) = (reader.u32()?, reader.u32()?, reader.u32()?);
        reader.finish()?;
        let scope = if purposes == 0 {
            None
        } else {
            let scope = Scope::new(
                CodeSet::from_bits(purposes).map_err(|_| invalid)?,
                CodeSet::from_bits(domains).map_err(|_| invalid)?,
                CodeSet::from_bits(kinds).map_err(|_| invalid)?,
            );
            Some(scope?)
        };
        Ok(Self { role, scope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::{DataKind, LifeDomain, Purpose};

    #[test]
    fn details_read_as_they_were_written() {
        let scope = Scope::new(
            CodeSet::EMPTY.with(Purpose::Referral),
            CodeSet::EMPTY.with(LifeDomain::Finances),
            CodeSet::EMPTY.with(DataKind::Plan),
        )
        .unwrap();
        let full = Details {
            role: Some(ProfessionalRole::Intaker),
            scope: Some(scope),
        };
        for details in [Details::default(), full] {
            assert_eq!(Details::decode(&details.encode()), Ok(details));
        }
        assert_eq!(full.encode().len(), Details::default().encode().len());
        assert!(Details::decode(&[1]).is_err());
    }
}
