//! `sluis signal show`: a signal with its texts, or a match with whom to call.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use sluis_client::{Contact, Error, Partner};
use sluis_types::{MatchId, SignalId};

use super::view::{MatchView, SignalView};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, plain};

/// Show a signal with its texts, or a match with whom to call
///
/// Whom to call is opened at the circle's gate: the resident sees that you did. It is opened once and kept.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A signal, or a match
    #[arg(value_name = "ID")]
    id: SignalId,
}

#[derive(Serialize)]
struct ShownSignal {
    #[serde(flatten)]
    signal: SignalView,
    fact: Option<String>,
    interpretation: Option<String>,
}

#[derive(Serialize)]
struct ShownMatch {
    #[serde(flatten)]
    found: MatchView,
    resident: Option<String>,
    contacts: Vec<ContactView>,
}

#[derive(Serialize)]
struct ContactView {
    organisation: String,
    name: String,
    function: String,
    callback: String,
    /// Another match told of the same worry before.
    known: bool,
}

impl ContactView {
    fn of(contact: &Contact, names: &Names) -> Self {
        Self {
            organisation: contact.organisation.to_string(),
            name: names.of(contact.organisation),
            function: contact.card.function.clone(),
            callback: contact.card.callback.clone(),
            known: contact.is_known,
        }
    }
}

impl Report for ShownSignal {
    fn human(&self, dates: &Dates) -> String {
        let mut text = self.signal.human(dates);
        for (what, said) in [("Fact", &self.fact), ("Interpretation", &self.interpretation)] {
            if let Some(said) = said {
                let lines: Vec<String> = said.lines().map(plain).collect();
                let _ = writeln!(text, "{what}:\n  {}", lines.join("\n  "));
            }
        }
        text
    }
}

impl Report for ShownMatch {
    fn human(&self, dates: &Dates) -> String {
        let mut text = self.found.human(dates);
        if let Some(resident) = &self.resident {
            let _ = writeln!(text, "About: {}", plain(resident));
        }
        for contact in &self.contacts {
            let known = if contact.known {
                " (a worry that you know of)"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "Call {}: {}, {}{known}",
                contact.name,
                plain(&contact.function),
                plain(&contact.callback)
            );
        }
        text
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    match partner.signal(arguments.id).await {
        Ok(signal) => {
            let (fact, interpretation) = match partner.signal_texts(arguments.id) {
                Ok(texts) => (
                    Some(texts.fact.to_string()),
                    texts.interpretation.map(|text| text.to_string()),
                ),
                Err(Error::Unknown { .. }) => (None, None),
                Err(error) => return Err(error.into()),
            };
            context.screen.report(&ShownSignal {
                signal: SignalView::of(&signal, partner.profile())?,
                fact,
                interpretation,
            })
        }
        Err(error) if error.is_not_available() => {
            show_match(&partner, MatchId::from_bytes(*arguments.id.as_bytes()), context).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn show_match(partner: &Partner, id: MatchId, context: &mut Context<'_>) -> Result<(), Failure> {
    let found = partner.found_match(id).await?;
    let names = Names::load(partner).await?;
    let (resident, contacts) = match partner.open_contacts(id).await {
        Ok((resident, contacts)) => {
            let label = partner.profile().label_of(&resident)?;
            (
                Some(label.unwrap_or_else(|| "a resident without a label".to_owned())),
                contacts,
            )
        }
        Err(Error::NothingToOpen { .. }) => (None, Vec::new()),
        Err(error) => return Err(error.into()),
    };
    context.screen.report(&ShownMatch {
        found: MatchView::of(&found, &names),
        resident,
        contacts: contacts
            .iter()
            .map(|contact| ContactView::of(contact, &names))
            .collect(),
    })
}
