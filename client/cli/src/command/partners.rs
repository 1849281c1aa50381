//! `sluis partners`: who is in the mesh, and whose fingerprint is pinned.

use clap::Args;
use serde::Serialize;
use sluis_proto::registry::v1::OrganisationKind;
use sluis_types::Oin;

use crate::codes::words;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, columns, plain};

/// List the organisations of the mesh, and whether their fingerprints are pinned
#[derive(Args, Debug)]
pub(crate) struct Arguments {}

#[derive(Serialize)]
struct Listed {
    partners: Vec<Listing>,
}

#[derive(Serialize)]
struct Listing {
    oin: String,
    display_name: String,
    kind: &'static str,
    contact: String,
    /// The pinned fingerprint.
    pinned: Option<String>,
}

impl Report for Listed {
    fn human(&self, _dates: &Dates) -> String {
        if self.partners.is_empty() {
            return "No other organisation is in the mesh yet.\n".to_owned();
        }
        let rows: Vec<Vec<String>> = self.partners.iter().map(Listing::row).collect();
        let mut text = columns(&rows);
        if self.partners.iter().any(|partner| partner.pinned.is_none()) {
            text.push_str(
                "Nothing is sent to one that is not pinned: ask it for its fingerprint by telephone or on paper, then\n\
                 `sluis pin OIN FINGERPRINT`.\n",
            );
        }
        text
    }
}

impl Listing {
    fn row(&self) -> Vec<String> {
        let pinned = if self.pinned.is_some() {
            "pinned"
        } else {
            "not pinned"
        };
        vec![
            self.oin.clone(),
            plain(&self.display_name),
            words(self.kind),
            pinned.to_owned(),
            plain(&self.contact),
        ]
    }
}

pub(crate) async fn run(_arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let mut partners = Vec::new();
    for organisation in partner.organisations().await? {
        let Ok(oin) = organisation.oin.parse::<Oin>() else {
            continue;
        };
        if oin == partner.profile().oin() {
            continue;
        }
        let kind = OrganisationKind::try_from(organisation.kind).unwrap_or_default();
        partners.push(Listing {
            oin: organisation.oin,
            display_name: organisation.display_name,
            kind: kind.as_str_name().trim_start_matches("ORGANISATION_KIND_"),
            contact: organisation.contact,
            pinned: partner
                .profile()
                .pinned(oin)?
                .map(|fingerprint| fingerprint.to_string()),
        });
    }
    context.screen.report(&Listed { partners })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_shows_who_is_pinned() {
        let listing = |oin: &str, name: &str, kind, pinned: Option<&str>| Listing {
            oin: oin.to_owned(),
            display_name: name.to_owned(),
            kind,
            contact: String::new(),
            pinned: pinned.map(str::to_owned),
        };
        let mut listed = Listed {
            partners: vec![
                listing("00000099000000002000", "MET ggz", "MENTAL_HEALTH", Some("ab")),
                listing("00000099000000003000", "Huisarts Oost", "GP", None),
            ],
        };
        let text = listed.human(&Dates(TimeZone::UTC));
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("00000099000000002000  MET ggz        mental health  pinned")
        );
        assert_eq!(
            lines.next(),
            Some("00000099000000003000  Huisarts Oost  gp             not pinned")
        );
        assert!(text.contains("sluis pin OIN FINGERPRINT"));
        listed.partners.pop();
        assert_eq!(listed.human(&Dates(TimeZone::UTC)).lines().count(), 1);
    }
}
