//! `sluis residents`: who has a name here.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, columns};

/// List the residents that have a label here; asks nobody
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Show this organisation's own handles too: they identify a person to your systems, so keep them there
    #[arg(long)]
    handles: bool,
}

#[derive(Serialize)]
struct Listed {
    residents: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
}

impl Report for Listed {
    fn human(&self, _dates: &Dates) -> String {
        if self.residents.is_empty() {
            return "Nobody yet. `sluis link CODE --as LABEL` begins with a resident's code.\n".to_owned();
        }
        let row = |named: &Named| {
            [Some(named.label.clone()), named.handle.clone()]
                .into_iter()
                .flatten()
                .collect()
        };
        columns(&self.residents.iter().map(row).collect::<Vec<_>>())
    }
}

pub(crate) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let residents = context.profile()?.residents()?;
    let residents = residents
        .into_iter()
        .map(|(label, handle)| Named {
            label,
            handle: arguments.handles.then(|| handle.expose()),
        })
        .collect();
    context.screen.report(&Listed { residents })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn said(handle: Option<&str>) -> (String, serde_json::Value) {
        let named = |label: &str| Named {
            label: label.to_owned(),
            handle: handle.map(str::to_owned),
        };
        let listed = Listed {
            residents: vec![named("Ans B."), named("J.")],
        };
        (
            listed.human(&Dates(TimeZone::UTC)),
            serde_json::to_value(&listed).expect("JSON"),
        )
    }

    #[test]
    fn handles_are_shown_only_when_asked_for() {
        let (text, json) = said(None);
        assert_eq!(text, "Ans B.\nJ.\n");
        assert_eq!(
            json,
            serde_json::json!({"residents": [{"label": "Ans B."}, {"label": "J."}]})
        );
        let (text, json) = said(Some("4f0c"));
        assert_eq!(text, "Ans B.  4f0c\nJ.      4f0c\n");
        assert_eq!(json["residents"][0]["handle"], "4f0c");
    }
}
