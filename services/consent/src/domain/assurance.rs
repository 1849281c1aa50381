//! How sure a provider was of who logged in.

/// Level of assurance (eIDAS, Regulation (EU) 910/2014, article 8), lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Assurance {
    Low = 1,
    Substantial = 2,
    High = 3,
}

/// The least level for what gives something away. Withdrawing needs none: it never takes more than granting.
pub(crate) const GRANTING_NEEDS: Assurance = Assurance::Substantial;

impl Assurance {
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Low),
            2 => Some(Self::Substantial),
            3 => Some(Self::High),
            _ => None,
        }
    }
}
