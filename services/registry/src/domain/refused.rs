//! What the log says of an act, and the refusals that stand in it. Numbers never change and are never used again.

/// What happened (`LogEvent.kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    InvitationCreated = 1,
    Enrolled = 2,
    CertificateRenewed = 3,
    CertificateRevoked = 4,
    KeysPublished = 5,
}

/// Why the registry said no, by what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The invitation is unknown, used, expired, replaced or another organisation's.
    Invitation = 1,
    /// The organisation is in the mesh already.
    AlreadyMember = 2,
    /// No such organisation or certificate, or not the caller's.
    NotAvailable = 3,
    /// The organisation's newest statement does not list the key.
    KeyNotListed = 4,
    /// The statement does not follow from the one before it.
    ChainBroken = 5,
    /// The statement's signature is not by the key it names.
    BadSignature = 6,
    /// The statement is from the future.
    ClockSkew = 7,
    /// The organisation's statements take up all the room there is.
    ChainFull = 8,
    /// The organisation has as many certificates as it may have.
    TooManyCertificates = 9,
}

impl Refused {
    const ALL: [Self; 9] = [
        Self::Invitation,
        Self::AlreadyMember,
        Self::NotAvailable,
        Self::KeyNotListed,
        Self::ChainBroken,
        Self::BadSignature,
        Self::ClockSkew,
        Self::ChainFull,
        Self::TooManyCertificates,
    ];

    /// The number in the log (`LogEvent.outcome`; 0 is "done").
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// The refusal of a number in the log.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|refused| refused.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_refusal_is_the_same_refusal() {
        for (index, refused) in Refused::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(refused.number()), index + 1);
            assert_eq!(Refused::from_number(refused.number()), Some(refused));
        }
        for number in [0, 10] {
            assert_eq!(Refused::from_number(number), None);
        }
    }
}
