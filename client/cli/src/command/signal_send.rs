//! `sluis signal send`: a signal to the one organisation that may have it.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use sluis_client::{OutgoingSignal, SignalForm};
use sluis_types::{GrantId, Timestamp};
use zeroize::Zeroizing;

use crate::codes::words;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::Report;

/// Send a signal, sealed, to the one organisation that may have it
///
/// On a record of another legal basis (`sluis basis record`), or under the resident's consent where the form says CONSENT.
/// It goes to nobody else and meets no other signal. What it may say is in the form, and no more.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The signal form, JSON: see docs/signalling.md
    #[arg(value_name = "FILE")]
    form: PathBuf,
    /// Who receives: an OIN, a name, or a part of a name
    #[arg(long, value_name = "ORGANISATION")]
    to: String,
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// The record that it is sent on, as `sluis basis list` lists it
    #[arg(long, value_name = "ID")]
    basis: Option<GrantId>,
}

#[derive(Serialize)]
struct SentView {
    message_id: String,
    thread_id: String,
    recipient: String,
    recipient_name: String,
    signal: String,
    basis: String,
    #[serde(serialize_with = "dates::serialize")]
    received_at: Timestamp,
}

impl Report for SentView {
    fn human(&self, dates: &Dates) -> String {
        format!(
            "Signal ({}) sent to {} on {}: the mesh has it since {}.\n  message {}\n  thread  {}\n",
            words(&self.signal),
            self.recipient_name,
            words(&self.basis),
            dates.moment(self.received_at),
            self.message_id,
            self.thread_id
        )
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let path = &arguments.form;
    let form = Zeroizing::new(std::fs::read(path).map_err(|error| Failure::file(path, error))?);
    let stated = SignalForm::parse(&form)?;
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let recipient = names.find(&arguments.to)?;
    let signal = OutgoingSignal {
        recipient,
        resident: partner.profile().resident(&arguments.resident)?,
        basis: arguments.basis,
        form,
    };
    let sent = partner.send_signal(signal).await?;
    context.screen.report(&SentView {
        message_id: sent.message_id.to_string(),
        thread_id: sent.thread_id.to_string(),
        recipient: recipient.to_string(),
        recipient_name: names.of(recipient),
        signal: stated.signal,
        basis: stated.basis,
        received_at: sent.received_at,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_what_went_to_whom_on_what() {
        let view = SentView {
            message_id: "m".to_owned(),
            thread_id: "t".to_owned(),
            recipient: "00000099000000004000".to_owned(),
            recipient_name: "Gemeente".to_owned(),
            signal: "RENT_ARREARS".to_owned(),
            basis: "STATUTORY_DUTY".to_owned(),
            received_at: Timestamp::from_seconds(1_795_446_600),
        };
        assert_eq!(
            view.human(&Dates(TimeZone::UTC)),
            "Signal (rent arrears) sent to Gemeente on statutory duty: the mesh has it since \
             Mon 23 Nov 2026, 15:10.\n  message m\n  thread  t\n"
        );
    }
}
