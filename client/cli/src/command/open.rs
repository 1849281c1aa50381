//! `sluis open`: the only command that shows content.

use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::Serialize;
use sluis_client::envelope::Attachment;
use sluis_client::{Opened, Partner, SignalForm, attachment_media_type};
use sluis_types::{DataKind, LifeDomain, MessageId, MessageKind, Purpose};

use crate::body;
use crate::codes::{self, words};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::names::Names;
use crate::progress::Bar;
use crate::screen::{Report, plain};

/// Open a message: shows its body, or writes body and attachments into a directory
///
/// The resident sees in their log that it was opened. What comes out is what went in, byte for byte; on a terminal
/// control characters are replaced. Nothing is written over.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The message, as `sluis inbox` lists it
    #[arg(value_name = "ID")]
    message: MessageId,
    /// Write body and attachments into this directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to call the resident here from now on
    #[arg(long = "as", value_name = "LABEL")]
    label: Option<String>,
}

#[derive(Serialize)]
struct OpenedView {
    message_id: String,
    thread_id: String,
    sender: String,
    sender_name: String,
    kind: &'static str,
    based_on: Option<String>,
    /// Whether the resident has no login and consented with help.
    assisted: bool,
    /// The resident's label here.
    resident: Option<String>,
    purposes: Vec<&'static str>,
    life_domains: Vec<&'static str>,
    data_kinds: Vec<&'static str>,
    media_type: String,
    /// What a signal is of, and on what it is told; null where it is none.
    signal: Option<SignalView>,
    /// Whether the mesh knows that it is opened.
    reported: bool,
    body_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    attachments: Vec<AttachmentView>,
}

#[derive(Serialize)]
struct SignalView {
    signal: String,
    basis: String,
    article: Option<String>,
}

impl From<SignalForm> for SignalView {
    fn from(form: SignalForm) -> Self {
        Self {
            signal: form.signal,
            basis: form.basis,
            article: (!form.article.is_empty()).then_some(form.article),
        }
    }
}

#[derive(Serialize)]
struct AttachmentView {
    name: String,
    media_type: String,
    data_kind: &'static str,
    bytes: u32,
    file: Option<String>,
}

impl AttachmentView {
    fn line(&self) -> String {
        let is_usual = attachment_media_type(self.name.as_ref()).is_some();
        let unusual = if is_usual {
            ""
        } else {
            "; unusual: look out before you open it"
        };
        let place = self
            .file
            .as_deref()
            .map_or_else(String::new, |file| format!(" → {}", plain(file)));
        format!(
            "  {} ({} bytes, {}{unusual}){place}\n",
            plain(&self.name),
            self.bytes,
            words(self.data_kind)
        )
    }
}

impl Report for OpenedView {
    fn human(&self, _dates: &Dates) -> String {
        let about = match &self.resident {
            Some(label) => format!(" about {}", plain(label)),
            None => " about a resident without a label here (give one with --as)".to_owned(),
        };
        let mut text = format!("{} from {}{about}\n", words(self.kind), self.sender_name);
        let _ = writeln!(
            text,
            "  message {}\n  thread  {}",
            self.message_id, self.thread_id
        );
        let _ = writeln!(
            text,
            "  for {}: {}; {}",
            codes::list(self.purposes.iter().copied()),
            codes::list(self.data_kinds.iter().copied()),
            codes::list(self.life_domains.iter().copied())
        );
        if let Some(signal) = &self.signal {
            let law = signal
                .article
                .as_deref()
                .map_or_else(String::new, |law| format!(" ({law})"));
            let _ = writeln!(
                text,
                "  {}, on {}{law}",
                words(&signal.signal),
                words(&signal.basis)
            );
        }
        if self.assisted {
            let _ = writeln!(text, "  The resident has no login and consented with help.");
        }
        if let Some(file) = &self.body_file {
            let _ = writeln!(text, "Body: {}", plain(file));
        }
        if !self.attachments.is_empty() {
            let how = if self.body_file.is_none() {
                " (take them with --out DIR)"
            } else {
                ""
            };
            let _ = writeln!(text, "Attachments{how}:");
            self.attachments
                .iter()
                .for_each(|attachment| text.push_str(&attachment.line()));
        }
        if !self.reported {
            let _ = writeln!(
                text,
                "The mesh could not be told that it is opened. Open it again, so that the sender sees it."
            );
        }
        text
    }
}

impl OpenedView {
    fn new(opened: &Opened, names: &Names, resident: Option<String>) -> Self {
        let content = &opened.content;
        Self {
            message_id: opened.message_id.to_string(),
            thread_id: opened.thread_id.to_string(),
            sender: opened.sender.to_string(),
            sender_name: names.of(opened.sender),
            kind: opened.kind.name(),
            based_on: content.based_on.map(|id| id.to_string()),
            assisted: opened.is_assisted(),
            resident,
            purposes: content.scope.purposes().iter().map(Purpose::name).collect(),
            life_domains: content
                .scope
                .life_domains()
                .iter()
                .map(LifeDomain::name)
                .collect(),
            data_kinds: content.scope.data_kinds().iter().map(DataKind::name).collect(),
            media_type: content.media_type.as_str().to_owned(),
            signal: None,
            reported: opened.reported,
            body_file: None,
            body_base64: None,
            attachments: content.attachments.iter().map(AttachmentView::from).collect(),
        }
    }
}

impl From<&Attachment> for AttachmentView {
    fn from(attachment: &Attachment) -> Self {
        Self {
            name: attachment.name().as_str().to_owned(),
            media_type: attachment.media_type().as_str().to_owned(),
            data_kind: attachment.data_kind().name(),
            bytes: attachment.length(),
            file: None,
        }
    }
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    // What would be in the way of writing is found before the gate is asked: an opening stands in the resident's log.
    let folder = arguments.out.as_deref().map(Folder::prepare).transpose()?;
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let opened = partner.open(arguments.message).await?;
    if let Some(label) = &arguments.label
        && let Err(error) = partner.profile().name_resident(label, opened.handle())
    {
        context
            .screen
            .remark(&format!("The label was not given: {error}"));
    }
    let resident = partner.profile().label_of(&opened.handle())?;
    let mut view = OpenedView::new(&opened, &names, resident);
    if opened.kind == MessageKind::Signal {
        match partner.read_signal(&opened).await {
            Ok(form) => view.signal = Some(form.into()),
            Err(error) => context.screen.remark(&format!(
                "This signal should not have come here so: {error}. Tell its sender."
            )),
        }
    }
    match folder {
        Some(folder) => {
            write_out(folder, &opened, &mut view, &partner, context).await?;
            context.screen.report(&view)
        }
        None if context.screen.is_json() => {
            view.body_base64 = Some(STANDARD.encode(&*opened.content.body));
            context.screen.report(&view)
        }
        None => {
            let summary = view.human(context.screen.dates());
            context.screen.remark(&summary);
            context.screen.content(&opened.content.body)
        }
    }
}

async fn write_out(
    mut folder: Folder,
    opened: &Opened,
    view: &mut OpenedView,
    partner: &Partner,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let content = &opened.content;
    let path = folder.write_body(body::file_name(&content.media_type), &content.body)?;
    view.body_file = Some(path.display().to_string());
    for (attachment, view) in content.attachments.iter().zip(&mut view.attachments) {
        let file = folder.begin_attachment(attachment.name().as_str())?;
        let bar = Bar::new(&context.screen, &plain(attachment.name().as_str()));
        partner
            .save_attachment(opened, attachment, file.writer()?, &|progress| bar.show(progress))
            .await?;
        view.file = Some(file.keep()?.display().to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn view() -> OpenedView {
        let attachment = |name: &str| AttachmentView {
            name: name.to_owned(),
            media_type: "application/pdf".to_owned(),
            data_kind: "DOCUMENT",
            bytes: 1200,
            file: None,
        };
        OpenedView {
            message_id: "m".to_owned(),
            thread_id: "t".to_owned(),
            sender: "00000099000000001000".to_owned(),
            sender_name: "Welzijn".to_owned(),
            kind: "REFERRAL",
            based_on: None,
            assisted: false,
            resident: Some("J.".to_owned()),
            purposes: vec!["REFERRAL"],
            life_domains: vec!["FITTING_SUPPORT"],
            data_kinds: vec!["CONTACT", "DOCUMENT"],
            media_type: "application/pdf".to_owned(),
            signal: None,
            reported: true,
            body_file: None,
            body_base64: None,
            attachments: vec![attachment("plan.pdf"), attachment("run\u{1b}.exe")],
        }
    }

    #[test]
    fn it_says_what_it_is_and_shows_no_content() {
        assert_eq!(
            view().human(&Dates(TimeZone::UTC)),
            "referral from Welzijn about J.\n  message m\n  thread  t\n  \
             for referral: contact, document; fitting support\n\
             Attachments (take them with --out DIR):\n  plan.pdf (1200 bytes, document)\n  \
             run\u{fffd}.exe (1200 bytes, document; unusual: look out before you open it)\n"
        );
    }

    #[test]
    fn a_signal_says_on_what_it_is_told() {
        let mut view = view();
        view.signal = Some(SignalView {
            signal: "RENT_ARREARS".to_owned(),
            basis: "STATUTORY_DUTY".to_owned(),
            article: Some("BGS_RENT_ARREARS".to_owned()),
        });
        let text = view.human(&Dates(TimeZone::UTC));
        assert!(
            text.contains("  rent arrears, on statutory duty (BGS_RENT_ARREARS)\n"),
            "{text}"
        );
    }

    #[test]
    fn it_says_where_things_are_and_what_is_still_to_do() {
        let mut view = view();
        view.resident = None;
        view.assisted = true;
        view.reported = false;
        view.body_file = Some("out/body.json".to_owned());
        view.attachments.truncate(1);
        view.attachments[0].file = Some("out/plan.pdf".to_owned());
        let text = view.human(&Dates(TimeZone::UTC));
        for part in [
            "about a resident without a label here (give one with --as)\n",
            "consented with help.\n",
            "Body: out/body.json\n",
            "Attachments:\n  plan.pdf (1200 bytes, document) → out/plan.pdf\n",
            "Open it again",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(
            (json.get("body_base64"), &json["body_file"]),
            (None, &"out/body.json".into())
        );
    }
}
