//! Fictional organisations and residents. OINs are of the range for tests (prefix 00000099); no name is anybody's.

use sluis_types::OrganisationKind;

/// A fictional partner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Organisation {
    pub(super) oin: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: OrganisationKind,
    /// Name of its profile's folder.
    pub(super) folder: &'static str,
    pub(super) contact: &'static str,
}

/// The five partners, in the order of [`Who`].
pub(super) const ORGANISATIONS: [Organisation; 5] = [
    Organisation {
        oin: "00000099000000001000",
        name: "Welzijn Noord (verzonnen)",
        kind: OrganisationKind::Welfare,
        folder: "welzijn",
        contact: "aanmeldpunt, 0412-000001",
    },
    Organisation {
        oin: "00000099000000002000",
        name: "GGZ De Vaart (verzonnen)",
        kind: OrganisationKind::MentalHealth,
        folder: "ggz",
        contact: "aanmeldpunt, 0412-000002",
    },
    Organisation {
        oin: "00000099000000003000",
        name: "Huisartsen Brugstraat (verzonnen)",
        kind: OrganisationKind::Gp,
        folder: "huisarts",
        contact: "assistente, 0412-000003",
    },
    Organisation {
        oin: "00000099000000004000",
        name: "Woningstichting Zuid (verzonnen)",
        kind: OrganisationKind::Housing,
        folder: "corporatie",
        contact: "team leefbaarheid, 0412-000004",
    },
    Organisation {
        oin: "00000099000000005000",
        name: "Zelfregiecentrum De Haven (verzonnen)",
        kind: OrganisationKind::SelfDirection,
        folder: "zelfregie",
        contact: "gastvrouw, 0412-000005",
    },
];

/// A partner by what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Welfare,
    Ggz,
    Gp,
    Housing,
    SelfDirection,
}

/// Who refers to whom among the further residents, in turn.
pub(super) const PAIRS: [(Who, Who); 4] = [
    (Who::Welfare, Who::Ggz),
    (Who::Gp, Who::Welfare),
    (Who::Housing, Who::SelfDirection),
    (Who::SelfDirection, Who::Gp),
];

/// The resident of the story.
pub(super) const ANS: &str = "Ans Verzonnenberg";
/// Whose message lies under a grant that stays live, for the attacker to show that it knows its trade.
pub(super) const BEA: &str = "Bea Verzonnenstein";

/// About whom two organisations worry, in the second act; and about whom one does.
pub(super) const DORA: &str = "Dora Verzonnenbrug";
pub(super) const EEF: &str = "Eef Verzonnenkade";

/// Who is asked something after the play, for whoever tries it by hand.
pub(super) const NOOR: &str = "Noor Verzonnendijk";

const FIRST_NAMES: [&str; 12] = [
    "Cor", "Dirkje", "Evert", "Fenna", "Govert", "Hilda", "Iwan", "Jikke", "Koert", "Lobke", "Mients",
    "Nynke",
];
const LAST_NAMES: [&str; 4] = ["Verzonnendam", "Verzonnenhof", "Verzonnenveld", "Verzonnenwaal"];

/// A further resident.
pub(super) fn resident(number: usize) -> String {
    let first = FIRST_NAMES[number % FIRST_NAMES.len()];
    let last = LAST_NAMES[number / FIRST_NAMES.len() % LAST_NAMES.len()];
    let again = number / (FIRST_NAMES.len() * LAST_NAMES.len());
    if again == 0 {
        format!("{first} {last}")
    } else {
        format!("{first} {last} {}", again + 1)
    }
}

/// What a further resident's referral says.
pub(super) fn question(name: &str, number: usize) -> String {
    format!(
        "{name} zoekt hulp bij kwestie nummer {number} van het verzonnen dossier en slaapt er slecht van."
    )
}

/// What comes back on it.
pub(super) fn answer(name: &str, number: usize) -> String {
    format!(
        "Met {name} is gesproken over kwestie nummer {number}; er is een afspraak op de verzonnen dinsdag."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residents_have_names_of_their_own() {
        let mut names: Vec<String> = (0..120).map(resident).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 120);
        assert!(ORGANISATIONS.iter().all(|one| one.oin.starts_with("00000099")));
    }
}
