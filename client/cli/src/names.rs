//! Organisations by the names that people know them by.

use std::collections::BTreeMap;

use sluis_client::{Error, Partner};
use sluis_types::Oin;

use crate::failure::Failure;
use crate::screen::plain;

/// The organisations of the mesh, as the registry names them.
pub(crate) struct Names(BTreeMap<Oin, String>);

impl Names {
    /// Asks the registry.
    pub(crate) async fn load(partner: &Partner) -> Result<Self, Error> {
        let organisations = partner.organisations().await?;
        Ok(Self::of_pairs(organisations.into_iter().filter_map(
            |organisation| Some((organisation.oin.parse().ok()?, organisation.display_name)),
        )))
    }

    /// The names of these organisations.
    pub(crate) fn of_pairs(pairs: impl IntoIterator<Item = (Oin, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The name of an organisation, or its OIN.
    pub(crate) fn of(&self, oin: Oin) -> String {
        self.0
            .get(&oin)
            .map_or_else(|| oin.to_string(), |name| plain(name))
    }

    /// The organisation that a text means: an OIN, a name, or a part of exactly one name.
    pub(crate) fn find(&self, text: &str) -> Result<Oin, Failure> {
        if let Ok(oin) = text.parse() {
            return Ok(oin);
        }
        let wanted = text.to_lowercase();
        let matching = |is: &dyn Fn(&str) -> bool| -> Vec<Oin> {
            self.0
                .iter()
                .filter(|(_, name)| is(&name.to_lowercase()))
                .map(|(oin, _)| *oin)
                .collect()
        };
        let mut found = matching(&|name| name == wanted);
        if found.is_empty() && !wanted.trim().is_empty() {
            found = matching(&|name| name.contains(&wanted));
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Failure::usage(format!(
                "no organisation is called {text}; `sluis partners` lists them"
            ))),
            several => {
                let names: Vec<_> = several
                    .iter()
                    .map(|oin| format!("{} ({oin})", self.of(*oin)))
                    .collect();
                Err(Failure::usage(format!(
                    "{text} may be {}; give the OIN",
                    names.join(" or ")
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oin(number: u8) -> Oin {
        format!("000000990000000{number}0000").parse().expect("an OIN")
    }

    #[test]
    fn a_name_means_one_organisation_or_none() {
        let names = Names::of_pairs([
            (oin(1), "MET ggz".to_owned()),
            (oin(2), "Wonen Noord".to_owned()),
            (oin(3), "Wonen Noord-Oost".to_owned()),
            (oin(4), "Gemeente\u{1b}[2J".to_owned()),
        ]);
        assert_eq!(names.find("met GGZ").expect("a name"), oin(1));
        assert_eq!(names.find("ggz").expect("a part of one"), oin(1));
        assert_eq!(
            names.find("wonen noord").expect("a whole name beats a part"),
            oin(2)
        );
        assert_eq!(names.find(oin(9).as_str()).expect("an OIN, known or not"), oin(9));
        for unclear in ["wonen", "huisarts", ""] {
            assert!(
                matches!(names.find(unclear), Err(Failure::Usage { .. })),
                "{unclear}"
            );
        }
        assert_eq!(names.of(oin(8)), oin(8).to_string());
        assert!(!names.of(oin(4)).contains('\u{1b}'));
    }
}
