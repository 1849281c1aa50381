//! Consent that a worker records for a resident without a login.

use sluis_types::Oin;

use super::grant::Notice;

/// Days that recorded consent lasts when nothing else was agreed: three months.
pub(crate) const ASSISTED_DAYS_DEFAULT: u32 = 92;
/// Days that recorded consent lasts at most.
pub(crate) const ASSISTED_DAYS_MAX: u32 = 183;

/// How the resident agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EvidenceMethod {
    PaperSigned = 1,
    OralWitnessed = 2,
}

impl EvidenceMethod {
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::PaperSigned),
            2 => Some(Self::OralWitnessed),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PaperSigned => "PAPER_SIGNED",
            Self::OralWitnessed => "ORAL_WITNESSED",
        }
    }
}

/// Who was witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Witness {
    Colleague = 1,
    Relative = 2,
    ClientSupporter = 3,
}

impl Witness {
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Colleague),
            2 => Some(Self::Relative),
            3 => Some(Self::ClientSupporter),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Colleague => "COLLEAGUE",
            Self::Relative => "RELATIVE",
            Self::ClientSupporter => "CLIENT_SUPPORTER",
        }
    }
}

/// What shows that a resident agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) method: EvidenceMethod,
    pub(crate) witness: Option<Witness>,
    pub(crate) document_sha256: [u8; 32],
    /// Whose worker recorded it.
    pub(crate) organisation: Oin,
}

/// Recorded consent that waits for its confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) evidence: Evidence,
    /// Which professional recorded it, by pseudonym.
    pub(crate) professional: [u8; 32],
    pub(crate) notice: Notice,
}

/// What is kept with a letter of the professional who made it, and therefore knows its code.
pub(crate) fn letter_maker(professional: &[u8; 32]) -> [u8; 8] {
    *professional.first_chunk().expect("a pseudonym is longer")
}

/// Who confirms a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Confirmer {
    pub(crate) organisation: Oin,
    pub(crate) professional: [u8; 32],
    /// Whether the resident's letter was there, with its code, and another person had made it.
    pub(crate) has_letter: bool,
}

/// Why a record may not be confirmed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unconfirmed {
    /// It is another organisation's.
    Foreign,
    /// It was recorded by the same person, and no letter was there.
    SamePerson,
}

impl Record {
    /// Whether this confirms it: a second person of the organisation, or the resident's letter.
    pub(crate) fn confirm(&self, by: &Confirmer) -> Result<(), Unconfirmed> {
        if by.organisation != self.evidence.organisation {
            Err(Unconfirmed::Foreign)
        } else if by.professional == self.professional && !by.has_letter {
            Err(Unconfirmed::SamePerson)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn example() -> Record {
        Record {
            evidence: Evidence {
                method: EvidenceMethod::OralWitnessed,
                witness: Some(Witness::Relative),
                document_sha256: [1; 32],
                organisation: "00000099000000001000".parse().unwrap(),
            },
            professional: [2; 32],
            notice: crate::domain::grant::tests::example().notice,
        }
    }

    #[test]
    fn nobody_confirms_alone_what_they_recorded() {
        let record = example();
        let by = |organisation: &str, professional, has_letter| {
            record.confirm(&Confirmer {
                organisation: organisation.parse().unwrap(),
                professional,
                has_letter,
            })
        };
        let (own, other) = ("00000099000000001000", "00000099000000002000");
        assert_eq!(by(own, [2; 32], false), Err(Unconfirmed::SamePerson));
        assert_eq!(by(own, [2; 32], true), Ok(()));
        assert_eq!(by(own, [3; 32], false), Ok(()));
        for has_letter in [false, true] {
            assert_eq!(by(other, [3; 32], has_letter), Err(Unconfirmed::Foreign));
        }
    }

    #[test]
    fn methods_and_witnesses_have_one_number_each() {
        for method in [EvidenceMethod::PaperSigned, EvidenceMethod::OralWitnessed] {
            assert_eq!(EvidenceMethod::from_number(method as u8), Some(method));
        }
        for witness in [Witness::Colleague, Witness::Relative, Witness::ClientSupporter] {
            assert_eq!(Witness::from_number(witness as u8), Some(witness));
        }
    }
}
