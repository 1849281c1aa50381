//! Access rows: from a name to the resident whose it is.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_types::{GrantId, Handle, Oin, Randomness, Timestamp};
use zeroize::Zeroizing;

use super::ResidentKey;
use crate::domain::circle::Circle;
use crate::domain::link_code::LinkCode;
use crate::domain::mandate::MandateId;
use crate::domain::proposal::ProposalId;
use crate::domain::receipt::ReceiptId;

/// A name under which a resident, or one of their rows, is found.
#[derive(Clone, Copy)]
pub(crate) enum Name<'a> {
    /// A login, and which of its residents: `j` counts from 0 without gaps.
    Login {
        issuer: &'a str,
        subject: &'a str,
        j: u32,
    },
    /// A representative's login and whom it represents, and which of its mandates: `j` counts from 0 without gaps.
    Representation {
        issuer: &'a str,
        subject: &'a str,
        represents: &'a str,
        j: u32,
    },
    /// A mandate, and which of the residents that it is about: `j` counts from 0 without gaps.
    Mandate { id: MandateId, j: u32 },
    /// The code of a mandate, and which of the residents that it is about.
    MandateCode { code: &'a LinkCode, j: u32 },
    /// A link code, for the one organisation that may use it.
    LinkCode {
        organisation: &'a Oin,
        code: &'a LinkCode,
    },
    /// The unused link code of a resident for an organisation.
    CodeOf {
        resident: &'a ResidentKey,
        organisation: &'a Oin,
    },
    /// An organisation's handle.
    Link {
        organisation: &'a Oin,
        handle: &'a Handle,
    },
    /// The handle that an organisation has for a resident.
    HandleOf {
        resident: &'a ResidentKey,
        organisation: &'a Oin,
    },
    /// The code in the letter of a resident without a login.
    LetterCode(&'a LinkCode),
    /// A grant.
    Grant(GrantId),
    /// The grant of a resident between two organisations that has not ended.
    GrantOf {
        resident: &'a ResidentKey,
        discloser: &'a Oin,
        recipient: &'a Oin,
    },
    /// A proposal.
    Proposal(ProposalId),
    /// A receipt.
    Receipt(ReceiptId),
    /// The refusal of a resident to share between two organisations.
    RefusalOf {
        resident: &'a ResidentKey,
        discloser: &'a Oin,
        recipient: &'a Oin,
    },
    /// The refusal of a resident to let these members and classes be a circle.
    RefusalOfCircle {
        resident: &'a ResidentKey,
        circle: &'a Circle,
    },
    /// The `i`th record of another legal basis that an organisation made. Leads to the grant row.
    BasisOf { organisation: &'a Oin, i: u64 },
    /// Where notices about a resident go.
    NoticeAddressOf { resident: &'a ResidentKey },
    /// The bundle of a member for one version of a circle. Leads into its mailbox.
    Bundle {
        organisation: &'a Oin,
        grant: GrantId,
        version: u32,
    },
}

impl Name<'_> {
    /// The label and the parts that go into the index, of this name and no other.
    pub(crate) fn parts<R>(&self, with: impl FnOnce(&'static str, &[&[u8]]) -> R) -> R {
        match self {
            Self::Login { issuer, subject, j } => with(
                "access.login",
                &[issuer.as_bytes(), subject.as_bytes(), &j.to_be_bytes()],
            ),
            Self::Representation {
                issuer,
                subject,
                represents,
                j,
            } => with(
                "access.representation",
                &[
                    issuer.as_bytes(),
                    subject.as_bytes(),
                    represents.as_bytes(),
                    &j.to_be_bytes(),
                ],
            ),
            Self::Mandate { id, j } => with("access.mandate", &[id.as_bytes(), &j.to_be_bytes()]),
            Self::MandateCode { code, j } => with(
                "access.mandate-code",
                &[code.expose().as_bytes(), &j.to_be_bytes()],
            ),
            Self::LinkCode { organisation, code } => with(
                "access.link-code",
                &[organisation.as_bytes(), code.expose().as_bytes()],
            ),
            Self::CodeOf {
                resident,
                organisation,
            } => with("access.code-of", &[resident.expose(), organisation.as_bytes()]),
            Self::Link { organisation, handle } => {
                with("access.link", &[organisation.as_bytes(), handle.as_bytes()])
            }
            Self::HandleOf {
                resident,
                organisation,
            } => with("access.handle-of", &[resident.expose(), organisation.as_bytes()]),
            Self::LetterCode(code) => with("access.letter-code", &[code.expose().as_bytes()]),
            Self::Grant(id) => with("access.grant", &[id.as_bytes()]),
            Self::GrantOf {
                resident,
                discloser,
                recipient,
            } => with(
                "access.grant-of",
                &[resident.expose(), discloser.as_bytes(), recipient.as_bytes()],
            ),
            Self::Proposal(id) => with("access.proposal", &[id.as_bytes()]),
            Self::Receipt(id) => with("access.receipt", &[id.as_bytes()]),
            Self::RefusalOf {
                resident,
                discloser,
                recipient,
            } => with(
                "access.refusal-of",
                &[resident.expose(), discloser.as_bytes(), recipient.as_bytes()],
            ),
            Self::RefusalOfCircle { resident, circle } => {
                let members: Vec<u8> = circle.members().flat_map(|member| *member.as_bytes()).collect();
                let classes = circle.classes().bits().to_be_bytes();
                with(
                    "access.refusal-of-circle",
                    &[resident.expose(), &members, &classes],
                )
            }
            Self::BasisOf { organisation, i } => {
                with("access.basis-of", &[organisation.as_bytes(), &i.to_be_bytes()])
            }
            Self::NoticeAddressOf { resident } => with("access.notice-address-of", &[resident.expose()]),
            Self::Bundle {
                organisation,
                grant,
                version,
            } => with(
                "access.bundle",
                &[organisation.as_bytes(), grant.as_bytes(), &version.to_be_bytes()],
            ),
        }
    }
}

/// What an access row holds beside the resident's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pointer {
    /// Nothing more.
    Resident,
    /// The row of the name's kind with this number.
    Row(u64),
    /// A row that nobody will ever see: it stands under a key that was thrown away.
    NobodysRow(u64),
    /// A handle.
    Handle(Handle),
    /// An unused link code: when it ends, and the two keys of the same code's forms.
    Code { ends: Timestamp, forms: [[u8; 32]; 2] },
    /// The unused code of a letter: when it ends, the two keys of the code's forms, and how the pseudonym of whoever
    /// made it begins.
    Letter {
        ends: Timestamp,
        forms: [[u8; 32]; 2],
        maker: [u8; 8],
    },
    /// The unused code of a mandate: when it ends, and the number of the mandate's row.
    MandateCode { ends: Timestamp, i: u64 },
    /// When something was refused.
    RefusedAt(Timestamp),
    /// An address for notices.
    NoticeAddress(NoticeAddressId),
}

/// Id of an address for notices: 16 random bytes. A login has one, and every resident behind it leads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoticeAddressId([u8; 16]);

impl NoticeAddressId {
    pub(crate) fn random(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The content of an access row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) resident: ResidentKey,
    pub(crate) pointer: Pointer,
}

const RESIDENT: u8 = 1;
const ROW: u8 = 2;
const NOBODYS_ROW: u8 = 3;
const HANDLE: u8 = 4;
const CODE: u8 = 5;
const REFUSED_AT: u8 = 6;
const MANDATE_CODE: u8 = 7;
const LETTER: u8 = 8;
const NOTICE_ADDRESS: u8 = 9;

impl Access {
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Room for the longest, so that no copy of the key stays behind in freed memory.
        let mut writer = Writer::with_capacity(128);
        writer.bytes(self.resident.expose());
        match &self.pointer {
            Pointer::Resident => writer.u8(RESIDENT),
            Pointer::Row(i) => writer.u8(ROW).u64(*i),
            Pointer::NobodysRow(i) => writer.u8(NOBODYS_ROW).u64(*i),
            Pointer::Handle(handle) => writer.u8(HANDLE).bytes(handle.as_bytes()),
            Pointer::Code { ends, forms } => writer
                .u8(CODE)
                .timestamp(*ends)
                .digest(&forms[0])
                .digest(&forms[1]),
            Pointer::Letter { ends, forms, maker } => writer
                .u8(LETTER)
                .timestamp(*ends)
                .digest(&forms[0])
                .digest(&forms[1])
                .bytes(maker),
            Pointer::MandateCode { ends, i } => writer.u8(MANDATE_CODE).timestamp(*ends).u64(*i),
            Pointer::RefusedAt(at) => writer.u8(REFUSED_AT).timestamp(*at),
            Pointer::NoticeAddress(id) => writer.u8(NOTICE_ADDRESS).bytes(id.as_bytes()),
        };
        Zeroizing::new(writer.finish())
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let resident = ResidentKey::from_bytes(reader.array()?);
        let pointer = match reader.u8()? {
            RESIDENT => Pointer::Resident,
            ROW => Pointer::Row(reader.u64()?),
            NOBODYS_ROW => Pointer::NobodysRow(reader.u64()?),
            HANDLE => Pointer::Handle(Handle::from_bytes(reader.array()?)),
            CODE => Pointer::Code {
                ends: reader.timestamp()?,
                forms: [reader.digest()?, reader.digest()?],
            },
            LETTER => Pointer::Letter {
                ends: reader.timestamp()?,
                forms: [reader.digest()?, reader.digest()?],
                maker: reader.array()?,
            },
            MANDATE_CODE => Pointer::MandateCode {
                ends: reader.timestamp()?,
                i: reader.u64()?,
            },
            REFUSED_AT => Pointer::RefusedAt(reader.timestamp()?),
            NOTICE_ADDRESS => Pointer::NoticeAddress(NoticeAddressId(reader.array()?)),
            _ => return Err(FormatError::Invalid { field: "access row" }),
        };
        reader.finish()?;
        Ok(Self { resident, pointer })
    }

    /// The number of the row that it points at.
    pub(crate) fn row(&self) -> Option<u64> {
        match self.pointer {
            Pointer::Row(i) | Pointer::NobodysRow(i) => Some(i),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_as_they_were_written() {
        for pointer in [
            Pointer::Resident,
            Pointer::Row(7),
            Pointer::NobodysRow(8),
            Pointer::Handle(Handle::from_bytes([3; 16])),
            Pointer::Code {
                ends: Timestamp::from_seconds(9),
                forms: [[4; 32], [5; 32]],
            },
            Pointer::Letter {
                ends: Timestamp::from_seconds(9),
                forms: [[4; 32], [5; 32]],
                maker: [6; 8],
            },
            Pointer::MandateCode {
                ends: Timestamp::from_seconds(9),
                i: 6,
            },
            Pointer::RefusedAt(Timestamp::from_seconds(1)),
            Pointer::NoticeAddress(NoticeAddressId([7; 16])),
        ] {
            let row = Access {
                resident: ResidentKey::from_bytes([1; 32]),
                pointer,
            };
            assert_eq!(Access::decode(&row.encode()), Ok(row));
        }
        assert!(Access::decode(&[0; 33]).is_err());
    }
}
