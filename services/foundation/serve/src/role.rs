//! The parts of the mesh and the sides from which calls come.

use sluis_types::{Code, Service};

/// A part of the mesh that has a role certificate and a key of its own for calls to other parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeshRole {
    /// Who is in the mesh, and with which keys.
    Registry = 1,
    /// Grants, decisions, the second gate.
    Consent = 2,
    /// Sealed mailboxes and the closed loop.
    Referral = 3,
    /// Circles and signals.
    Signalling = 4,
    /// Sociale kaart, capacity, introductions.
    Matching = 5,
    /// The public face.
    Gateway = 6,
    /// The operator's own commands.
    Operator = 7,
}

impl MeshRole {
    /// Every role, in order of its number.
    pub const ALL: &'static [Self] = &[
        Self::Registry,
        Self::Consent,
        Self::Referral,
        Self::Signalling,
        Self::Matching,
        Self::Gateway,
        Self::Operator,
    ];

    /// The number in caller tokens.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The role of a number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.number() == number)
    }

    /// The name in configuration and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Consent => "consent",
            Self::Referral => "referral",
            Self::Signalling => "signalling",
            Self::Matching => "matching",
            Self::Gateway => "gateway",
            Self::Operator => "operator",
        }
    }

    /// The role of a name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// The one dNSName in the role's certificate, which serves for both ends of a connection.
    ///
    /// `internal` is the top-level domain that is set apart for names like this (ICANN, 2024).
    pub const fn server_name(self) -> &'static str {
        match self {
            Self::Registry => "registry.sluis.internal",
            Self::Consent => "consent.sluis.internal",
            Self::Referral => "referral.sluis.internal",
            Self::Signalling => "signalling.sluis.internal",
            Self::Matching => "matching.sluis.internal",
            Self::Gateway => "gateway.sluis.internal",
            Self::Operator => "operator.sluis.internal",
        }
    }

    /// The role whose certificate carries this dNSName, if there is one.
    pub fn from_server_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.server_name() == name)
    }
}

impl From<Service> for MeshRole {
    fn from(service: Service) -> Self {
        match service {
            Service::Registry => Self::Registry,
            Service::Consent => Self::Consent,
            Service::Referral => Self::Referral,
            Service::Signalling => Self::Signalling,
            Service::Matching => Self::Matching,
        }
    }
}

/// Where a call comes from (`sluis.options.v1.Side`). Each side has its own way in and its own kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A partner organisation: client certificate and JWT of a professional, through the gateway.
    Partner = 1,
    /// A newcomer with an invitation and no certificate yet, through the gateway.
    Enrolment = 2,
    /// A resident or representative with a session, through the gateway's resident side.
    Resident = 3,
    /// Another part of the mesh under its own role certificate.
    Mesh = 4,
    /// The operator of the mesh, on the operator's own listener.
    Operator = 5,
}

impl Code for Side {
    const ALL: &'static [Self] = &[
        Self::Partner,
        Self::Enrolment,
        Self::Resident,
        Self::Mesh,
        Self::Operator,
    ];

    fn number(self) -> u8 {
        self as u8
    }
}

impl Side {
    /// The side of a number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|side| side.number() == number)
    }

    /// The name in log lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Enrolment => "enrolment",
            Self::Resident => "resident",
            Self::Mesh => "mesh",
            Self::Operator => "operator",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_and_side_is_found_by_what_names_it() {
        for &role in MeshRole::ALL {
            assert_eq!(MeshRole::from_number(role.number()), Some(role));
            assert_eq!(MeshRole::from_name(role.name()), Some(role));
            assert_eq!(MeshRole::from_server_name(role.server_name()), Some(role));
            assert!(role.server_name().starts_with(role.name()));
        }
        for &side in Side::ALL {
            assert_eq!(Side::from_number(side.number()), Some(side));
            let proto = sluis_proto::options::v1::Side::try_from(i32::from(side.number()))
                .expect("the proto has every side");
            assert_eq!(
                proto.as_str_name(),
                format!("SIDE_{}", side.name().to_uppercase())
            );
        }
        for &service in Service::ALL {
            assert_eq!(MeshRole::from(service).number(), service.number());
        }
        assert_eq!(Side::from_number(0), None);
        assert_eq!(MeshRole::from_number(8), None);
    }
}
