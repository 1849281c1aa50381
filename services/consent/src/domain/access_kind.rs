//! What the log of a resident says, and how its details are laid out.

use sluis_envelope::{FormatError, Reader, Scope, Writer};
use sluis_types::{CodeSet, LegalBasis, ProfessionalRole, Timestamp};

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
    ProxyCreated = 30,
    MandateRecorded = 31,
    MandateConfirmed = 32,
    MandateRedeemed = 33,
    MandateEnded = 34,
    MandateDisputed = 35,
    Disconnected = 36,
    LoginDisconnected = 37,
    AssistedStarted = 50,
    ConsentRecorded = 51,
    WithdrewAll = 52,
    LetterRedeemed = 53,
    BundleFetched = 40,
    BasisRecorded = 70,
    BasisConfirmed = 71,
    BasisEnded = 72,
    BasisObjected = 73,
    BasisReviewed = 74,
    NoticeAddressSet = 60,
    NoticeAddressConfirmed = 61,
    NoticeAddressRemoved = 62,
    NoticeSent = 63,
    SessionStarted = 100,
    SessionEnded = 101,
    LoginFailed = 102,
    HandedOff = 103,
}

const VERSION: u8 = 3;
/// What was written before there were other legal bases.
const VERSION_WITHOUT_BASIS: u8 = 2;

/// What a log event says beside its fixed fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Details {
    pub(crate) role: Option<ProfessionalRole>,
    pub(crate) scope: Option<Scope>,
    /// Version of the grant that it was about; 0 where there was none.
    pub(crate) grant_version: u32,
    /// A representative did it.
    pub(crate) by_representative: bool,
    /// It was under consent that a worker recorded for the resident.
    pub(crate) assisted: bool,
    /// On which other legal basis than consent.
    pub(crate) basis: Option<LegalBasis>,
    /// Until when the resident is not shown it.
    pub(crate) hidden_until: Option<Timestamp>,
}

const BY_REPRESENTATIVE: u8 = 1;
const ASSISTED: u8 = 2;

impl Details {
    /// Nothing more to say.
    pub(crate) const NONE: Self = Self {
        role: None,
        scope: None,
        grant_version: 0,
        by_representative: false,
        assisted: false,
        basis: None,
        hidden_until: None,
    };

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
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        writer
            .u32(self.grant_version)
            .u8(flag(self.by_representative, BY_REPRESENTATIVE) | flag(self.assisted, ASSISTED))
            .u8(self.basis.map_or(0, LegalBasis::number))
            .optional_timestamp(self.hidden_until);
        writer.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "log details" };
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION && version != VERSION_WITHOUT_BASIS {
            return Err(FormatError::Version);
        }
        let role = match reader.u8()? {
            0 => None,
            number => Some(ProfessionalRole::from_number(number).map_err(|_| invalid)?),
        };
        let (purposes, domains, kinds) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let grant_version = reader.u32()?;
        let flags = reader.u8()?;
        if flags & !(BY_REPRESENTATIVE | ASSISTED) != 0 {
            return Err(invalid);
        }
        let (mut basis, mut hidden_until) = (None, None);
        if version == VERSION {
            basis = match reader.u8()? {
                0 => None,
                number => Some(LegalBasis::from_number(number).map_err(|_| invalid)?),
            };
            hidden_until = reader.optional_timestamp()?;
        }
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
        Ok(Self {
            role,
            scope,
            grant_version,
            by_representative: flags & BY_REPRESENTATIVE != 0,
            assisted: flags & ASSISTED != 0,
            basis,
            hidden_until,
        })
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
            grant_version: 7,
            by_representative: true,
            assisted: true,
            basis: Some(LegalBasis::VitalInterest),
            hidden_until: Some(Timestamp::from_seconds(9)),
        };
        for details in [Details::default(), full] {
            assert_eq!(Details::decode(&details.encode()), Ok(details));
        }
        assert_eq!(full.encode().len(), Details::default().encode().len());
        // What an earlier version wrote is read too.
        let mut earlier = Details::default().encode();
        earlier[0] = VERSION_WITHOUT_BASIS;
        earlier.truncate(earlier.len() - 9);
        assert_eq!(Details::decode(&earlier), Ok(Details::default()));
        assert!(Details::decode(&[1]).is_err());
    }
}
